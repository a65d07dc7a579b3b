"""One household on one screen, and few keys, for whoever takes notes."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.tests.factories import make_meeting, make_prework, make_review, make_step
from conferencing.tests.hour import address, open_call, wait_saved
from conferencing.tests.waiting import evaluated, expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARTS = {
    "name": ".cc-household__name h2",
    "steps": "#steps",
    "pre-work": "#prework",
    "first element": "[data-element=location] select",
    "last element": "[data-element=safety] textarea",
    "all unchanged": "#all-unchanged",
    "notes": "#f-notes",
    "new step": "#s-what",
    "who": "#s-person-typed",
    "assign": "#step-form button[type=submit]",
    "decisions": "#decisions summary",
    "discussed": "#discuss",
}
OF_WHO_LEADS = {
    "household's clock": "#steer-clock",
    "pace": "#steer-pace",
    "who did not speak": "#steer-unheard",
    "carry over": "#bar-carry",
    "discussed": "#bar-discuss",
    "previous": "#go-previous",
    "next": "#go-next",
}
IN_SIGHT = """(parts) => Object.entries(parts).filter(([, selector]) => {
    const box = document.querySelector(selector).getBoundingClientRect();
    const { innerWidth, innerHeight } = window;
    const isIn = box.top >= 0 && box.left >= 0
        && box.bottom <= innerHeight && box.right <= innerWidth;
    const down = Math.min(box.height / 2, 12);
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + down);
    return !isIn || !at?.closest(selector) && !at?.querySelector(selector);
}).map(([name]) => name)"""


@pytest.fixture
def full(begun, river, region_2, river_agency, river_provider, settings):
    """A call at a household with two former steps, pre-work and four elements known before."""
    call, review = begun
    person = review.participant
    place = StaffMember.objects.get(user=river_provider)
    last = make_meeting(river, region_2, starts_at=call.starts_at - timedelta(days=30))
    former = make_review(
        last,
        person,
        location="unsheltered",
        location_words="Behind the library, in a tent",
        preferences="Open to shared housing. No congregate shelter.",
        barriers=["Voucher runs out soon", "No photo ID"],
        safety="Cold at night; asked for winter gear.",
        notes="Good contact; answers texts the same day.",
    )
    for what in ("Ask for more time on the voucher", "Call the landlord about the open unit"):
        make_step(person, river_agency, person=place, review=former, what=what)
    make_prework(
        call,
        person,
        place,
        barriers=["No photo ID"],
        notes="Met this week; the papers are nearly complete.",
    )
    return call, review


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900), (1920, 1080)])
@pytest.mark.parametrize("writer", ["river_provider", "river_specialist"])
def test_a_household_is_in_sight_without_scrolling(new_page, full, request, writer, width, height):
    """For the note taker, and for the CE Specialist, who leads and writes at once."""
    call, _review = full
    page = new_page(request.getfixturevalue(writer), viewport={"width": width, "height": height})
    page.goto(address(call))
    page.locator("#prework").wait_for()
    parts = PARTS if writer == "river_provider" else PARTS | OF_WHO_LEADS
    expect_evaluated(page, "document.documentElement.scrollHeight - innerHeight", 0)
    expect_evaluated(page, IN_SIGHT, [], arg=parts)
    table = "document.getElementById('household')"
    expect_evaluated(page, f"{table}.scrollHeight - {table}.clientHeight <= 0", True)
    expect_evaluated(page, "document.getElementById('decisions').open", height >= 880)


def test_a_household_takes_nine_keys_at_most(new_page, full, river_provider):
    call, review = full
    page = open_call(new_page, call, river_provider)
    pressed = []

    def press(key):
        pressed.append(key)
        page.keyboard.press(key)

    press("Alt+Digit2")
    expect(page.locator("#f-preferences")).to_be_focused()
    press("Control+A")
    page.keyboard.type("A ground floor.")
    press("Alt+Digit0")
    expect(page.locator("#f-notes")).to_be_focused()
    page.keyboard.type("Wants to see the unit first.")
    press("Alt+Digit6")
    page.keyboard.type("Call the landlord")
    press("Tab")
    page.keyboard.type("Pat")
    press("Control+Enter")
    page.locator("#given", has_text="Call the landlord").wait_for()
    press("Alt+Digit8")
    page.get_by_role("button", name="Open it again").wait_for()
    wait_saved(page)
    review.refresh_from_db()
    assert (review.preferences, review.preferences_changed) == ("A ground floor.", "changed")
    assert (review.location_changed, review.barriers_changed, review.safety_changed) == (
        "unchanged",
        "unchanged",
        "unchanged",
    )
    assert review.notes == "Wants to see the unit first."
    assert review.steps.get().what == "Call the landlord"
    assert review.outcome == "discussed"
    assert len(pressed) <= 9


def test_all_unchanged_leaves_alone_what_somebody_touched(new_page, full, river_provider):
    call, review = full
    page = open_call(new_page, call, river_provider)
    page.locator("#f-safety").fill("Safer since the move.")
    page.locator("#all-unchanged").click()
    wait_saved(page)
    review.refresh_from_db()
    assert (review.safety, review.safety_changed) == ("Safer since the move.", "changed")
    assert review.location_changed == "unchanged"


@pytest.mark.parametrize("writer", ["river_provider", "river_specialist"])
def test_who_is_here_opens_beside_the_household_and_closes_by_escape(
    new_page, full, request, writer
):
    call, _review = full
    page = new_page(request.getfixturevalue(writer), viewport={"width": 1280, "height": 800})
    page.goto(address(call))
    page.locator("#prework").wait_for()
    people = page.locator("#people")
    expect(people).to_be_hidden()
    page.locator("#people-open").click()
    expect(people).to_be_visible()
    expect(page.locator("#people-open")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(page.locator("#people-open")).to_be_focused()


PHONE = {"width": 390, "height": 844}
COVERED = """() => {
    const at = document.activeElement;
    if (at === document.body || !at.checkVisibility()) return "";
    const box = at.getBoundingClientRect();
    const [first, last] = [Math.max(box.top, 0), Math.min(box.bottom, window.innerHeight)];
    const isSeen = [first + 3, (first + last) / 2, last - 3].some((y) => {
        const top = document.elementFromPoint(box.left + box.width / 2, y);
        return top && (at.contains(top) || top.contains(at) && top !== document.body);
    });
    return isSeen ? "" : at.outerHTML.slice(0, 120);
}"""
WITH_FOCUS = "document.activeElement.outerHTML.slice(0, 200)"
UNDER_THE_THUMB = {
    "river_provider": ["#discuss"],
    "river_other_provider": ["#bar-carry", "#bar-discuss", "#go-previous", "#go-next"],
    "river_specialist": ["#bar-carry", "#bar-discuss", "#go-previous", "#go-next"],
}


@pytest.mark.parametrize("who", UNDER_THE_THUMB)
def test_on_a_phone_the_household_is_at_the_top_and_its_end_under_the_thumb(
    new_page, full, request, who
):
    """Wherever the page is; and what has the focus is never under one of the bars."""
    call, _review = full
    page = open_call(new_page, call, request.getfixturevalue(who), viewport=PHONE)
    page.locator("#prework").wait_for()
    top = "document.querySelector('.cc-household__name h2').getBoundingClientRect().top < 200"
    expect_evaluated(page, top, True)
    acts = {selector: selector for selector in UNDER_THE_THUMB[who]}
    lowest = "Math.min(...s.map(e => document.querySelector(e).getBoundingClientRect().top)) > 640"
    for place in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"window.scrollTo(0, {place})")
        expect_evaluated(page, IN_SIGHT, [], arg=acts)
        expect_evaluated(page, f"s => {lowest}", True, arg=[*acts])
    page.locator("#household").focus()
    seen = set()
    for key in ["Tab"] * 60 + ["Shift+Tab"] * 60:
        page.keyboard.press(key)
        expect_evaluated(page, COVERED, "")
        seen.add(evaluated(page, WITH_FOCUS))
    assert len(seen) > 12
