"""A call that is being held, for tests of its page in real browsers."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Session
from agreements.models import StaffMember
from conferencing.call.acts import begin_call, put_on_table
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import (
    make_meeting,
    make_review,
    make_roster,
    make_step,
    review_of,
)
from participants.tests.factories import make_participant, make_release

PASSWORD = "correct horse battery 1"
NETWORK = "net::ERR_"


@pytest.fixture
def own_address(settings, live_server):
    """Links lead to the server of the test."""
    settings.SITE_URL = live_server.url


@pytest.fixture
def households(river_agency, river_other_agency, region_2):
    """Three; the last one is released to nobody."""
    people = [
        make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1"),
        make_participant(river_other_agency, region_2, name="Ben Example", alias="Heron-2"),
        make_participant(river_agency, region_2, name="Cleo Example", alias="Heron-3"),
    ]
    for person in people[:2]:
        make_release(person)
    return people


@pytest.fixture
def call(
    own_address,
    river,
    region_2,
    households,
    river_provider,
    river_other_provider,
    river_specialist,
):
    """A call that begins now, with a review a month ago; the provider takes notes."""
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


@pytest.fixture
def begun(call, river_other_provider, households):
    """The call with the first household on the table: `(call, its review)`."""
    now = timezone.now()
    begin_call(call, actor=river_other_provider, now=now)
    review = review_of(call, households[0])
    put_on_table(call, review, actor=river_other_provider, now=now)
    return call, review


def address(call):
    return f"/meetings/{call.pk}/call/"


def open_call(new_page, call, user, **context):
    """The page of the call, with the household on it."""
    page = new_page(user, **context)
    page.goto(address(call))
    page.locator("article.cc-household").wait_for()
    return page


def forgive(complaints, *statuses):
    """Take out what the browser itself notes of answers that are meant to say no.

    `NETWORK` among them: also of a network that is meant to fail.
    """
    said = [each if each == NETWORK else f"status of {each}" for each in statuses]
    complaints[:] = [each for each in complaints if not any(words in each for words in said)]


def wait_saved(page):
    page.locator("#save-bar[data-state=saved]").wait_for()


def wait_unsaved(page, words="Not saved"):
    page.locator("#save-bar[data-state=unsaved]", has_text=words).wait_for()


def end_sessions(user):
    """The server forgets that the person is signed in."""
    ended, _ = Session.objects.filter(user=user).delete()
    assert ended


def sign_in_by_form(page, user):
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def choose_person(page, name):
    """Type who follows up on the new step, and take them."""
    who = page.locator("#s-person-typed")
    who.fill(name)
    who.press("Enter")
    expect(who).to_have_value(name)
    expect(who).to_have_attribute("aria-expanded", "false")


def go_on(page):
    """Take up the next household, and leave the one before it open."""
    page.locator("#steer-now[data-asks]").wait_for()
    page.get_by_role("button", name="Next household").click()
    page.get_by_role("button", name="Leave it open, then next").click()
