"""The search of the header: each finds what they may see of households, agencies, people, calls."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.home.finding import sight_key
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.naming import labels
from participants.tests.factories import make_participant, make_release

pytestmark = pytest.mark.django_db


def search(user, text):
    return signed_in(user).post(reverse("conferencing:search"), {"find": text})


def keys_of(found):
    return [row.participant.pk for row in found.rows]


def test_search_finds_households_by_what_each_may_see_and_records_it(
    river_agency, region_2, river_provider, river_other_provider, three_provider
):
    ana = make_participant(river_agency, region_2, name="Søren Trần", alias="Heron-12")
    make_release(ana, agencies=[river_agency])
    page = search(river_provider, "tran soren")
    assert keys_of(page.context["households"]) == [ana.pk]
    assert "Søren Trần" in page.content.decode()
    entry = AuditEntry.objects.filter(action="participant.listed").latest("sequence")
    assert entry.detail["participants"] == [str(ana.pk)]
    assert (entry.detail["searched"], entry.detail["page"]) == (True, "search")
    # By alias alone for whom no release covers, and nothing of it in another continuum.
    assert search(river_other_provider, "tran").context["households"].count == 0
    page = search(river_other_provider, "heron12")
    assert keys_of(page.context["households"]) == [ana.pk]
    assert "Søren" not in page.content.decode()
    assert search(three_provider, "heron").context["households"].count == 0


@pytest.mark.parametrize("who", ["river_administrator", "river_unsigned_provider"])
def test_search_shows_no_household_without_standing(
    request, river_agency, region_2, who, river_provider
):
    make_release(make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1"))
    page = search(request.getfixturevalue(who), "heron")
    assert page.status_code == 200
    assert page.context["households"].count == 0
    assert "Heron-1" not in page.content.decode()


def test_search_finds_agencies_people_and_calls(
    river_agency, river_other_agency, river_provider, river_specialist, region_2, three_provider
):
    call = make_meeting(river_agency.continuum, region_2)
    assert [each.pk for each in search(river_provider, "bridge").context["agencies"].rows] == [
        river_agency.pk
    ]
    month = f"{call.starts_at:%B}"
    assert call in search(river_provider, f"region 2 {month}").context["calls"].rows
    assert search(three_provider, "region 2").context["calls"].count == 0
    assert [each.user for each in search(river_specialist, "pat prov").context["people"].rows] == [
        river_provider
    ]
    # Providers find colleagues of their own agency.
    assert search(river_provider, "pat").context["people"].count == 1


def test_search_of_people_of_another_agency_is_the_cocs_own(
    river_other_provider, river_provider, river_specialist
):
    name = river_provider.name
    assert search(river_specialist, name).context["people"].count >= 1
    assert search(river_other_provider, name).context["people"].count == 0


def test_search_puts_nothing_typed_into_an_address(river_provider):
    page = search(river_provider, "Ana Sentinelle")
    assert "Nothing found" in text_of(page)
    html = page.content.decode()
    assert "find=Ana" not in html
    assert "Ana%20Sentinelle" not in html
    # What stands in an address by hand is not searched.
    asked = signed_in(river_provider).get(reverse("conferencing:search") + "?find=heron")
    assert "households" not in asked.context


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\x00", "a" * 5000, "’", "\u200b"])
def test_search_takes_whatever_is_typed(river_provider, text):
    assert search(river_provider, text).status_code == 200


def test_search_asks_the_database_the_same_for_1_and_30(
    river_agency, region_2, river_provider, django_assert_max_num_queries
):
    client = signed_in(river_provider)
    url = reverse("conferencing:search")
    make_release(make_participant(river_agency, region_2, name="Ana Example"))
    with django_assert_max_num_queries(45) as one:
        client.post(url, {"find": "example"})
    for _ in range(29):
        make_release(make_participant(river_agency, region_2, name="Ana Example"))
    with django_assert_max_num_queries(len(one)):
        page = client.post(url, {"find": "example"})
    assert page.context["households"].count == 30
    assert len(page.context["households"].rows) == 20


# as one types


def typed(user, text):
    return signed_in(user).post(reverse("conferencing:search_typed"), {"find": text})


def lines_of(page):
    return re.findall(r"<bdi>(.*?)</bdi>", page.content.decode())


def looks():
    found = AuditEntry.objects.filter(action="participant.listed").order_by("sequence")
    return [(entry.actor_id, entry.detail) for entry in found]


def test_search_as_typed_offers_what_the_page_would_show(
    river_agency, region_2, river_provider, river_other_provider, three_provider, river_specialist
):
    ana = make_participant(river_agency, region_2, name="Søren Trần", alias="Heron-12")
    release = make_release(ana, agencies=[river_agency])
    page = typed(river_provider, "tran")
    assert lines_of(page) == ["Søren Trần"]
    assert ana.get_absolute_url() in page.content.decode()
    # Under no release the name finds nobody, and is not told beside the alias.
    assert lines_of(typed(river_other_provider, "tran")) == []
    page = typed(river_other_provider, "heron12")
    assert lines_of(page) == ["Heron-12"]
    assert "Søren" not in page.content.decode()
    assert lines_of(typed(three_provider, "heron12")) == []
    release.revoked_at = release.recorded_at
    release.revocation_reason = "Asked for"
    release.save()
    assert lines_of(typed(river_other_provider, "tran")) == []


def test_search_as_typed_offers_agencies_people_and_calls(
    river_agency, river_provider, river_specialist, river_other_provider, region_2
):
    call = make_meeting(river_agency.continuum, region_2)
    assert lines_of(typed(river_provider, "bridge")) == ["Bridge Housing"]
    assert call.get_absolute_url() in typed(river_provider, "region 2").content.decode()
    assert lines_of(typed(river_specialist, "pat prov")) == [river_provider.name]
    assert lines_of(typed(river_other_provider, river_provider.name)) == []


@pytest.mark.parametrize("who", ["river_administrator", "river_unsigned_provider"])
def test_search_as_typed_offers_no_household_without_standing(
    request, river_agency, region_2, who, river_provider
):
    make_release(make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1"))
    assert lines_of(typed(request.getfixturevalue(who), "heron")) == []
    assert looks() == []


@pytest.mark.parametrize("text", ["", "h", " h ", "!!!", "\x00", "a" * 5000, "\u200b"])
def test_search_as_typed_offers_nothing_for_less_than_two_letters(
    river_agency, region_2, river_provider, text
):
    make_participant(river_agency, region_2, alias="Heron-1")
    page = typed(river_provider, text)
    assert (page.status_code, lines_of(page), looks()) == (200, [], [])


def test_search_as_typed_records_each_household_once_a_minute_in_each_way(
    river_agency, region_2, river_provider, river_specialist
):
    cache.clear()
    first = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    second = make_participant(river_agency, region_2, name="Bea Example", alias="Heron-2")
    for text in ("he", "her", "hero", "heron"):
        assert len(lines_of(typed(river_provider, text))) == 2
    ((actor, detail),) = looks()
    assert actor == river_provider.pk
    assert sorted(detail["participants"]) == sorted([str(first.pk), str(second.pk)])
    assert (detail["searched"], detail["page"]) == (True, "search")
    # Somebody else who is shown one, and the page itself, are recorded.
    typed(river_specialist, "heron-1")
    search(river_provider, "heron")
    assert len(looks()) == 3
    # One that comes new is recorded alone; one that is shown by name now once more.
    third = make_participant(river_agency, region_2, name="Cal Example", alias="Heron-3")
    typed(river_provider, "heron")
    assert looks()[-1][1]["participants"] == [str(third.pk)]
    cache.clear()
    typed(river_provider, "heron")
    assert len(looks()[-1][1]["participants"]) == 3


def test_search_as_typed_puts_off_no_record_for_what_is_shown_beside(
    river_agency, region_2, river_provider
):
    cache.clear()
    first = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    typed(river_provider, "heron")
    label = labels([first], river_provider, timezone.now())[first.pk]
    key = sight_key(river_provider, first, label)
    assert cache.touch(key, 30)
    make_participant(river_agency, region_2, name="Bea Example", alias="Heron-2")
    typed(river_provider, "heron")
    assert len(looks()) == 2
    left = cache._cache.get_client(key).ttl(cache.make_and_validate_key(key))
    assert left <= 30


def test_search_as_typed_records_a_name_that_was_an_alias_a_moment_ago(
    river_agency, region_2, river_other_agency, river_other_provider
):
    cache.clear()
    ana = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    assert lines_of(typed(river_other_provider, "heron")) == ["Heron-1"]
    make_release(ana, agencies=[river_agency, river_other_agency])
    assert lines_of(typed(river_other_provider, "heron")) == ["Ana Example"]
    assert [list(detail["named_under"]) for _, detail in looks()] == [[], [str(ana.pk)]]


def test_search_as_typed_is_asked_by_post_alone_and_asks_the_same_for_1_and_30(
    river_agency, region_2, river_provider, django_assert_max_num_queries
):
    client, url = signed_in(river_provider), reverse("conferencing:search_typed")
    assert client.get(url, {"find": "heron"}).status_code == 405
    cache.clear()
    make_release(make_participant(river_agency, region_2, name="Ana Example"))
    with django_assert_max_num_queries(35) as one:
        client.post(url, {"find": "example"})
    for _ in range(29):
        make_release(make_participant(river_agency, region_2, name="Ana Example"))
    cache.clear()
    with django_assert_max_num_queries(len(one)):
        page = client.post(url, {"find": "example"})
    assert lines_of(page) == ["Ana Example"] * 4 + ["Pat Provider"]
