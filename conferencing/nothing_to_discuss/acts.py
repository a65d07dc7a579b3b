"""Mark that there is nothing to discuss of a household, and pull it back."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts import undo
from accounts.models import User
from agreements.models import StaffMember
from conferencing.at_once import lock
from conferencing.models import Meeting, NothingToDiscuss, Review
from conferencing.permissions import permitted
from participants.models import Participant

from .households import as_they_are
from .rules import Found, Why, reasons_to_discuss

MARKED = audit.actions.register("nothing_to_discuss.marked", "Marked “nothing to discuss”")
PULLED_BACK = audit.actions.register(
    "nothing_to_discuss.pulled_back", "Put a household back on the agenda"
)
UNDO = "nothing-pulled-back"
MARK = "conferencing.mark_nothing_to_discuss"
PULL_BACK = "conferencing.pull_back"
NOT_SETTLED = "The roster is not settled. Households are marked once it is."
BEGUN = "The call has begun. The facilitator can take up a household on its page."

Marks = dict[uuid.UUID, NothingToDiscuss]  # by the participant's key


class PulledBack(TypedDict):
    """What it takes to undo that a household was pulled back: the mark's key."""

    mark: str


def standing_at(meeting: Meeting) -> Marks:
    """The marks that nobody and nothing pulled back, of households on the roster. One query."""
    rows = NothingToDiscuss.objects.standing().on_roster().filter(meeting=meeting)
    return {
        mark.participant_id: mark for mark in rows.select_related("participant", "by", "agency")
    }


def marks_of(meeting: Meeting, *, now: datetime) -> Marks:
    """The marks that stand and of which nothing changed since. One query where there are none."""
    marks = standing_at(meeting)
    against = changed_since(meeting, marks, now=now)
    return {key: mark for key, mark in marks.items() if key not in against}


def block_of(meeting: Meeting, reviews: Iterable[Review], *, now: datetime) -> Marks:
    """The marks of the households that are read out as one, confirmed or not.

    `reviews`: of the call. One query where no household is marked; a constant number otherwise.
    """
    marks = standing_at(meeting)
    outcomes = {each.participant_id: each.outcome for each in reviews} if marks else {}
    waiting = {key: mark for key, mark in marks.items() if outcomes.get(key) == Review.Outcome.OPEN}
    against = changed_since(meeting, waiting, now=now)
    return {
        key: mark
        for key, mark in marks.items()
        if outcomes.get(key) == Review.Outcome.NOTHING or (key in waiting and key not in against)
    }


def changed_since(meeting: Meeting, marks: Marks, *, now: datetime) -> Found:
    """Why marked households are to be discussed after all."""
    people = [mark.participant for mark in marks.values()]
    since = {key: mark.at for key, mark in marks.items()}
    found = reasons_to_discuss(meeting, people, since=since, now=now)
    told = Review.objects.told().filter(meeting=meeting, participant__in=people)
    for key in told.order_by().values_list("participant", flat=True) if people else ():
        found[key].append(Why.SAID)
    are = as_they_are([mark.participant_id for mark in marks.values() if mark.household])
    for key, mark in marks.items():
        if key in are and mark.household != are[key]:
            found[key].append(Why.HOUSEHOLD)
    return found


@transaction.atomic
def mark_nothing_to_discuss(
    meeting: Meeting, people: Collection[Participant], *, actor: User, now: datetime
) -> list[NothingToDiscuss]:
    """Say of households on a settled roster that there is nothing to discuss; marked already: stay.

    Raises PermissionDenied for whoever may not say so of each, ValidationError once the call has
    begun, and by name of each household of which something is to be discussed.
    """
    meeting = lock_to_come(meeting, now)
    if not meeting.roster_settled_at:
        raise ValidationError(NOT_SETTLED)
    if permitted(actor, MARK, people) != {person.pk for person in people}:
        raise PermissionDenied("The agency that keeps a household or a CE Specialist says so.")
    listed = set(meeting.roster.values_list("participant", flat=True))
    standing = NothingToDiscuss.objects.standing().filter(meeting=meeting)
    marked = set(standing.values_list("participant", flat=True))
    chosen = [person for person in people if person.pk not in marked]
    against = why_not(meeting, chosen, actor=actor, now=now)
    wrong = [f"{each.alias} is not on the roster." for each in chosen if each.pk not in listed]
    wrong += [
        f"{person.alias}: {why.label}." for person in chosen for why in against.get(person.pk, ())
    ]
    if wrong:
        raise ValidationError(wrong)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    agency = place.agency if place else None
    are = as_they_are([person.pk for person in chosen])
    made = [
        NothingToDiscuss(
            meeting=meeting,
            participant=person,
            agency=agency,
            by=actor,
            at=now,
            household=are[person.pk],
        )
        for person in chosen
    ]
    NothingToDiscuss.objects.bulk_create(made)
    for mark in made:
        record(MARKED, mark, actor=actor, now=now)
    return made


