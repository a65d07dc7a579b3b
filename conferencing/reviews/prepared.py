"""What agencies prepared for a call, as plain data for pages and documents."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from conferencing.models import Meeting, PreWork, Review, RosterEntry
from regions.clock import local_day
from regions.words import day_words


@dataclass(frozen=True)
class Row:
    """One agency's pre-work as plain data; the caller redacts for its reader."""

    pk: object
    agency: str
    by: str
    at: datetime
    is_accepted: bool
    location: str
    location_label: str
    location_words: str
    preferences: str
    barriers: list | None
    safety: str
    notes: str
    prepared_for: str = ""  # the day of the call, where that was an earlier one


def prework_for(meeting, participants):
    """Return `{participant's key: [Row, …]}`, oldest first. One query."""
    found = defaultdict(list)
    kept = PreWork.objects.filter(meeting=meeting, participant__in=participants)
    for each in kept.select_related("agency", "by").order_by("at"):
        found[each.participant_id].append(row_of(each))
    return found


def earlier_prework(person, former, *, before, now):
    """Rows of what was prepared for calls before this one, from the last review on, oldest first.

    For calls that are over, or were called off. `former`: the last review, or None. One query.
    """
    kept = (
        PreWork.objects.filter(Q(participant=person) | Q(participant__merged_into=person))
        .filter(is_earlier(before))
        .exclude(meeting=before)
        .exclude(meeting__state=Meeting.State.PLANNED, meeting__ends_at__gt=now)
    )
    if former is not None:
        kept = kept.filter(meeting__starts_at__gte=former.meeting.starts_at)
    return [
        replace(row_of(each), prepared_for=day_words(each.meeting.on))
        for each in kept.select_related("agency", "by", "meeting__continuum").order_by("at")
    ]


def offered_at(meeting):
    """The pre-work that the page of a call may let take over: for it, or for an earlier one."""
    households = meeting.reviews.order_by().values("participant")
    return PreWork.objects.filter(
        Q(participant__in=households) | Q(participant__merged_into__in=households)
    ).filter(Q(meeting=meeting) | is_earlier(meeting))


def is_earlier(meeting):
    """Of a call before this one; one that was called off may have been meant for a later day."""
    return Q(meeting__starts_at__lt=meeting.starts_at) | Q(meeting__state=Meeting.State.CANCELLED)


def prepared_by_call(records):
    """Return `{call: [PreWork, …]}` of the household's records, oldest first. One query."""
    found = defaultdict(list)
    kept = with_listed(PreWork.objects.filter(participant__in=records))
    for each in kept.select_related(
        "agency", "by", "meeting__continuum", "meeting__region"
    ).order_by("at"):
        found[each.meeting].append(each)
    return found


def with_listed(kept):
    """Each with `is_listed`: whether the household is on that call's agenda."""
    at_call = {"meeting": OuterRef("meeting"), "participant": OuterRef("participant")}
    entries, reviews = RosterEntry.objects.filter(**at_call), Review.objects.filter(**at_call)
    return kept.annotate(is_listed=Exists(entries) | Exists(reviews))


def ending_words(prework):
    """What became of pre-work, in words; asks for `with_listed`."""
    meeting, State = prework.meeting, Meeting.State
    if prework.accepted_at:
        return f"Used {day_words(local_day(prework.accepted_at, meeting.continuum.zone))}"
    if meeting.state == State.CANCELLED:
        return "Call cancelled"
    if not prework.is_listed:
        return "Not on the roster"
    return "Not taken up" if meeting.state == State.CLOSED else "Not used yet"


def parts_of(row, clean):
    """The parts of pre-work that say something: `[(name, title, words, value)]`."""
    parts = (
        ("location", "Current location", row.location_label, row.location),
        ("location_words", "Place", clean(row.location_words), ""),
        ("preferences", "Preferences", clean(row.preferences), ""),
        ("barriers", "Critical barriers", clean(row.barriers or []), ""),
        ("safety", "Current safety", clean(row.safety), ""),
        ("notes", "Other updates", clean(row.notes), ""),
    )
    return [part for part in parts if part[2]]


def parts_left(row, reviews, clean):
    """`{name: title}` of the parts that stand in none of these reviews, as the reader sees both.

    Compared as they are shown: what is hidden from a reader is no answer to what they prepared.
    """
    return {
        name: title
        for name, title, words, value in parts_of(row, clean)
        if not any(stands_in(review, name, value or words, clean) for review in reviews)
    }


def stands_in(review, name, words, clean):
    said = getattr(review, name)
    if name == "location":
        return said == words
    if name == "barriers":
        return set(words) <= set(clean(said))
    return words in clean(said)


def row_of(prework):
    return Row(
        pk=prework.pk,
        agency=prework.agency.name,
        by=prework.by.name,
        at=prework.at,
        is_accepted=prework.accepted_at is not None,
        location=prework.location,
        location_label=prework.get_location_display(),
        location_words=prework.location_words or "",
        preferences=prework.preferences or "",
        barriers=prework.barriers,
        safety=prework.safety or "",
        notes=prework.notes or "",
    )


def shown(prework, clean):
    """An agency's pre-work as the reader may see it."""
    row = row_of(prework)
    return {
        "revision": prework.revision,
        "by": row.by,
        "at": row.at,
        "is_accepted": row.is_accepted,
        "location": row.location,
        "location_label": row.location_label,
        "location_words": clean(row.location_words),
        "preferences": clean(row.preferences),
        "barriers": None if row.barriers is None else clean(row.barriers),
        "safety": clean(row.safety),
        "notes": clean(row.notes),
    }
