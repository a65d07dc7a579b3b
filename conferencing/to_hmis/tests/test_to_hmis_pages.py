"""The pages of what goes to HMIS, as people meet them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.tests.factories import sign_in
from audit.models import AuditEntry
from conferencing.tests.factories import make_review
from conferencing.tests.pages import text_of
from conferencing.tests.world import prove
from participants.models import HmisEntry, HmisUser
from participants.tests.factories import (
    make_contact,
    make_enrollment,
    make_hmis_record,
    make_participant,
    make_release,
    make_situation,
)
from regions.tests.factories import today_in

from .hmis import table

pytestmark = pytest.mark.django_db
LIST, TAKE, KEYING = (
    reverse(f"conferencing:{each}") for each in ("to_hmis", "to_hmis_take", "to_hmis_keying")
)


def enrolled(agency, region, number):
    """A household that is in HMIS, and whose release covers it."""
    person = make_participant(agency, region, name=f"Name {number}", hmis_id=f"N{number}")
    since = today_in(agency.continuum.zone) - timedelta(days=300)
    told = [make_enrollment(since, project="P1", key=f"E{number}", person=f"N{number}")]
    make_hmis_record(person, enrollments=told)
    make_release(person, covers_hmis=True)
    return person


@pytest.fixture
def people(projects, coc_user, river_agency, region_2, river_provider):
    """`people(number)`: so many more households with something for HMIS."""
    made = []

    def run(number):
        for _each in range(number):
            person = enrolled(river_agency, region_2, len(made))
            made.append(person)
            make_situation(person, "unsheltered", by=river_provider, days_ago=2)
            make_contact(person, by=river_provider, days_ago=4)
        return made

    return run


@pytest.mark.parametrize("address", [LIST, f"{LIST}?show=decide", KEYING, TAKE])
def test_lists_ask_as_often_for_many_as_for_one(
    client, people, river_specialist, address, django_assert_max_num_queries
):
    people(1)
    client.force_login(river_specialist)
    prove(client, river_specialist)
    with django_assert_max_num_queries(200) as one:
        assert client.get(address).status_code == 200
    people(29)
    with django_assert_max_num_queries(len(one)):
        assert client.get(address).status_code == 200


def test_the_list_says_each_row_in_words_and_why_one_stays_out(
    client, people, river_specialist, river_agency, region_2, river_provider
):
    (person,) = people(1)
    other = make_participant(river_agency, region_2, alias="Wren-7")
    make_situation(other, by=river_provider, days_ago=2)
    client.force_login(river_specialist)
    ready = text_of(client.get(LIST))
    assert "Place not meant for habitation" in ready
    assert person.alias in ready or person.name in ready
    assert "Wren-7" not in ready
    assert "Choose where they stayed" in text_of(client.get(f"{LIST}?show=decide"))
    assert "No release covers HMIS data sharing" in text_of(client.get(f"{LIST}?show=out"))
    assert AuditEntry.objects.filter(action="to_hmis.viewed").count() == 3


def test_a_row_that_waits_is_decided_and_goes(client, people, river_specialist):
    (person,) = people(1)
    contact = person.contacts.get()
    client.force_login(river_specialist)
    address = reverse("conferencing:to_hmis_answer", args=["contact", contact.pk])
    answer = client.post(address, {"CurrentLivingSituation": ""})
    assert "Choose where they stayed" in text_of(answer)
    answer = client.post(f"{address}?show=decide", {"CurrentLivingSituation": "335"})
    assert answer["Location"] == f"{LIST}?show=decide"
    entry = HmisEntry.objects.get()
    assert (entry.answers, entry.answered_by) == (
        {"CurrentLivingSituation": "335"},
        river_specialist,
    )
    assert "With family" in text_of(client.get(f"{LIST}?show=ready"))
    for act, said in (("leave_out", "Left out of HMIS."), ("put_back", "It goes to HMIS again.")):
        url = reverse(f"conferencing:to_hmis_{act}", args=["contact", contact.pk])
        assert said in text_of(client.post(url, follow=True))


def test_a_referral_is_said_with_its_result(client, people, call, river_specialist):
    (person,) = people(1)
    review = make_review(call, person, is_referred=True, referral="To the Apartments")
    client.force_login(river_specialist)
    address = reverse("conferencing:to_hmis_answer", args=["referral", review.pk])
    page = text_of(client.get(address))
    assert "Referral made on the call: To the Apartments" in page
    typed = {"Event": "13", "LocationCrisisOrPHHousing": "P3", "ReferralResult": "1"}
    assert "Enter the date of the result." in text_of(client.post(address, typed))
    early = {"ResultDate": f"{call.on - timedelta(days=1)}"}
    assert "the day of the event" in text_of(client.post(address, typed | early))
    late = {"ResultDate": f"{today_in(call.continuum.zone) + timedelta(days=1)}"}
    assert "Enter a date that has come." in text_of(client.post(address, typed | late))
    client.post(address, typed | {"ResultDate": f"{call.on}"})
    told = text_of(client.get(f"{LIST}?meeting={call.pk}"))
    assert "Referral to rapid re-housing (RRH): accepted" in told


def test_an_event_is_added_from_the_minutes(client, people, call, river_specialist):
    (person,) = people(1)
    review = make_review(call, person)
    client.force_login(river_specialist)
    address = reverse("conferencing:to_hmis_add", args=[call.pk])
    answer = client.post(address, {"household": review.pk, "Event": "2", "ProbSolDivRRResult": "1"})
    assert answer["Location"] == f"{LIST}?meeting={call.pk}"
    told = text_of(client.get(answer["Location"]))
    assert "Problem solving, diversion or rapid resolution: housed or rehoused" in told


def test_the_file_is_given_for_a_reason_and_proof(client, people, river_specialist):
    people(2)
    client.force_login(river_specialist)
    assert client.get(TAKE)["Location"].startswith("/account/confirm/")
    sign_in(client, river_specialist)
    prove(client, river_specialist)
    page = client.get(TAKE)
    assert "Say why you take the file." in text_of(client.post(TAKE, {"seen": "x"}))
    seen = page.context["form"].initial["seen"]
    overtaken = client.post(TAKE, {"reason": "Upload", "seen": "0" * 32})
    assert "What goes to HMIS changed since you looked" in text_of(overtaken)
    answer = client.post(TAKE, {"reason": "Upload", "seen": seen})
    assert answer["Content-Type"] == "application/zip"
    assert len(table(answer.content, "CurrentLivingSituation")) == 2
    assert "In a file since" in text_of(client.get(LIST))


def test_staff_key_their_own_agencys_lines(
    client, people, river_provider, river_other_provider, river_specialist
):
    (person,) = people(1)
    stay = person.situations.get()
    key, unkey = (
        reverse(f"conferencing:to_hmis_{each}", args=["stay", stay.pk]) for each in ("key", "unkey")
    )
    client.force_login(river_other_provider)
    assert "Nothing to key" in text_of(client.get(KEYING))
    assert client.post(key).status_code == 403
    client.force_login(river_provider)
    assert "To key" in text_of(client.get(KEYING))
    assert "Checked off." in text_of(client.post(key, follow=True))
    entry = HmisEntry.objects.get()
    assert (entry.keyed_by, entry.given_at) == (river_provider, None)
    assert river_provider.name in text_of(client.get(KEYING))
    client.force_login(river_specialist)
    assert "It waits to be keyed again." in text_of(client.post(unkey, follow=True))
    assert "It is not checked off." in text_of(client.post(unkey, follow=True))
    entry.refresh_from_db()
    assert (entry.keyed_at, entry.given) == (None, {})


def test_hmis_users_are_kept_and_taken_away(client, river, river_administrator, river_provider):
    client.force_login(river_administrator)
    address = reverse("conferencing:hmis_users")
    name = f"person-{river_provider.pk}"
    assert "letters and digits" in text_of(client.post(address, {"coc": "=1"}))
    client.post(address, {"coc": "COC1", name: "77"})
    assert dict(HmisUser.objects.values_list("user", "key")) == {
        None: "COC1",
        river_provider.pk: "77",
    }
    client.post(address, {"coc": "COC1", name: ""})
    assert HmisUser.objects.get().user is None
    assert AuditEntry.objects.filter(action="hmis_users.changed").count() == 2


@pytest.mark.parametrize(
    "query",
    ["since=2020-01-01&until=2026-01-01", "since=nonsense", "until=2020-01-01", "meeting=none"],
)
def test_a_time_that_is_none_is_said_and_the_usual_one_shown(
    client, people, river_specialist, query
):
    people(1)
    client.force_login(river_specialist)
    page = client.get(f"{LIST}?{query}")
    assert "Place not meant for habitation" in text_of(page)
    assert page.context["filter_form"].errors


def test_who_has_nothing_to_do_with_it_sees_nothing(client, people, three_specialist):
    (person,) = people(1)
    client.force_login(three_specialist)
    assert person.alias not in text_of(client.get(LIST))
    stay = person.situations.get()
    for act in ("answer", "leave_out", "put_back", "key", "unkey"):
        url = reverse(f"conferencing:to_hmis_{act}", args=["stay", stay.pk])
        assert client.post(url).status_code == 404
    url = reverse("conferencing:to_hmis_answer", args=["nonsense", stay.pk])
    assert client.get(url).status_code == 404
