"""Handing a role on in the browser: the pages, the first page, and what the specialist sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.services.statements import revoke_statement
from agreements.tests.factories import make_staff, make_statement
from conferencing.home.pages import home_page
from conferencing.models import MeetingRole, RoleSwap
from conferencing.rotation.roles import name_person
from conferencing.tests.factories import make_meeting, make_role, make_swap
from conferencing.tests.pages import text_of

FACILITATOR, NOTE_TAKER = MeetingRole.Role.FACILITATOR, MeetingRole.Role.NOTE_TAKER


def place_of(user):
    return StaffMember.objects.get(user=user)


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def role(call, river_agency, river_provider):
    role = make_role(call, river_agency)
    name_person(role, person=place_of(river_provider), actor=None)
    role.refresh_from_db()
    return role


def tasks_of(user, now=None):
    tasks = home_page(user, now=now or timezone.now())["tasks"]
    return [(task.title.partition(" Region 2 call")[0], task.url) for task in tasks]


def test_swap_propose_and_swap_answer_hand_the_role_on(
    client, call, role, river_provider, river_lead, river_other_provider, river_specialist
):
    propose = reverse("conferencing:swap_propose", args=[role.pk])
    client.force_login(river_provider)
    for page in (call.get_absolute_url(), reverse("conferencing:role_list")):
        assert f'href="{propose}"' in client.get(page).content.decode()
    words = text_of(client.get(propose))
    lead = words.partition("Can’t make it?")[2].partition("Choose a person")[0]
    assert "your own agency’s first" in lead
    assert "Bridge Housing" not in lead
    assert words.index("Lee Lead") < words.index("Oli Other")
    other = place_of(river_other_provider)
    answer = client.post(propose, {"to": other.pk, "words": "I am ill"}, follow=True)
    assert "Oli Other is asked by mail." in text_of(answer)
    swap = RoleSwap.objects.get()
    address = reverse("conferencing:swap_answer", args=[swap.pk])
    assert tasks_of(river_provider)[0] == ("Oli Other was asked to be the facilitator:", address)
    assert "has not answered yet" in text_of(client.get(propose))
    client.force_login(river_other_provider)
    assert tasks_of(river_other_provider) == [("Can you be the facilitator?", address)]
    page = client.get(address)
    assert "I am ill" in text_of(page)
    assert "Yes, I’ll do it" in text_of(page)
    answer = client.post(address, {"answer": "accept"}, follow=True)
    assert "The role is yours now." in text_of(answer)
    role.refresh_from_db()
    assert role.person == other
    assert "You are the facilitator" in text_of(client.get(call.get_absolute_url()))
    assert "Yes, I’ll do it" not in text_of(client.get(address))
    assert tasks_of(river_other_provider) == [("You are the facilitator:", call.get_absolute_url())]
    assert tasks_of(river_provider) == []


def test_swap_answer_is_for_the_one_asked(
    client, call, role, river_provider, river_lead, river_other_provider, river_specialist
):
    swap = make_swap(role, place_of(river_lead), by=place_of(river_provider))
    address = reverse("conferencing:swap_answer", args=[swap.pk])
    for user, seen in ((river_provider, 200), (river_other_provider, 403), (river_specialist, 200)):
        client.force_login(user)
        page = client.get(address)
        assert (user.name, page.status_code) == (user.name, seen)
        assert "Yes, I’ll do it" not in text_of(page)
        assert client.post(address, {"answer": "accept"}).status_code == 403
    role.refresh_from_db()
    assert role.person == place_of(river_provider)


def test_swap_answer_says_what_is_in_the_way(client, call, role, river_provider, river_lead):
    swap = make_swap(role, place_of(river_lead), by=place_of(river_provider))
    address = reverse("conferencing:swap_answer", args=[swap.pk])
    client.force_login(river_lead)
    assert "Choose one of the two" in text_of(client.post(address, {"answer": "perhaps"}))
    revoke_statement(river_lead.statements.get(), actor=None, reason="Left")
    words = text_of(client.post(address, {"answer": "accept"}))
    assert "Your paperwork is not current, so you can’t take the role over." in words
    assert "The confidentiality statement was revoked on" in words
    role.refresh_from_db()
    assert role.person == place_of(river_provider)
    make_statement(river_lead)
    name_person(role, person=place_of(river_lead), actor=None)
    words = text_of(client.post(address, {"answer": "accept"}))
    assert "there is nothing to answer" in words
    assert "Yes, I’ll do it" not in words


def test_swap_withdraw_takes_the_question_back(client, call, role, river_provider, river_lead):
    swap = make_swap(role, place_of(river_lead), by=place_of(river_provider))
    client.force_login(river_provider)
    address = reverse("conferencing:swap_withdraw", args=[swap.pk])
    assert "Lee Lead is no longer asked." in text_of(client.post(address, follow=True))
    swap.refresh_from_db()
    assert swap.answer == "withdrawn"
    swap.answer = "accepted"
    swap.save()
    assert "Lee Lead has accepted already." in text_of(client.post(address, follow=True))


def test_swap_propose_is_the_leads_while_nobody_is_named(
    client, call, river_agency, river_lead, river_provider, river_other_provider
):
    role = make_role(call, river_agency)
    address = reverse("conferencing:swap_propose", args=[role.pk])
    client.force_login(river_provider)
    assert client.get(address).status_code == 403
    client.force_login(river_lead)
    words = text_of(client.get(address))
    assert "Nobody of your agency can come?" in words
    assert "Pat Provider" in words
    assert "Ask somebody else" in text_of(client.get(call.get_absolute_url()))
    refused = client.post(address, {"to": "nobody"})
    assert "Choose one of the people in the list." in text_of(refused)
    assert not RoleSwap.objects.exists()


def test_home_tells_the_specialist_from_the_day_before_whose_role_is_open(
    river, call, role, river_specialist, river_provider, river_lead, river_other_agency
):
    make_role(call, river_other_agency, NOTE_TAKER)
    make_swap(role, place_of(river_lead), by=place_of(river_provider))

    def gaps(now):
        tasks = home_page(river_specialist, now=now)["tasks"]
        return [
            (task.title.partition(": ")[2], task.hint, task.url)
            for task in tasks
            if task.button == "Assign it"
        ]

    expected = [
        (
            "Lee Lead was asked to be the facilitator and has not answered",
            "Until then the one who cannot come has the role.",
            reverse("conferencing:role_change", args=[call.pk, "facilitator"]),
        ),
        (
            "nobody is named as note taker",
            "Cedar Outreach has not named anybody.",
            reverse("conferencing:role_change", args=[call.pk, "note_taker"]),
        ),
    ]
    assert gaps(call.starts_at - timedelta(days=2)) == []
    assert gaps(call.starts_at - timedelta(days=1)) == expected
    assert gaps(call.starts_at + timedelta(minutes=5)) == expected
    assert gaps(call.ends_at + timedelta(minutes=5)) == []
    call.roles.all().delete()
    assert [words for words, _hint, _url in gaps(call.starts_at)] == [
        "nobody is the facilitator",
        "nobody is the note taker",
    ]


def test_home_tells_of_one_and_thirty_swaps_in_as_many_questions(
    client,
    river,
    region_2,
    river_agency,
    river_lead,
    river_specialist,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    now = timezone.now()

    def more():
        meeting = make_meeting(river, region_2, starts_at=now + timedelta(hours=8))
        person = make_staff(river_agency)
        make_swap(make_role(meeting, river_agency, person=person), place_of(river_lead))

    for user in (river_lead, river_specialist):
        RoleSwap.objects.all().delete()
        MeetingRole.objects.all().delete()
        more()
        client.force_login(user)
        client.get("/")
        with django_assert_max_num_queries(40) as first:
            assert "Lee Lead was asked" in text_of(client.get("/")) or user == river_lead
        for _ in range(29):
            more()
        with django_assert_num_queries(len(first)):
            client.get("/")
