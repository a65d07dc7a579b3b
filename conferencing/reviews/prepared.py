"""What agencies prepared for a call, as plain data for pages and documents."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, make_dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet

from conferencing.elements import COLUMNS, ELEMENTS, LISTS, WORDS, Clean
from conferencing.models import Meeting, MeetingAnswer, PreWork, Review, RosterEntry
from participants.models import Participant
from regions.clock import local_day
from regions.words import day_words

FIELDS = (*COLUMNS, "notes")
Keys = QuerySet[Participant, Any]  # Any: the keys of records, as `values` gives them
Part = tuple[str, str, Any, str]  # Any: a text, or a list of texts; beside its name and title


@dataclass(frozen=True, kw_only=True)
class OfAgency:
    """Whose pre-work it is."""

    pk: uuid.UUID
    agency: str
    by: str
    at: datetime
    is_accepted: bool
    sent_word: str  # whose notes they are, where that person said that they cannot come
    notes: str
    prepared_for: str = ""  # the day of the call, where that was an earlier one


class Listed(TypedDict):
    is_listed: bool


class Worded(TypedDict):
    is_word: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedPreWork: TypeAlias = WithAnnotations[PreWork, Listed]
    WordedPreWork: TypeAlias = WithAnnotations[PreWork, Worded]

    class Row(OfAgency):
        def __getattr__(self, name: str) -> Any: ...  # what an element's column holds

else:
    Row = make_dataclass(
        "Row",
        [
            *((name, object) for name in COLUMNS),
            *((f"{each.key}_label", str) for each in ELEMENTS if each.is_place),
        ],
        bases=(OfAgency,),
        frozen=True,
        kw_only=True,
        namespace={
            "__doc__": "One agency's pre-work as plain data; the caller redacts for its reader."
        },
    )


def prework_for(
    meeting: Meeting, participants: Iterable[Participant]
) -> defaultdict[uuid.UUID, list[Row]]:
    """Return `{participant's key: [Row, …]}`, oldest first. One query."""
    found = defaultdict(list)
    kept = with_sent_word(PreWork.objects.filter(meeting=meeting, participant__in=participants))
    for each in kept.select_related("agency", "by", "notes_by").order_by("at"):
        found[each.participant_id].append(row_of(each))
    return found


def earlier_prework(
    person: Participant, former: Review | None, *, before: Meeting, now: datetime
) -> list[Row]:
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
        for each in kept.select_related("agency", "by", "notes_by", "meeting__continuum").order_by(
            "at"
        )
    ]


def with_sent_word(kept: QuerySet[PreWork]) -> "QuerySet[WordedPreWork]":
    """Each with `is_word`: whether its notes are of somebody who said that they cannot come."""
    away = MeetingAnswer.objects.standing().filter(
        meeting=OuterRef("meeting"), user=OuterRef("notes_by"), is_coming=False
    )
    return kept.annotate(is_word=Exists(away))


def offered_at(meeting: Meeting) -> QuerySet[PreWork]:
    """The pre-work that the page of a call may let take over: for it, or for an earlier one."""
    households = meeting.reviews.order_by().values("participant")
    return PreWork.objects.filter(
        Q(participant__in=households) | Q(participant__merged_into__in=households)
    ).filter(Q(meeting=meeting) | is_earlier(meeting))


def is_earlier(meeting: Meeting) -> Q:
    """Of a call before this one; one that was called off may have been meant for a later day."""
    return Q(meeting__starts_at__lt=meeting.starts_at) | Q(meeting__state=Meeting.State.CANCELLED)


def prepared_by_call(records: Keys) -> "dict[Meeting, list[ListedPreWork]]":
    """Return `{call: [PreWork, …]}` of the household's records, oldest first. One query."""
    found = defaultdict(list)
    kept = with_listed(PreWork.objects.filter(participant__in=records))
    for each in kept.select_related(
        "agency", "by", "notes_by", "meeting__continuum", "meeting__region"
    ).order_by("at"):
        found[each.meeting].append(each)
    return found


