"""Filters that are in use, each of them a way to the list without it."""

from urllib.parse import parse_qs

import pytest
from django.http import QueryDict
from django.urls import reverse

from conferencing.tests.pages import text_of
from participants.forms.listing import ListForm

pytestmark = pytest.mark.django_db


def test_each_chosen_filter_can_be_taken_away_by_itself(river, region_2):
    asked = f"region={region_2.pk}&status=all&need=youth&days=30&sort=days&columns=days"
    form = ListForm(QueryDict(asked), continuum=river)
    chips = {label: (words, parse_qs(address)) for label, words, address in form.chips}
    assert {label: words for label, (words, _) in chips.items()} == {
        "Region": str(region_2),
        "Status": "All",
        "Needs": "Youth",
        "Days on the list, at least": "30",
    }
    whole = parse_qs(form.address)
    for name, label in (("need", "Needs"), ("days", "Days on the list, at least")):
        assert chips[label][1] == {key: value for key, value in whole.items() if key != name}


def test_the_usual_list_has_no_filter_to_take_away(river):
    assert ListForm(QueryDict("status=active"), continuum=river).chips == []


def test_what_no_filter_knows_is_no_chip(river):
    assert ListForm(QueryDict("need=nothing&region=1"), continuum=river).chips == []


def test_the_page_shows_the_filters_in_use(client, river_specialist):
    client.force_login(river_specialist)
    page = client.get(reverse("participants:participant_list"), {"need": "veteran"})
    assert "Needs: Veteran × , remove this filter" in text_of(page)
