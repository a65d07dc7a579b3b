"""The call as it is held: begun, household by household, closed.

Source: River Valleys, “Roles”: the facilitator keeps time and makes sure that every household
leaves with an action step and a follow-up person; Three County: who is not reached is taken up
first at the next call.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

import audit.actions
import audit.services
from conferencing.models import ActionItem, Call, Meeting, Review, RosterEntry
from participants.models import LivingSituation, Participant
from participants.services import participants as participant_services
from regions.clock import local_day

from .attendance import expect_everybody
from .criteria import scope
from .minutes import freeze_minutes, tell_new_steps
from .roster import minutes_per_household, number_entries, open_roster
from .snapshots import last_reviews
from .systemic import note_systemic_barriers

CALL_BEGUN = audit.actions.declare("call.begun", "Began a call")
CALL_CLOSED = audit.actions.declare("call.closed", "Closed a call")
HOUSEHOLD_RAISED = audit.actions.declare("call.household_raised", "Raised a household on a call")

# A call may be begun so long before its time: people come early.
EARLY = timedelta(minutes=30)
ELEMENTS = ("location", "location_words", "preferences", "barriers", "safety")
IS_CLOSED = "The call is closed. Corrections are added to its minutes."


@transaction.atomic
def begin_call(meeting, *, actor, now):
    """Open the call for everybody in it: who is expected, and one review per household.

    Each review begins with what the last one said, unconfirmed. Begun already: that call,
    unchanged. Raises ValidationError when the meeting is cancelled, closed, or not due yet.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    call = Call.objects.filter(meeting=meeting).first()
    if call:
        return call
    if meeting.state != Meeting.State.PLANNED:
        raise ValidationError(f"The call is {meeting.get_state_display().lower()}.")
    if now < meeting.starts_at - EARLY:
        raise ValidationError(
            f"The call can be begun {EARLY.seconds // 60} minutes before its time, not earlier."
        )
    if meeting.starts_at > now:
        open_roster(meeting, actor=actor, now=now)
    call = Call.objects.create(meeting=meeting, began_at=now, began_by=actor)
    people = [
        entry.participant
        for entry in meeting.roster.select_related("participant").order_by("position")
    ]
    make_reviews(meeting, people)
    expect_everybody(meeting)
    audit.services.record(
        CALL_BEGUN,
        actor=actor,
        continuum_id=meeting.continuum_id,
        about=meeting,
        detail={"households": len(people)},
        now=now,
    )
    return call


def make_reviews(meeting, people):
    """One review per household that has none yet, prefilled from its last one."""
    former = last_reviews(people, before=meeting)
    had = set(meeting.reviews.values_list("participant", flat=True))
    Review.objects.bulk_create(
        Review(meeting=meeting, participant=person, **carried_elements(former.get(person.pk)))
        for person in people
        if person.pk not in had
    )


def carried_elements(former):
    """The four elements of the last review, and the date and navigator that still hold."""
    if former is None:
        return {}
    carried = {name: getattr(former, name) for name in ELEMENTS}
    return carried | {
        "systemic": former.systemic,
        "navigator_id": former.navigator_id,
        "target_kind": former.target_kind,
        "target_on": former.target_on,
        "target_words": former.target_words,
    }


def lock_call(meeting):
    """Return the call, locked, with its meeting; ValidationError if it is not being held."""
    call = (
        Call.objects.select_for_update(of=("self",))
        .select_related("meeting__continuum", "meeting__region")
        .filter(meeting=meeting.pk)
        .first()
    )
    if call is None:
        raise ValidationError("The call has not begun.")
    if not call.is_open:
        raise ValidationError(IS_CLOSED)
    return call


def tell_followers(meeting_id, *, frame=True):
    """Let everybody who follows the call see that something changed."""
    changes = {"version": F("version") + 1}
    if frame:
        changes["frame"] = F("frame") + 1
    Call.objects.filter(meeting=meeting_id).update(**changes)


def agenda(meeting):
    """The reviews of a call in the order of its roster."""
    order = dict(meeting.roster.values_list("participant", "position"))
    reviews = list(meeting.reviews.select_related("participant"))
    return sorted(reviews, key=lambda each: order.get(each.participant_id, len(order) + 1))


