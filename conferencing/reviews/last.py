"""What was last said of a household, and where it is known to stay: asked by every page alike.

A household that was spoken of and then carried over was reviewed, too: what was said of it stands
in its line of reviews, marked as carried over, and the next call goes on from there.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BooleanField, ExpressionWrapper, Q

from conferencing.models import Meeting, Review
from conferencing.models.reviews import ReviewQuerySet
from participants.models import LivingSituation, Participant
from regions.clock import local_day
from regions.words import day_words

from .joined import one_per_call
from .prepared import Row, prework_for

Kind = LivingSituation.Kind
HMIS, LISTED, PREPARED, SAID = (
    "HMIS import",
    "By-name list",
    "Prepared for this call",
    "Last review",
)


def reviews_before(meeting: Meeting) -> ReviewQuerySet:
    """The reviews in which something was said, of calls before this one."""
    return Review.objects.told().filter(meeting__starts_at__lt=meeting.starts_at)


def last_reviews(
    people: Iterable[Participant] | None, *, before: Meeting
) -> dict[uuid.UUID, Review]:
    """Return `{participant id: Review}`: each one's last review before a meeting.

    `people` is None for everybody of the meeting's continuum. One query.
    """
    found = reviews_before(before)
    if people is None:
        found = found.with_household().filter(participant__continuum=before.continuum_id)
    else:
        found = found.of(people)
    found = (
        found.order_by("participant_id", "-meeting__starts_at")
        .distinct("participant_id")
        .select_related("meeting__continuum", "navigator__user", "navigator__agency")
    )
    of_records = sorted(found, key=lambda each: each.meeting.starts_at)
    return {review.household: review for review in one_per_call(of_records)}


def last_reviewed_on(meeting: Meeting) -> dict[uuid.UUID, date]:
    """Return `{participant id: date}` of everybody's last review before a meeting."""
    zone = meeting.continuum.zone
    found = (
        reviews_before(meeting)
        .with_household()
        .filter(participant__continuum=meeting.continuum_id)
        .order_by("participant_id", "-meeting__starts_at")
        .distinct("participant_id")
        .values_list("household", "meeting__starts_at")
    )
    in_time = sorted(found, key=lambda each: each[1])
    return {household: local_day(at, zone) for household, at in in_time}


def was_carried_over(review: Review) -> bool:
    """Whether the call left the household for the next one, or was never closed."""
    return review.outcome != Review.Outcome.DISCUSSED


def heard_until(review: Review) -> datetime:
    """Until when what was reported of the household was heard at the review itself.

    Of one that was marked discussed after its call, until the call was to end.
    """
    return min(review.discussed_at or review.meeting.starts_at, review.meeting.ends_at)


@dataclass(frozen=True)
class Whereabouts:
    """Where a household is known to stay: which kind, since which day, and who says so."""

    kind: str
    words: str
    on: date
    at: datetime
    source: str
    by: str = ""

    @property
    def label(self) -> str:
        return Kind(self.kind).label

    @property
    def says_who(self) -> str:
        """By-name list, Nov 19, 2026, Pat Provider."""
        return ", ".join(filter(None, (self.source, day_words(self.on), self.by)))


Known = dict[uuid.UUID, Whereabouts]  # by the participant's key


def is_news(kind: str, words: str | None, former: Review | None) -> bool:
    """Whether this is another place than the last review said; not where it said none."""
    if former is None or not (former.location or former.location_words):
        return False
    if kind != (former.location or Kind.UNKNOWN):
        return True
    return bool(words and former.location_words) and words != former.location_words


def whereabouts(
    people: Collection[Participant],
    *,
    meeting: Meeting,
    prepared: Mapping[uuid.UUID, list[Row]] | None = None,
) -> Known:
    """Return `{participant id: Whereabouts}`: the newest of all that is known before a call.

    Of reviews, the by-name list (where imports put what HMIS knows) and what agencies prepared. A
    location that a review only began with, and nobody confirmed, counts where nothing else is
    known. A constant number of queries. `prepared`: what agencies prepared for this call, by
    participant (`prework_for`), where it was read already.
    """
    zone = meeting.continuum.zone
    confirmed, unconfirmed = of_reviews(people, meeting, zone)
    found: Known = {}
    for each in (
        confirmed,
        of_the_list(people),
        of_prework(prework_for(meeting, people) if prepared is None else prepared, zone),
    ):
        for key, known in each.items():
            # What a call said stands on the list from that time on: that tells more of who said it.
            if key not in found or (known.on, known.at) >= (found[key].on, found[key].at):
                found[key] = known
    return unconfirmed | found


def of_reviews(people: Collection[Participant], meeting: Meeting, zone: str) -> tuple[Known, Known]:
    """What reviews confirmed, and what they only began with; each by participant id.

    A place in words counts without its kind: nobody knows the kind.
    """
    is_confirmed = ~Q(location_changed=Review.Changed.NOT_RECORDED)
    reviews = (
        reviews_before(meeting)
        .of(people)
        .exclude(location="", location_words__isnull=True)
        .annotate(is_confirmed=ExpressionWrapper(is_confirmed, BooleanField()))
        .order_by("participant_id", "is_confirmed", "-meeting__starts_at")
        .distinct("participant_id", "is_confirmed")
        .select_related("meeting")
    )
    confirmed: Known = {}
    unconfirmed: Known = {}
    for review in sorted(reviews, key=said_at):
        known = Whereabouts(
            review.location or Kind.UNKNOWN.value,
            review.location_words or "",
            local_day(review.meeting.starts_at, zone),
            review.located_at or review.meeting.starts_at,
            SAID,
        )
        (confirmed if review.is_confirmed else unconfirmed)[review.household] = known
    return confirmed, unconfirmed


def said_at(review: Review) -> tuple[datetime, datetime]:
    """By which call, and when at it, for records that were joined and had a review each."""
    return review.meeting.starts_at, review.located_at or review.meeting.starts_at


def of_the_list(people: Collection[Participant]) -> Known:
    stays = (
        LivingSituation.objects.filter(participant__in=people)
        .order_by("participant_id", "-on", "-recorded_at")
        .distinct("participant_id")
        .select_related("by", "participant__hmis")
    )
    found = {}
    for stay in stays:
        record = getattr(stay.participant, "hmis", None)
        said = (record.said.get("stay") if record else None) or []
        is_imported = list(said)[:2] == [stay.kind, stay.on.isoformat()]
        found[stay.participant_id] = Whereabouts(
            stay.kind,
            stay.words or "",
            stay.on,
            stay.recorded_at,
            HMIS if is_imported else LISTED,
            "" if is_imported or not stay.by else stay.by.name,
        )
    return found


def of_prework(prepared: Mapping[uuid.UUID, list[Row]], zone: str) -> Known:
    return {
        key: Whereabouts(
            each.location,
            each.location_words,
            local_day(each.at, zone),
            each.at,
            PREPARED,
            f"{each.by}, {each.agency}",
        )
        for key, rows in prepared.items()
        for each in rows
        if each.location
    }
