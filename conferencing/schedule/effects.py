"""What an act on a call will do, said in words before it is done."""

import copy
import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from conferencing.models import Meeting
from conferencing.prep_lists.mails import unsettled_messages, was_kept_from_some
from conferencing.prep_lists.timing import time_anew
from regions.clock import local_day
from regions.words import clock_words, long_day_words, moment_words, weekday_words

from .acts import overlapping
from .invitations import HORIZON, count_told


class MoveEffects(TypedDict):
    """What an act does, and what speaks against it, each in a sentence."""

    effects: list[str]
    warnings: list[str]


def moment(at: datetime.datetime, zone: str) -> str:
    """An instant in words, where the continuum is: "Thursday, December 10, 2026, 10:00 AM"."""
    return moment_words(at.astimezone(ZoneInfo(zone)))


def effects_of_move(
    meeting: Meeting, starts_at: datetime.datetime, minutes: int, *, now: datetime.datetime
) -> MoveEffects:
    """What moving a call does, and what speaks against it: lists `effects` and `warnings`."""
    zone = meeting.continuum.zone
    length = "" if minutes == meeting.minutes else f", for {minutes} minutes"
    if starts_at == meeting.starts_at:
        moves = f"The call stays on {moment(starts_at, zone)}"
        list_words = "Nothing changes about its list."
    else:
        former = moment(meeting.starts_at, zone)
        moves = f"The call moves from {former} to {moment(starts_at, zone)}"
        list_words = _list_after_move(meeting, starts_at, now)
    effects = [
        f"{moves}{length}.",
        list_words,
        "Its roster, its roles and what was nominated stay with it.",
        _who_is_told(meeting, starts_at, now, "The new time is mailed to"),
    ]
    return {"effects": effects, "warnings": warnings_of_time(meeting, starts_at, minutes)}


def warnings_of_time(meeting: Meeting, starts_at: datetime.datetime, minutes: int) -> list[str]:
    """What speaks against a call at this time: a closed day, a weekend, another call."""
    on = local_day(starts_at, meeting.continuum.zone)
    warnings = []
    closed = meeting.continuum.offices.closed_words(on)
    if closed:
        warnings.append(f"{weekday_words(on)} is {closed}.")
    elif not meeting.continuum.offices.is_working_day(on):
        warnings.append(f"{on:%B} {on.day} is a {on:%A}.")
    probe = type(meeting)(
        pk=meeting.pk,
        continuum=meeting.continuum,
        starts_at=starts_at,
        ends_at=starts_at + datetime.timedelta(minutes=minutes),
    )
    for other in overlapping(probe):
        if other.region_id != meeting.region_id:
            time = clock_words(other.starts_at.astimezone(ZoneInfo(meeting.continuum.zone)))
            warnings.append(f"{other.scope_words} has a call at this time, from {time}.")
    return warnings


def effects_of_cancel(meeting: Meeting, *, now: datetime.datetime) -> list[str]:
    """What cancelling a call does."""
    list_words = "Its list is not sent."
    if unsettled_messages(meeting).exists():
        list_words = "What is not sent yet of its list is withheld."
    elif meeting.prep_lists.exists():
        list_words = "Its list has gone out; no further one is sent."
    return [
        f"The call on {moment(meeting.starts_at, meeting.continuum.zone)} will not be held.",
        list_words,
        "The agencies that would have facilitated and taken notes come next in the rotation.",
        _who_is_told(meeting, meeting.starts_at, now, "The cancellation is mailed to")
        + " The reason is not in the email; it is shown on the call's page.",
        "You can restore the call until its time has come.",
    ]


def effects_of_restore(meeting: Meeting, *, now: datetime.datetime) -> list[str]:
    """What restoring a canceled call does."""
    return [
        f"The call on {moment(meeting.starts_at, meeting.continuum.zone)} is held after all.",
        _list_after_move(meeting, meeting.starts_at, now),
        _who_is_told(meeting, meeting.starts_at, now, "An invitation is mailed to", is_new=True),
    ]


def _list_after_move(meeting: Meeting, starts_at: datetime.datetime, now: datetime.datetime) -> str:
    zone = meeting.continuum.zone
    has_list = meeting.prep_lists.exists()
    if has_list and not owes_list_anew(meeting, starts_at):
        return "Its list stays as it is."
    moved = copy.copy(meeting)
    moved.starts_at = starts_at
    time_anew(moved, now)
    due_at = moved.list_times.due_at
    if has_list:
        return _list_anew(moved, zone, is_former=starts_at != _list_shows(meeting))
    if meeting.list_held_at:
        return "Its list is on hold and stays so."
    if moved.list_goes_at is None:
        return (
            "The call is too near for its list to go out two days ahead. Nothing is sent by "
            "itself. You choose next: send the list now, at a time, or not at all."
        )
    if due_at == meeting.list_due_at:
        return f"Its list goes out on {moment(due_at, zone)}."
    former = f"no longer on {moment(meeting.list_due_at, zone)}"
    if meeting.list_goes_at is None:
        former = "by itself again"
    return f"Its list goes out on {moment(due_at, zone)}, {former}."


def owes_list_anew(meeting: Meeting, starts_at: datetime.datetime) -> bool:
    """Whether the call, held at `starts_at`, owes another list than the one it has."""
    if meeting.state == meeting.State.PLANNED and starts_at == meeting.starts_at:
        return meeting.list_was_for is not None
    return starts_at != _list_shows(meeting) or was_kept_from_some(meeting)


def _list_shows(meeting: Meeting) -> datetime.datetime:
    """The time that the call's newest list shows."""
    return meeting.list_was_for or meeting.starts_at


def _list_anew(moved: Meeting, zone: str, *, is_former: bool) -> str:
    """What becomes of a list that was made for the former time, or that not everybody got."""
    words = "Its list shows the former time: what is not sent yet is withheld. "
    if not is_former:
        words = "Not everybody got its list before the call was canceled or moved. "
    if moved.list_held_at:
        return f"{words}A corrected list is on hold, as the list is."
    if moved.list_goes_at is None:
        return (
            f"{words}Nothing is sent by itself: you choose next whether to send a corrected list "
            "now, at a time, or not at all."
        )
    return f"{words}A corrected list goes out on {moment(moved.list_goes_at, zone)}."


def _who_is_told(
    meeting: Meeting,
    starts_at: datetime.datetime,
    now: datetime.datetime,
    words: str,
    *,
    is_new: bool = False,
) -> str:
    told = count_told(meeting)
    if told:
        people = "the one person" if told == 1 else f"the {told} people"
        return f"{words} {people} who have the call in their calendars."
    if starts_at <= now + HORIZON and (is_new or meeting.starts_at > now + HORIZON):
        return "Invitations go out within minutes."
    opens_on = local_day(starts_at - HORIZON, meeting.continuum.zone)
    if starts_at > now + HORIZON:
        return (
            "Nobody is mailed now: invitations for this call go out from "
            f"{long_day_words(opens_on)} on."
        )
    return "Nobody has been invited to it yet, so nobody is mailed."
