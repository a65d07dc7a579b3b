"""Whatever gives somebody access asks for fresh proof, and nobody gives it to themselves."""

import inspect
import re
from types import FunctionType, ModuleType

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

import accounts.services
import agreements.services.agencies
import agreements.services.people
import agreements.services.team
import conferencing.call.guests
from accounts import undo
from accounts.models import HeldForm, User
from agreements.models import StaffMember
from agreements.services.people import change_place, invite_person, move_person
from agreements.services.team import change_roles, invite_to_team
from conferencing.tests.world import prove, signed_in
from regions.models import Membership

pytestmark = pytest.mark.django_db

# What lets somebody in, or lets them see or do more than before. A view that reaches one of them,
# through whatever services, gives access.
GIVING = {
    accounts.services.invite,
    accounts.services.restart_access,
    agreements.services.agencies.take_part,
    agreements.services.people._settle,
    agreements.services.people.account_for,
    agreements.services.team.change_roles,
    conferencing.call.guests.assign_perm,
}
ASK = {
    "agreements:agency_add",
    "agreements:agency_edit",
    "agreements:my_place",
    "agreements:staff_edit",
    "agreements:staff_invite",
    "agreements:staff_move",
    "agreements:staff_reinvite",
    "agreements:staff_restart",
    "agreements:team_edit",
    "agreements:team_invite",
    "agreements:team_reinvite",
    "agreements:team_restart",
    "conferencing:guest_invite",
    "conferencing:guest_reinvite",
}
# These reach the same functions, and why they do not ask.
TAKE_AWAY = {"agreements:team_end"}
# A turn at a call goes to somebody in standing, who was let in before: it opens nobody the door.
TURNS = {
    "conferencing:role_change",
    "conferencing:role_name_person",
    "conferencing:swap_answer",
}
# Asks where what is undone had let somebody in.
UNDO = {
    "accounts:undo_act",
    "conferencing:call_undo_act",
}  # the latter: of the agenda and steps alone


def views(resolver=None, namespace=""):
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield namespace + (each.name or ""), each.callback
        else:
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from views(each, inner)


