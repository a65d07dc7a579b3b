"""Pages of agencies, and of who is in standing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import InternalError, transaction
from django.urls import reverse

from agreements.models import Agency
from agreements.tests.conftest import shown, words_of
from agreements.tests.factories import (
    make_agency,
    make_agency_in_standing,
    make_agreement,
    make_staff,
)
from regions.tests.factories import today_in

LIST = "/agencies/"
STANDING = "/agencies/standing/"


def test_agency_list_shows_administrators_every_agencys_standing(
    browser, river_administrator, river_agency, river_lapsed_agency
):
    page = browser(river_administrator).get(LIST)
    words = words_of(page)
    assert page.status_code == 200
    assert "Bridge Housing Region 2 Paperwork current" in words
    assert (
        "Lapsed Shelter Region 2 Paperwork not current The CES Partner Agreement expired on"
        in words
    )
    assert "Add an agency" in words


def test_agency_list_shows_an_agencys_people_names_and_their_own_standing_alone(
    browser, river_provider, river_lapsed_agency
):
    words = words_of(browser(river_provider).get(LIST))
    assert "Bridge Housing Your agency Region 2 Paperwork current" in words
    assert "Lapsed Shelter Region 2 Not shown to other agencies" in words
    assert "expired" not in words
    assert "Add an agency" not in words


def test_agency_list_is_blind_to_the_other_continuum(browser, river_provider, three_agency):
    assert "Hilltown" not in words_of(browser(river_provider).get(LIST))


@pytest.mark.parametrize("path", [LIST, STANDING, "/agencies/add/", "/agencies/my-place/"])
def test_pages_lead_whoever_is_not_signed_in_to_the_sign_in_page(browser, db, path):
    answer = browser(None).get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("path", [LIST, STANDING])
def test_lists_ask_as_often_for_one_agency_as_for_thirty(
    browser, river, region_2, river_administrator, django_assert_max_num_queries, path
):
    client = browser(river_administrator)
    asked = []
    client.get(path)
    for more in (1, 29):
        for _ in range(more):
            agency = make_agency_in_standing(river, regions=[region_2])
            make_agreement(agency, countersigned=False)
            make_staff(agency, regions=[region_2])
            make_staff(agency, statement=False)
        with django_assert_max_num_queries(20) as queries:
            client.get(path)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_standing_list_nests_people_and_says_exactly_why(
    browser, river_specialist, river_unsigned_provider, river_lapsed_provider
):
    words = words_of(browser(river_specialist).get(STANDING))
    assert (
        "Una Unsigned Housing provider Paperwork not current "
        "The confidentiality statement was never signed." in words
    )
    assert (
        "Lou Lapsed Housing provider Paperwork not current The CES Partner Agreement expired"
        in words
    )
    assert "Sam Specialist Paperwork current" in words
    assert "1 of 2 agencies current" in words or "agencies current 1 of 2" in words


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Bridge Housing", "Lapsed Shelter", "Waiting House", "Ending Soon"}),
        ("?show=not_in_standing", {"Bridge Housing", "Lapsed Shelter", "Waiting House"}),
        ("?show=ending", {"Ending Soon"}),
        ("?show=waiting", {"Waiting House"}),
        ("?show=nonsense", {"Bridge Housing", "Lapsed Shelter", "Waiting House", "Ending Soon"}),
    ],
)
def test_standing_list_filters(
    browser,
    river,
    river_administrator,
    river_unsigned_provider,
    river_lapsed_agency,
    query,
    expected,
):
    make_agreement(make_agency(river, name="Waiting House"), countersigned=False)
    today = today_in()
    make_agreement(
        make_agency(river, name="Ending Soon"),
        effective_on=today - timedelta(days=300),
        expires_on=today + timedelta(days=29),
    )
    words = words_of(browser(river_administrator).get(f"{STANDING}{query}"))
    names = {"Bridge Housing", "Lapsed Shelter", "Waiting House", "Ending Soon"}
    assert {name for name in names if name in words} == expected


def test_standing_list_filters_by_region(
    browser, river, region_1, river_administrator, river_agency
):
    make_agency(river, name="Region One House", regions=[region_1])
    words = words_of(browser(river_administrator).get(f"{STANDING}?region={region_1.pk}"))
    assert "Region One House" in words
    assert "Bridge Housing" not in words


def test_standing_list_shows_an_agency_its_own_line_alone(
    browser, river_lapsed_provider, river_agency
):
    words = words_of(browser(river_lapsed_provider).get(STANDING))
    assert "Lapsed Shelter" in words
    assert "expired" in words
    assert "Bridge Housing" not in words


def test_standing_list_says_what_three_county_requires(browser, three_administrator, three_agency):
    words = words_of(browser(three_administrator).get(STANDING))
    assert "asks for each person’s own signed statement. It asks for no agreement" in words
    assert "No agreement required" in words


def test_agency_detail_shows_its_people_standing_and_why(browser, river_lapsed_provider):
    agency = river_lapsed_provider.places.get().agency
    words = words_of(browser(river_lapsed_provider).get(agency.get_absolute_url()))
    assert "Paperwork not current The CES Partner Agreement expired on" in words
    assert "Lou Lapsed" in words


def test_agency_detail_shows_another_agency_public_facts_alone(
    browser, river_other_provider, river_lead, river_agency
):
    words = words_of(browser(river_other_provider).get(river_agency.get_absolute_url()))
    assert "Bridge Housing" in words
    assert "Region 2" in words
    assert "Lee Lead" not in words
    assert "standing" not in words.lower().replace("case conferencing", "")


def test_agency_detail_is_not_found_from_the_other_continuum(
    browser, three_administrator, river_agency
):
    client = browser(three_administrator)
    for path in ("", "edit/", "sign/", "upload/", "people/invite/"):
        assert client.get(f"{river_agency.get_absolute_url()}{path}").status_code == 404


def test_agency_add_makes_the_agency_its_group_and_its_regions(
    browser, river, region_1, region_2, river_administrator, audited
):
    answer = browser(river_administrator).post(
        "/agencies/add/",
        {
            "name": "  New   House ",
            "phone": "555-0100",
            "regions": [region_2.pk],
            "is_in_rotation": "on",
            "is_victim_service_provider": "on",
        },
    )
    agency = Agency.objects.get(name="New House")
    assert answer.url == agency.get_absolute_url()
    assert (agency.is_active, agency.is_victim_service_provider) == (True, True)
    assert list(agency.regions()) == [region_2]
    assert list(Agency.objects.taking_part_in(region_2)) == [agency]
    assert list(Agency.objects.taking_part_in(region_1)) == []
    assert audited() == [("agency.added", "Ada Administrator")]


def test_agency_add_submitted_twice_adds_once(browser, river_administrator):
    client = browser(river_administrator)
    client.post("/agencies/add/", {"name": "New House"})
    answer = client.post("/agencies/add/", {"name": "new house"})
    assert "This continuum already has an agency of that name." in words_of(answer)
    assert Agency.objects.filter(name__iexact="new house").count() == 1
    assert Group.objects.count() == 1


def test_agency_add_allows_a_name_that_the_other_continuum_has(
    browser, river_administrator, three_agency
):
    answer = browser(river_administrator).post("/agencies/add/", {"name": "Hilltown Shelter"})
    assert answer.status_code == 302


def test_agency_add_refuses_a_region_of_the_other_continuum(
    browser, river_administrator, three_region
):
    answer = browser(river_administrator).post(
        "/agencies/add/", {"name": "New House", "regions": [three_region.pk]}
    )
    assert answer.status_code == 200
    assert "Select a valid choice" in words_of(answer)
    assert not Agency.objects.exists()


def test_agency_add_is_forbidden_to_whoever_is_no_administrator(
    browser, river_specialist, river_lead, river_provider
):
    for user in (river_specialist, river_lead, river_provider):
        assert browser(user).get("/agencies/add/").status_code == 403
        assert browser(user).post("/agencies/add/", {"name": "X"}).status_code == 403
    assert not Agency.objects.filter(name="X").exists()


def edit(client, agency, **data):
    url = f"{agency.get_absolute_url()}edit/"
    fields = shown(client.get(url)) | {"name": agency.name, "is_active": "on", **data}
    return url, fields


def test_agency_edit_changes_name_turns_and_regions(
    browser, river_administrator, river_agency, region_1, region_2, audited
):
    client = browser(river_administrator)
    url, data = edit(client, river_agency, name="Bridge Homes", regions=[region_1.pk])
    assert client.post(url, data).status_code == 302
    river_agency.refresh_from_db()
    assert (river_agency.name, river_agency.is_in_rotation) == ("Bridge Homes", False)
    assert list(river_agency.regions()) == [region_1]
    assert audited() == [("agency.changed", "Ada Administrator")]


def test_agency_edit_from_a_stale_page_changes_nothing_and_says_so(
    browser, river_administrator, river_agency
):
    client = browser(river_administrator)
    url, data = edit(client, river_agency, phone="555-0111")
    client.post(url, data)
    answer = client.post(url, data | {"phone": "555-0222"})
    assert "Somebody changed this in the meantime" in words_of(answer)
    assert 'value="555-0222"' in answer.content.decode()
    river_agency.refresh_from_db()
    assert river_agency.phone == "555-0111"


def test_agency_edit_cannot_make_it_a_victim_service_provider(
    browser, river_administrator, river_agency
):
    client = browser(river_administrator)
    url, data = edit(client, river_agency, is_victim_service_provider="on")
    page = words_of(client.get(url))
    assert "This is not a victim service provider." in page
    client.post(url, data)
    river_agency.refresh_from_db()
    assert not river_agency.is_victim_service_provider
    with pytest.raises(InternalError), transaction.atomic():
        Agency.objects.filter(pk=river_agency.pk).update(is_victim_service_provider=True)


def test_agency_edit_inactive_takes_standing_from_its_people_at_once(
    browser, river_administrator, river_agency, river_provider
):
    client = browser(river_administrator)
    url, data = edit(client, river_agency)
    del data["is_active"]
    client.post(url, data)
    words = words_of(client.get(river_agency.get_absolute_url()))
    assert "Paperwork not current The agency no longer takes part." in words


def test_agency_edit_is_forbidden_to_its_own_lead(browser, river_lead, river_agency):
    assert browser(river_lead).get(f"{river_agency.get_absolute_url()}edit/").status_code == 403
