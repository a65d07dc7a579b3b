"""What participants ask of what is held on them: to see it, to have it corrected.

Source: HUD 2004 privacy and security standards, 4.2.5: access to one's information, a correction
considered, a denial explained, request and reason kept. HUD names no number of days; the thirty
days of `ANSWER_WITHIN` are what is promised here.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import audit.actions
import audit.services
from accounts.models import User
from audit.models import JSON
from participants import disclosures
from participants.disclosures import shown_to
from participants.models import Participant, ParticipantQuerySet, RightsRequest
from participants.models.rights import RightsRequestQuerySet
from participants.naming import Label, labels
from participants.own_words import note_typed
from regions.clock import local_day
from regions.words import long_day_words

from .pages import record_look
from .participants import USED_BEFORE

RECEIVED = audit.actions.register("rights_request.received", "Recorded a participant’s request")
ANSWERED = audit.actions.register("rights_request.answered", "Answered a participant’s request")
DISAGREED = audit.actions.register(
    "rights_request.disagreed", "Recorded that a participant disagrees with an answer"
)
VIEWED = audit.actions.register("rights_requests.viewed", "Looked at participants’ requests")
disclosures.register(VIEWED, kind=disclosures.PAGE, what="Requests of participants")

ANSWER_WITHIN = timedelta(days=30)


@transaction.atomic
def record_request(
    participant: Participant,
    *,
    kind: str,
    received_on: date,
    by_whom: str,
    words: str,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
) -> RightsRequest:
    """Record what a participant asked for, and by when it is to be answered.

    `pk` is made with the form: one that was sent twice records once. Raises ValidationError for a
    day that is ahead.
    """
    typed = {"kind": kind, "received_on": received_on, "by_whom": by_whom, "words": words}
    former = pk and recorded_before(participant, pk, typed, actor)
    if former:
        return former
    if received_on > local_day(now, participant.continuum.zone):
        raise ValidationError({"received_on": "Enter the day on which it came: not one ahead."})
    request = RightsRequest(
        participant=participant,
        due_on=received_on + ANSWER_WITHIN,
        recorded_by=actor,
        recorded_at=now,
        **typed,
    )
    request.pk = pk or request.pk
    request.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            note_typed(request, "by_whom", "words", actor=actor)
            request.save(force_insert=True)
    except IntegrityError:
        # The same form, sent a moment ago, was still being saved when this one looked.
        former = pk and recorded_before(participant, pk, typed, actor)
        if former:
            return former
        raise
    _record(RECEIVED, request, actor=actor, now=now)
    return request


def recorded_before(
    participant: Participant, pk: uuid.UUID, typed: Mapping[str, object], actor: User
) -> RightsRequest | None:
    """The request that this very form recorded already, or None; raise if it held other things."""
    former = RightsRequest.objects.filter(pk=pk).first()
    if former is None:
        return None
    is_same = (former.participant_id, former.recorded_by_id) == (participant.pk, actor.pk)
    if not is_same or any(getattr(former, name) != value for name, value in typed.items()):
        raise ValidationError(USED_BEFORE, code="used_before")
    return former


@transaction.atomic
def answer_request(
    request: RightsRequest,
    *,
    outcome: str,
    answer: str,
    answered_on: date,
    actor: User,
    now: datetime,
) -> RightsRequest:
    """Say what became of a request. Answered already: nothing changes but for an error.

    A denial, in whole or in part, needs its reason in words: it is owed to the person.
    """
    request = locked(request)
    if request.answered_on is not None:
        raise ValidationError(f"It was answered on {long_day_words(request.answered_on)}.")
    if outcome != RightsRequest.Outcome.GRANTED and not answer.strip():
        raise ValidationError({"answer": "Say why. The reason is owed to the person who asked."})
    on = local_day(now, request.participant.continuum.zone)
    if not request.received_on <= answered_on <= on:
        raise ValidationError(
            {"answered_on": "Enter a day from the day it was received on, and not one ahead."}
        )
    request.outcome, request.answer = outcome, answer.strip() or None
    request.answered_on, request.answered_by = answered_on, actor
    request.full_clean(validate_unique=False)
    note_typed(request, "answer", actor=actor)
    request.save(update_fields=["outcome", "answer", "answered_on", "answered_by"])
    _record(ANSWERED, request, actor=actor, now=now, outcome=str(outcome))
    return request


@transaction.atomic
def record_disagreement(
    request: RightsRequest, *, disagreement: str, actor: User, now: datetime
) -> RightsRequest:
    """Keep the person's own short statement beside an answer that they do not accept."""
    request = locked(request)
    if request.answered_on is None or request.outcome == RightsRequest.Outcome.GRANTED:
        raise ValidationError("A statement goes with an answer that denied something.")
    if request.disagreement:
        raise ValidationError("There is a statement already. Record a new request.")
    request.disagreement = disagreement
    request.full_clean(validate_unique=False)
    note_typed(request, "disagreement", actor=actor)
    request.save(update_fields=["disagreement"])
    _record(DISAGREED, request, actor=actor, now=now)
    return request


