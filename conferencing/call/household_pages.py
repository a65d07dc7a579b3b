"""What the page of a call shows of one household, as its reader may see it."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.call.attendance import guest_lines
from conferencing.elements import ELEMENTS, KEYS, NOT_RECORDED, Clean, Read, read
from conferencing.models import (
    ActionItem,
    Call,
    CallSight,
    Meeting,
    ProgressUpdate,
    Review,
)
from conferencing.models.reviews import ActionItemQuerySet, ReviewQuerySet
from conferencing.reviews.additions import addition_line, additions_since
from conferencing.reviews.decisions import decisions_said, target_words
from conferencing.reviews.last import (
    Whereabouts,
    is_news,
    last_reviews,
    was_carried_over,
    whereabouts,
)
from conferencing.reviews.prepared import (
    Part,
    Row,
    earlier_prework,
    parts_left,
    parts_of,
    prework_for,
)
from conferencing.reviews.reasons import reasons_of
from housing.pages import household_openings
from participants.disclosures import shown_as
from participants.models import Participant
from participants.naming import Label, labels
from regions.clock import local_day
from regions.words import day_words

from .note_fields import TEXTS, Value, Values, values_of
from .notes import has_basis
from .seat import Seat
from .sights import Shown, record_new_looks


class StepLine(TypedDict):
    step: ActionItem
    what: str
    is_overdue: bool
    updates: list[tuple[ProgressUpdate, str]]


class PreparedRow(TypedDict):
    prework: Row
    parts: list[Part]


HOUSEHOLD_VIEWED = audit.actions.register("call.household_viewed", "Was shown a review at a call")


def find_words(meeting: Meeting, pk: uuid.UUID | None) -> Review:
    """The review of this call, with what its words need; Review.DoesNotExist otherwise."""
    if pk is None:
        raise Review.DoesNotExist
    return with_words(meeting).get(pk=pk)


def find_review(meeting: Meeting, pk: uuid.UUID) -> Review:
    """The review of this call, with what its page shows; Review.DoesNotExist otherwise."""
    return (
        with_words(meeting)
        .select_related(
            "meeting__continuum",
            "participant__county",
            "participant__agency",
            "participant__place",
        )
        .get(pk=pk)
    )


def with_words(meeting: Meeting) -> ReviewQuerySet:
    return Review.objects.filter(meeting=meeting).select_related(
        "participant", "navigator__user", "navigator__agency", "saved_by"
    )


def record_look(review: Review, user: User, *, now: datetime) -> Label:
    """Tell the audit that it was shown, and return the Label under which it is.

    Once per review and person for each way of showing it.
    """
    label = label_of(review.participant, user, now)
    record_new_looks(
        {review: label}, user, part=CallSight.Part.REVIEW, record=record_looks, now=now
    )
    return label


def record_looks(shown: Shown, user: User, *, now: datetime) -> None:
    for review, label in shown.items():
        audit.services.record(
            HOUSEHOLD_VIEWED,
            actor=user,
            about=review.participant,
            detail={
                "review": str(review.pk),
                **shown_as(label),
            },
            now=now,
        )


def household(
    meeting: Meeting,
    call: Call | None,
    review: Review,
    user: User,
    seat: Seat,
    *,
    now: datetime,
) -> dict[str, object]:
    """One household on the table: the last review beside this one, steps, pre-work, decisions."""
    on = local_day(now, meeting.continuum.zone)
    person = review.participant
    shown_as = record_look(review, user, now=now)
    writes = seat.may_write and bool(call and call.is_open)
    # Whoever writes may take these words over: what stands for a name there tells whose it is.
    clean, edit = shown_as.clean, shown_as.to_edit if writes else shown_as.clean
    former = last_reviews([person], before=meeting).get(person.pk)
    added = additions_since([person], {person.pk: former} if former else {}, before=meeting)
    prepared = prework_for(meeting, [person])
    earlier = earlier_prework(person, former, before=meeting, now=now)
    known = whereabouts([person], meeting=meeting, prepared=prepared).get(person.pk)
    updates = ProgressUpdate.objects.select_related("by", "said_by").order_by("-at")
    steps = list(
        steps_at(review, former)
        .select_related("agency", "follow_up_person__user")
        .prefetch_related(Prefetch("updates", queryset=updates))
    )
    lines = [step_line(step, clean, on) for step in steps]
    entry = meeting.roster.filter(participant=person).first()
    passed = bool(former and former.target_on and former.target_on < on)
    was = former_words(former, edit) if former else None
    basis, words = bases(former, known, edit), reading(review, clean)
    values = values_to_edit(review, shown_as) if writes else {}
    return {
        "meeting": meeting,
        "call": call,
        "seat": seat,
        "review": review,
        "participant": person,
        "shown_as": shown_as,
        "household": person.size_words,
        "days": person.place.days(on) if hasattr(person, "place") else None,
        "reasons": [clean(each) for each in reasons_of(entry)],
        "entry": entry,
        "is_now": bool(call and call.on_table_id == review.pk),
        "former": was,
        "added": [addition_line(each, clean) for each in added[person.pk]],
        "known": known_words(known, former, edit) if known else None,
        "basis": basis,
        "target_passed_on": former.target_on if former and passed else None,
        "due_steps": [line for line in lines if line["step"].review_id != review.pk],
        "new_steps": [line for line in lines if line["step"].review_id == review.pk],
        "prework": prework_rows(prepared[person.pk], edit)
        + earlier_rows(earlier, [each for each in (former, review) if each], clean, edit),
        "guests": guest_lines(meeting, now=now, person=person, clean=clean),
        "values": values,
        "words": words,
        "progresses": ProgressUpdate.Progress.choices,
        "may_write": writes,
        "may_steer": seat.may_steer and bool(call and call.is_open),
        "elements": element_lines(was or {}, words, values, basis),
        "openings": household_openings(person, user, shown_as, now=now)
        | {
            "is_at_call": True,
            "may_refer": writes and not person.is_confidential,
            "refer_url": reverse("conferencing:call_refer", args=[meeting.pk, review.pk]),
        },
    }


def steps_at(review: Review, former: Review | None) -> ActionItemQuerySet:
    """The household's steps of which this review speaks: open, new, or closed since the last."""
    is_open, is_new = Q(state=ActionItem.State.OPEN), Q(review=review)
    return (
        ActionItem.objects.filter(participant=review.participant_id)
        .filter(is_open | is_new | Q(updates__isnull=False))
        .filter(is_open | is_new | Q(closed_at__gte=since(former)))
        .distinct()
        .order_by("due_on", "created_at")
    )


