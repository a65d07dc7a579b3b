"""Who leads takes the notes while the note taker is away, and nothing they wrote is lost."""

import pytest
from playwright.sync_api import expect

from conferencing.models import Call
from conferencing.tests.hour import NETWORK, forgive, open_call, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [(1280, 800), (390, 780)])
def test_who_leads_takes_the_notes_until_the_note_taker_is_back(
    new_page, begun, river_provider, river_other_provider, viewport
):
    call, review = begun
    size = {"width": viewport[0], "height": viewport[1]}
    leads = open_call(new_page, call, river_other_provider, viewport=size)
    expect(leads.locator("#f-notes")).to_have_count(0)
    leads.get_by_role("button", name="Take notes for now").click()
    leads.locator("#f-notes").fill("Asked for a ride to the showing.")
    wait_saved(leads)
    review.refresh_from_db()
    assert (review.notes, review.saved_by) == (
        "Asked for a ride to the showing.",
        river_other_provider,
    )
    writes = open_call(new_page, call, river_provider, viewport=size)
    expect(writes.locator("#agenda")).to_contain_text(
        "Oli Other is taking notes while you’re away."
    )
    leads.locator("#f-notes").fill("Asked for a ride to the showing on Friday.")
    writes.get_by_role("button", name="I’m back").click()
    expect(leads.locator("#seat-changed")).to_be_visible()
    wait_saved(leads)
    expect(writes.locator("#f-notes")).to_have_value("Asked for a ride to the showing on Friday.")
    leads.get_by_role("button", name="Load the page").click()
    expect(leads.locator("#f-notes")).to_have_count(0)
    expect(leads.locator("article.cc-household")).to_contain_text("Written down by Oli Other")


def test_who_stops_taking_notes_has_them_saved_first(
    new_page, begun, complaints, river_other_provider
):
    call, _review = begun
    leads = open_call(new_page, call, river_other_provider)
    leads.get_by_role("button", name="Take notes for now").click()
    leads.route("**/save/", lambda route: route.abort())
    leads.locator("#f-notes").fill("Asked for a ride to the showing.")
    stop = leads.get_by_role("button", name="Stop taking notes")
    stop.click()
    expect(leads.locator("#away-words")).to_contain_text("What you wrote is not saved yet.")
    assert Call.objects.get(meeting=call).stands_in
    leads.unroute("**/save/")
    wait_saved(leads)
    stop.click()
    expect(leads.locator("#f-notes")).to_have_count(0)
    expect(leads.locator("article.cc-household")).to_contain_text("Asked for a ride")
    assert not Call.objects.get(meeting=call).stands_in
    forgive(complaints, NETWORK)
