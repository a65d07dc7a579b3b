"""A filter, the order or a page of the by-name list changes the list, and not the page about it."""

import re

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from participants.tests.factories import make_participant, make_release

pytestmark = pytest.mark.django_db
LIST = reverse("participants:participant_list")
PART = {"HX-Request": "true", "HX-Target": "list"}


@pytest.fixture
def people(river_agency, river_other_agency, region_2):
    found = [
        make_participant(river_agency, region_2, name="Ana Sentinelle", is_veteran=bool(number % 2))
        for number in range(60)
    ]
    shown = make_participant(river_other_agency, region_2, name="Bo Sentinelle", is_veteran=True)
    make_release(shown, agencies=[river_agency])
    hidden = make_participant(river_other_agency, region_2, name="Cy Sentinelle", is_veteran=True)
    return [*found, shown, hidden]


def rows_in(answer):
    body = answer.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)


def last_entry():
    entry = AuditEntry.objects.filter(action="participant.listed").latest("sequence")
    return entry.actor_id, entry.continuum_id, entry.detail


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("who", ["river_provider", "river_specialist"])
@pytest.mark.parametrize(
    "query",
    ["", "need=veteran&sort=alias", "page=2", "status=all&columns=release&days=30", "need=0"],
)
def test_the_part_shows_and_records_what_the_page_does(client, request, who, query):
    client.force_login(request.getfixturevalue(who))
    whole = client.get(f"{LIST}?{query}")
    recorded = last_entry()
    part = client.get(f"{LIST}?{query}", headers=PART)
    assert rows_in(part) == rows_in(whole)
    assert last_entry() == recorded
    assert AuditEntry.objects.filter(action="participant.listed").count() == 2
    assert "<html" not in part.content.decode()
    count = f"{whole.context['page'].paginator.count} household"
    assert count in text_of(part)
    assert "HX-Target" in part["Vary"]


@pytest.mark.usefixtures("people")
def test_the_part_of_a_search_shows_and_records_the_same_and_names_no_address(
    client, river_provider
):
    client.force_login(river_provider)
    typed = {"q": "sentin", "is_narrowed": "1", "need": "veteran"}
    whole = client.post(LIST, typed)
    recorded = last_entry()
    part = client.post(LIST, typed, headers=PART)
    assert rows_in(part) == rows_in(whole)
    assert "Bo Sentinelle" in text_of(part)
    assert "Cy Sentinelle" not in text_of(part)
    assert last_entry() == recorded
    assert recorded[2]["searched"]
    assert not {"HX-Push-Url", "HX-Replace-Url"} & set(part.headers)


@pytest.mark.usefixtures("people")
def test_the_part_is_refused_to_whom_the_page_is(
    client, river_unsigned_provider, river_lapsed_provider
):
    for nobody in (None, river_unsigned_provider, river_lapsed_provider):
        client.logout()
        if nobody:
            client.force_login(nobody)
        whole = client.get(LIST)
        part = client.get(LIST, headers=PART)
        assert part.status_code == (401 if whole.status_code == 302 else whole.status_code)
        assert "Sentinelle" not in readable(part.content.decode())


@pytest.mark.usefixtures("people")
def test_the_address_says_what_was_chosen_and_no_more(client, river_provider):
    client.force_login(river_provider)
    asked = "region=&status=active&need=veteran&days=&sort=alias&q=Sentinelle&page=9"
    part = client.get(f"{LIST}?{asked}", headers=PART)
    assert part["HX-Push-Url"] == f"{LIST}?need=veteran&sort=alias"
    again = {**PART, "HX-Current-URL": f"http://testserver{LIST}?need=veteran&sort=alias"}
    assert "HX-Push-Url" not in client.get(f"{LIST}?{asked}", headers=again)
    assert "HX-Push-Url" not in client.get(f"{LIST}?{asked}")
