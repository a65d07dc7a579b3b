"""Referring the household on the table to an opening, as part of its review."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from conferencing.at_once import tell_followers
from conferencing.models import Review
from housing.models import Opening, Referral
from housing.referrals.acts import propose
from housing.referrals.pages import people_to_follow_up
from participants.models import Participant

from .acts import lock_agenda

NOBODY = "Nobody could follow up. Refer it from the household’s page, and choose somebody."


@transaction.atomic
def refer_at_call(review: Review, opening: Opening, *, actor: User, now: datetime) -> Referral:
    """Refer the household with one press: its navigator follows up, else who keeps the record.

    Pressed twice, by one or by two, it is referred once. Raises ValidationError where nothing is
    left of the opening.
    """
    call = lock_agenda(review.meeting, actor=actor, now=now)
    participant = Participant.objects.get(pk=review.participant_id)
    follow_up = people_to_follow_up(participant, actor)
    if follow_up is None:
        raise ValidationError(NOBODY)
    referral = propose(
        opening, participant, follow_up=follow_up, actor=actor, now=now, review=review.pk
    )
    tell_followers(call.meeting_id)
    return referral


def key_of(text: str | None) -> UUID | None:
    """The key that a page sent; None for what is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
