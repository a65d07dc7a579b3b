"""At a call: households with nothing to discuss are read out as one, and confirmed by one press.

What changed meanwhile takes a household out by itself, each time that it is asked; once it was
confirmed, within a minute, or as the call is closed (`reopen_changed`). Whatever is said of one, by
whoever leads or writes, puts it back on the agenda (`discuss_after_all`).
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts import undo
from accounts.models import User
from conferencing.at_once import tell_followers
from conferencing.models import Call, Meeting, Review
from conferencing.nothing_to_discuss.acts import block_of, discuss_after_all, pull_back_changed

from .acts import lock_agenda, lock_reviews
from .undo import seat_for

CONFIRMED = audit.actions.register(
    "call.nothing_confirmed", "Confirmed “nothing to discuss” on a call"
)
UNDO = "nothing-confirmed"
NOBODY = "No household waits to be read out."
CHANGED = "These households changed meanwhile. Read them out again, then confirm."


class Confirmed(TypedDict):
    """What it takes to undo that a block was confirmed: the call, and the reviews of the block."""

    meeting: str
    reviews: list[str]


@transaction.atomic
def confirm_nothing(
    meeting: Meeting, seen: Collection[uuid.UUID], *, actor: User, now: datetime
) -> Confirmed:
    """Confirm that of the households that were read out there is nothing to discuss.

    `seen`: their reviews, as the page showed them. Raises ValidationError where the block is
    empty, or no longer what was read out.
    """
    call = lock_agenda(meeting, actor=actor, now=now)
    pull_back_changed(call.meeting, now=now)
    reviews = list(meeting.reviews.filter(outcome=Review.Outcome.OPEN))
    marks = block_of(call.meeting, reviews, now=now)
    block = [each for each in reviews if each.participant_id in marks]
    if not block:
        raise ValidationError(NOBODY)
    if {each.pk for each in block} != set(seen):
        raise ValidationError(CHANGED)
    for review in block:
        review.outcome = Review.Outcome.NOTHING
    Review.objects.bulk_update(block, ["outcome"])
    record(meeting, block, actor=actor, now=now)
    tell_followers(meeting.pk)
    return {"meeting": str(meeting.pk), "reviews": [str(each.pk) for each in block]}


@transaction.atomic
def undo_confirmed(data: Confirmed, *, actor: User, now: datetime) -> None:
    """Have the block wait to be read out again."""
    meeting = seat_for(data["meeting"], actor, "may_steer", now)
    lock_agenda(meeting, actor=actor, now=now)
    block = meeting.reviews.filter(pk__in=data["reviews"], outcome=Review.Outcome.NOTHING)
    undo.refuse_changed(block.count() == len(data["reviews"]))
    block.update(outcome=Review.Outcome.OPEN)
    tell_followers(meeting.pk)


@transaction.atomic
def take_out(review: Review, *, actor: User, now: datetime) -> None:
    """Have one household of the block discussed after all. Out of it already: nothing happens."""
    call = lock_agenda(review.meeting, actor=actor, now=now)
    if discuss_after_all(review, actor=actor, now=now):
        tell_followers(call.meeting_id)


def reopen_changed(meeting: Meeting, *, now: datetime) -> None:
    """Have discussed of what was confirmed whatever something came in about since.

    Word of who could not come, a report, a guest: nobody at the call has heard of it. The caller
    holds the reviews.
    """
    confirmed = meeting.reviews.filter(outcome=Review.Outcome.NOTHING)
    if not confirmed.exists():
        return
    pulled = [mark.participant_id for mark in pull_back_changed(meeting, now=now)]
    if confirmed.filter(participant__in=pulled).update(outcome=Review.Outcome.OPEN):
        tell_followers(meeting.pk)


def reopen_changed_due(now: datetime) -> None:
    """Of every call that is being held: a step of the tick."""
    held = Meeting.objects.filter(
        call__closed_at__isnull=True, reviews__outcome=Review.Outcome.NOTHING
    )
    for meeting in held.select_related("continuum").distinct():
        with transaction.atomic():
            lock_reviews(meeting)
            if Call.objects.select_for_update().filter(meeting=meeting, closed_at=None).exists():
                reopen_changed(meeting, now=now)


def record(meeting: Meeting, block: Collection[Review], *, actor: User, now: datetime) -> None:
    audit.services.record(
        CONFIRMED,
        actor=actor,
        about=meeting,
        detail={"participants": sorted(str(each.participant_id) for each in block)},
        now=now,
    )
