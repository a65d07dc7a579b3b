"""Whom a call concerns: who is invited to it."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting, MeetingRole
from regions.models import Continuum, Membership


@dataclass
class Audience:
    """Who is to be invited in a continuum: people by key, and whom each region's calls concern.

    Whoever leads a call or takes its notes is of it, too, whichever regions they follow.
    """

    users: dict[uuid.UUID, User] = field(default_factory=dict)
    everybody: set[uuid.UUID] = field(default_factory=set)
    specialists: set[uuid.UUID] = field(default_factory=set)
    followers: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)
    leading: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)  # by the meeting's key

    def of(self, meeting: Meeting) -> set[uuid.UUID]:
        """The keys of the people to invite to a meeting."""
        if meeting.region_id is None:
            return self.everybody
        leading = self.leading.get(meeting.pk, set())
        return self.specialists | self.followers.get(meeting.region_id, set()) | leading


def audience_of(continuum: Continuum, on: date, *, of: User | None = None) -> Audience:
    """Staff in standing on the date `on`, by the regions they follow, and the CE Specialists.

    `of`: as far as that person is among them; nobody else is looked for.
    """
    only = {"user": of} if of else {}
    audience = Audience()
    specialists = Membership.objects.specialists_of(continuum).filter(**only)
    for membership in specialists.select_related("user"):
        audience.users[membership.user_id] = membership.user
        audience.specialists.add(membership.user_id)
    people = (
        StaffMember.objects.in_good_standing(on)
        .filter(agency__continuum=continuum, **only)
        .select_related("user")
        .prefetch_related("regions")
    )
    for person in people:
        audience.users[person.user_id] = person.user
        for region in person.regions.all():
            audience.followers.setdefault(region.pk, set()).add(person.user_id)
    audience.everybody = set(audience.users)
    roles = MeetingRole.objects.filter(person__in=people, meeting__continuum=continuum)
    for meeting, user in roles.values_list("meeting", "person__user"):
        audience.leading.setdefault(meeting, set()).add(user)
    return audience
