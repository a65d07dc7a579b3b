"""Invitations: from the mail to the second factor."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts import services
from accounts.models import Invitation
from accounts.tests.factories import (
    PASSWORD,
    actions_of,
    add_app,
    code_of,
    make_person,
    sign_in,
)
from audit.models import AuditEntry
from outbox.models import Message
from outbox.services import tick

pytestmark = pytest.mark.django_db
ACCEPT = "/account/invitation/"


@pytest.fixture
def lee(db):
    """Who invites."""
    return make_person(name="Lee Lead")


@pytest.fixture
def nia(db):
    """Who is invited; her account is there, without a password."""
    return make_person(name="Nia Okoro", password=None)


def link_in(mail):
    return re.search(r"https?://[^/\s]+(/account/invitations/\S+)", mail.body)[1]


def open_invitation(client, mail):
    response = client.get(link_in(mail))
    assert (response.status_code, response["Location"]) == (302, ACCEPT)
    return response


CHOSEN = "copper 9 lake wanders"


def accept(client, password=CHOSEN, again=None):
    return client.post(ACCEPT, {"password1": password, "password2": again or password})


def test_invitation_is_mailed_and_accepted(client, lee, nia, mailoutbox):
    services.invite(nia, actor=lee, on_behalf_of="Bridge Housing")
    tick(send=True)
    mail = mailoutbox[0]
    assert mail.to == [nia.email]
    assert "Lee Lead invites you to Case Conferencing, on behalf of Bridge Housing." in mail.body
    opened = open_invitation(client, mail)
    assert opened["Referrer-Policy"] == "no-referrer"
    text = client.get(ACCEPT).content.decode()
    assert all(each in text for each in ("Nia Okoro", "Lee Lead", "Bridge Housing", nia.email))

    response = accept(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/account/").context["user"] == nia
    invitation = Invitation.objects.get()
    assert invitation.accepted_at is not None
    assert invitation.token is None
    assert actions_of(nia) == [
        "account.invited",
        "account.invitation_accepted",
        "account.signed_in",
    ]
    assert {entry.actor_id for entry in AuditEntry.objects.all()} == {lee.pk, nia.pk}


def test_invited_person_adds_a_second_factor_before_anything_else(
    client, settings, lee, nia, mailoutbox
):
    settings.SECOND_FACTOR_REQUIRED = True
    services.invite(nia, actor=lee)
    tick(send=True)
    open_invitation(client, mailoutbox[0])
    accept(client)

    assert client.get("/account/")["Location"] == "/account/second-factor/"
    # Not asked for the password again, which was set a moment ago.
    secret = client.get("/account/factors/app/add/").context["form"].secret
    client.post("/account/factors/app/add/", {"code": code_of(secret)})

    assert client.get("/account/").status_code == 200


def test_token_is_nowhere_in_clear(lee, nia, mailoutbox):
    services.invite(nia, actor=lee)
    tick(send=True)
    token = link_in(mailoutbox[0]).split("/")[3]
    assert len(token) == 43  # 256 bits

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,), table


def test_invitation_works_once(client, other_client, lee, nia, mailoutbox):
    services.invite(nia, actor=lee)
    tick(send=True)
    open_invitation(client, mailoutbox[0])
    accept(client)

    open_invitation(other_client, mailoutbox[0])
    page = other_client.get(ACCEPT)

    assert page.status_code == 410
    assert "Each invitation works once" in page.content.decode()
    assert accept(other_client, "another 7 password here").status_code == 410
    nia.refresh_from_db()
    assert nia.check_password("copper 9 lake wanders")


def test_invitation_expires_after_seven_days(client, lee, nia):
    before = timezone.now() - timedelta(days=7, seconds=1)
    invitation = services.invite(nia, actor=lee, now=before)
    client.get(f"/account/invitations/{invitation.token}/")

    page = client.get(ACCEPT)

    assert page.status_code == 410
    assert "Ask Lee Lead to send it again" in page.content.decode()
    assert accept(client).status_code == 410
    nia.refresh_from_db()
    assert not nia.has_usable_password()


def test_expired_invitation_is_not_mailed(lee, nia, mailoutbox):
    services.invite(nia, actor=lee, now=timezone.now() - timedelta(days=8))

    tick(send=True)

    assert mailoutbox == []
    assert Message.objects.get().state == Message.State.EXPIRED


def test_revoked_invitation_is_neither_mailed_nor_accepted(client, lee, nia, mailoutbox):
    invitation = services.invite(nia, actor=lee)
    token = invitation.token
    services.revoke_invitation(invitation, actor=lee)
    services.revoke_invitation(invitation, actor=lee)

    tick(send=True)
    client.get(f"/account/invitations/{token}/")
    page = client.get(ACCEPT)

    assert mailoutbox == []
    assert Message.objects.get().state == Message.State.WITHHELD
    assert (page.status_code, "withdrawn" in page.content.decode()) == (410, True)
    assert actions_of(nia) == ["account.invited", "account.invitation_revoked"]


def test_accepted_invitation_cannot_be_revoked(lee, nia):
    invitation = services.invite(nia, actor=lee)
    services.accept_invitation(invitation, password=PASSWORD)

    with pytest.raises(ValidationError, match="has accepted this invitation already"):
        services.revoke_invitation(invitation, actor=lee)


def test_resent_invitation_replaces_the_first(client, lee, nia, mailoutbox):
    first = services.invite(nia, actor=lee, on_behalf_of="Bridge Housing")
    token = first.token

    second = services.resend_invitation(first, actor=lee)

    tick(send=True)
    assert len(mailoutbox) == 1
    assert second.token in mailoutbox[0].body
    assert second.on_behalf_of == "Bridge Housing"
    client.get(f"/account/invitations/{token}/")
    assert client.get(ACCEPT).status_code == 410


def test_mangled_link_says_what_to_do(client, db):
    client.get("/account/invitations/half-a-token/")

    page = client.get(ACCEPT)

    assert page.status_code == 404
    assert "Open the link in your mail again" in page.content.decode()


def test_page_without_a_link_says_what_to_do(client, db):
    assert client.get(ACCEPT).status_code == 404


def test_invitation_of_somebody_else_asks_to_sign_out(client, lee, nia):
    invitation = services.invite(nia, actor=lee)
    sign_in(client, lee)
    client.get(f"/account/invitations/{invitation.token}/")

    page = client.get(ACCEPT)

    assert page.status_code == 410
    assert "It is for somebody else" in page.content.decode()
    assert accept(client).status_code == 410
    nia.refresh_from_db()
    assert not nia.has_usable_password()


def test_weak_password_keeps_the_invitation_open(client, lee, nia):
    invitation = services.invite(nia, actor=lee)
    client.get(f"/account/invitations/{invitation.token}/")

    response = accept(client, "password")

    errors = response.context["form"].errors["password1"]
    assert errors[0].startswith("This password is too short")
    assert Invitation.objects.get().accepted_at is None


def test_two_different_passwords_are_refused(client, lee, nia):
    invitation = services.invite(nia, actor=lee)
    client.get(f"/account/invitations/{invitation.token}/")

    response = accept(client, again="copper 9 lake wandered")

    assert "password2" in response.context["form"].errors
    assert Invitation.objects.get().accepted_at is None


def test_invitation_to_a_closed_account_does_not_work(client, lee, nia):
    invitation = services.invite(nia, actor=lee)
    nia.is_active = False
    nia.save()
    client.get(f"/account/invitations/{invitation.token}/")

    page = client.get(ACCEPT)

    assert (page.status_code, "is closed" in page.content.decode()) == (410, True)
    with pytest.raises(ValidationError):
        services.accept_invitation(invitation, password=PASSWORD)


def test_invite_refuses_who_can_sign_in_already(lee, ada):
    with pytest.raises(ValidationError, match="has accepted an invitation already"):
        services.invite(ada, actor=lee)
    assert not Invitation.objects.exists()
    assert not Message.objects.exists()


def test_invite_refuses_a_closed_account(lee):
    gone = make_person(name="Gus Gone", password=None, is_active=False)

    with pytest.raises(ValidationError, match="closed"):
        services.invite(gone, actor=lee)


def test_invite_by_a_command_names_nobody(client, nia, mailoutbox):
    services.invite(nia, actor=None, on_behalf_of="River Valleys")
    tick(send=True)

    assert "you are invited to Case Conferencing, on behalf of River Valleys" in mailoutbox[0].body


def test_database_keeps_one_pending_invitation_per_person(lee, nia):
    invitation = services.invite(nia, actor=lee)
    invitation.pk, invitation.token_hash, invitation.token = None, "x", None
    invitation._state.adding = True

    with pytest.raises(IntegrityError, match="accounts_one_pending_invitation_per_user"):
        invitation.save()


# Restarting access


def test_restart_access_takes_everything_and_invites_anew(client, lee, ada, mailoutbox):
    add_app(ada)
    sign_in(client, ada, code=code_of())

    services.restart_access(ada, actor=lee, reason="Lost her telephone; I called her back.")

    page = client.get("/account/", follow=True)
    assert "an administrator restarted your access" in str(next(iter(page.context["messages"])))
    ada.refresh_from_db()
    assert not ada.has_usable_password()
    assert not ada.authenticator_set.exists()
    tick(send=True)
    assert [mail.to for mail in mailoutbox] == [[ada.email]]
    entry = AuditEntry.objects.get(action="account.access_restarted")
    assert (entry.actor_id, entry.why) == (lee.pk, "Lost her telephone; I called her back.")
    open_invitation(client, mailoutbox[0])
    assert accept(client)["Location"] == "/"


def test_restart_access_needs_a_reason(lee, ada):
    with pytest.raises(ValidationError):
        services.restart_access(ada, actor=lee, reason=" ")
    ada.refresh_from_db()
    assert ada.has_usable_password()
