"""An agency asks that a household be reviewed, and says why."""

import uuid
from collections import defaultdict
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts import undo
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting, Nomination, RosterEntry
from conferencing.reviews.reasons import nominated
from participants.models import Participant
from participants.own_words import note_typed

from .acts import lock_roster
from .criteria import scope

WITHDRAWN = "nomination"
NOMINATE = "conferencing.nominate_participant"


class Withdrawn(TypedDict):
    """What it takes to undo that a nomination was taken back: its key."""

    nomination: str


@transaction.atomic
def nominate_participant(
    meeting: Meeting, participant: Participant, *, reason: str, actor: User, now: datetime
) -> Nomination:
    """Nominate a household for a planned call, once per agency.

    A household on the roster already keeps its place and shows the nomination. Raises
    ValidationError when it has no active place on the list of the meeting's region, the agency
    nominated it before, or the call has begun.
    """
    meeting = lock_roster(meeting, now=now, may_be_settled=True)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    if place is None:
        raise ValidationError("Only an agency can nominate; add the household to the roster.")
    refuse_elsewhere(meeting, participant)
    former = Nomination.objects.filter(
        meeting=meeting, participant=participant, agency=place.agency
    ).first()
    if former and former.withdrawn_at is None:
        raise ValidationError(
            {"participant": f"Your agency has already nominated {participant.alias}."}
        )
    nomination = former or Nomination(meeting=meeting, participant=participant, agency=place.agency)
    nomination.by, nomination.at, nomination.withdrawn_at = actor, now, None
    nomination.answered_at = nomination.answer = None
    nomination.reason = reason.strip()
    nomination.full_clean()
    note_typed(nomination, "reason", actor=actor, values={"reason": reason.strip()})
    nomination.save()
    return nomination


def refuse_elsewhere(meeting: Meeting, participant: Participant) -> None:
    """Raise ValidationError for a household that the call does not concern, or no longer."""
    if not scope(meeting).filter(pk=participant.pk).exists():
        raise ValidationError(
            {
                "participant": f"{participant.alias} has no active place on the by-name list of "
                f"{meeting.scope_words}."
            }
        )


@transaction.atomic
def withdraw_nomination(nomination: Nomination, *, actor: User, now: datetime) -> Nomination:
    """Take a nomination back; the household stays on the roster if it is there."""
    nomination = Nomination.objects.select_for_update().get(pk=nomination.pk)
    if nomination.withdrawn_at is None:
        nomination.withdrawn_at = now
        nomination.save(update_fields=["withdrawn_at"])
    return nomination


def not_on_the_roster(meeting: Meeting) -> QuerySet[Nomination]:
    """Standing nominations of households that the roster does not hold."""
    listed = RosterEntry.objects.filter(meeting=meeting).values("participant")
    return (
        Nomination.objects.filter(meeting=meeting, withdrawn_at__isnull=True)
        .exclude(participant__in=listed)
        .select_related("participant__region", "agency", "by")
        .order_by("at")
    )


@transaction.atomic
def undo_withdrawal(data: Withdrawn, *, actor: User, now: datetime) -> None:
    """Let a nomination stand again that its agency had taken back."""
    found = Nomination.objects.select_related("meeting").filter(pk=data["nomination"]).first()
    undo.refuse_changed(found is not None)
    assert found is not None
    own = StaffMember.objects.current().filter(user=actor, agency=found.agency_id)
    if not (own.exists() and actor.has_perm(NOMINATE, found.meeting)):
        raise PermissionDenied
    meeting = lock_roster(found.meeting, now=now, may_be_settled=True)
    nomination = Nomination.objects.select_for_update().filter(pk=found.pk).first()
    undo.refuse_changed(nomination is not None and nomination.withdrawn_at is not None)
    assert nomination is not None
    refuse_elsewhere(meeting, nomination.participant)
    nomination.withdrawn_at = None
    nomination.save(update_fields=["withdrawn_at"])


@transaction.atomic
def answer_nominations(meeting: Meeting, *, words: str, actor: User, now: datetime) -> None:
    """Tell the agencies whose households are not on the roster that it is settled without them.

    `words` say why, if the CE Specialist likes; each agency reads them on its nominations. Said
    without words, an answer that was given before stays.
    """
    meeting = lock_roster(meeting, now=now, may_be_settled=True)
    for nomination in not_on_the_roster(meeting):
        if nomination.answered_at and not words.strip():
            continue
        nomination.answered_at, nomination.answer = now, words.strip() or None
        note_typed(nomination, "answer", actor=actor, values={"answer": words.strip()})
        nomination.save(update_fields=["answered_at", "answer"])


def nominations(meeting: Meeting) -> defaultdict[uuid.UUID, list[str]]:
    """Return `{participant id: [words]}` for the standing nominations of a meeting."""
    found: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    standing = Nomination.objects.filter(meeting=meeting, withdrawn_at__isnull=True)
    for each in standing.select_related("agency").order_by("at"):
        found[each.participant_id].append(nominated(each))
    return found
