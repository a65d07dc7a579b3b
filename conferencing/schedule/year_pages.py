"""What the year's page shows: calls by month, clashes with closed days, what is next."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TypedDict
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from agreements.models import StaffMember
from conferencing.list_words import ListState, list_state
from conferencing.models import Meeting, MeetingRole
from conferencing.models.meetings import MeetingQuerySet
from regions.calling import EVERY_MONTH, MONTH_NAMES, Call, Rule, call_on, nearest_free_day
from regions.models import Continuum, Region

from .years import is_planned, plan_of

State = Meeting.State


@dataclass(frozen=True)
class CallRow:
    """One call on the page; `proposed` is the free day nearest to one that is closed."""

    meeting: Meeting
    roles: dict[MeetingRole.Role, MeetingRole | None]
    status: str
    tone: str
    note: str
    is_past: bool
    is_off_rule: bool
    clash: str | None
    proposed: Call | None
    list_state: ListState | None = None

    @property
    def minutes(self) -> int:
        return self.meeting.minutes

    @property
    def has_roles(self) -> bool:
        return any(self.roles.values())

    @property
    def turns(self) -> list[tuple[MeetingRole.Role, MeetingRole | None]]:
        """The roles that every call has, each with who has it."""
        return [(name, self.roles[name]) for name in MeetingRole.TURNS]

    @property
    def is_open(self) -> bool:
        return self.meeting.state == State.PLANNED and not self.is_past

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to say about its state but that it is planned."""
        return self.is_open and not (self.note or self.clash or self.is_off_rule)


@dataclass(frozen=True)
class Slots:
    """The calls that the rules ask for in a year, by region and month."""

    year: int
    keys: frozenset[tuple[Hashable | None, str]]

    def leaves_out(self, meeting: Meeting) -> bool:
        """Whether a rule made the meeting and no rule asks for it any more."""
        return (
            meeting.slot.startswith(f"{self.year}-")
            and (meeting.region_id, meeting.slot) not in self.keys
        )


class Month(TypedDict):
    name: str
    rows: list[CallRow]


class YearPage(TypedDict):
    year: int
    is_planned: bool
    coming: list[Month]
    past: list[Month]
    past_count: int
    clashes: list[CallRow]


def _slots(continuum: Continuum, year: int) -> Slots:
    return Slots(year, frozenset((each.key, each.slot) for each in plan_of(continuum, year)))


def year_page(
    continuum: Continuum, year: int, *, region: Region | None = None, now: datetime
) -> YearPage:
    """The calls of a year for the page: coming and past, by month, each with what is amiss.

    `region` leaves the calls of one region and the CoC-wide ones. Times are the continuum's.
    """
    zone = ZoneInfo(continuum.zone)
    meetings = Meeting.objects.filter(
        continuum=continuum,
        starts_at__gte=_new_year(year, zone),
        starts_at__lt=_new_year(year + 1, zone),
    )
    rows = _rows(continuum, year, meetings, now)
    if region is not None:
        rows = [row for row in rows if row.meeting.region_id in (region.pk, None)]
    coming = [row for row in rows if not row.is_past]
    past = [row for row in rows if row.is_past]
    return {
        "year": year,
        "is_planned": is_planned(continuum, year),
        "coming": _by_month(coming, zone),
        "past": _by_month(past, zone),
        "past_count": len(past),
        "clashes": [row for row in coming if row.clash],
    }


def next_calls(continuum: Continuum, user: User, *, now: datetime, limit: int = 3) -> list[CallRow]:
    """The next planned calls that concern a person, with their roles.

    Those of the regions that staff follow and the CoC-wide ones; for others all of them.
    """
    meetings = Meeting.objects.filter(continuum=continuum).upcoming(now)
    place = StaffMember.objects.current().filter(user=user).first()
    if place is not None:
        meetings = meetings.filter(Q(region=None) | Q(region__in=place.regions.all()))
    rows = _with_roles(meetings).with_list_out_at()[:limit]
    return [
        replace(_row(each, None, now, []), list_state=list_state(each, now=now)) for each in rows
    ]


