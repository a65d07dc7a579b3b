"""What a person changes about a single call: adds, moves, cancels, restores it, gives it a link."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import audit.services
from accounts.models import User
from audit import actions
from audit.models import JSON
from conferencing.at_once import lock, lock_open
from conferencing.models import Meeting
from conferencing.models.meetings import MeetingQuerySet
from conferencing.prep_lists.mails import note_kept_back, outdate_list, stop_list
from conferencing.prep_lists.timing import time_anew
from conferencing.rotation.roles import assign_roles, take_back_owed
from participants.own_words import note_typed
from regions.models import Continuum, Region

MEETING_ADDED = actions.register("meeting.added", "Added a call")
MEETING_MOVED = actions.register("meeting.moved", "Moved a call")
MEETING_CANCELLED = actions.register("meeting.cancelled", "Canceled a call")
MEETING_RESTORED = actions.register("meeting.restored", "Restored a canceled call")
LINK_CHANGED = actions.register("meeting.link_changed", "Changed the link to a call")


@transaction.atomic
def add_meeting(
    continuum: Continuum,
    *,
    region: Region | None,
    starts_at: datetime.datetime,
    minutes: int,
    link: str = "",
    actor: User | None,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Add a single call of a region, or a CoC-wide one (`region` None), beside the rule's.

    It gets its facilitator and note taker at once if it is one of the next calls.

    `starts_at` is an aware datetime, `minutes` the length. ValidationError when it is not in the
    future or overlaps another planned call of the same region.
    """
    now = now or timezone.now()
    Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    meeting = Meeting(
        continuum=continuum,
        region=region,
        starts_at=starts_at,
        ends_at=starts_at + datetime.timedelta(minutes=minutes),
        link=link,
        is_changed_by_hand=True,
        changed_at=now,
    )
    time_anew(meeting, now)
    _refuse_time(meeting, now)
    meeting.full_clean()
    meeting.save()
    _record(MEETING_ADDED, meeting, actor=actor, now=now)
    assign_roles(continuum, now=now)
    return meeting


