"""Set-up pages: read by everybody of the continuum, changed by its CE Specialist."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from regions.models import OPENING_WORDS, Continuum, County, Region, ReviewCriterion
from regions.tests.factories import make_criteria, make_region, make_rule
from regions.views import set_up_of

Kind = ReviewCriterion.Kind


@pytest.fixture
def kinds(region_2):
    make_criteria(region_2, Kind.LONGEST, Kind.YOUTH, Kind.REFERRAL)
    return reverse("regions:criteria_edit", args=[region_2.pk])


def kept(region):
    rows = region.criteria.filter(is_used=True).order_by("position")
    return [(row.kind, row.number) for row in rows]


def order_of(response):
    return [row.kind for row in response.context["criteria"].rows]


def test_region_list_tells_rules_and_counties(client, river, region_2, river_provider):
    make_rule(river, region_2)
    make_rule(river, None, week=4, weekday=4, months=[1, 4, 7, 10])
    client.force_login(river_provider)
    words = text_of(client.get(reverse("regions:region_list")))
    assert "2nd Thursday of the month, 10:00 AM for 60 minutes (Central time)" in words
    assert "4th Friday of January, April, July and October" in words
    assert "Rice, Steele" in words
    assert "Change" not in words


def test_region_list_asks_as_often_for_thirty_regions(river, region_2, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert len(set_up_of(river)["rows"]) == 1
    for number in range(29):
        make_rule(river, make_region(river, name=f"More {number}"))
    with django_assert_num_queries(4):
        assert len(set_up_of(river)["rows"]) == 30


def test_set_up_is_changed_by_the_specialist_alone(
    client,
    river,
    region_2,
    river_specialist,
    river_administrator,
    river_provider,
    three_specialist,
):
    county = region_2.counties.first()
    own = [reverse("regions:continuum_edit"), reverse("regions:region_add")]
    rows = [
        reverse("regions:region_edit", args=[region_2.pk]),
        reverse("regions:criteria_edit", args=[region_2.pk]),
        reverse("regions:county_add", args=[region_2.pk]),
        reverse("regions:county_rename", args=[county.pk]),
        reverse("regions:county_remove", args=[county.pk]),
    ]
    move = reverse("regions:region_move", args=[region_2.pk])
    client.force_login(river_specialist)
    assert [client.get(url).status_code for url in own + rows] == [200] * 7
    for user in (river_administrator, river_provider):
        client.force_login(user)
        assert [client.post(url).status_code for url in [*own, *rows, move]] == [403] * 8
        assert client.get(region_2.get_absolute_url()).status_code == 200
    client.force_login(three_specialist)
    assert [client.post(url).status_code for url in [*rows, move]] == [404] * 6
    assert client.get(region_2.get_absolute_url()).status_code == 404
    assert County.objects.filter(pk=county.pk).exists()


def test_continuum_edit_keeps_what_was_typed_when_it_is_wrong(client, river, river_specialist):
    client.force_login(river_specialist)
    address = reverse("regions:continuum_edit")
    seen = hidden(client.get(address), "seen")
    wrong = {"call_link": "no", "non_disclosure_words": "", "purpose": "To house.", "seen": seen}
    page = client.post(address, wrong)
    words = text_of(page)
    assert "Enter a whole web address" in words
    assert "Enter the words that are printed on every list." in words
    assert "To house." in words
    right = wrong | {"call_link": "", "non_disclosure_words": "Keep it.", "opening_words": " "}
    assert client.post(address, right).status_code == 302
    assert "changed meanwhile" in text_of(client.post(address, right | {"purpose": "Other"}))
    river.refresh_from_db()
    assert (river.non_disclosure_words, river.purpose) == ("Keep it.", "To house.")
    assert (river.opening_words, river.words_at_opening) == ("", OPENING_WORDS)


def test_region_add_then_county_add(client, river, river_specialist):
    client.force_login(river_specialist)
    address = reverse("regions:region_add")
    form = {
        "name": "Region 7",
        "minutes_per_household": 6,
        "seen": hidden(client.get(address), "seen"),
    }
    client.post(address, form)
    region = Region.objects.get()
    assert "region of that name" in text_of(client.post(address, form))
    add = reverse("regions:county_add", args=[region.pk])
    client.post(add, {"name": "Dodge"})
    assert "county of Region 7 already" in text_of(client.post(add, {"name": "DODGE"}))
    assert [str(each) for each in region.counties.all()] == ["Dodge"]


def test_criteria_edit_moves_without_saving_then_saves(client, region_2, kinds, river_specialist):
    client.force_login(river_specialist)
    page = client.get(kinds)
    order = order_of(page)
    assert order[:3] == [Kind.LONGEST, Kind.YOUTH, Kind.REFERRAL]
    form = {
        "seen": hidden(page, "seen"),
        "order": order,
        "used_longest": "on",
        "used_referral": "on",
        "number_longest": "12",
    }
    moved = client.post(kinds, form | {"move": "referral:up"})
    assert order_of(moved)[:3] == [Kind.LONGEST, Kind.REFERRAL, Kind.YOUTH]
    assert kept(region_2)[1] == (Kind.YOUTH, None)
    assert 'value="12"' in moved.content.decode()
    client.post(kinds, form | {"order": order_of(moved)})
    assert kept(region_2) == [(Kind.LONGEST, 12), (Kind.REFERRAL, None)]
    assert "changed meanwhile" in text_of(client.post(kinds, form))


def test_criteria_edit_names_a_wrong_number(client, region_2, kinds, river_specialist):
    client.force_login(river_specialist)
    page = client.get(kinds)
    form = {"seen": hidden(page, "seen"), "order": order_of(page), "used_longest": "on"}
    for wrong in ("", "0", "-3", "ten", "9999"):
        answer = client.post(kinds, form | {"number_longest": wrong})
        assert "Longest on the list: Enter a whole number from 1 to 200." in text_of(answer)
    assert kept(region_2)[0] == (Kind.LONGEST, None)


def test_criteria_edit_ignores_what_is_no_reason(client, region_2, kinds, river_specialist):
    client.force_login(river_specialist)
    page = client.get(kinds)
    form = {"seen": hidden(page, "seen"), "order": ["colour", "youth"], "used_youth": "on"}
    assert client.post(kinds, form | {"move": "colour:up"}).status_code == 200
    assert client.post(kinds, form | {"move": "youth:sideways"}).status_code == 404
    client.post(kinds, form)
    assert kept(region_2) == [(Kind.YOUTH, None)]


NAMES = reverse_lazy("regions:who_sees_names")


def test_who_sees_names_is_the_administrators_and_needs_the_words_of_the_release(
    river, river_administrator
):
    client = signed_in(river_administrator)
    page = client.get(NAMES)
    assert "Names are not shown to CE Specialists without a release." in text_of(page)
    refused = client.post(NAMES, {"specialists_see": "yes", "why": "  "})
    assert "Quote the words of your release that say so." in text_of(refused)
    river.refresh_from_db()
    assert river.specialists_see_names_since is None
    words = "ROI v3: “the CE Specialist may know my name.”"
    client.post(NAMES, {"specialists_see": "yes", "why": words})
    river.refresh_from_db()
    assert river.specialists_see_names_since is not None
    assert river.specialists_see_names_by == river_administrator
    assert river.specialists_see_names_why == words
    assert "chosen by Ada Administrator" in text_of(client.get(NAMES))
    client.post(NAMES, {"specialists_see": "no", "why": words})
    river.refresh_from_db()
    assert (river.specialists_see_names_since, river.specialists_see_names_why) == (None, "")
    entries = AuditEntry.objects.filter(action="continuum.names_chosen").order_by("sequence")
    assert [(each.actor_id, each.detail, each.why) for each in entries] == [
        (river_administrator.pk, {"specialists_see_names": True}, words),
        (river_administrator.pk, {"specialists_see_names": False}, ""),
    ]


def test_who_sees_names_said_again_changes_nothing(river, river_administrator):
    client = signed_in(river_administrator)
    for _ in range(2):
        client.post(NAMES, {"specialists_see": "yes", "why": "ROI v3"})
    assert AuditEntry.objects.filter(action="continuum.names_chosen").count() == 1


def test_who_sees_names_is_closed_to_specialists_and_asks_for_fresh_proof(
    client, river, river_administrator, river_specialist
):
    answer = signed_in(river_specialist).post(NAMES, {"specialists_see": "yes", "why": "Mine"})
    assert answer.status_code == 403
    client.force_login(river_administrator)
    answer = client.post(NAMES, {"specialists_see": "yes", "why": "Stale"})
    assert answer.status_code == 302
    assert answer.url.startswith("/account/confirm/")
    river.refresh_from_db()
    assert river.specialists_see_names_since is None


def test_continuum_holds_the_choice_of_names_as_a_whole(river, river_administrator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Continuum.objects.filter(pk=river.pk).update(specialists_see_names_since=timezone.now())


def test_county_add_takes_several_at_once_or_none(client, region_2, river_specialist):
    client.force_login(river_specialist)
    address = reverse("regions:county_add", args=[region_2.pk])
    before = set(region_2.counties.values_list("name", flat=True))
    answer = client.post(address, {"name": "Adams, Boulder;Denver\n, Adams"}, follow=True)
    assert "Adams, Boulder, Denver are added." in text_of(answer)
    added = {"Adams", "Boulder", "Denver"}
    assert set(region_2.counties.values_list("name", flat=True)) == before | added
    assert "is a county of" in text_of(client.post(address, {"name": "Elbert, Denver"}))
    assert not region_2.counties.filter(name="Elbert").exists()
    county = region_2.counties.get(name="Adams")
    rename = reverse("regions:county_rename", args=[county.pk])
    assert "Enter one county." in text_of(client.post(rename, {"name": "Adams, Elbert"}))
