"""Steps that are given during a call."""

from django.core.exceptions import ValidationError
from django.db import transaction

from agreements.leaving import HAS_LEFT, hold_places
from agreements.models import StaffMember
from conferencing.at_once import tell_followers
from conferencing.careful_words import hints
from conferencing.models import ActionItem, Review
from conferencing.steps.acts import report_progress
from participants.own_words import note_typed, whose
from regions.clock import local_day

from .acts import lock_call


@transaction.atomic
def add_step(
    review, *, what, agency, follow_up_person, due_on, is_critical, keep_words, key, actor, now
):
    """Give a step, with its follow-up person and date, to an agency. Sent twice: given once.

    Whether it is critical is what was sent last: ticked after an answer was lost, it counts.
    `keep_words`: the writer was shown the hint on the words and keeps them. Raises
    ValidationError by field.
    """
    has_place = hold_places([follow_up_person.pk])
    call = lock_call(review.meeting, actor=actor, now=now)
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
    tell_followers(call.meeting_id)
    return step


def refuse_words(what, participant, *, keep_words):
    """Raise ValidationError: code "hint" for what the writer may keep, "refused" for the rest."""
    found = hints(what, is_confidential=participant.is_confidential)
    refused = [each for each in found if each.is_refused]
    code = "refused" if refused else "hint"
    words = list(dict.fromkeys(each.words for each in refused or found))
    if refused or (found and not keep_words):
        raise ValidationError({"what": [ValidationError(each, code=code) for each in words]})


@transaction.atomic
def remove_step(step, *, actor, now):
    """Take back a step of the running call, as long as nobody reported on it."""
    call = lock_call(step.review.meeting, actor=actor, now=now)
    step = ActionItem.objects.select_related("review").filter(pk=step.pk).first()
    if step is None:
        return
    if step.updates.exists():
        raise ValidationError("Somebody reported on this step already. Report it as not needed.")
    is_last = not step.review.steps.exclude(pk=step.pk).exists()
    if step.review.outcome == Review.Outcome.DISCUSSED and is_last and not has_reason(step.review):
        raise ValidationError("The household was discussed with this step. Open it again first.")
    step.delete()
    tell_followers(call.meeting_id)


def has_reason(review):
    return bool((review.no_step_reason or "").strip())


@transaction.atomic
def report_at_call(meeting, step, *, actor, now, **report):
    """Write down what an agency says on the call of its step (see `report_progress`).

    The report stays the agency's: it says who noted it.
    """
    call = lock_call(meeting, actor=actor, now=now)
    own = StaffMember.objects.current().filter(user=actor, agency=step.agency_id)
    said_by = None if own.exists() else step.agency
    update = report_progress(step, actor=actor, now=now, said_by=said_by, **report)
    tell_followers(call.meeting_id)
    return update
