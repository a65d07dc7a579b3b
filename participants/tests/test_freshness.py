"""The specialist's page of how fresh each agency's data is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from participants.models import Contact
from participants.tests.factories import make_contact, make_participant, make_situation

QUERIES = 20


def test_freshness_counts_what_is_old_and_what_was_entered_late(
    client, river_agency, river_other_agency, region_2, river_specialist
):
    fresh = make_participant(river_agency, region_2)
    make_situation(fresh, days_ago=0)
    make_contact(fresh, days_ago=1)
    make_contact(fresh, kind="assessed", days_ago=30)
    stale = make_participant(river_other_agency, region_2)
    late = make_contact(stale, days_ago=31)
    Contact.objects.filter(pk=late.pk).update(recorded_at=timezone.now() - timedelta(days=1))
    client.force_login(river_specialist)
    response = client.get(reverse("participants:freshness"))
    lines = {
        line.name: (
            line.active,
            line.location,
            line.contact,
            line.assessment,
            line.entered,
            line.late,
        )
        for line in [*response.context["lines"], response.context["total"]]
    }
    assert lines == {
        "Bridge Housing": (1, 0, 0, 0, 3, 1),
        "Cedar Outreach": (1, 1, 1, 1, 1, 1),
        "All agencies": (2, 1, 1, 1, 4, 2),
    }


@pytest.mark.parametrize("number", [1, 30])
def test_freshness_asks_the_same_of_1_and_30(
    client, django_assert_num_queries, river_agency, region_2, river_specialist, number
):
    for _ in range(number):
        make_situation(make_participant(river_agency, region_2))
    client.force_login(river_specialist)
    client.get(reverse("participants:freshness"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("participants:freshness"))