def with_listed(kept: QuerySet[PreWork]) -> "QuerySet[ListedPreWork]":
    """Each with `is_listed`: whether the household is on that call's agenda."""
    at_call = {"meeting": OuterRef("meeting"), "participant": OuterRef("participant")}
    entries, reviews = RosterEntry.objects.filter(**at_call), Review.objects.filter(**at_call)
    return kept.annotate(is_listed=Exists(entries) | Exists(reviews))


def ending_words(prework: "ListedPreWork") -> str:
    """What became of pre-work, in words; asks for `with_listed`."""
    meeting, State = prework.meeting, Meeting.State
    if prework.accepted_at:
        return f"Used {day_words(local_day(prework.accepted_at, meeting.continuum.zone))}"
    if meeting.state == State.CANCELLED:
        return "Call canceled"
    if not prework.is_listed:
        return "Not on the roster"
    return "Not used" if meeting.state == State.CLOSED else "Not used yet"


def parts_of(row: Row, clean: Clean) -> list[Part]:
    """The parts of pre-work that say something: `[(name, title, words, value)]`."""
    parts = []
    for each in ELEMENTS:
        if each.is_place:
            parts.append(
                (each.key, each.title, getattr(row, f"{each.key}_label"), getattr(row, each.key))
            )
        title = "Place" if each.is_place else each.title
        typed = getattr(row, each.typed)
        parts.append((each.typed, title, typed and clean(typed), ""))
    parts.append(("notes", "Other updates", clean(row.notes), ""))
    return [part for part in parts if part[2]]


def facts_of(row: Row, clean: Clean) -> list[tuple[str, str, str]]:
    """The same in lines to be read, a place and its words in one: `[(title, kind, words)]`."""
    found = []
    for each in ELEMENTS:
        value, words = getattr(row, each.key), getattr(row, each.typed)
        if each.is_place:
            found.append((each.title, getattr(row, f"{each.key}_label"), clean(words)))
        elif each.is_list and value is not None:
            found.append((each.title, "", ", ".join(clean(value)) or "None any more"))
        elif each.is_text:
            found.append((each.title, "", clean(value)))
    found.append(("Other updates", "", clean(row.notes)))
    return [line for line in found if line[1] or line[2]]


def parts_left(row: Row, reviews: Iterable[Review], clean: Clean) -> dict[str, str]:
    """`{name: title}` of the parts that stand in none of these reviews, as the reader sees both.

    Compared as they are shown: what is hidden from a reader is no answer to what they prepared.
    """
    return {
        name: title
        for name, title, words, value in parts_of(row, clean)
        if not any(stands_in(review, name, value or words, clean) for review in reviews)
    }


def stands_in(review: Review, name: str, words: str | list[str], clean: Clean) -> bool:
    said = getattr(review, name)
    if name == "location":
        return bool(said == words)
    if name == "barriers":
        return set(words) <= set(clean(said))
    return words in clean(said)


def row_of(prework: PreWork) -> Row:
    return Row(
        pk=prework.pk,
        agency=prework.agency.name,
        by=prework.by.name,
        at=prework.at,
        is_accepted=prework.accepted_at is not None,
        sent_word=prework.notes_by.name
        if getattr(prework, "is_word", False) and prework.notes_by
        else "",
        **{
            name: getattr(prework, name) if name in LISTS else getattr(prework, name) or ""
            for name in FIELDS
        },
        **{
            f"{each.key}_label": getattr(prework, f"get_{each.key}_display")()
            for each in ELEMENTS
            if each.is_place
        },
    )


def shown(prework: PreWork, clean: Clean) -> dict[str, object]:
    """An agency's pre-work as the reader may see it: `facts` are its parts, in their order."""
    row = row_of(prework)
    typed = (*WORDS, "notes")
    found = {name: getattr(row, name) for name in FIELDS}
    found |= {name: clean(found[name]) for name in typed if found[name] is not None}
    return found | {
        "revision": prework.revision,
        "by": row.by,
        "at": row.at,
        "is_accepted": row.is_accepted,
        "facts": facts_of(row, clean),
    }