def why_not(
    meeting: Meeting, people: Collection[Participant], *, actor: User, now: datetime
) -> Found:
    """Why each household cannot be marked by this person; nobody who can be is in it.

    What somebody pulled back stays back, but for that person.
    """
    found = reasons_to_discuss(meeting, people, now=now)
    asked = NothingToDiscuss.objects.filter(
        meeting=meeting, participant__in=people, pulled_back_by__isnull=False
    ).exclude(pulled_back_by=actor)
    for key in set(asked.values_list("participant", flat=True)):
        found[key].append(Why.ASKED)
    return found


@transaction.atomic
def pull_back(mark: NothingToDiscuss, *, actor: User, now: datetime) -> PulledBack | None:
    """Have a household discussed after all, without a reason; what it takes to undo that.

    Pulled back already: nothing happens, None. Raises ValidationError once the call has begun.
    """
    lock_to_come(mark.meeting, now)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    found = NothingToDiscuss.objects.standing().select_for_update().filter(pk=mark.pk).first()
    if found is None:
        return None
    put_back(found, Why.ASKED, by=actor, place=place, now=now)
    return {"mark": str(found.pk)}


@transaction.atomic
def undo_pull_back(data: PulledBack, *, actor: User, now: datetime) -> None:
    """Let a mark stand again that its reader had pulled back a moment ago."""
    found = NothingToDiscuss.objects.filter(pk=data["mark"], pulled_back_by=actor).first()
    if found is None or not actor.has_perm(PULL_BACK, found.meeting):
        raise PermissionDenied
    lock_to_come(found.meeting, now)
    others = NothingToDiscuss.objects.standing().filter(
        meeting=found.meeting_id, participant=found.participant_id
    )
    undo.refuse_changed(found.why == Why.ASKED and not others.exists())
    found.pulled_back_at = found.pulled_back_by = found.pulled_back_agency = None
    found.why = ""
    found.save()
    against = changed_since(found.meeting, {found.participant_id: found}, now=now)
    if against:
        raise ValidationError([f"{why.label}." for why in against[found.participant_id]])
    record(MARKED, found, actor=actor, now=now)


def pull_back_changed(meeting: Meeting, *, now: datetime) -> list[NothingToDiscuss]:
    """Pull back what is to be discussed after all because something changed. The caller locks."""
    marks = standing_at(meeting)
    against = changed_since(meeting, marks, now=now)
    pulled = [mark for key, mark in marks.items() if key in against]
    for mark in pulled:
        put_back(mark, against[mark.participant_id][0], now=now)
    return pulled


def pull_back_due(now: datetime) -> None:
    """Of every call to come: a step of the tick, so that whoever settles the roster is told."""
    rows = NothingToDiscuss.objects.standing().filter(
        meeting__state=Meeting.State.PLANNED, meeting__starts_at__gt=now
    )
    for key in rows.order_by().values_list("meeting", flat=True).distinct():
        with transaction.atomic():
            meeting = lock(Meeting(pk=key))
            if not meeting.has_begun(now):
                pull_back_changed(meeting, now=now)


def pull_back_listed(meeting: Meeting, people: Collection[Participant], *, now: datetime) -> None:
    """Have discussed whoever is put on the roster, whatever was said of them when they were on it.

    A mark outlives its place on the roster only for an undo of the removal. The caller locks.
    """
    marks = NothingToDiscuss.objects.standing().filter(meeting=meeting, participant__in=people)
    for mark in marks.select_related("participant").select_for_update(of=("self",)):
        put_back(mark, Why.LISTED, now=now)


def put_back(
    mark: NothingToDiscuss,
    why: Why,
    *,
    by: User | None = None,
    place: StaffMember | None = None,
    now: datetime,
) -> None:
    mark.why, mark.pulled_back_at, mark.pulled_back_by = why, now, by
    mark.pulled_back_agency = place.agency if place else None
    mark.save()
    record(PULLED_BACK, mark, actor=by, now=now)


def discuss_after_all(review: Review, *, actor: User, now: datetime) -> bool:
    """Have a household of a running call discussed, if it was to be read out with others.

    Whether that changed anything. The caller holds the call, before the mark: in the order in
    which everybody does.
    """
    mark = (
        NothingToDiscuss.objects.standing()
        .select_for_update(of=("self",))
        .select_related("participant")
        .filter(meeting=review.meeting_id, participant=review.participant_id)
        .first()
    )
    if mark is not None:
        place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
        put_back(mark, Why.ASKED, by=actor, place=place, now=now)
    confirmed = Review.objects.filter(pk=review.pk, outcome=Review.Outcome.NOTHING)
    return bool(confirmed.update(outcome=Review.Outcome.OPEN) or mark)


def lock_to_come(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting, locked, whose call has not begun; ValidationError otherwise."""
    meeting = lock(meeting)
    if meeting.state != Meeting.State.PLANNED:
        raise ValidationError(f"The call is {meeting.get_state_display().lower()}.")
    if meeting.has_begun(now):
        raise ValidationError(BEGUN)
    return meeting


def record(action: str, mark: NothingToDiscuss, *, actor: User | None, now: datetime) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=mark.participant,
        detail={"meeting": str(mark.meeting_id), "why": mark.why},
        now=now,
    )
