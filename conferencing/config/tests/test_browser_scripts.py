"""The scripts of every page, in a real browser."""

import re

import pytest

from accounts.tests.factories import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WARNING = "#session-warning"


def test_error_summary_takes_the_focus_and_leads_to_the_field(page):
    page.goto("/account/sign-in/")
    page.get_by_role("button", name="Sign in", exact=True).click()
    summary = page.locator("[data-error-summary]")
    assert summary.evaluate("element => element === document.activeElement")
    summary.get_by_role("link").first.press("Enter")
    assert page.evaluate("document.activeElement.name") == "login"


def test_user_menu_opens_by_key_and_closes_on_escape_where_it_was(new_page):
    page = new_page(make_person())
    page.goto("/account/")
    menu = page.locator("details[data-menu]")
    menu.locator("summary").press("Enter")
    assert menu.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_session_warning_keeps_the_session_in_every_tab(new_page, settings):
    settings.SESSION_IDLE_SECONDS = 122
    first = new_page(make_person())
    first.goto("/account/")
    first.locator(WARNING).wait_for(state="visible")
    settings.SESSION_IDLE_SECONDS = 1800
    second = first.context.new_page()
    second.goto("/account/name/")
    first.locator(WARNING).wait_for(state="hidden")
    settings.SESSION_IDLE_SECONDS = 122
    third = first.context.new_page()
    third.goto("/account/")
    third.locator(WARNING).wait_for(state="visible")
    settings.SESSION_IDLE_SECONDS = 1800
    with third.expect_response(lambda answer: "/session/ping/" in answer.url) as pinged:
        third.get_by_role("button", name="Stay signed in").press("Enter")
    assert pinged.value.status == 204
    third.locator(WARNING).wait_for(state="hidden")
    first.locator(WARNING).wait_for(state="hidden")


def test_session_warning_tells_the_limit_that_no_activity_moves(new_page, settings):
    settings.SESSION_COOKIE_AGE = 100
    page = new_page(make_person())
    page.goto("/account/")
    warning = page.locator(WARNING)
    warning.wait_for(state="visible")
    assert "A sign-in lasts 12 hours at most" in warning.inner_text()
    assert not warning.get_by_role("button", name="Stay signed in").is_visible()
    warning.get_by_role("button", name="Go back and save").click()
    page.wait_for_timeout(1500)
    assert not warning.is_visible()


def test_session_end_leads_to_the_sign_in_page_and_back(new_page, settings):
    settings.SESSION_IDLE_SECONDS = 3
    page = new_page(make_person())
    page.goto("/account/name/")
    page.wait_for_url(re.compile(r"/account/sign-in/\?next=%2Faccount%2Fname%2F"))
    assert "signed out" in page.locator("#messages").inner_text()


@pytest.fixture
def authenticator(page):
    """A passkey maker in the browser; calling it says whether it is the person's own finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def set_verified(is_verified):
        devtools.send("WebAuthn.setUserVerified", made | {"isUserVerified": is_verified})

    return set_verified


def test_passkey_is_made_refused_and_used(page, authenticator):
    make_person(email="ann@example.org", password="correct horse battery 1")
    page.goto("/account/sign-in/")
    page.fill("[name=login]", "ann@example.org")
    page.fill("[name=password]", "correct horse battery 1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/account/factors/passkeys/add/")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("Your passkey is added.").wait_for()
    page.goto("/account/")
    page.locator("details[data-menu] summary").click()
    page.get_by_role("button", name="Sign out").first.click()

    authenticator(False)
    page.goto("/account/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The passkey was not used").wait_for()
    authenticator(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto("/account/")
    assert page.locator("h1").inner_text() == "Your account"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_do_not_scroll_sideways_and_work_without_script(new_page, width):
    page = new_page(
        make_person(), viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    page.goto("/account/")
    page.locator("details[data-menu] summary").click()
    assert page.get_by_role("button", name="Sign out").first.is_visible()
    box = page.locator("html").bounding_box()
    widest = page.locator("main").bounding_box()
    assert box["width"] == width
    assert widest["x"] + widest["width"] <= width
