"""What was said at a call, frozen: plain data, ready to be shown by each one's rules.

Like a list's snapshot it holds names beside aliases and is encrypted as a whole. Whatever a
review began with and nobody confirmed at the call is kept as that, never as said.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from accounts.models import User
from agreements.models import PersonalStatement, StaffMember
from audit.history import events_of
from conferencing.deliveries.copies import every_name_of, known_as
from conferencing.elements import ELEMENTS
from conferencing.models import ActionItem, Attendance, CallGuest, Meeting, MeetingRole, Review
from conferencing.reviews.decisions import EXCEPTION, NO_DATE, REFERRAL
from conferencing.words import MeetingData, household_words, meeting_words
from participants.folding import fold
from participants.models import Participant
from participants.own_words import Said, say_who_typed
from regions.clock import local_day
from regions.models import Membership
from regions.words import clock_words, day_words

from .document import Changed, DecisionData, ElementData, StepData

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from conferencing.models.reviews import AskedOfReviews

    Told = WithAnnotations[Review, AskedOfReviews]


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
    decisions: list[DecisionData]
    steps: list[StepData]
    no_step_reason: str
    guests: list[str]
    typed: NotRequired[Mapping[str, object]]  # see `say_who_typed`


class Attended(TypedDict):
    """Somebody who was expected, or came. What is not required, the first minutes did not keep."""

    name: str
    organization: str
    kind: str
    duty: str
    is_present: bool
    could_come: NotRequired[bool]
    has_account: NotRequired[bool]
    is_household: NotRequired[bool]
    typed: NotRequired[Mapping[str, object]]  # see `say_who_typed`


class Snapshot(TypedDict):
    meeting: MeetingData
    held: str
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


def names_in(rows: Iterable[FrozenHousehold]) -> set[str]:
    """The names of the heads of these households, of records joined into theirs too."""
    return {name for row in rows for name in every_name_of(row).split("\n")}


def attendance(meeting: Meeting, names: Iterable[str]) -> list[Attended]:
    """Who was expected and who came; `names`: of the heads of the households spoken of.

    Guests stay out, for their names would tell whose kin they are. A participant who was noted as
    one who walked in (`is_household`) is “Guest” to all but the person who typed the name.
    """
    known = {fold(name) for name in names}
    took_part, locked_out = who_took_part(meeting), not_in_standing(meeting)
    specialists = specialists_of(meeting)
    guests = CallGuest.objects.filter(meeting=meeting).values("user")
    rows = meeting.attendances.exclude(user__in=guests).select_related("user", "agency")
    here = {row.user_id for row in rows if row.is_present and row.user_id}
    duties = duties_at(meeting, took_part | here)
    found: list[Attended] = [
        {
            "name": row.shown_name,
            "is_household": is_of(row, known),
            "organization": row.shown_organization
            or (specialists.get(row.user_id, "") if row.user_id else ""),
            "kind": "" if row.kind == row.Kind.EXPECTED else row.get_kind_display().lower(),
            "duty": duties.get(row.user_id, "") if row.user_id else "",
            "is_present": row.is_present or row.user_id in took_part,
            "could_come": row.user_id not in locked_out,
            "has_account": row.user_id is not None,
        }
        for row in rows
    ]
    unlisted = took_part - {row.user_id for row in rows if row.user_id}
    found += [
        {
            "name": name,
            "organization": organization,
            "kind": "",
            "duty": duties.get(user, ""),
            "is_present": True,
            "could_come": True,
            "has_account": True,
        }
        for user, name, organization in people_of(unlisted, specialists)
    ]
    return found


def people_of(
    users: set[uuid.UUID], specialists: Mapping[uuid.UUID, str]
) -> list[tuple[uuid.UUID, str, str]]:
    """`[(user, name, organization)]`: staff by their agency, specialists by their continuum."""
    staff = StaffMember.objects.current().filter(user__in=users).select_related("user", "agency")
    found = [(place.user_id, place.user.name, place.agency.name) for place in staff]
    others = users - {user for user, _, _ in found}
    names = User.objects.filter(pk__in=others).values_list("pk", "name")
    found += [(user, name, specialists.get(user, "")) for user, name in names]
    return sorted(found, key=lambda each: each[1])


def who_took_part(meeting: Meeting) -> set[uuid.UUID]:
    """Who did something at the call was there, whether or not anybody checked them in.

    Also who wrote what others wrote over later; who led it was noted as they did
    (`attendance.note_here`).
    """
    call = getattr(meeting, "call", None)
    acted = {call.began_by_id, call.closed_by_id} if call else set()
    events = events_of(Review).filter(pgh_obj__in=meeting.reviews.order_by())
    return acted.union(events.values_list("saved_by", flat=True).distinct()) - {None}


def duties_at(meeting: Meeting, here: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """`{user: their duty}`: of who has it, and of those `here` who had it earlier in the call."""
    found: dict[uuid.UUID, str] = {}
    if call := getattr(meeting, "call", None):
        events = events_of(MeetingRole).filter(meeting=meeting)
        for event, later in pairwise(events.select_related("person").order_by("pgh_obj", "pgh_id")):
            was_at_call = event.pgh_obj_id == later.pgh_obj_id
            was_at_call &= later.pgh_created_at > call.began_at
            if was_at_call and event.person and event.person.user_id in here:
                found[event.person.user_id] = event.get_role_display().lower()
    roles = MeetingRole.objects.filter(meeting=meeting)
    for role in roles.select_related("person").order_by("role"):
        if role.person is not None:
            found[role.person.user_id] = role.get_role_display().lower()
    return found


def not_in_standing(meeting: Meeting) -> set[uuid.UUID]:
    """Who was expected and could not get in: their agency's agreement or their statement lapsed."""
    on = local_day(meeting.starts_at, meeting.continuum.zone)
    expected = set(meeting.attendances.filter(user__isnull=False).values_list("user", flat=True))
    good = StaffMember.objects.in_good_standing(on).filter(user__in=expected)
    specialists = Membership.objects.specialists_of(meeting.continuum).filter(
        user__statements__in=PersonalStatement.objects.current(on)
    )
    return (
        expected
        - set(good.values_list("user", flat=True))
        - set(specialists.values_list("user", flat=True))
    )


