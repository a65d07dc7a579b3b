"""Reporting in the rows of a list: by keyboard, on a phone, over a bad network, without script."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import StaffMember
from agreements.tests.factories import revoke
from conferencing.models import ActionItem, ProgressUpdate
from conferencing.tests.browser import NARROW
from conferencing.tests.factories import make_step
from participants.tests.factories import make_participant, make_release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def steps(river_agency, region_2, river_provider):
    """Ten of the provider's own, the first one due first."""
    household = make_participant(river_agency, region_2, name="Ana Open")
    make_release(household)
    place = StaffMember.objects.get(user=river_provider)
    return [
        make_step(household, river_agency, person=place, due_in=number, what=f"Step {number:02}")
        for number in range(10)
    ]


def row_of(page, step):
    return page.locator(f"#step-{step.pk}")


def wait_for_focus(page, place):
    """Until the focus is on what a selector finds; the script sets it a moment after the row."""
    page.wait_for_function("place => document.activeElement.matches(place)", arg=place)


def test_ten_steps_are_reported_in_their_rows_by_keyboard(new_page, steps, river_provider):
    page = new_page(river_provider)
    page.goto("/steps/")
    first = row_of(page, steps[0])
    first.get_by_label("Done", exact=True).focus()
    for step in steps:
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("Papers are in")
        page.keyboard.press("Enter")
        wait_for_focus(page, f"#step-{step.pk} .cc-step__report--new")
        expect(row_of(page, step).get_by_text("Reported: Done: Papers are in")).to_be_visible()
        # htmx sets the focus once more when the new row has settled, quicker than any hand
        page.wait_for_timeout(150)
        # past "Report again", the household and the form's own link of the next row
        for _ in range(4):
            page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile("/steps/$"))
    held = [(update.progress, update.line) for update in ProgressUpdate.objects.all()]
    assert held == [("done", "Papers are in")] * 10
    assert not ActionItem.objects.open().exists()


def test_a_row_says_what_is_wrong_keeps_what_was_typed_and_then_takes_it(
    new_page, steps, river_provider
):
    page = new_page(river_provider, viewport=NARROW)
    page.goto("/steps/")
    row = row_of(page, steps[0])
    when = row.get_by_label("Last seen on")
    expect(when).to_be_hidden()
    row.get_by_label("In one line").fill("Left two messages")
    row.get_by_label("Could not reach").check()
    expect(when).to_be_visible()
    row.get_by_role("button", name="Report").click()
    row.get_by_text("Enter when they were last seen, or tick “Not known”.").wait_for()
    expect(when).to_be_focused()
    expect(row.get_by_label("In one line")).to_have_value("Left two messages")
    expect(row.get_by_label("Could not reach")).to_be_checked()
    row.get_by_label("Not known").check()
    row.get_by_role("button", name="Report").click()
    row.get_by_text("Reported: Could not reach: Left two messages").wait_for()
    expect(row_of(page, steps[1]).get_by_role("button", name="Report")).to_be_visible()
    assert ProgressUpdate.objects.get().step == steps[0]


def test_a_report_over_a_dead_network_says_so_and_loses_nothing(
    new_page, steps, river_provider, complaints
):
    page = new_page(river_provider)
    page.goto("/steps/")
    row = row_of(page, steps[0])
    row.get_by_label("Under way").check()
    row.get_by_label("In one line").fill("Appointment made")
    page.context.set_offline(True)
    row.get_by_role("button", name="Report").click()
    row.get_by_role("alert").get_by_text("Not saved").wait_for()
    expect(row.get_by_label("In one line")).to_have_value("Appointment made")
    assert not ProgressUpdate.objects.exists()
    page.context.set_offline(False)
    row.get_by_role("button", name="Report").click()
    row.get_by_text("Reported: Under way: Appointment made").wait_for()
    assert ProgressUpdate.objects.count() == 1
    complaints.clear()  # the console tells of the request that failed


def test_a_report_that_is_no_longer_allowed_says_so(
    new_page, steps, river_provider, river_agency, complaints
):
    page = new_page(river_provider)
    page.goto("/steps/")
    revoke(river_agency.agreements.all(), at=timezone.now())
    row = row_of(page, steps[0])
    row.get_by_label("Done", exact=True).check()
    row.get_by_role("button", name="Report").click()
    row.get_by_role("alert").get_by_text("Not saved").wait_for()
    assert not ProgressUpdate.objects.exists()
    complaints.clear()  # the console tells of the refusal


def test_a_report_without_script_leads_back_to_the_same_view(new_page, steps, river_provider):
    page = new_page(river_provider, java_script_enabled=False)
    page.goto("/steps/?whose=agency&state=open")
    row = row_of(page, steps[0])
    row.get_by_text("Report", exact=True).first.click()
    row.get_by_label("Blocked").check()
    row.get_by_role("button", name="Report").click()
    alert = page.get_by_role("alert")
    expect(alert.get_by_text("Say in one line what is in the way.")).to_be_visible()
    page.get_by_label("In one line").fill("The office asks for an ID first")
    page.get_by_role("button", name="Report").click()
    expect(page).to_have_url(re.compile(r"/steps/\?whose=agency&state=open$"))
    expect(page.get_by_role("status").get_by_text("Reported: blocked.")).to_be_visible()
    assert ProgressUpdate.objects.get().line == "The office asks for an ID first"


def test_steps_are_reported_from_the_first_page(new_page, steps, river_provider):
    page = new_page(river_provider)
    page.goto("/")
    row = row_of(page, steps[0])
    expect(row.get_by_label("Done", exact=True)).to_be_hidden()
    row.get_by_text("Report", exact=True).first.click()
    row.get_by_label("Done", exact=True).check()
    row.get_by_role("button", name="Report").click()
    row.get_by_text("Reported: Done").wait_for()
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    assert ProgressUpdate.objects.get().step == steps[0]
