"""Whose names all of a room may read: asked of the same people who are in standing by the rule."""

import pytest
from django.utils import timezone

from accounts.models import User
from agreements.models import PersonalStatement, StaffMember
from agreements.standing import person_standing
from participants.audiences import audiences_of
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
CAST = (
    *("river_specialist", "river_provider", "river_lapsed_provider", "river_unsigned_provider"),
    *("river_vsp_provider", "river_lead", "three_provider"),
)


@pytest.mark.parametrize("who_signed", ["as they are", "nobody", "a specialist with a place"])
def test_who_is_in_standing_by_the_rule_is_one_of_the_audience(request, river, who_signed):
    people, on = [request.getfixturevalue(name) for name in CAST], today_in(river.zone)
    if who_signed == "nobody":
        for statement in PersonalStatement.objects.all():
            statement.revoked_at, statement.revocation_reason = timezone.now(), "Asked"
            statement.save()
    elif who_signed != "as they are":
        # In an agency whose agreement lapsed.
        lapsed = StaffMember.objects.get(user=people[2]).agency
        StaffMember.objects.create(user=people[0], agency=lapsed, joined_on=on)
    found = set()
    for each in User.objects.filter(pk__in=[each.pk for each in people]):
        belongs_here = each.membership.continuum_id == river.pk
        is_good = belongs_here and person_standing(each, on).is_good
        assert (audiences_of(river.pk, {each.pk}, on) is not None) == is_good, each
        found |= {each.pk} if is_good else set()
    assert (audiences_of(river.pk, found, on) is not None) == bool(found)
    assert audiences_of(river.pk, {each.pk for each in people}, on) is None
    assert bool(found) == (who_signed != "nobody")
