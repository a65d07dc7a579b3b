"""What was said at a call, frozen: plain data, ready to be shown by each one's rules.

Like a list's snapshot it holds names beside aliases and is encrypted as a whole. Whatever a
review began with and nobody confirmed at the call is kept as that, never as said.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from accounts.models import User
from audit.history import events_of
from conferencing.deliveries.copies import every_name_of, known_as
from conferencing.elements import ELEMENTS
from conferencing.models import (
    ActionItem,
    CallGuest,
    Meeting,
    MeetingRole,
    NothingToDiscuss,
    PreWork,
    ProgressUpdate,
    Review,
)
from conferencing.reviews.decisions import EXCEPTION, NO_DATE, REFERRAL
from conferencing.reviews.last import heard_until, last_reviews
from conferencing.reviews.prepared import with_sent_word
from conferencing.words import MeetingData, meeting_words
from housing.models import Referral
from participants.models import Participant
from participants.own_words import Said, say_who_typed
from regions.words import clock_words, day_words

from .attended import Attended, attendance
from .document import Changed, DecisionData, ElementData, ReportedData, StepData, WordData

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from conferencing.models.reviews import AskedOfReviews

    Told = WithAnnotations[Review, AskedOfReviews]


CHECKED = "Confidentiality was read aloud. No recorder and no AI note taker was in the room."
NOT_CHECKED = "Nobody confirmed that confidentiality was read aloud."


class FrozenHousehold(TypedDict):
    """One household of a call: its name beside its alias, and texts as they are stored."""

    id: str
    alias: str
    name: str | None
    former_names: NotRequired[str]
    household: str
    county: str
    because: str
    is_discussed: bool
    minutes: int | None
    elements: list[ElementData]
    notes: str
    sent_word: NotRequired[list[WordData]]
    writers: NotRequired[list[str]]  # who wrote it down, where not the note taker alone
    decisions: list[DecisionData]
    steps: list[StepData]
    reported: NotRequired[list[ReportedData]]
    no_step_reason: str
    guests: list[str]
    nothing_by: NotRequired[str]  # of one read out with others: who marked “nothing to discuss”
    typed: NotRequired[Mapping[str, object]]  # see `say_who_typed`


class Snapshot(TypedDict):
    meeting: MeetingData
    held: str
    opening: NotRequired[str]
    purpose: str
    attendance: list[Attended]
    households: list[FrozenHousehold]


def make_snapshot(meeting: Meeting) -> Snapshot:
    """Return the minutes of `meeting` as plain data (see `household`), in the call's order.

    A constant number of queries, whatever the length of the roster.
    """
    spoken_of = households(meeting)
    attended = attendance(meeting, names_in(spoken_of))
    say_who_typed([*spoken_of, *attended])
    return {
        "meeting": meeting_words(meeting),
        "held": held_words(meeting),
        "opening": opening_words(meeting),
        "purpose": meeting.continuum.purpose,
        "attendance": attended,
        "households": spoken_of,
    }


def held_words(meeting: Meeting) -> str:
    """When the call began and was closed, in its own zone; empty if that was not kept."""
    call = getattr(meeting, "call", None)
    if call is None:
        return ""
    zone = ZoneInfo(meeting.continuum.zone)
    words = clock_words(call.began_at.astimezone(zone))
    if call.closed_at:
        closed = call.closed_at.astimezone(zone)
        words += f"–{clock_words(closed)} {closed:%Z}"
    return words


def opening_words(meeting: Meeting) -> str:
    """What was confirmed before the first household, and the words that were read out."""
    call = getattr(meeting, "call", None)
    if call is None:
        return ""
    if call.checked_by is None or call.checked_at is None:
        return NOT_CHECKED
    at = clock_words(call.checked_at.astimezone(ZoneInfo(meeting.continuum.zone)))
    return (
        f"{CHECKED} Confirmed at {at} by {call.checked_by.name}. Read aloud: {call.checked_words}"
    )


def names_in(rows: Iterable[FrozenHousehold]) -> set[str]:
    """The names of the heads of these households, of records joined into theirs too."""
    return {name for row in rows for name in every_name_of(row).split("\n")}


def writers_of(meeting: Meeting) -> dict[uuid.UUID, list[str]]:
    """`{household: names}` of who wrote each review down, where not the note taker alone did."""
    note_takers = set(
        User.objects.filter(
            places__meeting_roles__meeting=meeting,
            places__meeting_roles__role__in=MeetingRole.WRITERS,
        )
    )
    events = events_of(Review).filter(
        pgh_obj__in=meeting.reviews.order_by(), saved_by__isnull=False
    )
    wrote: defaultdict[uuid.UUID, dict[User, None]] = defaultdict(dict)
    for event in events.select_related("saved_by").order_by("pgh_id"):
        wrote[event.participant_id].setdefault(event.saved_by)
    return {
        key: [user.name for user in users]
        for key, users in wrote.items()
        if users.keys() - note_takers
    }


def sent_word_to(meeting: Meeting) -> defaultdict[uuid.UUID, list[WordData]]:
    """`{household: what those who could not come sent word of}`, oldest first."""
    found: defaultdict[uuid.UUID, list[WordData]] = defaultdict(list)
    kept = with_sent_word(PreWork.objects.filter(meeting=meeting)).filter(is_word=True)
    for each in kept.select_related("agency", "notes_by").order_by("at"):
        if each.notes and each.notes_by:
            found[each.participant_id].append(
                {"by": each.notes_by.name, "agency": each.agency.name, "words": each.notes}
            )
    return found


def households(meeting: Meeting) -> list[FrozenHousehold]:
    reviews = {
        review.participant_id: review
        for review in Review.objects.filter(meeting=meeting)
        .with_told()
        .select_related("participant__county", "navigator__user", "navigator__agency")
        .order_by("discussed_at")
    }
    steps: defaultdict[uuid.UUID, list[StepData]] = defaultdict(list)
    given = ActionItem.objects.filter(review__meeting=meeting).order_by("created_at", "due_on")
    for step in given.select_related("agency", "follow_up_person__user"):
        steps[step.participant_id].append(step_words(step))
    guests: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    invited = CallGuest.objects.filter(meeting=meeting, withdrawn_at__isnull=True)
    for guest in invited.order_by("invited_at"):
        guests[guest.participant_id].append(guest.get_relation_display())
    writers, words = writers_of(meeting), sent_word_to(meeting)
    marks = {
        mark.participant_id: mark.marked_by
        for mark in NothingToDiscuss.objects.standing()
        .filter(meeting=meeting)
        .select_related("by", "agency")
    }
    entries = meeting.roster.select_related("participant__county").order_by("position")
    people = {entry.participant_id: entry.participant for entry in entries}
    because = {entry.participant_id: entry.added_because for entry in entries}
    for key, review in reviews.items():
        people.setdefault(key, review.participant)
    reported, referred = reports(meeting), referrals(meeting)
    return [
        household(
            person,
            reviews.get(key),
            writers=writers.get(key, []),
            sent_word=words[key],
            because=because.get(key, ""),
            steps=steps[key],
            guests=guests[key],
            nothing_by=marks.get(key, ""),
            reported=reported[key],
            referred=referred[key],
        )
        for key, person in people.items()
    ]


def household(
    person: Participant,
    review: "Told | None",
    *,
    writers: list[str],
    sent_word: list[WordData],
    because: str,
    steps: list[StepData],
    guests: list[str],
    nothing_by: str = "",
    reported: list[ReportedData] | None = None,
    referred: list[DecisionData] | None = None,
) -> FrozenHousehold:
    """One household as plain data; texts, and ids as text.

    Of one that the call never spoke of nothing is told but why somebody wanted it heard: what its
    review began with was not said. Of one with nothing to discuss only that, and who marked it.
    """
    names = known_as(person)
    row: FrozenHousehold = {
        "id": str(person.pk),
        "alias": person.alias,
        "name": names["name"],
        "household": person.size_words,
        "county": person.county.name if person.county else "",
        "because": because,
        "is_discussed": False,
        "minutes": None,
        "elements": [],
        "notes": "",
        "decisions": [],
        "steps": steps,
        "no_step_reason": "",
        "guests": guests,
    }
    if "former_names" in names:
        row["former_names"] = names["former_names"]
    if sent_word:
        row["sent_word"] = sent_word
    if review is None:
        return row
    if review.outcome == Review.Outcome.NOTHING:
        return row | {"because": "", "nothing_by": nothing_by}
    row["minutes"] = round(review.seconds_used / 60) or 1 if review.seconds_used else None
    if not review.is_told:
        return row
    if writers:
        row["writers"] = writers
    row.update(
        {
            "is_discussed": review.outcome == Review.Outcome.DISCUSSED,
            "elements": elements(review),
            "notes": review.notes,
            "decisions": [*decisions(review), *(referred or [])],
            "no_step_reason": review.no_step_reason or "",
            "reported": reported or [],
        }
    )
    return row


def elements(review: Review) -> list[ElementData]:
    """The elements, each with what the call made of it (`Review.Changed`)."""
    location = review.get_location_display() if review.location else ""
    if review.location_words:
        location = Said(f"{location}: " if location else "", review.location_words)
    systemic = list(review.systemic or [])
    barriers = list(review.barriers or [])
    barriers += [words for words in systemic if words not in barriers]
    texts = {"location": [location], "barriers": barriers}
    return [
        element(
            each.title,
            texts.get(each.key) or ([getattr(review, each.key) or ""] if each.is_text else []),
            getattr(review, each.mark),
            marked=systemic if each.is_list else (),
        )
        for each in ELEMENTS
    ]


def element(
    label: str, texts: Iterable[str], changed: Changed, *, marked: Collection[str] = ()
) -> ElementData:
    return {
        "label": label,
        "changed": changed,
        "texts": [
            {"words": words, "is_systemic": words in marked} for words in texts if words.strip()
        ],
    }


def decisions(review: Review) -> list[DecisionData]:
    """What was decided: `[{label, fact, words}]`; `fact` is chosen, `words` were typed."""
    found: list[DecisionData] = []

    def add(label: str, fact: str = "", words: str | None = "") -> None:
        found.append({"label": label, "fact": fact, "words": words or ""})

    if review.navigator:
        place = review.navigator
        add("Housing navigator", f"{place.user.name}, {place.agency.name}")
    if review.eligibility:
        add("Eligibility", review.get_eligibility_display())
    if review.is_referred or review.referral:
        add(REFERRAL[review.is_referred], "" if review.referral else "Yes", review.referral)
    if review.is_exception or review.exception_reason:
        fact = "" if review.exception_reason else "Yes"
        add(EXCEPTION[review.is_exception], fact, review.exception_reason)
    if review.target_kind or review.target_on or review.target_words:
        kind = review.get_target_kind_display() or "Target date"
        label = "Target move-in" if review.target_kind == Review.Target.MOVE_IN else kind
        when = day_words(review.target_on) if review.target_on else NO_DATE.capitalize()
        add(label, when, review.target_words)
    if review.learned:
        add("What was learned", words=review.learned)
    return found


def referrals(meeting: Meeting) -> defaultdict[uuid.UUID, list[DecisionData]]:
    """To which openings each household was referred at its review, and who follows up by when."""
    found: defaultdict[uuid.UUID, list[DecisionData]] = defaultdict(list)
    made = Referral.objects.filter(review__in=meeting.reviews.values("pk"))
    for each in made.order_by("proposed_at").select_related(
        "opening__program", "opening__county", "follow_up_person__user", "participant"
    ):
        opening, person = each.opening, each.follow_up_person.user.name
        where = f"{opening.program} ({opening.in_words}, {opening.county} County)"
        if each.participant.is_confidential:
            where = "a program"  # minutes tell everybody: where they go is told to few
        by = f" by {day_words(each.due_on)}" if each.due_on else ""
        fact = f"{where}; {person} asks the household{by}"
        found[each.participant_id].append({"label": "Referred to", "fact": fact, "words": ""})
    return found


def reports(meeting: Meeting) -> defaultdict[uuid.UUID, list[ReportedData]]:
    """The last report on each step from before this call, if made since the last review.

    By household. So the minutes say of a step that was not done whether circumstances changed, or
    nobody got to it.
    """
    people = Participant.every.filter(reviews__meeting=meeting)
    former = last_reviews(people, before=meeting)
    newest: dict[uuid.UUID, ProgressUpdate] = {}
    updates = ProgressUpdate.objects.filter(step__participant__in=people)
    updates = updates.exclude(step__review__meeting=meeting)
    for each in updates.select_related("step__agency").order_by("at"):
        last = former.get(each.step.participant_id)
        if last is None or each.at > heard_until(last):
            newest[each.step_id] = each
    found: defaultdict[uuid.UUID, list[ReportedData]] = defaultdict(list)
    for each in sorted(newest.values(), key=lambda each: each.step.due_on):
        found[each.step.participant_id].append(
            {
                "what": each.step.what,
                "agency": each.step.agency.name,
                "status": each.get_progress_display(),
                "line": each.line,
            }
        )
    return found


def step_words(step: ActionItem) -> StepData:
    owner = step.follow_up_person
    return {
        "what": step.what,
        "agency": step.agency.name,
        "owner": owner.user.name if owner else "",
        "due": day_words(step.due_on),
        "is_critical": step.is_critical,
    }
