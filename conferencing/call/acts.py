"""The call as it is held: begun, then household by household.

Source: River Valleys, “Roles”: the facilitator keeps time and makes sure that every household
leaves with an action step and a follow-up person; Three County: who is not reached is taken up
first at the next call.
"""

import uuid
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.at_once import IS_CLOSED, tell_followers
from conferencing.due import EARLY
from conferencing.elements import ELEMENTS, WORDS
from conferencing.models import Call, Meeting, Review, RosterEntry
from conferencing.nothing_to_discuss.acts import (
    block_of,
    discuss_after_all,
    pull_back_changed,
    pull_back_listed,
)
from conferencing.reviews.last import Whereabouts, last_reviews, whereabouts
from conferencing.roster.acts import fill, minutes_per_household, number_entries
from participants.models import Participant
from participants.naming import label_for
from participants.own_words import note_carried, note_edited, note_typed
from participants.services import participants as participant_services
from regions.clock import local_day
from regions.models import Region

from .attendance import expect_everybody, note_here

CALL_BEGUN = audit.actions.register("call.begun", "Began a call")
HOUSEHOLD_RAISED = audit.actions.register("call.household_raised", "Raised a household on a call")

NOT_MARKED = "It is not marked discussed yet."
CARRIED = tuple(each.key for each in ELEMENTS if not each.is_place)


@transaction.atomic
def begin_call(meeting: Meeting, *, actor: User, now: datetime) -> Call:
    """Open the call for everybody in it: who is expected, and one review per household.

    Each review begins with what the last one said, unconfirmed. Begun already: that call,
    unchanged. Raises ValidationError when the meeting is canceled, closed, or not due yet.
    """
    meeting = lock_meeting(meeting)
    call = Call.objects.filter(meeting=meeting).first()
    if call:
        return call
    if meeting.state != Meeting.State.PLANNED:
        raise ValidationError(f"The call is {meeting.get_state_display().lower()}.")
    if now < meeting.starts_at - EARLY:
        raise ValidationError(
            f"You can begin the call {EARLY.seconds // 60} minutes early, not sooner."
        )
    if not (meeting.roster_opened_at or meeting.roster_settled_at):
        fill(meeting, actor=actor, now=now)
        meeting.roster_opened_at = now
        meeting.save(update_fields=["roster_opened_at"])
    pull_back_changed(meeting, now=now)
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
        about=meeting,
        detail={"households": len(people)},
        now=now,
    )
    return call


def make_reviews(meeting: Meeting, people: list[Participant]) -> None:
    """One review per household that has none yet, prefilled from its last one.

    Where they stay begins as it is known now, whoever said so since that review. Who navigates is
    the household's own matter: it may have been changed between two calls.
    """
    former = last_reviews(people, before=meeting)
    known = whereabouts(people, meeting=meeting)
    had = set(meeting.reviews.values_list("participant", flat=True))
    navigators = StaffMember.objects.current().filter(
        pk__in=[person.navigator_id for person in people if person.navigator_id]
    )
    here = set(navigators.values_list("pk", flat=True))
    reviews = [
        Review(
            meeting=meeting,
            participant=person,
            navigator_id=person.navigator_id if person.navigator_id in here else None,
            **carried_elements(former.get(person.pk)),
            **known_location(person, known.get(person.pk)),
        )
        for person in people
        if person.pk not in had
    ]
    note_carried(reviews, *CARRIED_TEXTS)
    Review.objects.bulk_create(reviews)


CARRIED_TEXTS = (*WORDS, "systemic", "target_words")


def carried_elements(former: Review | None) -> dict[str, Any]:  # Any: a column’s value
    """The elements of the last review but where they stay, and the target that still holds."""
    if former is None:
        return {}
    carried = {name: getattr(former, name) for name in CARRIED}
    return carried | {
        "systemic": former.systemic,
        "target_kind": former.target_kind,
        "target_on": former.target_on,
        "target_words": former.target_words,
    }


def known_location(person: Participant, known: Whereabouts | None) -> dict[str, str | None]:
    """Where the household is known to stay, as a review begins with it."""
    if known is None:
        return {}
    words = None if person.is_confidential else known.words or None
    return {"location": known.kind, "location_words": words}


def lock_meeting(meeting: Meeting) -> Meeting:
    return (
        Meeting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )


