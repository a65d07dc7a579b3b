"""Who gets the list of a call, and who is left out, and why."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from agreements.models import StaffMember
from agreements.models.agencies import StaffMemberQuerySet
from agreements.standing import Standing, standings
from conferencing.models import Meeting
from regions.clock import local_day

NOT_WANTED = "Does not get the list, by their own setting."


NOT_FOLLOWING = "Does not follow the call’s region any more."


def candidates(meeting: Meeting) -> StaffMemberQuerySet:
    """Current staff who follow the meeting's region, or lead it; CoC-wide, all who follow any.

    Whether they may get the list is asked of each one's standing.
    """
    staff = StaffMember.objects.current().filter(agency__continuum=meeting.continuum_id)
    staff = staff.following(meeting.region_id, or_else=Q(meeting_roles__meeting=meeting))
    return staff.select_related("user__membership__continuum", "agency__continuum").order_by(
        "user__name"
    )


def left_out_because(place: StaffMember, standing: Standing) -> str:
    """Why this member of staff, with this `Standing`, does not get the list; empty if they do."""
    return " ".join(standing.reasons) if place.gets_list else NOT_WANTED


def unwanted_because(meeting: Meeting, place: StaffMember) -> str:
    """Why the list of this call is not for this member of staff any more; empty if it is."""
    if not candidates(meeting).filter(pk=place.pk).exists():
        return NOT_FOLLOWING
    return "" if place.gets_list else NOT_WANTED


def left_out_of(
    meetings: Iterable[Meeting], *, now: datetime
) -> dict[uuid.UUID, list[StaffMember]]:
    """Return `{meeting's key: [staff left out for want of paper]}`, for calls of one continuum.

    In a constant number of queries, however many calls: the specialist's first page.
    """
    meetings = list(meetings)
    if not meetings:
        return {}
    continuum = meetings[0].continuum
    places = list(
        StaffMember.objects.current()
        .filter(agency__continuum=continuum, gets_list=True)
        .select_related("user", "agency__continuum")
        .prefetch_related("regions")
        .order_by("user__name")
    )
    lines = standings({place.agency for place in places}, local_day(now, continuum.zone))
    good = {
        line.place.pk
        for each in lines
        for line in each.people
        if line.place and line.standing.is_good
    }
    out = [
        (place, {region.pk for region in place.regions.all()})
        for place in places
        if place.pk not in good
    ]
    return {
        meeting.pk: [
            place
            for place, followed in out
            if (meeting.region_id in followed if meeting.region_id else followed)
        ]
        for meeting in meetings
    }


def who_gets_it(
    meeting: Meeting, *, now: datetime
) -> tuple[list[StaffMember], list[tuple[StaffMember, str]]]:
    """Return `(staff who get the list, [(staff left out, why)])` as it stands at `now`.

    In a constant number of queries, however many people follow the region.
    """
    on = local_day(now, meeting.continuum.zone)
    places = list(candidates(meeting))
    lines = standings({place.agency for place in places}, on)
    standing_of = {
        line.place.pk: line.standing for agency in lines for line in agency.people if line.place
    }
    gets, left_out = [], []
    for place in places:
        reason = left_out_because(place, standing_of[place.pk])
        if reason:
            left_out.append((place, reason))
        else:
            gets.append(place)
    return gets, left_out