@transaction.atomic
def put_on_table(meeting, review, *, actor, now):
    """Take up a household, or none; the time of the one before it stops."""
    call = lock_call(meeting)
    if review is not None and review.meeting_id != call.meeting_id:
        raise ValidationError("This household is not on the roster of this call.")
    if review is not None and call.on_table_id == review.pk:
        return call
    stop_clock(call, now)
    call.on_table = review
    call.on_table_at = now if review else None
    call.save(update_fields=["on_table", "on_table_at"])
    if review is not None and review.outcome == Review.Outcome.CARRIED_OVER:
        Review.objects.filter(pk=review.pk).update(outcome=Review.Outcome.OPEN)
    tell_followers(call.meeting_id)
    return call


def stop_clock(call, now):
    """Add the time on the table to the household that lies there."""
    if call.on_table_id:
        seconds = max(int((now - call.on_table_at).total_seconds()), 0)
        Review.objects.filter(pk=call.on_table_id).update(seconds_used=F("seconds_used") + seconds)


def neighbour(meeting, call, step):
    """The review before (-1) or after (1) the one on the table; after: the next one not done."""
    reviews = agenda(meeting)
    place = next((n for n, each in enumerate(reviews) if each.pk == call.on_table_id), None)
    if step < 0:
        return reviews[place - 1] if place else None
    rest = reviews if place is None else reviews[place + 1 :] + reviews[:place]
    return next((each for each in rest if each.outcome == Review.Outcome.OPEN), None)


@transaction.atomic
def discuss(review, *, actor, now):
    """Mark a household discussed. It leaves with a step and a follow-up person, or with why not.

    Raises ValidationError that says what is missing.
    """
    call = lock_call(review.meeting)
    review = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    lacking = what_is_lacking(review)
    if lacking:
        raise ValidationError(lacking)
    if review.outcome != Review.Outcome.DISCUSSED:
        review.outcome, review.discussed_at = Review.Outcome.DISCUSSED, now
        review.save(update_fields=["outcome", "discussed_at"])
        tell_followers(call.meeting_id)
    return review


def what_is_lacking(review):
    """What a household still needs before it is done, in sentences; empty when nothing."""
    lacking = []
    has_step = review.steps.filter(follow_up_person__isnull=False).exists()
    if not has_step and not (review.no_step_reason or "").strip():
        lacking.append("Give a step with a follow-up person, or say why no step is needed.")
    if review.is_exception and not (review.exception_reason or "").strip():
        lacking.append("Say why a priority exception is made.")
    return lacking


@transaction.atomic
def reopen(review, *, actor, now):
    """Take a household that was done up again."""
    call = lock_call(review.meeting)
    Review.objects.filter(pk=review.pk).update(outcome=Review.Outcome.OPEN, discussed_at=None)
    tell_followers(call.meeting_id)


@transaction.atomic
def carry_over(review, *, actor, now):
    """Leave a household for the next call, where it comes first."""
    call = lock_call(review.meeting)
    Review.objects.filter(pk=review.pk, outcome=Review.Outcome.OPEN).update(
        outcome=Review.Outcome.CARRIED_OVER, discussed_at=None
    )
    if call.on_table_id == review.pk:
        put_on_table(call.meeting, None, actor=actor, now=now)
    tell_followers(call.meeting_id)


@transaction.atomic
def carry_over_rest(meeting, *, actor, now):
    """Leave every household that was not discussed for the next call."""
    call = lock_call(meeting)
    put_on_table(meeting, None, actor=actor, now=now)
    meeting.reviews.filter(outcome=Review.Outcome.OPEN).update(outcome=Review.Outcome.CARRIED_OVER)
    tell_followers(call.meeting_id)


@transaction.atomic
def move_on_agenda(meeting, review, *, by, actor, now):
    """Move a household up (-1) or down (1) on the agenda of the running call."""
    call = lock_call(meeting)
    entries = list(meeting.roster.order_by("position"))
    place = next((n for n, e in enumerate(entries) if e.participant_id == review.participant_id), 0)
    other = place + (1 if by > 0 else -1)
    if 0 <= other < len(entries):
        entries[place], entries[other] = entries[other], entries[place]
        number_entries(meeting, entries)
        tell_followers(call.meeting_id)


