"""In colors that somebody's system forces on every page, words and signs stay in sight."""

import pytest
from playwright.sync_api import expect

from participants.tests.factories import make_move, make_participant
from regions.tests.factories import today_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The color of what an element draws, or of one side of its sign, and that of the page's words.
COLORS = """(all) => all.map((each) => getComputedStyle(each).fill)"""
HANDLE = """(button) => {
  const drawn = getComputedStyle(button, "::after");
  const ground = getComputedStyle(button).backgroundColor;
  return [drawn.borderInlineStartColor, drawn.borderInlineStartWidth, ground];
}"""


def in_forced_colors(new_page, user, scheme):
    page = new_page(user)
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto("/participants/figures/")
    expect(page.locator(".cc-chart text").first).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_and_the_lens_of_the_search_are_drawn_in_the_colors_that_are_forced(
    new_page, river_specialist, river_agency, region_2, scheme
):
    make_participant(river_agency, region_2, days=0)
    page = in_forced_colors(new_page, river_specialist, scheme)
    words = page.evaluate("getComputedStyle(document.body).color")
    drawn = page.locator(".cc-chart text").evaluate_all(COLORS)
    assert set(drawn) == {words}
    color, width, ground = page.locator(".cc-find button").evaluate(HANDLE)
    assert width == "2px"
    assert color != ground


def test_figures_on_a_phone_show_every_column_of_each_month(
    new_page, river_specialist, river_agency, region_2
):
    person = make_participant(river_agency, region_2, days=0)
    make_move(person, "housed", on=today_in())
    page = new_page(river_specialist)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/participants/figures/")
    month = page.locator("tbody tr").first
    for number in range(8):
        box = month.locator("td").nth(number).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    first = month.locator("td").first
    label = first.evaluate("(cell) => getComputedStyle(cell, '::before').content")
    assert label == '"Actively homeless"'
