"""axe on every state of a call, at each width: what the walk through the pages cannot see."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conferencing.call.acts import begin_call, put_on_table
from conferencing.call.closing import close_call
from conferencing.tests.factories import make_guest, review_of
from conferencing.tests.hour import (
    NETWORK,
    address,
    end_sessions,
    forgive,
    go_on,
    open_call,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.test_browser_axe import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (1280, 390, 320)


@pytest.fixture
def looked():
    """Look at a page in a state: `looked(page, "state")`; no fault may be left in the end."""
    faults = []

    def look(page, state):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if over > 0:
                faults.append(f"{state}: {over} px wider than a window of {width}")
            faults.extend(f"{state}, {width}: {fault}" for fault in faults_of(page))
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    yield look
    assert faults == []


def test_the_call_page_is_accessible_in_every_state_of_those_who_lead(
    new_page, complaints, looked, call, households, river_provider, river_other_provider
):
    steering = new_page(river_other_provider)
    steering.goto(address(call))
    looked(steering, "opening")
    steering.get_by_role("button", name="Begin the call").click()
    steering.locator("#people li").first.wait_for()
    looked(steering, "nobody on the table")
    steering.get_by_role("button", name="Next household").click()
    steering.get_by_role("heading", name="Ana Example").wait_for()
    expect(steering.locator("#here")).to_have_count(0)
    steering.locator("#expected").evaluate("(each) => each.open || each.firstElementChild.click()")
    expect(steering.locator("#expected")).to_have_attribute("open", "")
    looked(steering, "facilitator")
    for place in (0, 1, 2):  # opening one shuts the other
        steering.locator(".cc-agenda__more summary").nth(place).click()
        expect(steering.locator(".cc-agenda__more").nth(place)).to_have_attribute("open", "")
        expect(steering.locator(".cc-agenda__more[open]")).to_have_count(1)
        looked(steering, f"menu {place}")
    steering.keyboard.press("Escape")
    expect(steering.locator(".cc-agenda__more[open]")).to_have_count(0)

    writing = open_call(new_page, call, river_provider)
    writing.locator("#steps summary").click()
    writing.locator("#f-notes").fill("Diagnosed with PTSD.")
    writing.locator("#hint-notes").wait_for()
    writing.get_by_role("button", name="Mark discussed").click()
    writing.locator("#discuss-error").wait_for()
    writing.get_by_role("button", name="Assign step").click()
    writing.locator("#e-what").wait_for()
    looked(writing, "writer")
    writing.locator("#f-notes").fill("")
    writing.locator("#f-safety").fill("Safe")
    wait_saved(writing)
    writing.locator("#s-what").fill("Half a step")
    go_on(steering)
    writing.locator("#moved-on").wait_for()
    looked(writing, "moved on")
    writing.locator("#keys-open").click()
    writing.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    looked(writing, "keys")
    writing.keyboard.press("Escape")
    end_sessions(river_provider)
    writing.locator("#away").wait_for()
    looked(writing, "signed out")
    forgive(complaints, 401, 422)


def test_the_call_page_is_accessible_in_a_conflict_for_readers_and_at_its_end(
    new_page, complaints, looked, begun, households, river_provider, river_specialist, river_lead
):
    call, review = begun
    helping = open_call(new_page, call, river_specialist)
    writing = open_call(new_page, call, river_provider)
    helping.route("**/save/", lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator("#f-notes").fill("One")
    wait_unsaved(helping, "The server cannot be reached")
    looked(helping, "not saved")
    writing.locator("#f-notes").fill("Two")
    wait_saved(writing)
    helping.unroute_all()
    helping.get_by_role("dialog", name="Somebody else wrote here meanwhile").wait_for()
    looked(helping, "conflict")
    helping.get_by_role("button", name="Take both").click()
    helping.get_by_role("button", name="Save what I chose").click()
    wait_saved(helping)

    reading = open_call(new_page, call, river_lead)
    looked(reading, "reader")
    for part in ("raise/", "walk-in/", "close/", f"reviews/{review.pk}/history/"):
        helping.goto(f"{address(call)}{part}")
        looked(helping, part)
    writing.route("**/save/", lambda route: route.abort())
    writing.locator("#f-notes").fill("Three, too late")
    wait_unsaved(writing, "The server cannot be reached")
    close_call(call, carries_over=True, actor=river_specialist, now=timezone.now())
    reading.locator("#away", has_text="The call is closed").wait_for()
    looked(reading, "closed")
    writing.locator("#away", has_text="came too late").wait_for()
    looked(writing, "too late")
    writing.get_by_role("button", name="Add it to the minutes").click()
    writing.get_by_role("button", name="Discard it").wait_for()
    looked(writing, "left over")
    writing.locator("#left-over").get_by_role("link", name="Add it to the minutes").click()
    writing.locator("#left-over").wait_for()
    looked(writing, "addendum of what is left over")
    forgive(complaints, 409, NETWORK)


def test_a_guests_side_of_the_call_is_accessible(
    new_page, looked, call, households, river_specialist
):
    guest = make_guest(call, households[0], by=river_specialist)
    page = new_page(guest.user)
    page.goto(f"{address(call)}guest/")
    page.get_by_role("heading", name="The call has not begun").wait_for()
    looked(page, "not begun")
    now = timezone.now()
    begin_call(call, actor=river_specialist, now=now)
    page.get_by_role("heading", name="Please wait").wait_for()
    looked(page, "waiting")
    put_on_table(call, review_of(call, households[0]), actor=river_specialist, now=now)
    page.get_by_role("heading", name="Your review is on now").wait_for()
    looked(page, "on")
    expect(page.locator("main")).not_to_contain_text("Ana")
    close_call(call, carries_over=True, actor=river_specialist, now=now)
    page.get_by_role("heading", name="The call is over").wait_for()
    looked(page, "over")