@transaction.atomic
def raise_participant(meeting, participant, *, because, actor, now):
    """Put a household on the agenda during the call, at the end; on it already: that review."""
    call = lock_call(meeting)
    meeting = call.meeting
    review = meeting.reviews.filter(participant=participant).first()
    if review:
        return review
    if not scope(meeting).filter(pk=participant.pk).exists():
        raise ValidationError(
            f"{participant.alias} has no active place on the by-name list of {meeting.scope_words}."
        )
    last = meeting.roster.aggregate(last=Max("position"))["last"] or 0
    entry = RosterEntry(
        meeting=meeting,
        participant=participant,
        position=last + 1,
        source=RosterEntry.Source.RAISED,
        reasons=[{"kind": "raised", "words": "Raised on the call"}],
        added_because=because.strip(),
        minutes=minutes_per_household(meeting),
        added_by=actor,
    )
    entry.full_clean()
    entry.save()
    make_reviews(meeting, [participant])
    audit.services.record(
        HOUSEHOLD_RAISED,
        actor=actor,
        continuum_id=meeting.continuum_id,
        about=participant,
        detail={"meeting": str(meeting.pk)},
        now=now,
    )
    tell_followers(meeting.pk)
    return meeting.reviews.get(participant=participant)


@transaction.atomic
def raise_alias(meeting, *, agency, region, alias, adults, children, because, actor, now, key):
    """Add a household by alias alone (made, if none is given), and put it on the agenda.

    `key` is the form's own: sent twice, it is added once.
    """
    call = lock_call(meeting)
    participant = participant_services.add_participant(
        call.meeting.continuum,
        agency=agency,
        region=region,
        alias=alias,
        adults=adults,
        children=children,
        listed_on=local_day(now, call.meeting.continuum.zone),
        pk=key,
        actor=actor,
        now=now,
    )
    return raise_participant(meeting, participant, because=because, actor=actor, now=now)


@transaction.atomic
def close_call(meeting, *, actor, now):
    """Close the call: nothing is open any more; what was decided takes effect.

    Raises ValidationError while a household is neither discussed nor carried over. Closed
    already: nothing happens.
    """
    call = (
        Call.objects.select_for_update(of=("self",))
        .select_related("meeting__continuum", "meeting__region")
        .filter(meeting=meeting.pk)
        .first()
    )
    if call is None:
        raise ValidationError("The call has not begun.")
    if not call.is_open:
        return call
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    waiting = meeting.reviews.filter(outcome=Review.Outcome.OPEN).count()
    if waiting:
        raise ValidationError(
            f"{waiting} household{' is' if waiting == 1 else 's are'} still open. Discuss or "
            "carry over each one first."
        )
    stop_clock(call, now)
    call.on_table = call.on_table_at = None
    call.closed_at, call.closed_by = now, actor
    call.version, call.frame = F("version") + 1, F("frame") + 1
    call.save()
    call.refresh_from_db()
    meeting.state = Meeting.State.CLOSED
    meeting.save(update_fields=["state"])
    take_effect(meeting, actor=actor, now=now)
    note_systemic_barriers(meeting, actor=actor, now=now)
    freeze_minutes(meeting, actor=actor, now=now)
    tell_new_steps(meeting, actor=actor, now=now)
    audit.services.record(
        CALL_CLOSED,
        actor=actor,
        continuum_id=meeting.continuum_id,
        about=meeting,
        detail={
            "discussed": meeting.reviews.filter(outcome=Review.Outcome.DISCUSSED).count(),
            "carried_over": meeting.reviews.filter(outcome=Review.Outcome.CARRIED_OVER).count(),
            "steps": ActionItem.objects.filter(review__meeting=meeting).count(),
        },
        now=now,
    )
    return call


def take_effect(meeting, *, actor, now):
    """What was said becomes what is known: where a household stays, and who navigates for it."""
    on = local_day(now, meeting.continuum.zone)
    discussed = meeting.reviews.filter(outcome=Review.Outcome.DISCUSSED).select_related(
        "participant"
    )
    for review in discussed:
        person = review.participant
        if review.location and review.location_changed == Review.Changed.CHANGED:
            LivingSituation.objects.create(
                participant=person,
                kind=review.location,
                words=None if person.is_confidential else review.location_words or None,
                on=on,
                by=actor,
            )
        changes = []
        if review.location and review.location_changed != Review.Changed.NOT_RECORDED:
            person.is_unsheltered = review.location == LivingSituation.Kind.UNSHELTERED
            changes.append("is_unsheltered")
        if review.navigator_id and person.navigator_id != review.navigator_id:
            person.navigator_id = review.navigator_id
            changes.append("navigator")
        if changes:
            Participant.objects.filter(pk=person.pk).update(
                **{name: getattr(person, name) for name in changes}
            )
