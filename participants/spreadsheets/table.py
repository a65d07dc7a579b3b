"""Which row of a sheet holds the headings, which rows are households, and which are neither."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from .reading import Row, Tab

LOOKED_THROUGH = 30
A_PART = 0.5
TOTAL = re.compile(
    r"(?:grand |sub ?-?|over ?all )?(?:totals?|counts?|sum|average|avg|number)"
    r"(?: of\b| \(|\s*[:=#]|\s*\d|$)|\d+ (?:records?|rows?|clients?|households?|people)\b|"
    r"end of (?:report|list|file)\b|page \d|report (?:generated|date|run|name|created)\b|"
    r"(?:generated|printed|exported|created|updated|run) (?:on|by|at|for)\b|as of \d|"
    r"(?:filters?|source|notes?|legend|key|date|confidential\w*|disclaimer)\s*:|confidential\b|\*",
    re.IGNORECASE,
)
FIGURE = re.compile(r"(?=\D*\d)[\d.,/:$% -]+")
SPACES = re.compile(r"[\s_/\\.,:;()\[\]?*\"'’-]+")


class Heading(NamedTuple):
    """A column of a sheet: letter and place, what stands above it, and that as it is compared."""

    letter: str
    text: str
    key: str
    place: int


def folded(text: str) -> str:
    """A heading or word as it is compared: small letters and single spaces; # stays."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return SPACES.sub(" ", spaced).strip().casefold()


def remembered(text: str) -> str:
    """A heading or word, folded, as a kind of sheet remembers it: known again, and read by nobody.

    It may be a person's name, in a line that was taken for headings or a column for choices, and is
    remembered for longer than anything of that person may be kept.
    """
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def is_words(cell: str) -> bool:
    return bool(cell) and FIGURE.fullmatch(cell) is None and any(map(str.isalpha, cell))


def find_head(tab: Tab, is_known: Callable[[str], bool]) -> int:
    """How many rows stand above the households; 0 where there are no headings.

    The headings are the row, among the first, that has about as many cells as the rows below it,
    all of them words, and the most of these that are known as headings.
    """
    filled = [sum(1 for cell in row if cell) for row in tab.rows]
    typical = sorted(filled)[len(filled) // 2]
    best, most = 0, 0.0
    for place, row in enumerate(tab.rows[:LOOKED_THROUGH]):
        cells = [cell for cell in row if cell]
        if len(cells) < max(2, A_PART * typical):
            continue
        known = sum(1 for cell in cells if is_known(cell))
        words = sum(1 for cell in cells if is_words(cell)) / len(cells)
        if words < 0.8 or (known == 0 and place > 0 and best):
            continue
        value = known + (0.5 if is_above_figures(tab, place) else 0)
        if value > most:
            best, most = place + 1, value
    return best


def is_above_figures(tab: Tab, place: int) -> bool:
    """Whether the rows below hold figures where this one holds words: then it names them."""
    below = tab.rows[place + 1 : place + 11]
    for at, cell in enumerate(tab.rows[place]):
        under = [row[at] for row in below if at < len(row)]
        if is_words(cell) and any(map(FIGURE.fullmatch, under)):
            return True
    return False


def headings_of(tab: Tab, head: int) -> list[Heading]:
    """The columns of a sheet that hold anything, with headings that are told apart."""
    names: Sequence[str] = tab.rows[head - 1] if head else []
    found, times = [], Counter[str]()
    for place in range(tab.width):
        letter = get_column_letter(place + 1)
        text = names[place] if place < len(names) else ""
        text = text or f"Column {letter}"
        times[folded(text)] += 1
        if (number := times[folded(text)]) > 1:
            text = f"{text} ({number})"
        found.append(Heading(letter, text[:120], folded(text)[:120], place))
    return found


@dataclass
class Body:
    """The households of a sheet, each with its line; how many rows are none."""

    rows: list[tuple[int, Row]]
    skipped: int = 0


def body_of(tab: Tab, head: int) -> Body:
    """The rows below the headings, without totals, notes, and headings that come again."""
    headings = [folded(each) for each in tab.rows[head - 1]] if head else None
    body = Body([])
    below = list(zip(tab.lines, tab.rows, strict=True))[head:]
    filled = sorted(sum(1 for cell in row if cell) for _line, row in below)
    # As many cells as most rows have; a short list may have as many totals as households.
    typical = filled[len(filled) * 3 // 4] if filled else 0
    for line, row in below:
        if is_aside(row, typical) or (headings and [folded(each) for each in row] == headings):
            body.skipped += 1
        else:
            body.rows.append((line, row + [""] * (tab.width - len(row))))
    return body


def is_aside(row: Row, typical: int) -> bool:
    """Whether a row is a total, a title or a note: few cells, beginning as these do."""
    cells = [cell for cell in row if cell]
    first = cells[0] if cells else ""
    are_figures = all(map(FIGURE.fullmatch, cells[1:]))
    if TOTAL.match(first) and (are_figures or len(cells) <= max(1, typical // 3)):
        return True
    # A sentence or a group's title alone in its row.
    return len(cells) == 1 and typical >= 3


def samples(rows: Sequence[tuple[int, Row]], place: int, most: int = 3) -> list[str]:
    """The first cells of a column that hold anything and differ."""
    return list(first_of(rows, place, most))


def first_of(rows: Sequence[tuple[int, Row]], place: int, most: int) -> Iterator[str]:
    seen = set[str]()
    for _line, row in rows:
        if row[place] and row[place] not in seen:
            seen.add(row[place])
            yield row[place]
            if len(seen) == most:
                return
