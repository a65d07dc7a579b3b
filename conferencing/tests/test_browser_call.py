"""The hour itself, in real browsers: three people at once."""

import pytest

from conferencing.models import ActionItem, Meeting
from conferencing.tests.hour import address, forgive, review_of, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_hour_with_three_people_at_once(
    new_page, complaints, call, households, river_provider, river_other_provider, river_specialist
):
    steering = new_page(river_other_provider)
    steering.goto(address(call))
    steering.get_by_role("button", name="Begin the call").click()
    steering.get_by_role("heading", name="Agenda").wait_for()
    writing = new_page(river_provider)
    writing.goto(address(call))
    reading = new_page(river_specialist)
    reading.goto(address(call))

    steering.get_by_role("button", name="Next household").click()
    writing.get_by_role("heading", name="Ana Example").wait_for()
    reading.get_by_role("heading", name="Ana Example").wait_for()
    assert "Order a birth certificate" in writing.locator("#steps").inner_text()

    writing.locator("[data-unchanged=location]").click()
    assert writing.evaluate("document.activeElement.dataset.unchanged") == "preferences"
    writing.locator("#f-preferences").fill("Two bedrooms, ground floor")
    writing.locator("#f-notes").fill("Will call the landlord together.")
    wait_saved(writing)
    review = review_of(call, households[0])
    assert review.preferences == "Two bedrooms, ground floor"
    assert review.preferences_changed == "changed"
    assert review.location_changed == "unchanged"
    assert review.notes == "Will call the landlord together."
    assert review.saved_by == river_provider
    steering.locator("[data-words=notes]", has_text="Will call the landlord").wait_for(timeout=4000)

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
    step = ActionItem.objects.get(review=review)
    assert (step.follow_up_person.user, step.state) == (river_provider, "open")

    steering.get_by_role("button", name="Next household").click()
    writing.get_by_role("heading", name="Ben Example").wait_for()
    steering.locator("#more-" + str(review_of(call, households[1]).pk)).click()
    steering.get_by_role("button", name="Carry over").first.click()
    steering.locator(".cc-agenda", has_text="Carried over").wait_for()
    steering.get_by_role("link", name="Close the call").click()
    steering.get_by_role("button", name="Carry over what is open, and close").click()
    steering.get_by_text("The call is closed").first.wait_for()
    writing.locator("#away", has_text="The call is closed").wait_for()
    call.refresh_from_db()
    assert call.state == Meeting.State.CLOSED
    outcomes = dict(call.reviews.values_list("participant__alias", "outcome"))
    assert outcomes == {
        "Heron-1": "discussed",
        "Heron-2": "carried_over",
        "Heron-3": "carried_over",
    }
    forgive(complaints, 422)
