"""Who is at a call: expected, walked in, heard."""

import uuid
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.at_once import tell_followers
from conferencing.coming.acts import away_at
from conferencing.elements import Clean
from conferencing.models import Attendance, Call, CallGuest, Meeting
from participants.models import Participant
from participants.naming import Label, labels
from participants.own_words import note_typed
from participants.texts import reader
from regions.models import Membership

Kind = Attendance.Kind


def expect_everybody(meeting: Meeting) -> None:
    """Put everybody who follows the region, and the CoC's specialists, on the list of the call."""
    staff = StaffMember.objects.current().filter(agency__continuum=meeting.continuum_id)
    staff = staff.following(meeting.region_id)
    agency_of: dict[uuid.UUID, uuid.UUID | None] = dict(staff.values_list("user", "agency"))
    for user in Membership.objects.specialists_of(meeting.continuum).values_list("user", flat=True):
        agency_of.setdefault(user, None)
    for place in StaffMember.objects.filter(meeting_roles__meeting=meeting):
        agency_of.setdefault(place.user_id, place.agency_id)
    away = away_at(meeting)
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            user_id=user,
            agency_id=agency,
            kind=Kind.EXPECTED,
            sent_word=user in away,
        )
        for user, agency in agency_of.items()
    )


def note_here(call: Call, actor: User, now: datetime) -> None:
    """Whoever leads a call or writes at it is there, whether or not they said so."""
    rows = Attendance.objects.filter(meeting=call.meeting_id, user=actor)
    if rows.filter(is_present=True).exists():
        return
    if not rows.update(is_present=True, marked_at=now, marked_by=actor):
        place = StaffMember.objects.current().filter(user=actor).first()
        Attendance.objects.create(
            meeting_id=call.meeting_id,
            user=actor,
            agency=place.agency if place else None,
            kind=Kind.EXPECTED,
            is_present=True,
            marked_at=now,
            marked_by=actor,
        )


def lock_attendance(meeting: Meeting) -> Call:
    """Serialise changes to who is at the call; ValidationError if it is not being held."""
    call = Call.objects.select_for_update(of=("self",)).filter(meeting=meeting.pk).first()
    if call is None:
        raise ValidationError("The call has not begun.")
    if not call.is_open:
        raise ValidationError("The call is closed. Its minutes say who attended.")
    return call


@transaction.atomic
def mark_present(attendance: Attendance, *, is_present: bool, actor: User, now: datetime) -> None:
    """Tick, or untick, that somebody is here."""
    call = lock_attendance(attendance.meeting)
    Attendance.objects.filter(pk=attendance.pk).update(
        is_present=is_present, marked_at=now, marked_by=actor
    )
    tell_followers(call.meeting_id)


@transaction.atomic
def come_in(meeting: Meeting, user: User, *, now: datetime) -> Attendance:
    """Whoever opens the page of a running call themselves says so with one press."""
    attendance = Attendance.objects.filter(meeting=meeting, user=user).first()
    if attendance:
        mark_present(attendance, is_present=True, actor=user, now=now)
        return attendance
    return add_person(meeting, user=user, actor=user, now=now)


@transaction.atomic
def add_person(meeting: Meeting, *, user: User, actor: User, now: datetime) -> Attendance:
    """Add a visitor who has an account, present; on the list already: ticked."""
    call = lock_attendance(meeting)
    attendance = Attendance.objects.filter(meeting=meeting, user=user).first()
    if attendance is None:
        place = StaffMember.objects.current().filter(user=user).first()
        attendance = Attendance(
            meeting=meeting,
            user=user,
            agency=place.agency if place else None,
            kind=kind_of(meeting, place),
        )
    attendance.is_present, attendance.marked_at, attendance.marked_by = True, now, actor
    attendance.full_clean()
    attendance.save()
    tell_followers(call.meeting_id)
    return attendance


def kind_of(meeting: Meeting, place: StaffMember | None) -> Attendance.Kind:
    """Of another region is whose agency does not take part in the calls of this one."""
    if meeting.region is None or place is None:
        return Kind.WALK_IN
    here = Agency.objects.filter(pk=place.agency_id).taking_part_in(meeting.region)
    return Kind.WALK_IN if here.exists() else Kind.VISITOR


