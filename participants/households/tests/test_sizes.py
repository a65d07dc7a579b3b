"""How many people a household is once some left or came, and whether it is youth, as of today."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from participants.households.acts import change_head
from participants.households.members import change_member
from participants.households.splitting import split_household
from participants.models import Participant
from participants.tests.factories import make_participant
from regions.clock import local_day
from regions.tests.factories import today_in

from .test_households import NOBODY, family, now, split

__all__ = ["family", "now"]

pytestmark = pytest.mark.django_db


def size_of(household):
    household = Participant.objects.get(pk=household.pk)
    return household.adults, household.children


def test_a_minor_who_leaves_as_a_head_stays_one_whatever_befalls_the_others(
    family, river_provider, now
):
    """Nobody said when they were born: their members do not tell it later."""
    teen, baby = family.members.get(age_band="13-17"), family.members.get(age_band="0-4")
    fresh = split(family, river_provider, now, [teen, baby], teen, name="Bo Kuhl").other
    assert size_of(fresh) == (0, 2)
    child = fresh.members.get()
    change_member(
        child,
        relation="2",
        age_band="5-12",
        since=child.since,
        until=None,
        actor=river_provider,
        now=timezone.now(),
    )
    assert size_of(fresh) == (0, 2)


def test_a_birth_date_tells_more_of_a_new_head_than_an_age_band(family, river_provider, now):
    teen = family.members.get(age_band="13-17")
    born = local_day(now, family.continuum.zone) - relativedelta(years=18, days=3)
    fresh = split(family, river_provider, now, [teen], teen, name="Bo Kuhl", birth_date=born).other
    assert size_of(fresh) == (1, 0)


def test_a_partner_of_unknown_age_who_leaves_was_an_adult(
    river_agency, region_2, river_provider, now
):
    household = make_participant(river_agency, region_2, adults=2, children=1)
    on = today_in(household.continuum.zone) - timedelta(days=9)
    partner = household.members.create(
        continuum=household.continuum, hmis_id="P7", relation="3", since=on
    )
    split(household, river_provider, now, [partner], partner, name="Bo Kuhl")
    assert size_of(household) == (1, 1)


@pytest.mark.parametrize("act", ["head", "split"])
def test_whether_a_head_is_a_youth_is_judged_as_of_today_whenever_they_came(
    family, river_provider, now, act
):
    today = local_day(now, family.continuum.zone)
    on, born = today - timedelta(days=10), today - relativedelta(years=25, days=5)
    member = family.members.get(relation="3")
    common = {
        "head": NOBODY | {"name": "Bo Kuhl", "birth_date": born},
        "member": member,
        "happened_on": on,
        "changed_at": family.changed_at,
        "actor": river_provider,
        "now": now,
    }
    if act == "head":
        household = change_head(family, stays_as="", reason="", **common).participant
    else:
        household = split_household(family, members=[member], **common).other
    assert Participant.objects.get(pk=household.pk).is_youth is False
