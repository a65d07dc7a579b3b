"""Follow-through: what becomes of what the calls agreed, for the CE Specialist."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

import audit.services
from accounts.models import User
from audit import actions
from conferencing.models import ActionItem
from conferencing.steps.pages import AGES, CRITICAL, is_of_age
from conferencing.steps.report_back import CallLine, call_lines
from participants.disclosures import shown_to
from participants.models import Participant, ParticipantQuerySet
from participants.naming import Label, labels
from regions.clock import local_day
from regions.models import Continuum, Region
from regions.words import percent_of, plural

from . import charts
from .periods import Period
from .stuck import PassedTarget, Stuck, histories, passed_targets, stuck_households

VIEWED = actions.register("follow_through.viewed", "Looked at follow-through")
EXPORTED = actions.register("follow_through.exported", "Exported the figures of follow-through")

AGENCIES_DRAWN = 8
TONES = ("on-time", "late-first", "late-second", "late-third")
MOST_SHOWN = 10
# How a step ends, as an agency's line counts it.
ENDED = {
    "done": ActionItem.State.DONE,
    "not_done": ActionItem.State.NOT_DONE,
    "overtaken": ActionItem.State.NOT_NEEDED,
}


@dataclass
class AgencyLine:
    """An agency's steps: open ones by age, critical overdue ones, those that ended in the period.

    Done, not done, or overtaken: circumstances changed.
    """

    agency_id: UUID | None = None
    name: str = ""
    not_due: int = 0
    over_30: int = 0
    over_90: int = 0
    beyond: int = 0
    critical_overdue: int = 0
    done: int = 0
    not_done: int = 0
    overtaken: int = 0

    @property
    def rate(self) -> int | None:
        """Of the steps that ended, how many were done; what circumstances overtook counts not."""
        return percent_of(self.done, self.done + self.not_done)

    @property
    def overdue(self) -> int:
        return self.over_30 + self.over_90 + self.beyond

    @property
    def open(self) -> int:
        return self.not_due + self.overdue

    @property
    def ages(self) -> list[int]:
        return [getattr(self, name) for name in AGES]

    @property
    def aged(self) -> list[tuple[str, str, int]]:
        """`(age, words, number)` for each age, the youngest first."""
        return [(name, words, getattr(self, name)) for name, words in AGES.items()]


@dataclass
class Figures:
    """What the page and its file tell of a period."""

    agencies: list[AgencyLine]
    total: AgencyLine
    calls: list[CallLine]
    stuck: list[Stuck]
    passed: list[PassedTarget]

    @property
    def due(self) -> int:
        return sum(each.due for each in self.calls)

    @property
    def before(self) -> int:
        return sum(each.before for each in self.calls)

    @property
    def after(self) -> int:
        return sum(each.after for each in self.calls)

    @property
    def never(self) -> int:
        return sum(each.never for each in self.calls)

    @property
    def rate(self) -> int | None:
        return percent_of(self.before, self.due)


def agency_lines(people: ParticipantQuerySet, *, period: Period, on: date) -> list[AgencyLine]:
    """An `AgencyLine` per agency that has or had steps for `people`, by name, in one query."""
    is_open = Q(state=ActionItem.State.OPEN)
    ended_then = Q(closed_at__gte=period.begins_at, closed_at__lt=period.ends_at)
    rows = (
        ActionItem.objects.filter(is_open | ended_then, participant__in=people)
        .order_by("agency__name")
        .values("agency", "agency__name")
        .annotate(
            **{name: Count("pk", filter=is_of_age(name, on)) for name in (*AGES, CRITICAL)},
            **{
                name: Count("pk", filter=ended_then & Q(state=state))
                for name, state in ENDED.items()
            },
        )
    )
    names = (*AGES, CRITICAL, *ENDED)
    counted: list[dict[str, Any]] = [dict(row) for row in rows]  # Any: of each column its own
    return [
        AgencyLine(row["agency"], row["agency__name"], **{name: row[name] for name in names})
        for row in counted
    ]


def total_of(lines: Iterable[AgencyLine]) -> AgencyLine:
    numbers = [each.name for each in fields(AgencyLine)][2:]
    return AgencyLine(
        name="All agencies",
        **{name: sum(getattr(line, name) for line in lines) for name in numbers},
    )


def figures(
    continuum: Continuum, viewer: User, *, period: Period, region: Region | None, on: date
) -> Figures:
    """Return the `Figures`, in a constant number of queries."""
    everybody = Participant.objects.visible_to(viewer, on)
    people = everybody.filter(region=region) if region else everybody
    agencies = agency_lines(people, period=period, on=on)
    found = histories(people, period=period)
    return Figures(
        agencies=agencies,
        total=total_of(agencies),
        calls=call_lines(continuum, everybody, period=period, region=region),
        stuck=stuck_households(found, period=period),
        passed=passed_targets(found, on=on),
    )


def follow_through_page(
    continuum: Continuum,
    viewer: User,
    *,
    period: Period,
    region: Region | None,
    all_of: str = "",
    now: datetime,
) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded.

    Of the lists of households the first `MOST_SHOWN`; `all_of`: the one that is wanted whole.
    """
    on = local_day(now, continuum.zone)
    told = figures(continuum, viewer, period=period, region=region, on=on)
    stuck = told.stuck if all_of == "stuck" else told.stuck[:MOST_SHOWN]
    passed = told.passed if all_of == "passed" else told.passed[:MOST_SHOWN]
    people = {each.participant for each in stuck} | {each.participant for each in passed}
    names = labels(people, viewer, now)
    audit.services.record(
        VIEWED,
        actor=viewer,
        continuum_id=continuum.pk,
        detail=shown_to(names),
        now=now,
    )
    return {
        "period": period,
        "figures": told,
        "stuck": [stuck_row(each, names) for each in stuck],
        "passed": [{"passed": each, "label": names[each.participant.pk]} for each in passed],
        "ages_chart": ages_chart(told.agencies),
        "ages_words": ages_words(told.total),
        "ended_words": ended_words(told.total),
        "rate_chart": rate_chart(told.calls, period),
        "rate_words": rate_words(told),
    }


