"""Turns, people named, stand-ins: the pages, and who may do what there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.call.acts import begin_call
from conferencing.rotation.roles import assign_roles
from conferencing.tests.factories import make_meeting, make_role
from conferencing.tests.pages import hidden, text_of


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def test_role_name_person_is_for_the_agencys_lead(
    client, call, river_lead, river_provider, river_other_agency, river_other_provider, three_lead
):
    assign_roles(call.continuum, now=timezone.now())
    role = call.roles.get(role="facilitator")
    address = reverse("conferencing:role_name_person", args=[role.pk])
    for user, status in (
        (river_provider, 403),
        (river_other_provider, 403),
        (three_lead, 404),
        (river_lead, 200),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status
    page = client.get(address)
    person = river_provider.places.get()
    client.post(address, {"person": person.pk, "seen": hidden(page, "seen")})
    role.refresh_from_db()
    assert role.person == person
    stale = client.post(address, {"person": "", "seen": hidden(page, "seen")})
    assert "changed meanwhile" in text_of(stale)
    role.refresh_from_db()
    assert role.person == person
    client.force_login(river_provider)
    assert "You are the facilitator" in text_of(client.get(call.get_absolute_url()))


def test_role_name_person_offers_only_people_in_standing(
    client, call, river_lead, river_unsigned_provider, river_other_provider
):
    assign_roles(call.continuum, now=timezone.now())
    role = call.roles.get(role="facilitator")
    address = reverse("conferencing:role_name_person", args=[role.pk])
    client.force_login(river_lead)
    page = client.get(address)
    assert "Una Unsigned" not in text_of(page)
    unsigned = river_unsigned_provider.places.get()
    answer = client.post(address, {"person": unsigned.pk, "seen": hidden(page, "seen")})
    assert "Choose one of the people in the list." in text_of(answer)


def test_role_list_shows_the_agencys_turns(
    client, call, river_lead, river_provider, river_other_provider, river_specialist
):
    assign_roles(call.continuum, now=timezone.now())
    seen = {}
    for user in (river_lead, river_provider, river_other_provider, river_specialist):
        client.force_login(user)
        page = client.get(reverse("conferencing:role_list"))
        roles = [role.role for role in page.context["roles"]]
        seen[user.name] = (roles, "Name a person" in page.content.decode())
    assert seen == {
        "Lee Lead": (["facilitator"], True),
        "Pat Provider": (["facilitator"], False),
        "Oli Other": (["note_taker"], False),
        "Sam Specialist": (["facilitator", "note_taker"], True),
    }


def test_role_list_asks_as_often_for_thirty_turns(
    client,
    river,
    region_2,
    river_agency,
    river_lead,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    def add(number):
        meeting = make_meeting(
            river, region_2, starts_at=timezone.now() + timedelta(days=number + 1)
        )
        make_role(meeting, river_agency)

    add(0)
    client.force_login(river_lead)
    address = reverse("conferencing:role_list")
    client.get(address)
    with django_assert_max_num_queries(20) as first:
        assert len(client.get(address).context["roles"]) == 1
    for number in range(1, 30):
        add(number)
    with django_assert_num_queries(len(first)):
        assert len(client.get(address).context["roles"]) == 30


def test_role_change_takes_an_agency_in_standing(
    client,
    call,
    river_specialist,
    river_lead,
    river_other_provider,
    river_vsp_provider,
    river_lapsed_provider,
):
    assign_roles(call.continuum, now=timezone.now())
    client.force_login(river_specialist)
    address = reverse("conferencing:role_change", args=[call.pk, "facilitator"])
    page = client.get(address)
    words = text_of(page)
    assert "Safe Harbor" in words
    assert "Lapsed Shelter" not in words
    agency = river_vsp_provider.places.get().agency
    seen = hidden(page, "seen")
    client.post(address, {"agency": agency.pk, "why": "Ill", "seen": seen})
    role = call.roles.get(role="facilitator")
    assert (role.agency, role.is_by_rotation) == (agency, False)
    assert "Substituting for Bridge Housing" in text_of(client.get(call.get_absolute_url()))
    again = client.post(address, {"agency": agency.pk, "why": "Ill", "seen": seen})
    assert "changed meanwhile" in text_of(again)


def test_role_list_asks_for_no_swap_once_a_calls_time_is_over(
    client, river, region_2, river_specialist, river_lead, river_provider
):
    now = timezone.now()
    place = river_provider.places.get()
    roles = []
    for begins in (now - timedelta(minutes=90), now - timedelta(minutes=10)):
        meeting = make_meeting(river, region_2, starts_at=begins)
        roles.append(make_role(meeting, place.agency, "note_taker", person=place))
        begin_call(meeting, actor=river_specialist, now=begins)
    for user in (river_provider, river_lead):
        client.force_login(user)
        page = client.get(reverse("conferencing:role_list"))
        assert [role.pk for role in page.context["roles"]] == [role.pk for role in roles]
        swaps = [reverse("conferencing:swap_propose", args=[role.pk]) for role in roles]
        shown = [url in page.content.decode() for url in swaps]
        assert shown == [False, user == river_provider]


def test_role_change_is_offered_while_a_call_lasts_longer_than_planned(
    client, river, region_2, river_specialist, river_provider, river_other_provider
):
    now = timezone.now()
    late = make_meeting(river, region_2, starts_at=now - timedelta(minutes=90))
    address = reverse("conferencing:role_change", args=[late.pk, "note_taker"])
    client.force_login(river_specialist)
    page = late.get_absolute_url()
    assert address not in client.get(page).content.decode()
    begin_call(late, actor=river_specialist, now=late.starts_at)
    assert address in client.get(page).content.decode()
    agency = river_provider.places.get().agency
    seen = hidden(client.get(address), "seen")
    client.post(address, {"agency": agency.pk, "why": "Had to leave", "seen": seen})
    assert late.roles.get(role="note_taker").agency == agency


def test_role_change_knows_two_roles(client, call, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:role_change", args=[call.pk, "timekeeper"])
    assert client.get(address).status_code == 404