def meeting_row(meeting: Meeting, *, now: datetime) -> CallRow:
    """One call as the year's page has it, for the call's own page."""
    year = int(meeting.slot[:4]) if meeting.slot else meeting.on.year
    slots = _slots(meeting.continuum, year)
    near = Meeting.objects.planned().filter(
        continuum=meeting.continuum_id,
        starts_at__gt=meeting.starts_at - timedelta(days=32),
        starts_at__lt=meeting.starts_at + timedelta(days=32),
    )
    taken = [_call_of(each) for each in near.exclude(pk=meeting.pk).select_related("continuum")]
    return _row(meeting, slots, now, taken)


def _rows(
    continuum: Continuum, year: int, meetings: MeetingQuerySet, now: datetime
) -> list[CallRow]:
    called = list(_with_roles(meetings.order_by("starts_at", "region__position")))
    slots = _slots(continuum, year)
    taken = [_call_of(meeting) for meeting in called if meeting.state == State.PLANNED]
    rows = []
    for meeting in called:
        row = _row(meeting, slots, now, taken)
        if row.proposed is not None:
            taken.append(row.proposed)
        rows.append(row)
    return rows


def _with_roles(meetings: MeetingQuerySet) -> MeetingQuerySet:
    return meetings.select_related("continuum", "region", "call").prefetch_related(
        "roles__agency", "roles__turn_agency", "roles__person__user"
    )


def _row(meeting: Meeting, slots: Slots | None, now: datetime, taken: list[Call]) -> CallRow:
    is_past = meeting.ends_at < now
    is_off = slots is not None and slots.leaves_out(meeting)
    clash, proposed = None, None
    if meeting.state == State.PLANNED and meeting.starts_at > now:
        clash = meeting.continuum.offices.closed_name(meeting.on)
        if clash:
            proposed = _free_day(meeting, now, taken)
    status, tone = _status(meeting, is_past)
    return CallRow(
        meeting=meeting,
        roles=MeetingRole.by_role(meeting.roles.all()),
        status=status,
        tone=tone,
        note=_note(meeting),
        is_past=is_past,
        is_off_rule=is_off and not is_past and meeting.state == State.PLANNED,
        clash=clash,
        proposed=proposed,
    )


def _status(meeting: Meeting, is_past: bool) -> tuple[str, str]:
    if meeting.state == State.CANCELLED:
        return "Canceled", "bad"
    if meeting.state == State.CLOSED:
        return "Held", "neutral"
    if meeting.is_held:
        return "On now", "good"
    return ("Past", "neutral") if is_past else ("Planned", "info")


def _note(meeting: Meeting) -> str:
    if meeting.state == State.CANCELLED:
        return meeting.cancellation_reason or ""
    if not meeting.slot:
        return "Added manually"
    return "Changed manually" if meeting.is_changed_by_hand else ""


def _call_of(meeting: Meeting) -> Call:
    return Call(meeting.on, meeting.starts_at, meeting.ends_at)


def _free_day(meeting: Meeting, now: datetime, taken: list[Call]) -> Call | None:
    """The call on the nearest free day of its month that is still to come, or None."""
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    rule = Rule(1, 0, EVERY_MONTH, local.time(), meeting.minutes, meeting.continuum.zone)
    others = [call for call in taken if call.starts_at != meeting.starts_at]
    past_days = [
        call_on(rule, date(local.year, local.month, day))
        for day in range(1, local.day)
        if call_on(rule, date(local.year, local.month, day)).starts_at <= now
    ]
    day = nearest_free_day(rule, meeting.on, others + past_days, meeting.continuum.offices)
    return None if day is None else call_on(rule, day)


def _by_month(rows: Iterable[CallRow], zone: ZoneInfo) -> list[Month]:
    def month(row: CallRow) -> int:
        return row.meeting.starts_at.astimezone(zone).month

    return [
        {"name": MONTH_NAMES[number - 1], "rows": list(calls)}
        for number, calls in groupby(rows, key=month)
    ]


def _new_year(year: int, zone: ZoneInfo) -> datetime:
    return datetime(year, 1, 1, tzinfo=zone)
