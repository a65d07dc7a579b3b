"""Nothing to discuss, in real browsers by keyboard: marked, pulled back, read out, confirmed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conferencing.call.acts import begin_call
from conferencing.models import ActionItem, Meeting, NothingToDiscuss, Review
from conferencing.nothing_to_discuss.acts import mark_nothing_to_discuss
from conferencing.tests.factories import make_step, review_of
from conferencing.tests.hour import address
from conferencing.tests.test_browser_axe import look
from regions.tests.factories import today_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def quiet(call, households):
    """The call with its roster settled, and of its first household nothing changed."""
    later = today_in() + timedelta(days=20)
    ActionItem.objects.filter(participant=households[0]).update(due_on=later)
    make_step(households[1], households[1].agency)
    Meeting.objects.filter(pk=call.pk).update(roster_settled_at=timezone.now())
    call.refresh_from_db()
    return call


def test_a_household_is_marked_and_pulled_back_by_keyboard(
    new_page, complaints, quiet, households, river_provider, river_other_provider
):
    in_a_week = quiet.starts_at + timedelta(days=7)
    Meeting.objects.filter(pk=quiet.pk).update(
        starts_at=in_a_week, ends_at=in_a_week + timedelta(hours=1)
    )
    url = f"/meetings/{quiet.pk}/nothing-to-discuss/"
    page = new_page(river_provider)
    page.goto(url)
    look(page)
    page.get_by_role("checkbox", name="Ana Example").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Mark “Nothing to discuss”").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing to discuss: 1 household marked.")).to_be_visible()
    look(page)
    other = new_page(river_other_provider)
    other.goto(url)
    other.get_by_role("button", name="Discuss it after all").focus()
    other.keyboard.press("Enter")
    expect(other.get_by_text("will be discussed.")).to_be_visible()
    look(other)
    assert NothingToDiscuss.objects.get().pulled_back_by == river_other_provider
    other.get_by_role("button", name="Undo").first.press("Enter")
    expect(other.get_by_role("button", name="Discuss it after all")).to_be_visible()
    assert complaints == []


def test_the_block_is_confirmed_by_its_key_and_undone_beside_it(
    new_page, complaints, quiet, households, river_specialist, river_provider, river_other_provider
):
    now = timezone.now()
    mark_nothing_to_discuss(quiet, households[:1], actor=river_specialist, now=now)
    begin_call(quiet, actor=river_other_provider, now=now)
    page = new_page(river_other_provider)
    page.goto(address(quiet))
    block = page.locator(".cc-agenda__block")
    expect(block).to_contain_text("Nothing to discuss: 1 household")
    expect(block).to_contain_text("frees 5 min")
    expect(block.locator("kbd")).to_have_text("Alt =")
    look(page)
    reading = new_page(river_provider)
    reading.goto(address(quiet))
    expect(reading.locator(".cc-agenda__block")).to_contain_text("Ana Example")
    look(reading, 1280, 390)
    page.locator("#agenda").focus()
    page.keyboard.press("Alt+=")
    expect(block).to_contain_text("Confirmed")
    expect(reading.locator(".cc-agenda__block")).to_contain_text("Confirmed")
    assert review_of(quiet, households[0]).outcome == Review.Outcome.NOTHING
    look(page)
    page.locator("#undo").press("Enter")
    expect(block).to_contain_text("Read out together")
    page.get_by_role("button", name="Discuss it after all").press("Enter")
    expect(block).to_have_count(0)
    expect(page.locator(".cc-agenda")).to_contain_text("Ana Example")
    assert review_of(quiet, households[0]).outcome == Review.Outcome.OPEN
    assert complaints == []