def names_in(code):
    """Every name that a function's code, or a function within it, looks up."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if inspect.iscode(constant):
            found |= names_in(constant)
    return found


def reached(view):
    """Every function of ours that may be called from a view, found by the names in its code."""
    waiting, seen = [view], set()
    while waiting:
        found = waiting.pop()
        function = inspect.unwrap(found) if callable(found) else found
        if function in seen or not isinstance(function, FunctionType):
            continue
        seen |= {found, function}
        names = names_in(function.__code__)
        known = function.__globals__
        values = [known[name] for name in names if name in known]
        values += [cell.cell_contents for cell in function.__closure__ or ()]
        for value in values:  # grows: what stands in a module, a table or a tuple is reached too
            if isinstance(value, ModuleType) and is_ours(value.__name__):
                values += [getattr(value, name) for name in names if hasattr(value, name)]
            elif isinstance(value, dict) and value is not known:
                values += value.values()
            elif isinstance(value, tuple | list):
                values += value
        waiting += [
            value for value in values if isinstance(value, FunctionType) and is_known(value)
        ]
    return seen


def is_known(function):
    return function in GIVING or is_ours(function.__module__)


def is_ours(module):
    return re.match(r"(accounts|agreements|audit|conferencing|participants|regions)\b", module)


def unwrapped(function):
    return {function, inspect.unwrap(function)}


def test_every_address_that_gives_access_is_known_and_asks_for_proof():
    giving = {each for function in GIVING for each in unwrapped(function)}
    found = {name: view for name, view in views() if reached(view) & giving}

    assert set(found) == ASK | TAKE_AWAY | TURNS | UNDO
    asking = {name for name, view in found.items() if getattr(view, "asks_for_proof", False)}
    assert asking == ASK


def test_undoing_asks_for_proof_exactly_where_it_lets_somebody_in():
    giving = {each for function in GIVING for each in unwrapped(function)}
    found = {kind for kind in undo.kinds() if reached(undo._undoers[kind]) & giving}
    assert found == {kind for kind in undo.kinds() if undo.gives_access(kind)} != set()


def test_without_fresh_proof_a_page_that_gives_access_asks_and_keeps_what_was_typed(river_scene):
    who = {
        "agreements:my_place": "provider",
        "conferencing:guest_invite": "specialist",
        "conferencing:guest_reinvite": "specialist",
    }
    before = list(StaffMember.objects.order_by("pk").values())
    seen = {}
    for address in sorted(ASK):
        person = river_scene.people[who.get(address, "administrator")]
        client = Client(raise_request_exception=False)
        client.force_login(person)
        client.get("/account/name/")
        url = reverse(address, kwargs=river_scene.keys.get(address))
        token = client.cookies["csrftoken"].value
        answer = client.post(url, {"csrfmiddlewaretoken": token, "reason": f"Words of {address}"})
        seen[address] = answer.status_code, answer.get("Location", "").split("?")[0]
    assert seen == dict.fromkeys(ASK, (302, "/account/confirm/password/")) | {
        # the provider has a passkey, which proves both
        "agreements:my_place": (302, "/account/confirm/passkey/"),
    }
    assert list(StaffMember.objects.order_by("pk").values()) == before
    held = [each.words for each in HeldForm.objects.all()]
    assert all([f"Words of {address}"] in held for address in ASK)


def test_what_was_typed_stands_in_the_form_again_after_the_proof(river_scene):
    person = river_scene.people["administrator"]
    client = Client()
    client.force_login(person)
    client.get("/account/name/")
    url = reverse("agreements:team_invite")
    typed = {"name": "Nia Ñew", "email": "nia@coc.example", "is_specialist": "on"}
    client.post(url, typed | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    prove(client, person)

    page = client.get(url)

    form = page.context["form"]
    assert {name: form[name].value() for name in ("name", "email")} == {
        "name": "Nia Ñew",
        "email": "nia@coc.example",
    }
    assert "Not saved yet" in page.content.decode()
    assert not User.objects.filter(email="nia@coc.example").exists()
    assert client.post(url, typed).status_code == 302
    assert "Not saved yet" not in client.get(url).content.decode()


def test_nobody_changes_their_own_role(river, river_administrator, river_agency):
    Membership.objects.filter(user=river_administrator).update(is_administrator=True)
    other = User.objects.create_user("second@coc.example", name="Second", password="x" * 20)
    Membership.objects.create(user=other, continuum=river, is_administrator=True)
    own = Membership.objects.get(user=river_administrator)
    for roles in ((True, True), (True, False), (False, False)):
        with pytest.raises(ValidationError, match="own role"):
            change_roles(
                own,
                actor=river_administrator,
                seen=(False, True),
                is_specialist=roles[0],
                is_administrator=roles[1],
            )
    for address in (river_administrator.email, river_administrator.email.upper() + " "):
        with pytest.raises(ValidationError, match="own role"):
            invite_to_team(
                river,
                actor=river_administrator,
                email=address,
                name="Me",
                is_specialist=True,
                is_administrator=False,
            )
        with pytest.raises(ValidationError, match="add yourself to an agency"):
            invite_person(
                river_agency,
                actor=river_administrator,
                email=address,
                name="Me",
                function="outreach",
                is_lead=True,
                gets_list=True,
                regions=[],
            )
    own.refresh_from_db()
    assert (own.is_specialist, own.is_administrator) == (False, True)
    assert not StaffMember.objects.filter(user=river_administrator).exists()


def test_nobody_changes_or_moves_their_own_place(river_lead, river_agency, river_other_agency):
    place = StaffMember.objects.get(user=river_lead)
    Membership.objects.filter(user=river_lead).update(is_administrator=True)
    with pytest.raises(ValidationError, match="add yourself to an agency"):
        change_place(
            place,
            actor=river_lead,
            revision=place.revision,
            function="navigator",
            is_lead=True,
            gets_list=True,
            regions=[],
        )
    with pytest.raises(ValidationError, match="add yourself to an agency"):
        move_person(place, actor=river_lead, agency=river_other_agency, function="navigator")
    with pytest.raises(ValidationError, match="not you yourself"):
        accounts.services.restart_access(river_lead, actor=river_lead, reason="Lost it")


def test_a_continuum_with_one_administrator_is_told_to_have_two(river, river_administrator):
    client = signed_in(river_administrator)
    team = client.get("/set-up/people/").content.decode()
    home = client.get("/").content.decode()
    assert "There is only one administrator" in team
    assert "Make a second person administrator" in home

    other = User.objects.create_user("second@coc.example", name="Second", password="x" * 20)
    Membership.objects.create(user=other, continuum=river, is_administrator=True)
    assert "There is only one administrator" not in client.get("/set-up/people/").content.decode()
    assert "Make a second person administrator" not in client.get("/").content.decode()
