"""Households are checked with mouse and keys, and one thing is done for all of them."""

import pytest
from playwright.sync_api import expect

from conferencing.tests.browser import NARROW
from conferencing.tests.test_browser_axe import look
from participants.models import Contact
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def birds(river_agency, region_2):
    return [
        make_participant(river_agency, region_2, alias=f"Heron-{number}") for number in range(6)
    ]


def box(page, alias):
    return page.get_by_role("checkbox", name=f"Check {alias}", exact=True)


def test_households_are_checked_with_the_mouse_and_met_at_once(new_page, birds, river_specialist):
    page = new_page(river_specialist)
    page.goto("/participants/?status=all")
    bar = page.get_by_role("form", name="For the checked households")
    expect(bar).to_be_hidden()
    box(page, "Heron-1").click()
    expect(bar).to_contain_text("1 checked")
    box(page, "Heron-4").click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 checked")
    look(page)
    page.get_by_role("button", name="Record a contact").click()
    expect(page.get_by_text("For 4 households")).to_be_visible()
    look(page)
    page.get_by_label("Seen", exact=False).first.check()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Done for 4 households.")).to_be_visible()
    expect(page).to_have_url("/participants/?status=all")
    assert Contact.objects.count() == 4


def test_households_are_checked_with_keys_alone(new_page, birds, river_specialist):
    page = new_page(river_specialist)
    page.goto("/participants/")
    bar = page.get_by_role("form", name="For the checked households")
    box(page, "Heron-0").focus()
    page.keyboard.press("ArrowDown")
    expect(box(page, "Heron-1")).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(box(page, "Heron-3")).to_be_focused()
    expect(bar).to_contain_text("3 checked")
    every = page.get_by_role("checkbox", name="Check all on this page")
    every.focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("6 checked")
    page.get_by_role("button", name="Uncheck all").focus()
    page.keyboard.press("Enter")
    expect(bar).to_be_hidden()
    expect(every).to_be_focused()


def test_a_phone_shows_what_can_be_done_below_the_list(new_page, birds, river_specialist):
    page = new_page(river_specialist, viewport=NARROW)
    page.goto("/participants/")
    box(page, "Heron-2").click()
    expect(page.get_by_role("button", name="Put on a roster")).to_be_in_viewport()
    look(page, 390, 320)


def test_without_scripts_the_boxes_and_buttons_stand_there(new_page, birds, river_specialist):
    page = new_page(river_specialist, java_script_enabled=False)
    page.goto("/participants/")
    box(page, "Heron-2").click()
    page.get_by_role("button", name="Name a navigator").click()
    expect(page.get_by_text("For 1 household", exact=True)).to_be_visible()


@pytest.mark.parametrize("act", ["contact", "navigator", "place", "release", "roster"])
def test_the_page_of_each_act_is_accessible_also_when_it_refuses(
    new_page, birds, river_specialist, act
):
    page = new_page(river_specialist)
    page.goto(f"/households/{act}/?" + "&".join(f"chosen={each.pk}" for each in birds))
    look(page)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look(page)
