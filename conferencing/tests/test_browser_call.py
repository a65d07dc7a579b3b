"""The hour itself, in real browsers: three people at once, and who comes and goes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

import outbox.services
from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from conferencing.models import ActionItem, Meeting, Review, SystemicBarrier
from conferencing.tests.factories import make_meeting, make_prework, make_swap
from conferencing.tests.hour import (
    NETWORK,
    address,
    forgive,
    review_of,
    wait_saved,
    wait_unsaved,
)
from regions.models import ReviewCriterion
from regions.tests.factories import make_criteria

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor(river, region_1):
    """In standing, of an agency that has nothing to do with this region."""
    agency = make_agency_in_standing(river, name="Delta Outreach", regions=[region_1])
    return make_staff(agency, name="Vic Visitor", regions=[region_1]).user


@pytest.fixture
def swap(call, river_provider, river_lead):
    """The note taker has asked their agency's lead to take the role over."""
    role = call.roles.get(role="note_taker")
    return make_swap(role, StaffMember.objects.get(user=river_lead), words="I must leave early")


def test_the_whole_hour(
    new_page,
    complaints,
    smtp_server,
    river,
    region_2,
    call,
    swap,
    visitor,
    households,
    river_lead,
    river_provider,
    river_other_provider,
    river_specialist,
):
    river.sends_minutes = True
    river.save()
    other = StaffMember.objects.get(user=river_other_provider)
    make_prework(call, households[0], other, preferences="Two bedrooms, ground floor")

    steering = new_page(river_other_provider)
    steering.goto(address(call))
    steering.get_by_role("button", name="Begin the call").click()
    steering.get_by_role("heading", name="Agenda").wait_for()
    writing = new_page(river_provider)
    writing.goto(address(call))
    reading = new_page(river_specialist)
    reading.goto(address(call))

    people_come(new_page, steering, visitor, call)
    steering.get_by_role("button", name="Next household").click()
    for page in (writing, reading):
        page.get_by_role("heading", name="Ana Example").wait_for()
    review = review_of(call, households[0])
    agencies_report_and_prepared(writing, steering, review)
    network_drops(writing, reading, review)
    household_is_done(writing, review, complaints)

    new_writing = role_is_handed_on(new_page, writing, swap, river_lead, call)
    steering.get_by_role("button", name="Next household").click()
    new_writing.get_by_role("heading", name="Ben Example").wait_for()
    old_one_is_refused(writing, review)
    both_write_at_once(new_writing, reading, review_of(call, households[1]))

    household_is_raised(steering, call)
    call_is_closed(steering, new_writing, call)
    what_follows(reading, smtp_server, river, region_2, visitor)
    forgive(complaints, 403, 409, 422, NETWORK)


def people_come(new_page, steering, visitor, call):
    """A walk-in without an account, and a visitor who is let in by it."""
    steering.get_by_role("button", name="I am here").click()
    steering.get_by_role("link", name="Add a walk-in or visitor").click()
    steering.get_by_label("Name", exact=True).fill("Wes Walkin")
    steering.get_by_label("Organization").fill("County jail diversion")
    steering.get_by_role("button", name="Add them").click()
    steering.locator("#people", has_text="Wes Walkin").wait_for()
    assert "Not in standing" in steering.locator("#people li", has_text="Wes Walkin").inner_text()

    visiting = new_page(visitor)
    assert visiting.goto(address(call)).status == 403
    steering.get_by_role("link", name="Add a walk-in or visitor").click()
    steering.get_by_label("Name or agency").fill("Vic")
    steering.get_by_role("button", name="Search").click()
    steering.get_by_role("button", name="Add Vic Visitor").click()
    steering.locator("#people", has_text="Vic Visitor").wait_for()
    assert visiting.goto(address(call)).status == 200
    assert visiting.get_by_role("button", name="Next household").count() == 0
    visiting.close()


