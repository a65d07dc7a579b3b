"""How many of the steps that were due at a call had been reported on before it.

A step is due at the first held call of its household's region, regional or CoC-wide, that is on
or after its due date and began after the step was given. Date and region are what they were at
that call: neither another date nor a move takes from it what nobody reported.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from dateutil.relativedelta import relativedelta
from django.db.models import F, Min, Q, QuerySet

from audit.history import events_of
from conferencing.models import ActionItem, Meeting
from participants.models import Participant
from regions.clock import local_day
from regions.models import Continuum, Region
from regions.words import percent_of

Value = TypeVar("Value")

Former = dict[uuid.UUID, list[tuple[datetime, Any]]]  # Any: what the field holds
BEFORE, AFTER, NEVER = "before", "after", "never"
# No region is without a call for longer: what was due earlier was due at an earlier call.
LONGEST_GAP = relativedelta(months=12)


class Period(Protocol):
    """Days from `since` to `until`, both included; `ends_at`: the first moment after them."""

    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date: ...
    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True)
class CallLine:
    """One held call, and of the steps due at it: reported before it, after, or not at all."""

    meeting: Meeting
    on: date
    before: int = 0
    after: int = 0
    never: int = 0

    @property
    def due(self) -> int:
        return self.before + self.after + self.never

    @property
    def rate(self) -> int | None:
        return percent_of(self.before, self.due)


@dataclass(frozen=True)
class OverTime(Generic[Value]):
    """What something is now, and `[(since when, what it was)]` if it was ever anything else."""

    now: Value
    former: list[tuple[datetime, Value]]

    def at(self, moment: datetime) -> Value:
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
    due_on: OverTime[date]
    region: OverTime[uuid.UUID | None]


def call_lines(
    continuum: Continuum,
    people: QuerySet[Participant],
    *,
    period: Period,
    region: Region | None = None,
) -> list[CallLine]:
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
    counted: defaultdict[uuid.UUID, Counter[str]] = defaultdict(Counter)
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


def calls_by_region(held: Sequence[Meeting]) -> dict[uuid.UUID | None, list[Meeting]]:
    """`{region's key: its calls and the CoC-wide ones, by time}`; None: the CoC-wide alone."""
    found: dict[uuid.UUID | None, list[Meeting]] = {
        None: [each for each in held if each.region_id is None]
    }
    for key in {each.region_id for each in held} - {None}:
        found[key] = [each for each in held if each.region_id in (None, key)]
    return found


def is_due_at(step: DueStep, call: Meeting, day: date) -> bool:
    """Whether the call, held on that day, asked about the step as it was then."""
    if call.starts_at <= step.created_at or day < step.due_on.at(call.starts_at):
        return False
    return call.region_id in (None, step.region.at(call.starts_at))


def due_steps(people: QuerySet[Participant], period: Period) -> Iterator[DueStep]:
    """A `DueStep` for each step that can be due in the period, in three queries."""
    can_be_due = Q(due_on__gte=period.since - LONGEST_GAP, due_on__lte=period.until)
    was_due = events_of(ActionItem).filter(can_be_due).values("pgh_obj")
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


def over_time(
    model: type[ActionItem | Participant],
    field: str,
    keys: QuerySet[ActionItem, Mapping[str, object]],
) -> Former:
    """`{row's key: [(since when, value), …]}` of the rows whose field was ever anything else."""
    events = events_of(model).filter(pgh_obj__in=keys)
    changed = events.exclude(**{field: F(f"pgh_obj__{field}")}).values("pgh_obj")
    found: Former = defaultdict(list)
    rows = events.filter(pgh_obj__in=changed).order_by("pgh_id")
    for key, since, value in rows.values_list("pgh_obj", "pgh_created_at", field):
        found[key].append((since, value))
    return found


def answer(reported_at: datetime | None, call: Meeting) -> str:
    if reported_at is None:
        return NEVER
    return BEFORE if reported_at < call.starts_at else AFTER
