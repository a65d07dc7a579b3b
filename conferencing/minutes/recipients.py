"""Who gets a copy of the minutes of a call, and who is left out, and why."""

import uuid
from datetime import datetime

from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.standing import specialist_standings, standings
from conferencing.models import CallGuest, Meeting
from regions.clock import local_day
from regions.models import Membership

NOT_STAFF = "This person isn’t assigned to an agency."


Getting = tuple[User, Agency | None]  # whose copy is made for the agency
LeftOut = tuple[User, Agency | None, str]  # and why


def who_gets_them(meeting: Meeting, *, now: datetime) -> tuple[list[Getting], list[LeftOut]]:
    """Return `([(user, agency)], [(user, agency, why not)])`: the present, and CE Specialists.

    Everybody with an account who was present; guests aside. In a constant number of queries.
    """
    on = local_day(now, meeting.continuum.zone)
    guests = CallGuest.objects.filter(meeting=meeting).values("user")
    present = meeting.attendances.filter(is_present=True, user__isnull=False)
    specialists = Membership.objects.specialists_of(meeting.continuum)
    wanted = present.exclude(user__in=guests).values("user").union(specialists.values("user"))
    people = list(User.objects.filter(pk__in=wanted).order_by("name"))
    places = list(
        StaffMember.objects.current()
        .filter(user__in=people, agency__continuum=meeting.continuum)
        .select_related("agency__continuum")
    )
    lines = standings({place.agency for place in places}, on)
    found: dict[uuid.UUID, tuple[Agency | None, tuple[str, ...]]] = {
        line.user.pk: (agency.agency, line.standing.reasons)
        for agency in lines
        for line in agency.people
    }
    for line in specialist_standings(meeting.continuum, on):
        found[line.user.pk] = (None, line.standing.reasons)
    gets: list[Getting] = []
    left_out: list[LeftOut] = []
    for user in people:
        of_agency, reasons = found.get(user.pk, (None, (NOT_STAFF,)))
        if reasons:
            left_out.append((user, of_agency, " ".join(reasons)))
        else:
            gets.append((user, of_agency))
    return gets, left_out
