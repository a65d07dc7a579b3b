"""Who has a place at a call, by standing, role, region or attendance, and what they may do."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef

from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import in_standing_now, note_standing, person_standing
from conferencing.models import (
    Attendance,
    Call,
    Meeting,
    MeetingRole,
    MeetingUserObjectPermission,
)
from regions.models import Region, RegionGroupObjectPermission

from . import rights as call_rights


class Asked(TypedDict):
    """What a call’s page asks of the meeting beside its columns, in the same query."""

    is_in_standing: bool
    takes_notes: bool
    facilitates: bool
    is_of_it: bool
    is_note_taker_here: bool
    newest_changes: str


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    SeatedMeeting: TypeAlias = WithAnnotations[Meeting, Asked]


@dataclass(frozen=True)
class Seat:
    """What this person may do at the call, at this moment."""

    may_write: bool
    may_finish: bool  # or hand in what they typed while they stood in
    may_steer: bool
    is_expected: bool

    @property
    def may_tick(self) -> bool:
        return self.may_write or self.may_steer


def meeting_with_seat(
    pk: uuid.UUID | str, user: User, on: date
) -> "tuple[SeatedMeeting, Call | None, Seat]":
    """Return `(meeting, call or None, Seat)`, asked in one query; PermissionDenied says why not.

    Staff in standing of agencies that take part in the region, who follow it, have a role, or
    were added as visitors; CE Specialists in standing; CoC-wide all staff in standing. Meeting of
    another continuum: Meeting.DoesNotExist.
    """
    membership = getattr(user, "membership", None)
    if membership is None:
        raise Meeting.DoesNotExist
    granted = MeetingUserObjectPermission.objects.filter(content_object=OuterRef("pk"), user=user)
    places = StaffMember.objects.current().filter(user=user)
    takes_part = RegionGroupObjectPermission.objects.filter(
        content_object=OuterRef("region"),
        permission__codename="take_part_in_region",
        group__agency__staff__in=places,
    )
    follows = Region.objects.filter(pk=OuterRef("region"), followers__in=places)
    attends = Attendance.objects.filter(meeting=OuterRef("pk"), user=user)
    note_taker_is_here = Attendance.objects.filter(
        meeting=OuterRef("pk"),
        is_present=True,
        user__places__meeting_roles__meeting=OuterRef("pk"),
        user__places__meeting_roles__role__in=MeetingRole.WRITERS,
    )
    meeting = (
        Meeting.objects.filter(pk=pk, continuum=membership.continuum_id)
        .select_related("continuum", "region", "call__stand_in")
        .annotate(
            is_in_standing=in_standing_now(user, on),
            takes_notes=Exists(granted.filter(permission__codename="take_notes_in_meeting")),
            facilitates=Exists(granted.filter(permission__codename="facilitate_meeting")),
            is_of_it=Exists(takes_part) | Exists(follows) | Exists(attends),
            is_note_taker_here=Exists(note_taker_is_here),
            newest_changes=call_rights.newest_changes(),
        )
        .get()
    )
    if not meeting.is_in_standing:
        reasons = person_standing(user, on).reasons
        if not places.exists() and not membership.is_specialist:
            reasons = ("Calls are for staff whose paperwork is current. Ask your CE Specialist.",)
        raise PermissionDenied(" ".join(reasons))
    note_standing(user, on)
    is_own = membership.is_specialist or meeting.takes_notes or meeting.facilitates
    if not (is_own or meeting.is_coc_wide or meeting.is_of_it):
        raise PermissionDenied(
            "This call is of another region. The facilitator can add you as a visitor."
        )
    call = getattr(meeting, "call", None)
    stood_in = bool(meeting.facilitates and call and call.stand_in_id == user.pk)
    stands_in = bool(stood_in and call and call.stands_in and not meeting.is_note_taker_here)
    takes_notes = meeting.takes_notes or membership.is_specialist
    seat = Seat(
        may_write=takes_notes or stands_in,
        may_finish=takes_notes or stood_in,
        may_steer=meeting.facilitates or membership.is_specialist,
        is_expected=is_own or meeting.is_of_it,
    )
    return meeting, call, seat
