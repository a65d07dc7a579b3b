"""The by-name list at a desk: little above it, and many households in sight."""

import pytest
from playwright.sync_api import expect

from conferencing.tests.waiting import expect_evaluated
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1280, "height": 800}
LIST = "/participants/"


@pytest.fixture
def many(river_agency, region_2):
    return [
        make_participant(river_agency, region_2, name=f"Ana Example{number}")
        for number in range(20)
    ]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("who", ["river_provider", "river_specialist"])
def test_the_list_begins_near_the_top_and_fits_the_screen(new_page, request, who):
    """One row of tools under at most 96 px that every page has; the line of an example aside."""
    page = new_page(request.getfixturevalue(who), viewport=DESK)
    page.goto(LIST)
    first = "document.querySelector('tbody tr').getBoundingClientRect().top"
    expect_evaluated(page, f"{first} <= 350", True)
    height = "document.querySelector('{}').getBoundingClientRect().height"
    expect_evaluated(page, f"{height.format('.cc-list__bar')} <= 56", True)
    above = "document.querySelector('main').getBoundingClientRect().top"
    expect_evaluated(page, f"{above} - {height.format('.cc-strip')} <= 96", True)
    seen = "(each) => each.getBoundingClientRect().bottom <= innerHeight"
    rows = f"[...document.querySelectorAll('tbody tr')].filter({seen}).length"
    expect_evaluated(page, f"{rows} >= 10", True)
    expect_evaluated(page, "document.scrollingElement.scrollWidth <= innerWidth", True)


@pytest.mark.usefixtures("many")
def test_more_filters_open_over_the_list_and_are_taken_away_one_by_one(new_page, river_provider):
    page = new_page(river_provider, viewport=DESK)
    page.goto(LIST)
    page.get_by_text("Filters, columns").click()
    page.get_by_label("Days on the list, at least").fill("5000")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("No households here")).to_be_visible()
    page.get_by_role("link", name="Days on the list, at least: 5000").click()
    expect(page.locator("tbody tr").first).to_be_visible()
