"""At which of the last twelve months' calls each agency was there, for the CE Specialist.

An agency counts at a call that had its people on the list of who was expected, and of whom one
could get in that day: their own paper and their agency's were current. So none is called absent
before it joined the region, or after it left.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.db.models import Exists, OuterRef

import audit.services
from accounts.models import User
from agreements.models import Agency, AgencyAgreement, PersonalStatement
from agreements.standing import Paper, counted, grouped, published_texts
from audit import actions
from conferencing.coming.came import who_took_part
from conferencing.models import Attendance, CallGuest, Meeting
from regions.clock import local_day
from regions.models import Continuum, Region

from .periods import YEAR, Period, period_named

VIEWED = actions.register("attendance.viewed", "Looked at attendance by agency")


class Came(Enum):
    """What an agency's line says of one call, with the tone of its tag, if it has one."""

    THERE = "There", ""
    SENT_WORD = "Sent word", "info"
    ABSENT = "Absent", "warn"
    VISITED = "Visited", ""
    NOT_CURRENT = "Not current", ""
    NOT_EXPECTED = "Not expected", ""

    def __init__(self, said: str, tone: str) -> None:
        self.said, self.tone = said, tone

    @property
    def counts(self) -> bool:
        return self in COUNTED


COUNTED = (Came.THERE, Came.SENT_WORD, Came.ABSENT)


@dataclass(frozen=True)
class Held:
    """A call that was closed, with its local day."""

    meeting: Meeting
    on: date


@dataclass(frozen=True)
class Line:
    """One agency: what became of it at each call of its table, the earliest first."""

    agency: Agency
    cells: Sequence[Came]

    def number(self, *kinds: Came) -> int:
        return sum(each in kinds for each in self.cells)

    @property
    def there(self) -> int:
        return self.number(Came.THERE)

    @property
    def expected(self) -> int:
        return self.number(*COUNTED)

    @property
    def missed(self) -> str:
        """What it missed, in words; empty if nothing."""
        numbers = {"absent": self.number(Came.ABSENT), "sent word": self.number(Came.SENT_WORD)}
        return ", ".join(f"{number} {words}" for words, number in numbers.items() if number)


@dataclass(frozen=True)
class Table:
    """The calls of one region, or the CoC-wide ones, and the agencies expected at them."""

    key: str
    name: str
    calls: Sequence[Held]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Papers:
    """The papers by which people could get in: of agencies and of their people."""

    continuum: Continuum
    agreements: Mapping[uuid.UUID, Sequence[Paper]]
    statements: Mapping[uuid.UUID, Sequence[Paper]]

    @classmethod
    def of(cls, continuum: Continuum, rows: Collection[Attendance]) -> "Papers":
        agreements = AgencyAgreement.objects.filter(agency__in={row.agency_id for row in rows})
        statements = PersonalStatement.objects.filter(user__in={row.user_id for row in rows})
        return cls(continuum, grouped(agreements, "agency_id"), grouped(statements, "user_id"))


