"""What cells mean: days in every usual American shape, numbers, yes and no. Never a guess."""

import re
from datetime import date, datetime, timedelta

from participants.hmis.reading import EATEN
from participants.models import Document

NOTHING = frozenset(
    (
        *("?", "??", "???", "-", "--", "---", "–", "—", ".", "n/a", "na", "n.a.", "#n/a", "none"),
        *("null", "nil", "tbd", "tba", "unk", "unkn", "unknown", "dk", "dnk", "dnc", "refused"),
        *("declined", "missing", "blank", "not known", "not applicable", "no data", "not asked"),
        *("data not collected", "client refused", "client doesn't know", "doesn't know"),
        *("client does not know", "prefers not to answer", "client prefers not to answer"),
        *("not provided", "not available", "don't know"),
    )
)
YES = frozenset(("y", "yes", "true", "t", "1", "x", "✓", "✔", "si", "sí", "checked"))
NO = frozenset(("n", "no", "false", "f", "0", "none", "never", "unchecked"))
PARTS = re.compile(r"[,;/&+|•]|\band\b")
PAPERS = {
    Document.ID.value: (
        *("id", "photo id", "state id", "picture id", "government id", "identification"),
        *("driver's license", "drivers license", "driver license", "passport"),
    ),
    Document.SOCIAL_SECURITY.value: (
        *("social security card", "ss card", "ssc", "ssn card", "social security", "ss"),
    ),
    Document.HOMELESSNESS.value: (
        *("verification of homelessness", "homeless verification", "homelessness verification"),
        *("proof of homelessness", "voh", "homelessness"),
    ),
    Document.DISABILITY.value: (
        *("verification of disability", "disability verification", "proof of disability", "vod"),
        "disability",
    ),
}
# What is written of one document in a column of its own.
IN_HAND = frozenset(
    (
        *("in hand", "have", "has", "has it", "have it", "received", "obtained", "on file", "done"),
        *("copy", "copy on file", "in file", "uploaded", "scanned", "attached", "complete"),
        "completed",
    )
)
NOT_IN_HAND = frozenset(
    (
        *("need", "needs", "needed", "missing", "lost", "stolen", "requested", "ordered"),
        *("applied", "applied for", "pending", "in process", "in progress", "not yet", "waiting"),
        *("does not have", "doesn't have", "doesn’t have", "incomplete"),
    )
)
# What is asked for as well, and is none of the list's.
OTHER_PAPERS = frozenset(
    (
        *("birth certificate", "birth cert", "income", "proof of income", "income verification"),
        *("dd214", "dd 214"),
    )
)
MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
US = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2}|'\d{2})")
DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[- ]?([a-z]{3,9})\.?,?[- ]?'?(\d{4}|\d{2})")
MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?,?[- ]+'?(\d{4}|\d{2})")
WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? ")
TIME = re.compile(r"(?:[ t]|, )+\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*z?$")
SERIAL = re.compile(r"([1-7]\d{4})(?:\.\d+)?")
COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
EXCEL_EPOCH = date(1899, 12, 30)
# Of what is written by hand: "about 3", "3 (one grown)" is not one number.
NUMBER = re.compile(r"(\d{1,3})(?:\.0+)?(?: ?(?:adults?|kids?|child(?:ren)?|people|persons?))?")


class Doubt(ValueError):
    """A cell that does not say one thing: what is wrong, in words that do not repeat it."""


NO_DATE = "Not a date that can be read."
NOT_YET = "This day is still to come."
NO_NUMBER = "Not one whole number."
NO_YES = "Neither yes nor no."
NO_DOCUMENT = "Names something else than the documents that the list knows."
LONGEST_KEY, LONGEST_DAY = 64, 60
EATEN_ID = "A long number that a spreadsheet shortened: it is not whole any more."


def is_nothing(cell: str) -> bool:
    """Whether a cell says nothing: blank, a question mark, n/a, unknown."""
    return not cell or cell.casefold() in NOTHING


def day(cell: str, today: date, *, is_birth: bool = False) -> date | None:
    """The day that a cell names; None for nothing. Doubt for what is no day, or lies ahead."""
    if is_nothing(cell):
        return None
    try:
        found = parsed(cell[:LONGEST_DAY], today)
    except (ValueError, OverflowError):
        raise Doubt(NO_DATE) from None
    if found > today:
        raise Doubt(NOT_YET)
    if found.year < (1900 if is_birth else 1950):
        raise Doubt(NO_DATE)
    return found


