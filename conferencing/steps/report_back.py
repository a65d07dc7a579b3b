"""How many of the steps that were due at a call had been reported on before it.

A step is due at the first held call of its household's region, regional or CoC-wide, that is on
or after its due date and began after the step was given. Date and region are what they were at
that call: neither another date nor a move takes from it what nobody reported.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import F, Min, Q

from conferencing.models import ActionItem, Meeting
from participants.models import Participant
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


@dataclass(frozen=True)
class OverTime:
    """What something is now, and `[(since when, what it was)]` if it was ever anything else."""

    now: object
    former: list

    def at(self, moment):
        """What it was then; before the first that is known of, that."""
        if not self.former:
            return self.now
        before = [value for since, value in self.former if since <= moment]
        return before[-1] if before else self.former[0][1]


@dataclass(frozen=True)
class DueStep:
    """A step: when it was given and first reported (or None), for when, and in which region."""

    created_at: datetime
    reported_at: datetime | None
    due_on: OverTime
    region: OverTime


def call_lines(continuum, people, *, period, region=None):
    """Return a `CallLine` per held call of `period`, the latest first, in four queries.

    `people`: the participants whose steps count (a queryset); `region`: its calls, and CoC-wide
    ones with the steps of its households alone.
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
    for step in due_steps(people, period):
        calls = held if step.region.former else calls_of.get(step.region.now, calls_of[None])
        call = next((each for each in calls if is_due_at(step, each, days[each.pk])), None)
        if call and (region is None or step.region.at(call.starts_at) == region.pk):
            counted[call.pk][answer(step.reported_at, call)] += 1
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


def is_due_at(step, call, day):
    """Whether the call, held on that day, asked about the step as it was then."""
    if call.starts_at <= step.created_at or day < step.due_on.at(call.starts_at):
        return False
    return call.region_id in (None, step.region.at(call.starts_at))


def due_steps(people, period):
    """A `DueStep` for each step that can be due in the period, in three queries."""
    can_be_due = Q(due_on__gte=period.since - LONGEST_GAP, due_on__lte=period.until)
    was_due = ActionItem.pgh_event_model.objects.filter(can_be_due).values("pgh_obj")
    steps = ActionItem.objects.filter(can_be_due | Q(pk__in=was_due), participant__in=people)
    steps = steps.order_by()
    dues = over_time(ActionItem, "due_on", steps.values("pk"))
    regions = over_time(Participant, "region", steps.values("participant"))
    rows = steps.annotate(first=Min("updates__at")).values_list(
        "pk", "participant", "participant__region", "due_on", "created_at", "closed_at", "first"
    )
    for pk, person, region, due_on, created_at, closed_at, first in rows:
        yield DueStep(
            created_at=created_at,
            reported_at=min(filter(None, [first, closed_at]), default=None),
            due_on=OverTime(due_on, dues.get(pk, [])),
            region=OverTime(region, regions.get(person, [])),
        )


def over_time(model, field, keys):
    """`{row's key: [(since when, value), …]}` of the rows whose field was ever anything else."""
    events = model.pgh_event_model.objects.filter(pgh_obj__in=keys)
    changed = events.exclude(**{field: F(f"pgh_obj__{field}")}).values("pgh_obj")
    found = defaultdict(list)
    rows = events.filter(pgh_obj__in=changed).order_by("pgh_id")
    for key, since, value in rows.values_list("pgh_obj", "pgh_created_at", field):
        found[key].append((since, value))
    return found


def answer(reported_at, call):
    if reported_at is None:
        return NEVER
    return BEFORE if reported_at < call.starts_at else AFTER
