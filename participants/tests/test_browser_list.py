"""The by-name list at a desk: little above it, and many households in sight."""

import pytest
from playwright.sync_api import expect

from agreements.tests.factories import make_agency
from conferencing.tests.waiting import expect_evaluated
from participants.listing import COLUMNS
from participants.models import InactivityRule
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LIST = "/participants/"


EVERY_COLUMN = "&".join(f"columns={key}" for key in COLUMNS)


@pytest.fixture
def many(river_agency, region_2):
    """Short lines, and the longest that there can be: names, needs, a release and much overdue."""
    InactivityRule.objects.create(continuum=river_agency.continuum, days=90)
    agency = make_agency(
        river_agency.continuum, name="Lutheran Social Service of the Upper Mississippi Valley"
    )
    return [
        make_participant(
            (river_agency, agency)[number % 2],
            region_2,
            name=f"Ana Example{number}"
            if number % 2
            else f"Nguyễn Thị Ánh Tuyết-Montgomery {number}",
            days=40 * number,
            adults=2,
            children=11,
            is_unsheltered=True,
            is_veteran=True,
            needs_shelter=True,
            is_prioritized=True,
        )
        for number in range(30)
    ]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("who", ["river_provider", "river_specialist"])
@pytest.mark.parametrize("query", ["", f"?{EVERY_COLUMN}"])
def test_the_list_begins_near_the_top_and_fits_the_screen(new_page, request, who, query):
    """One row of tools under at most 96 px that every page has; the line of an example aside."""
    page = new_page(request.getfixturevalue(who), viewport=DESK)
    page.goto(f"{LIST}{query}")
    height = "document.querySelector('{}').getBoundingClientRect().height"
    expect_evaluated(page, f"{height.format('.cc-list__bar')} <= 56", True)
    above = "document.querySelector('main').getBoundingClientRect().top"
    expect_evaluated(page, f"{above} - {height.format('.cc-strip')} <= 96", True)
    lines = "[...document.querySelectorAll('tbody tr')].map((each) => each.getBoundingClientRect())"
    expect_evaluated(page, f"Math.max(...{lines}.map((each) => each.height)) <= 44", True)
    end = "document.querySelector('#list-rows').getBoundingClientRect().bottom"
    seen = f"(each) => each.bottom <= Math.min(innerHeight, {end})"
    expect_evaluated(page, f"{lines}.filter({seen}).length >= 12", True)
    expect_evaluated(page, "document.scrollingElement.scrollWidth <= innerWidth", True)


@pytest.mark.usefixtures("many")
def test_the_head_stays_in_sight_and_no_due_day_is_cut_off(new_page, river_provider):
    page = new_page(river_provider, viewport=DESK)
    page.goto(LIST)
    place = "document.querySelector('{}').getBoundingClientRect().top"
    head, rows = place.format("thead th"), place.format("#list-rows")
    page.locator("tbody tr").last.scroll_into_view_if_needed()
    expect_evaluated(page, "document.querySelector('#list-rows').scrollTop > 0", True)
    expect_evaluated(page, f"Math.abs({head} - {rows}) <= 2", True)
    due = "[...document.querySelectorAll('.cc-ages__due')]"
    end = "getBoundingClientRect().bottom"
    whole = f"(each) => each.{end} <= each.closest('td').{end}"
    expect_evaluated(page, f"{due}.length > 0 && {due}.every({whole})", True)


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


def rows(page):
    return page.locator("tbody tr")


@pytest.fixture
def some(river_agency, region_1, region_2):
    """Two veterans, one of them in another region, and three more."""
    people = [
        make_participant(river_agency, region_2, alias=f"Heron-{number}", days=100 - number)
        for number in range(3)
    ]
    for region, alias in ((region_1, "Loon-1"), (region_2, "Loon-2")):
        people.append(make_participant(river_agency, region, alias=alias, days=9, is_veteran=True))
    return people