def stuck_row(stuck: Stuck, names: Mapping[UUID, Label]) -> dict[str, object]:
    label = names[stuck.participant.pk]
    return {
        "stuck": stuck,
        "label": label,
        "barriers": [(label.clean(each.words), each) for each in stuck.barriers],
    }


def ages_chart(agencies: Iterable[AgencyLine]) -> charts.Bars | None:
    """The agencies with the most open steps, as bars by age."""
    most = sorted(agencies, key=lambda each: (-each.open, each.name))[:AGENCIES_DRAWN]
    rows = [(each.name, each.ages) for each in most if each.open]
    return charts.bars(rows, list(zip(AGES.values(), TONES, strict=True))) if rows else None


def ages_words(total: AgencyLine) -> str:
    return f"{plural(total.open, 'open step')}, {total.overdue} of them overdue."


def ended_words(total: AgencyLine) -> str:
    """Of the steps that ended, how many were done; counts first, as a rate alone says little."""
    if total.rate is None:
        return "No step was done, or said not to be done, in this period."
    overtaken = plural(total.overtaken, "step")
    return (
        f"{total.done} of {plural(total.done + total.not_done, 'step')} done ({total.rate}%), "
        f"{total.not_done} not done. Not counted: {overtaken} that no longer fit, as circumstances "
        "changed."
    )


def rate_chart(calls: Iterable[CallLine], period: Period) -> charts.Plot | None:
    """The report-back rate month by month; None if no step was due at a call."""
    due, before = Counter[date](), Counter[date]()
    for call in calls:
        due[call.on.replace(day=1)] += call.due
        before[call.on.replace(day=1)] += call.before
    if not any(due.values()):
        return None
    return charts.rate_line(
        [(f"{month:%b}", percent_of(before[month], due[month])) for month in period.months]
    )


def rate_words(told: Figures) -> str:
    return (
        f"Of {plural(told.due, 'step')} due at {plural(len(told.calls), 'call')}, "
        f"{told.before} had been reported on before the call."
    )
