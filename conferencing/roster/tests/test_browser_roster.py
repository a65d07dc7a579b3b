"""A roster is put in order with keys alone, and with the mouse; what marks mean can be read."""

import pytest
from playwright.sync_api import expect

from conferencing.models import RosterEntry
from conferencing.tests.browser import NARROW
from conferencing.tests.factories import make_meeting
from conferencing.tests.test_browser_axe import look
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def call(river, river_agency, region_2):
    call = make_meeting(river, region_2)
    for number in range(1, 5):
        RosterEntry.objects.create(
            meeting=call,
            participant=make_participant(river_agency, region_2, alias=f"Heron-{number}"),
            position=number,
            source=RosterEntry.Source.PROPOSED,
            reasons=[{"kind": "longest", "words": f"{number} longest on the list (9 days)"}],
        )
    return call


@pytest.fixture
def page(new_page, call, river_specialist):
    page = new_page(river_specialist, viewport={"width": 1280, "height": 800})
    page.goto(f"/meetings/{call.pk}/roster/")
    return page


def expect_order(page, *numbers):
    names = [f"Heron-{number}" for number in numbers]
    expect(page.locator("tr[id^=entry-] .cc-name")).to_have_text(names)


def row(page, number):
    return page.locator("tr[id^=entry-]").filter(has_text=f"Heron-{number}")


def test_a_household_is_moved_to_a_number_with_keys_alone(page):
    place = page.get_by_label("Position of Heron-4")
    place.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect_order(page, 4, 1, 2, 3)
    expect(place).to_be_focused()
    page.get_by_role("button", name="Down Heron-4").focus()
    page.keyboard.press("Enter")
    expect_order(page, 1, 4, 2, 3)


def test_why_is_opened_with_keys_and_read(page):
    words = page.get_by_text("2 longest on the list (9 days)")
    expect(words).to_be_hidden()
    row(page, 2).locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    look(page)


def test_a_household_is_dragged_to_its_place_and_it_can_be_undone(page):
    grip = row(page, 4).locator(".cc-grip")
    grip.drag_to(row(page, 1), target_position={"x": 200, "y": 4})
    expect_order(page, 4, 1, 2, 3)
    row(page, 4).locator(".cc-grip").drag_to(
        row(page, 2), target_position={"x": 200, "y": row(page, 2).bounding_box()["height"] - 4}
    )
    expect_order(page, 1, 2, 4, 3)
    page.get_by_role("button", name="Undo").first.click()
    expect_order(page, 4, 1, 2, 3)


def test_dropped_where_it_was_nothing_is_sent(page):
    row(page, 2).locator(".cc-grip").drag_to(row(page, 1), target_position={"x": 200, "y": 40})
    expect_order(page, 1, 2, 3, 4)


def test_a_phone_has_the_marks_and_the_form(new_page, call, river_specialist):
    page = new_page(river_specialist, viewport=NARROW)
    page.goto(f"/meetings/{call.pk}/roster/")
    expect(page.get_by_label("Position of Heron-4")).to_be_visible()
    expect(row(page, 1).locator(".cc-why")).to_have_text("Longest")
    look(page, 390, 320)
