"""The households of a sheet as they are compared: cells read by what their column is.

A cell that cannot be read leaves its household as it is there; it is said with its line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from participants.hmis.kept import Said, text_of
from participants.hmis.reading import Refusals, shape_of
from participants.hmis_ids import same_hmis_id
from participants.merges.reasons import same_name
from participants.models import Document, LivingSituation
from participants.youth import OLDEST_YOUTH
from regions.models import Continuum, County, Region

from . import values
from .choices import DIED, OUT, SKIP, Kinds
from .reading import Row
from .table import Heading
from .targets import (
    AGE,
    BIRTH,
    BY_KEY,
    CHOICE,
    DAY,
    DOCUMENTS,
    HMIS_ID,
    KEY,
    NAMES,
    NUMBER,
    PAPER,
    YES_NO,
    Target,
)
from .values import Doubt

SHEET = "The sheet"
LEFT_AS_IS = "The value is left out. Correct it in the sheet and upload it again."
Value = str | int | bool | date | list[str] | None


@dataclass(frozen=True)
class Column:
    heading: Heading
    target: Target


@dataclass
class Found:
    """A row of the sheet: where it stands, by what the sheet knows the household, what it says."""

    line: int
    key: str
    said: Said

    def forget_hmis_id(self) -> None:
        """Take it out; a row that was known by it alone is known by name and birth date."""
        if same_hmis_id(self.key, self.said["hmis_id"]):
            self.key = key_of(self.said["name"], self.said["birth_date"])
        self.said["hmis_id"] = ""


class RowReader:
    """Reads rows of one sheet; tells `refusals` of what cannot be read."""

    def __init__(
        self,
        continuum: Continuum,
        columns: Sequence[Column],
        kinds: Kinds,
        words: Mapping[str, Mapping[str, str]],
        *,
        as_of: date,
        today: date,
        refusals: Refusals,
    ) -> None:
        self.columns, self.kinds, self.meanings = columns, kinds, words
        self.as_of, self.today, self.refusals = as_of, today, refusals
        self.out = self.sizes_alone = 0
        told = {each.target.key for each in columns}
        self.tells_parts = bool(told & {"adults", "children"})
        counties = County.objects.filter(region__continuum=continuum)
        of_county = counties.values_list("pk", "region")
        self.region_of = {str(key): str(region) for key, region in of_county}
        regions = Region.objects.filter(continuum=continuum)
        self.regions = set(map(str, regions.values_list("pk", flat=True)))

    def read(self, line: int, row: Row) -> Found | None:
        """A row as a household; None where it tells of nobody, or is not to be taken."""
        said = dict[str, Value]()
        for column in self.columns:
            cell = row[column.heading.place]
            try:
                said[column.target.key] = self.value(column.target, cell)
            except Doubt as doubt:
                self.refuse(line, column, shape_of(cell), str(doubt), LEFT_AS_IS)
        if said.get("agency") == OUT:
            self.out += 1
            return None
        name = self.name_of(said)
        key = said.get("key") or said.get("hmis_id")
        if not name and not key:
            self.refuse(line, None, "", "The row has no name and no number.", "Add one of them.")
            return None
        key = str(key) if key else key_of(name, day_text(said.get("birth_date")))
        return Found(line, key, self.household(line, said, name))

    def value(self, target: Target, cell: str) -> Value:
        readers: Mapping[str, Callable[[], Value]] = {
            DAY: lambda: values.day(cell, self.today),
            BIRTH: lambda: values.day(cell, self.today, is_birth=True),
            NUMBER: lambda: values.number(cell, target.most),
            AGE: lambda: values.number(cell, 120),
            YES_NO: lambda: values.yes_no(cell, target.words),
            KEY: lambda: values.key(cell),
            HMIS_ID: lambda: values.hmis_id(cell),
            DOCUMENTS: lambda: values.documents(cell),
            PAPER: lambda: values.is_in_hand(cell, self.today),
            CHOICE: lambda: self.choice(target.key, cell),
        }
        if target.way in readers:
            return readers[target.way]()
        if target.most and len(cell) > target.most:
            raise Doubt(f"Longer than {target.most} signs: a text, and no {target.key}.")
        return None if values.is_nothing(cell) else cell[:300]

    def choice(self, kind: str, cell: str) -> str | None:
        found = self.kinds.choice_of(kind, cell, self.meanings)
        if not found:
            raise Doubt("Nobody said yet what this word means.")
        return None if found == SKIP else found

    @staticmethod
    def name_of(said: Mapping[str, Value]) -> str | None:
        whole, first, last = (said.get(key) for key in NAMES)
        if whole:
            return values.in_order(str(whole))
        return " ".join(str(each) for each in (first, last) if each) or None

    def household(self, line: int, said: Mapping[str, Value], name: str | None) -> Said:
        born, age = said.get("birth_date"), said.get("age")
        adults, children = self.size(line, said)
        youth, documents = said.get("youth"), said.get("documents")
        if youth is None and isinstance(age, int):
            youth = age <= OLDEST_YOUTH
        found: Said = {
            "hmis_id": str(said.get("hmis_id") or ""),
            "name": name,
            "birth_date": day_text(born),
            "adults": adults,
            "children": children,
            "is_youth": as_bool(youth),
            "is_veteran": as_bool(said.get("veteran")),
            "is_chronic": as_bool(said.get("chronic")),
            "is_prioritized": as_bool(said.get("prioritized")),
            "referral_active_on": day_text(said.get("referral_on")),
            "bedrooms": as_int(said.get("bedrooms")),
            "assessment_level": str(said["level"]) if said.get("level") else None,
            "documents": documents if isinstance(documents, list) else None,
            "navigator_id": str(said["navigator"]) if said.get("navigator") else None,
            "phone": str(said["phone"]) if said.get("phone") else None,
            "listed_on": self.listed_on(said),
            "entered_on": "",
            "left": self.left(said),
            "asks": None,
            "stay": self.stay(said),
            "contact": [each, "sheet"] if (each := day_text(said.get("contact"))) else None,
            "assessed": day_text(said.get("assessed")),
            "where": self.where(said),
            "agency": str(said["agency"]) if said.get("agency") else None,
            "line": line,
        }
        found["entered_on"] = found["listed_on"] or ""
        if papers := papers_of(said):
            found["papers"] = papers
            found["documents"] = [each for each, is_there in papers.items() if is_there]
        return found

    def size(self, line: int, said: Mapping[str, Value]) -> tuple[int | None, int | None]:
        """Adults and children; of a household's size alone nobody can tell, but of one person.

        The list keeps the two, and no total: what it cannot keep is said, once for a sheet that has
        no column of them.
        """
        adults, children, size = (said.get(key) for key in ("adults", "children", "size"))
        if isinstance(size, int):
            if isinstance(adults, int) and children is None and size >= adults:
                return adults, size - adults
            if isinstance(children, int) and adults is None and size > children:
                return size - children, children
            if isinstance(adults, int) and isinstance(children, int) and adults + children != size:
                self.refuse(
                    *(line, self.column("size"), f"{adults} and {children}, {size}"),
                    *("Adults and children are not the household’s size.", "Correct the numbers."),
                )
                return None, None
            if size == 1 and adults is None and children is None:
                return 1, 0
            if size > 1 and adults is None and children is None:
                self.say_size_alone(line, size)
        if adults == 0 and not children:
            return None, None
        return as_int(adults), as_int(children)

    def say_size_alone(self, line: int, size: int) -> None:
        if self.tells_parts:
            problem = "The household’s size does not say how many of them are adults."
            self.refuse(line, self.column("size"), shape_of(str(size)), problem, LEFT_AS_IS)
        else:
            self.sizes_alone += 1

    def listed_on(self, said: Mapping[str, Value]) -> str | None:
        on, days = said.get("listed_on"), said.get("days_listed")
        if on is None and isinstance(days, int):
            return (self.as_of - timedelta(days=days)).isoformat()
        return day_text(on)

    def left(self, said: Mapping[str, Value]) -> list[str] | None:
        """Day and how, where the sheet says that the household is not active."""
        status = said.get("status")
        how = {"housed": "housed", "inactive": "inactive", "no_longer": "no_longer", DIED: DIED}
        if status not in how:
            return None
        return [day_text(said.get("status_on")) or self.as_of.isoformat(), how[str(status)]]

    def stay(self, said: Mapping[str, Value]) -> list[str] | None:
        kind = said.get("stay")
        if not kind or kind == LivingSituation.Kind.UNKNOWN:
            return None
        on = said.get("stay_on") or said.get("contact")
        return [str(kind), day_text(on) or self.as_of.isoformat()]

    def where(self, said: Mapping[str, Value]) -> list[str | None] | None:
        county, region = said.get("county"), said.get("region")
        if county and str(county) in self.region_of:
            return [self.region_of[str(county)], str(county)]
        return [str(region), None] if region and str(region) in self.regions else None

    def column(self, key: str) -> Column | None:
        return next((each for each in self.columns if each.target.key == key), None)

    def refuse(
        self, line: int, column: Column | None, shape: str, problem: str, remedy: str
    ) -> None:
        where = f"{column.heading.letter}: {column.target.label}"[:60] if column else ""
        self.refusals.add(SHEET, line, where, shape, problem, remedy)


def columns_chosen(headings: Sequence[Heading], chosen: Mapping[str, str]) -> list[Column]:
    """The columns that are read, in the order of the sheet."""
    return [
        Column(each, BY_KEY[chosen[each.letter]])
        for each in headings
        if chosen.get(each.letter) in BY_KEY
    ]


def key_of(name: str | None, born: str | None) -> str:
    """By what a sheet knows a household that has no number there."""
    return f"{same_name(name)}|{born or ''}"


def day_text(value: Value) -> str | None:
    return text_of(value) if isinstance(value, date) else None


def papers_of(said: Mapping[str, Value]) -> dict[str, bool]:
    """`{document: whether it is in hand}` of those that have columns of their own."""
    told = {each: said.get(f"{PAPER}:{each}") for each in Document.values}
    return {each: value for each, value in told.items() if isinstance(value, bool)}


def as_bool(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def as_int(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def each_cell(rows: Sequence[tuple[int, Row]], place: int) -> Iterator[str]:
    return (row[place] for _line, row in rows)
