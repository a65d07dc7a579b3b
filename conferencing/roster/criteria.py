"""Why a household is up for review: the region's criteria, applied to its by-name list.

Each criterion weighs more the higher it stands in the region's order; a household's weight is
the sum over the criteria it meets, and the longer on the list comes first among equals; whoever
was promised the next call, carried over from the last, comes before all others. So the
choice can be shown and explained (HUD CPD-17-01: documented, applied to all alike).
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypedDict

from dateutil.relativedelta import relativedelta
from django.db.models import Q

from conferencing.models import ActionItem, Meeting, Nomination, Review
from conferencing.reviews.last import last_reviewed_on
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from regions.clock import local_day
from regions.models import ReviewCriterion
from regions.words import day_words, plural

Kind = ReviewCriterion.Kind

LONGEST_DEFAULT = 10
NOT_REVIEWED_MONTHS_DEFAULT = 3


class Reason(TypedDict):
    """Why a household is up for review, as a roster keeps it; `words` name nobody."""

    kind: str
    words: str


# The date of a held call that left a household, and whether it spoke of it.
CarriedOver = tuple[date, bool]


@dataclass
class Candidate:
    """A participant with the reasons, in the order of the region's criteria."""

    participant: Participant
    days_on_list: int
    reasons: list[Reason] = field(default_factory=list)
    weight: int = 0

    @property
    def was_carried_over(self) -> bool:
        """Not reached last time: where the region goes by that, such a household comes first."""
        return any(reason["kind"] == Kind.CARRIED_OVER for reason in self.reasons)


@dataclass
class Facts:
    """What the criteria ask about, fetched once for all candidates of a meeting."""

    on: date
    longest: dict[uuid.UUID, int]
    last_reviewed_on: dict[uuid.UUID, date]
    carried_over: dict[uuid.UUID, list[CarriedOver]]
    overdue: dict[uuid.UUID, list[date]]
    critical: dict[uuid.UUID, list[date]]
    nominated: dict[uuid.UUID, list[str]]


def candidates(meeting: Meeting, *, on: date) -> list[Candidate]:
    """Return everybody with an active place in the meeting's scope as `Candidate`s, best first.

    `on` is the continuum's local date. A constant number of queries.
    """
    people = list(scope(meeting))
    criteria = criteria_by_region(meeting)
    facts = gather(meeting, people, criteria, on)
    found = [candidate(person, criteria[person.region_id], facts) for person in people]
    found.sort(
        key=lambda each: (
            not each.was_carried_over,
            -each.weight,
            -each.days_on_list,
            each.participant.alias,
        )
    )
    return found


def scope(meeting: Meeting) -> ParticipantQuerySet:
    """The participants that a meeting may review: active on the list, of its region."""
    people = (
        Participant.objects.on_the_list()
        .filter(continuum=meeting.continuum_id)
        .select_related("place", "region", "county", "agency")
    )
    return people.filter(region=meeting.region_id) if meeting.region_id else people


def criteria_by_region(meeting: Meeting) -> defaultdict[uuid.UUID, list[ReviewCriterion]]:
    criteria = ReviewCriterion.objects.filter(
        region__continuum=meeting.continuum_id, is_used=True
    ).order_by("region_id", "position")
    found = defaultdict(list)
    for each in criteria:
        found[each.region_id].append(each)
    return found


def gather(
    meeting: Meeting,
    people: Sequence[Participant],
    criteria: Mapping[uuid.UUID, list[ReviewCriterion]],
    on: date,
) -> Facts:
    return Facts(
        on=on,
        longest=longest_places(people, criteria),
        last_reviewed_on=last_reviewed_on(meeting),
        carried_over=carried_over(meeting),
        overdue=open_steps_by_person(meeting, due_on__lt=on),
        critical=open_steps_by_person(meeting, is_critical=True),
        nominated=nominations_by_person(meeting),
    )


def longest_places(
    people: Sequence[Participant], criteria: Mapping[uuid.UUID, list[ReviewCriterion]]
) -> dict[uuid.UUID, int]:
    """Return `{participant id: place in the order of days on the list}`, per region."""
    by_region = defaultdict(list)
    for person in people:
        by_region[person.region_id].append(person)
    found = {}
    for region_id, of_region in by_region.items():
        wanted = next(
            (each.number for each in criteria[region_id] if each.kind == Kind.LONGEST), None
        )
        of_region.sort(key=lambda person: (person.place.listed_on, person.alias))
        for place, person in enumerate(of_region[: wanted or LONGEST_DEFAULT], start=1):
            found[person.pk] = place
    return found


