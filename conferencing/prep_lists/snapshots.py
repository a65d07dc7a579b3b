"""What a prep list says, frozen: the roster as it stands, ready to be shown by each one's rules.

A snapshot holds names beside aliases (it is encrypted as a whole); which of the two a recipient
reads is decided when their copy is made, by `participants.naming`.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, cast
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from conferencing.deliveries.copies import known_as
from conferencing.elements import ELEMENTS, NOT_RECORDED
from conferencing.models import (
    ActionItem,
    Meeting,
    NothingToDiscuss,
    ProgressUpdate,
    Review,
    RosterEntry,
)
from conferencing.nothing_to_discuss.acts import marks_of
from conferencing.reviews.additions import addition_words, additions_since
from conferencing.reviews.decisions import decisions_said
from conferencing.reviews.last import last_reviews, was_carried_over
from conferencing.roster.nominations import nominations
from conferencing.words import MeetingData, meeting_words
from participants.models import LivingSituation, Participant, PlaceChange
from participants.own_words import Said, say_who_typed
from regions.clock import local_day
from regions.models import Continuum
from regions.words import day_words

FrozenElements = dict[str, Any]  # Any: by each element's key and mark a text, or a list of texts


class FrozenStep(TypedDict):
    participant: str
    alias: str
    name: str | None
    former_names: NotRequired[str]
    agency_id: str
    agency: str
    what: str
    owner: str
    due: str
    is_overdue: bool
    is_critical: bool
    report: str


class FrozenParticipant(TypedDict):
    """One household of a list: its name beside its alias, and texts as they are stored."""

    id: str
    alias: str
    name: str | None
    former_names: NotRequired[str]
    reasons: list[str]
    household: str
    days_on_list: int
    county: str
    status: str
    minutes: int
    elements: FrozenElements | None
    changes: list[str]
    steps: list[FrozenStep]
    nothing_by: NotRequired[str]  # who marked “nothing to discuss”; "": it is to be discussed


class Snapshot(TypedDict):
    meeting: MeetingData
    participants: list[FrozenParticipant]
    steps: list[FrozenStep]


def make_snapshot(meeting: Meeting, *, now: datetime) -> Snapshot:
    """Return the list of `meeting` as it stands, as plain data (see `frozen_participant`).

    A constant number of queries, whatever the length of the roster.
    """
    on = local_day(now, meeting.continuum.zone)
    entries = list(
        meeting.roster.select_related(
            "participant__county", "participant__place", "participant__agency"
        ).order_by("position")
    )
    people = [entry.participant for entry in entries]
    reviews = last_reviews(people, before=meeting)
    changes = changes_since(people, reviews, before=meeting)
    steps = open_steps(meeting.continuum, on)
    by_person: dict[str, list[FrozenStep]] = defaultdict(list)
    for step in steps:
        by_person[step["participant"]].append(step)
    nominated = nominations(meeting)
    marks = marks_of(meeting, now=now)
    snapshot: Snapshot = {
        "meeting": meeting_words(meeting),
        "participants": [
            frozen_participant(
                entry,
                on=on,
                review=reviews.get(entry.participant_id),
                changes=changes[entry.participant_id],
                steps=by_person[str(entry.participant_id)],
                nominations=nominated[entry.participant_id],
                mark=marks.get(entry.participant_id),
            )
            for entry in entries
        ],
        "steps": steps,
    }
    rows = [*snapshot["participants"], *steps]
    say_who_typed(cast("list[dict[str, Any]]", rows))  # Any: as it takes rows of any document
    return snapshot


def frozen_participant(
    entry: RosterEntry,
    *,
    on: date,
    review: Review | None,
    changes: list[str],
    steps: list[FrozenStep],
    nominations: list[str],
    mark: NothingToDiscuss | None = None,
) -> FrozenParticipant:
    """One household of the list as plain data; texts, and ids as text."""
    person = entry.participant
    place = getattr(person, "place", None)
    reasons: list[str] = [reason["words"] for reason in entry.reasons]
    if entry.added_because:
        because = entry.added_because
        reasons.append(Said("Added by the CE Specialist: ", because))
    return {
        "id": str(person.pk),
        "alias": person.alias,
        **known_as(person),
        "reasons": reasons + nominations,
        "household": person.size_words,
        "days_on_list": place.days(on) if place else 0,
        "county": person.county.name if person.county else "",
        "status": place.get_status_display() if place else "Not on the list",
        "minutes": entry.minutes,
        "elements": elements(review) if review else None,
        "changes": changes,
        "steps": steps,
        "nothing_by": mark.marked_by if mark else "",
    }


def elements(review: Review) -> FrozenElements:
    """The elements as of a review (River Valleys, “Standard Set of Elements to Review”)."""
    zone = ZoneInfo(review.meeting.continuum.zone)
    location: str = review.get_location_display() or "Not recorded"
    if review.location_words:
        location = Said(f"{location}: ", review.location_words)
    return {
        "reviewed_on": day_words(review.meeting.starts_at.astimezone(zone)),
        "location": location,
        "location_changed": review.get_location_changed_display().lower(),
        **{
            each.key: list(getattr(review, each.key))
            if each.is_list
            else getattr(review, each.key) or NOT_RECORDED
            for each in ELEMENTS
            if not each.is_place
        },
        **left_over(review),
    }


def left_over(review: Review) -> FrozenElements:
    """What was said of a household that was then carried over: the next call goes on from there."""
    is_carried_over = was_carried_over(review)
    return {
        "is_carried_over": is_carried_over,
        "notes": review.notes if is_carried_over else "",
        "decisions": decisions_said(review) if is_carried_over else [],
    }


def changes_since(
    people: list[Participant], reviews: Mapping[uuid.UUID, Review], *, before: Meeting
) -> defaultdict[uuid.UUID, list[str]]:
    """Return `{participant id: [words]}`: what is known to have changed since the last review.

    Where they stay, their place on the list, reports on their steps, and what was added to the
    minutes, oldest first. `reviews`: the last ones before the meeting `before`. On the day of that
    call counts what was recorded after it began: no list has told it yet.
    """
    zone = before.continuum.zone
    lines: dict[uuid.UUID, list[tuple[date, str]]] = defaultdict(list)

    def is_news(participant_id: uuid.UUID, on: date, at: datetime) -> bool:
        review = reviews.get(participant_id)
        if review is None:
            return False
        began_at = review.meeting.starts_at
        called_on = local_day(began_at, zone)
        return on > called_on or (on == called_on and at > began_at)

    def is_said_there(stay: LivingSituation) -> bool:
        """Whether it is what the last review says itself."""
        review = reviews[stay.participant_id]
        return stay.recorded_at == review.located_at

    stays = LivingSituation.objects.filter(participant__in=people).order_by("on", "recorded_at")
    for stay in stays:
        if is_news(stay.participant_id, stay.on, stay.recorded_at) and not is_said_there(stay):
            place = (": ", stay.words) if stay.words else ()
            lines[stay.participant_id].append(
                (stay.on, Said(f"Location: {stay.get_kind_display().lower()}", *place))
            )
    for change in PlaceChange.objects.standing().filter(participant__in=people).order_by("on"):
        if is_news(change.participant_id, change.on, change.recorded_at):
            lines[change.participant_id].append((change.on, change.get_flow_display()))
    updates = ProgressUpdate.objects.filter(step__participant__in=people).select_related("step")
    for update in updates.order_by("at"):
        on = local_day(update.at, zone)
        if is_news(update.step.participant_id, on, update.at):
            line = (" – ", update.line) if update.line else ()
            words = Said(update.step.what, f": {update.get_progress_display().lower()}", *line)
            lines[update.step.participant_id].append((on, words))
    for key, added in additions_since(people, reviews, before=before).items():
        lines[key] += [(local_day(each.at, zone), addition_words(each)) for each in added]
    return defaultdict(
        list,
        {
            key: [
                Said(words, f" ({day_words(on)})")
                for on, words in sorted(found, key=lambda each: each[0])
            ]
            for key, found in lines.items()
        },
    )


def open_steps(continuum: Continuum, on: date) -> list[FrozenStep]:
    """Every open step of the continuum, by due date, as plain data."""
    latest = ProgressUpdate.objects.order_by("-at")
    steps = (
        ActionItem.objects.open()
        .filter(participant__continuum=continuum)
        .select_related("participant", "agency", "follow_up_person__user")
        .prefetch_related(Prefetch("updates", queryset=latest))
        .order_by("due_on", "created_at")
    )
    return [frozen_step(step, on) for step in steps]


def frozen_step(step: ActionItem, on: date) -> FrozenStep:
    updates = list(step.updates.all())
    report = ""
    if updates:
        report = updates[0].get_progress_display()
        if updates[0].line:
            report = Said(f"{report}: ", updates[0].line)
    person = step.participant
    return {
        "participant": str(person.pk),
        "alias": person.alias,
        **known_as(person),
        "agency_id": str(step.agency_id),
        "agency": step.agency.name,
        "what": step.what,
        "owner": step.follow_up_person.user.name if step.follow_up_person else "",
        "due": day_words(step.due_on),
        "is_overdue": step.due_on < on,
        "is_critical": step.is_critical,
        "report": report,
    }
