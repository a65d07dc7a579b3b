"""A person is typed, and a line of the notes is offered as a step."""

import re

import pytest
from playwright.sync_api import expect

from conferencing.models import ActionItem
from conferencing.tests.hour import forgive, open_call, wait_saved
from conferencing.tests.waiting import evaluated, expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHO = "#s-person-typed"
PEOPLE = [
    {"name": "Paj Vang", "agency": "Bridge Housing", "isHere": True},
    {"name": "Ana María Núñez", "agency": "Legal Aid", "isHere": False},
    {"name": "Sam Lee", "agency": "Anchor", "isHere": True},
    {"name": "Sam Ortiz", "agency": "Anchor", "isHere": True},
    {"name": "Kim Ek", "agency": "County", "isHere": True},
    {"name": "Kim Yang", "agency": "County", "isHere": False},
]
# A Wednesday.
TODAY = "2026-12-02"
STEP_IN = """async ([line, people, today]) => {
    const { stepIn } = await import("/static/js/call/said.js");
    const found = stepIn(line, people, new Date(`${today}T12:00`));
    return found && [found.what, found.person?.name ?? null, found.due];
}"""
STEPS = [
    (
        "Paj calls the landlord by Friday",
        ["Call the landlord", "Paj Vang", "2026-12-04"],
    ),
    ("Paj Vang: call the landlord", ["Call the landlord", "Paj Vang", None]),
    ("- paj will bring the papers tomorrow.", ["Bring the papers", "Paj Vang", "2026-12-03"]),
    (
        "Ana Maria Nunez applies for SSI before 12/15",
        ["Apply for SSI", "Ana María Núñez", "2026-12-15"],
    ),
    ("Ana reaches out to VA in two weeks", ["Reach out to VA", "Ana María Núñez", "2026-12-16"]),
    (
        "Legal Aid to review the lease by Jan 4",
        ["Review the lease", "Ana María Núñez", "2027-01-04"],
    ),
    ("Sam sends the letter by the 1st", ["Send the letter", None, "2027-01-01"]),
    (
        "Sam Ortiz goes to the bank next Friday",
        ["Go to the bank", "Sam Ortiz", "2026-12-11"],
    ),
    ("Kim does the intake today", ["Do the intake", "Kim Ek", "2026-12-02"]),
    (
        "Paj fixes the form by the end of the month",
        ["Fix the form", "Paj Vang", "2026-12-31"],
    ),
    ("Paj needs to see the unit by Wed", ["See the unit", "Paj Vang", "2026-12-09"]),
]
NO_STEPS = [
    "Wants to see the unit before applying.",
    "Paj says the motel is paid through Friday",
    "Paj",
    "Paj calls",
    "Paj was at the meeting on Friday",
    "Pajo calls the landlord",
    "Household calls the landlord by Friday",
    "Ana is hopeful",
    "Paj: the motel is paid through Friday",
    "Paj: not before Friday",
    "Paj, who knows the family, calls the landlord",
    "",
]


