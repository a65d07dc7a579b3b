"""The search of the header as one types, with the keyboard, in a real browser."""

import pytest
from playwright.sync_api import expect

from conferencing.tests.browser import NARROW
from conferencing.tests.factories import make_meeting
from conferencing.tests.test_browser_axe import faults_of
from participants.tests.factories import make_participant, make_release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
URL = "/search/typed/"


@pytest.fixture
def households(river_agency, region_2):
    found = [
        make_participant(river_agency, region_2, name=f"{name} Sentinelle", alias=f"Heron-{number}")
        for number, name in enumerate(("Ana", "Bea"), 1)
    ]
    for each in found:
        make_release(each, agencies=[river_agency])
    return found


@pytest.mark.parametrize("viewport", [None, NARROW])
def test_find_answers_as_one_types_and_is_worked_by_keys(
    new_page, households, river_provider, viewport, caplog
):
    page = new_page(river_provider, **({"viewport": viewport} if viewport else {}))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    field = page.get_by_role("combobox", name="Search households")
    field.click()
    field.press_sequentially("senti", delay=20)
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("Ana Sentinelle")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert faults_of(page) == []
    # Of a word typed at once, one question.
    assert sum(url.endswith(URL) for url in asked) == 1
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "find-1")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("senti")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(f"**{households[0].get_absolute_url()}")
    assert not [url for url in asked if "senti" in url.lower()]
    assert "senti" not in caplog.text.lower()


def test_find_with_no_line_marked_opens_the_page(new_page, households, river_other_provider):
    page = new_page(river_other_provider)
    page.goto("/")
    field = page.get_by_role("combobox", name="Search households")
    field.fill("sentinelle")
    # Under no release: nobody is found, and it says how names are searched.
    expect(page.locator(".cc-combo__told")).to_contain_text("Nothing found")
    expect(page.get_by_role("option")).to_have_count(0)
    assert faults_of(page) == []
    field.fill("heron")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.locator("html")).not_to_contain_text("Sentinelle")
    field.press("Enter")
    page.wait_for_url("**/search/")
    expect(page.get_by_role("heading", name="Households (2)")).to_be_visible()


def test_find_is_pressed_and_closes_when_it_is_left(new_page, river, region_2, river_provider):
    call = make_meeting(river, region_2)
    page = new_page(river_provider)
    page.goto("/")
    field = page.get_by_role("combobox", name="Search households")
    field.fill("region 2")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Tab")
    expect(page.get_by_role("option")).to_have_count(0)
    field.fill("region")
    page.get_by_role("option").first.click()
    page.wait_for_url(f"**{call.get_absolute_url()}")


def test_find_works_without_script(new_page, households, river_provider):
    page = new_page(river_provider, java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Search households").fill("senti")
    page.get_by_label("Search households").press("Enter")
    expect(page.get_by_role("heading", name="Households (2)")).to_be_visible()
