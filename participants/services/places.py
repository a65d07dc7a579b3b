"""Where households stay, and their moves on and off the by-name list."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

import audit.actions
from accounts.models import User
from participants.models import ListPlace, LivingSituation, Participant, PlaceChange
from participants.models.places import FLOW_TO_STATUS, FLOWS_FROM, Flow
from participants.own_words import note_carried, note_typed
from regions.words import long_day_words

from .participants import USED_BEFORE

PLACE_CHANGED = audit.actions.register(
    "participant.place_changed", "Changed a place on the by-name list"
)
PLACE_CORRECTED = audit.actions.register(
    "participant.place_corrected", "Corrected the history of a place on the by-name list"
)
STAY_RECORDED = audit.actions.register(
    "participant.stay_recorded", "Recorded where a participant stays"
)


def flows_for(participant: Participant) -> list[Flow]:
    """The moves that fit the household's status now."""
    place = getattr(participant, "place", None)
    return FLOWS_FROM[place.status if place else None]


def locked(participant: Participant) -> Participant:
    """The participant, held until the end of the transaction: one act at a time."""
    found = Participant.objects.select_for_update(of=("self",)).filter(pk=participant.pk).first()
    if found is None:
        raise ValidationError(
            "This record was joined with another one just now. Open the household’s page again."
        )
    return found


def hold(
    households: Iterable[uuid.UUID] | QuerySet[Any, Any],  # Any: of one column, their keys
    *,
    whole: bool = False,
) -> bool:
    """Let nobody change these until the end of the transaction; asked before they are read.

    And asked before the first act on one of them is recorded: from then on whoever records waits.
    In the order in which each act holds several. `whole`: nor add anything to them. Return whether
    there are any.
    """
    rows = Participant.every.filter(pk__in=households).order_by("pk")
    return bool(rows.select_for_update(of=("self",), no_key=not whole).values_list("pk"))


@transaction.atomic
def record_stay(
    participant: Participant,
    *,
    kind: str,
    happened_on: date,
    words: str,
    actor: User,
    now: datetime,
    pk: uuid.UUID | None = None,
) -> LivingSituation:
    """Record where the household stays on a day; the newest tells whether it is unsheltered.

    `pk` is made with the form: one that was sent twice records once.
    """
    participant = locked(participant)
    if participant.is_confidential and words:
        raise ValidationError(
            {"words": "For a victim service provider's participant only the kind is stored."}
        )
    former = LivingSituation.objects.filter(pk=pk).first() if pk else None
    if former:
        held = (former.participant_id, former.kind, former.on, former.words or "", former.by_id)
        if held != (participant.pk, kind, happened_on, words or "", actor.pk):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    stay = LivingSituation(
        participant=participant, kind=kind, on=happened_on, words=words or None, by=actor
    )
    stay.pk = pk or stay.pk
    stay.full_clean()
    note_typed(stay, "words", actor=actor)
    stay.save(force_insert=True)
    newest = participant.situations.order_by("-on", "-recorded_at")[0]
    # Not a change of what was typed about the household: a form that is open stays good.
    Participant.objects.filter(pk=participant.pk).update(
        is_unsheltered=newest.kind == LivingSituation.Kind.UNSHELTERED
    )
    audit.services.record(
        STAY_RECORDED, actor=actor, about=participant, detail={"kind": str(kind)}, now=now
    )
    return stay


@transaction.atomic
def change_place(
    participant: Participant,
    *,
    flow: str,
    happened_on: date,
    reason: str,
    actor: User,
    now: datetime,
) -> bool:
    """Move a household on or off the list, with date and reason; a return keeps the first date.

    Returns False, and changes nothing, for a move that this person recorded just so already.
    Raises ValidationError for a move that does not fit the status, and for a date before the
    last move.
    """
    participant = locked(participant)
    place = ListPlace.objects.filter(participant=participant).first()
    if is_repeated(participant, flow=flow, on=happened_on, reason=reason, actor=actor):
        return False
    if flow not in FLOWS_FROM[place.status if place else None]:
        now_words = f"“{place.get_status_display()}”" if place else "not on the list"
        raise ValidationError(
            {
                "flow": (
                    f"The household is {now_words} by now, and “{Flow(flow).label}” does not fit. "
                    "Choose what happened since."
                )
            }
        )
    if place and happened_on < place.status_on:
        raise ValidationError(
            {
                "on": (
                    "Enter a date not before the last change of status, "
                    f"{long_day_words(place.status_on)}."
                )
            }
        )
    place = place or ListPlace(participant=participant, listed_on=happened_on)
    place.status, place.status_on = FLOW_TO_STATUS[flow], happened_on
    place.full_clean()
    place.save()
    change = PlaceChange(
        participant=participant, flow=flow, on=happened_on, reason=reason, by=actor
    )
    note_typed(change, "reason", actor=actor)
    change.save(force_insert=True)
    audit.services.record(
        PLACE_CHANGED,
        actor=actor,
        about=participant,
        why=reason,
        detail={"flow": str(flow)},
        now=now,
    )
    return True


