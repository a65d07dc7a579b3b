"""What the by-name list is narrowed to, ordered by and shown with."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from agreements.models import StaffMember
from conferencing.tests.pages import text_of
from participants.forms.listing import ListForm
from participants.listing import COLUMNS, ORDERS, USUAL_COLUMNS, words_of_order
from participants.models import ListPlace, Participant
from participants.tests.factories import (
    make_contact,
    make_inactivity,
    make_participant,
    make_release,
    make_saved_view,
    make_situation,
)
from regions.tests.factories import today_in

LIST = "/participants/"


def aliases(response):
    assert response.status_code == 200
    return [row.participant.alias for row in response.context["rows"]]


@pytest.fixture
def four(river, river_agency, river_other_agency, river_vsp_agency, region_2, river_provider):
    """Four households, each of another kind: A to our agency, B to theirs, C a VSP's, D HMIS'."""
    make_inactivity(river)
    place = StaffMember.objects.get(user=river_provider)
    a = make_participant(river_agency, region_2, alias="A-1", days=10, adults=2, children=3)
    b = make_participant(river_other_agency, region_2, alias="B-2", days=400, navigator=place)
    c = make_participant(river_vsp_agency, region_2, alias="C-3", days=90)
    d = make_participant(river_agency, region_2, alias="D-4", days=200, hmis_id="H-1")
    make_release(a, agencies=[river_agency], days=10)
    make_release(b, agencies=[river_other_agency])
    make_release(d, days=-1)
    make_contact(b, days_ago=3)
    make_situation(d, days_ago=1)
    make_situation(a, days_ago=5)
    return a, b, c, d


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("source=hmis", ["D-4"]),
        ("source=hand", ["B-2", "A-1"]),
        ("source=victims", ["C-3"]),
        ("release=named", ["D-4", "A-1"]),
        ("release=alias", ["B-2", "C-3"]),
        ("release=ending", ["A-1"]),
        ("release=none", ["D-4"]),
        ("navigator=me", ["B-2"]),
        ("navigator=none", ["D-4", "C-3", "A-1"]),
        ("navigator={place}", ["B-2"]),
        ("agency={other}", ["B-2"]),
        ("days=90", ["B-2", "D-4", "C-3"]),
        ("days=91", ["B-2", "D-4"]),
        ("days=0", ["B-2", "D-4", "C-3", "A-1"]),
        ("days=90&source=hand&release=alias&navigator=me", ["B-2"]),
        ("state=past", ["C-3"]),
        ("sort=size", ["B-2", "C-3", "D-4", "A-1"]),
        ("sort=-size", ["A-1", "B-2", "C-3", "D-4"]),
        ("sort=stay", ["A-1", "D-4", "B-2", "C-3"]),
        ("sort=-stay", ["D-4", "A-1", "B-2", "C-3"]),
        ("sort=contact", ["C-3", "A-1", "B-2", "D-4"]),
        ("sort=-contact", ["D-4", "B-2", "A-1", "C-3"]),
        ("sort=agency", ["A-1", "D-4", "B-2", "C-3"]),
        ("sort=-agency", ["C-3", "B-2", "A-1", "D-4"]),
        ("sort=navigator", ["B-2", "A-1", "C-3", "D-4"]),
        ("sort=-navigator", ["B-2", "A-1", "C-3", "D-4"]),
        ("sort=status&status=all", ["B-2", "D-4", "C-3", "A-1"]),
    ],
)
def test_list_is_narrowed_and_ordered(
    client, river_provider, river_other_agency, four, query, expected
):
    keys = {"place": river_provider.places.get().pk, "other": river_other_agency.pk}
    client.force_login(river_provider)
    assert aliases(client.get(f"{LIST}?{query.format(**keys)}")) == expected


def test_list_orders_by_status_and_puts_those_without_a_place_last(
    client, river_specialist, river_agency, region_2
):
    for alias, status in (("A-1", "inactive"), ("B-2", "active"), ("C-3", "housed")):
        person = make_participant(river_agency, region_2, alias=alias)
        ListPlace.objects.filter(participant=person).update(status=status)
    make_participant(river_agency, region_2, alias="D-4", listed=False)
    client.force_login(river_specialist)
    found = [
        aliases(client.get(f"{LIST}?status=all&sort={sort}")) for sort in ("status", "-status")
    ]
    assert found == [["B-2", "C-3", "A-1", "D-4"], ["A-1", "C-3", "B-2", "D-4"]]


def test_release_filter_follows_the_reader(
    client, river_other_provider, river_specialist, river_vsp_provider, four
):
    found = {}
    for reader in (river_other_provider, river_specialist, river_vsp_provider):
        client.force_login(reader)
        found[reader.name] = [
            sorted(aliases(client.get(f"{LIST}?release={release}")))
            for release in ("named", "alias", "ending")
        ]
    assert found == {
        "Oli Other": [["B-2"], ["A-1", "C-3", "D-4"], []],
        "Sam Specialist": [[], ["A-1", "B-2", "C-3", "D-4"], ["A-1"]],
        "Val Victimservices": [[], ["A-1", "B-2", "C-3", "D-4"], []],
    }


def test_list_shows_the_columns_that_were_chosen_and_sorts_by_their_heads(
    client, river_provider, four
):
    client.force_login(river_provider)
    page = client.get(LIST)
    assert heads(page) == ["Household", *(COLUMNS[key].label for key in USUAL_COLUMNS)]
    page = client.get(f"{LIST}?columns=source&columns=navigator&columns=contact&sort=-contact")
    assert heads(page) == ["Household", "Last contact", "Navigator", "Source"]
    html = page.content.decode()
    assert re.findall(r'<th scope="col" aria-sort="(\w+)"><a[^>]*>([^<]+)', html) == [
        ("descending", "Last contact")
    ]
    assert "sort=contact" in html
    assert 'data-label="Status"' not in html
    assert html.count('data-label="Source"') == 4
    row = " ".join(re.search(r"<tr>\s*<th scope=\"row\".*?B-2.*?</tr>", html, re.S)[0].split())
    assert "Pat Provider" in row
    assert "Not in HMIS" in row


def heads(page):
    found = re.search(r"<thead\b.*?</thead>", page.content.decode(), re.S)[0]
    cells = re.findall(r"<th.*?</th>", found, re.S)
    words = [re.sub(r"<[^>]+>", "", each).strip() for each in cells]
    return [each for each in words if each != "What you can do"]


def test_every_column_says_something_of_every_household(client, river_provider, four):
    client.force_login(river_provider)
    columns = "&".join(f"columns={key}" for key in COLUMNS)
    html = client.get(f"{LIST}?{columns}").content.decode()
    for key, column in COLUMNS.items():
        cells = re.findall(rf'<td[^>]*data-label="{column.label}".*?</td>', html, re.S)
        said = [re.sub(r"<[^>]+>", " ", cell).split() for cell in cells]
        assert (key, len(said), all(said)) == (key, 4, True)
    until = today_in("America/Chicago") + timedelta(days=10)
    assert f"By name until {until:%b} {until.day}, {until.year}" in html
    assert "Alias only" in html


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("days=-1", "Days on the list, at least: Enter a whole number of days from 0 to 20,000."),
        ("days=99999999999", "Days on the list, at least: Enter a whole number"),
        ("days=x", "Days on the list, at least: Enter a whole number"),
        ("sort=name", "Order: Choose one of the list."),
        ("region=x", "One filter was not recognized and was ignored: Region."),
        ("columns=name", "Columns: Choose columns of the list."),
        ("columns=%00&columns=where", "Columns: Choose columns of the list."),
        ("navigator=4", "Navigator: Choose one of the list."),
        ("release=%00", "Release: Choose one of the list."),
        ("source=paper", "Source: Choose one of the list."),
        ("agency=x", "Agency: Choose one of the list."),
        ("region=x&county=x", "Region: Choose one of the list. County: Choose one of the list."),
        ("state=x", "Data age: Choose one of the list."),
        ("region=x&days=x", "2 filters were not recognized and were ignored: Region, Days on"),
    ],
)
def test_rubbish_in_the_address_is_told_in_words_and_left_out(
    client, river_provider, four, query, complaint
):
    client.force_login(river_provider)
    page = client.get(f"{LIST}?{query}")
    assert aliases(page) == ["B-2", "D-4", "C-3", "A-1"]
    assert "not recognized and w" in text_of(page)
    assert complaint in text_of(page)
    assert heads(page) == ["Household", *(COLUMNS[key].label for key in USUAL_COLUMNS)]


def test_a_foreign_navigator_agency_or_view_is_no_choice(
    client, river_provider, three_provider, three_agency, four
):
    foreign = make_saved_view(three_provider, name="Theirs", is_shared=True)
    client.force_login(river_provider)
    for name, key in (
        ("navigator", three_provider.places.get().pk),
        ("agency", three_agency.pk),
    ):
        assert "Choose one of the list." in text_of(client.get(f"{LIST}?{name}={key}"))
    page = client.get(f"{LIST}?view={foreign.pk}")
    assert page.context["view"] is None
    assert "Theirs" not in page.content.decode()


def test_every_order_has_words():
    assert {words_of_order(sort) for sort in ORDERS if sort.startswith("-")} & {
        words_of_order(sort) for sort in ORDERS if not sort.startswith("-")
    } == set()


def test_what_is_chosen_comes_back_from_its_query(river, river_agency, region_2, four):
    county = region_2.counties.first()
    asked = QueryDict(
        f"region={region_2.pk}&county={county.pk}&status=all&need=youth&state=soon&days=30"
        f"&agency={river_agency.pk}&navigator=none&release=alias&source=hand&sort=-contact"
        "&columns=source&columns=where&q=Ana"
    )
    form = ListForm(asked, continuum=river)
    query = form.query()
    assert query == {
        "region": str(region_2.pk),
        "county": str(county.pk),
        "status": "all",
        "need": "youth",
        "state": "soon",
        "days": "30",
        "agency": str(river_agency.pk),
        "navigator": "none",
        "release": "alias",
        "source": "hand",
        "sort": "-contact",
        "columns": ["where", "source"],
    }
    again = ListForm.of_view(query, continuum=river)
    assert (again.query(), again.chosen(), again.complaints) == (query, form.chosen(), [])
    assert ("Agency", "Bridge Housing") in again.lines
    assert ("Navigator", "Nobody yet") in again.lines
    assert ListForm(QueryDict("status=active&sort=-days&x=1"), continuum=river).query() == {}


def test_list_asks_the_database_the_same_for_1_and_30_whatever_is_chosen(
    client, river, river_provider, river_agency, region_2
):
    place = river_provider.places.get()
    make_inactivity(river)
    view = make_saved_view(river_provider, name="Mine", query={"source": "hand"})
    client.force_login(river_provider)
    columns = "&".join(f"columns={key}" for key in COLUMNS)
    url = (
        f"{LIST}?view={view.pk}&{columns}&sort=contact&release=named&source=hand&navigator=me"
        f"&days=5&region={region_2.pk}&state=contact"
    )

    def more(number):
        for each in range(number):
            person = make_participant(river_agency, region_2, navigator=place)
            make_release(person, agencies=[river_agency])
            make_saved_view(river_provider, name=f"View {Participant.objects.count()} {each}")

    def asked():
        with CaptureQueriesContext(connection) as seen:
            response = client.get(url)
        return len(seen), len(response.context["rows"])

    more(1)
    client.get(url)
    assert asked() == (40, 1)
    more(29)
    assert asked() == (40, 30)
