"""The by-name list in numbers, month by month, as communities report them (Built for Zero).

Counted from the dated moves of each household that the viewer may know of: who was actively
homeless at the end of a month, who came onto the list, returned, was housed, went inactive.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from dateutil.relativedelta import relativedelta

import audit.services
from accounts.models import User
from audit import actions
from participants.listing import of_region_and_need
from participants.models import ListPlace, Participant, ParticipantQuerySet, PlaceChange
from participants.models.places import FLOW_TO_STATUS
from regions.clock import local_day
from regions.models import Continuum, Region

from . import charts

VIEWED = actions.register("figures.viewed", "Looked at the figures of the by-name list")
EXPORTED = actions.register("figures.exported", "Exported the figures of the by-name list")

MONTHS = 12
Move = tuple[date, str]  # the day, and the flow
Flow = PlaceChange.Flow
Status = ListPlace.Status
MEASURES = {
    "active": "Actively homeless at the end of the month",
    "identified": "Newly identified",
    "back_from_housing": "Returned from housing",
    "back_from_inactive": "Returned from inactive",
    "housed": "Housed",
    "inactive": "Moved to inactive",
    "no_longer": "No longer meets criteria",
}
# Each with its color in the picture: no two are alike, and none is that of the paper.
INFLOW = {
    "identified": "in-first",
    "back_from_housing": "in-second",
    "back_from_inactive": "in-third",
}
OUTFLOW = {"housed": "housed", "inactive": "out-first", "no_longer": "out-second"}
# The table's columns, beside “Inflow” and “Outflow” above them; without one, as it is measured.
SHORT = {
    "back_from_housing": "From housing",
    "back_from_inactive": "From inactive",
    "inactive": "Inactive",
    "no_longer": "No longer",
}
# A household that returns from housing is looked for anew; one that was inactive is not.
IDENTIFIES = (Flow.IDENTIFIED, Flow.BACK_FROM_HOUSING)


@dataclass
class Month:
    """One month: `{measure: {households' keys}}`, and the days until each housing in it."""

    first: date
    people: dict[str, set[UUID]] = field(default_factory=lambda: {name: set() for name in MEASURES})
    days: list[int] = field(default_factory=list)
    is_running: bool = False

    @property
    def last(self) -> date:
        return self.first + relativedelta(months=1) - timedelta(days=1)

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    def count(self, name: str) -> int:
        return len(self.people[name])

    @property
    def inflow(self) -> int:
        return sum(self.count(name) for name in INFLOW)

    @property
    def outflow(self) -> int:
        return sum(self.count(name) for name in OUTFLOW)

    @property
    def median_days(self) -> int | None:
        return round(median(self.days)) if self.days else None

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        return [(name, words, self.count(name)) for name, words in MEASURES.items()]


def people_of(
    viewer: User, *, on: date, region: Region | None = None, need: str = ""
) -> ParticipantQuerySet:
    """Whom the figures count: whoever the viewer may know of; for an administrator, everybody.

    An administrator sees the numbers and no household.
    """
    if viewer.membership.is_administrator and not viewer.membership.is_specialist:
        people = Participant.objects.filter(continuum=viewer.membership.continuum_id)
    else:
        people = Participant.objects.visible_to(viewer, on)
    return of_region_and_need(people, region=region, need=need)


def moves_of(people: ParticipantQuerySet) -> dict[UUID, list[Move]]:
    """`{household's key: [(day, flow)]}`, oldest first; a place without history gets its own."""
    moves = defaultdict[UUID, list[Move]](list)
    rows = PlaceChange.objects.standing().filter(participant__in=people)
    for key, on, flow in rows.order_by("on", "recorded_at").values_list(
        "participant", "on", "flow"
    ):
        moves[key].append((on, flow))
    status_flow: dict[str, Flow] = {Status.HOUSED: Flow.HOUSED, Status.INACTIVE: Flow.INACTIVE}
    places = ListPlace.objects.filter(participant__in=people)
    for key, status, listed_on, status_on in places.values_list(
        "participant", "status", "listed_on", "status_on"
    ):
        if key not in moves:
            moves[key].append((listed_on, Flow.IDENTIFIED))
            if status != Status.ACTIVE:
                moves[key].append((status_on, status_flow.get(status, Flow.NO_LONGER)))
    return moves


def months_until(on: date, number: int = MONTHS) -> list[Month]:
    first = on.replace(day=1)
    return [
        Month(first - relativedelta(months=back), is_running=back == 0)
        for back in reversed(range(number))
    ]


def figures(people: ParticipantQuerySet, *, on: date, number: int = MONTHS) -> list[Month]:
    """Return the `Month`s up to the running one, in two queries."""
    months = months_until(on, number)
    by_first = {month.first: month for month in months}
    for key, moves in moves_of(people).items():
        identified_on = None
        for day, flow in moves:
            identified_on = day if flow in IDENTIFIES else identified_on or day
            month = by_first.get(day.replace(day=1))
            if month:
                month.people[flow].add(key)
                if flow == Flow.HOUSED:
                    month.days.append((day - identified_on).days)
        for month in months:
            if is_active(moves, month.last):
                month.people["active"].add(key)
    return months


def is_active(moves: Iterable[Move], on: date) -> bool:
    """Whether the last of these moves until the end of the day `on` left the household active."""
    known = [flow for day, flow in moves if day <= on]
    return bool(known) and FLOW_TO_STATUS[Flow(known[-1])] == Status.ACTIVE


def figures_page(
    continuum: Continuum, viewer: User, *, region: Region | None, need: str, now: datetime
) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded."""
    on = local_day(now, continuum.zone)
    months = figures(people_of(viewer, on=on, region=region, need=need), on=on)
    audit.services.record(VIEWED, actor=viewer, continuum_id=continuum.pk, detail={}, now=now)
    return {
        "months": list(reversed(months)),
        "inflow": [SHORT.get(name, MEASURES[name]) for name in INFLOW],
        "outflow": [SHORT.get(name, MEASURES[name]) for name in OUTFLOW],
        "current": months[-1],
        "active_chart": charts.columns([(label(each), each.count("active")) for each in months]),
        "active_words": words_of("actively homeless", months, lambda each: each.count("active")),
        "flow_chart": charts.bars(
            [(f"{each.first:%B %Y}, {way}", numbers) for each, way, numbers in flows(months)],
            [(f"In: {MEASURES[name].lower()}", tone) for name, tone in INFLOW.items()]
            + [(f"Out: {MEASURES[name].lower()}", tone) for name, tone in OUTFLOW.items()],
        ),
        "flow_words": (
            f"In {months[-1].first:%B %Y}: {months[-1].inflow} in, {months[-1].outflow} out."
        ),
    }


def flows(months: Sequence[Month]) -> Iterator[tuple[Month, str, list[int]]]:
    """The last months’ inflow and outflow, newest first, each with its parts among all."""
    for each in reversed(months[-6:]):
        yield each, "in", [each.count(name) for name in INFLOW] + [0] * len(OUTFLOW)
        yield each, "out", [0] * len(INFLOW) + [each.count(name) for name in OUTFLOW]


def label(month: Month) -> str:
    return f"{month.first:%b}"


def words_of(what: str, months: Sequence[Month], number: Callable[[Month], int]) -> str:
    return (
        f"{number(months[0])} {what} in {months[0].first:%B %Y}, "
        f"{number(months[-1])} in {months[-1].first:%B %Y}."
    )


def households_behind(
    viewer: User, *, measure: str, month: str, region: Region | None, need: str, on: date
) -> tuple[ParticipantQuerySet, Month | None]:
    """The households that one figure counts, as a queryset; none for what is no figure."""
    people = people_of(viewer, on=on, region=region, need=need)
    found = next((each for each in figures(people, on=on) if each.key == month), None)
    keys = found.people.get(measure, set()) if found else set()
    return Participant.objects.filter(pk__in=keys), found
