"""What a tick does about calls: the next year, roles, invitations, one after the other."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from agreements.tests.factories import (
    make_agency,
    make_agreement,
    make_staff,
    make_statement,
)
from conferencing.models import Meeting, MeetingInvitation, MeetingRole
from outbox.services.ticks import tick
from regions.tests.factories import make_rule

CHICAGO = ZoneInfo("America/Chicago")


def make_person(river, region, *, agency, name, since):
    """Staff of an agency of their own, both in standing from `since` on."""
    of = make_agency(river, name=agency, regions=[region])
    make_agreement(of, effective_on=since, expires_on=since + timedelta(days=700))
    place = make_staff(of, name=name, statement=False, regions=[region])
    make_statement(place.user, effective_on=since, expires_on=since + timedelta(days=700))


def test_tick_plans_gives_roles_and_invites(river, region_2):
    """In October, next year's calls; roles for the next three; invitations 45 days ahead."""
    make_rule(river, region_2)
    year = timezone.now().year
    now = datetime(year, 10, 1, 9, tzinfo=CHICAGO)
    make_person(river, region_2, agency="Bridge", name="Pat Provider", since=date(year, 1, 1))
    make_person(river, region_2, agency="Cedar", name="Oli Other", since=date(year, 1, 1))
    assert tick(now=now).ran
    slots = [row.slot for row in Meeting.objects.all()]
    assert slots == [
        f"{year}-10",
        f"{year}-11",
        f"{year}-12",
        *(f"{year + 1}-{month:02}" for month in range(1, 13)),
    ]
    assert MeetingRole.objects.count() == 6
    told = MeetingInvitation.objects.values_list("meeting__slot", "user__name")
    assert sorted(told) == [
        (f"{year}-10", "Oli Other"),
        (f"{year}-10", "Pat Provider"),
        (f"{year}-11", "Oli Other"),
        (f"{year}-11", "Pat Provider"),
    ]
    tick(now=now)
    assert MeetingInvitation.objects.count() == 4
