"""Signing in and out, as a browser does it."""

import threading
import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.urls import reverse

from accounts.sessions import Ending
from accounts.tests.factories import (
    PASSWORD,
    actions_of,
    add_app,
    add_recovery_codes,
    code_of,
    make_browser,
    make_person,
    sign_in,
)
from audit.models import AuditEntry
from conferencing.config.settings import PASSWORD_HASHERS as configured_hashers
from outbox.models import Message

pytestmark = pytest.mark.django_db
ACCOUNT = "/account/"
SIGN_IN = "/account/sign-in/"


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_page_asks_to_sign_in_and_leads_back(client, ada):
    asked = client.get(ACCOUNT + "name/")
    assert (asked.status_code, asked["Location"]) == (302, SIGN_IN + "?next=%2Faccount%2Fname%2F")

    response = sign_in(client, ada, next_page="/account/name/")

    assert (response.status_code, response["Location"]) == (302, "/account/name/")
    assert client.get(ACCOUNT + "name/").status_code == 200


def test_page_keeps_a_search_out_of_the_sign_in_address(client, db):
    asked = client.get(ACCOUNT + "?q=Maria&status=all")

    assert asked["Location"] == SIGN_IN + "?next=%2Faccount%2F%3Fstatus%3Dall"


def test_sign_in_leads_nowhere_else(client, ada):
    response = sign_in(client, ada, next_page="https://evil.example/")

    assert response["Location"] == "/"


def test_form_sent_without_a_session_leads_back_to_its_page(client, db):
    asked = client.post(
        ACCOUNT + "session/ping/", headers={"referer": "http://testserver/account/name/?q=1"}
    )

    assert asked["Location"] == SIGN_IN + "?next=%2Faccount%2Fname%2F"


def test_htmx_without_a_session_is_sent_to_sign_in(client, db):
    asked = client.get(
        ACCOUNT,
        headers={"hx-request": "true", "hx-current-url": "http://testserver/account/name/"},
    )

    assert asked.status_code == 401
    assert asked["HX-Redirect"] == SIGN_IN + "?next=%2Faccount%2Fname%2F"


def test_background_request_without_a_session_is_told_in_json(client, db):
    asked = client.get(ACCOUNT, headers={"x-background": "1"})

    assert (asked.status_code, asked.json()) == (401, {"go_to": SIGN_IN + "?next=%2F"})


def test_address_is_found_in_any_case(client, ada):
    response = client.post(SIGN_IN, {"login": ada.email.upper(), "password": PASSWORD})

    assert response.status_code == 302
    assert is_signed_in(client)


def test_wrong_password_and_unknown_address_look_the_same(client, other_client, ada):
    wrong = client.post(SIGN_IN, {"login": ada.email, "password": "not it at all 1"})
    unknown = other_client.post(SIGN_IN, {"login": "nobody@x.example", "password": "not it 1"})

    errors = [page.context["form"].non_field_errors() for page in (wrong, unknown)]
    assert errors[0] == errors[1]
    assert errors[0] == [
        "The email address or the password is not right. Check both and try again."
    ]
    assert not is_signed_in(client)


def test_empty_form_says_what_is_missing(client, db):
    form = client.post(SIGN_IN, {}).context["form"]

    assert form.errors == {
        "login": ["Enter the email address."],
        "password": ["Enter the password."],
    }


def test_failed_sign_in_keeps_the_address_only_of_a_person(client, ada):
    client.post(SIGN_IN, {"login": ada.email, "password": "not it at all 1"})
    client.post(SIGN_IN, {"login": "my secret typed here@x.example", "password": "no"})
    client.post(SIGN_IN, {"login": "nobody@x.example", "password": "not it either 1"})

    entries = AuditEntry.objects.filter(action="account.sign_in_failed").order_by("sequence")
    assert [entry.object_id for entry in entries] == [str(ada.pk), ""]
    address = client.defaults["REMOTE_ADDR"]
    assert [entry.detail for entry in entries] == [{"address": address}] * 2
    assert {entry.actor_id for entry in entries} == {None}


