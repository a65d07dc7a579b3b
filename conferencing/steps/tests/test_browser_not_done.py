"""A step that was not done, reported by keyboard in a real browser, and seen in follow-through."""

import pytest
from playwright.sync_api import expect

from agreements.models import StaffMember
from conferencing.models import ActionItem
from conferencing.tests.factories import make_step
from conferencing.tests.test_browser_axe import look
from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_step_that_nobody_got_to_is_reported_by_keyboard(
    new_page, complaints, river_agency, region_2, river_provider, river_specialist
):
    place = StaffMember.objects.get(user=river_provider)
    step = make_step(make_participant(river_agency, region_2), river_agency, person=place)
    page = new_page(river_provider)
    page.goto(f"/steps/{step.pk}/report/")
    look(page)
    page.get_by_role("radio", name="Not done: nobody got to it").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Report").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say in one line why nobody got to it.").first).to_be_visible()
    look(page)
    page.get_by_label("In one line").fill("Out sick for two weeks")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Not done: nobody got to it")).to_have_count(0)
    step.refresh_from_db()
    assert step.state == ActionItem.State.NOT_DONE
    watching = new_page(river_specialist)
    watching.goto("/follow-through/")
    expect(watching.get_by_text("0 of 1 step done (0%), 1 not done.")).to_be_visible()
    look(watching)
    assert complaints == []
