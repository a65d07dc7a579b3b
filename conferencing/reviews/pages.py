"""A participant's reviews and steps, and what went before them, as one reader may see them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, NotRequired, TypedDict

from django.db.models import Prefetch, Q

import audit.actions
from accounts.models import User
from conferencing.elements import ELEMENTS, LISTS, NOT_RECORDED, Clean, read
from conferencing.models import ActionItem, Meeting, ProgressUpdate, Review
from conferencing.permissions import permitted
from conferencing.steps.pages import REPORT
from participants.models import Participant
from participants.services.pages import record_look
from regions.clock import local_day

from .additions import addition_line, additions_to
from .decisions import decisions_said
from .line import review_lines
from .prepared import (
    ending_words,
    parts_left,
    prepared_by_call,
    row_of,
    shown,
)
from .reasons import reasons_by_call


class StepLine(TypedDict):
    may_report: bool
    step: ActionItem
    what: str
    is_overdue: bool
    updates: list[tuple[ProgressUpdate, str]]


class AtCall(TypedDict):
    """One call in the household's file; what was said only where it has a review."""

    meeting: Meeting
    review: Review | None
    added: list[str]
    said: NotRequired[list[dict[str, object]]]
    notes: NotRequired[str]
    decisions: NotRequired[list[str]]
    steps: NotRequired[list[StepLine]]
    standing: NotRequired[str]
    reasons: NotRequired[list[str]]
    prepared: NotRequired[list[dict[str, object]]]


if TYPE_CHECKING:
    from .prepared import ListedPreWork

REVIEWS_VIEWED = audit.actions.register("participant.reviews_viewed", "Looked at reviews and steps")


def reviews_page(participant: Participant, viewer: User, *, now: datetime) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded."""
    on = local_day(now, participant.continuum.zone)
    label = record_look(participant, viewer, now, page="reviews", action=REVIEWS_VIEWED)
    clean = label.clean

    reviews = list(
        Review.objects.of([participant])
        .with_told()
        .exclude(outcome=Review.Outcome.OPEN, is_told=False)
        .select_related(
            "meeting__region", "meeting__continuum", "navigator__user", "navigator__agency"
        )
    )
    added = additions_to(reviews)
    updates = ProgressUpdate.objects.select_related("by", "said_by")
    steps = (
        participant.steps.select_related("participant", "agency", "follow_up_person__user")
        .prefetch_related(Prefetch("updates", queryset=updates))
        .order_by("-created_at")
    )
    may_report = permitted(viewer, REPORT, steps)
    lines = [step_line(step, clean, on, step.pk in may_report) for step in steps]
    rows: list[AtCall] = [
        {
            "meeting": review.meeting,
            "review": review,
            "said": said_lines(review, clean),
            "notes": clean(review.notes),
            "decisions": decisions_said(review, clean),
            "added": [addition_line(each, clean) for each in added[review.pk]],
            "steps": [line for line in lines if line["step"].review_id == review.pk],
        }
        for review in reviews
    ]
    return {
        "participant": participant,
        "shown_as": label,
        "line": review_lines([participant], on=on, zone=participant.continuum.zone)[participant.pk],
        "open_steps": [line for line in lines if line["step"].state == "open"],
        "reviews": with_what_went_before(rows, participant, clean, now),
    }


MARKS = {
    Review.Changed.CHANGED: "changed",
    Review.Changed.UNCHANGED: "unchanged",
    Review.Changed.NOT_RECORDED: "change not recorded",
}


def said_lines(review: Review, clean: Clean) -> list[dict[str, object]]:
    """Each element of a review in a line; of a place also whether it changed."""
    told = read(review, clean, empty=NOT_RECORDED)
    told |= {name: ", ".join(told[name]) or "None recorded" for name in LISTS}
    return [
        {
            "title": each.title,
            "said": told[each.key],
            "details": told[each.typed] if each.is_place else "",
            "mark": MARKS[getattr(review, each.mark)] if each.is_place else "",
            "is_changed": each.is_place and getattr(review, each.mark) == Review.Changed.CHANGED,
        }
        for each in ELEMENTS
    ]


def with_what_went_before(
    rows: list[AtCall], participant: Participant, clean: Clean, now: datetime
) -> list[AtCall]:
    """The rows, the newest first, with why the household was to be heard and what was prepared.

    Also of a call without a review: one that was called off, that the household was taken off, or
    that is still to come.
    """
    records = Participant.every.filter(Q(pk=participant.pk) | Q(merged_into=participant.pk))
    typed, reasons = reasons_by_call(records.values("pk"), clean)
    prepared = prepared_by_call(records.values("pk"))
    reviews = {row["meeting"]: row["review"] for row in rows}
    without_review: list[AtCall] = [
        {"meeting": each, "review": None, "added": [], "standing": standing_words(each, now)}
        for each in {*typed, *prepared} - reviews.keys()
    ]
    rows = sorted([*rows, *without_review], key=lambda row: row["meeting"].starts_at, reverse=True)
    for row in rows:
        meeting = row["meeting"]
        row["reasons"] = reasons.get(meeting, [])
        row["prepared"] = [
            prepared_line(each, reviews.get(meeting), clean) for each in prepared.get(meeting, [])
        ]
    return rows


def standing_words(meeting: Meeting, now: datetime) -> str:
    """Why a call tells no review of a household."""
    if meeting.state == Meeting.State.CANCELLED:
        return "Call canceled"
    if meeting.state == Meeting.State.CLOSED:
        return "Not on the agenda"
    return "Call not closed" if meeting.has_begun(now) else "Coming up"


def prepared_line(
    prework: "ListedPreWork", review: Review | None, clean: Clean
) -> dict[str, object]:
    """One agency's pre-work, what became of it, and what of it the review does not say."""
    is_used = prework.accepted_at is not None
    left = parts_left(row_of(prework), [review], clean) if is_used and review else {}
    return {
        "agency": prework.agency.name,
        "facts": shown(prework, clean),
        "ending": ending_words(prework),
        "left": list(left.values()),
    }


def step_line(step: ActionItem, clean: Clean, on: date, may_report: bool) -> StepLine:
    return {
        "may_report": may_report,
        "step": step,
        "what": clean(step.what),
        "is_overdue": step.state == "open" and step.due_on < on,
        "updates": [(update, clean(update.line)) for update in step.updates.all()],
    }
