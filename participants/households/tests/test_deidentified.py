"""A household that is de-identified: what it lived with tells of it no more than it does itself."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from participants.households.joining import join_households
from participants.households.members import add_member
from participants.households.splitting import split_household
from participants.models import ListPlace, Participant
from participants.services.retention import deidentify
from participants.tests.factories import make_participant
from participants.tests.test_retention import places_of
from regions.tests.factories import today_in

from .test_households import NOBODY

pytestmark = pytest.mark.django_db
SECRETS = ("Zyxwvut", "Sentinelle", "HMIS-77", "HMIS-78", "555 0100")


WHO = {"name": "Zyxwvut Sentinelle", "contact": "555 0100", "hmis_id": "HMIS-77"}


@pytest.fixture
def other(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Bo Stays", alias="Wren-8", hmis_id="B1")


def with_member(household, hmis_id, actor):
    on = today_in(household.continuum.zone) - timedelta(days=30)
    member = add_member(
        household, relation="4", age_band="25-61", since=on, actor=actor, now=timezone.now()
    )
    member.hmis_id = hmis_id
    member.save()
    return Participant.objects.get(pk=household.pk)


def who_moved_in(other, actor):
    guest = with_member(make_participant(other.agency, other.region, **WHO), "HMIS-78", actor)
    act = join_households(
        guest,
        into=other,
        relation="4",
        on=today_in(guest.continuum.zone),
        actor=actor,
        now=timezone.now(),
    )
    return act.participant


def who_left(other, actor):
    other = with_member(other, "HMIS-77", actor)
    member = other.members.get()
    act = split_household(
        other,
        members=[member],
        member=member,
        head=NOBODY | WHO,
        on=today_in(other.continuum.zone),
        changed_at=other.changed_at,
        actor=actor,
        now=timezone.now(),
    )
    return act.other


@pytest.mark.parametrize("way", [who_moved_in, who_left])
def test_nothing_of_those_with_whom_it_lived_tells_who_it_was(river, other, river_provider, way):
    gone = way(other, river_provider)
    ListPlace.objects.filter(participant=gone).update(status=ListPlace.Status.HOUSED)
    before = places_of(SECRETS)
    assert {"participants.HouseholdMember.hmis_id", "participants.HouseholdAct.journal"} <= {
        *before
    }
    later = today_in(river.zone) + relativedelta(years=7, days=5)
    now = timezone.now()
    assert deidentify(river, on=later, reason="Policy", actor=None, now=now) == 1
    assert Participant.objects.get(pk=gone.pk).deidentified_at
    assert places_of(SECRETS) == []
    assert Participant.objects.get(pk=other.pk).hmis_id == "B1"
    assert other.members.exists()
