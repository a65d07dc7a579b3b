"""Signing in with what only a browser has: passkeys, and pages one after the other."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from accounts import seeds, services
from accounts.models import Session
from accounts.tests.factories import PASSWORD, code_of, make_person
from audit.models import AuditEntry
from conferencing.tests.waiting import words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHOSEN = "copper 9 lake wanders"


def add_authenticator(page):
    """Give the browser a platform authenticator that is there and knows its user."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in_by_password(page, user, password=PASSWORD, next_page="/account/"):
    page.goto(f"/account/sign-in/?next={next_page}")
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.goto("/account/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/sign-in/**")


def wait_for_account(page):
    page.get_by_role("heading", name="Your account", level=1).wait_for()


def codes_on(page):
    page.get_by_role("heading", name="Recovery codes", level=1).wait_for()
    return re.findall(r"\b\d{12}\b", words_of(page.get_by_role("main"), r"\b\d{12}\b"))


def shown_secret(page):
    return words_of(page.locator("#totp-secret")).strip()


def test_passkey_is_added_and_signs_in_alone(page, ada):
    add_authenticator(page)
    sign_in_by_password(page, ada, next_page="/account/second-factor/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/account/factors/recovery-codes/")
    assert len(codes_on(page)) == 10
    sign_out(page)

    page.goto("/account/sign-in/?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    wait_for_account(page)

    expect(page.get_by_text("Work laptop")).to_be_visible()
    signed_in = AuditEntry.objects.filter(action="account.signed_in").order_by("sequence")
    assert [entry.detail["means"] for entry in signed_in] == [["password"], ["webauthn"]]


def test_passkey_is_the_second_factor_and_confirms(page, ada):
    add_authenticator(page)
    sign_in_by_password(page, ada, next_page="/account/factors/passkeys/add/")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/account/factors/recovery-codes/")
    sign_out(page)
    sign_in_by_password(page, ada)
    page.wait_for_url("**/account/sign-in/second-factor/")
    page.get_by_role("button", name="Use a passkey").click()
    wait_for_account(page)
    for row in Session.objects.all():
        session = row.get_decoded()
        for record in session.get("account_authentication_methods", []):
            record["at"] -= 6 * 60
        row.session_data = Session.objects.encode(session)
        row.save()

    page.goto("/account/factors/recovery-codes/make/")
    expect(page).to_have_url(re.compile("/account/confirm/passkey/"))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/account/factors/recovery-codes/make/$"))


def test_passkey_without_a_pin_or_fingerprint_is_refused(page, ada):
    session, authenticator = add_authenticator(page)
    sign_in_by_password(page, ada, next_page="/account/factors/passkeys/add/")
    session.send("WebAuthn.setUserVerified", authenticator | {"isUserVerified": False})

    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("The passkey was not used").wait_for()

    assert not Authenticator.objects.exists()


def test_invited_person_sets_a_password_and_adds_an_app(page, settings, db):
    settings.SECOND_FACTOR_REQUIRED = True
    nia = make_person(name="Nia Okoro", password=None)
    invitation = services.invite(nia, actor=make_person(name="Lee Lead"))
    page.goto(f"/account/invitations/{invitation.token}/")
    expect(page).not_to_have_url(re.compile(invitation.token))
    page.get_by_label("Password", exact=True).fill("short 1")
    page.get_by_label("Password, again").fill("short 1")
    page.get_by_role("button", name="Set the password and go on").click()
    expect(page.get_by_text("This password is too short").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(CHOSEN)
    page.get_by_label("Password, again").fill(CHOSEN)
    page.get_by_role("button", name="Set the password and go on").click()
    page.wait_for_url("**/account/second-factor/")

    page.get_by_role("link", name="Add an authenticator app").click()
    page.get_by_text("You cannot scan it?").click()
    secret = shown_secret(page)
    page.get_by_label("Six-digit code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url("**/account/factors/recovery-codes/")
    codes = codes_on(page)
    assert len(codes) == 10
    onward = page.get_by_role("link", name="I have written them down")
    expect(onward).to_have_attribute("href", "/")
    page.reload()
    expect(page.get_by_text("10 of 10 are left")).to_be_visible()
    expect(page.locator("#recovery-codes")).to_have_count(0)

    sign_out(page)
    sign_in_by_password(page, nia, CHOSEN)
    page.get_by_label(re.compile("^Code")).fill(code_of(secret, periods=1))
    page.get_by_role("button", name="Sign in").click()
    wait_for_account(page)

    sign_out(page)
    sign_in_by_password(page, nia, CHOSEN)
    page.get_by_label(re.compile("^Code")).fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    wait_for_account(page)
    with seeds.of(nia):
        row = Authenticator.objects.get(type="recovery_codes")
        assert row.wrap().get_unused_codes() == codes[1:]


def test_app_is_added_without_javascript(new_page, ada):
    page = new_page(java_script_enabled=False)
    sign_in_by_password(page, ada, next_page="/account/factors/app/add/")
    page.get_by_text("You cannot scan it?").click()
    secret = shown_secret(page)
    page.get_by_label("Six-digit code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url("**/account/factors/recovery-codes/")

    assert len(codes_on(page)) == 10


def test_warning_comes_before_the_session_ends_and_keeps_it(page, ada):
    page.clock.install()
    sign_in_by_password(page, ada)
    wait_for_account(page)
    page.clock.fast_forward("28:30")
    warning = page.get_by_role("dialog", name="You are about to be signed out")
    warning.wait_for()

    with page.expect_response("**/account/session/ping/") as ping:
        warning.get_by_role("button", name="Stay signed in").click()

    assert ping.value.status == 204
    warning.wait_for(state="hidden")