def test_what_is_only_said_is_no_step(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    for line in NO_STEPS:
        expect_evaluated(page, STEP_IN, None, arg=[line, PEOPLE, TODAY])


def test_a_line_with_a_person_and_a_verb_is_a_step(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    for line, step in STEPS:
        expect_evaluated(page, STEP_IN, step, arg=[line, PEOPLE, TODAY])


def test_a_line_of_the_notes_is_offered_and_taken_by_one_key(new_page, begun, river_provider):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.locator("#f-notes").focus()
    page.keyboard.type("Wants to see the unit first.\nPat calls the landlord by 12/31")
    page.locator("#offer").wait_for()
    expect(page.locator("#offer-words")).to_have_text(
        re.compile(r"^Pat Provider by \w+, Dec 31: Call the landlord$")
    )
    assert not review.steps.exists()
    page.keyboard.press("Control+Enter")
    page.locator("#given", has_text="Call the landlord").wait_for()
    expect(page.locator("#f-notes")).to_be_focused()
    expect(page.locator("#offer")).to_be_hidden()
    expect(page.locator(WHO)).to_have_value("")
    wait_saved(page)
    [step] = review.steps.all()
    assert (step.what, step.follow_up_person.user) == ("Call the landlord", river_provider)
    assert (step.due_on.month, step.due_on.day) == (12, 31)
    review.refresh_from_db()
    assert "Pat calls the landlord by 12/31" in review.notes


def test_a_line_that_was_declined_is_not_offered_again(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    page.locator("#f-notes").focus()
    page.keyboard.type("Pat calls the landlord")
    page.locator("#offer").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#offer")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Pat asks the county")
    expect(page.locator("#offer-words")).to_contain_text("Ask the county")
    assert not ActionItem.objects.filter(what__isnull=False, review=begun[1]).exists()


def test_a_step_that_is_being_written_is_not_overwritten(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    page.locator("#s-what").fill("Order a birth certificate")
    page.locator("#f-notes").focus()
    page.keyboard.type("Pat calls the landlord")
    page.locator("#offer").wait_for()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#s-what")).to_have_value("Order a birth certificate")
    expect(page.locator("#e-__all__")).to_contain_text("being written")


def test_a_person_is_typed_by_name_or_agency(new_page, begun, river_provider, complaints):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    who = page.locator(WHO)
    page.locator("#s-what").fill("Call the landlord")
    who.focus()
    page.keyboard.type("pro pat")
    rows = page.locator("#s-person-typed-list [role=option]")
    expect(rows).to_have_count(1)
    expect(who).to_have_attribute("aria-expanded", "true")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(who).to_have_value("Pat Provider")
    expect(who).to_have_attribute("aria-expanded", "false")
    who.focus()
    page.keyboard.type("nobody of this name")
    expect(rows).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#e-follow_up_person")).to_have_text("Choose who follows up.")
    expect(who).to_be_focused()
    assert not review.steps.exists()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows.first).to_be_hidden()
    forgive(complaints, 422)


def test_a_navigator_is_typed_and_saved(new_page, begun, river_provider):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    page.keyboard.press("Alt+Digit7")
    navigator = page.locator("#f-navigator-typed")
    navigator.fill("pat")
    navigator.press("Enter")
    expect(navigator).to_have_value("Pat Provider")
    wait_saved(page)
    review.refresh_from_db()
    assert review.navigator.user == river_provider
    navigator.fill("nobody of this name")
    navigator.press("Tab")
    expect(navigator).to_have_value("Pat Provider")
    navigator.fill("")
    navigator.press("Tab")
    wait_saved(page)
    review.refresh_from_db()
    assert review.navigator is None


def test_the_one_that_the_arrows_led_to_is_taken(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    who, rows = page.locator(WHO), page.locator("#s-person-typed-list [role=option]")
    who.focus()
    for place in range(2):
        for _ in range(place + 1):  # the first one opens the list
            page.keyboard.press("ArrowDown")
        expect(rows.nth(place)).to_have_attribute("aria-selected", "true")
        led_to = evaluated(rows.nth(place), "(row) => row.firstChild.data")
        page.keyboard.press("Enter")
        expect(who).to_have_value(led_to)


@pytest.mark.usefixtures("river_lead")
def test_who_only_leaves_the_field_chooses_nobody_of_several(new_page, begun, river_provider):
    page = open_call(new_page, begun[0], river_provider)
    who = page.locator(WHO)
    who.press_sequentially("bridge")
    expect(page.locator("#s-person-typed-list [role=option]").nth(1)).to_be_visible()
    page.locator("#f-notes").focus()
    expect(who).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#s-person")).to_have_value("")


@pytest.mark.usefixtures("river_lead")
def test_nobody_is_sent_whom_nobody_has_read(new_page, complaints, begun, river_provider):
    """Two are meant; the form is sent by a key before one of them stands in the field."""
    _call, review = begun
    page = open_call(new_page, begun[0], river_provider)
    page.locator("#s-what").fill("Call the landlord")
    page.locator(WHO).press_sequentially("bridge")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#e-follow_up_person")).to_have_text("Choose who follows up.")
    assert not review.steps.exists()
    forgive(complaints, 422)


def test_a_line_that_nobody_has_read_as_a_step_is_only_shown(new_page, begun, river_provider):
    _call, review = begun
    page = open_call(new_page, begun[0], river_provider)
    notes = page.locator("#f-notes")
    notes.fill("Pat calls the landlord by 12/31")
    notes.press("Control+Enter")
    page.locator("#offer").wait_for()
    assert not review.steps.exists()
    notes.press("Control+Enter")
    page.locator("#given", has_text="Call the landlord").wait_for()
    page.reload()
    page.locator("#given", has_text="Call the landlord").wait_for()
    notes.press("End")
    notes.press("Control+Enter")
    page.keyboard.type("\nPat asks the county")
    expect(page.locator("#offer-words")).to_contain_text("Ask the county")
    assert len(review.steps.all()) == 1