@transaction.atomic
def check_move(
    meeting: Meeting,
    *,
    starts_at: datetime.datetime,
    minutes: int,
    sequence: int | None = None,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Return the meeting, locked, at the new time but not saved.

    `sequence` is the meeting's as the form showed it. ValidationError when it changed since,
    when the call has begun, is canceled or held, when the new time is not in the future, is the
    old one, or overlaps another planned call of the same region.
    """
    now = now or timezone.now()
    meeting = lock_open(meeting, now)
    _refuse_stale(meeting, sequence)
    if meeting.has_begun(now):
        raise ValidationError("This call has begun; it can no longer be moved.")
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    if (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        raise ValidationError({"on": "The call is at this time already. Choose another time."})
    meeting.starts_at, meeting.ends_at = starts_at, ends_at
    _refuse_time(meeting, now)
    return meeting


@transaction.atomic
def move_meeting(
    meeting: Meeting,
    *,
    starts_at: datetime.datetime,
    minutes: int,
    actor: User | None,
    sequence: int | None = None,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Move a call to another time; it stays the same call, with its roster and its roles.

    One that only gets longer or shorter keeps its list's time, and what was chosen about it.
    ValidationError as `check_move`.
    """
    now = now or timezone.now()
    former = lock(meeting).starts_at
    meeting = check_move(meeting, starts_at=starts_at, minutes=minutes, sequence=sequence, now=now)
    if meeting.starts_at != former:
        outdate_list(meeting, former=former, actor=actor, now=now)
        time_anew(meeting, now)
    _change(meeting, now)
    _record(MEETING_MOVED, meeting, actor=actor, now=now, detail={"from": former.isoformat()})
    assign_roles(meeting.continuum, now=now)
    return meeting


@transaction.atomic
def cancel_meeting(
    meeting: Meeting,
    *,
    reason: str,
    actor: User | None,
    sequence: int | None = None,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Call a meeting off, with a reason; its agencies come next in the rotation.

    What is not sent yet of its list is withheld.

    ValidationError as `move_meeting`, and without a reason.
    """
    now = now or timezone.now()
    meeting = lock_open(meeting, now)
    _refuse_stale(meeting, sequence)
    if hasattr(meeting, "call"):
        raise ValidationError(
            "This call has begun; it can no longer be canceled. Carry over what is open, and "
            "close it."
        )
    if not reason.strip():
        raise ValidationError({"reason": "Say why the call is canceled."})
    meeting.state = Meeting.State.CANCELLED
    meeting.cancellation_reason = reason.strip() or None
    note_typed(meeting, "cancellation_reason", actor=actor)
    stop_list(meeting, actor=actor, now=now)
    _change(meeting, now)
    _record(MEETING_CANCELLED, meeting, actor=actor, now=now, why=reason)
    return meeting


@transaction.atomic
def restore_meeting(
    meeting: Meeting,
    *,
    actor: User | None,
    sequence: int | None = None,
    now: datetime.datetime | None = None,
) -> Meeting:
    """Take back a cancellation while the call's time is still to come.

    A list of which copies were withheld is due anew; near the call, the CE Specialist is asked.
    """
    now = now or timezone.now()
    meeting = lock(meeting)
    _refuse_stale(meeting, sequence)
    if meeting.state != Meeting.State.CANCELLED:
        raise ValidationError("This call is not canceled.")
    meeting.state = Meeting.State.PLANNED
    meeting.cancellation_reason = None
    _refuse_time(meeting, now)
    take_back_owed(meeting, since=meeting.changed_at, now=now)
    note_kept_back(meeting)
    time_anew(meeting, now)
    _change(meeting, now)
    _record(MEETING_RESTORED, meeting, actor=actor, now=now)
    assign_roles(meeting.continuum, now=now)
    return meeting


@transaction.atomic
def change_link(
    meeting: Meeting, *, link: str, actor: User | None, now: datetime.datetime | None = None
) -> Meeting:
    """Give one call a link of its own; without one it has its region's, or the continuum's."""
    now = now or timezone.now()
    meeting = lock_open(meeting, now)
    meeting.link = link
    meeting.full_clean()
    meeting.save()
    _record(LINK_CHANGED, meeting, actor=actor, now=now)
    return meeting


def _change(meeting: Meeting, now: datetime.datetime) -> None:
    """Save what a person changed: the next sequence of its calendar entry."""
    meeting.is_changed_by_hand = True
    meeting.sequence += 1
    meeting.changed_at = now
    meeting.full_clean()
    meeting.save()


def _refuse_stale(meeting: Meeting, sequence: int | None) -> None:
    if sequence is not None and sequence != meeting.sequence:
        raise ValidationError(
            "The call was changed meanwhile, by somebody else or in another window. "
            "Look at it again, then decide."
        )


def _refuse_time(meeting: Meeting, now: datetime.datetime) -> None:
    if meeting.starts_at <= now:
        raise ValidationError({"on": "This time has passed. Choose a time in the future."})
    other = overlapping(meeting).filter(region=meeting.region_id).first()
    if other is not None:
        raise ValidationError(
            {"on": f"{other.scope_words} has another call at this time. Choose another time."}
        )


def overlapping(meeting: Meeting) -> MeetingQuerySet:
    """The other planned calls of the continuum that overlap this one."""
    return (
        Meeting.objects.planned()
        .filter(
            continuum=meeting.continuum_id,
            starts_at__lt=meeting.ends_at,
            ends_at__gt=meeting.starts_at,
        )
        .exclude(pk=meeting.pk)
        .select_related("region")
    )


def _record(
    action: str,
    meeting: Meeting,
    *,
    actor: User | None,
    now: datetime.datetime,
    why: str = "",
    detail: dict[str, JSON] | None = None,
) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=meeting,
        why=why,
        detail={"starts_at": meeting.starts_at.isoformat(), **(detail or {})},
        now=now,
    )
