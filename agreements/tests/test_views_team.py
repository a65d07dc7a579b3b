"""The CoC's own people, and the command that lets the first administrator in."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Invitation, User
from agreements.services.team import change_roles
from agreements.tests.conftest import shown, words_of
from regions.models import Membership
from regions.tests.factories import make_user

TEAM = "/set-up/people/"
NEW = {"name": "Nia New", "email": "nia@coc.example", "is_specialist": "on"}


def url(user, act):
    return f"{TEAM}{user.pk}/{act}/"


def test_team_list_shows_roles_and_standing(
    browser, river, river_administrator, river_specialist, river_provider, three_specialist
):
    make_user(river, name="Uri Unsigned", specialist=True)
    words = words_of(browser(river_administrator).get(TEAM))
    assert "Ada Administrator" in words
    assert "CE Specialist Active Paperwork current" in words
    assert "Paperwork not current The confidentiality statement was never signed." in words
    assert "Pat Provider" not in words
    assert "Terry Specialist" not in words


def test_team_list_asks_as_often_for_one_as_for_thirty(
    browser, river, river_administrator, django_assert_max_num_queries
):
    client = browser(river_administrator)
    asked = []
    client.get(TEAM)
    for more in (1, 29):
        for _ in range(more):
            make_user(river, specialist=True)
        with django_assert_max_num_queries(20) as queries:
            client.get(TEAM)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_team_invite_gives_the_role_and_mails_an_invitation(
    browser, river, river_administrator, audited, mails
):
    assert browser(river_administrator).post(f"{TEAM}invite/", NEW).url == TEAM
    membership = Membership.objects.get(user__email="nia@coc.example")
    assert (membership.continuum, membership.is_specialist, membership.is_administrator) == (
        river,
        True,
        False,
    )
    assert mails() == [("nia@coc.example", "You are invited to Case Conferencing")]
    assert audited() == [
        ("account.invited", "Ada Administrator"),
        ("team.invited", "Ada Administrator"),
    ]


def test_team_invite_twice_invites_once(browser, river_administrator):
    client = browser(river_administrator)
    client.post(f"{TEAM}invite/", NEW)
    answer = client.post(f"{TEAM}invite/", NEW)
    assert "Nia New has a role in the CoC already." in words_of(answer)
    assert Invitation.objects.count() == 1


def test_team_invite_asks_for_a_role(browser, river_administrator):
    answer = browser(river_administrator).post(f"{TEAM}invite/", NEW | {"is_specialist": ""})
    assert "Choose at least one role." in words_of(answer)
    assert not User.objects.filter(email="nia@coc.example").exists()


def test_team_invite_of_an_address_from_another_continuum_reveals_nothing(
    browser, river_administrator, three_specialist
):
    data = NEW | {"email": three_specialist.email}
    words = words_of(browser(river_administrator).post(f"{TEAM}invite/", data))
    assert "This address can’t be invited here." in words
    assert "Three County" not in words
    assert "Terry" not in words


def test_team_invite_gives_an_agencys_person_the_role_beside_their_place(
    browser, river_administrator, river_provider, mails
):
    browser(river_administrator).post(f"{TEAM}invite/", NEW | {"email": river_provider.email})
    river_provider.membership.refresh_from_db()
    assert river_provider.membership.is_specialist
    assert river_provider.places.filter(ended_on=None).exists()
    assert mails() == [(river_provider.email, "You have a role in River Valleys CoC")]


def test_team_edit_changes_roles(browser, river_administrator, river_specialist, audited):
    client = browser(river_administrator)
    path = url(river_specialist, "edit")
    data = shown(client.get(path)) | {"is_administrator": "on"}
    assert client.post(path, data).url == TEAM
    river_specialist.membership.refresh_from_db()
    assert (
        river_specialist.membership.is_specialist,
        river_specialist.membership.is_administrator,
    ) == (False, True)
    assert audited() == [("team.changed", "Ada Administrator")]
    stale = client.post(path, data | {"is_specialist": "on"})
    assert "Somebody changed these roles in the meantime" in words_of(stale)


def test_team_keeps_at_least_one_administrator(browser, river, river_administrator):
    client = browser(river_administrator)
    for act, data in (("edit", {"is_specialist": "on"}), ("end", {})):
        path = url(river_administrator, act)
        answer = client.post(path, shown(client.get(path)) | data)
        assert "Nobody changes their own role." in words_of(answer)
    river_administrator.membership.refresh_from_db()
    assert river_administrator.membership.is_administrator
    closed = make_user(river, administrator=True)
    closed.is_active = False
    closed.save()
    with pytest.raises(Exception, match="At least one administrator must remain"):
        change_roles(
            river_administrator.membership,
            actor=closed,
            seen=(False, True),
            is_specialist=False,
            is_administrator=False,
        )


def test_team_end_closes_the_account_and_signs_out(browser, river_administrator, river_specialist):
    session = browser(river_specialist)
    assert session.get("/agencies/").status_code == 200
    client = browser(river_administrator)
    path = url(river_specialist, "end")
    assert "is no longer CE Specialist" in words_of(client.get(path))
    assert client.post(path, shown(client.get(path))).url == TEAM
    assert not User.objects.get(pk=river_specialist.pk).is_active
    assert session.get("/agencies/").status_code == 302
    assert client.post(path, {}).status_code == 404


def test_team_reinvite_makes_a_new_link(browser, river_administrator):
    client = browser(river_administrator)
    client.post(f"{TEAM}invite/", NEW)
    user = User.objects.get(email="nia@coc.example")
    assert client.post(url(user, "reinvite")).url == TEAM
    assert Invitation.objects.filter(revoked_at=None).count() == 1
    assert Invitation.objects.count() == 2


def test_team_pages_are_the_administrators_of_the_continuum(
    browser, river_administrator, river_specialist, river_lead, three_administrator
):
    for user in (river_specialist, river_lead):
        for path in (TEAM, f"{TEAM}invite/", url(river_administrator, "edit")):
            assert browser(user).get(path).status_code == 403
    for act in ("edit", "end", "reinvite"):
        assert browser(three_administrator).get(url(river_specialist, act)).status_code == 404
        assert browser(None).get(url(river_specialist, act)).status_code == 302


def test_invite_administrator_command_lets_the_first_one_in(river, capsys, mails, audited):
    call_command(
        "invite_administrator", continuum="MN-502", email="First@coc.example", name="Fay First"
    )
    membership = Membership.objects.get()
    assert (membership.user.email, membership.is_administrator) == ("first@coc.example", True)
    assert mails() == [("first@coc.example", "You are invited to Case Conferencing")]
    assert audited() == [("account.invited", "System"), ("team.invited", "System")]
    assert "Fay First is administrator of River Valleys CoC" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"continuum": "XX-000"}, "There is no continuum XX-000. There are: MN-502."),
        ({"email": "no address"}, "Enter a valid email address."),
        ({"name": " "}, "--name is empty: give the person's name."),
    ],
)
def test_invite_administrator_command_names_what_is_wrong(river, changed, error):
    options = {"continuum": "MN-502", "email": "first@coc.example", "name": "Fay First"} | changed
    with pytest.raises(CommandError, match=error):
        call_command("invite_administrator", **options)
    assert not User.objects.exists()


def test_team_restart_begins_anew_for_a_colleague_not_for_oneself(
    browser, river_administrator, river_specialist
):
    client = browser(river_administrator)
    assert client.post(url(river_specialist, "restart"), {"reason": "Lost phone"}).url == TEAM
    assert not User.objects.get(pk=river_specialist.pk).has_usable_password()
    assert client.get(url(river_administrator, "restart")).status_code == 404
