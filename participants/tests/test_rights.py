"""Requests for access and correction: recorded, answered, shown ahead."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.home.pages import home_page
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from participants.models import RightsRequest
from participants.tests.factories import make_participant, make_release, make_request
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")


def address(act, person, *more):
    return reverse(f"participants:rights_request_{act}", args=[person.pk, *more])


def typed(**changes):
    return {
        "pk": str(uuid4()),
        "kind": "correction",
        "received_on": (today_in() - timedelta(days=2)).isoformat(),
        "by_whom": "Ana Sentinelle, by letter",
        "words": "Sentinelle says the birth date is wrong",
        **changes,
    }


def test_rights_request_is_recorded_once_with_the_day_it_is_due(
    person, river_provider, river_specialist
):
    client = signed_in(river_provider)
    key = hidden(client.get(address("add", person)), "pk")
    for _ in range(2):
        response = client.post(address("add", person), typed(pk=key))
        assert response.url == address("list", person)
    asked = RightsRequest.objects.get()
    assert asked.due_on == asked.received_on + timedelta(days=30)
    assert (asked.recorded_by, asked.answered_on) == (river_provider, None)
    entry = AuditEntry.objects.get(action="rights_request.received")
    assert entry.detail == {"participant": str(person.pk), "kind": "correction"}
    assert "Sentinelle says the birth date is wrong" in text_of(client.get(address("list", person)))
    page = text_of(signed_in(river_specialist).get(address("list", person)))
    assert "Heron-1 says the birth date is wrong" in page
    assert "Sentinelle" not in page


def test_rights_request_ahead_of_today_is_refused(person, river_provider):
    ahead = (today_in() + timedelta(days=2)).isoformat()
    response = signed_in(river_provider).post(address("add", person), typed(received_on=ahead))
    assert "received_on" in response.context["form"].errors
    assert not RightsRequest.objects.exists()


def test_rights_request_denied_needs_its_reason(person, river_provider):
    asked = make_request(person, by=river_provider)
    client, url = signed_in(river_provider), address("answer", person, asked.pk)
    answer = {"outcome": "denied", "answer": " ", "answered_on": today_in().isoformat()}
    assert "owed to the person" in text_of(client.post(url, answer))
    asked.refresh_from_db()
    assert asked.outcome == ""
    assert client.post(url, answer | {"answer": "Not ours to change"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.outcome, asked.answer) == ("denied", "Not ours to change")
    assert asked.answered_by == river_provider
    again = client.post(url, answer | {"outcome": "granted"})
    assert "This request was answered already" in text_of(again)
    asked.refresh_from_db()
    assert asked.outcome == "denied"
    assert AuditEntry.objects.filter(action="rights_request.answered").count() == 1


def test_rights_request_cannot_be_answered_before_it_came(person, river_provider):
    asked = make_request(person, by=river_provider, days_ago=3)
    early = (today_in() - timedelta(days=4)).isoformat()
    response = signed_in(river_provider).post(
        address("answer", person, asked.pk),
        {"outcome": "granted", "answer": "", "answered_on": early},
    )
    assert "from the day it was received on" in text_of(response)


def test_rights_request_disagreement_stands_beside_a_denial_alone(person, river_provider):
    denied = make_request(person, by=river_provider, outcome="denied", answer="No")
    granted = make_request(person, by=river_provider, outcome="granted", answer="Shown")
    client = signed_in(river_provider)
    for asked, status in [(denied, 302), (denied, 200), (granted, 200)]:
        url = address("disagree", person, asked.pk)
        assert client.post(url, {"disagreement": "It is wrong"}).status_code == status
    denied.refresh_from_db()
    granted.refresh_from_db()
    assert (denied.disagreement, granted.disagreement) == ("It is wrong", None)
    assert "It is wrong" in text_of(client.get(address("list", person)))


def test_rights_request_of_another_household_is_not_there(person, river_agency, river_provider):
    asked = make_request(make_participant(river_agency, person.region), by=river_provider)
    client = signed_in(river_provider)
    assert client.get(address("answer", person, asked.pk)).status_code == 404


def test_home_tells_the_keeping_agency_and_the_specialist_of_open_requests(
    person,
    river_agency,
    river_vsp_agency,
    region_2,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
    three_specialist,
):
    late = make_request(person, by=river_provider, days_ago=40)
    make_request(person, by=river_provider, days_ago=2)
    make_request(person, by=river_provider, outcome="granted")
    own = make_request(make_participant(river_vsp_agency, region_2), by=river_vsp_provider)
    told = {}
    for user in (
        river_provider,
        river_other_provider,
        river_vsp_provider,
        river_specialist,
        three_specialist,
    ):
        tasks = home_page(user, now=timezone.now())["tasks"]
        told[user.name] = [
            (task.title, task.by)
            for task in tasks
            if task.url == reverse("participants:rights_request_open_list")
        ]
    two = [("Answer 2 requests to see or correct a record", late.due_on)]
    assert told == {
        "Pat Provider": two,
        "Oli Other": [],
        "Val Victimservices": [("Answer 1 request to see or correct a record", own.due_on)],
        "Sam Specialist": two,
        "Terry Specialist": [],
    }


def test_rights_request_open_list_asks_the_same_of_the_database_however_long(
    person, river_provider, river_specialist
):
    client, counts = signed_in(river_provider), []
    for number in (1, 29):
        for _ in range(number):
            make_request(person, by=river_provider)
        client.get(reverse("participants:rights_request_open_list"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("participants:rights_request_open_list"))
        counts.append(len(queries))
    assert counts == [OPEN_QUERIES, OPEN_QUERIES]
    # The label, and what a screen reader is told.
    assert text_of(page).count("Ana Sentinelle") == 60
    page = signed_in(river_specialist).get(reverse("participants:rights_request_open_list"))
    assert text_of(page).count("Heron-1") == 60
    assert "Sentinelle" not in page.content.decode()


OPEN_QUERIES = 17


def test_release_ending_is_told_ahead_until_a_later_one_takes_its_place(
    person, river_agency, river_other_agency, river_provider, river_other_provider, river_specialist
):
    make_release(person, agencies=[river_agency, river_other_agency], days=30)
    far = make_participant(river_agency, person.region, name="Far Away")
    make_release(far, days=31)
    url = reverse("participants:release_ending_list")

    def told():
        found = {}
        for user in (river_provider, river_other_provider, river_specialist):
            tasks = home_page(user, now=timezone.now())["tasks"]
            on_home = [task.title for task in tasks if task.url == url]
            found[user.name] = (on_home, len(signed_in(user).get(url).context["rows"]))
        return found

    one = (["1 release ends within 30 days"], 1)
    expected = {"Pat Provider": one, "Oli Other": ([], 0), "Sam Specialist": one}
    assert told() == expected
    make_release(person, agencies=[river_agency], days=300)
    assert told() == expected  # the other agency would lose the name
    make_release(person, agencies=[river_other_agency], days=300)
    assert told() == dict.fromkeys(expected, ([], 0))


def test_release_ending_shows_on_the_by_name_list_to_who_keeps_the_record(
    person, river_provider, river_other_provider
):
    release = make_release(person, days=10)
    words = f"Release ends {release.expires_on:%b} {release.expires_on.day}"
    url = reverse("participants:participant_list")
    assert words in text_of(signed_in(river_provider).get(url))
    assert words not in text_of(signed_in(river_other_provider).get(url))


def test_release_renew_begins_with_the_former_terms_and_takes_one_more_click(
    person, river_agency, river_other_agency, river_provider
):
    former = make_release(
        person, agencies=[river_agency, river_other_agency], days=10, covers_referrals=True
    )
    client = signed_in(river_provider)
    url = reverse("participants:release_renew", args=[person.pk, former.pk])
    releases = client.get(reverse("participants:release_list", args=[person.pk]))
    assert f'href="{url}"' in releases.content.decode()
    form = client.get(url).context["form"]
    sent = {"pk": str(form["pk"].value())}
    for name in ("form_version", "signed_on", "expires_on"):
        sent[name] = str(form[name].value())
    for name in ("covers_case_conferencing", "covers_referrals", "covers_hmis", "to_all_partners"):
        if form[name].value():
            sent[name] = "on"
    sent["agencies"] = [str(each) for each in form["agencies"].value()]
    assert client.post(url, sent).status_code == 302
    renewed = person.releases.exclude(pk=former.pk).get()
    assert renewed.signed_on == today_in()
    assert renewed.expires_on == today_in() + (former.expires_on - former.signed_on)
    assert (renewed.covers_case_conferencing, renewed.covers_referrals) == (True, True)
    assert set(renewed.agencies.all()) == {river_agency, river_other_agency}
    former.refresh_from_db()
    assert former.revoked_at is None
    assert StaffMember.objects.filter(user=river_provider, agency=river_agency).exists()