def attendance_page(
    continuum: Continuum, viewer: User, *, region: Region | None, now: datetime
) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded."""
    period = period_named(YEAR, on=local_day(now, continuum.zone), zone=continuum.zone)
    tables = attendance_tables(continuum, period=period, region=region)
    audit.services.record(VIEWED, actor=viewer, continuum_id=continuum.pk, detail={}, now=now)
    return {"period": period, "tables": tables}


def attendance_tables(
    continuum: Continuum, *, period: Period, region: Region | None = None
) -> list[Table]:
    """A `Table` per region with calls or agencies, and one of the CoC-wide calls.

    With `region`: its own, and the CoC-wide calls as far as its agencies are concerned.
    """
    calls = calls_of(continuum, period)
    cells = cells_of(continuum, [call for held in calls.values() for call in held])
    agencies = {each.pk: each for each in Agency.objects.filter(continuum=continuum)}
    taking_part = agencies_by_region(agencies.values())
    regions = [region] if region else list(Region.objects.filter(continuum=continuum))
    tables = []
    of_region = set[uuid.UUID]()
    for each in regions:
        keys = taking_part[each.pk] | expected_at(calls[each.pk], cells)
        of_region |= keys
        tables.append(table(str(each.pk), each.name, calls[each.pk], keys, agencies, cells))
    at_wide = expected_at(calls[None], cells)
    keys = at_wide & of_region if region else at_wide
    tables.append(table("wide", "CoC-wide calls", calls[None], keys, agencies, cells))
    return [each for each in tables if each.lines and each.calls]


Cells = Mapping[tuple[uuid.UUID, uuid.UUID], Came]  # of a meeting and an agency


def table(
    key: str,
    name: str,
    calls: Sequence[Held],
    keys: Iterable[uuid.UUID],
    agencies: Mapping[uuid.UUID, Agency],
    cells: Cells,
) -> Table:
    lines = [
        Line(
            agencies[agency],
            [cells.get((call.meeting.pk, agency), Came.NOT_EXPECTED) for call in calls],
        )
        for agency in keys
    ]
    return Table(key, name, calls, sorted(lines, key=lambda each: each.agency.name.casefold()))


def calls_of(continuum: Continuum, period: Period) -> defaultdict[uuid.UUID | None, list[Held]]:
    """`{region's key: its closed calls, the earliest first}`; None: the CoC-wide ones."""
    held = Meeting.objects.filter(
        continuum=continuum,
        state=Meeting.State.CLOSED,
        starts_at__gte=period.begins_at,
        starts_at__lt=period.ends_at,
    )
    found = defaultdict[uuid.UUID | None, list[Held]](list)
    for each in held.order_by("starts_at"):
        found[each.region_id].append(Held(each, local_day(each.starts_at, continuum.zone)))
    return found


def agencies_by_region(agencies: Iterable[Agency]) -> defaultdict[uuid.UUID, set[uuid.UUID]]:
    """`{region's key: active agencies that take part in its calls now}`, in one query."""
    groups = {each.group_id: each.pk for each in agencies if each.is_active}
    rows = Region.objects.filter(
        regiongroupobjectpermission__permission__codename="take_part_in_region",
        regiongroupobjectpermission__group__in=groups,
    ).values_list("pk", "regiongroupobjectpermission__group")
    found = defaultdict[uuid.UUID, set[uuid.UUID]](set)
    for region, group in rows:
        found[region].add(groups[group])
    return found


def expected_at(calls: Iterable[Held], cells: Cells) -> set[uuid.UUID]:
    """The agencies that were expected at one of the calls, whether or not they could come."""
    meetings = {call.meeting.pk for call in calls}
    return {
        agency
        for (meeting, agency), came in cells.items()
        if meeting in meetings and came not in (Came.VISITED, Came.NOT_EXPECTED)
    }


def cells_of(continuum: Continuum, calls: Sequence[Held]) -> Cells:
    """What became of each agency that had somebody on the list of a call; guests stay out."""
    guests = CallGuest.objects.filter(meeting=OuterRef("meeting"), user=OuterRef("user"))
    rows = Attendance.objects.filter(
        ~Exists(guests),
        meeting__in=[call.meeting.pk for call in calls],
        agency__isnull=False,
        user__isnull=False,
    ).order_by()
    took_part = who_took_part([call.meeting for call in calls])
    of_cell = defaultdict[tuple[uuid.UUID, uuid.UUID], list[Attendance]](list)
    for row in rows:
        if row.agency_id:
            of_cell[row.meeting_id, row.agency_id].append(row)
    papers = Papers.of(continuum, rows)
    published = published_texts(continuum.pk)
    days = {call.meeting.pk: call.on for call in calls}

    def is_current(own: Iterable[Paper], on: date) -> bool:
        return any(counted(paper, published, on, zone=continuum.zone) for paper in own)

    def could_come(row: Attendance) -> bool:
        on = days[row.meeting_id]
        agency, user = row.agency_id, row.user_id
        is_agency_current = not continuum.requires_agency_agreement or (
            agency is not None and is_current(papers.agreements.get(agency, ()), on)
        )
        return (
            is_agency_current
            and user is not None
            and is_current(papers.statements.get(user, ()), on)
        )

    def came(own: Sequence[Attendance]) -> Came:
        expected = [row for row in own if row.kind == Attendance.Kind.EXPECTED]
        if any(row.is_present or row.user_id in took_part[row.meeting_id] for row in own):
            return Came.THERE if expected else Came.VISITED
        if not expected:
            return Came.NOT_EXPECTED
        if not any(map(could_come, expected)):
            return Came.NOT_CURRENT
        return Came.SENT_WORD if any(row.sent_word for row in expected) else Came.ABSENT

    return {key: came(own) for key, own in of_cell.items()}