def lock_call(meeting: Meeting, *, actor: User, now: datetime) -> Call:
    """Return the call, locked, with its meeting; ValidationError if it is not being held.

    `actor`, who is about to lead or write, is there from now on.
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
        raise ValidationError(IS_CLOSED)
    note_here(call, actor, now)
    return call


def lock_agenda(meeting: Meeting, *, actor: User, now: datetime) -> Call:
    """As `lock_call`, with the reviews locked before it.

    A save of notes holds its review and then counts up the call: whoever takes both in the other
    order would wait for it while it waits for them.
    """
    lock_reviews(meeting)
    return lock_call(meeting, actor=actor, now=now)


def lock_reviews(meeting: Meeting) -> None:
    reviews = Review.objects.filter(meeting=meeting.pk).order_by("pk")
    list(reviews.select_for_update(no_key=True).values_list("pk"))


def agenda(meeting: Meeting) -> list[Review]:
    """The reviews of a call in the order of its roster."""
    order = dict(meeting.roster.values_list("participant", "position"))
    reviews = list(meeting.reviews.select_related("participant"))
    return sorted(reviews, key=lambda each: order.get(each.participant_id, len(order) + 1))


def agenda_keys(meeting: Meeting) -> list[str]:
    """The entries of the agenda in their order, by their keys as text."""
    keys = meeting.roster.order_by("position").values_list("pk", flat=True)
    return [str(key) for key in keys]


@transaction.atomic
def put_on_table(meeting: Meeting, review: Review | None, *, actor: User, now: datetime) -> Call:
    """Take up a household, or none; the time of the one before it stops."""
    call = lock_agenda(meeting, actor=actor, now=now)
    if review is not None and review.meeting_id != call.meeting_id:
        raise ValidationError("This household is not on the roster of this call.")
    if review is not None and call.on_table_id == review.pk:
        return call
    stop_clock(call, now)
    call.on_table = review
    call.on_table_at = now if review else None
    call.save(update_fields=["on_table", "on_table_at"])
    if review is not None:
        Review.objects.filter(pk=review.pk, outcome=Review.Outcome.CARRIED_OVER).update(
            outcome=Review.Outcome.OPEN
        )
        discuss_after_all(review, actor=actor, now=now)
        begin_with_what_is_known(call.meeting, review)
    tell_followers(call.meeting_id)
    return call


def begin_with_what_is_known(meeting: Meeting, review: Review) -> None:
    """Where nobody confirmed a location yet, what was recorded since the call began counts."""
    review = Review.objects.select_related("participant").get(pk=review.pk)
    if review.location_changed != Review.Changed.NOT_RECORDED:
        return
    person = review.participant
    known = known_location(person, whereabouts([person], meeting=meeting).get(person.pk))
    if known and known["location"] != review.location:
        for name, value in known.items():
            setattr(review, name, value)
        review.save(update_fields=list(known))


def stop_clock(call: Call, now: datetime) -> None:
    """Add the time on the table to the household that lies there."""
    if call.on_table_id and call.on_table_at:
        seconds = max(int((now - call.on_table_at).total_seconds()), 0)
        Review.objects.filter(pk=call.on_table_id).update(seconds_used=F("seconds_used") + seconds)


def neighbour(
    meeting: Meeting, call: Call, step: int, *, left: Review | None = None, now: datetime
) -> Review:
    """The review before (-1) or after (1) the one on the table; after: the next one not done.

    Households that are read out as one are passed over.
    `left`: the one that was on the table last, where none is. Raises ValidationError when there is
    none.
    """
    every = agenda(meeting)
    aside = block_of(meeting, every, now=now)
    reviews = [each for each in every if each.participant_id not in aside]
    here = call.on_table_id or (left.pk if left else None)
    place = next((n for n, each in enumerate(reviews) if each.pk == here), None)
    if step < 0:
        if place is None:
            raise ValidationError("No household is being discussed. Start the next one.")
        if place == 0:
            raise ValidationError("This is the first household.")
        return reviews[place - 1]
    rest = reviews if place is None else reviews[place + 1 :] + reviews[:place]
    found = next((each for each in rest if each.outcome == Review.Outcome.OPEN), None)
    if found is None:
        raise ValidationError("No household waits any more.")
    return found


@transaction.atomic
def discuss(review: Review, *, actor: User, now: datetime) -> Review:
    """Mark a household discussed. It leaves with a step and a follow-up person, or with why not.

    Raises ValidationError that says what is missing.
    """
    call = lock_agenda(review.meeting, actor=actor, now=now)
    review = Review.objects.get(pk=review.pk)
    is_given = has_step(review)
    lacking = what_is_lacking(review, has_step=is_given)
    discuss_after_all(review, actor=actor, now=now)
    if lacking:
        code = None if is_given else "lacks_step"
        raise ValidationError([ValidationError(each, code=code) for each in lacking])
    if review.outcome != Review.Outcome.DISCUSSED:
        review.outcome, review.discussed_at = Review.Outcome.DISCUSSED, now
        review.save(update_fields=["outcome", "discussed_at"])
        tell_followers(call.meeting_id)
    return review


def has_step(review: Review) -> bool:
    return review.steps.filter(follow_up_person__isnull=False).exists()


def what_is_lacking(review: Review, *, has_step: bool) -> list[str]:
    """What a household still needs before it is done, in sentences; empty when nothing."""
    lacking = []
    if not has_step and not (review.no_step_reason or "").strip():
        lacking.append("Assign a step with a follow-up person, or say why no step is needed.")
    if review.is_exception and not (review.exception_reason or "").strip():
        lacking.append("Say why a priority exception is made.")
    return lacking


@transaction.atomic
def reopen(review: Review, *, actor: User, now: datetime) -> None:
    """Take a household that was done up again."""
    call = lock_agenda(review.meeting, actor=actor, now=now)
    discuss_after_all(review, actor=actor, now=now)
    Review.objects.filter(pk=review.pk).update(outcome=Review.Outcome.OPEN, discussed_at=None)
    tell_followers(call.meeting_id)


@transaction.atomic
def carry_over(review: Review, *, actor: User, now: datetime) -> None:
    """Leave a household for the next call, where it comes first.

    Raises ValidationError for one that was discussed.
    """
    call = lock_agenda(review.meeting, actor=actor, now=now)
    review = Review.objects.get(pk=review.pk)
    if review.outcome == Review.Outcome.DISCUSSED:
        raise ValidationError("This household was discussed. Open it again to carry it over.")
    discuss_after_all(review, actor=actor, now=now)
    Review.objects.filter(pk=review.pk, outcome=Review.Outcome.OPEN).update(
        outcome=Review.Outcome.CARRIED_OVER, discussed_at=None
    )
    if call.on_table_id == review.pk:
        put_on_table(call.meeting, None, actor=actor, now=now)
    tell_followers(call.meeting_id)


@transaction.atomic
def move_on_agenda(
    meeting: Meeting, review: Review, *, by: int, actor: User, now: datetime
) -> None:
    """Move a household up (-1) or down (1) on the agenda of the running call."""
    entries = list(meeting.roster.select_for_update(no_key=True).order_by("position"))
    call = lock_call(meeting, actor=actor, now=now)
    place = next((n for n, e in enumerate(entries) if e.participant_id == review.participant_id), 0)
    other = place + (1 if by > 0 else -1)
    if 0 <= other < len(entries):
        entries[place], entries[other] = entries[other], entries[place]
        number_entries(meeting, entries)
        tell_followers(call.meeting_id)


@transaction.atomic
def raise_participant(
    meeting: Meeting, participant: Participant, *, because: str, actor: User, now: datetime
) -> Review:
    """Put a household on the agenda during the call, at the end; on it already: that review.

    Of any region: whoever visits a call brings households of their own. Why it was raised is kept
    beside why it was on the agenda already.
    """
    call = lock_agenda(meeting, actor=actor, now=now)
    meeting = call.meeting
    review = meeting.reviews.filter(participant=participant).first()
    if review:
        add_reason(meeting, participant, because.strip(), actor=actor, now=now)
        if discuss_after_all(review, actor=actor, now=now):
            tell_followers(meeting.pk)
        return review
    on_the_list = Participant.objects.on_the_list().filter(continuum=meeting.continuum_id)
    if not on_the_list.filter(pk=participant.pk).exists():
        raise ValidationError(f"{participant.alias} has no active place on the by-name list.")
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
    note_typed(entry, "added_because", actor=actor)
    entry.save()
    pull_back_listed(meeting, [participant], now=now)
    make_reviews(meeting, [participant])
    record_raised(meeting, participant, actor=actor, now=now)
    tell_followers(meeting.pk)
    return meeting.reviews.get(participant=participant)


def add_reason(
    meeting: Meeting, participant: Participant, because: str, *, actor: User, now: datetime
) -> None:
    """Write why somebody raised a household under why it is on the agenda, unless it says so."""
    entry = meeting.roster.select_for_update().filter(participant=participant).first()
    label = label_for(participant, actor, now)
    shown = label.to_edit(entry.added_because) if entry else ""
    if entry is None or not because or because in shown.split("\n"):
        return
    typed = "\n".join(filter(None, (shown, because)))
    entry.added_because = label.put_back(typed, entry.added_because)
    entry.full_clean()
    note_edited(entry, "added_because", actor=actor)
    entry.save(update_fields=["added_because"])
    record_raised(meeting, participant, actor=actor, now=now)
    tell_followers(meeting.pk)


def record_raised(
    meeting: Meeting, participant: Participant, *, actor: User, now: datetime
) -> None:
    audit.services.record(
        HOUSEHOLD_RAISED,
        actor=actor,
        about=participant,
        detail={"meeting": str(meeting.pk)},
        now=now,
    )


@transaction.atomic
def raise_alias(
    meeting: Meeting,
    *,
    agency: Agency,
    region: Region,
    alias: str,
    adults: int | None,
    children: int | None,
    because: str,
    actor: User,
    now: datetime,
    key: uuid.UUID,
) -> Review:
    """Add a household by alias alone (made, if none is given), and put it on the agenda.

    `key` is the form's own: sent twice, it is added once.
    """
    call = lock_call(meeting, actor=actor, now=now)
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
