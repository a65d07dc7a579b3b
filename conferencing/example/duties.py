"""Who facilitated and took notes at the calls held, and who is named for the next ones."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from agreements.models import StaffMember
from conferencing.coming.audience import audience_of
from conferencing.models import Meeting, MeetingInvitation, MeetingRole
from conferencing.rotation.roles import assign_roles, name_person, people_for
from conferencing.schedule.invitations import HORIZON, REQUEST
from regions.clock import local_day
from regions.models import Continuum

TWO_YEARS = timedelta(days=731)


def give_duties(continuum: Continuum, *, random: Random, now: datetime) -> None:
    """Give past and coming calls their roles by rotation; name people for most of them."""
    assign_roles(continuum, now=now, since=now - TWO_YEARS)
    on = local_day(now, continuum.zone)
    roles = MeetingRole.objects.filter(meeting__continuum=continuum).select_related(
        "meeting__continuum", "agency"
    )
    people_of: dict[UUID, list[StaffMember]] = {}
    for role in roles.order_by("meeting__starts_at", "role"):
        if role.agency_id not in people_of:
            people_of[role.agency_id] = list(people_for(role.agency, on))
        people = people_of[role.agency_id]
        if role.meeting.ends_at <= now:
            role.person = random.choice(people)
            role.save()
        elif random.random() < 0.5:
            name_person(role, person=random.choice(people), actor=None, now=now)


def invite_as_if_earlier(continuum: Continuum, *, now: datetime) -> None:
    """Note that people were invited to the call that is on and to the next ones, each when it
    came within the horizon.
    """
    audience = audience_of(continuum, local_day(now, continuum.zone))
    near = Meeting.objects.filter(
        continuum=continuum, ends_at__gt=now, starts_at__lte=now + HORIZON
    )
    MeetingInvitation.objects.bulk_create(
        MeetingInvitation(
            meeting=meeting,
            user_id=key,
            address=audience.users[key].email,
            method=REQUEST,
            sequence=meeting.sequence,
            told_at=meeting.starts_at - HORIZON,
        )
        for meeting in near
        for key in sorted(audience.of(meeting))
    )
