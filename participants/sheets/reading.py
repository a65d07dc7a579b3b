"""The sheet as text or file, row by row; nothing of it is kept that is not asked for."""

import csv
import io
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from participants.aliases import looks_like_alias
from participants.models import MOST_PEOPLE

from .shapes import identifying_column, identifying_shape

COLUMNS = ("alias", "county", "people", "children", "needs")
REQUIRED = ("alias", "people")
SAME = {"size": "people", "household size": "people", "household": "people", "need": "needs"}
NEEDS = {
    "unsheltered": "is_unsheltered",
    "youth": "is_youth",
    "veteran": "is_veteran",
    "shelter": "needs_shelter",
    "prioritized": "is_prioritized",
}
MOST_ROWS = 500
MOST_ERRORS = 20


class SheetError(Exception):
    """What is wrong, line by line, in words that repeat nothing of the sheet."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("The sheet cannot be taken.")
        self.lines = lines


@dataclass(frozen=True)
class SheetRow:
    """A household of the sheet; `needs` are fields of Participant."""

    alias: str
    county: str
    adults: int
    children: int
    needs: frozenset[str] = field(default_factory=frozenset)


def read_sheet(
    text: str, *, counties: Mapping[str, str], known: Container[str] = frozenset()
) -> list[SheetRow]:
    """Return the `SheetRow`s of comma-, semicolon- or tab-separated text with a heading line.

    `counties`: `{name in small letters: name}`; `known`: in small letters the aliases that the
    provider has here, which stay as they are. Raises SheetError for a column that is not asked
    for, for what looks like identity, and for what is none of the choices.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise SheetError(["The sheet is empty. Its first line names the columns."])
    separator = max(",;\t", key=lines[0].count)
    table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    headings = headings_of(table[0])
    if len(table) - 1 > MOST_ROWS:
        raise SheetError([f"The sheet has more than {MOST_ROWS} households."])
    errors: list[str] = []
    rows: list[SheetRow] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table[1:], start=2):
        try:
            row = row_of(headings, [cell.strip() for cell in cells], counties, known)
        except ValueError as error:
            errors.append(f"Line {number}: {error}")
            continue
        if row.alias.lower() in seen:
            errors.append(f"Line {number}: the alias is already in line {seen[row.alias.lower()]}.")
        seen[row.alias.lower()] = number
        rows.append(row)
    if errors:
        more = len(errors) - MOST_ERRORS
        raise SheetError(errors[:MOST_ERRORS] + ([f"And {more} more lines."] if more > 0 else []))
    return rows


def headings_of(cells: Iterable[str]) -> list[str]:
    """The columns' names as this module knows them; raises SheetError for any other."""
    errors: list[str] = []
    found: list[str] = []
    for position, cell in enumerate(cells, start=1):
        small = cell.strip().lower()
        name = SAME.get(small, small)
        if name not in COLUMNS:
            what = identifying_column(small)
            errors.append(
                f"Column {position} looks like {what} and isn’t allowed. Take the column out."
                if what
                else f"Column {position} is not asked for. The columns are {', '.join(COLUMNS)}."
            )
        elif name in found:
            errors.append(f"Column {position}: “{name}” is there twice.")
        found.append(name)
    errors += [f"There is no column “{name}”." for name in REQUIRED if name not in found]
    if errors:
        raise SheetError(errors)
    return found


def row_of(
    headings: list[str],
    cells: list[str],
    counties: Mapping[str, str],
    known: Container[str] = frozenset(),
) -> SheetRow:
    """Return a `SheetRow`; raises ValueError in words."""
    if len(cells) > len(headings) and any(cells[len(headings) :]):
        raise ValueError("has more cells than there are columns.")
    values = dict(zip(headings, cells, strict=False))
    for name in headings:
        what = identifying_shape(values.get(name, ""))
        if what:
            raise ValueError(f"“{name}” looks like {what}. Take it out.")
    alias = values.get("alias", "")
    if alias.lower() not in known and not looks_like_alias(alias):
        raise ValueError(
            "“alias” doesn’t look like an alias. Use a bird or another everyday word and a number "
            "of up to four digits, such as Heron-204. Never a name, a date of birth, or a number "
            "of the person."
        )
    county = values.get("county", "")
    if county and county.lower().removesuffix(" county") not in counties:
        raise ValueError("“county” is no county of the CoC. Leave it blank if it may not be told.")
    needs, children = needs_of(values.get("needs", "")), number_of(values, "children", least=0)
    people = number_of(values, "people", least=1)
    if "minors" in needs and not children:
        children = 1
    if children > people:
        raise ValueError("there are more children than people.")
    return SheetRow(
        values["alias"],
        counties[county.lower().removesuffix(" county")] if county else "",
        people - children,
        children,
        frozenset(NEEDS[need] for need in needs if need in NEEDS),
    )


def needs_of(text: str) -> set[str]:
    words = {word.strip().lower() for word in text.replace("/", ";").split(";") if word.strip()}
    if words - {*NEEDS, "minors"}:
        raise ValueError(
            f"“needs” knows {', '.join([*NEEDS, 'minors'])}, with a semicolon between them; no "
            "other words."
        )
    return words


def number_of(values: Mapping[str, str], name: str, *, least: int) -> int:
    text = values.get(name, "") or ("0" if least == 0 else "")
    if not text.isascii() or not text.isdigit() or not least <= int(text[:4]) <= MOST_PEOPLE:
        raise ValueError(f"“{name}” is no number from {least} to {MOST_PEOPLE}.")
    return int(text)