def parsed(cell: str, today: date) -> date:
    text = TIME.sub("", WEEKDAY.sub("", cell.strip().casefold()))
    if found := ISO.match(text) or COMPACT.fullmatch(text):
        return date(*map(int, found.groups()))
    if found := US.fullmatch(text):
        month, on, year = found.groups()
        return date(of_century(year, today), int(month), int(on))
    if found := DAY_FIRST.fullmatch(text):
        on, month, year = found.groups()
        return date(of_century(year, today), month_of(month), int(on))
    if found := MONTH_FIRST.fullmatch(text):
        month, on, year = found.groups()
        return date(of_century(year, today), month_of(month), int(on))
    if found := SERIAL.fullmatch(text):
        return EXCEL_EPOCH + timedelta(days=int(found.group(1)))
    return datetime.strptime(text, "%m/%d/%Y").date()


def of_century(year: str, today: date) -> int:
    """A year of two digits is the last such year that is not after today."""
    digits = year.lstrip("'")
    if len(digits) == 4:
        return int(digits)
    found = today.year // 100 * 100 + int(digits)
    return found if found <= today.year else found - 100


def month_of(word: str) -> int:
    if word[:3] not in MONTHS:
        raise ValueError("no month")
    return MONTHS.index(word[:3]) + 1


def number(cell: str, most: int) -> int | None:
    """The whole number of a cell, at most `most`; None for nothing."""
    if cell.casefold() != "none" and is_nothing(cell):
        return None
    if cell.casefold() in ("none", "zero", "no"):
        return 0
    found = NUMBER.fullmatch(cell.casefold())
    if not found or int(found.group(1)) > most:
        raise Doubt(NO_NUMBER)
    return int(found.group(1))


def yes_no(cell: str, words: tuple[str, ...] = ()) -> bool | None:
    """Whether a cell says yes; None for nothing. `words` say yes too, such as "veteran"."""
    small = cell.casefold().strip(" .!")
    if small in NO:
        return False
    if is_nothing(small):
        return None
    first = small.replace("-", " ").replace(":", " ").replace(",", " ").split()
    if small in YES or small in words or (first and first[0] in ("yes", "y")):
        return True
    if first and first[0] in ("no", "n", "not", "non"):
        return False
    raise Doubt(NO_YES)


def key(cell: str) -> str | None:
    """A number of a person or row; None for nothing. Doubt for one that a spreadsheet ate."""
    if is_nothing(cell):
        return None
    if EATEN.fullmatch(cell):
        raise Doubt(EATEN_ID)
    if len(cell) > LONGEST_KEY:
        raise Doubt(f"Longer than {LONGEST_KEY} signs: no number of a household.")
    return cell


def hmis_id(cell: str) -> str | None:
    found = key(cell)
    if found and (len(found) > 32 or not found.isascii() or " " in found):
        raise Doubt("Not an HMIS ID: at most 32 signs, without spaces.")
    return found


def documents(cell: str) -> list[str] | None:
    """The documents that a cell names, as `Document` has them; None for nothing, [] for none.

    Doubt for any other word: "no ID" is none of them.
    """
    if cell.casefold().strip(" .") in NO:
        return []
    if is_nothing(cell):
        return None
    found = set[str]()
    for part in PARTS.split(cell.casefold()):
        word = " ".join(part.replace(".", "").replace("’", "'").replace("-", " ").split())
        if not word or word in OTHER_PAPERS:
            continue
        kind = next((kind for kind, words in PAPERS.items() if word in words), None)
        if kind is None:
            raise Doubt(NO_DOCUMENT)
        found.add(kind)
    return [each for each in Document.values if each in found]


def is_said_in_hand(cell: str) -> bool | None:
    """Whether one document is in hand, by a word alone; None for nothing, Doubt for another."""
    small = cell.casefold().strip(" .!")
    if small in IN_HAND:
        return True
    return False if small in NOT_IN_HAND else yes_no(cell)


def is_in_hand(cell: str, today: date) -> bool | None:
    """Whether one document is in hand: by a word, or by the day on which it came."""
    try:
        return is_said_in_hand(cell)
    except Doubt:
        try:
            return day(cell, today) is not None
        except Doubt:
            raise Doubt(NO_YES) from None


def in_order(name: str) -> str:
    """A name as first and last: "Last, First" is turned round, save before Jr. and the like."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not comma or not first or not last:
        return name.strip(" ,")
    if first.casefold().rstrip(".") in ("jr", "sr", "ii", "iii", "iv"):
        return f"{last} {first}"
    given, _comma, suffix = (part.strip() for part in first.partition(","))
    return f"{given} {last} {suffix}".rstrip()
