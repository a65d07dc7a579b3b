"""A role handed on: who is asked, who has it when, and who is told."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from agreements.models import StaffMember
from agreements.services.statements import revoke_statement
from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.models import Call, Meeting, MeetingRole, RoleSwap
from conferencing.rotation.roles import assign_roles, change_role, name_person
from conferencing.rotation.swaps import (
    accept_swap,
    decline_swap,
    people_to_ask,
    propose_swap,
    withdraw_swap,
)
from conferencing.tests.factories import make_meeting, make_role, make_swap
from conferencing.tests.readable import readable
from outbox.models import Message

FACILITATOR, NOTE_TAKER = MeetingRole.Role.FACILITATOR, MeetingRole.Role.NOTE_TAKER


def place_of(user):
    return StaffMember.objects.select_related("user", "agency").get(user=user)


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def role(call, river_agency, river_provider):
    """The provider facilitates."""
    role = make_role(call, river_agency)
    name_person(role, person=place_of(river_provider), actor=None)
    role.refresh_from_db()
    return role


def may(user, meeting):
    """What the person may do at the call, asked anew."""
    user = User.objects.get(pk=user.pk)
    return [
        name
        for name in ("facilitate_meeting", "take_notes_in_meeting")
        if user.has_perm(f"conferencing.{name}", meeting)
    ]


def mails():
    return sorted(
        Message.objects.filter(kind="role-swap").values_list("user__name", "subject"),
    )


def test_people_to_ask_are_the_own_agencys_first_then_those_of_the_circle(
    river,
    region_2,
    call,
    role,
    river_provider,
    river_lead,
    river_unsigned_provider,
    river_other_provider,
    river_vsp_provider,
    river_lapsed_provider,
    three_provider,
):
    make_role(call, place_of(river_vsp_provider).agency, NOTE_TAKER)
    elsewhere = make_agency_in_standing(river, name="Elsewhere")
    make_staff(elsewhere, name="Eve Elsewhere")
    aside = make_agency_in_standing(river, name="A Side", regions=[region_2], is_in_rotation=False)
    make_staff(aside, name="Abe Aside")
    groups = people_to_ask(role, river_provider, call.on)
    assert [(agency.name, [each.user.name for each in people]) for agency, people in groups] == [
        ("Bridge Housing", ["Lee Lead"]),
        ("Cedar Outreach", ["Oli Other"]),
    ]


def test_swap_within_the_agency_moves_the_rights_when_accepted_and_not_before(
    call, role, river_provider, river_lead, river_specialist
):
    now = timezone.now()
    lead = place_of(river_lead)
    swap = propose_swap(role, to=lead, words=" Ill ", actor=river_provider, now=now)
    assert (swap.words, may(river_provider, call), may(river_lead, call)) == (
        "Ill",
        ["facilitate_meeting"],
        [],
    )
    accept_swap(swap, actor=river_lead, now=now)
    role.refresh_from_db()
    swap.refresh_from_db()
    assert (swap.answer, swap.answered_at) == ("accepted", now)
    assert (role.person, role.is_by_rotation) == (lead, True)
    assert (may(river_provider, call), may(river_lead, call)) == ([], ["facilitate_meeting"])
    day = f"Region 2 call, {call.on:%a, %b} {call.on.day}, {call.on.year}"
    assert mails() == [
        ("Lee Lead", f"Can you be the facilitator? {day}"),
        ("Pat Provider", f"Lee Lead is now the facilitator: {day}"),
        ("Sam Specialist", f"Lee Lead is now the facilitator: {day}"),
    ]
    mail = Message.objects.get(user=river_lead)
    assert f"/swaps/{swap.pk}/" in mail.text
    assert "Ill" not in readable(mail.text)
    entries = AuditEntry.objects.filter(action__startswith="swap.").order_by("sequence")
    assert list(entries.values_list("action", "actor_id")) == [
        ("swap.proposed", river_provider.pk),
        ("swap.accepted", river_lead.pk),
    ]


def test_swap_to_another_agency_leaves_the_turn_where_it_was(
    call, role, river_agency, river_provider, river_other_provider
):
    now, other = timezone.now(), place_of(river_other_provider)
    swap = propose_swap(role, to=other, actor=river_provider, now=now)
    accept_swap(swap, actor=river_other_provider, now=now)
    role.refresh_from_db()
    assert (role.agency, role.person, role.turn_agency, role.is_by_rotation) == (
        other.agency,
        other,
        river_agency,
        False,
    )
    assert (may(river_provider, call), may(river_other_provider, call)) == (
        [],
        ["facilitate_meeting"],
    )
    assign_roles(call.continuum, now=now)
    role.refresh_from_db()
    assert role.person == other


def test_swap_works_while_the_call_runs_and_those_who_follow_see_it(
    call, role, river_provider, river_lead
):
    now = call.starts_at + timedelta(minutes=10)
    held = Call.objects.create(
        meeting=call, began_at=call.starts_at, began_by=river_provider, version=7, frame=3
    )
    swap = propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    held.refresh_from_db()
    assert (held.version, held.frame) == (7, 3)
    accept_swap(swap, actor=river_lead, now=now)
    held.refresh_from_db()
    assert (held.version, held.frame) == (8, 4)
    assert may(river_lead, call) == ["facilitate_meeting"]
    late = call.ends_at + timedelta(minutes=1)
    with pytest.raises(ValidationError, match="This call is over"):
        propose_swap(role, to=place_of(river_provider), actor=river_lead, now=late)


def test_swap_asks_standing_when_it_is_accepted(call, role, river_provider, river_lead):
    now = timezone.now()
    swap = propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    revoke_statement(river_lead.statements.get(), actor=None, reason="Left", now=now)
    with pytest.raises(ValidationError, match="Your paperwork is not current"):
        accept_swap(swap, actor=river_lead, now=now)
    role.refresh_from_db()
    swap.refresh_from_db()
    assert (role.person, swap.answer) == (place_of(river_provider), "waiting")
    assert may(river_lead, call) == []


def test_swap_is_overtaken_when_the_role_goes_elsewhere(
    call, role, river_provider, river_lead, river_other_provider, river_specialist
):
    now, other = timezone.now(), place_of(river_other_provider)
    swap = propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    name_person(role, person=place_of(river_provider), actor=river_lead, now=now)
    swap.refresh_from_db()
    assert swap.answer == "waiting"
    change_role(call, role.role, agency=other.agency, person=other, actor=river_specialist, now=now)
    swap.refresh_from_db()
    assert (swap.answer, swap.answered_at) == ("overtaken", now)
    for act in (accept_swap, decline_swap, withdraw_swap):
        with pytest.raises(ValidationError, match="The role was changed meanwhile"):
            act(swap, actor=river_lead, now=now)
    role.refresh_from_db()
    assert (role.person, may(river_lead, call)) == (other, [])


def test_swap_of_a_lead_is_overtaken_once_somebody_is_named(
    call, river_agency, river_lead, river_provider, river_other_provider
):
    now, role = timezone.now(), make_role(call, river_agency)
    other = place_of(river_other_provider)
    swap = propose_swap(role, to=other, actor=river_lead, now=now)
    # As if the naming had not settled it: what counts is who has the role when it is accepted.
    MeetingRole.objects.filter(pk=role.pk).update(person=place_of(river_provider))
    with pytest.raises(ValidationError, match="The role was changed meanwhile"):
        accept_swap(swap, actor=river_other_provider, now=now)
    assert may(river_other_provider, call) == []


def test_swap_declined_leaves_the_role_and_tells_who_asked_and_the_specialist(
    call, role, river_provider, river_lead, river_specialist
):
    now = timezone.now()
    swap = propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    decline_swap(swap, actor=river_lead, now=now)
    decline_swap(swap, actor=river_lead, now=now)
    assert may(river_provider, call) == ["facilitate_meeting"]
    assert [name for name, subject in mails() if "cannot be the facilitator" in subject] == [
        "Pat Provider",
        "Sam Specialist",
    ]
    with pytest.raises(ValidationError, match="Lee Lead has declined already"):
        accept_swap(swap, actor=river_lead, now=now)
    again = propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    withdraw_swap(again, actor=river_provider, now=now)
    with pytest.raises(ValidationError, match="Pat Provider took the question back"):
        accept_swap(again, actor=river_lead, now=now)
    assert may(river_lead, call) == []


def test_propose_swap_refuses_whoever_has_not_the_role_and_whoever_cannot_take_it(
    call,
    role,
    river_provider,
    river_lead,
    river_other_provider,
    river_unsigned_provider,
    three_provider,
):
    now = timezone.now()
    for actor in (river_lead, river_other_provider, three_provider):
        with pytest.raises(ValidationError, match="The role was changed meanwhile"):
            propose_swap(role, to=place_of(river_other_provider), actor=actor, now=now)
    for user in (river_unsigned_provider, river_provider, three_provider):
        with pytest.raises(ValidationError, match="cannot take this role over"):
            propose_swap(role, to=place_of(user), actor=river_provider, now=now)
    make_role(call, place_of(river_other_provider).agency, NOTE_TAKER)
    with pytest.raises(ValidationError, match="Oli Other cannot take this role over"):
        propose_swap(role, to=place_of(river_other_provider), actor=river_provider, now=now)
    propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    with pytest.raises(ValidationError, match="Lee Lead is asked already"):
        propose_swap(role, to=place_of(river_lead), actor=river_provider, now=now)
    assert RoleSwap.objects.count() == 1


def test_accept_swap_twice_changes_and_tells_once(call, role, river_provider, river_lead):
    now = timezone.now()
    swap = make_swap(role, place_of(river_lead), by=place_of(river_provider))
    accept_swap(swap, actor=river_lead, now=now)
    accept_swap(swap, actor=river_lead, now=now)
    assert [name for name, _subject in mails()] == ["Pat Provider"]
    assert AuditEntry.objects.filter(action="swap.accepted").count() == 1


def test_swap_of_a_cancelled_call_is_refused(call, role, river_provider, river_lead):
    swap = make_swap(role, place_of(river_lead), by=place_of(river_provider))
    call.state, call.cancellation_reason = Meeting.State.CANCELLED, "Snow"
    call.save()
    with pytest.raises(ValidationError, match="This call is canceled"):
        accept_swap(swap, actor=river_lead, now=timezone.now())
    assert may(river_lead, call) == []
