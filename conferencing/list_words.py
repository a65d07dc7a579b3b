"""Where a call's list stands, in words: the same on every page."""

import copy
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from conferencing.models import Meeting
from regions.words import short_moment_words


@dataclass(frozen=True)
class ListState:
    """A call's list in words; `tone` for a tag, empty when there is nothing to point at."""

    words: str
    tone: str = ""
    needs_choice: bool = False


def list_state(meeting: Meeting, *, now: datetime) -> ListState:
    """Where the list stands: out, on hold, not sent, waiting for a choice, or when it goes out.

    Of a call from `with_list_out_at`, without a query.
    """
    out_at = meeting.list_out_at if hasattr(meeting, "list_out_at") else first_out_at(meeting)
    if out_at and meeting.list_was_for:
        if meeting.state == Meeting.State.PLANNED and not meeting.has_begun(now):
            return outdated_state(meeting, now=now)
        made = made_words(meeting)
        return ListState(f"{made}; no corrected one was sent")
    if out_at:
        words = f"List went out {_moment(out_at, meeting)}"
        if meeting.list_held_at:
            return ListState(f"{words}; what is not sent yet is on hold", "warn")
        return ListState("List is being sent", "info") if is_waiting(meeting) else ListState(words)
    if meeting.state == Meeting.State.CANCELLED:
        return ListState("List not sent")
    if meeting.state == Meeting.State.CLOSED or meeting.has_begun(now):
        return ListState("No list was sent")
    if meeting.list_held_at:
        return ListState("List on hold", "warn")
    if meeting.list_choice == Meeting.ListChoice.NONE:
        return ListState("No list for this call")
    goes_at = meeting.list_goes_at
    if goes_at is None:
        return ListState("List not sent: choose what happens", "bad", needs_choice=True)
    if goes_at <= now:
        return ListState("List goes out within minutes", "info")
    return ListState(f"List goes out {_moment(goes_at, meeting)}")


def outdated_state(meeting: Meeting, *, now: datetime) -> ListState:
    """Of a call moved after its list was made, or canceled and restored: what becomes of it."""
    made = f"{made_words(meeting)}; a corrected one"
    if meeting.list_held_at:
        return ListState(f"{made} is on hold", "warn")
    if meeting.list_choice == Meeting.ListChoice.NONE:
        return ListState(f"{made} is not sent")
    goes_at = meeting.list_goes_at
    if goes_at is None:
        return ListState(f"{made} is not sent: choose what happens", "bad", needs_choice=True)
    if goes_at <= now:
        return ListState(f"{made} goes out within minutes", "info")
    return ListState(f"{made} goes out {_moment(goes_at, meeting)}", "warn")


def made_words(meeting: Meeting) -> str:
    """What is wrong with the list of a call that owes another one."""
    if meeting.list_was_for is not None and meeting.shows_former_time:
        return f"List was made for {_moment(meeting.list_was_for, meeting)}"
    return "List did not reach everybody"


def settled_words(meeting: Meeting, *, now: datetime) -> str:
    """What settling the roster means for the list, said once it is done."""
    settled = copy.copy(meeting)
    settled.roster_settled_at = settled.roster_settled_at or now
    state = list_state(settled, now=now)
    if first_out_at(meeting) and not meeting.list_was_for:
        return "The roster is settled. The list is out: a change reaches people by a correction."
    return f"The roster is settled. {state.words}."


def first_out_at(meeting: Meeting) -> datetime | None:
    """When the call's first list went out, or None."""
    return meeting.prep_lists.order_by("revision").values_list("frozen_at", flat=True).first()


def is_waiting(meeting: Meeting) -> bool:
    """Whether copies of the call's list wait to be sent."""
    if hasattr(meeting, "list_is_waiting"):
        return meeting.list_is_waiting
    return meeting.prep_lists.with_waiting_copies().exists()


def _moment(at: datetime, meeting: Meeting) -> str:
    return short_moment_words(at.astimezone(ZoneInfo(meeting.continuum.zone)))
