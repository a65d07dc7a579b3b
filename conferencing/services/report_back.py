"""How many of the steps that were due at a call had been reported on before it.

A step is due at the first held call of its household's region, regional or CoC-wide, that is on
or after its due date and began after the step was given.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Min

from conferencing.models import ActionItem, Meeting
from regions.clock import local_day
from regions.words import percent_of

BEFORE, AFTER, NEVER = "before", "after", "never"
# No region is without a call for longer: what was due earlier was due at an earlier call.
LONGEST_GAP = relativedelta(months=12)


@dataclass(frozen=True)
class CallLine:
    """One held call, and of the steps due at it: reported before it, after, or not at all."""

    meeting: Meeting
    on: object
    before: int = 0
    after: int = 0
    never: int = 0

    @property
    def due(self):
        return self.before + self.after + self.never

    @property
    def rate(self):
        return percent_of(self.before, self.due)


def call_lines(continuum, people, *, period, region=None):
    """Return a `CallLine` per held call of `period`, the latest first, in two queries.

    `people`: the participants whose steps count (a queryset); `region`: its calls, and CoC-wide.
    """
    zone = continuum.zone
    held = list(
        Meeting.objects.filter(
            continuum=continuum, state=Meeting.State.CLOSED, starts_at__lt=period.ends_at
        )
        .select_related("region")
        .order_by("starts_at")
    )
    days = {each.pk: local_day(each.starts_at, zone) for each in held}
    counted = defaultdict(Counter)
    calls_of = calls_by_region(held)
    for of_region, due_on, created_at, reported_at in due_steps(people, period):
        calls = calls_of.get(of_region, calls_of[None])
        call = next(
            (each for each in calls if days[each.pk] >= due_on and each.starts_at > created_at),
            None,
        )
        if call:
            counted[call.pk][answer(reported_at, call)] += 1
    return [
        CallLine(each, days[each.pk], **counted[each.pk])
        for each in reversed(held)
        if days[each.pk] >= period.since and (region is None or each.region_id in (None, region.pk))
    ]


def calls_by_region(held):
    """`{region's key: its calls and the CoC-wide ones, by time}`; None: the CoC-wide alone."""
    found = {None: [each for each in held if each.region_id is None]}
    for key in {each.region_id for each in held} - {None}:
        found[key] = [each for each in held if each.region_id in (None, key)]
    return found


def due_steps(people, period):
    """`(region, due date, given at, first reported at or None)` of steps that can be due there."""
    rows = (
        ActionItem.objects.filter(
            participant__in=people,
            due_on__gte=period.since - LONGEST_GAP,
            due_on__lte=period.until,
        )
        .order_by()
        .annotate(first=Min("updates__at"))
        .values_list("participant__region", "due_on", "created_at", "closed_at", "first")
    )
    for region, due_on, created_at, closed_at, first in rows:
        yield region, due_on, created_at, min(filter(None, [first, closed_at]), default=None)


def answer(reported_at, call):
    if reported_at is None:
        return NEVER
    return BEFORE if reported_at < call.starts_at else AFTER
