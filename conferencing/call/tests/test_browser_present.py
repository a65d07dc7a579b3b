"""The window that is shared, in a browser: it follows, forgets, and hides what may be old."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from conferencing.call.acts import put_on_table
from conferencing.call.attendance import add_walk_in, mark_present
from conferencing.call.opening import confirm_opening
from conferencing.tests.factories import make_step, review_of, write_notes
from conferencing.tests.hour import (
    NETWORK,
    address,
    end_sessions,
    forgive,
    go_on,
    open_call,
)
from conferencing.tests.test_browser_axe import faults_of
from conferencing.tests.waiting import attribute_of, expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHARED = {"width": 1280, "height": 720}
# Nothing to scroll: neither the window nor a part of it, and nothing beyond its edges.
SCROLLS = """() => [document.scrollingElement, document.querySelector('main')].map(
    (each) => each.scrollHeight - each.clientHeight).concat(
    document.scrollingElement.scrollWidth - innerWidth)"""


@pytest.fixture
def shown(begun, river_agency, river_provider, river_other_provider):
    """The call at Ana, checked, with words of every kind."""
    call, review = begun
    place = river_provider.places.get()
    for what in ("Take Ana to the DMV", "Call the landlord at Maple Court"):
        make_step(review.participant, river_agency, person=place, review=review, what=what)
    words = {"notes": "Wants to see the unit", "safety": "Asked for winter gear"}
    write_notes(review, river_provider, **words)
    confirm_opening(call, sent_word={}, actor=river_other_provider, now=timezone.now())
    return call, review


def title(page):
    return page.locator("h2[data-household]")


def presented(new_page, call, user, **context):
    page = new_page(user, viewport=SHARED, **context)
    page.goto(f"{address(call)}present/")
    return page


def test_present_opens_follows_and_hides_names_when_somebody_comes(
    new_page, shown, households, river_other_provider
):
    call, _review = shown
    steering = open_call(new_page, call, river_other_provider)
    with steering.context.expect_page() as opened:
        steering.get_by_role("link", name="Present").first.click()
    window = opened.value
    expect(title(window)).to_have_text("Ana Example")
    expect(window.get_by_text("Take Ana to the DMV")).to_be_visible()
    go_on(steering)
    expect(title(window)).to_have_text("Ben Example")
    put_on_table(
        call, review_of(call, households[0]), actor=river_other_provider, now=timezone.now()
    )
    expect(title(window)).to_have_text("Ana Example")
    add_walk_in(call, name="Wim", organization="", actor=river_other_provider, now=timezone.now())
    expect(title(window)).to_have_text("Heron-1")
    expect(window.locator("body")).not_to_contain_text("Ana")


def test_notes_and_safety_are_pressed_for_each_time(
    new_page, shown, households, river_other_provider
):
    call, review = shown
    page = presented(new_page, call, river_other_provider)
    notes, safety = page.get_by_text("Wants to see the unit"), page.get_by_text("winter gear")
    page.get_by_role("button", name="Show notes").click()
    expect(notes).to_be_visible()
    expect(page.get_by_role("button", name="Hide notes")).to_be_focused()
    page.get_by_role("button", name="Show safety…").click()
    expect(page.get_by_role("button", name="Keep it hidden")).to_be_focused()
    expect(safety).to_have_count(0)
    page.get_by_role("button", name="Show it", exact=True).click()
    expect(safety).to_be_visible()
    other = review_of(call, households[1])
    put_on_table(call, other, actor=river_other_provider, now=timezone.now())
    expect(title(page)).to_have_text("Ben Example")
    expect(page.locator("#present-notes, #present-safety")).to_have_count(0)
    put_on_table(call, review, actor=river_other_provider, now=timezone.now())
    expect(title(page)).to_have_text("Ana Example")
    expect(page.locator("#present-notes, #present-safety")).to_have_count(0)


def test_five_seconds_of_silence_hide_the_household(
    new_page, complaints, shown, river_other_provider
):
    call, _review = shown
    page = presented(new_page, call, river_other_provider)
    expect(title(page)).to_have_text("Ana Example")
    page.evaluate(
        """() => {
            window.goneAfter = null;
            let heard = performance.now();
            const ask = window.fetch;
            window.fetch = async (...asked) => {
                const before = performance.now();
                const answer = await ask(...asked);
                heard = before;
                return answer;
            };
            new MutationObserver(() => {
                if (!document.querySelector('h2[data-household]'))
                    window.goneAfter ??= performance.now() - heard;
            }).observe(document.body, { subtree: true, childList: true });
        }"""
    )
    with page.expect_response("**/present/?*"):
        pass
    page.context.set_offline(True)
    expect(page.locator("#present-stale")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Ana")
    expect_evaluated(page, "window.goneAfter !== null && window.goneAfter <= 5000", True)
    page.context.set_offline(False)
    expect(title(page)).to_have_text("Ana Example")
    expect(page.locator("#present-stale")).to_be_hidden()
    forgive(complaints, NETWORK)


def test_a_false_answer_is_none(new_page, complaints, shown, river_other_provider):
    call, _review = shown
    page = presented(new_page, call, river_other_provider)
    expect(title(page)).to_have_text("Ana Example")
    page.route("**/present/?*", lambda route: route.fulfill(status=204, body=""))
    expect(page.locator("#present-stale")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Ana")
    forgive(complaints, NETWORK)


def test_an_older_frame_never_replaces_a_newer_one(new_page, shown, river_other_provider):
    call, _review = shown
    page = presented(new_page, call, river_other_provider)
    expect(title(page)).to_have_text("Ana Example")
    add_walk_in(call, name="Wim", organization="", actor=river_other_provider, now=timezone.now())
    expect(title(page)).to_have_text("Heron-1")
    shown_version = int(attribute_of(page.locator("#present > div"), "data-version"))
    assert shown_version > 1
    # the frame of before, as though it had been on its way all the time
    page.evaluate(
        """async () => {
            const part = document.querySelector('#present > div');
            const old = part.outerHTML.replaceAll('Heron-1', 'Ana Example').replace(
                /data-version="\\d+"/, 'data-version="1"');
            const bytes = new TextEncoder().encode(old);
            const real = window.fetch;
            window.served = 0;
            window.fetch = async (url, options) => {
                const nonce = options.headers['X-Call-Nonce'];
                const head = new TextEncoder().encode(`${nonce}\\n200\\n`);
                const whole = new Uint8Array([...head, ...bytes]);
                const sum = [...new Uint8Array(await crypto.subtle.digest('SHA-256', whole))];
                const hex = sum.map((each) => each.toString(16).padStart(2, '0')).join('');
                window.served += 1;
                return new Response(bytes, { headers: { 'X-Call-Ack': `${nonce} ${hex}` } });
            };
        }"""
    )
    expect_evaluated(page, "window.served > 1", True)
    expect(page.locator("body")).not_to_contain_text("Ana")


def test_a_lost_session_hides_the_household(new_page, complaints, shown, river_other_provider):
    call, _review = shown
    page = presented(new_page, call, river_other_provider)
    expect(title(page)).to_have_text("Ana Example")
    end_sessions(river_other_provider)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Ana")
    forgive(complaints, 401)


def test_present_fits_and_is_accessible_in_every_state(
    new_page, shown, river_agency, river_provider, river_other_provider
):
    call, review = shown
    place = river_provider.places.get()
    for number in range(4):
        make_step(
            review.participant,
            river_agency,
            person=place,
            review=review,
            what=f"Step {number} of many",
        )
    page = presented(new_page, call, river_other_provider)
    expect(title(page)).to_have_text("Ana Example")
    faults = []

    def look(state):
        for size in (SHARED, {"width": 390, "height": 844}):
            page.set_viewport_size(size)
            expect_evaluated(page, "innerWidth", size["width"])
            sideways = "document.scrollingElement.scrollWidth - innerWidth"
            expect_evaluated(page, f"{sideways} <= 0", True)
            if size == SHARED:
                expect_evaluated(page, f"({SCROLLS})().filter((_, n) => n % 2 === 0 && _ > 0)", [])
            faults.extend(f"{state}, {size['width']}: {each}" for each in faults_of(page))
        page.set_viewport_size(SHARED)

    look("steps")
    expect_evaluated(page, SCROLLS, [0, 0, 0])
    page.get_by_role("button", name="Show notes").click()
    expect(page.locator("#present-notes")).to_be_visible()
    page.get_by_role("button", name="Show safety…").click()
    expect(page.locator("#safety-ask")).to_be_visible()
    look("asking")
    page.get_by_role("button", name="Show it", exact=True).click()
    expect(page.locator("#present-safety")).to_be_visible()
    look("notes and safety")
    put_on_table(call, None, actor=river_other_provider, now=timezone.now())
    expect(title(page)).to_have_text("No household is being discussed")
    look("nobody on the table")
    assert faults == []


def test_what_was_kept_back_is_pressed_for_anew(new_page, shown, river_other_provider):
    """Somebody came who may not see it, and left: it does not come back by itself."""
    call, _review = shown
    page = presented(new_page, call, river_other_provider)
    safety = page.locator("#present-safety")
    page.get_by_role("button", name="Show safety…").click()
    page.get_by_role("button", name="Show it", exact=True).click()
    safety.wait_for()
    now = timezone.now()
    walk_in = add_walk_in(call, name="Wim", organization="", actor=river_other_provider, now=now)
    expect(title(page)).to_have_text("Heron-1")
    expect(safety).to_have_count(0)
    mark_present(walk_in, is_present=False, actor=river_other_provider, now=now)
    expect(title(page)).to_have_text("Ana Example")
    page.get_by_role("button", name="Show safety…").wait_for()
    expect(page.locator("#safety-ask")).to_be_hidden()
    expect(safety).to_have_count(0)


def test_without_its_script_the_window_shows_no_household(new_page, shown, river_other_provider):
    call, _review = shown
    page = new_page(river_other_provider)
    nothing = {"body": "", "content_type": "text/javascript"}
    page.route("**/js/call/present*.js", lambda route: route.fulfill(**nothing))
    page.goto(reverse("conferencing:call_present", args=[call.pk]))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Ana")
