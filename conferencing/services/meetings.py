"""Meetings: the year's plan, and what a person changes about a single one."""

import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from conferencing.models import (
    Meeting,
    MeetingInvitation,
    MeetingRole,
    Nomination,
    PrepList,
    Review,
    RosterEntry,
)
from conferencing.planning import NO_LONGER_PLANNED, Act, Change, Hold, compare
from regions.calling import Planned, year_plan
from regions.clock import local_day
from regions.models import CallingRule, Continuum

# The month from which the clock plans the year that follows.
NEXT_YEAR_FROM_MONTH = 10


def rules_of(continuum) -> tuple[dict, object]:
    """The continuum's rules as (regional ones by region's key, CoC-wide one or None)."""
    regional, coc_wide = {}, None
    rows = CallingRule.objects.filter(continuum=continuum).select_related("continuum")
    for row in rows.order_by("region__position", "region__name"):
        if row.region_id is None:
            coc_wide = row.as_rule()
        else:
            regional[row.region_id] = row.as_rule()
    return regional, coc_wide


def plan_of(continuum, year) -> list[Planned]:
    """The calls of a year as the continuum's rules have them, made or not."""
    regional, coc_wide = rules_of(continuum)
    return year_plan(regional, coc_wide, year)


def changes_of_plan(continuum, year, plan, *, now, with_past=False) -> list[Change]:
    """What a plan would do to the meetings of its year; changes nothing."""
    meetings = (
        Meeting.objects.filter(continuum=continuum, slot__startswith=f"{year}-")
        .select_related("region", "continuum")
        .order_by("starts_at")
    )
    return compare(plan, meetings, holds_of(meetings), now, with_past=with_past)


def holds_of(meetings) -> dict:
    """What hangs on each of the meetings, by primary key: `conferencing.planning.Hold`."""
    here = OuterRef("pk")
    rows = meetings.annotate(
        has_list=Exists(PrepList.objects.filter(meeting=here)),
        has_review=Exists(Review.objects.filter(meeting=here)),
        has_roster=Exists(RosterEntry.objects.filter(meeting=here)),
        has_nomination=Exists(Nomination.objects.filter(meeting=here)),
        has_invitation=Exists(MeetingInvitation.objects.filter(meeting=here)),
        has_role=Exists(MeetingRole.objects.filter(meeting=here)),
    )
    return {row.pk: _hold(row) for row in rows}


def _hold(row):
    words = ""
    if row.has_list:
        words = "Its list has gone out."
    elif row.has_review:
        words = "Households were reviewed at it."
    elif row.has_roster or row.has_nomination or row.roster_settled_at:
        words = "Its roster has been started."
    elif row.list_held_at:
        words = "Its list is on hold."
    return Hold(words, row.has_list, row.has_invitation or row.has_role)


@transaction.atomic
def plan_year(continuum, year, *, actor, now=None, with_past=True) -> list[Change]:
    """Make and update the meetings of a year as the calling rules have them.

    A call is known by its region and month, wherever it was moved: planning again makes nothing
    twice, leaves past calls and what a person changed alone, and moves the others in place. A
    call that is no longer planned goes, unless something hangs on it. `actor` is None for the
    clock. A year of which there is nothing yet is made whole, its past calls too, unless
    `with_past` is False. Returns what was done (`conferencing.planning.Change`), in order of time.
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
    return [_done(change, continuum, now) for change in changes]


def _done(change, continuum, now):
    """Carry out one change; return it with its meeting."""
    planned, meeting = change.planned, change.meeting
    if change.act == Act.MADE:
        meeting = Meeting(
            continuum=continuum,
            region_id=planned.key,
            slot=planned.slot,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            changed_at=now,
        )
    elif change.act in (Act.MOVED, Act.RESTORED):
        meeting.starts_at, meeting.ends_at = planned.starts_at, planned.ends_at
        meeting.state, meeting.cancellation_reason = Meeting.State.PLANNED, ""
    elif change.act == Act.CALLED_OFF:
        meeting.state, meeting.cancellation_reason = Meeting.State.CANCELLED, NO_LONGER_PLANNED
    elif change.act == Act.REMOVED:
        meeting.delete()
        return change
    else:
        return change
    if change.act != Act.MADE:
        meeting.sequence += 1
        meeting.changed_at = now
    meeting.full_clean()
    meeting.save()
    return Change(change.act, planned, meeting, change.why)


def years_to_plan(on: datetime.date) -> list[int]:
    """The years that ought to stand on a date: this one, from October the next one too."""
    return [on.year, on.year + 1] if on.month >= NEXT_YEAR_FROM_MONTH else [on.year]


def is_planned(continuum, year) -> bool:
    """Whether the calls of a year were made."""
    return Meeting.objects.filter(continuum=continuum, slot__startswith=f"{year}-").exists()


def plan_due_years(now) -> None:
    """Make the calls of each continuum's years that ought to stand and do not: the tick's step."""
    for continuum in Continuum.objects.filter(calling_rules__isnull=False).distinct():
        for year in years_to_plan(local_day(now, continuum.zone)):
            if not is_planned(continuum, year):
                plan_year(continuum, year, actor=None, now=now, with_past=False)
