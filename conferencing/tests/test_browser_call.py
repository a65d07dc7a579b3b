"""The hour itself, in real browsers: three people at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.models import ActionItem, Meeting, Review
from conferencing.services.roles import change_role
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from participants.tests.factories import make_participant, make_release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def site(settings, live_server):
    settings.SITE_URL = live_server.url


@pytest.fixture
def households(river_agency, river_other_agency, region_2):
    people = [
        make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1"),
        make_participant(river_other_agency, region_2, name="Ben Example", alias="Heron-2"),
        make_participant(river_agency, region_2, name="Cleo Example", alias="Heron-3"),
    ]
    for person in people[:2]:
        make_release(person)
    return people


@pytest.fixture
def call(river, region_2, households, river_provider, river_other_provider, river_specialist):
    """A call that begins now, with a review a month ago; the two agencies lead it."""
    now = timezone.now()
    former = make_meeting(river, region_2, starts_at=now - timedelta(days=28), state="closed")
    make_review(
        former,
        households[0],
        location="shelter",
        preferences="One bedroom near the bus line",
        barriers=["No photo ID"],
        safety="No immediate needs named.",
    )
    place = StaffMember.objects.get(user=river_provider)
    make_step(
        households[0], place.agency, person=place, due_in=-1, what="Order a birth certificate"
    )
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, *households)
    for name, user in (("facilitator", river_other_provider), ("note_taker", river_provider)):
        person = StaffMember.objects.get(user=user)
        change_role(meeting, name, agency=person.agency, person=person, actor=None, now=now)
    return meeting


def forgive(complaints, *statuses):
    """Take out what the browser itself notes of answers that are meant to say no."""
    said = [f"status of {status}" for status in statuses]
    complaints[:] = [each for each in complaints if not any(words in each for words in said)]


def address(call):
    return f"/meetings/{call.pk}/call/"


def wait_saved(page):
    page.locator("#save-bar[data-state=saved]").wait_for()


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
    review = Review.objects.get(meeting=call, participant=households[0])
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


def review_of(call, person):
    return Review.objects.get(meeting=call, participant=person)
