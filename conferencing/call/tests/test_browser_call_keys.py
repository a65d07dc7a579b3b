"""Keys, focus, what stays in sight, and text of twice the size, on the page of a call."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.call.acts import begin_call
from conferencing.models import ActionItem
from conferencing.tests.browser import NARROW, WIDE
from conferencing.tests.factories import make_attendance, make_step
from conferencing.tests.hour import (
    NETWORK,
    address,
    forgive,
    open_call,
    review_of,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.waiting import evaluated, expect_evaluated, words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVE = "**/save/"


def saved_by_somebody_else(taking, helping, field, words):
    """While the helper's network is slow, the note taker saves another text in the same field."""
    helping.route(SAVE, lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator(field).fill("What the helper heard")
    wait_unsaved(helping, "The server cannot be reached")
    taking.locator(field).fill(words)
    wait_saved(taking)
    helping.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("choice", ["Take theirs", "Take mine", "Take both"])
def test_the_conflict_takes_no_key_and_what_is_typed_on_is_merged(
    new_page, complaints, begun, river_provider, river_specialist, choice
):
    call, review = begun
    taking = open_call(new_page, call, river_provider)
    helping = open_call(new_page, call, river_specialist)
    saved_by_somebody_else(taking, helping, "#f-notes", "Theirs")
    helping.locator("#f-notes").focus()
    helping.keyboard.press("End")
    dialog = helping.get_by_role("dialog", name="Somebody else wrote here meanwhile")
    expect(dialog).to_be_visible()
    expect(helping.locator("#f-notes")).to_be_focused()
    helping.keyboard.type(" and more")
    expect(helping.locator("#f-notes")).to_have_value("What the helper heard and more")
    dialog.get_by_role("button", name=choice).click()
    helping.locator("#f-notes").focus()
    helping.keyboard.press("End")
    helping.keyboard.type(" later on")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Save what I chose").click()
    wait_saved(helping)
    mine = "What the helper heard and more later on"
    expected = {
        "Take theirs": "Theirs later on",
        "Take mine": mine,
        "Take both": f"Theirs\n{mine}",
    }[choice]
    review.refresh_from_db()
    assert review.notes == expected
    expect(helping.locator("#f-notes")).to_have_value(expected)
    forgive(complaints, 409, NETWORK)


def test_the_conflict_is_reached_by_key_and_a_choice_is_shown_in_its_words(
    new_page, complaints, begun, river_provider, river_specialist
):
    call, review = begun
    taking = open_call(new_page, call, river_provider)
    helping = open_call(new_page, call, river_specialist)
    helping.route(SAVE, lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator("#f-location").select_option("hotel")
    wait_unsaved(helping, "The server cannot be reached")
    taking.locator("#f-location").select_option("housed")
    wait_saved(taking)
    helping.unroute_all(behavior="ignoreErrors")
    dialog = helping.get_by_role("dialog", name="Somebody else wrote here meanwhile")
    expect(dialog).to_contain_text("Hotel or motel")
    expect(dialog).to_contain_text("Permanent housing")
    expect(dialog.get_by_role("button", name="Take both")).to_have_count(0)
    helping.keyboard.press("Alt+KeyC")
    expect(dialog.get_by_role("button", name="Take theirs")).to_be_focused()
    helping.keyboard.press("Enter")
    dialog.get_by_role("button", name="Save what I chose").click()
    expect(dialog).to_be_hidden()
    expect(helping.locator("#f-location")).to_have_value("housed")
    expect(helping.locator("#save-words")).to_have_text("Nothing to save")
    review.refresh_from_db()
    assert review.location == "housed"
    forgive(complaints, 409, NETWORK)


def test_words_held_back_say_where_they_are_from_every_household_and_before_closing(
    new_page, complaints, begun, households, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#f-safety").fill("Diagnosed with PTSD last year.")
    wait_unsaved(page, "see the note under “Current safety”")
    page.get_by_role("button", name="Next household").click()
    page.get_by_role("heading", name="Ben Example").wait_for()
    wait_unsaved(page, "see the note under “Current safety” of Ana Example")
    page.get_by_role("link", name="Close the call").click()
    told = page.get_by_role("region", name="Words you typed are not saved yet")
    told.get_by_role("link", name="Ana Example").click()
    page.get_by_role("heading", name="Ana Example").wait_for()
    expect(page.locator("#f-safety")).to_have_value("Diagnosed with PTSD last year.")
    page.locator(f"#to-{review_of(call, households[2]).pk}").click()
    page.get_by_role("heading", name="Heron-3").wait_for()
    page.get_by_role("button", name="Go there").click()
    expect(page.locator("#f-safety")).to_be_focused()
    page.get_by_role("button", name="Keep it as it is").click()
    wait_saved(page)
    review.refresh_from_db()
    assert review.safety == "Diagnosed with PTSD last year."
    forgive(complaints, 422)


def test_a_refusal_is_in_sight_with_a_way_on_and_success_is_told(
    new_page, complaints, begun, river_specialist, river_provider
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    page.locator("#f-preferences").focus()
    page.keyboard.press("Alt+KeyD")
    box = page.locator("#away")
    expect(box).to_contain_text("Assign a step with a follow-up person")
    expect(page.locator("#f-preferences")).to_be_focused()
    box.get_by_role("button", name="Go to the new step").click()
    expect(page.locator("#s-what")).to_be_focused()
    place = StaffMember.objects.get(user=river_provider)
    make_step(review.participant, place.agency, person=place, review=review)
    page.keyboard.press("Alt+KeyD")
    expect(page.locator("#told")).to_have_text("Marked discussed: Ana Example")
    expect(page.locator("#call-announce")).to_have_text("Marked discussed: Ana Example")
    forgive(complaints, 422)


def test_next_says_whom_it_leaves_unfinished(new_page, begun, river_specialist, river_provider):
    call, _review = begun
    page = open_call(new_page, call, river_specialist)
    page.keyboard.press("Alt+KeyN")
    page.get_by_role("heading", name="Ben Example").wait_for()
    box = page.locator("#away")
    expect(box).to_contain_text("Left open: Ana Example. Assign a step")
    box.get_by_role("button", name="Go back to it").click()
    page.get_by_role("heading", name="Ana Example").wait_for()


def test_keys_lead_to_the_notes_and_to_the_first_element_that_is_not_confirmed(
    new_page, begun, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    page.keyboard.press("Alt+KeyW")
    expect(page.locator("#f-notes")).to_be_focused()
    for _ in range(4):
        page.locator("#keys-open").focus()
        page.keyboard.press("Alt+KeyU")
    wait_saved(page)
    review.refresh_from_db()
    marks = {
        name: getattr(review, f"{name}_changed")
        for name in ("location", "preferences", "barriers", "safety")
    }
    assert marks == dict.fromkeys(marks, "unchanged")


def test_numbers_stay_with_their_people_as_others_come_and_go(
    new_page, begun, river_specialist, river_provider
):
    call, _review = begun
    for name in ("Mia Middle", "Nat Next"):
        make_attendance(call, name=name, organization="Middle Shelter", kind="walk_in")
    page = open_call(new_page, call, river_specialist)
    row = page.locator("#people li", has_text="Nat Next")
    expect(row.locator("kbd")).to_be_visible()
    number = words_of(row.locator("kbd"))
    coming = open_call(new_page, call, river_provider)
    make_attendance(call, name="Abe Above", organization="AAA Shelter", kind="walk_in")
    coming.get_by_role("button", name="I am here").click()
    expect(page.locator("#people li", has_text="Abe Above").locator("kbd")).to_be_visible()
    expect(row.locator("kbd")).to_have_text(number)
    page.keyboard.press(f"Alt+Digit{number}")
    expect(row.get_by_role("button", name="Heard 1×")).to_be_visible()
    page.reload()
    expect(row.locator("kbd")).to_have_text(number)


def test_jump_links_take_the_focus_along(new_page, begun, river_specialist):
    call, _review = begun
    page = open_call(new_page, call, river_specialist)
    goals = evaluated(
        page,
        "() => [...document.querySelectorAll(`main a[href^='#']`)].map((a) => a.hash.slice(1))",
    )
    for goal in goals:
        page.locator(f"main a[href='#{goal}']").first.evaluate("(each) => each.click()")
        expect(page.locator(f"[id='{goal}']")).to_be_focused()


def test_each_field_of_a_household_has_a_name_of_its_own(new_page, begun, river_specialist):
    call, _review = begun
    page = open_call(new_page, call, river_specialist)
    names = evaluated(
        page,
        """() => [...document.querySelectorAll('#household [data-field]')].map(
            (field) => [...field.labels].map(
                (each) => each.textContent.trim().replace(/\\s+/g, ' ')).join(' '))""",
    )
    assert all(names)
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("who", ["facilitator", "reader", "note taker"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_households_name_stays_below_the_bar_and_the_next_one_begins_at_its_top(
    new_page,
    call,
    households,
    river_provider,
    river_other_provider,
    river_lead,
    river_specialist,
    who,
    size,
):
    user = {
        "facilitator": river_other_provider,
        "note taker": river_provider,
        "reader": river_lead,
    }[who]
    begin_call(call, actor=river_other_provider, now=timezone.now())
    steering = new_page(river_specialist)
    steering.goto(address(call))
    steering.get_by_role("button", name="Next household").click()
    page = open_call(new_page, call, user, viewport=size)
    page.locator("#people li").first.wait_for()
    place = """() => {
        const name = document.querySelector('.cc-household__name').getBoundingClientRect();
        const bar = document.getElementById('call-bar').getBoundingClientRect();
        return { isBelow: name.top >= bar.bottom - 1, isInSight: name.bottom < innerHeight };
    }"""
    page.locator("#outcome").scroll_into_view_if_needed()
    page.wait_for_function(
        f"() => {{ const at = ({place})(); return at.isBelow && at.isInSight; }}"
    )
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    steering.get_by_role("button", name="Next household").click()
    page.locator("article.cc-household h2", has_text="Ben Example").or_(
        page.locator("article.cc-household h2", has_text="Heron-2")
    ).wait_for()
    page.wait_for_function(
        f"""() => {{ const at = ({place})();
        const head = document.querySelector('.cc-household__head').getBoundingClientRect();
        const name = document.querySelector('.cc-household__name').getBoundingClientRect();
        return at.isBelow && at.isInSight && head.top >= name.bottom - 2; }}"""
    )


@pytest.mark.parametrize("who", ["note taker", "facilitator"])
@pytest.mark.parametrize("width", [1280, 1024, 768])
def test_text_of_twice_the_size_leaves_room_for_the_household(
    new_page, begun, river_provider, river_other_provider, who, width
):
    call, _review = begun
    user = river_provider if who == "note taker" else river_other_provider
    page = open_call(new_page, call, user, viewport={"width": width, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_function(
        "() => document.getElementById('household').offsetWidth > innerWidth * 0.6"
    )
    page.wait_for_function("() => document.scrollingElement.scrollWidth <= innerWidth")
    expect_evaluated(
        page,
        "() => [...document.querySelectorAll('#household :is(input, select, textarea, button)')]"
        ".filter((each) => each.checkVisibility() && each.type !== 'hidden'"
        " && each.getBoundingClientRect().width < 20).map((each) => each.id)",
        [],
    )


# Choices whose words are wider than the room they have: a list shows the first of them at least.
CUT = """() => [...document.querySelectorAll('main select')].filter((select) => {
    if (!select.checkVisibility()) return false;
    const style = getComputedStyle(select);
    const words = document.createElement('span');
    words.style.cssText = 'position: absolute; white-space: pre; visibility: hidden';
    words.style.font = style.font;
    words.textContent = select.selectedOptions[0]?.textContent.trim() ?? '';
    document.body.append(words);
    const beside = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const room = select.clientWidth - beside;
    const isCut = words.getBoundingClientRect().width > room + 1;
    words.remove();
    return isCut;
}).map((select) => select.id)"""


@pytest.mark.parametrize("width", [1280, 1024, 768, 390, 320])
def test_each_list_of_choices_shows_the_whole_words_that_are_chosen(
    new_page, begun, river_specialist, width
):
    call, _review = begun
    page = open_call(new_page, call, river_specialist, viewport={"width": width, "height": 900})
    page.locator("#steps summary").first.click()
    status = page.get_by_label("Status")
    expect(status).to_be_visible()
    for label in ("Choose", "Could not reach", "No longer needed"):
        status.select_option(label=label)
        expect(status.locator("option:checked")).to_have_text(label)
        expect_evaluated(page, CUT, [])


def test_a_household_of_the_agenda_opens_whole_in_a_new_tab(
    new_page, begun, households, river_specialist
):
    call, _review = begun
    page = open_call(new_page, call, river_specialist)
    other = review_of(call, households[1])
    with page.context.expect_page() as opened:
        page.locator(f"#to-{other.pk}").click(modifiers=["Control"])
    tab = opened.value
    tab.get_by_role("heading", name="Ben Example").wait_for()
    expect(tab.get_by_role("heading", name="Agenda")).to_be_visible()


def test_a_report_that_the_note_taker_enters_stays_the_agencys(
    new_page, begun, river_provider, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    page.locator("#steps summary").first.click()
    page.get_by_label("Status").select_option(label="Done")
    page.get_by_label("In one line").fill("It came by mail")
    page.get_by_role("button", name="Save update", exact=True).click()
    expect(page.locator("#told")).to_have_text("Update saved.")
    agency = StaffMember.objects.get(user=river_provider).agency
    expect(page.locator("#steps")).to_contain_text(
        f"{agency.name} at the call, noted by {river_specialist.name}"
    )
    assert ActionItem.objects.get(participant=review.participant).state == "done"


def test_a_removed_barrier_comes_back_where_it_stood(new_page, begun, river_specialist):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    rows = page.locator("#barriers-list li")
    for number, words in enumerate(("No car", "An old fine"), start=2):
        page.locator("#f-barrier").fill(words)
        page.keyboard.press("Enter")
        expect(rows).to_have_count(number)
    page.get_by_label("Systemic: No car").check()
    wait_saved(page)
    page.get_by_role("button", name="Remove No car").click()
    expect(rows).to_have_count(2)
    wait_saved(page)
    page.locator("#away").get_by_role("button", name="Undo").click()
    expect(rows.nth(1)).to_contain_text("No car")
    expect(page.get_by_label("Systemic: No car")).to_be_checked()
    expect(page.get_by_role("button", name="Remove No car")).to_be_focused()
    expect(page.locator("#away")).to_be_hidden()
    wait_saved(page)
    review.refresh_from_db()
    assert review.barriers == ["No photo ID", "No car", "An old fine"]
    assert review.systemic == ["No car"]


def test_a_decision_is_checked_as_its_words_are_begun_and_can_be_taken_back(
    new_page, begun, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    box = page.get_by_role("checkbox", name="Referral made")
    expect(box).not_to_be_checked()
    page.get_by_label("To which program or unit").press_sequentially("Quarry Lane")
    expect(box).to_be_checked()
    expect(page.get_by_role("checkbox", name="Priority exception")).not_to_be_checked()
    wait_saved(page)
    box.uncheck()
    page.get_by_label("To which program or unit").fill("Quarry Lane, floor two")
    wait_saved(page)
    expect(box).not_to_be_checked()
    review.refresh_from_db()
    assert (review.referral, review.is_referred) == ("Quarry Lane, floor two", False)
