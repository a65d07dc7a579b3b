"""What is taken as an alias, wherever one is typed; and what is made tells nothing."""

import secrets
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Agency
from conferencing.call.acts import begin_call
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from participants.aliases import BIRDS, looks_like_alias, may_be_a_date, new_alias
from participants.models import Participant
from participants.services.aliases import give_aliases
from participants.tests.factories import make_participant

# Names, dates of birth and numbers as people type them, none of them taken.
TELLING = [
    "John Smith 04/12/1988",
    "John Smith",
    "Smith-12",
    "smith 3",
    "J. Smith 4",
    "JSmith-88",
    "Ana-1",
    "ANA-1",
    "Bo Ng",
    "Bo-7",
    "BO-7",
    "NG 12",
    "Robin-41",
    "Jay-2",
    "Olive 7",
    "Łucja-4",
    "Nguyễn-12",
    "田中-1",
    "محمد-5",
    "Нина-3",
    "Heron Smith-3",
    "04/12/1988",
    "1988-04-12",
    "Heron-1988",
    "JS-1988",
    "Heron-0412",
    "SH 1204",
    "Fox-3112",
    "Fox 0007",
    "Apr 12",
    "April-12",
    "12 April",
    "123-45-6789",
    "123456789",
    "555-0134",
    "5550134",
    "(507) 555-0134",
    "HMIS 48213",
    "H-482130",
    "Heron-48213",
    "48213",
    "412",
    "Heron",
    "Heron-",
    "-12",
    "Heron-1-2",
    "Heron-12 Oak Street",
    "12 Oak Street",
    "heron@example.org",
    "Ηeron-12",  # a Greek letter
    "Heron-１２",  # digits that only look so
    "Heron-12\u200b",
    " Heron-12",
    "Heron\n12",
    "",
]
NEUTRAL = ["b7",
           "Heron-204", "heron 12", "Otter-77", "Fox-1", "B7", "SH 12", "H-2", "Blue Heron-12",
           "Client 14", "Family-3", "Wren-9", "Walnut-4521"]  # fmt: skip


@pytest.mark.parametrize("alias", TELLING)
def test_looks_like_alias_takes_nothing_that_may_tell_of_somebody(alias):
    assert not looks_like_alias(alias)


@pytest.mark.parametrize("alias", NEUTRAL)
def test_looks_like_alias_takes_everyday_words_and_codes_with_a_number(alias):
    assert looks_like_alias(alias)


@given(st.sampled_from(BIRDS), st.dates())
def test_looks_like_alias_takes_no_date_in_any_common_form(bird, day):
    for words in ("%m%d", "%d%m", "%m/%d/%Y", "%m%d%Y", "%y%m%d", "%m-%d", "%Y-%m-%d"):
        assert not looks_like_alias(f"{bird}-{day.strftime(words)}")


def test_new_alias_is_a_bird_and_a_number_that_is_no_date():
    made = {new_alias(lambda alias: len(alias.split("-")[1]) < 4) for _ in range(300)}
    made |= {new_alias(lambda alias: False) for _ in range(300)}
    assert all(looks_like_alias(alias) for alias in made)
    assert {alias.split("-")[0] for alias in made} <= set(BIRDS)
    assert not any(may_be_a_date(alias.split("-")[1]) for alias in made)


@pytest.mark.django_db
def test_alias_that_is_made_is_nobodys_in_capitals_or_small_letters(
    river, river_agency, region_2, monkeypatch
):
    make_participant(river_agency, region_2, alias="heron-204")
    drawn = iter([104, 104, 105, 105, 106])
    monkeypatch.setattr(secrets, "choice", lambda of: "Heron")
    monkeypatch.setattr(secrets, "randbelow", lambda below: next(drawn))
    people = [Participant(continuum=river), Participant(continuum=river)]
    give_aliases(river, people)
    assert {each.alias for each in people} == {"Heron-205", "Heron-206"}


def add(client, region, alias):
    address = reverse("participants:participant_add")
    page = client.get(address)
    return client.post(
        address,
        {
            "pk": hidden(page, "pk"),
            "alias": alias,
            "region": str(region.pk),
            "adults": "1",
            "children": "0",
            "listed_on": "2026-01-02",
        },
    )


def edit(client, region, alias):
    person = Participant.objects.get(alias="Heron-1")
    address = reverse("participants:participant_edit", args=[person.pk])
    page = client.get(address)
    return client.post(
        address,
        {
            "changed_at": hidden(page, "changed_at"),
            "alias": alias,
            "region": str(region.pk),
            "adults": "1",
            "children": "0",
        },
    )


def add_to_agenda(client, region, alias):
    meeting = region.meetings.get()
    address = reverse("conferencing:call_raise", args=[meeting.pk])
    return client.post(
        address,
        {
            "key": str(uuid4()),
            "alias": alias,
            "agency": str(Agency.objects.get(name="Bridge Housing").pk),
            "adults": "1",
            "children": "0",
        },
    )


def sheet(client, region, alias):
    text = f"alias,people\n{alias},1\n"
    return client.post(
        reverse("participants:sheet_replace"), {"region": str(region.pk), "text": text}
    )


@pytest.mark.parametrize("alias", ["John Smith 04/12/1988", "Smith-12", "Heron-1988", "JS-0412"])
@pytest.mark.parametrize("way", [add, edit, add_to_agenda, sheet])
def test_an_alias_that_tells_of_somebody_is_refused_wherever_one_is_typed(
    river, region_2, river_agency, river_vsp_agency, river_specialist, river_provider,
    river_vsp_provider, way, alias,
):  # fmt: skip
    agency = river_vsp_agency if way is sheet else river_agency
    make_participant(agency, region_2, alias="Heron-1", name=None)
    person = river_vsp_provider if way is sheet else river_provider
    if way is add_to_agenda:
        meeting = make_meeting(river, region_2, starts_at=timezone.now())
        begin_call(meeting, actor=river_specialist, now=timezone.now())
        person = river_specialist
    answer = way(signed_in(person), region_2, alias)
    assert answer.status_code == 200
    # A sheet says of some what they look like.
    said = ["doesn’t look like an alias", *(["“alias” looks like a date"] if way is sheet else [])]
    said += ["“alias” looks like a year of birth"] if way is sheet else []
    assert any(words in text_of(answer) for words in said)
    assert list(Participant.objects.values_list("alias", flat=True)) == ["Heron-1"]


def test_an_alias_from_before_stays_when_something_else_is_changed(
    river_agency, region_2, river_provider
):
    person = make_participant(river_agency, region_2, alias="Heron-1", name=None)
    Participant.objects.filter(pk=person.pk).update(alias="Former way 12 / 88")
    client = signed_in(river_provider)
    address = reverse("participants:participant_edit", args=[person.pk])
    page = client.get(address)
    data = {"changed_at": hidden(page, "changed_at"), "alias": "Former way 12 / 88",
            "region": str(region_2.pk), "adults": "3", "children": "0"}  # fmt: skip
    assert client.post(address, data).status_code == 302
    person.refresh_from_db()
    assert (person.alias, person.adults) == ("Former way 12 / 88", 3)
