"""What a line of an import and a record of HMIS keep, as JSON.

Days are texts such as 2026-04-30, and what is said of one thing is a list, as JSON has no pairs.
"""

from datetime import date
from typing import Any, TypedDict

Value = Any  # of each field its own, as JSON
# `(kind, day)` of the newest stay on file.
Newest = tuple[str, date]

Member = TypedDict(
    "Member",
    {
        "hmis_id": str,
        "relation": str,  # of HouseholdMember.Relation
        "age": str,  # of AgeBand
        "from": str,
        "to": str | None,
    },
)
Member.__doc__ = "Somebody of a household who does not head it."


Enrollment = TypedDict(
    "Enrollment",
    {
        "id": str,
        "person": str,
        "household": str,
        "project": str,
        "kind": str,  # ProjectType
        "from": str,
        "to": str | None,
        "by": str,  # UserID
    },
)
Enrollment.__doc__ = "An enrollment of the head, by the ids that HMIS has for it."


class EventRow(TypedDict):
    """An event of coordinated entry in HMIS, by the names of HUD's columns."""

    EventID: str
    EnrollmentID: str
    EventDate: str
    Event: str
    ProbSolDivRRResult: str
    ReferralCaseManageAfter: str
    LocationCrisisOrPHHousing: str
    ReferralResult: str
    ResultDate: str


# `[kind, id, EnrollmentID, day, codes]` of a row of HMIS that was written here.
OwnRow = list[Any]  # Any: texts, and a list of them


class Said(TypedDict, total=False):
    """What an export says of a household; empty of one that is absent from it."""

    hmis_id: str
    key: str  # of a spreadsheet: by what it knows the household
    name: str | None
    birth_date: str | None
    adults: int | None
    children: int | None
    is_youth: bool | None
    is_veteran: bool | None
    is_chronic: bool | None
    chronic_lacks: list[str]
    is_prioritized: bool | None
    referral_active_on: str | None
    bedrooms: int | None
    assessment_level: str | None
    documents: list[str] | None
    papers: dict[str, bool]  # of a spreadsheet: of which documents it tells, and if in hand
    navigator_id: str | None
    phone: str | None
    listed_on: str | None
    listed_with: str  # the day since when the household is on the list that they left
    entered_on: str
    left: list[str] | None  # day, and `LEFT` in pages
    asks: list[str | None] | None  # how, day when housed, day when met without a home
    housed_before: str | None
    members: list[Member] | None
    enrollments: list[Enrollment]
    events: list[EventRow]
    own_rows: list[OwnRow]  # situations and assessments that were written here
    stay: list[str] | None  # kind, day
    contact: list[str] | None  # day, and `CONTACTS` in pages
    assessed: str | None
    where: list[str | None] | None  # region, county
    agency: str | None
    project: str
    county_words: str | None
    line: int
    is_gone: bool  # nothing is told but that the head left
    replaces: str  # the HMIS ID on file
    under_joined_id: bool  # told by the id of a record that was joined into the household's
    # Told by the id of who headed it until a person said otherwise; by a sheet, or by their name.
    under_former_head: bool


Change = TypedDict(
    "Change",
    {
        "field": str,
        "from": Value,
        "to": Value,
        "how": str,
    },
)
Change.__doc__ = "A field that differs, and what applying does with it."


class FieldSaid(TypedDict):
    """What HMIS said of a field last, and as of which day."""

    value: Value
    on: str


RecordSaid = dict[str, FieldSaid]


class RecordBefore(TypedDict):
    """A record as it was before an import."""

    said: RecordSaid
    as_of: str
    absent_on: str | None
    left_on: str | None
    perhaps_housed_on: str | None


class HeadBefore(TypedDict):
    """Who headed a household before; the row of the change; the releases asked about since."""

    hmis_id: str
    change: str
    on: str
    releases: list[str]


class SheetBefore(TypedDict):
    """What was kept of a kind of sheet about a household before an import."""

    id: str
    key: str | None
    said: RecordSaid
    as_of: str
    absent_on: str | None


class Former(TypedDict, total=False):
    """What a line did, and what was before it: for an undo. Empty of what did nothing."""

    is_new: bool
    is_absent: bool
    record: RecordBefore | None
    sheet: SheetBefore | None  # of a spreadsheet, in place of `record`
    sheets: list[SheetBefore]  # of one that is absent under several keys: under the others
    fields: dict[str, Value]  # as it was
    set: dict[str, Value]  # as imported
    joined: bool
    replaced: str | None
    members: list[Member]
    members_set: list[Member]  # as imported
    told: str  # the joined record under whose id HMIS told
    told_record: RecordBefore | None  # what HMIS had said under it
    head: HeadBefore
    named_by: str | None
    alias: str
    alias_given: str
    stay: str
    is_unsheltered: bool
    contacts: list[str]
    place: list[str] | None  # status, its day, day since when on the list
    move: str


class Counts(TypedDict, total=False):
    """How many households, by kind of line and by what became of them, and rows, an import has."""

    is_same: bool
    new: int
    changed: int
    unchanged: int
    absent: int
    duplicate: int
    housed: int
    left: int
    renumbered: int
    unseen: int  # of the changed ones: nothing that a page of the list shows
    refused: int
    rows: int
    refused_projects: dict[str, int]
    why_refused: dict[str, str]
    skipped: int  # rows of a spreadsheet that are titles and totals
    out: int  # its rows of victim service providers
    sizes_alone: int  # its rows that tell how many people, and not how many of them are adults
    differ: int  # its households of which it says something else than a person here
    columns_out: list[list[str]]  # letter, and what is never kept
    unplaced: dict[str, int]


def text_of(day: date | None) -> str | None:
    return day.isoformat() if day else None


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
