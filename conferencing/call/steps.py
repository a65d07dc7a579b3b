"""Steps that are given during a call."""

import uuid
from datetime import date, datetime
from typing import Unpack, cast

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from agreements.leaving import HAS_LEFT, hold_places
from agreements.models import Agency, StaffMember
from conferencing.at_once import tell_followers
from conferencing.careful_words import hints
from conferencing.models import ActionItem, Meeting, ProgressUpdate, Review
from conferencing.nothing_to_discuss.acts import discuss_after_all
from conferencing.steps.acts import Report, report_progress
from participants.models import Participant
from participants.own_words import note_typed, whose
from regions.clock import local_day

from .acts import lock_agenda, lock_call


@transaction.atomic
def add_step(
    review: Review,
    *,
    what: str,
    agency: Agency,
    follow_up_person: StaffMember,
    due_on: date,
    is_critical: bool,
    keep_words: bool,
    key: uuid.UUID,
    actor: User,
    now: datetime,
) -> ActionItem:
    """Give a step, with its follow-up person and date, to an agency. Sent twice: given once.

    Whether it is critical is what was sent last: ticked after an answer was lost, it counts.
    `keep_words`: the writer was shown the hint on the words and keeps them. Raises
    ValidationError by field.
    """
    has_place = hold_places([follow_up_person.pk])
    call = lock_agenda(review.meeting, actor=actor, now=now)
    former = ActionItem.objects.filter(pk=key).first()
    if former:
        held = (former.review_id, former.what, former.follow_up_person_id, former.due_on)
        sent = (review.pk, what.strip(), follow_up_person.pk, due_on)
        # What somebody else wrote answers nobody's guess.
        if actor.pk not in whose([former.what])[0] or held != sent:
            raise ValidationError(
                "This form was sent before with other words. Send it again.", code="used_before"
            )
        if former.is_critical != is_critical:
            former.is_critical = is_critical
            former.save(update_fields=["is_critical"])
            tell_followers(call.meeting_id)
        return former
    if not has_place:
        raise ValidationError({"follow_up_person": HAS_LEFT})
    if follow_up_person.agency_id != agency.pk:
        raise ValidationError(
            {"follow_up_person": f"{follow_up_person.user.name} is not of {agency.name}."}
        )
    if due_on < local_day(now, call.meeting.continuum.zone):
        raise ValidationError({"due_on": "This day is past. Choose today or a later one."})
    refuse_words(what, review.participant, keep_words=keep_words)
    step = ActionItem(
        pk=key,
        participant=review.participant,
        review=review,
        what=what.strip(),
        agency=agency,
        follow_up_person=follow_up_person,
        due_on=due_on,
        is_critical=is_critical,
        created_at=now,
    )
    step.full_clean()
    note_typed(step, "what", actor=actor)
    step.save(force_insert=True)
    discuss_after_all(review, actor=actor, now=now)
    tell_followers(call.meeting_id)
    return step


def refuse_words(what: str, participant: Participant, *, keep_words: bool) -> None:
    """Raise ValidationError: code "hint" for what the writer may keep, "refused" for the rest."""
    found = hints(what, is_confidential=participant.is_confidential)
    refused = [each for each in found if each.is_refused]
    code = "refused" if refused else "hint"
    words = list(dict.fromkeys(each.words for each in refused or found))
    if refused or (found and not keep_words):
        raise ValidationError({"what": [ValidationError(each, code=code) for each in words]})


@transaction.atomic
def remove_step(step: ActionItem, *, actor: User, now: datetime) -> None:
    """Take back a step of the running call, as long as nobody reported on it."""
    call = lock_call(review_of(step).meeting, actor=actor, now=now)
    found = ActionItem.objects.select_related("review").filter(pk=step.pk).first()
    if found is None:
        return
    if found.updates.exists():
        raise ValidationError("Somebody reported on this step already. Report it as not needed.")
    review = review_of(found)
    is_last = not review.steps.exclude(pk=found.pk).exists()
    if review.outcome == Review.Outcome.DISCUSSED and is_last and not has_reason(review):
        raise ValidationError("The household was discussed with this step. Open it again first.")
    found.delete()
    tell_followers(call.meeting_id)


def review_of(step: ActionItem) -> Review:
    """At which a step of a call was given."""
    return cast(Review, step.review)  # as every step that is given at a call has


def has_reason(review: Review) -> bool:
    return bool((review.no_step_reason or "").strip())


@transaction.atomic
def report_at_call(
    meeting: Meeting, step: ActionItem, *, actor: User, now: datetime, **report: Unpack[Report]
) -> ProgressUpdate:
    """Write down what an agency says on the call of its step (see `report_progress`).

    The report stays the agency's: it says who noted it.
    """
    call = lock_agenda(meeting, actor=actor, now=now)
    own = StaffMember.objects.current().filter(user=actor, agency=step.agency_id)
    said_by = None if own.exists() else step.agency
    update = report_progress(step, actor=actor, now=now, said_by=said_by, **report)
    review = meeting.reviews.filter(participant=step.participant_id).first()
    if review is not None:
        discuss_after_all(review, actor=actor, now=now)
    tell_followers(call.meeting_id)
    return update
