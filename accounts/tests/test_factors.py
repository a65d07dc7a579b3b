"""Adding and removing second factors."""

import pytest
from allauth.mfa.models import Authenticator

from accounts import seeds
from accounts.tests.factories import (
    actions_of,
    add_app,
    add_recovery_codes,
    code_of,
    make_person,
    sign_in,
)
from outbox.models import Message

pytestmark = pytest.mark.django_db
FACTORS = "/account/factors/"


def add_app_in_browser(client):
    secret = client.get(FACTORS + "app/add/").context["form"].secret
    return client.post(FACTORS + "app/add/", {"code": code_of(secret)}), secret


@pytest.mark.django_db(transaction=True)
def test_app_is_added_with_recovery_codes_shown_once(client, ada):
    sign_in(client, ada)

    response, secret = add_app_in_browser(client)

    assert response["Location"] == FACTORS + "recovery-codes/"
    page = client.get(response["Location"]).content.decode()
    again = client.get(response["Location"]).content.decode()
    row = Authenticator.objects.get(type="recovery_codes")
    with seeds.of(ada):
        codes = row.wrap().generate_codes()
    assert len(codes) == 10
    assert all(code in page for code in codes)
    assert not any(code in again for code in codes)
    assert "mfa.totp.secret" not in client.session
    assert sorted(actions_of(ada)[1:]) == ["factor.added", "factor.recovery_codes_made"]
    notice = Message.objects.get()
    assert notice.subject == "An authenticator app was added"
    assert secret not in notice.text


def test_code_that_added_the_app_cannot_sign_in(client, other_client, ada):
    sign_in(client, ada)
    secret = client.get(FACTORS + "app/add/").context["form"].secret
    code = code_of(secret)
    client.post(FACTORS + "app/add/", {"code": code})

    sign_in(other_client, ada, code=code)

    assert "_auth_user_id" not in other_client.session


def test_app_is_not_added_with_a_wrong_code(client, ada):
    sign_in(client, ada)
    client.get(FACTORS + "app/add/")

    response = client.post(FACTORS + "app/add/", {"code": "123"})

    assert "This code is not right" in response.context["form"].errors["code"][0]
    assert not Authenticator.objects.exists()


def test_app_can_be_removed_where_no_factor_is_required(client, ada):
    add_app(ada)
    sign_in(client, ada, code=code_of())

    client.post(FACTORS + "app/remove/")

    assert not Authenticator.objects.exists()
    assert actions_of(ada)[-1] == "factor.removed"


def test_last_factor_stays_where_one_is_required(client, settings, ada):
    settings.SECOND_FACTOR_REQUIRED = True
    add_app(ada)
    add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())

    response = client.post(FACTORS + "app/remove/")

    assert "your only second factor" in response.context["form"].non_field_errors()[0]
    assert Authenticator.objects.count() == 2


def add_passkey_row(user, name="Laptop"):
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


def test_last_passkey_stays_where_one_is_required(client, settings, ada):
    sign_in(client, ada)
    settings.SECOND_FACTOR_REQUIRED = True
    passkey = add_passkey_row(ada)
    session = client.session
    session["account_authentication_methods"] += [
        {"method": "mfa", "type": "webauthn", "at": session["signed_in_at"]}
    ]
    session.save()

    response = client.post(f"{FACTORS}passkeys/{passkey.pk}/remove/", follow=True)

    assert "your only second factor" in str(next(iter(response.context["messages"])))
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_one_of_two_factors_may_be_removed_where_one_is_required(client, settings, ada):
    settings.SECOND_FACTOR_REQUIRED = True
    add_app(ada)
    passkey = add_passkey_row(ada)
    sign_in(client, ada, code=code_of())

    client.post(f"{FACTORS}passkeys/{passkey.pk}/remove/")

    assert [row.type for row in Authenticator.objects.all()] == ["totp"]


def test_passkey_of_somebody_else_cannot_be_removed(client, ada, other_client):
    passkey = add_passkey_row(make_person(name="Ben Cho"))
    sign_in(client, ada)

    response = client.post(f"{FACTORS}passkeys/{passkey.pk}/remove/")

    assert response.status_code == 404
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_replace_the_old_ones(client, other_client, ada):
    add_app(ada)
    old = add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())
    client.post(FACTORS + "recovery-codes/make/")

    sign_in(other_client, ada, code=old[0])

    assert "_auth_user_id" not in other_client.session
    assert "factor.recovery_codes_made" in actions_of(ada)


def test_recovery_codes_cannot_be_downloaded(client, ada):
    add_app(ada)
    add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())

    assert client.get(FACTORS + "recovery-codes/download/").status_code == 404


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("127.0.0.1:8000", "Open http://localhost:8000 instead."),
        ("[::1]", "Open http://localhost instead."),
    ],
)
def test_passkeys_at_an_address_of_numbers_are_explained(client, ada, host, says):
    sign_in(client, ada)

    page = client.get("/account/second-factor/", headers={"host": host}).content.decode()

    assert says in page


def test_passkeys_at_a_name_are_offered(client, ada):
    sign_in(client, ada)

    page = client.get("/account/second-factor/").content.decode()

    assert "/account/factors/passkeys/add/" in page
    assert "do not work" not in page
