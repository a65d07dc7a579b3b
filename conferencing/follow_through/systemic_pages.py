"""What the pages of systemic barriers say: counts and strategies, nobody's household."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models.functions import Coalesce

from conferencing.models import SystemicBarrier, SystemicBarrierMark
from regions.clock import local_day
from regions.models import Continuum
from regions.words import plural

from . import charts
from .periods import YEAR, period_named

Status = SystemicBarrier.Status
TONES = {Status.OPEN: "warn", Status.WORKED_ON: "info", Status.RESOLVED: "good"}
ORDER = [Status.OPEN, Status.WORKED_ON, Status.RESOLVED]


@dataclass
class Line:
    """A barrier with what is behind it, and behind those merged into it."""

    barrier: SystemicBarrier
    merged: list[SystemicBarrier] = field(default_factory=list)
    since: date | None = None
    last_on: date | None = None
    households: int = 0
    reviews: int = 0
    by_month: list[int] = field(default_factory=list)
    came_back: bool = False

    @property
    def tone(self) -> str:
        return TONES[Status(self.barrier.status)]

    @property
    def trend_words(self) -> str:
        return f"{plural(sum(self.by_month), 'review')} in 12 months, by month"

    @property
    def spark(self) -> charts.Plot:
        return charts.spark(self.by_month)


def barrier_lines(continuum: Continuum, *, on: date) -> tuple[list[Line], list[date]]:
    """Return `(lines, months)`: each barrier that stands by itself, in two queries.

    Those that nobody works on first, then by the number of households. `months`: the first days
    of the last twelve, which the trends count by.
    """
    period = period_named(YEAR, on=on, zone=continuum.zone)
    barriers = {
        each.pk: each
        for each in SystemicBarrier.objects.filter(continuum=continuum).select_related(
            "owner__user", "owner__agency"
        )
    }
    lines = {
        each.pk: Line(each, since=each.first_marked_on)
        for each in barriers.values()
        if each.merged_into_id is None
    }
    for each in barriers.values():
        if each.merged_into_id:
            line = lines[root_of(each, barriers).pk]
            line.merged.append(each)
            line.since = min(line.since or date.max, each.first_marked_on)
    count_marks(continuum, barriers, lines, period.months)
    for line in lines.values():
        line.merged.sort(key=lambda each: each.words.casefold())
    found = sorted(
        lines.values(),
        key=lambda line: (
            ORDER.index(Status(line.barrier.status)),
            -line.households,
            line.barrier.words.casefold(),
        ),
    )
    return found, period.months


def root_of(barrier: SystemicBarrier, barriers: Mapping[UUID, SystemicBarrier]) -> SystemicBarrier:
    while barrier.merged_into_id:
        barrier = barriers[barrier.merged_into_id]
    return barrier


def count_marks(
    continuum: Continuum,
    barriers: Mapping[UUID, SystemicBarrier],
    lines: Mapping[UUID, Line],
    months: Sequence[date],
) -> None:
    """Count households, reviews and the reviews of each month, each once per line."""
    stands_for = Coalesce("review__participant__merged_into", "review__participant")
    marks = SystemicBarrierMark.objects.filter(barrier__continuum=continuum).values_list(
        "barrier", "review__meeting", stands_for, "review__meeting__starts_at"
    )
    reviews = defaultdict[UUID, dict[tuple[UUID, UUID], tuple[date, datetime]]](dict)
    households = defaultdict[UUID, set[UUID]](set)
    for barrier, call, household, at in marks:
        key = root_of(barriers[barrier], barriers).pk
        reviews[key][household, call] = (local_day(at, continuum.zone), at)
        households[key].add(household)
    for key, line in lines.items():
        days = reviews[key].values()
        counted = Counter(day.replace(day=1) for day, _at in days)
        line.reviews, line.households = len(days), len(households[key])
        line.last_on = max((day for day, _at in days), default=None)
        line.by_month = [counted[month] for month in months]
        line.came_back = line.barrier.status == Status.RESOLVED and any(
            at > line.barrier.changed_at for _day, at in days
        )


def barrier_list_page(continuum: Continuum, *, on: date) -> dict[str, object]:
    """The context of the list; a constant number of queries."""
    lines, months = barrier_lines(continuum, on=on)
    totals = [sum(line.by_month[place] for line in lines) for place in range(len(months))]
    return {
        "lines": lines,
        "months": months,
        "totals": totals,
        "chart": charts.columns(
            [(f"{month:%b}", total) for month, total in zip(months, totals, strict=True)]
        ),
        "chart_words": chart_words(months, totals),
    }


def chart_words(months: Sequence[date], totals: Sequence[int]) -> str:
    most = max(totals, default=0)
    if not most:
        return "Nothing was marked as systemic in these twelve months."
    month = months[totals.index(most)]
    return (
        f"{plural(sum(totals), 'mark')} in twelve months; "
        f"the most, {most}, in {month:%B %Y}; {totals[-1]} this month."
    )


def barrier_page(barrier: SystemicBarrier, *, on: date) -> dict[str, object]:
    """The context of one barrier's page: its line; none where it was merged."""
    lines, _months = barrier_lines(barrier.continuum, on=on)
    line = next((each for each in lines if each.barrier.pk == barrier.pk), None)
    return {"barrier": barrier, "line": line}


def others_to_merge_into(barrier: SystemicBarrier) -> list[SystemicBarrier]:
    """The barriers that stand by themselves, but for this one; in the order of their words."""
    rows = SystemicBarrier.objects.filter(
        continuum=barrier.continuum_id, merged_into__isnull=True
    ).exclude(pk=barrier.pk)
    return sorted(rows, key=lambda each: each.words.casefold())
