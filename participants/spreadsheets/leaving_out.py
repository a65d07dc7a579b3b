"""What is never kept of a sheet, whatever its heading: it goes before anything is stored or shown.

Social Security numbers, diagnoses, HIV, substance use. A column is left out where its heading
says so, or where its cells look like it; of any other column the single cell that does.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from participants.careful import hints_on

from .reading import Tab
from .targets import is_heading, paper_of
from .values import Doubt, is_said_in_hand

NUMBERS = "Social Security numbers"
HEALTH = "health details"
# Part of the cells of a column, from which the column is what they look like.
PART = 0.25
# What the hints on careful words call the same (participants.careful).
BY_HINT = {"ssn": NUMBERS, "diagnosis": HEALTH, "hiv": HEALTH, "substance_use": HEALTH}

HEADINGS = (
    (
        NUMBERS,
        r"ssn\w*|\w*ssn|ss ?#|ss ?(?:no|num\w*|nbr)|ss|soc|soc(?:ial)? ?sec\w*|"
        r"social(?: ?#| no| num\w*)?$|last ?(?:4|four)\b.*|"
        r"(?:tax|taxpayer|federal|national) ?id\w*|itin",
    ),
    (
        HEALTH,
        r"\w*diagnos\w*|dx|icd\w*|dsm\w*|hiv\w*|aids|viral load|cd4|sero\w*|substance\w*|"
        r"sud|oud|aud|aod|aoda|a ?& ?d|drugs?|alcohol\w*|etoh|opioid\w*|"
        r"addict\w*|sober\w*|sobriety|chemical(?: dependency)?|recovery|rehab\w*|detox\w*|"
        r"mental(?: health| illness)?|mh|bh|co ?occurring|"
        r"smi|spmi|psych\w*|behavioral(?: health)?|disorder\w*|disab\w*|medical\w*|medication\w*|"
        r"meds|rx|prescri\w*|clinical|illness\w*|diseases?|suicid\w*|hospitali[sz]\w*|"
        r"special needs|allerg\w*|"
        r"health(?: condition\w*| issue\w*| status| problem\w*| concern\w*)?|hep(?:atitis)? ?[bc]?|"
        r"chronic (?:health|illness|disease|condition)\w*|condition\w*|tri ?morbid\w*|pregnan\w*|"
        r"treatment\w*",
    ),
)
NAMED = [
    (what, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])", re.IGNORECASE))
    for what, pattern in HEADINGS
]
# A digit, or a letter that somebody typed, or a scanner read, for one.
DIGIT = r"[\dOoIl|]"
INSIDE = r"[\dOoIl|SBZ]"  # where the shape alone tells that it is a number
APART = r"(?: ?[-./_,:*=|\\] ?| {1,2})"
SSN = re.compile(
    rf"(?:(?<!\w)(?=[OoIl|])|(?<!\d)(?<!\d-)(?=\d))(?:{DIGIT}{INSIDE}{{2}}{APART}{INSIDE}{{2}}"
    # With a letter behind, it is the number of an old Medicare card.
    rf"{APART}{INSIDE}{{3}}{DIGIT}|{DIGIT}{{3}}{APART}{DIGIT}{{6}})[A-Z]?(?![\w-])"
    r"|(?<!\d)(?<!\d[ .,-])\d{3}([ .-])\d{3}\1\d{3}(?![ .,-]?\d)(?!\w)"
    rf"|(?:(?<!\w)(?=[OoIl|])|(?<![\d-])(?=\d)){DIGIT}{{9}}(?![\d-])"
    r"|(?<!\d)(?<!\d[ .,-])\d(?:[ .,-]\d){8}(?![ .,-]?\d)"
    r"|(?<![\d,])\d{3},\d{3},\d{3}(?![\d,])"
    # Nine digits as a spreadsheet writes large numbers.
    r"|(?<!\d)\d[.,]\d{5,8}[eE]\+?0?8(?!\d)"
)
DIGITS_AT_LEAST = 6
MASKED = re.compile(
    r"(?<!\w)(?:[x*#•]{3}[- ]?(?:[x*#•]{2}[- ]?)?|last ?(?:4|four)\W{1,3})\d{4}(?!\w)",
    re.IGNORECASE,
)
SAID = re.compile(
    r"(?<![a-z])(?:ssn?|soc(?:ial)?(?: sec\w*)?)(?![a-z])[^\d\n]{0,20}\d(?:[ -]?\d){3,8}(?!\d)",
    re.IGNORECASE,
)
ICD = re.compile(r"(?<!\w)(?:[A-TV-Z]\d[\dA-Z]\.[\dA-Z]{1,4}|F\d\d)(?!\w)")
WORDS = re.compile(
    r"(?<![a-z])(?:sch(?:itz|iz)o\w*|bi ?polar|depress(?:ion|ive)\w*|ptsd|post.?traumatic\w*|"
    r"psychos[ie]s|psychotic|psychiatr\w+|anxiety|adhd|autis\w+|dementia|borderline personality|"
    r"suicid\w+|hiv\+?|aids|"
    r"opioids?|opiates?|heroin|fentanyl|meth|methamphetamines?|cocaine|crack|alcoholi\w+|"
    r"alcohol|etoh|drugs|drug (?:use|abuse|dependen\w+)|"
    r"marijuana|cannabis|sobriety|ivdu|"
    r"substance (?:use|abuse)|"
    r"sud|oud|aud|smi|spmi|mental illness|mentally ill|"
    r"mental health (?:issue|problem|condition|concern|diagnos|disorder|illness)\w*|"
    r"methadone|suboxone|detox\w*|overdos\w+|"
    r"addict\w*|in recovery|hepatitis|hep c|diabet\w+|cancer|epilep\w+|seizures?|copd|tbi|"
    r"traumatic brain)(?![a-z])",
    re.IGNORECASE,
)
SIGNS = re.compile(r"[\s_/.,:;()?*\[\]-]+")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
# H.I.V., P T S D: letters with something between them.
SPELLED = re.compile(r"(?<!\w)(?:[A-Za-z](?:\. ?| |-)){2,4}[A-Za-z](?:\.|(?!\w))")
# A kind of place by HUD's list, and a given name: no more than these words tell.
TELLS_NOTHING = re.compile(
    r"(?i:halfway house)|(?<!\w)Rehab(?=,? [A-Z][a-z])|^(?!In |At |To )[A-Z][\w'’-]+,? Rehab$"
)


class Cell(NamedTuple):
    """A single cell that was left out: where it stood, and what it looked like."""

    line: int
    column: str
    what: str


@dataclass
class LeftOut:
    """What of a sheet was left out: columns as `(letter, what)`, and single cells."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)


