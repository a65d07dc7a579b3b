"""Who leads a call writes while the note taker is away, under their own name.

The note taker's check-in says whether they are away, so that who leads decides it in one place and
everybody sees it. It ends when the note taker is checked in again or who stands in leads no more
(`seat`), or when they hand the notes back; the words that they still had in hand are accepted then,
too, while they lead (`Call.stand_in` stays): notes, a step, a report, why no step is needed.
"""

from datetime import datetime
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from conferencing.at_once import tell_followers
from conferencing.models import (
    Attendance,
    Call,
    Meeting,
    MeetingRole,
    MeetingUserObjectPermission,
)

from .attendance import lock_attendance, note_here
from .seat import Seat


class NotesBy(TypedDict):
    """Who takes notes now, as the agenda of one reader says it."""

    note_taker: str  # the name, empty for nobody
    is_note_taker: bool  # the reader is that
    stand_in: str  # who writes meanwhile, empty for nobody
    is_stand_in: bool  # the reader does
    may_stand_in: bool  # the reader leads, and nobody is here to write


def stand_in(meeting: Meeting, *, actor: User, now: datetime) -> None:
    """Let who leads the call write; ValidationError while the note taker is checked in."""
    with transaction.atomic():
        call = lock_attendance(meeting)
        note_taker = note_taker_of(meeting)
        if is_here(meeting, note_taker):
            assert note_taker is not None
            raise ValidationError(
                f"{note_taker.name} is checked in and takes notes. If they had to leave, uncheck "
                "them in “Who is here” first."
            )
        note_here(call, actor, now)
        Call.objects.filter(pk=call.pk).update(stand_in=actor, stands_in=True)
        tell_followers(meeting.pk)


def hand_back(meeting: Meeting, *, actor: User) -> None:
    """End it by who stands in; who does not stand in ends nothing."""
    with transaction.atomic():
        call = lock_attendance(meeting)
        if Call.objects.filter(pk=call.pk, stand_in=actor, stands_in=True).update(stands_in=False):
            tell_followers(meeting.pk)


def notes_by(meeting: Meeting, call: Call, user: User, seat: Seat) -> NotesBy:
    """Who takes notes now, for the agenda of `user`; asked only where it is to be said."""
    found: NotesBy = {
        "note_taker": "",
        "is_note_taker": False,
        "stand_in": "",
        "is_stand_in": False,
        "may_stand_in": call.is_open and seat.may_steer and not seat.may_write,
    }
    if not found["may_stand_in"] and not call.stands_in:
        return found
    note_taker = note_taker_of(meeting)
    if is_here(meeting, note_taker):
        return found | {"may_stand_in": False}
    found |= {
        "note_taker": note_taker.name if note_taker else "",
        "is_note_taker": note_taker == user,
    }
    if call.stands_in and call.stand_in and leads(meeting, call.stand_in):
        found |= {"stand_in": call.stand_in.name, "is_stand_in": call.stand_in == user}
    return found


def note_taker_of(meeting: Meeting) -> User | None:
    role = (
        MeetingRole.objects.filter(meeting=meeting, role__in=MeetingRole.WRITERS)
        .select_related("person__user")
        .first()
    )
    return role.person.user if role and role.person else None


def leads(meeting: Meeting, user: User) -> bool:
    return MeetingUserObjectPermission.objects.filter(
        content_object=meeting, user=user, permission__codename="facilitate_meeting"
    ).exists()


def is_here(meeting: Meeting, user: User | None) -> bool:
    return (
        user is not None
        and Attendance.objects.filter(meeting=meeting, user=user, is_present=True).exists()
    )
