"""Whom a call concerns: who is invited to it."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting
from regions.models import Continuum, Membership


@dataclass
class Audience:
    """Who is to be invited in a continuum: people by key, and whom each region's calls concern."""

    users: dict[uuid.UUID, User] = field(default_factory=dict)
    everybody: set[uuid.UUID] = field(default_factory=set)
    specialists: set[uuid.UUID] = field(default_factory=set)
    followers: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)

    def of(self, meeting: Meeting) -> set[uuid.UUID]:
        """The keys of the people to invite to a meeting."""
        if meeting.region_id is None:
            return self.everybody
        return self.specialists | self.followers.get(meeting.region_id, set())


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
    return audience