def test_sixth_wrong_password_locks_the_account_for_a_while(client, ada):
    for _ in range(5):
        client.post(SIGN_IN, {"login": ada.email, "password": "not it at all 1"})

    response = sign_in(client, ada)

    assert "Wait five minutes" in response.context["form"].non_field_errors()[0]
    assert not is_signed_in(client)


def fail(client, email, times):
    for _ in range(times):
        last = client.post(SIGN_IN, {"login": email, "password": "wrong horse battery 1"})
    return last.context["form"].non_field_errors()[0]


def test_a_strangers_wrong_passwords_do_not_keep_the_owner_out(client, other_client, ada):
    assert "Wait five minutes" in fail(other_client, ada.email, 6)

    sign_in(client, ada)

    assert is_signed_in(client)


def test_distributed_guessing_is_limited_and_the_owners_browser_still_works(client, ada):
    sign_in(client, ada)
    client.post("/account/sign-out/")
    for _ in range(12):
        fail(make_browser(), ada.email, 5)
    stranger = make_browser()
    assert "for an hour" in fail(stranger, ada.email, 1)
    sign_in(stranger, ada)  # even with the right password: it may have been guessed
    assert not is_signed_in(stranger)

    sign_in(client, ada)

    assert is_signed_in(client)


def test_a_known_browser_of_one_person_is_a_stranger_to_another(client, ada):
    ben = make_person(name="Ben Cho")
    sign_in(client, ben)
    client.post("/account/sign-out/")
    for _ in range(12):
        fail(make_browser(), ada.email, 5)

    sign_in(client, ada)

    assert not is_signed_in(client)


def test_a_known_browser_that_guesses_is_locked_itself(client, ada):
    sign_in(client, ada)
    client.post("/account/sign-out/")
    fail(client, ada.email, 5)

    sign_in(client, ada)

    assert not is_signed_in(client)


def test_a_forged_cookie_makes_no_browser_known(client, ada):
    sign_in(client, ada)
    client.post("/account/sign-out/")
    value = client.cookies["known-browser"].value
    client.cookies["known-browser"] = value[:-3] + ("abc" if value[-3:] != "abc" else "xyz")
    for _ in range(12):
        fail(make_browser(), ada.email, 5)

    sign_in(client, ada)

    assert not is_signed_in(client)


def test_lock_of_one_account_leaves_others_alone(client, ada):
    for _ in range(6):
        client.post(SIGN_IN, {"login": ada.email, "password": "not it at all 1"})

    assert sign_in(client, make_person(name="Ben Cho")).status_code == 302


def test_closed_account_cannot_sign_in(client, ada):
    ada.is_active = False
    ada.save()

    response = sign_in(client, ada)

    assert response["Location"] == "/account/closed/"
    assert not is_signed_in(client)


def test_closing_an_account_ends_its_session_at_once(client, ada):
    sign_in(client, ada)
    ada.is_active = False
    ada.save()

    assert client.get(ACCOUNT)["Location"].startswith(SIGN_IN)


def test_nobody_can_sign_up(client, db):
    assert client.get("/account/signup/").status_code == 404
    with pytest.raises(Exception, match="account_signup"):
        reverse("account_signup")


def test_sign_in_is_noted(client, ada):
    sign_in(client, ada)

    entry = AuditEntry.objects.get(action="account.signed_in")
    assert (entry.actor_id, entry.actor_label) == (ada.pk, "Ada Berg")
    assert entry.detail == {"means": ["password"], "address": client.defaults["REMOTE_ADDR"]}