def locked(request: RightsRequest) -> RightsRequest:
    return (
        RightsRequest.objects.select_for_update(of=("self",))
        .select_related("participant__continuum")
        .get(pk=request.pk)
    )


def _record(
    action: str, request: RightsRequest, *, actor: User, now: datetime, **detail: JSON
) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=request,
        detail={"participant": str(request.participant_id), "kind": str(request.kind), **detail},
        now=now,
    )


class RequestRow(TypedDict):
    """A request as its page shows it to whoever looks."""

    request: RightsRequest
    state: tuple[str, str]
    by_whom: str
    words: str
    answer: str
    disagreement: str


class RequestsPage(TypedDict):
    participant: Participant
    shown_as: Label
    requests: list[RequestRow]


def requests_page(participant: Participant, viewer: User, *, now: datetime) -> RequestsPage:
    """A participant's requests with what became of them; the look is recorded."""
    on = local_day(now, participant.continuum.zone)
    label = record_look(participant, viewer, now, page="requests", action=VIEWED)
    clean = label.clean
    found = participant.rights_requests.select_related("answered_by", "recorded_by")
    return {
        "participant": participant,
        "shown_as": label,
        "requests": [
            {
                "request": each,
                "state": state_of(each, on),
                "by_whom": clean(each.by_whom),
                "words": clean(each.words),
                "answer": clean(each.answer),
                "disagreement": clean(each.disagreement),
            }
            for each in found
        ],
    }


def state_of(request: RightsRequest, on: date) -> tuple[str, str]:
    """State and tone of a request on the local date `on`."""
    if request.answered_on:
        tone = "good" if request.outcome == RightsRequest.Outcome.GRANTED else "neutral"
        return request.get_outcome_display(), tone
    if request.due_on < on:
        return "Overdue", "bad"
    if request.due_on - on <= timedelta(days=7):
        return "Due soon", "warn"
    return "Open", "info"


def open_requests(user: User) -> RightsRequestQuerySet:
    """Requests not answered yet that `user` answers for, the earliest due first."""
    return RightsRequest.objects.open().kept_by(user).order_by("due_on", "received_on")


def open_requests_page(
    participants: ParticipantQuerySet, viewer: User, *, now: datetime
) -> dict[str, object]:
    """Open requests about those of `participants` whose record the viewer keeps.

    Recorded as a look at their households.
    """
    on = local_day(now, viewer.membership.continuum.zone)
    found = list(
        open_requests(viewer)
        .filter(participant__in=participants)
        .select_related("participant__agency")
    )
    names = labels({each.participant for each in found}, viewer, now)
    if found:
        audit.services.record(
            VIEWED,
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to(names),
            now=now,
        )
    rows = [
        {"request": each, "label": names[each.participant_id], "state": state_of(each, on)}
        for each in found
    ]
    return {"rows": rows}