def plain(text: str) -> str:
    """A text as it is looked through: nothing hidden in it, one shape for each sign."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(DASHES)
        text = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Mn"))
    return SPELLED.sub(lambda found: re.sub(r"[. -]", "", found.group()), text)


def named(heading: str) -> str:
    """What a heading says that its column holds, if that is never kept; empty otherwise.

    Below a word that no cell may hold stand answers to it: PTSD, and Y or N.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", plain(heading))
    words = SPELLED.sub(lambda found: found.group().replace(" ", ""), SIGNS.sub(" ", words)).strip()
    if re.search(r"chronic(?:ally|ity)? ?(?:homeless\w*)?$", words, re.IGNORECASE):
        return ""
    return next((what for what, pattern in NAMED if pattern.search(words)), looks(words))


@lru_cache(maxsize=1 << 15)
def looks(cell: str) -> str:
    """What a single cell looks like, if that is never kept; empty otherwise."""
    text = plain(cell)
    if is_number(text):
        return NUMBERS
    if not any(map(str.isalpha, text)):
        return ""
    if ICD.search(text) or WORDS.search(text):
        return HEALTH
    kinds = {hint.kind for hint in hints_on(TELLS_NOTHING.sub(" ", text), is_confidential=False)}
    found = {what for kind, what in BY_HINT.items() if kind in kinds}
    return next((what for what in (NUMBERS, HEALTH) if what in found), "")


def is_number(text: str) -> bool:
    """Whether a text holds a Social Security number, or the end of one that says so."""
    if sum(map(str.isdecimal, text)) < 4:
        return False
    if MASKED.search(text) or SAID.search(text):
        return True
    return any(
        sum(map(str.isdecimal, found.group())) >= DIGITS_AT_LEAST for found in SSN.finditer(text)
    )


