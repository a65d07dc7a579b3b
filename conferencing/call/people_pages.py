"""Who is at a call: here, expected, invited as a guest; and which agencies were not heard yet."""

from datetime import datetime
from functools import partial
from typing import TypedDict

from accounts.models import User
from agreements.models import PersonalStatement, StaffMember
from conferencing.call.attendance import LabelledGuestLine, labelled_guest_lines
from conferencing.models import Attendance, Call, CallSight, Meeting
from participants.texts import reader
from regions.clock import local_day
from regions.models import Membership

from .pages import record_look
from .seat import Seat
from .sights import record_new_looks


class PersonLine(TypedDict):
    row: Attendance
    name: str
    organization: str
    is_good: bool
    is_me: bool


class PeoplePage(TypedDict):
    meeting: Meeting
    call: Call
    seat: Seat
    present: list[PersonLine]
    absent: list[PersonLine]
    unheard: list[str]
    is_here: bool
    guests: list[LabelledGuestLine]


def people_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime
) -> PeoplePage:
    """Who is here, who is expected, and, for who steers, which agencies were not heard yet.

    Whoever walked in without an account may be a participant or their kin: their name is cleaned
    for everybody but the person who typed it.
    """
    on = local_day(now, meeting.continuum.zone)
    rows = list(Attendance.objects.filter(meeting=meeting).select_related("user", "agency"))
    users = [row.user_id for row in rows if row.user_id]
    staff = StaffMember.objects.in_good_standing(on).filter(user__in=users)
    good = set(staff.values_list("user", flat=True))
    specialists = Membership.objects.filter(
        user__in=users,
        is_specialist=True,
        user__statements__in=PersonalStatement.objects.current(on),
    )
    good |= set(specialists.values_list("user", flat=True))
    read = reader(user, now)

    def shown(row: Attendance, text: str) -> str:
        return text if row.user_id else read.clean(text)

    lines: list[PersonLine] = [
        {
            "row": row,
            "name": shown(row, row.shown_name),
            "organization": shown(row, row.shown_organization),
            "is_good": row.user_id in good,
            "is_me": row.user_id == user.pk,
        }
        for row in rows
    ]
    present = [line for line in lines if line["row"].is_present]
    heard, here = set(), set()
    for line in present:
        name = line["organization"]
        if name:
            here.add(name)
            if line["row"].spoke_times:
                heard.add(name)
    return {
        "meeting": meeting,
        "call": call,
        "seat": seat,
        "present": present,
        "absent": [line for line in lines if not line["row"].is_present],
        "unheard": sorted(here - heard) if seat.may_steer else [],
        "is_here": any(line["is_me"] for line in present),
        "guests": guests_of(meeting, user, now=now),
    }


def guests_of(meeting: Meeting, user: User, *, now: datetime) -> list[LabelledGuestLine]:
    """The call’s guests, each with the household at whose review they are. The look is recorded."""
    lines = labelled_guest_lines(meeting, user, now=now)
    if lines:
        labels_of = {line["guest"].participant_id: line["label"] for line in lines}
        reviews = meeting.reviews.filter(participant__in=labels_of)
        record_new_looks(
            {review: labels_of[review.participant_id] for review in reviews},
            user,
            part=CallSight.Part.AGENDA,
            record=partial(record_look, meeting=meeting),
            now=now,
        )
    return lines
