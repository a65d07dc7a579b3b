"""Two histories on the by-name list made one: which moves stand, and since when it counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from participants.models import ListPlace, Participant, PlaceChange
from participants.models.places import FLOW_TO_STATUS, FLOWS_FROM

if TYPE_CHECKING:
    from .acts import Joining

Flow = PlaceChange.Flow
Status = ListPlace.Status
INTO_ACTIVE = {
    None: Flow.IDENTIFIED,
    Status.NO_LONGER: Flow.IDENTIFIED,
    Status.HOUSED: Flow.BACK_FROM_HOUSING,
    Status.INACTIVE: Flow.BACK_FROM_INACTIVE,
}
WHY = "Two records of one household were joined"


def fitting(flow: Flow, status: Status | None) -> Flow | None:
    """The move as it reads after `status`; None where it says nothing new."""
    if flow in FLOWS_FROM[status]:
        return flow
    if FLOW_TO_STATUS[flow] == Status.ACTIVE:
        return INTO_ACTIVE.get(status)
    return None


def replayed(
    chosen: Sequence[PlaceChange], other: Sequence[PlaceChange], place: ListPlace
) -> tuple[list[PlaceChange], list[tuple[PlaceChange, Flow]]]:
    """Return `(moves taken back, [(move, flow in its place)])` for the moves of both records.

    `chosen`: the moves of the record whose `place` counts from now on. What the other record says
    after the last of them does not stand; what both say alike counts once.
    """
    status: Status | None = None
    taken_back: list[PlaceChange] = []
    instead: list[tuple[PlaceChange, Flow]] = []
    theirs = {each.pk for each in other}
    for move in sorted([*chosen, *other], key=lambda each: (each.on, each.recorded_at)):
        flow = fitting(Flow(move.flow), status)
        if move.pk in theirs and move.on > place.status_on:
            flow = None
        if flow != move.flow:
            taken_back.append(move)
        if flow and flow != move.flow:
            instead.append((move, flow))
        if flow:
            status = FLOW_TO_STATUS[flow]
    if status == place.status:
        return taken_back, instead
    return simply(chosen, other), []


def simply(chosen: Sequence[PlaceChange], other: Sequence[PlaceChange]) -> list[PlaceChange]:
    """The chosen record's moves alone, begun by the earliest time that the household was found."""
    first_ones = FLOWS_FROM[None]
    found = [each for each in other if each.flow in first_ones]
    first = min(found, key=lambda each: each.on, default=None)
    own = chosen[0] if chosen and chosen[0].flow in first_ones else None
    if first is None or (own and own.on <= first.on):
        return list(other)
    return [each for each in [*other, *([own] if own else [])] if each is not first]


def join_places(joining: "Joining", chosen: Participant) -> None:
    """Leave one place: of the record `chosen`, counted from the earlier date of identification."""
    journal, keeper = joining.journal, joining.keeper
    places = {each.pk: ListPlace.objects.filter(participant=each).first() for each in joining.both}
    moves = {
        each.pk: list(each.place_changes.standing().order_by("on", "recorded_at"))
        for each in joining.both
    }
    place = places[chosen.pk]
    unchosen = joining.former if chosen.pk == keeper.pk else keeper
    if place is None:
        return
    if (beside := places[unchosen.pk]) is not None:
        listed_on = min(place.listed_on, beside.listed_on)
        taken_back, instead = replayed(moves[chosen.pk], moves[unchosen.pk], place)
    else:
        listed_on, taken_back, instead = place.listed_on, [], []
    for move in taken_back:
        journal.change(
            move, withdrawn_at=joining.now, withdrawn_by=joining.actor, withdrawal_reason=WHY
        )
    for move, flow in instead:
        journal.create(
            PlaceChange(
                participant=keeper, flow=flow, on=move.on, reason=move.reason, by=joining.actor
            )
        )
    left = [each for each in [*moves[chosen.pk], *moves[unchosen.pk]] if each not in taken_back]
    last = max([each.on for each in left] + [move.on for move, _ in instead], default=None)
    values: dict[str, Any] = {  # of each column its own
        "status": place.status,
        "status_on": last or place.status_on,
        "listed_on": listed_on,
    }
    if former := places[joining.former.pk]:
        journal.delete(former)
    if kept := places[keeper.pk]:
        journal.change(kept, **values)
    else:
        journal.create(ListPlace(participant=keeper, **values))
