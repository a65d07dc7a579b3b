"""The end of a call: nothing is open any more, and what was said takes effect."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.leaving import hold_places
from audit.history import events_of
from conferencing.follow_through.systemic import note_systemic_barriers
from conferencing.minutes import freeze_minutes, tell_new_steps
from conferencing.models import ActionItem, Call, Meeting, Review
from participants.models import LivingSituation, Participant
from participants.own_words import note_carried
from regions.clock import local_day
from regions.models import Continuum

from .acts import (
    lock_agenda,
    lock_meeting,
    stop_clock,
    what_is_lacking,
)
from .nothing import reopen_changed

Changes = dict[str, object]  # of a household’s row, by column

CALL_CLOSED = audit.actions.register("call.closed", "Closed a call")


@transaction.atomic
def close_call(meeting: Meeting, *, carries_over: bool = False, actor: User, now: datetime) -> Call:
    """Close the call: nothing is open any more; what was decided takes effect.

    `carries_over`: what is open is left for the next call. Raises ValidationError while a
    household is neither discussed nor carried over, or was discussed and has lost its step or
    its reasons since. Closed already: nothing happens.
    """
    hold_places(Review.objects.filter(meeting=meeting.pk).values_list("navigator", flat=True))
    # In the order in which roles are given and lists are frozen, so that nobody waits in a ring.
    Continuum.objects.select_for_update(no_key=True).get(pk=meeting.continuum_id)
    meeting = lock_meeting(meeting)
    call = Call.objects.filter(meeting=meeting).first()
    if call and not call.is_open:
        return call
    call = lock_agenda(meeting, actor=actor, now=now)
    stop_clock(call, now)
    reopen_changed(meeting, now=now)
    if carries_over:
        meeting.reviews.filter(outcome=Review.Outcome.OPEN).update(
            outcome=Review.Outcome.CARRIED_OVER
        )
    refuse_unfinished(meeting)
    call.on_table = call.on_table_at = None
    call.closed_at, call.closed_by = now, actor
    call.version, call.frame = call.version + 1, call.frame + 1
    call.save()
    meeting.state = Meeting.State.CLOSED
    meeting.save(update_fields=["state"])
    take_effect(meeting, actor=actor, now=now)
    note_systemic_barriers(meeting, actor=actor, now=now)
    freeze_minutes(meeting, actor=actor, now=now)
    tell_new_steps(meeting, actor=actor, now=now)
    audit.services.record(
        CALL_CLOSED,
        actor=actor,
        about=meeting,
        detail={
            "discussed": meeting.reviews.filter(outcome=Review.Outcome.DISCUSSED).count(),
            "carried_over": meeting.reviews.filter(outcome=Review.Outcome.CARRIED_OVER).count(),
            "nothing_to_discuss": meeting.reviews.filter(outcome=Review.Outcome.NOTHING).count(),
            "steps": ActionItem.objects.filter(review__meeting=meeting).count(),
        },
        now=now,
    )
    return call


def refuse_unfinished(meeting: Meeting) -> None:
    """Raise ValidationError with every household that keeps the call from being closed."""
    waiting = meeting.reviews.filter(outcome=Review.Outcome.OPEN).count()
    if waiting:
        raise ValidationError(
            f"{waiting} household{' is' if waiting == 1 else 's are'} still open. Discuss or "
            "carry over each one first."
        )
    discussed = (
        meeting.reviews.filter(outcome=Review.Outcome.DISCUSSED)
        .select_related("participant")
        .with_step()
    )
    lacking = [
        f"{review.participant.alias}: {words}"
        for review in discussed
        for words in what_is_lacking(review, has_step=review.has_step)
    ]
    if lacking:
        raise ValidationError(sorted(lacking))


def take_effect(meeting: Meeting, *, actor: User, now: datetime) -> None:
    """What was said becomes what is known: where a household stays, and who navigates for it.

    Also of one that was spoken of and then carried over. Only what this call said, and as of the
    time at which it said it: what was recorded elsewhere after that stands.
    """
    for review in meeting.reviews.told():
        # In the row's own turn: who records a stay or hands a household on holds it too.
        rows = Participant.every.select_for_update(of=("self",), no_key=True)
        review.participant = rows.get(pk=review.participant_id)
        changes = take_location(review, meeting=meeting, actor=actor, now=now)
        changes |= take_navigator(review)
        if changes:
            Participant.objects.filter(pk=review.participant_id).update(**changes)


def take_location(review: Review, *, meeting: Meeting, actor: User, now: datetime) -> Changes:
    """Record where the household stays as the call said it; return what its row says by that.

    A place in words without its kind is recorded as of no known kind, and says nothing of the row.
    """
    is_said = review.location or review.location_words
    if not is_said or review.location_changed == Review.Changed.NOT_RECORDED:
        return {}
    person, said_at = review.participant, review.located_at or now
    on = local_day(said_at, meeting.continuum.zone)
    if review.location_changed == Review.Changed.CHANGED:
        stay = LivingSituation(
            participant=person,
            kind=review.location or LivingSituation.Kind.UNKNOWN,
            words=None if person.is_confidential else review.location_words or None,
            on=on,
            by=actor,
        )
        note_carried([stay], "words")
        stay.save(force_insert=True)
        LivingSituation.objects.filter(pk=stay.pk).update(recorded_at=said_at)
    if not review.location:
        return {}
    newest = person.situations.order_by("-on", "-recorded_at").first()
    kind = review.location
    if newest is not None and (newest.on, newest.recorded_at) > (on, said_at):
        kind = newest.kind
    return {"is_unsheltered": kind == LivingSituation.Kind.UNSHELTERED}


def take_navigator(review: Review) -> Changes:
    """Whom the call chose to navigate, if it did; where it did not, the review follows the row."""
    person = review.participant
    if person.navigator_id == review.navigator_id:
        return {}
    if review.navigator_said_at is None:
        if person.navigator is None or person.navigator.ended_on is None:
            review.navigator = person.navigator
            review.save(update_fields=["navigator"])
        return {}
    given_at = navigator_given_at(person)
    if given_at is not None and given_at > review.navigator_said_at:
        return {}
    if review.navigator_id and not hold_places([review.navigator_id]):
        return {}  # they left after the call chose them: nobody would follow up
    return {"navigator": review.navigator_id}


def navigator_given_at(person: Participant) -> datetime | None:
    """When the household got the navigator it has now, or lost the one it had."""
    given_at: datetime | None = None
    events = events_of(Participant).filter(pgh_obj_id=person.pk).order_by("-pgh_id")
    for navigator_id, at in events.values_list("navigator_id", "pgh_created_at"):
        if navigator_id != person.navigator_id:
            break
        given_at = at
    return given_at
