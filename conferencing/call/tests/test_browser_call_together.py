"""Several people on one call page: two who write, one who moves on, one who only reads."""

import re

import pytest
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.call.acts import put_on_table
from conferencing.tests.factories import make_step, review_of
from conferencing.tests.hour import (
    NETWORK,
    address,
    forgive,
    go_on,
    open_call,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.waiting import expect_evaluated, words_of
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVE = "**/save/"


def test_two_who_write_on_one_household_lose_nothing(
    new_page, complaints, begun, river_provider, river_specialist, river_other_provider
):
    call, review = begun
    taking = open_call(new_page, call, river_provider)
    helping = open_call(new_page, call, river_specialist)
    reading = open_call(new_page, call, river_other_provider)

    taking.locator("#f-notes").fill("From the note taker.")
    helping.locator("#f-safety").fill("From the specialist.")
    wait_saved(taking)
    wait_saved(helping)
    for page in (taking, helping):
        page.wait_for_function(
            "() => document.getElementById('f-notes').value === 'From the note taker.' &&"
            " document.getElementById('f-safety').value === 'From the specialist.'"
        )
        expect(page.locator("#conflict")).to_be_hidden()
    reading.locator("[data-words=safety]", has_text="From the specialist.").wait_for()

    # the same text, while the specialist's network is slow
    helping.route(SAVE, lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator("#f-notes").fill("What the specialist heard.")
    wait_unsaved(helping, "The server cannot be reached")
    taking.locator("#f-notes").fill("What the note taker heard.")
    wait_saved(taking)
    helping.unroute_all()
    dialog = helping.get_by_role("dialog", name="Somebody else wrote here meanwhile")
    for words in (
        "Pat Provider saved Ana Example after you began to write.",
        "What the specialist heard.",
        "What the note taker heard.",
    ):
        expect(dialog).to_contain_text(words)
    helping.keyboard.press("Escape")
    helping.keyboard.press("Escape")
    expect(dialog).to_be_visible()  # it takes no key, that one neither
    dialog.get_by_role("button", name="Take both").click()
    dialog.get_by_role("button", name="Save what I chose").click()
    wait_saved(helping)
    both = "What the note taker heard.\nWhat the specialist heard."
    review.refresh_from_db()
    assert (review.notes, review.safety) == (both, "From the specialist.")
    taking.wait_for_function("text => document.getElementById('f-notes').value === text", arg=both)
    reading.locator("[data-words=notes]", has_text="What the specialist heard.").wait_for()
    forgive(complaints, 409, NETWORK)


def test_who_reads_no_name_writes_on_whatever_others_save(
    new_page, complaints, begun, river_other_agency, region_2, river_provider, river_specialist
):
    call, review = begun
    make_participant(river_other_agency, region_2, name="Xochitl Tlapa")
    taking = open_call(new_page, call, river_provider)
    helping = open_call(new_page, call, river_specialist)
    field = taking.locator("#f-notes")
    helping.locator("#f-notes").fill("Xochitl Tlapa has her keys.")
    expect(field).to_have_value(re.compile(r"\[name withheld \d{4}\] has her keys\."))
    field.press_sequentially(" She waits.")
    wait_saved(taking)
    helping.locator("#f-preferences").fill("A quiet street")
    expect(taking.locator("#f-preferences")).to_have_value("A quiet street")
    field.press_sequentially(" He called.")
    expect(helping.locator("#f-notes")).to_have_value(re.compile("He called"))
    wait_saved(taking)
    review.refresh_from_db()
    assert review.notes == "Xochitl Tlapa has her keys. She waits. He called."
    forgive(complaints, 409)  # how often two who write meet is a matter of how quick the machine is


def test_the_call_moves_on_while_the_note_taker_is_typing(
    new_page, begun, households, river_provider, river_other_provider
):
    call, review = begun
    writing = open_call(new_page, call, river_provider)
    steering = open_call(new_page, call, river_other_provider)
    writing.locator("#f-notes").press_sequentially("Half a thought")
    go_on(steering)
    steering.get_by_role("heading", name="Ben Example").wait_for()
    writing.locator("#moved-on", has_text="The call has moved on").wait_for()
    expect(writing.locator("#f-notes")).to_be_focused()
    writing.keyboard.type(", and the rest of it")
    wait_saved(writing)
    review.refresh_from_db()
    assert review.notes == "Half a thought, and the rest of it"

    writing.locator("#s-what").fill("Call the shel")
    writing.get_by_role("button", name="Go there").click()
    writing.get_by_role("heading", name="Ben Example").wait_for()
    expect(writing.locator("#moved-on")).to_have_count(0)
    expect(writing.locator("#s-what")).to_have_value("")
    writing.locator("#f-notes").fill("Of Ben.")
    wait_saved(writing)
    writing.get_by_role("link", name="Ana Example").click()
    writing.get_by_role("heading", name="Ana Example").wait_for()
    expect(writing.locator("#s-what")).to_have_value("Call the shel")
    review.refresh_from_db()
    assert review.notes == "Half a thought, and the rest of it"
    assert review_of(call, households[1]).notes == "Of Ben."


# The first answer about a household comes when `release()` is called.
HOLD = """review => {
  const usual = window.fetch;
  const released = new Promise((done) => { window.release = done; });
  window.fetch = async (...asked) => {
    if (String(asked[0]).endsWith(`/reviews/${review}/`)) {
      window.fetch = usual;
      await released;
    }
    return usual(...asked);
  };
}"""


def address_of(review):
    return f"**/reviews/{review.pk}/"


def test_who_goes_to_another_household_arrives_there_though_rights_change_on_the_way(
    new_page, begun, river_agency, region_2, households, river_provider
):
    call, _review = begun
    goal = review_of(call, households[1])
    page = open_call(new_page, call, river_provider)
    page.evaluate(HOLD, str(goal.pk))
    page.get_by_role("link", name="Ben Example").click()
    with page.expect_response("**/reviews/**"):  # what the page asks for as rights change
        make_participant(river_agency, region_2, name="Zora Safehaven")
    with page.expect_response(address_of(goal)):  # what was asked for at first
        expect_evaluated(page, "(release(), true)", True)
    expect(page.get_by_role("heading", name="Ben Example")).to_be_visible()


def test_who_could_not_go_to_another_household_stays_where_they_are_as_rights_change(
    new_page, complaints, begun, river_agency, region_2, households, river_provider
):
    call, review = begun
    goal = address_of(review_of(call, households[1]))
    page = open_call(new_page, call, river_provider)
    page.route(goal, lambda route: route.abort())
    page.get_by_role("link", name="Ben Example").click()
    page.get_by_text("The household was not opened").first.wait_for()
    page.unroute(goal)
    with page.expect_response(address_of(review)):
        make_participant(river_agency, region_2, name="Zora Safehaven")
    expect(page.get_by_role("heading", name="Ana Example")).to_be_visible()
    forgive(complaints, NETWORK)


def test_careful_words_are_hinted_at_and_whereabouts_refused(
    new_page,
    complaints,
    call,
    begun,
    river_vsp_agency,
    region_2,
    river_provider,
    river_other_provider,
    river_specialist,
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.locator("#f-notes").fill("Diagnosed with PTSD last year.")
    hint = page.locator("#hint-notes")
    hint.wait_for()
    wait_unsaved(page, "see the note under")
    expect(page.locator("#f-notes")).to_have_attribute("aria-describedby", "notes-how hint-notes")
    review.refresh_from_db()
    assert review.notes == ""
    page.keyboard.press("Alt+Digit8")
    page.locator("#discuss-error", has_text="not saved yet").wait_for()
    hint.get_by_role("button", name="Keep it as it is").click()
    wait_saved(page)
    hint.wait_for(state="detached")
    expect(page.locator("#f-notes")).to_be_focused()
    review.refresh_from_db()
    assert review.notes == "Diagnosed with PTSD last year."

    confidential = make_participant(river_vsp_agency, region_2, alias="Harbor-1")
    call.reviews.create(participant=confidential)
    call.roster.create(participant=confidential, position=9, source="proposed", reasons=[])
    theirs = review_of(call, confidential)
    put_on_table(call, theirs, actor=river_specialist, now=call.starts_at)
    page.get_by_role("button", name="Go there").click()
    reading = open_call(new_page, call, river_other_provider)
    page.get_by_role("heading", name="Harbor-1").wait_for()
    expect(page.locator("#f-location_words")).to_have_count(0)
    page.locator("#f-notes").fill("Staying at 412 Oak St")
    hint.wait_for()
    expect(hint.get_by_role("button")).to_have_count(0)
    wait_unsaved(page, "see the note under")
    page.locator("#f-preferences").fill("A quiet room")
    reading.locator("[data-words=preferences]", has_text="A quiet room").wait_for()
    theirs.refresh_from_db()
    assert (theirs.notes, theirs.preferences) == ("", "A quiet room")
    wait_unsaved(page, "see the note under")
    page.locator("#f-notes").fill("Safe for now")
    wait_saved(page)
    theirs.refresh_from_db()
    assert theirs.notes == "Safe for now"
    forgive(complaints, 422)


FOCUS = "() => document.activeElement.id || document.activeElement.dataset.unchanged"


def expect_focus(page, place):
    """On the element with this id, or on the "Unchanged" of this element."""
    expect_evaluated(page, FOCUS, place)


def press_until(page, key, goal, most=80):
    """Press a key until the focus is on the element with this id; a frame later it has moved."""
    passed = []
    for _ in range(most):
        page.wait_for_function("() => true", polling="raf")
        passed.append(page.evaluate(FOCUS))
        if passed[-1] == goal:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{goal} is not reached by {key}; the focus was on {passed}")


def test_a_household_is_done_with_the_keyboard_alone(
    new_page, complaints, call, households, river_provider, river_specialist
):
    page = new_page(river_specialist)
    page.goto(address(call))
    page.get_by_role("button", name="Begin the call").focus()
    page.keyboard.press("Enter")
    page.locator("#people li").first.wait_for(state="attached")  # the scripts are at work
    press_until(page, "Tab", "keys-open")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    expect_focus(page, "keys-open")
    page.keyboard.type("nnndd1")
    expect(page.locator("article.cc-household")).to_have_count(0)
    page.keyboard.press("Alt+Digit9")
    page.get_by_role("heading", name="Ana Example").wait_for()
    expect_focus(page, "keys-open")

    page.locator("[data-unchanged=location]").focus()
    for name in ("preferences", "barriers", "safety", "f-notes"):
        page.keyboard.press("Alt+Period")
        expect_focus(page, name)
    page.keyboard.type("All as before. n d 1")
    page.keyboard.press("Alt+Digit6")
    expect_focus(page, "s-what")
    page.keyboard.type("Ask the landlord")
    page.keyboard.press("Tab")
    page.keyboard.type("Pat")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("#given", has_text="Ask the landlord").wait_for()
    expect_focus(page, "s-what")
    page.keyboard.press("Alt+Digit8")
    page.get_by_role("button", name="Open it again").wait_for()
    review = review_of(call, households[0])
    marks = [
        getattr(review, f"{name}_changed")
        for name in ("location", "preferences", "barriers", "safety")
    ]
    assert marks == ["unchanged"] * 4
    assert (review.notes, review.outcome) == ("All as before. n d 1", "discussed")

    attendance = call.attendances.get(user=river_provider)
    page.locator("#people-open").focus()
    page.keyboard.press("Enter")
    press_until(page, "Tab", f"present-{attendance.pk}")
    page.keyboard.press("Enter")
    page.locator(f"#absent-{attendance.pk}").wait_for()
    page.wait_for_function("() => document.activeElement.id.startsWith('absent-')")
    heard = page.locator(f"#heard-{attendance.pk}")
    number = page.locator("#people li", has=heard).locator("kbd")
    page.keyboard.press(f"Alt+Shift+Digit{words_of(number)}")
    heard.filter(has_text="1×").wait_for()
    expect_focus(page, f"absent-{attendance.pk}")


def test_a_report_that_is_being_typed_survives_what_the_others_do(
    new_page, begun, river_provider, river_specialist
):
    call, _review = begun
    writing = open_call(new_page, call, river_provider)
    coming = open_call(new_page, call, river_specialist)
    writing.locator("#steps summary").click()
    line = writing.get_by_label("In one line")
    line.press_sequentially("The certficate is in")
    for _ in range(len("ficate is in")):
        writing.keyboard.press("ArrowLeft")
    coming.get_by_role("button", name="I am here").click()
    here = writing.locator("#people li", has_text="Sam Specialist")
    here.locator("[id^=absent-]").wait_for(state="attached")
    writing.wait_for_timeout(300)
    expect(line).to_be_focused()
    writing.keyboard.type("i")
    expect(line).to_have_value("The certificate is in")
    writing.get_by_label("Status").select_option(label="Done")
    writing.get_by_role("button", name="Save update", exact=True).click()
    writing.locator("#steps", has_text="Done: The certificate is in").wait_for()
    expect_evaluated(
        writing, "document.getElementById('steps').contains(document.activeElement)", True
    )


def test_what_was_taken_back_or_moved_comes_back_by_a_press_for_everybody(
    new_page, begun, river_provider, river_other_provider, river_specialist
):
    call, review = begun
    place = StaffMember.objects.get(user=river_provider)
    step = make_step(
        review.participant, place.agency, person=place, review=review, what="Ask the bank"
    )
    page = open_call(new_page, call, river_specialist)
    reading = open_call(new_page, call, river_other_provider)
    expect(reading.locator("#given")).to_contain_text(step.what)

    page.locator(f"#remove-{step.pk}").click()
    box = page.locator("#away")
    expect(box).to_contain_text("The step is taken back.")
    expect(reading.locator("#given")).not_to_contain_text(step.what)
    expect(page.locator("#agenda .cc-undo")).to_contain_text("You took back a step.")
    box.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#remove-{step.pk}")).to_be_visible()
    expect(reading.locator("#given")).to_contain_text(step.what)
    expect(page.locator("#told")).to_have_text("Undone.")
    expect(page.locator("#household")).to_be_focused()
    expect(page.locator("#agenda .cc-undo")).to_have_count(0)

    rows = page.locator(".cc-agenda__link")
    before = ["Ana Example", "Ben Example", "Heron-3"]
    expect(rows).to_have_text(before)
    page.locator(f"#more-{review.pk}").click()
    page.get_by_role("button", name="Move down").locator("visible=true").click()
    expect(reading.locator(".cc-agenda__link")).to_have_text(
        ["Ben Example", "Ana Example", "Heron-3"]
    )
    page.reload()  # the offer lasts as long as the sign-in
    page.locator("article.cc-household").wait_for()
    agenda = page.locator("#agenda")
    expect(agenda.locator(".cc-undo")).to_contain_text("You moved number 1 down on the agenda.")
    agenda.get_by_role("button", name="Undo").click()
    expect(rows).to_have_text(before)
    expect(reading.locator(".cc-agenda__link")).to_have_text(before)
    expect(page.locator("#agenda")).to_be_focused()