def leave_out(tab: Tab, head: int) -> LeftOut:
    """Take out of a sheet what is never kept, and say what it was. The sheet itself is changed.

    `head`: how many of its rows stand above the households; the last of them holds the headings.
    """
    left = LeftOut()
    if looks(tab.name) or named(tab.name):
        tab.name = "Sheet"
    parts = parts_of_numbers(tab, head)
    held = [
        NUMBERS if place in parts else what_column_holds(tab, place, head)
        for place in range(tab.width)
    ]
    for place, what in enumerate(held):
        if what:
            left.columns.append((get_column_letter(place + 1), what))
            for row in tab.rows:
                if place < len(row):
                    row[place] = ""
            continue
        for line, row, cell in cells_of(tab, place):
            if what := looks(cell):
                row[place] = ""
                left.cells.append(Cell(line, get_column_letter(place + 1), what))
    return left


def what_column_holds(tab: Tab, place: int, head: int) -> str:
    """What a column holds by its headings, or by what many of its cells look like."""
    own = cell_at(tab.rows[head - 1], place) if head else ""
    for text in headings_above(tab, place, head):
        if (what := named(text)) and not (text == own and is_of_paper(tab, place, head)):
            return what
    cells = [cell for _line, _row, cell in cells_of(tab, place)]
    for what in (NUMBERS, HEALTH):
        alike = sum(1 for cell in cells if looks(cell) == what)
        if alike >= 2 and alike >= PART * len(cells):
            return what
    return ""


def is_of_paper(tab: Tab, place: int, head: int) -> bool:
    """Whether a column says of a document that it is in hand, by such words in every cell.

    A Social Security card is a paper; a column of that name that holds anything else is none of it.
    """
    if not paper_of(cell_at(tab.rows[head - 1], place)):
        return False
    try:
        for line, _row, cell in cells_of(tab, place):
            if line > tab.lines[head - 1]:
                is_said_in_hand(cell)
    except Doubt:
        return False
    return True


def headings_above(tab: Tab, place: int, head: int) -> Iterator[str]:
    """What stands above a column: its own headings, and those of a group that it is in.

    A heading over several columns stands in the first of them; it reaches to the next of its row.
    The last of a row may end before the table does: a column whose own heading is known is none of
    it. A title above the table stands alone in its row, not right above the headings or in the
    first column, and names none.
    """
    own = cell_at(tab.rows[head - 1], place) if head else ""
    for number, row in enumerate(tab.rows[:head]):
        filled = [at for at, cell in enumerate(row) if cell]
        before = [at for at in filled if at <= place]
        is_right_above = tab.lines[number] == tab.lines[head - 1] - 1
        if not before or filled == [0] or (len(filled) == 1 and not is_right_above):
            continue
        at = before[-1]
        is_group = number < head - 1 and (at < filled[-1] or not is_heading(own))
        if at == place or is_group:
            yield row[at]


def parts_of_numbers(tab: Tab, head: int) -> set[int]:
    """The columns over which a Social Security number is written in parts: 123, 45, 6789."""
    found = set[int]()
    for lengths in ((3, 2, 4), (5, 4)):
        for start in range(tab.width - len(lengths) + 1):
            places = range(start, start + len(lengths))
            rows = [[cell_at(row, place) for place in places] for row in tab.rows[head:]]
            rows = [cells for cells in rows if any(cells)]
            alike = [
                cells
                for cells in rows
                if tuple(map(len, cells)) == lengths and all(map(str.isdecimal, cells))
            ]
            years = sum(1 for cells in alike if cells[-1][:2] in ("19", "20"))
            if len(alike) >= 2 and len(alike) >= PART * len(rows) and years < len(alike) / 2:
                found |= set(places)
    return found


def cell_at(row: list[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def cells_of(tab: Tab, place: int) -> Iterator[tuple[int, list[str], str]]:
    for line, row in zip(tab.lines, tab.rows, strict=True):
        if place < len(row) and row[place]:
            yield line, row, row[place]
