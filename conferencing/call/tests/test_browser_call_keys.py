"""Keys, focus, what stays in sight, and text of twice the size, on the page of a call."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.call.acts import begin_call
from conferencing.models import ActionItem, Call, RosterEntry
from conferencing.tests.browser import NARROW, WIDE
from conferencing.tests.factories import make_attendance, make_step, review_of
from conferencing.tests.hour import (
    NETWORK,
    address,
    forgive,
    go_on,
    open_call,
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
    helping.keyboard.press("Alt+Semicolon")
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
    go_on(page)
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
    page = open_call(new_page, call, river_specialist, viewport={"width": 900, "height": 800})
    page.locator("#f-preferences").focus()
    page.keyboard.press("Alt+Digit8")
    box = page.locator("#away")
    expect(box).to_contain_text("Assign a step with a follow-up person")
    expect(page.locator("#f-preferences")).to_be_focused()
    box.get_by_role("button", name="Go to the new step").click()
    expect(page.locator("#s-what")).to_be_focused()
    place = StaffMember.objects.get(user=river_provider)
    make_step(review.participant, place.agency, person=place, review=review)
    page.keyboard.press("Alt+Digit8")
    expect(page.locator("#told")).to_have_text("Marked discussed: Ana Example")
    expect(page.locator("#call-announce")).to_have_text("Marked discussed: Ana Example")
    forgive(complaints, 422)


def test_a_refusal_stands_in_the_bar_of_who_leads_and_writes(
    new_page, complaints, begun, river_specialist
):
    page = open_call(new_page, begun[0], river_specialist, viewport={"width": 1280, "height": 800})
    page.locator("#f-preferences").focus()
    page.keyboard.press("Alt+Digit8")
    expect(page.locator("#steer-error")).to_contain_text("Assign a step with a follow-up person")
    expect(page.locator("#steer-error")).to_be_in_viewport()
    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("#f-preferences")).to_be_focused()
    forgive(complaints, 422)


def test_next_asks_in_place_of_a_household_that_is_not_finished(
    new_page, begun, river_specialist, river_provider
):
    call, _review = begun
    page = open_call(new_page, call, river_specialist)
    page.keyboard.press("Alt+Digit9")
    ask = page.locator("#steer-ask")
    expect(ask).to_contain_text("Ana Example is not marked discussed. Assign a step")
    expect(ask).to_contain_text("Not confirmed: current location, preferences")
    expect(page.locator("#ask-carry")).to_be_focused()
    expect(page.get_by_role("button", name="Mark discussed, then next")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    expect(page.locator("#go-next")).to_be_focused()
    page.keyboard.press("Alt+Digit9")
    page.get_by_role("button", name="Leave it open, then next").click()
    page.get_by_role("heading", name="Ben Example").wait_for()
    box = page.locator("#away")
    expect(box).to_contain_text("Left open: Ana Example. Assign a step")
    box.get_by_role("button", name="Go back to it").click()
    page.get_by_role("heading", name="Ana Example").wait_for()


def test_next_marks_discussed_or_carries_over_and_goes_on(
    new_page, begun, households, river_other_provider, river_provider
):
    call, review = begun
    place = StaffMember.objects.get(user=river_provider)
    make_step(review.participant, place.agency, person=place, review=review)
    page = open_call(new_page, call, river_other_provider)
    expect(page.locator("#steer-now")).to_contain_text("0 of 3")
    expect(page.locator("#steer-now")).to_contain_text("Has a step")
    page.locator("#go-next").click()
    page.get_by_role("button", name="Mark discussed, then next").click()
    page.get_by_role("heading", name="Ben Example").wait_for()
    expect(page.locator("#steer-now")).to_contain_text("1 of 3")
    expect(page.locator("#steer-now")).to_contain_text("No step yet")
    page.locator("#go-next").click()
    page.get_by_role("button", name="Carry over, then next").click()
    page.get_by_role("heading", name="Heron-3").wait_for()
    expect(page.locator("#steer-ask")).to_be_hidden()
    outcomes = [review_of(call, each).outcome for each in households]
    assert outcomes == ["discussed", "carried_over", "open"]


def test_the_bar_says_how_the_hour_goes_and_who_was_not_heard(
    new_page, begun, river_other_provider, river_provider
):
    call, review = begun
    make_attendance(call, name="Mia Middle", organization="Middle Shelter", kind="walk_in")
    page = open_call(new_page, call, river_other_provider)
    expect(page.locator("#steer-unheard")).to_contain_text("Middle Shelter")
    expect(page.locator("#steer-pace")).to_have_text("on time")
    now = timezone.now()
    Call.objects.filter(pk=call.pk).update(
        began_at=now - timedelta(minutes=14), on_table_at=now - timedelta(minutes=10)
    )
    page.reload()
    planned = RosterEntry.objects.get(meeting=call, participant=review.participant).minutes
    behind = re.compile(rf"^{14 - planned} min behind$")
    expect(page.locator("#steer-pace")).to_have_text(behind)
    expect(page.locator("#steer-clock")).to_have_class(re.compile("is-over"))


def test_keys_lead_to_the_notes_and_to_the_first_element_that_is_not_confirmed(
    new_page, begun, river_specialist
):
    call, review = begun
    page = open_call(new_page, call, river_specialist)
    page.keyboard.press("Alt+Digit5")
    expect(page.locator("#f-notes")).to_be_focused()
    for _ in range(4):
        page.locator("#keys-open").focus()
        page.keyboard.press("Alt+Period")
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
    page.locator("#people-open").click()
    row = page.locator("#people li", has_text="Nat Next")
    expect(row.locator("kbd")).to_be_visible()
    number = words_of(row.locator("kbd"))
    coming = open_call(new_page, call, river_provider)
    make_attendance(call, name="Abe Above", organization="AAA Shelter", kind="walk_in")
    coming.get_by_role("button", name="I am here").click()
    expect(page.locator("#people li", has_text="Abe Above").locator("kbd")).to_be_visible()
    expect(row.locator("kbd")).to_have_text(number)
    page.keyboard.press(f"Alt+Shift+Digit{number}")
    expect(row.get_by_role("button", name="Heard 1×")).to_be_visible()
    page.reload()
    page.locator("#people-open").click()
    expect(row.locator("kbd")).to_have_text(number)


@pytest.mark.parametrize("width", [1280, 900, 390])
def test_jump_links_take_the_focus_along(new_page, begun, river_specialist, width):
    call, _review = begun
    page = open_call(new_page, call, river_specialist, viewport={"width": width, "height": 800})
    goals = evaluated(
        page,
        """() => [...document.querySelectorAll(`main a[href^='#']`)]
            .filter((a) => a.checkVisibility()).map((a) => a.hash.slice(1))""",
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
            (field) => [...(field.seen ?? field).labels].map(
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
    page.locator("#people li").first.wait_for(state="attached")
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
    go_on(steering)
    page.locator("article.cc-household h2", has_text="Ben Example").or_(
        page.locator("article.cc-household h2", has_text="Heron-2")
    ).wait_for()
    page.wait_for_function(
        f"""() => {{ const at = ({place})();
        const head = document.querySelector('.cc-household__head').getBoundingClientRect();
        const name = document.querySelector('.cc-household__name').getBoundingClientRect();
        const isUnder = head.top >= name.bottom - 2, isBeside = head.left >= name.right;
        return at.isBelow && at.isInSight && (isUnder || isBeside); }}"""
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
    for label in ("Choose", "Could not reach", "Not done: nobody got to it"):
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


def test_a_key_is_changed_on_the_page_and_stays_so(new_page, begun, river_provider):
    call, _review = begun
    page = open_call(new_page, call, river_provider)
    expect(page.locator("#h-notes kbd")).to_have_text("Alt 5")
    page.locator("#keys-open").click()
    page.locator("#change-notes").click()
    page.keyboard.press("Alt+Digit6")
    expect(page.locator("#keys-said")).to_have_text("Saved.")
    expect(page.locator("#h-step kbd")).to_have_text("Alt 5")
    page.locator("#change-notes").click()
    page.keyboard.press("Alt+KeyJ")
    expect(page.locator("#h-notes kbd")).to_have_text("Alt J")
    page.get_by_role("button", name="Close", exact=True).click()
    page.reload()
    expect(page.locator("#h-notes kbd")).to_have_text("Alt J")
    page.locator("#keys-open").focus()
    page.keyboard.press("Alt+Digit6")
    expect(page.locator("#keys-open")).to_be_focused()
    page.keyboard.press("Alt+KeyJ")
    expect(page.locator("#f-notes")).to_be_focused()


# The keys that the list tells of and that stand nowhere on the page: beside the act, or beside the
# whole of what it does one by one.
WITHOUT_ONE = """() => {
    const names = (where) => [...document.querySelectorAll(`${where} kbd[data-key]`)];
    const shown = names("main").filter((each) => each.textContent && !each.closest("dialog"));
    const beside = new Set(shown.map((each) => each.dataset.key));
    return names("#keys").map((each) => each.dataset.key).filter((each) => !beside.has(each));
}"""


def test_every_act_has_its_key_beside_it(new_page, begun, river_provider, river_specialist):
    call, _review = begun
    for user, without in (
        # The key to go on stands beside “Go there” once the call has moved on.
        (river_provider, ["unchanged", "next", "choice"]),
        (river_specialist, ["unchanged", "nothing", "choice"]),  # nothing is read out together
    ):
        page = open_call(new_page, call, user)
        expect_evaluated(page, WITHOUT_ONE, without)


def test_a_key_acts_on_the_household_that_is_shown(
    new_page, begun, households, river_specialist, river_provider
):
    call, review = begun
    other = review_of(call, households[1])
    place = StaffMember.objects.get(user=river_provider)
    make_step(other.participant, place.agency, person=place, review=other)
    page = open_call(new_page, call, river_specialist)
    page.locator(f"#to-{other.pk}").click()
    page.get_by_role("heading", name="Ben Example").wait_for()
    page.keyboard.press("Alt+Digit8")
    expect(page.locator("#told")).to_have_text("Marked discussed: Ben Example")
    page.locator("#reopen").wait_for()
    page.keyboard.press("Alt+Digit8")
    page.keyboard.press("Alt+Minus")
    page.keyboard.press("Alt+Digit5")
    expect(page.locator("#f-notes")).to_be_focused()
    review.refresh_from_db()
    other.refresh_from_db()
    assert (review.outcome, other.outcome) == ("open", "discussed")


def test_the_question_tells_how_things_stand_when_it_is_asked(
    new_page, begun, river_other_provider, river_provider
):
    """Whoever takes notes said why no step is needed, after the bar was drawn."""
    call, _review = begun
    leading = open_call(new_page, call, river_other_provider)
    writing = open_call(new_page, call, river_provider)
    writing.locator("#f-no_step_reason").fill("The open steps go on.")
    wait_saved(writing)
    leading.locator("#go-next").click()
    expect(leading.locator("#ask-discuss")).to_be_focused()
    expect(leading.locator("#steer-now")).to_contain_text("No step needed")
    leading.get_by_role("button", name="Mark discussed, then next").click()
    leading.get_by_role("heading", name="Ben Example").wait_for()