def is_repeated(participant: Participant, *, flow: str, on: date, reason: str, actor: User) -> bool:
    last = participant.place_changes.standing().order_by("-recorded_at").first()
    return last is not None and (last.flow, last.on, last.reason, last.by_id) == (
        flow,
        on,
        reason,
        actor.pk,
    )


NOTHING_LEFT = (
    "This is the household's only move: it cannot be taken back. Correct its day, or change the "
    "place to “No longer meets criteria”."
)


def standing_moves(participant: Participant) -> list[PlaceChange]:
    """The moves that stand, oldest first."""
    return list(participant.place_changes.standing().order_by("on", "recorded_at"))


@transaction.atomic
def correct_place(
    change: PlaceChange, *, happened_on: date | None, reason: str, actor: User, now: datetime
) -> bool:
    """Put a move right: on another day, or, without `happened_on`, never.

    The former stays in the history. The place on the list follows. Returns False for a move that
    was corrected already. Raises ValidationError for a day outside the moves around it, for a
    move other than the last that is said never to have been, and for taking back the only move.
    """
    participant = locked(change.participant)
    change = PlaceChange.objects.get(pk=change.pk)
    if change.withdrawn_at is not None:
        return False
    moves = standing_moves(participant)
    at = next(place for place, move in enumerate(moves) if move.pk == change.pk)
    if happened_on is None:
        refuse_gap(moves, at)
    else:
        refuse_disorder(moves, at, happened_on)
    change.withdrawn_at, change.withdrawn_by, change.withdrawal_reason = now, actor, reason
    note_typed(change, "withdrawal_reason", actor=actor)
    change.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    if happened_on is not None:
        put_right(change, on=happened_on, actor=actor)
    follow_moves(participant, former=moves, was_first=at == 0)
    audit.services.record(
        PLACE_CORRECTED,
        actor=actor,
        about=participant,
        why=reason,
        detail={"flow": change.flow},
        now=now,
    )
    return True


def put_right(change: PlaceChange, *, on: date, actor: User) -> None:
    """The move on its right day; moves of one day keep the order in which they were recorded."""
    right = PlaceChange(
        participant_id=change.participant_id,
        flow=change.flow,
        on=on,
        reason=change.reason,
        by=actor,
    )
    note_carried([right], "reason")
    right.save(force_insert=True)
    PlaceChange.objects.filter(pk=right.pk).update(recorded_at=change.recorded_at)


def refuse_gap(moves: Sequence[PlaceChange], at: int) -> None:
    if len(moves) == 1:
        raise ValidationError({"what": NOTHING_LEFT})
    if at != len(moves) - 1:
        raise ValidationError(
            {"what": "Only the last move can be taken back. Take back the later ones first."}
        )


def refuse_disorder(moves: Sequence[PlaceChange], at: int, on: date) -> None:
    earliest = moves[at - 1].on if at else None
    latest = moves[at + 1].on if at + 1 < len(moves) else None
    if (earliest and on < earliest) or (latest and on > latest):
        around = [f"not before {long_day_words(earliest)}"] if earliest else []
        around += [f"not after {long_day_words(latest)}"] if latest else []
        raise ValidationError({"on": f"Enter a day {' and '.join(around)}: there is another move."})


def follow_moves(
    participant: Participant, *, former: Sequence[PlaceChange], was_first: bool
) -> None:
    """Set the place by the moves that stand; a corrected first move changes the first day."""
    moves = standing_moves(participant)
    place = ListPlace.objects.get(participant=participant)
    place.status, place.status_on = FLOW_TO_STATUS[moves[-1].flow], moves[-1].on
    if was_first and place.listed_on == former[0].on:
        place.listed_on = moves[0].on
    place.full_clean()
    place.save()