def test_sign_out_clears_the_browser(client, ada):
    sign_in(client, ada)

    response = client.post("/account/sign-out/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response["Cache-Control"] == "no-store, private"
    assert not is_signed_in(client)
    assert not UserSession.objects.exists()
    assert actions_of(ada) == ["account.signed_in", "account.signed_out"]


def test_sign_out_asks_before_it_happens(client, ada):
    sign_in(client, ada)

    assert client.get("/account/sign-out/").status_code == 200
    assert is_signed_in(client)


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed."""

    algorithm = "counting"
    hashed = 0

    def encode(self, password, salt):
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("person", ["somebody", "nobody", "not yet in"])
def test_wrong_sign_in_hashes_once_whoever_it_is(client, settings, db, person):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    email = "nobody@x.example"
    if person != "nobody":
        email = make_person(password=None if person == "not yet in" else PASSWORD).email
    CountingHasher.hashed = 0

    client.post(SIGN_IN, {"login": email, "password": "not it at all 1"})

    assert CountingHasher.hashed == 1


# Second factor


def test_sign_in_asks_for_the_second_factor(client, ada):
    add_app(ada)

    response = sign_in(client, ada, next_page="/account/name/")

    assert response["Location"] == "/account/sign-in/second-factor/"
    assert not is_signed_in(client)
    assert client.get(ACCOUNT)["Location"].startswith(SIGN_IN)


def test_sign_in_with_the_apps_code_leads_back(client, ada):
    add_app(ada)

    response = sign_in(client, ada, code=code_of(), next_page="/account/name/")

    assert response["Location"] == "/account/name/"
    assert is_signed_in(client)
    entry = AuditEntry.objects.get(action="account.signed_in")
    assert entry.detail["means"] == ["password", "totp"]


@pytest.mark.parametrize("periods", [-1, 1])
def test_code_of_a_clock_that_is_half_a_minute_off_is_taken(client, ada, periods):
    add_app(ada)

    sign_in(client, ada, code=code_of(periods=periods))

    assert is_signed_in(client)


@pytest.mark.parametrize("periods", [-3, 3])
def test_code_of_another_time_is_refused(client, ada, periods):
    add_app(ada)

    response = sign_in(client, ada, code=code_of(periods=periods))

    assert "This code is not right" in response.context["form"].errors["code"][0]
    assert not is_signed_in(client)
    assert actions_of(ada) == ["factor.failed"]


def test_code_is_taken_once(client, other_client, ada):
    add_app(ada)
    code = code_of(periods=1)
    sign_in(client, ada, code=code)

    response = sign_in(other_client, ada, code=code[:3] + " " + code[3:])

    assert "This code is not right" in response.context["form"].errors["code"][0]
    assert not is_signed_in(other_client)
    assert is_signed_in(client)


def test_sixth_wrong_code_locks_the_second_factor(client, ada):
    add_app(ada)
    sign_in(client, ada)
    for _ in range(5):
        client.post("/account/sign-in/second-factor/", {"code": "000000"})

    response = client.post("/account/sign-in/second-factor/", {"code": code_of()})

    assert "Wait five minutes" in response.context["form"].errors["code"][0]
    assert not is_signed_in(client)


def test_recovery_code_lets_in_once(client, other_client, ada):
    add_app(ada)
    codes = add_recovery_codes(ada)
    assert len(codes) == 10
    assert {len(code) for code in codes} == {12}
    sign_in(client, ada, code=codes[3])
    assert is_signed_in(client)

    sign_in(other_client, ada, code=codes[3])

    assert not is_signed_in(other_client)
    entry = AuditEntry.objects.get(action="factor.recovery_code_used")
    assert entry.detail == {"left": 9}


# One workstation


def test_second_sign_in_ends_the_first_and_says_why(client, other_client, ada):
    sign_in(client, ada)
    sign_in(other_client, ada)

    page = client.get(ACCOUNT, follow=True)

    assert page.redirect_chain == [(SIGN_IN + "?next=%2Faccount%2F", 302)]
    assert [str(each) for each in page.context["messages"]] == [Ending.ELSEWHERE.label]
    assert other_client.get(ACCOUNT).status_code == 200
    assert UserSession.objects.get().ip == other_client.defaults["REMOTE_ADDR"]
    assert actions_of(ada) == ["account.signed_in", "session.ended", "account.signed_in"]


def test_ended_session_is_told_why_once(client, other_client, ada):
    sign_in(client, ada)
    sign_in(other_client, ada)
    client.get(ACCOUNT, follow=True)

    again = client.get(SIGN_IN)

    assert [str(each) for each in again.context["messages"]] == []


def test_sign_in_of_others_ends_nothing(client, other_client, ada):
    sign_in(client, ada)
    sign_in(other_client, make_person(name="Ben Cho"))

    assert client.get(ACCOUNT).status_code == 200


def test_same_browser_may_sign_in_again(client, ada):
    sign_in(client, ada)
    client.post("/account/sign-out/")
    sign_in(client, ada)

    assert client.get(ACCOUNT).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_at_once_one_session_is_left(client, other_client, ada):
    starts = threading.Barrier(2)

    def enter(browser):
        starts.wait()
        sign_in(browser, ada)
        connection.close()

    threads = [threading.Thread(target=enter, args=[each]) for each in (client, other_client)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    answers = sorted(browser.get(ACCOUNT).status_code for browser in (client, other_client))
    assert answers == [200, 302]
    # allauth may list the ended one once more; it drops it when the list is next shown.
    assert len(UserSession.objects.purge_and_list(ada)) == 1


def test_sessions_page_ends_the_others(client, other_client, ada):
    sign_in(client, ada)
    other_client.force_login(ada)
    UserSession.objects.create(
        user=ada, ip="10.0.0.1", user_agent="x", session_key=other_client.session.session_key
    )
    assert client.get(ACCOUNT + "sessions/").content.decode().count("10.0.0.1") == 1

    client.post(ACCOUNT + "sessions/")

    page = other_client.get(ACCOUNT, follow=True)
    assert [str(each) for each in page.context["messages"]] == [Ending.ENDED.label]
    assert client.get(ACCOUNT).status_code == 200
    entry = AuditEntry.objects.get(action="session.ended")
    assert entry.detail == {"ending": "ended"}


# Passwords


def test_password_change_ends_other_sessions_only(client, other_client, ada):
    sign_in(client, ada)
    # One workstation makes a second session impossible; this one is left over from before it.
    other_client.force_login(ada)
    UserSession.objects.create(
        user=ada, ip="10.0.0.1", user_agent="x", session_key=other_client.session.session_key
    )

    response = client.post(
        "/account/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "copper 9 lake wanders",
            "password2": "copper 9 lake wanders",
        },
    )

    assert response.status_code == 302
    assert client.get(ACCOUNT).status_code == 200
    page = other_client.get(ACCOUNT, follow=True)
    assert [str(each) for each in page.context["messages"]] == [Ending.PASSWORD.label]
    assert actions_of(ada)[-2:] == ["session.ended", "account.password_changed"]
    notice = Message.objects.get(kind="accounts-notice")
    assert (notice.address, notice.subject) == (ada.email, "Your password was changed")
    assert "copper" not in notice.text


def test_weak_password_is_refused_and_the_old_one_stays(client, ada):
    sign_in(client, ada)

    response = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "Password2026!!!", "password2": "Password2026!!!"},
    )

    assert "easy to guess" in response.context["form"].errors["password1"][0]
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_password_is_hashed_with_argon2(ada, settings):
    settings.PASSWORD_HASHERS = configured_hashers

    ada.set_password(PASSWORD)

    assert ada.password.startswith("argon2$argon2id$")


def test_session_lasts_twelve_hours_at_most_in_the_store(client, ada):
    sign_in(client, ada)

    assert client.session.get_expiry_age() <= 12 * 3600
    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.session["signed_in_at"] == pytest.approx(time.time(), abs=5)
