"""A year's calls as the calling rules have them: compared with what stands, made, kept up."""

import datetime
import uuid
from collections.abc import Hashable, Iterable
from typing import Protocol, cast

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

import audit.services
from accounts.models import User
from audit import actions
from conferencing.models import (
    Call,
    Meeting,
    MeetingInvitation,
    MeetingRole,
    Nomination,
    PrepList,
    Review,
    RosterEntry,
)
from conferencing.models.meetings import MeetingQuerySet
from conferencing.prep_lists.timing import time_anew
from conferencing.rotation.roles import assign_roles, take_back_owed
from regions.calling import Planned, Rule, year_plan
from regions.clock import local_day
from regions.models import CallingRule, Continuum

from .planning import NO_LONGER_PLANNED, Act, Change, Hold, compare

YEAR_PLANNED = actions.register("year.planned", "Planned a year's calls")

# The month from which the clock plans the year that follows.
NEXT_YEAR_FROM_MONTH = 10


def rules_of(continuum: Continuum) -> tuple[dict[Hashable, Rule], Rule | None]:
    """The continuum's rules as (regional ones by region's key, CoC-wide one or None)."""
    regional: dict[Hashable, Rule] = {}
    coc_wide: Rule | None = None
    rows = CallingRule.objects.filter(continuum=continuum).select_related("continuum")
    for row in rows.order_by("region__position", "region__name"):
        if row.region_id is None:
            coc_wide = row.as_rule()
        else:
            regional[row.region_id] = row.as_rule()
    return regional, coc_wide


def plan_of(continuum: Continuum, year: int) -> list[Planned]:
    """The calls of a year as the continuum's rules have them, made or not."""
    regional, coc_wide = rules_of(continuum)
    return year_plan(regional, coc_wide, year, continuum.offices)


def changes_of_plan(
    continuum: Continuum,
    year: int,
    plan: Iterable[Planned],
    *,
    now: datetime.datetime,
    with_past: bool = False,
) -> list[Change]:
    """What a plan would do to the meetings of its year; changes nothing."""
    meetings = (
        Meeting.objects.filter(continuum=continuum, slot__startswith=f"{year}-")
        .select_related("region", "continuum")
        .order_by("starts_at")
    )
    return compare(plan, meetings, holds_of(meetings), now, with_past=with_past)


def holds_of(meetings: MeetingQuerySet) -> dict[uuid.UUID, Hold]:
    """What hangs on each of the meetings, by primary key: `conferencing.schedule.planning.Hold`."""
    here = OuterRef("pk")
    rows = meetings.annotate(
        has_call=Exists(Call.objects.filter(meeting=here)),
        has_list=Exists(PrepList.objects.filter(meeting=here)),
        has_review=Exists(Review.objects.filter(meeting=here)),
        has_roster=Exists(RosterEntry.objects.filter(meeting=here)),
        has_nomination=Exists(Nomination.objects.filter(meeting=here)),
        has_invitation=Exists(MeetingInvitation.objects.filter(meeting=here)),
        has_role=Exists(MeetingRole.objects.filter(meeting=here)),
    )
    return {row.pk: _hold(row) for row in rows}


class _Hung(Protocol):
    """A meeting, with whether there is anything of a kind that hangs on it."""

    has_call: bool
    has_list: bool
    has_review: bool
    has_roster: bool
    has_nomination: bool
    has_invitation: bool
    has_role: bool
    roster_settled_at: datetime.datetime | None
    list_held_at: datetime.datetime | None


def _hold(row: _Hung) -> Hold:
    words = ""
    if row.has_call:
        words = "It has begun."
    elif row.has_list:
        words = "Its list has gone out."
    elif row.has_review:
        words = "Households were reviewed at it."
    elif row.has_roster or row.has_nomination or row.roster_settled_at:
        words = "Its roster has been started."
    elif row.list_held_at:
        words = "Its list is on hold."
    return Hold(words, row.has_list or row.has_call, row.has_invitation or row.has_role)


@transaction.atomic
def plan_year(
    continuum: Continuum,
    year: int,
    *,
    actor: User | None,
    now: datetime.datetime | None = None,
    with_past: bool = True,
) -> list[Change]:
    """Make and update the meetings of a year as the calling rules have them.

    A call is known by its region and month, wherever it was moved: planning again makes nothing
    twice, leaves past calls and what a person changed alone, and moves the others in place. A
    call that is no longer planned goes, unless something hangs on it. `actor` is None for the
    clock. A year of which there is nothing yet is made whole, its past calls too, unless
    `with_past` is False; then the next calls get their facilitators and note takers at once.
    Returns what was done (`conferencing.schedule.planning.Change`), in order of time.
    """
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    rows = Meeting.objects.filter(continuum=continuum, slot__startswith=f"{year}-")
    found = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    changes = changes_of_plan(
        continuum,
        year,
        plan_of(continuum, year),
        now=now,
        with_past=with_past and not found,
    )
    done = [_done(change, continuum, now) for change in changes]
    if not with_past:
        assign_roles(continuum, now=now)
    if actor is not None:
        counts = {"year": year} | {act.value: 0 for act in Act}
        for change in done:
            counts[change.act.value] += 1
        audit.services.record(
            YEAR_PLANNED,
            actor=actor,
            about=continuum,
            detail=counts,
            now=now,
        )
    return done


def _done(change: Change, continuum: Continuum, now: datetime.datetime) -> Change:
    """Carry out one change; return it with its meeting."""
    planned, meeting = change.planned, change.meeting
    is_new_time = change.act in (Act.MADE, Act.RESTORED)
    if change.act == Act.MADE:
        assert planned is not None
        meeting = Meeting(
            continuum=continuum,
            region_id=cast(uuid.UUID | None, planned.key),  # as `rules_of` names regions
            slot=planned.slot,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            changed_at=now,
        )
    assert meeting is not None
    if change.act in (Act.MOVED, Act.RESTORED):
        assert planned is not None
        is_new_time |= planned.starts_at != meeting.starts_at
        meeting.starts_at, meeting.ends_at = planned.starts_at, planned.ends_at
        meeting.state, meeting.cancellation_reason = Meeting.State.PLANNED, None
    elif change.act == Act.CALLED_OFF:
        meeting.state, meeting.cancellation_reason = Meeting.State.CANCELLED, NO_LONGER_PLANNED
    elif change.act == Act.REMOVED:
        meeting.delete()
        return change
    elif change.act != Act.MADE:
        return change
    if change.act == Act.RESTORED:
        take_back_owed(meeting, since=meeting.changed_at, now=now)
    if is_new_time:
        time_anew(meeting, now)
    if change.act != Act.MADE:
        meeting.sequence += 1
        meeting.changed_at = now
    meeting.full_clean()
    meeting.save()
    return Change(change.act, planned, meeting, change.why)


def years_to_plan(on: datetime.date) -> list[int]:
    """The years that ought to stand on a date: this one, from October the next one too."""
    return [on.year, on.year + 1] if on.month >= NEXT_YEAR_FROM_MONTH else [on.year]


def is_planned(continuum: Continuum, year: int) -> bool:
    """Whether the calls of a year were made."""
    return Meeting.objects.filter(continuum=continuum, slot__startswith=f"{year}-").exists()


def plan_due_years(now: datetime.datetime) -> None:
    """Make the calls of each continuum's years that ought to stand and do not: the tick's step."""
    for continuum in Continuum.objects.filter(calling_rules__isnull=False).distinct():
        for year in years_to_plan(local_day(now, continuum.zone)):
            if not is_planned(continuum, year):
                plan_year(continuum, year, actor=None, now=now, with_past=False)
