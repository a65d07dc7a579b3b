"""In colors that somebody's system forces on every page, words and signs stay in sight."""

import pytest
from playwright.sync_api import expect

from conferencing.tests.waiting import expect_evaluated
from participants.tests.factories import make_move, make_participant
from regions.tests.factories import today_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Whether all words of a picture have the color of the page's words; whether the lens has a handle.
IS_DRAWN = """() => [...document.querySelectorAll(".cc-chart text")].every(
  (each) => getComputedStyle(each).fill === getComputedStyle(document.body).color)"""
HAS_HANDLE = """(button) => {
  const drawn = getComputedStyle(button, "::after");
  const ground = getComputedStyle(button).backgroundColor;
  return drawn.borderInlineStartWidth === "2px" && drawn.borderInlineStartColor !== ground;
}"""
FITS = """(cell) => {
  const box = cell.getBoundingClientRect();
  return 0 <= box.left && box.left < box.right && box.right <= 390;
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
    expect_evaluated(page, IS_DRAWN, True)
    expect_evaluated(page.locator(".cc-find button"), HAS_HANDLE, True)


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
        expect_evaluated(month.locator("td").nth(number), FITS, True)
    named = "(cell) => getComputedStyle(cell, '::before').content"
    expect_evaluated(month.locator("td").first, named, '"Actively homeless"')
