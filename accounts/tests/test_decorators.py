"""Full re-authentication before acts that matter."""

from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from accounts.decorators import recently_authenticated
from accounts.tests.factories import (
    PASSWORD,
    add_app,
    add_recovery_codes,
    code_of,
    sign_in,
)

pytestmark = pytest.mark.django_db


@recently_authenticated
def secret(request):
    return HttpResponse("revealed")


urlpatterns = [
    path("secret/", secret),
    path("", include("conferencing.config.urls")),
]
CONFIRM = "/account/confirm/"
NEXT = "?next=%2Fsecret%2F"


@pytest.fixture(autouse=True)
def secret_page():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def six_minutes_later(client):
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 6 * 60
    session.save()


def test_recently_authenticated_lets_in_who_just_signed_in(client, ada):
    sign_in(client, ada)

    assert client.get("/secret/").content == b"revealed"


def test_recently_authenticated_asks_for_the_password_and_comes_back(client, ada):
    sign_in(client, ada)
    six_minutes_later(client)
    asked = client.get("/secret/?need=veteran&columns=a&columns=b&q=Maria")
    chosen = "/secret/?need=veteran&columns=a&columns=b"
    assert asked["Location"] == CONFIRM + "password/?" + urlencode({"next": chosen})

    answer = client.post(asked["Location"], {"password": PASSWORD})

    assert answer["Location"] == chosen
    assert client.get("/secret/").content == b"revealed"


def test_recently_authenticated_refuses_a_wrong_password(client, ada):
    sign_in(client, ada)
    six_minutes_later(client)

    answer = client.post(CONFIRM + "password/" + NEXT, {"password": "not it at all 1"})

    assert answer.context["form"].errors["password"] == [
        "This is not your password. Type it again."
    ]
    assert client.get("/secret/").status_code == 302


def test_recently_authenticated_asks_for_both_factors_of_who_has_two(client, ada):
    add_app(ada)
    codes = add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())
    assert client.get("/secret/").content == b"revealed"
    six_minutes_later(client)

    asked = client.get("/secret/")
    assert asked["Location"] == CONFIRM + "password/" + NEXT
    client.post(asked["Location"], {"password": PASSWORD})
    asked_again = client.get("/secret/")
    assert asked_again["Location"] == CONFIRM + "code/" + NEXT
    answer = client.post(asked_again["Location"], {"code": codes[0]})

    assert answer["Location"] == "/secret/"
    assert client.get("/secret/").content == b"revealed"


def test_recently_authenticated_is_not_content_with_the_second_factor_alone(client, ada):
    add_app(ada)
    codes = add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())
    six_minutes_later(client)

    # The page that asks for a code is not offered before the password.
    answer = client.post(CONFIRM + "code/" + NEXT, {"code": codes[0]})

    assert answer["Location"] == CONFIRM + "password/" + NEXT
    assert client.get("/secret/").status_code == 302


def test_recently_authenticated_sends_a_form_back_to_its_page_and_keeps_nothing(client, ada):
    sign_in(client, ada)
    six_minutes_later(client)

    asked = client.post(
        "/secret/",
        {"note": "about a participant"},
        headers={"referer": "http://testserver/account/name/?q=x"},
    )

    assert asked["Location"] == CONFIRM + "password/?next=%2Faccount%2Fname%2F"
    assert "about a participant" not in str(dict(client.session.items()))


def test_recently_authenticated_sends_htmx_along(client, ada):
    sign_in(client, ada)
    six_minutes_later(client)

    asked = client.get(
        "/secret/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/account/"},
    )

    assert asked.status_code == 401
    assert asked["HX-Redirect"] == CONFIRM + "password/?next=%2Faccount%2F"


def test_recently_authenticated_still_asks_a_stranger_to_sign_in(client, db):
    assert client.get("/secret/")["Location"] == "/account/sign-in/" + NEXT


@pytest.mark.parametrize("page", ["app/add/", "passkeys/add/", "recovery-codes/make/"])
def test_changing_factors_asks_for_both_factors(client, ada, page):
    add_app(ada)
    codes = add_recovery_codes(ada)
    sign_in(client, ada, code=code_of())
    six_minutes_later(client)
    url = "/account/factors/" + page

    asked = client.get(url)
    assert asked["Location"].startswith(CONFIRM + "password/?next=")
    client.post(asked["Location"], {"password": PASSWORD})
    asked_again = client.get(url)
    assert asked_again["Location"].startswith(CONFIRM + "code/?next=")
    client.post(asked_again["Location"], {"code": codes[0]})

    assert client.get(url).status_code == (302 if page == "app/add/" else 200)
