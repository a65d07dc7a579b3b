"""The scripts of every page, in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import make_person
from conferencing.tests.waiting import box_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WARNING = "#session-warning"


def leads_back_to(path):
    """Whether an address is the sign-in page's that leads back to `path`, however it is quoted."""

    def is_it(url):
        asked = urlsplit(url)
        return asked.path == "/account/sign-in/" and parse_qs(asked.query) == {"next": [path]}

    return is_it


def test_error_summary_takes_the_focus_and_leads_to_the_field(page):
    page.goto("/account/sign-in/")
    page.get_by_role("button", name="Sign in", exact=True).click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.press("Enter")
    expect(page.locator("[name=login]")).to_be_focused()


def test_user_menu_opens_by_key_and_closes_on_escape_where_it_was(new_page):
    page = new_page(make_person())
    page.goto("/account/")
    menu = page.locator("details[data-menu]")
    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", re.compile(""))
    expect(menu.locator("summary")).to_be_focused()


def test_session_warning_closes_when_another_tab_works_on(new_page):
    page = new_page(make_person())
    page.clock.install()
    page.goto("/account/")
    page.clock.fast_forward("28:30")
    page.locator(WARNING).wait_for(state="visible")
    other = page.context.new_page()
    other.goto("/account/name/")
    page.locator(WARNING).wait_for(state="hidden")


def test_session_warning_tells_the_limit_that_no_activity_moves(new_page, settings):
    settings.SESSION_COOKIE_AGE = 100
    page = new_page(make_person())
    page.goto("/account/")
    warning = page.locator(WARNING)
    warning.wait_for(state="visible")
    expect(warning).to_contain_text("A sign-in lasts 12 hours at most")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_hidden()
    warning.get_by_role("button", name="Go back and save").click()
    page.wait_for_timeout(1500)
    expect(warning).to_be_hidden()


def test_session_end_leads_to_the_sign_in_page_that_leads_back(new_page, settings):
    settings.SESSION_IDLE_SECONDS = 3
    page = new_page(make_person())
    page.goto("/account/name/")
    # By the script, or by the server where the machine is so slow that the page came too late.
    # The browser clears its cache before it shows the page, which takes it long on a busy machine.
    page.wait_for_url(leads_back_to("/account/name/"), wait_until="commit", timeout=120_000)
    expect(page.locator("#messages")).to_contain_text("signed out")


def test_signing_out_in_one_tab_takes_the_others_along(new_page):
    page = new_page(make_person())
    page.goto("/account/name/")
    other = page.context.new_page()
    other.goto("/account/sign-out/")
    other.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(leads_back_to("/account/name/"))


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_do_not_scroll_sideways_and_work_without_script(new_page, width):
    page = new_page(
        make_person(), viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    page.goto("/account/")
    page.locator("details[data-menu] summary").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    box, widest = box_of(page.locator("html")), box_of(page.locator("main"))
    assert box["width"] == width
    assert widest["x"] + widest["width"] <= width