def agencies_report_and_prepared(writing, steering, review):
    """What became of the last step, and what an agency prepared, taken over."""
    writing.locator("#steps summary").click()
    writing.get_by_label("What became of it").select_option(label="Done")
    writing.get_by_label("In one line").fill("The certificate came")
    writing.get_by_role("button", name="Report", exact=True).click()
    steering.locator("#steps", has_text="Done: The certificate came").wait_for(timeout=4000)
    writing.get_by_role("button", name="Take over").click()
    assert writing.locator("#f-preferences").input_value() == "Two bedrooms, ground floor"
    writing.locator("[data-unchanged=location]").click()
    wait_saved(writing)
    review.refresh_from_db()
    assert (review.location, review.location_changed) == ("shelter", "unchanged")
    assert review.preferences_changed == "changed"
    former = ActionItem.objects.get(participant=review.participant)
    assert former.state == "done"
    assert review.participant.prework.get().accepted_at is not None


def network_drops(writing, reading, review):
    """The note taker goes on writing without a network; the followers read it afterwards."""
    writing.context.set_offline(True)
    writing.locator("#f-notes").press_sequentially("Will call the landlord together.")
    wait_unsaved(writing, "The server cannot be reached")
    writing.context.set_offline(False)
    wait_saved(writing)
    reading.wait_for_function(
        "() => document.getElementById('f-notes').value.startsWith('Will call')", timeout=4000
    )
    review.refresh_from_db()
    assert review.notes == "Will call the landlord together."


def household_is_done(writing, review, complaints):
    """Not without a step and a follow-up person."""
    writing.locator("#f-barrier").fill("Landlords refuse the voucher")
    writing.keyboard.press("Enter")
    writing.get_by_label("Systemic: Landlords refuse the voucher").check()
    writing.get_by_role("button", name="Mark discussed").click()
    writing.locator("#discuss-error", has_text="Give a step").wait_for()
    writing.locator("#s-what").fill("Call the landlord about the open unit")
    writing.locator("#s-person").select_option(label="Pat Provider")
    writing.get_by_role("button", name="Give the step").click()
    writing.locator("#steps", has_text="Call the landlord about the open unit").wait_for(
        timeout=3000
    )
    writing.get_by_role("button", name="Mark discussed").click()
    writing.get_by_role("button", name="Open it again").wait_for()
    review.refresh_from_db()
    assert review.outcome == Review.Outcome.DISCUSSED
    assert review.barriers == ["No photo ID", "Landlords refuse the voucher"]
    assert review.systemic == ["Landlords refuse the voucher"]


def role_is_handed_on(new_page, writing, swap, lead, call):
    """The lead accepts during the call, and writes from then on."""
    page = new_page(lead)
    page.goto(address(call))
    page.locator("article.cc-household").wait_for()
    accepting = page.context.new_page()
    accepting.goto(reverse("conferencing:swap_answer", kwargs={"pk": swap.pk}))
    accepting.get_by_role("button", name="Accept: I do it").click()
    accepting.get_by_text("The role is yours now.").first.wait_for()
    accepting.close()
    page.get_by_role("button", name="Load the page").click()
    page.locator("#f-notes").wait_for()
    writing.locator("#seat-changed", has_text="Your part in this call has changed").wait_for()
    return page


def old_one_is_refused(writing, review):
    """What the former note taker writes now stays on their page, and is said not to be saved."""
    if not writing.get_by_role("heading", name="Ana Example").is_visible():
        writing.get_by_role("link", name="Ana Example").click()
        writing.get_by_role("heading", name="Ana Example").wait_for()
    notes = writing.locator("#f-notes")
    if notes.count():
        notes.press_sequentially(" Too late.")
        wait_unsaved(writing, "You do not take notes at this call any more")
    review.refresh_from_db()
    assert review.notes == "Will call the landlord together."
    writing.close()


