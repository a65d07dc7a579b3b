"""Whatever the page to add a household offers, it takes; visitors bring their own."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.attendance import add_person
from conferencing.models import Review
from conferencing.tests.pages import hidden, text_of
from participants.tests.factories import make_participant
from regions.tests.factories import make_region, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(river_agency, river):
    """Of the note taker's own agency, in another region; and of an agency that is not here."""
    region = make_region(river, name="Region 1")
    return make_participant(river_agency, region, name="Zoe Faraway", alias="Plover-9")


def offered(client, url, text):
    page = client.post(url, {"q": text})
    return {str(person.pk): page for person, _label, _listed in page.context["found"]}


def test_every_household_that_is_offered_can_be_added(
    client, held_call, elsewhere, ana, ben, wren, river_provider, river_specialist
):
    url = reverse("conferencing:call_raise", args=[held_call.meeting.pk])
    for user in (river_provider, river_specialist):
        client.force_login(user)
        for person in (elsewhere, ana, ben, wren):
            for key, page in offered(client, url, person.alias).items():
                answer = client.post(url, {"participant": key, "key": hidden(page, "key")})
                assert answer.status_code == 302, text_of(answer)
    raised = Review.objects.get(meeting=held_call.meeting, participant=elsewhere)
    assert raised.participant.region != held_call.meeting.region


def test_a_visitors_household_is_found_by_who_leads_the_call(
    client, held_call, river, river_vsp_agency, river_other_provider
):
    """The facilitator knows nothing of the other region; the visitor's agency keeps the record."""
    region = make_region(river, name="Region 1")
    place = StaffMember.objects.get(user=river_other_provider)
    assert place.agency != river_vsp_agency
    theirs = make_participant(river_vsp_agency, region, alias="Petrel-4")
    url = reverse("conferencing:call_raise", args=[held_call.meeting.pk])
    client.force_login(river_other_provider)
    if not offered(client, url, "Petrel-4"):
        visitor = make_user(river, name="Vi Visitor")
        StaffMember.objects.create(
            user=visitor, agency=river_vsp_agency, function="other", joined_on=held_call.meeting.on
        )
        add_person(held_call.meeting, user=visitor, actor=river_other_provider, now=timezone.now())
    ((key, page),) = offered(client, url, "Petrel-4").items()
    answer = client.post(url, {"participant": key, "key": hidden(page, "key")})
    assert answer.status_code == 302, text_of(answer)
    assert held_call.meeting.reviews.filter(participant=theirs).exists()