@pytest.mark.usefixtures("some")
def test_with_keys_alone_the_list_changes_and_the_page_stays(new_page, river_specialist):
    page = new_page(river_specialist, viewport=DESK)
    page.goto(LIST)
    page.evaluate("window.isSame = true")
    count = page.locator("#list-count")
    # the order
    page.locator("#sort-alias").focus()
    page.keyboard.press("Enter")
    expect(rows(page).first).to_contain_text("Heron-0")
    expect(page).to_have_url(f"{LIST}?sort=alias")
    expect(page.locator("#sort-alias")).to_be_focused()
    expect(count).to_contain_text("5 households, Alias, A first")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{LIST}?sort=-alias")
    expect(rows(page).first).to_contain_text("Loon-2")
    # a filter
    needs = page.locator("#id_need")
    needs.focus()
    page.keyboard.type("Vet")
    page.keyboard.press("Tab")
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(f"{LIST}?need=veteran&sort=-alias")
    expect(count).to_contain_text("2 households")
    needs.focus()
    # who is checked stays checked while they are shown
    page.get_by_role("checkbox", name="Check Loon-2").focus()
    page.keyboard.press("Space")
    bar = page.get_by_role("form", name="For the checked households")
    expect(bar).to_contain_text("1 checked")
    chip = page.get_by_role("link", name="Needs: Veteran")
    chip.focus()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(5)
    expect(page.locator("#id_need")).to_have_value("")
    expect(page.locator("#list-more")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Check Loon-2")).to_be_checked()
    expect(bar).to_contain_text("1 checked")
    expect(page.get_by_role("checkbox", name="Check all on this page")).to_have_count(1)
    # nothing is done for whom nobody sees
    needs.focus()
    page.keyboard.type("Min")
    page.keyboard.press("Tab")
    expect(page.get_by_text("No households here")).to_be_visible()
    expect(page.locator("#chosen-count")).to_contain_text("1 no longer shown")
    expect_evaluated(page, "window.isSame", True)
    # back, step by step
    page.go_back()
    expect(rows(page)).to_have_count(5)
    expect(page).to_have_url(f"{LIST}?sort=-alias")
    page.go_back()
    expect(page).to_have_url(f"{LIST}?need=veteran&sort=-alias")
    expect(rows(page)).to_have_count(2)


@pytest.mark.usefixtures("some")
def test_a_search_changes_the_list_and_never_the_address(new_page, river_specialist):
    page = new_page(river_specialist, viewport=DESK)
    page.goto(f"{LIST}?need=veteran")
    page.evaluate("window.isSame = true")
    page.locator("#q").focus()
    page.keyboard.type("Loon-1")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#list-count")).to_contain_text("1 household found for your search")
    expect(page).to_have_url(f"{LIST}?need=veteran")
    expect(page.locator("#q")).to_be_focused()
    page.locator("#id_region").select_option(index=2)
    expect(page.get_by_text("Nobody found")).to_be_visible()
    expect(page).to_have_url(f"{LIST}?need=veteran")
    page.get_by_role("link", name="Clear the search").click()
    expect(page.get_by_text("Clear the search")).to_have_count(0)
    expect_evaluated(page, "window.isSame", True)


@pytest.mark.usefixtures("many")
def test_pages_of_the_list_are_turned_with_the_focus_kept(
    new_page, river_provider, river_agency, region_2
):
    for number in range(45):
        make_participant(river_agency, region_2, alias=f"Loon-{number}")
    page = new_page(river_provider, viewport=DESK)
    page.goto(LIST)
    page.evaluate("window.isSame = true")
    page.get_by_role("link", name="Page 2").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{LIST}?page=2")
    expect(page.locator("#page-2")).to_be_focused()
    expect(page.locator("#list-count")).to_contain_text("page 2 of 2")
    expect_evaluated(page, "window.isSame", True)


@pytest.mark.usefixtures("some")
def test_without_scripts_the_page_is_sent_again(new_page, river_specialist):
    page = new_page(river_specialist, viewport=DESK, java_script_enabled=False)
    page.goto(LIST)
    page.locator("#id_need").select_option("veteran")
    page.get_by_role("button", name="Show", exact=True).first.click()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("link", name="Needs: Veteran").click()
    expect(rows(page)).to_have_count(5)


@pytest.mark.usefixtures("some")
def test_where_the_part_is_not_answered_the_page_is_asked_for(
    new_page, complaints, river_specialist
):
    page = new_page(river_specialist, viewport=DESK)
    page.goto(LIST)
    page.route(
        "**/participants/?*",
        lambda route: route.abort() if "hx-request" in route.request.headers else route.continue_(),
    )
    page.locator("#id_need").select_option("veteran")
    expect(rows(page)).to_have_count(2)
    page.locator("#sort-alias").click()
    expect(rows(page).first).to_contain_text("Loon-1")
    assert all("htmx:" in each or "ERR_FAILED" in each for each in complaints)
    complaints.clear()  # that nothing was answered


@pytest.mark.usefixtures("many")
def test_a_phone_shows_eight_households_at_once_and_nothing_sideways(new_page, river_provider):
    page = new_page(river_provider, viewport=PHONE)
    page.goto(LIST)
    heights = "Array.from(document.querySelectorAll('#list tbody {}'), (each) => each.offsetHeight)"
    eight = f"{heights.format('tr')}.slice(0, 8)"
    expect_evaluated(page, f"{eight}.length", 8)
    expect_evaluated(page, f"{eight}.reduce((a, b) => a + b) <= {PHONE['height']}", True)
    expect_evaluated(page, "document.documentElement.scrollWidth", PHONE["width"])
    expect_evaluated(page, f"Math.min(...{heights.format('.btn')}) >= 24", True)
