"""Why a household is to be discussed, asked anew each time: a mark stands while nothing says so.

Source: the cancer boards' triage (NHS streamlining guidance): all are listed, and those whose
needs a standard meets are not discussed.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from conferencing.models import (
    ActionItem,
    CallGuest,
    Meeting,
    Nomination,
    NothingToDiscuss,
    PreWork,
    ProgressUpdate,
    Review,
    RosterEntry,
)
from conferencing.reviews.additions import additions_since
from conferencing.reviews.last import heard_until, is_news, last_reviews, was_carried_over
from participants.models import LivingSituation, Participant, PlaceChange
from regions.clock import local_day
from regions.models import ReviewCriterion

Why = NothingToDiscuss.Why
Found = defaultdict[uuid.UUID, list[Why]]  # by the participant's key
Since = dict[uuid.UUID, datetime]  # when a household was marked, by the participant's key
CARRIED_OVER = ReviewCriterion.Kind.CARRIED_OVER


def reasons_to_discuss(
    meeting: Meeting,
    people: Collection[Participant],
    *,
    since: Since | None = None,
    now: datetime,
) -> Found:
    """Why each of `people` is to be discussed at `meeting`; nobody who need not be is in it.

    `since`: of those who are marked when they were; any report after that counts. A constant
    number of queries, none without people.
    """
    found: Found = defaultdict(list)
    if not people:
        return found
    on = local_day(now, meeting.continuum.zone)
    former = last_reviews(people, before=meeting)
    carried = carried_on_roster(meeting)

    def add(key: uuid.UUID, why: Why) -> None:
        if why not in found[key]:
            found[key].append(why)

    for person in people:
        review = former.get(person.pk)
        if review is None:
            add(person.pk, Why.FIRST)
        elif person.pk in carried or was_carried_over(review):
            add(person.pk, Why.CARRIED_OVER)
    for key, why in of_steps(people, on):
        add(key, why)
    for key in of_reports(people, former, since or {}):
        add(key, Why.NEW_REPORT if key in (since or {}) else Why.REPORTED)
    for key in of_moves(people, former, since or {}, meeting.continuum.zone):
        add(key, Why.MOVED)
    for key in additions_since(people, former, before=meeting):
        add(key, Why.ADDED)
    at_call = {"meeting": meeting, "participant__in": people}
    for key in keys(Nomination.objects.filter(withdrawn_at__isnull=True, **at_call)):
        add(key, Why.NOMINATED)
    for key in keys(PreWork.objects.filter(**at_call)):
        add(key, Why.PREPARED)
    for key in keys(CallGuest.objects.live().filter(**at_call)):
        add(key, Why.GUEST)
    return found


def keys(rows: QuerySet[Any]) -> list[uuid.UUID]:  # Any: of rows about a participant
    return list(rows.order_by().values_list("participant", flat=True))


def carried_on_roster(meeting: Meeting) -> set[uuid.UUID]:
    """Who was promised this call by one that did not come to them."""
    rows = RosterEntry.objects.filter(meeting=meeting).values_list("participant", "reasons")
    return {key for key, said in rows if any(each["kind"] == CARRIED_OVER for each in said)}


def of_steps(people: Collection[Participant], on: date) -> list[tuple[uuid.UUID, Why]]:
    """Who has no open step, or one that is overdue, critical, or of nobody any more."""
    found: list[tuple[uuid.UUID, Why]] = []
    rows = ActionItem.objects.open().filter(participant__in=people)
    has_step = set()
    columns = "due_on", "is_critical", "follow_up_person", "follow_up_person__ended_on"
    for key, due_on, is_critical, person, left_on in rows.values_list("participant", *columns):
        has_step.add(key)
        if due_on < on:
            found.append((key, Why.OVERDUE))
        if is_critical:
            found.append((key, Why.CRITICAL))
        if person is None or left_on:
            found.append((key, Why.NOBODY))
    return found + [(each.pk, Why.NO_STEP) for each in people if each.pk not in has_step]


def of_reports(
    people: Collection[Participant], former: dict[uuid.UUID, Review], since: Since
) -> set[uuid.UUID]:
    """Of whom a step was reported on since the last review, as anything but under way.

    What was reported at it was heard there. Of those who are marked any report after that counts:
    it may say in its line what changed.
    """
    rows = ProgressUpdate.objects.filter(step__participant__in=people)
    found = set()
    for key, at, progress in rows.values_list("step__participant", "at", "progress"):
        review = former.get(key)
        is_since = review is not None and at > heard_until(review)
        says_more = is_since and progress != ProgressUpdate.Progress.UNDER_WAY
        if says_more or (key in since and at > since[key]):
            found.add(key)
    return found


def of_moves(
    people: Collection[Participant], former: dict[uuid.UUID, Review], since: Since, zone: str
) -> set[uuid.UUID]:
    """Who stays elsewhere than the last review said, or has another place on the list since.

    Since: of a later day, recorded later on the same one, or recorded after it was marked.
    """
    found = set()

    def is_since(key: uuid.UUID, on: date, at: datetime) -> bool:
        review = former.get(key)
        if review is None:
            return False
        called_on = local_day(review.meeting.starts_at, zone)
        is_later = on > called_on or (on == called_on and at > review.meeting.starts_at)
        return is_later or (key in since and at > since[key])

    stays = LivingSituation.objects.filter(participant__in=people)
    for stay in stays.order_by("participant_id", "-on", "-recorded_at").distinct("participant_id"):
        key = stay.participant_id
        if is_since(key, stay.on, stay.recorded_at) and is_elsewhere(stay, former[key]):
            found.add(key)
    moves = PlaceChange.objects.standing().filter(participant__in=people)
    for key, on, at in moves.values_list("participant", "on", "recorded_at"):
        if is_since(key, on, at):
            found.add(key)
    return found


def is_elsewhere(stay: LivingSituation, review: Review) -> bool:
    """Whether it is another place than the review says, or the first that is known."""
    if stay.recorded_at == review.located_at:
        return False  # the review's own
    is_known = bool(review.location or review.location_words)
    return not is_known or is_news(stay.kind, stay.words, review)
