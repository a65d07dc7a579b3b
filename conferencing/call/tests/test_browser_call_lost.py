"""Not a character is lost: to the network, the server, the session, a reload, a lost answer."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conferencing.call.closing import close_call
from conferencing.tests.browser import sign_in
from conferencing.tests.hour import (
    NETWORK,
    address,
    choose_person,
    end_sessions,
    forgive,
    open_call,
    sign_in_by_form,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.readable import readable
from conferencing.tests.waiting import evaluated, expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVE = "**/save/"
WORDS = "Heron asks for a ground floor"


def kept_in(page, what="cc-draft:"):
    """All that the browser keeps for the site, as one text, once it keeps this."""
    script = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    return evaluated(page, script, until=lambda kept: what in kept)


def accept_and_be_silent(page, address):
    """The server takes what comes there; its answer is lost."""

    def lose(route):
        route.fetch()
        route.abort()

    page.route(address, lose)


def unavailable(route):
    route.fulfill(status=503, body="")


def test_text_typed_while_the_server_is_away_stays_is_kept_as_ciphertext_and_saved_later(
    new_page, complaints, begun, river_provider
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.route(SAVE, unavailable)
    page.locator("#f-notes").press_sequentially(WORDS)
    wait_unsaved(page, "The server cannot be reached")
    expect(page.locator("#f-notes")).to_have_value(WORDS)
    page.unroute(SAVE)
    wait_saved(page)
    review.refresh_from_db()
    assert review.notes == WORDS
    expect_evaluated(page, "({...localStorage})", {})

    page.context.set_offline(True)
    page.locator("#f-notes").press_sequentially(" near the bus.")
    wait_unsaved(page, "The server cannot be reached")
    kept = kept_in(page)
    assert "Heron" not in kept
    assert "bus" not in readable(kept)
    page.context.set_offline(False)
    wait_saved(page)
    review.refresh_from_db()
    assert review.notes == f"{WORDS} near the bus."
    assert review.revision == 2

    asked = []
    page.route(SAVE, unavailable)
    page.locator("#f-safety").fill("A quiet place, please.")
    wait_unsaved(page, "The server cannot be reached")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.unroute_all()
    page.route(SAVE, unavailable)
    page.reload()
    page.locator("article.cc-household").wait_for()
    assert asked == ["beforeunload"]
    expect(page.locator("#f-safety")).to_have_value("A quiet place, please.")
    page.unroute(SAVE)
    wait_saved(page)
    review.refresh_from_db()
    assert review.safety == "A quiet place, please."
    assert review.safety_changed == "changed"
    page.goto("/")
    assert asked == ["beforeunload"]
    forgive(complaints, 503, NETWORK)


def test_an_answer_that_went_astray_neither_asks_nor_doubles(
    new_page, complaints, begun, river_provider
):
    call, review = begun
    page = open_call(new_page, call, river_provider)

    accept_and_be_silent(page, SAVE)
    page.locator("#f-notes").press_sequentially("One")
    wait_unsaved(page, "The server cannot be reached")
    page.locator("#f-notes").press_sequentially(", two")
    page.wait_for_timeout(1500)
    page.locator("#f-notes").press_sequentially(", three")
    page.unroute_all(behavior="wait")
    wait_saved(page)
    review.refresh_from_db()
    assert review.notes == "One, two, three"
    expect(page.locator("#f-notes")).to_have_value("One, two, three")
    expect(page.locator("#conflict")).to_be_hidden()
    forgive(complaints, 409, NETWORK)


def test_a_session_that_ends_in_mid_sentence_is_taken_up_beside_the_page(
    new_page, complaints, begun, river_provider, river_other_provider
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.evaluate("window.isSamePage = true")
    page.locator("#f-notes").press_sequentially("Half a ")
    wait_saved(page)
    end_sessions(river_provider)
    page.locator("#f-notes").press_sequentially("sentence")
    page.locator("#away", has_text="You were signed out").wait_for()
    wait_unsaved(page, "You were signed out")

    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in again here").click()
    sign_in_by_form(opening.value, river_other_provider)
    page.locator("#away", has_text="Somebody else signed in").wait_for()
    page.locator("#f-notes").press_sequentially(" and more")
    page.wait_for_timeout(1000)
    review.refresh_from_db()
    assert (review.notes, review.saved_by) == ("Half a ", river_provider)

    end_sessions(river_other_provider)
    page.bring_to_front()
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in again here").click()
    sign_in_by_form(opening.value, river_provider)
    wait_saved(page)
    expect(page.locator("#away")).to_be_hidden()
    expect_evaluated(page, "window.isSamePage", True)
    review.refresh_from_db()
    assert (review.notes, review.saved_by) == ("Half a sentence and more", river_provider)
    forgive(complaints, 401, 403)


def test_a_sign_in_in_another_tab_goes_unnoticed(new_page, complaints, begun, river_provider):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    end_sessions(river_provider)
    other = page.context.new_page()
    other.goto("/account/sign-in/")
    sign_in_by_form(other, river_provider)
    other.wait_for_url(lambda url: "sign-in" not in url)
    page.bring_to_front()
    page.locator("#f-notes").press_sequentially("Still here")
    wait_saved(page)
    review.refresh_from_db()
    assert review.notes == "Still here"
    expect(page.locator("#away")).to_be_hidden()
    forgive(complaints, 401, 403)


def reload(page):
    page.reload()
    page.locator("article.cc-household").wait_for()


def test_a_step_and_a_report_half_written_survive_a_reload(
    new_page, complaints, begun, households, river_provider
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#s-what").fill("Heron needs a ride")
    choose_person(page, "Pat Provider")
    page.get_by_label("Critical", exact=True).check()
    page.locator("#steps summary").click()
    page.get_by_label("In one line").fill("Left word with Heron")
    page.get_by_label("Status").select_option(label="Under way")
    page.wait_for_function("() => Object.keys(localStorage).some(name => name.includes('half:'))")
    page.wait_for_timeout(600)
    assert "Heron" not in kept_in(page, "half:")
    reload(page)
    expect(page.locator("#s-what")).to_have_value("Heron needs a ride")
    expect(page.get_by_label("Critical", exact=True)).to_be_checked()
    expect(page.get_by_label("In one line")).to_have_value("Left word with Heron")

    page.get_by_role("link", name="Ben Example").click()
    page.get_by_role("heading", name="Ben Example").wait_for()
    expect(page.locator("#s-what")).to_have_value("")
    reload(page)
    page.get_by_role("heading", name="Ana Example").wait_for()
    page.get_by_role("button", name="Save update", exact=True).click()
    page.locator("#steps", has_text="Under way: Left word with Heron").wait_for()
    accept_and_be_silent(page, "**/steps/add/")
    page.get_by_role("button", name="Assign step").click()
    page.locator("#e-__all__", has_text="the server did not answer").wait_for()
    page.wait_for_timeout(600)
    page.unroute_all()
    reload(page)
    page.get_by_role("button", name="Assign step").click()
    page.wait_for_function("() => document.getElementById('s-what').value === ''")
    page.wait_for_function("() => Object.keys(localStorage).length === 0")
    step = review.steps.get()
    assert (step.what, step.follow_up_person.user, step.is_critical) == (
        "Heron needs a ride",
        river_provider,
        True,
    )
    forgive(complaints, NETWORK)


def test_a_step_whose_answer_was_lost_is_changed_and_given(
    new_page, complaints, begun, river_provider
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.locator("#s-what").fill("Get the ID")
    choose_person(page, "Pat Provider")
    assign = page.get_by_role("button", name="Assign step")
    silent = page.locator("#e-__all__", has_text="the server did not answer")
    accept_and_be_silent(page, "**/steps/add/")
    assign.click()
    silent.wait_for()
    page.unroute_all()
    page.get_by_label("Critical", exact=True).check()
    accept_and_be_silent(page, "**/steps/add/")
    assign.click()
    silent.wait_for()
    page.unroute_all()
    page.locator("#s-what").fill("Get the ID and a photo")
    assign.click()
    page.locator("#e-__all__", has_text="sent before with other words").wait_for()
    assign.click()
    expect(page.locator("#s-what")).to_have_value("")
    steps = [(step.what, step.is_critical) for step in review.steps.order_by("created_at")]
    assert steps == [("Get the ID", True), ("Get the ID and a photo", True)]
    forgive(complaints, NETWORK, 422)


def test_what_came_too_late_for_the_call_is_offered_for_its_minutes(
    new_page, complaints, begun, river_provider, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.route(SAVE, unavailable)
    page.locator("#f-notes").fill("The landlord said yes.")
    wait_unsaved(page, "The server cannot be reached")
    page.locator("#s-what").fill("Sign the lease")
    page.wait_for_timeout(600)
    close_call(call, carries_over=True, actor=river_specialist, now=timezone.now())
    page.locator("#away", has_text="What you wrote last came too late for it").wait_for()
    page.unroute_all()
    page.get_by_role("button", name="Add it to the minutes").click()
    offer = page.get_by_role("region", name="What you typed last came too late for the call")
    offer.wait_for()
    words = "Notes: The landlord said yes.\nStep, not assigned: Sign the lease; due"
    expect(offer.locator(".cc-pre")).to_contain_text(words)
    expect(offer.get_by_role("heading", name="Ana Example")).to_be_visible()
    offer.get_by_role("link", name="Add it to the minutes").click()
    area = page.get_by_label("What to add or correct")
    expect(area).to_have_value(re.compile(f"^{re.escape(words)}"))
    area.fill("The landlord said yes; the lease is to be signed.")
    page.get_by_role("button", name="Add to the minutes").click()
    page.get_by_text("Added to the minutes.").wait_for()
    page.wait_for_function("() => Object.keys(localStorage).length === 0")
    expect(page).to_have_url(re.compile(f"/meetings/{call.pk}/minutes/$"))
    expect(offer).to_have_count(0)
    addendum = call.addenda.get()
    assert (addendum.review, addendum.by) == (review, river_provider)
    assert addendum.words == "The landlord said yes; the lease is to be signed."
    forgive(complaints, 410, 503)


def test_what_came_too_late_is_offered_to_nobody_else_and_can_be_discarded(
    new_page, complaints, begun, river_provider, river_specialist, live_server
):
    call, _review = begun
    page = open_call(new_page, call, river_provider)
    page.route(SAVE, unavailable)
    page.locator("#f-notes").fill("The landlord said yes.")
    wait_unsaved(page, "The server cannot be reached")
    close_call(call, carries_over=True, actor=river_specialist, now=timezone.now())
    page.locator("#away", has_text="came too late").wait_for()
    page.unroute_all()
    sign_in(page.context, river_specialist, live_server.url)
    minutes = f"/meetings/{call.pk}/minutes/"
    page.goto(minutes)
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).not_to_contain_text("The landlord")
    sign_in(page.context, river_provider, live_server.url)
    page.goto(minutes)
    page.get_by_role("button", name="Discard it").click()
    page.get_by_role("button", name="Press again to discard it for good").click()
    page.locator("#left-over").wait_for(state="hidden")
    expect_evaluated(page, "({...localStorage})", {})
    assert not call.addenda.exists()
    forgive(complaints, 410, 503)


def test_what_is_kept_opens_for_nobody_after_the_sign_out(
    new_page, complaints, begun, river_provider, live_server
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.route(SAVE, unavailable)
    page.locator("#f-notes").fill("Not for the next one at this desk")
    wait_unsaved(page, "The server cannot be reached")
    assert "Not for the next" not in kept_in(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/account/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    page.unroute(SAVE)
    sign_in(page.context, river_provider, live_server.url)
    page.goto(address(call))
    page.locator("#f-notes").wait_for()
    expect(page.locator("#f-notes")).to_have_value("")
    expect_evaluated(page, "({...localStorage})", {})
    review.refresh_from_db()
    assert review.notes == ""
    forgive(complaints, 503)