def specialists_of(meeting: Meeting) -> dict[uuid.UUID, str]:
    """`{user: what their line says}` for those who are there for the CoC itself."""
    rows = Membership.objects.specialists_of(meeting.continuum)
    return dict.fromkeys(rows.values_list("user", flat=True), meeting.continuum.name)


def is_of(row: Attendance, known: Collection[str]) -> bool:
    return not row.user_id and fold(row.name or "") in known


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
    entries = meeting.roster.select_related("participant__county").order_by("position")
    people = {entry.participant_id: entry.participant for entry in entries}
    because = {entry.participant_id: entry.added_because for entry in entries}
    for key, review in reviews.items():
        people.setdefault(key, review.participant)
    return [
        household(
            person,
            reviews.get(key),
            because=because.get(key, ""),
            steps=steps[key],
            guests=guests[key],
        )
        for key, person in people.items()
    ]


def household(
    person: Participant,
    review: "Told | None",
    *,
    because: str,
    steps: list[StepData],
    guests: list[str],
) -> FrozenHousehold:
    """One household as plain data; texts, and ids as text.

    Of one that the call never spoke of nothing is told but why somebody wanted it heard: what its
    review began with was not said.
    """
    names = known_as(person)
    row: FrozenHousehold = {
        "id": str(person.pk),
        "alias": person.alias,
        "name": names["name"],
        "household": household_words(person),
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
    if review is None:
        return row
    row["minutes"] = round(review.seconds_used / 60) or 1 if review.seconds_used else None
    if not review.is_told:
        return row
    row.update(
        {
            "is_discussed": review.outcome == Review.Outcome.DISCUSSED,
            "elements": elements(review),
            "notes": review.notes,
            "decisions": decisions(review),
            "no_step_reason": review.no_step_reason or "",
        }
    )
    return row


def elements(review: Review) -> list[ElementData]:
    """The four elements, each with what the call made of it (`Review.Changed`)."""
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
            texts.get(each.key) or ([getattr(review, each.key)] if each.is_text else []),
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


def step_words(step: ActionItem) -> StepData:
    owner = step.follow_up_person
    return {
        "what": step.what,
        "agency": step.agency.name,
        "owner": owner.user.name if owner else "",
        "due": day_words(step.due_on),
        "is_critical": step.is_critical,
    }
