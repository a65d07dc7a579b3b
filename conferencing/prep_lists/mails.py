"""The mails of a prep list once they are queued: taken back, put on hold, let go.

A list is owed anew (`Meeting.list_was_for`) when the call was moved away from the time that it
shows, or was off while somebody's copy still waited.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

import outbox.services
from accounts.models import User
from conferencing.models import Meeting
from outbox.models import Message, MessageQuerySet

logger = logging.getLogger(__name__)

CALL_MOVED = "The call was moved; this copy shows its former time."

CALL_CANCELLED = "The call is canceled."

CALL_BACK = (
    "The call was canceled or moved in the meantime; a new list takes the place of this one."
)
# As rows of before spell it.
FORMERLY = [words.replace("canceled", "cancelled") for words in (CALL_CANCELLED, CALL_BACK)]


def outdate_list(meeting: Meeting, *, former: datetime, actor: User | None, now: datetime) -> None:
    """The call, locked, is moved from `former`: its list shows a time that no longer holds.

    What still waits is withheld, and a list for the new time is due anew as the next revision. A
    copy that is being sent at this moment is asked about once more (`deliveries.refuse_overtaken`).
    Moved back to the time that the list shows, everybody's copy is right again, if all had theirs.
    The caller saves the meeting.
    """
    if not meeting.prep_lists.exists():
        return
    withdraw(waiting_messages(meeting), reason=CALL_MOVED, actor=actor, now=now)
    was_for = meeting.list_was_for or former
    is_right = was_for == meeting.starts_at and not was_kept_from_some(meeting)
    meeting.list_was_for = None if is_right else was_for


def stop_list(meeting: Meeting, *, actor: User | None, now: datetime) -> None:
    """The call, locked, is canceled: what still waits of its list is withheld.

    Restored, it owes a list anew to whoever did not get it. The caller saves the meeting.
    """
    withdraw(waiting_messages(meeting), reason=CALL_CANCELLED, actor=actor, now=now)
    note_kept_back(meeting)


def note_kept_back(meeting: Meeting) -> None:
    """Note that a list is due anew, if somebody's copy was withheld because the call was off.

    Asked again once the call is back: a copy that was on its way then may have arrived.
    """
    if not meeting.shows_former_time:
        meeting.list_was_for = meeting.starts_at if was_kept_from_some(meeting) else None


def was_kept_from_some(meeting: Meeting) -> bool:
    """Whether a copy of the newest list was withheld, or may yet be, for its call's sake alone."""
    newest = meeting.prep_lists.order_by("-revision").first()
    if newest is None:
        return False
    is_withheld = Q(state__in=[Message.State.CANCELLED, Message.State.WITHHELD])
    reasons = Q()
    for words in (CALL_CANCELLED, CALL_MOVED, CALL_BACK, *FORMERLY):
        reasons |= Q(last_error__startswith=words)
    return Message.objects.filter(
        (is_withheld & reasons) | Q(state=Message.State.SENDING),
        prep_list_delivery__prep_list=newest,
    ).exists()


def withdraw(
    messages: Iterable[Message], *, reason: str, actor: User | None, now: datetime
) -> None:
    """Take back mails that wait; one that is being sent at this moment refuses for itself."""
    for message in messages:
        with unless_settled(message):
            outbox.services.cancel(message, actor=actor, reason=reason, now=now)


def hold_messages(meeting: Meeting, *, actor: User, now: datetime) -> None:
    """Put every mail of the list on hold that is not settled, also one that is being sent.

    Looked for until none is left: while a row was waited for, its sender may have put a new mail
    in its place.
    """
    reason = "The CE Specialist keeps it back."
    while free := list(unsettled_messages(meeting).filter(held_at=None)):
        for message in free:
            with unless_settled(message):
                outbox.services.hold(message, actor=actor, reason=reason, now=now)


def release_messages(meeting: Meeting, *, actor: User, now: datetime) -> None:
    """Let the mails of the list go that were put on hold, as far as they are not settled."""
    for message in unsettled_messages(meeting).exclude(held_at=None):
        with unless_settled(message):
            outbox.services.release(message, actor=actor, now=now)


@contextmanager
def unless_settled(message: Message) -> Iterator[None]:
    """Pass over a mail that was settled, or handed over, while its row was waited for."""
    try:
        yield
    except ValidationError:
        logger.info("Mail %s was settled or is being sent; nothing is done about it.", message.pk)


def unsettled_messages(meeting: Meeting) -> MessageQuerySet:
    return Message.objects.unsettled().filter(prep_list_delivery__prep_list__meeting=meeting)


def waiting_messages(meeting: Meeting) -> MessageQuerySet:
    return unsettled_messages(meeting).filter(state=Message.State.WAITING)


ON_HOLD = "The list is on hold. Take it off hold first."


def lock_for_sending(meeting: Meeting, *, now: datetime) -> Meeting:
    """The call, locked, if something of its list may go out: what every act that sends asks first.

    Raises ValidationError once it is canceled or has begun, and while its list is on hold.
    """
    meeting = lock_list(meeting, now=now)
    if meeting.list_held_at:
        raise ValidationError(ON_HOLD)
    return meeting


def lock_list(meeting: Meeting, *, now: datetime) -> Meeting:
    """The call, locked, if its list can still be held or let go."""
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    if meeting.state != Meeting.State.PLANNED:
        raise ValidationError(f"The call is {meeting.get_state_display().lower()}.")
    if meeting.has_begun(now):
        raise ValidationError("The call has begun; a list is never sent after that.")
    return meeting
