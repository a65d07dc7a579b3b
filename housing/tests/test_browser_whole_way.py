"""From an opening entered on a phone to the move-in, by three people in real browsers."""

import pytest
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.tests.browser import NARROW
from conferencing.tests.test_browser_axe import look
from housing.models import Opening, Referral

from .factories import make_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Clicks, choices and fields filled in to enter an opening whose program is known: 60 seconds.
MOST_ACTS = 5


def enter_opening(page, acts):
    """On a phone: what is filled in already stays as it is."""
    page.goto("/openings/")
    page.get_by_role("link", name="Enter an opening").click()
    expect(page.get_by_role("heading", name="Enter an opening")).to_be_visible()
    page.get_by_label("Bedrooms").select_option("2")
    look(page)
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_text("Every partner agency sees it now.")).to_be_visible()
    acts += ["link", "bedrooms", "enter"]


def press(page, name, said="Recorded."):
    page.get_by_role("button", name=name).click()
    expect(page.get_by_text(said, exact=True)).to_be_visible()


def decline(page, name, reason, words):
    page.get_by_role("link", name=name).click()
    page.get_by_label(reason).check()
    page.get_by_label("In a few words").fill(words)
    look(page)
    press(page, "Record the decline")


def test_an_opening_is_proposed_on_the_call_declined_appealed_and_moved_into(
    new_page,
    complaints,
    review,
    ana,
    river_provider,
    river_other_provider,
    river_specialist,
    region_2,
):
    keeper, program_staff = river_provider, river_other_provider
    agency = StaffMember.objects.get(user=program_staff).agency
    rules = [("days", "required", {"least": 1, "most": None})]
    make_program(agency, counties=[region_2.counties.first()], rules=rules)
    ana.bedrooms = 2
    ana.save()
    acts = []
    phone = new_page(program_staff, viewport=NARROW)
    enter_opening(phone, acts)
    assert len(acts) <= MOST_ACTS

    call = new_page(keeper)
    call.goto(f"/meetings/{review.meeting_id}/call/")
    call.get_by_text("Openings: 1 fit").click()
    expect(call.get_by_role("heading", name="Fits (1)")).to_be_visible()
    look(call)
    call.get_by_role("button", name="Refer to Elm House").click()
    expect(call.get_by_text("Referred to Elm House").first).to_be_visible()
    referral = Referral.objects.get()
    assert (referral.review, referral.participant) == (review.pk, ana)

    url = f"/referrals/{referral.pk}/"
    theirs = new_page(beside=call)
    theirs.goto(url)
    look(theirs)
    press(theirs, "The household accepts")
    phone.goto(url)
    look(phone)
    press(phone, "The program has it")
    decline(phone, "The program declines", "Needs more support", "No case manager is free.")

    desk = new_page(river_specialist)
    desk.goto("/")
    desk.get_by_role("link", name="1 declined referral to look at").click()
    desk.get_by_role("link", name=ana.alias).click()
    desk.get_by_role("link", name="Look at the decline").click()
    desk.get_by_label("I agree with the decline").check()
    look(desk)
    press(desk, "Save")
    theirs.reload()
    theirs.get_by_role("link", name="Appeal the decline").click()
    theirs.get_by_label("In a few words").fill("A case manager of ours goes along.")
    press(theirs, "Appeal", "Recorded.")
    desk.reload()
    desk.get_by_role("link", name="Decide the appeal").click()
    desk.get_by_label("Is won").check()
    press(desk, "Save")

    theirs.goto(f"/participants/{ana.pk}/openings/")
    theirs.get_by_role("link", name="Refer to Elm House").click()
    expect(theirs.get_by_role("heading", name="Refer to Elm House")).to_be_visible()
    look(theirs)
    press(theirs, "Refer", "Referred. Ask the household next.")
    press(theirs, "The household accepts")
    second = Referral.objects.exclude(pk=referral.pk).get()
    phone.goto(f"/referrals/{second.pk}/")
    press(phone, "The program has it")
    press(phone, "The program enrolls them")
    phone.get_by_role("link", name="They moved in").click()
    press(phone, "Record the move-in")
    look(phone)
    theirs.goto(f"/participants/{ana.pk}/")
    expect(theirs.get_by_text("Housed").first).to_be_visible()
    assert Opening.objects.get().filled == 1
    assert complaints == []