def carried_over(meeting: Meeting) -> dict[uuid.UUID, list[CarriedOver]]:
    """Return `{participant: [(date of a held call that left them, whether it spoke of them)]}`.

    The oldest first, counted back from the last call before this one, regional or CoC-wide, that
    was done with them: a household stays carried over until some call discusses it, or hears that
    there is nothing to discuss, however many calls pass it by or only begin with it.
    """
    zone = meeting.continuum.zone
    reviews = (
        Review.objects.filter(meeting__starts_at__lt=meeting.starts_at)
        .filter(participant__continuum=meeting.continuum_id)
        .filter(
            Q(outcome=Review.Outcome.DISCUSSED)
            | Q(
                outcome__in=[Review.Outcome.CARRIED_OVER, Review.Outcome.NOTHING],
                meeting__state=Meeting.State.CLOSED,
            )
        )
        .with_household()
        .with_told()
        .order_by("meeting__starts_at")
        .values_list("household", "meeting", "outcome", "meeting__starts_at", "is_told")
    )
    found: defaultdict[uuid.UUID, dict[uuid.UUID, CarriedOver]] = defaultdict(dict)
    discussed: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for household, call, outcome, at, is_told in reviews:
        if outcome != Review.Outcome.CARRIED_OVER:
            found.pop(household, None)
            discussed.add((household, call))
        elif (household, call) not in discussed:
            was_told = call in found[household] and found[household][call][1]
            found[household][call] = (local_day(at, zone), is_told or was_told)
    return {household: list(calls.values()) for household, calls in found.items()}


def open_steps_by_person(meeting: Meeting, **conditions: object) -> dict[uuid.UUID, list[date]]:
    steps = ActionItem.objects.open().filter(
        participant__continuum=meeting.continuum_id, **conditions
    )
    found = defaultdict(list)
    for participant, due_on in steps.order_by("due_on").values_list("participant", "due_on"):
        found[participant].append(due_on)
    return found


def nominations_by_person(meeting: Meeting) -> dict[uuid.UUID, list[str]]:
    found = defaultdict(list)
    standing = Nomination.objects.filter(meeting=meeting, withdrawn_at__isnull=True)
    for participant, agency in standing.order_by("at").values_list("participant", "agency__name"):
        found[participant].append(agency)
    return found


def candidate(person: Participant, criteria: list[ReviewCriterion], facts: Facts) -> Candidate:
    found = Candidate(person, person.place.days(facts.on))
    for place, criterion in enumerate(criteria):
        words = words_for(criterion, person, found.days_on_list, facts)
        if words:
            found.reasons.append({"kind": criterion.kind, "words": words})
            found.weight += len(criteria) - place
    return found


def words_for(criterion: ReviewCriterion, person: Participant, days: int, facts: Facts) -> str:
    """Why `person` meets the criterion, in words that name nobody; empty if they do not."""
    match criterion.kind:
        case Kind.UNSHELTERED:
            return "Not in a place meant for habitation" if person.is_unsheltered else ""
        case Kind.LONGEST:
            return longest_words(facts.longest.get(person.pk), days)
        case Kind.YOUTH:
            return "Youth (under 25)" if person.is_youth else ""
        case Kind.VETERAN:
            return "Veteran" if person.is_veteran else ""
        case Kind.MINORS:
            return "Family with minors" if person.children else ""
        case Kind.REFERRAL:
            since = person.referral_active_on
            return f"Active referral since {day_words(since)}" if since else ""
        case Kind.SHELTER_NEED:
            return "Shelter or diversion need" if person.needs_shelter else ""
        case Kind.PRIORITIZED:
            return "Being prioritized for housing" if person.is_prioritized else ""
        case Kind.OVERDUE_STEP:
            return overdue_words(person, facts)
        case Kind.NOT_REVIEWED:
            return not_reviewed_words(criterion, person, days, facts)
        case Kind.CARRIED_OVER:
            return carried_over_words(facts.carried_over.get(person.pk))
        case Kind.NOMINATED:
            agencies = facts.nominated.get(person.pk)
            return f"Nominated by {', '.join(agencies)}" if agencies else ""
    return ""


def longest_words(place: int | None, days: int) -> str:
    """“2nd longest on the list (1,063 days)”, as people say it."""
    if place is None:
        return ""
    rank = "Longest" if place == 1 else f"{ordinal(place)} longest"
    return f"{rank} on the list ({plural(days, 'day')})"


def ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def carried_over_words(calls: list[CarriedOver] | None) -> str:
    """Why they come first; `calls`: `[(date, whether it spoke of them)]` since the last review."""
    if not calls:
        return ""
    what = "not finished" if any(is_told for _, is_told in calls) else "not reached"
    if len(calls) == 1:
        return f"Carried over: {what} last time"
    times = "twice" if len(calls) == 2 else f"{len(calls)} times"
    return f"Carried over {times}: {what} since {day_words(calls[0][0])}"


def overdue_words(person: Participant, facts: Facts) -> str:
    overdue, critical = facts.overdue.get(person.pk), facts.critical.get(person.pk)
    words = []
    if overdue:
        words.append(f"step overdue since {day_words(overdue[0])}")
    if critical:
        words.append(f"critical step due {day_words(critical[0])}")
    text = " and ".join(words)
    return text[:1].upper() + text[1:]


def not_reviewed_words(
    criterion: ReviewCriterion, person: Participant, days: int, facts: Facts
) -> str:
    months = criterion.number or NOT_REVIEWED_MONTHS_DEFAULT
    limit = facts.on - relativedelta(months=months)
    last = facts.last_reviewed_on.get(person.pk)
    if last is None:
        return "Never reviewed" if timedelta(days=days) >= facts.on - limit else ""
    return f"Not reviewed since {day_words(last)}" if last < limit else ""