@transaction.atomic
def add_walk_in(
    meeting: Meeting, *, name: str, organization: str, actor: User, now: datetime
) -> Attendance:
    """Add somebody without an account by name. They see nothing here of participants.

    Who was added already is there once, unless somebody added them whose words `actor` reads
    otherwise: who tries names does not see whether one of them is here.
    """
    call = lock_attendance(meeting)
    name, organization = name.strip(), organization.strip()
    here = Attendance.objects.filter(meeting=meeting, user=None)
    who = (name.casefold(), organization.casefold())
    read = reader(actor, now)

    def is_same(row: Attendance) -> bool:
        texts = [row.name or "", row.organization or ""]
        return tuple(map(str.casefold, texts)) == who and [*map(read.clean, texts)] == texts

    same = next(filter(is_same, here), None)
    attendance = same or Attendance(
        meeting=meeting,
        name=name or None,
        organization=organization or None,
        kind=Kind.WALK_IN,
        added_by=actor,
    )
    attendance.is_present, attendance.marked_at, attendance.marked_by = True, now, actor
    attendance.full_clean()
    note_typed(attendance, "name", "organization", actor=actor)
    attendance.save()
    tell_followers(call.meeting_id)
    return attendance


@transaction.atomic
def note_heard(attendance: Attendance, *, actor: User, now: datetime) -> None:
    """Count that somebody spoke; whoever is heard is here."""
    call = lock_attendance(attendance.meeting)
    note_here(call, actor, now)
    Attendance.objects.filter(pk=attendance.pk).update(
        spoke_times=F("spoke_times") + 1,
        last_spoke_at=now,
        is_present=True,
        marked_at=now,
        marked_by=actor,
    )
    tell_followers(call.meeting_id)


def people_of(meeting: Meeting) -> QuerySet[User]:
    """Staff of the continuum who have a place now."""
    places = StaffMember.objects.current().filter(user=OuterRef("pk"))
    return User.objects.filter(membership__continuum=meeting.continuum_id).filter(Exists(places))


def people_to_add(meeting: Meeting, text: str) -> QuerySet[User]:
    """Up to eight people of the continuum whose name or agency matches, not yet on the list."""
    words = text.replace("\x00", "").strip()
    if len(words) < 2:
        return User.objects.none()
    here = Attendance.objects.filter(meeting=meeting, user__isnull=False).values("user")
    matching = StaffMember.objects.current().filter(
        Q(user__name__icontains=words) | Q(agency__name__icontains=words)
    )
    found = people_of(meeting).filter(pk__in=matching.values("user")).exclude(pk__in=here)
    return found.order_by("name")[:8]


class GuestLine(TypedDict):
    guest: CallGuest
    is_following: bool
    safety: str


class LabelledGuestLine(GuestLine):
    label: Label


def guest_lines(
    meeting: Meeting,
    *,
    now: datetime,
    person: Participant | None = None,
    clean: Clean | None = None,
) -> list[GuestLine]:
    """Each live guest of the call, or of one household, and what was handed over to them.

    Never who they are: how they belong to the household is enough to mind one's words.
    """
    guests = CallGuest.objects.live().filter(meeting=meeting).select_related("participant")
    if person is not None:
        guests = guests.filter(participant=person)
    return [
        {
            "guest": guest,
            "is_following": guest.is_following(now),
            "safety": clean(guest.safety_shown) if clean and guest.safety_shown else "",
        }
        for guest in guests.order_by("invited_at")
    ]


def labelled_guest_lines(meeting: Meeting, user: User, *, now: datetime) -> list[LabelledGuestLine]:
    """All live guests of the call, each with the household's label for this reader."""
    lines = guest_lines(meeting, now=now)
    names = labels([line["guest"].participant for line in lines], user, now) if lines else {}
    return [{**line, "label": names[line["guest"].participant_id]} for line in lines]
