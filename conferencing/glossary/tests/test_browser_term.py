"""The "?" beside a term in a real browser: by keys, in place, and as a link without script."""

import re

import pytest
from playwright.sync_api import expect

from conferencing.tests.browser import NARROW
from conferencing.tests.test_browser_axe import faults_of
from conferencing.tests.waiting import expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOX = "link.getBoundingClientRect()"


@pytest.mark.parametrize("viewport", [None, NARROW])
def test_term_opens_in_place_and_gives_the_focus_back(new_page, river_provider, viewport):
    page = new_page(river_provider, **({"viewport": viewport} if viewport else {}))
    page.goto("/participants/")
    link = page.get_by_role("link", name="What is the by-name list?")
    expect_evaluated(link, f"(link) => Math.min({BOX}.width, {BOX}.height) >= 24", True)
    link.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name="by-name list")
    expect(card).to_be_visible()
    expect(card).to_contain_text("known to be homeless")
    expect(card).to_be_focused()
    assert faults_of(page) == []
    expect_evaluated(card, f"(link) => {BOX}.left >= 0 && {BOX}.right <= innerWidth", True)
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(link).to_be_focused()
    expect(page).to_have_url(re.compile("/participants/$"))
    link.click()
    card.get_by_role("button", name="Close").click()
    expect(link).to_be_focused()
    link.click()
    card.get_by_role("link", name="Open the glossary").click()
    page.wait_for_url("**/glossary/#by-name-list")
    assert faults_of(page) == []


def test_term_is_a_link_without_script(new_page, river_provider):
    page = new_page(river_provider, java_script_enabled=False)
    page.goto("/participants/")
    page.get_by_role("link", name="What is the by-name list?").click()
    page.wait_for_url("**/glossary/#by-name-list")