def element_lines(
    former: Read, words: Read, values: Values, basis: Mapping[str, Values | None]
) -> list[dict[str, object]]:
    """Each element in a line: what was said of it last time, what is said today, what changed."""
    return [
        {
            "element": each,
            "has_basis": bool(basis[each.key]),
            "former": former.get(each.key),
            "today": words[each.key],
            "details": words[each.typed] if each.is_place else "",
            "mark": words[each.mark],
            "value": values.get(each.key),
            "value_details": values.get(each.typed),
        }
        for each in ELEMENTS
    ]


def label_of(person: Participant, user: User, now: datetime) -> Label:
    return labels([person], user, now)[person.pk]


def history_words(value: Value, clean: Clean) -> str:
    """A value of a former revision, in words."""
    if isinstance(value, list):
        return ", ".join(clean(value))
    return clean(value) if isinstance(value, str) else day_words(value)


def since(former: Review | None) -> datetime:
    return former.meeting.starts_at if former else timezone.now()


def values_to_edit(review: Review, label: Label) -> Values:
    """Every field as the page of who writes has it: words by `Label.to_edit`, all else as it is."""
    values = values_of(review)
    barriers = dict(zip(values["barriers"], label.to_edit(values["barriers"]), strict=True))
    return values | {
        **{name: label.to_edit(values[name]) for name in TEXTS},
        "barriers": list(dict.fromkeys(barriers.values())),
        "systemic": [barriers[each] for each in values["systemic"] if each in barriers],
    }


