"""Taking back, during a call, that a household was moved on the agenda or a new step taken back."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import undo
from accounts.models import User
from agreements.leaving import hold_places
from conferencing.at_once import tell_followers
from conferencing.models import ActionItem, Meeting, Review
from conferencing.roster.acts import number_entries
from regions.clock import local_day

from .acts import agenda_keys, lock_call, move_on_agenda
from .seat import meeting_with_seat
from .steps import remove_step, review_of

AGENDA, STEP = "agenda", "call_step"
KEPT = (
    "id",
    "participant_id",
    "review_id",
    "what",
    "agency_id",
    "follow_up_person_id",
    "due_on",
    "is_critical",
    "created_at",
)
HAS_LEFT = "The follow-up person has no role any more. Assign the step anew."


class OfCall(TypedDict):
    meeting: str


class AgendaUndo(OfCall):
    before: list[str]
    after: list[str]


class StepUndo(OfCall):
    step: dict[str, Any]  # Any: the columns of KEPT, as JSON holds them


@transaction.atomic
def change_agenda(
    meeting: Meeting, review: Review, *, by: int, actor: User, now: datetime
) -> AgendaUndo | None:
    """Move a household on the agenda; return what it takes to undo it, None if nothing moved."""
    list(meeting.roster.select_for_update(no_key=True).order_by("position"))
    before = agenda_keys(meeting)
    move_on_agenda(meeting, review, by=by, actor=actor, now=now)
    after = agenda_keys(meeting)
    if before == after:
        return None
    return {"meeting": str(meeting.pk), "before": before, "after": after}


@transaction.atomic
def undo_agenda(data: AgendaUndo, *, actor: User, now: datetime) -> None:
    """Put the agenda back in the order that it had."""
    meeting = seat_for(data["meeting"], actor, "may_steer", now)
    entries = {str(entry.pk): entry for entry in meeting.roster.select_for_update(no_key=True)}
    lock_call(meeting, actor=actor, now=now)
    undo.refuse_changed(agenda_keys(meeting) == data["after"])
    number_entries(meeting, [entries[key] for key in data["before"]])
    tell_followers(meeting.pk)


@transaction.atomic
def take_step_back(step: ActionItem, *, actor: User, now: datetime) -> StepUndo | None:
    """Take back a new step; return what it takes to undo that, None if it was gone already."""
    meeting = review_of(step).meeting
    lock_call(meeting, actor=actor, now=now)
    found = ActionItem.objects.filter(pk=step.pk).first()
    remove_step(step, actor=actor, now=now)
    if found is None:
        return None
    return {
        "meeting": str(meeting.pk),
        "step": {name: plain(getattr(found, name)) for name in KEPT},
    }


def plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def undo_step(data: StepUndo, *, actor: User, now: datetime) -> None:
    """Assign the step again, as it was."""
    meeting = seat_for(data["meeting"], actor, "may_write", now)
    has_place = hold_places([data["step"]["follow_up_person_id"]])
    lock_call(meeting, actor=actor, now=now)
    values = data["step"] | {
        "due_on": date.fromisoformat(data["step"]["due_on"]),
        "created_at": datetime.fromisoformat(data["step"]["created_at"]),
    }
    undo.refuse_changed(
        meeting.reviews.filter(
            pk=values["review_id"], participant=values["participant_id"]
        ).exists()
        and not ActionItem.objects.filter(pk=values["id"]).exists()
    )
    if not has_place:
        raise ValidationError(HAS_LEFT)
    step = ActionItem(**values)
    step.full_clean()
    step.save(force_insert=True)
    tell_followers(meeting.pk)


def seat_for(pk: str, actor: User, may: str, now: datetime) -> Meeting:
    """The meeting, if `actor` may do this at its call now; PermissionDenied otherwise."""
    membership = getattr(actor, "membership", None)
    if membership is None:
        raise PermissionDenied
    try:
        meeting, _call, seat = meeting_with_seat(
            pk, actor, local_day(now, membership.continuum.zone)
        )
    except Meeting.DoesNotExist:
        raise PermissionDenied from None
    if not getattr(seat, may):
        raise PermissionDenied("This is for the people who run the call.")
    return meeting