def both_write_at_once(writing, helping, review):
    """The specialist and the new note taker, on one text."""
    if helping.locator("#moved-on").count():
        helping.get_by_role("button", name="Go there").click()
    helping.get_by_role("heading", name="Ben Example").wait_for()
    helping.route("**/save/", lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator("#f-safety").fill("Sleeps in the car.")
    wait_unsaved(helping, "The server cannot be reached")
    writing.locator("#f-safety").fill("Feels safe.")
    wait_saved(writing)
    helping.unroute_all()
    dialog = helping.get_by_role("dialog", name="Somebody else wrote here meanwhile")
    dialog.get_by_role("button", name="Take both").click()
    dialog.get_by_role("button", name="Save what I chose").click()
    wait_saved(helping)
    review.refresh_from_db()
    assert review.safety == "Feels safe.\nSleeps in the car."


def household_is_raised(steering, call):
    """As the hour allows: a household that nobody knew, by an alias alone."""
    steering.get_by_role("link", name="Raise a household").click()
    steering.get_by_role("textbox", name="Alias (optional)").fill("Egret-9")
    steering.get_by_role("textbox", name="Why now").fill("Came to the shelter last night")
    steering.get_by_role("button", name="Add it to the agenda").click()
    steering.locator(".cc-agenda", has_text="Egret-9").wait_for()
    raised = call.reviews.get(participant__alias="Egret-9").participant
    assert (raised.name, raised.agency.name) == (None, "Cedar Outreach")


def call_is_closed(steering, writing, call):
    """One household carried over by name, the rest with the closing."""
    steering.locator(f"#more-{call.reviews.get(participant__alias='Heron-2').pk}").click()
    steering.get_by_role("button", name="Carry over").locator("visible=true").first.click()
    steering.locator(".cc-agenda", has_text="Carried over").wait_for()
    steering.get_by_role("link", name="Close the call").click()
    steering.get_by_role("button", name="Carry over what is open, and close").click()
    steering.get_by_text("The call is closed").first.wait_for()
    writing.locator("#away", has_text="The call is closed").wait_for()
    call.refresh_from_db()
    assert call.state == Meeting.State.CLOSED
    assert dict(call.reviews.values_list("participant__alias", "outcome")) == {
        "Heron-1": "discussed",
        "Heron-2": "carried_over",
        "Heron-3": "carried_over",
        "Egret-9": "carried_over",
    }


def what_follows(page, smtp_server, river, region, visitor):
    """Minutes and steps by mail, the systemic barrier, and who is proposed next month."""
    outbox.services.tick(timezone.now(), send=True)
    sent = {}
    for mail in smtp_server.messages:
        sent.setdefault(mail["Subject"].split(":")[0], set()).add(mail["To"])
        words = mail.get_body(("plain",)).get_content() + mail["Subject"]
        assert not any(name in words for name in ("Ana", "Ben", "Cleo", "Heron", "Egret"))
    assert {"Minutes", "Your steps"} <= set(sent)
    assert len(sent["Your steps"]) == 2  # who follows up, and the agency's lead
    assert SystemicBarrier.objects.get().words == "Landlords refuse the voucher"

    make_criteria(region, ReviewCriterion.Kind.CARRIED_OVER, ReviewCriterion.Kind.LONGEST)
    following = make_meeting(river, region, starts_at=timezone.now() + timedelta(days=28))
    page.goto(f"/meetings/{following.pk}/roster/")
    rows = page.get_by_role("table", name="Proposed households").locator("xpath=./tbody/tr[th]")
    proposed = [" ".join(text.split()) for text in rows.all_inner_texts()]
    assert len(proposed) == 4
    assert all("Carried over" in text for text in proposed[:3])
    assert "Ana Example" in proposed[3]
    page.get_by_text("2 calls in 12 months on Ana Example").click()
    line = page.get_by_role("table", name="Reviews of Ana Example")
    assert "Preferences" in line.locator("tbody tr").first.inner_text()