def step_line(step: ActionItem, clean: Clean, on: date) -> StepLine:
    return {
        "step": step,
        "what": clean(step.what),
        "is_overdue": step.state == ActionItem.State.OPEN and step.due_on < on,
        "updates": [(update, clean(update.line)) for update in step.updates.all()],
    }


def known_words(known: Whereabouts, former: Review | None, clean: Clean) -> dict[str, object]:
    """Where the household is known to stay, and who says so; and whether the last review agrees."""
    return {
        "kind": known.kind,
        "label": known.label,
        "words": clean(known.words),
        "says_who": known.says_who,
        "is_news": is_news(known.kind, known.words, former),
    }


def bases(
    former: Review | None, known: Whereabouts | None, clean: Clean
) -> dict[str, Values | None]:
    """Against what each element may be called unchanged: `{element: its values}`, by JSON's types.

    None for what nothing is known of: “Unchanged” is not offered there, nor taken by the server.
    """
    found = dict.fromkeys(KEYS)
    if known:
        found["location"] = {"location": known.kind, "location_words": clean(known.words)}
    for name in has_basis(former):
        value = getattr(former, name)
        found[name] = {name: clean(value)}
    return found


def former_words(former: Review, clean: Clean) -> dict[str, Any]:  # Any: as `Read`
    """What the last review said, ready to be read."""
    return {
        "review": former,
        "on": day_words(local_day(former.meeting.starts_at, former.meeting.continuum.zone)),
        "is_carried_over": was_carried_over(former),
        **read(former, clean),
        "notes": clean(former.notes),
        "decisions": decisions_said(former, clean),
        "target": target_words(former, clean),
    }


def reading(review: Review, clean: Clean) -> Read:
    """Each part of the review in the words that a reader sees; a follower's page is patched by it.

    Texts and lists of texts only, keyed as the page marks its places.
    """
    systemic = set(review.systemic or [])
    return {
        **read(review, clean, empty=NOT_RECORDED),
        **{each.mark: MARKS[getattr(review, each.mark)] for each in ELEMENTS},
        "barriers": [
            f"{words}{' (systemic)' if each in systemic else ''}"
            for each, words in zip(review.barriers, clean(review.barriers), strict=True)
        ],
        "notes": clean(review.notes),
        "writer": f"Written down by {review.saved_by.name}" if review.saved_by else "",
        "decisions": decisions_said(review, clean),
    }


MARKS = {
    Review.Changed.CHANGED: "Changed",
    Review.Changed.UNCHANGED: "Unchanged",
    Review.Changed.NOT_RECORDED: "Not confirmed yet",
}


def prework_rows(prepared: Iterable[Row], edit: Clean) -> list[PreparedRow]:
    """What agencies prepared for a household at this call, as the reader may see it."""
    return [{"prework": each, "parts": parts_of(each, edit)} for each in prepared]


def earlier_rows(
    earlier: Iterable[Row], reviews: list[Review], clean: Clean, edit: Clean
) -> list[PreparedRow]:
    """What is left of what they prepared for earlier calls: the parts that no review took up."""
    rows: list[PreparedRow] = []
    for each in earlier:
        left = parts_left(each, reviews, clean)
        parts = [part for part in parts_of(each, edit) if part[0] in left]
        if parts:
            rows.append({"prework": each, "parts": parts})
    return rows


def choices_for(meeting: Meeting, review: Review, on: date) -> dict[str, object]:
    """What the writer can choose from: people for steps and navigation, by agency.

    `navigator_besides`: who navigates already, where nobody could choose them now.
    """
    staff = (
        StaffMember.objects.in_good_standing(on)
        .filter(agency__continuum=meeting.continuum_id)
        .select_related("user", "agency")
        .order_by("agency__name", "user__name")
    )
    by_agency: dict[Agency, list[StaffMember]] = {}
    for place in staff:
        by_agency.setdefault(place.agency, []).append(place)
    navigator = review.navigator
    return {
        "navigator_besides": navigator if navigator not in list(staff) else None,
        "staff": by_agency,
        "agencies": list(by_agency),
        "locations": Review._meta.get_field("location").choices,
        "eligibilities": Review.Eligibility.choices,
        "targets": Review.Target.choices,
    }
