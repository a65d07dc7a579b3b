"""In real browsers: a name that may no longer be shown goes from open pages; typed words stay."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conferencing.tests.hour import end_sessions, open_call, sign_in_by_form
from participants.models import Release
from participants.services.releases import revoke_release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery 1"


def test_a_revoked_release_takes_the_name_from_every_open_page_and_keeps_what_is_typed(
    new_page, begun, households, river_provider, river_other_provider, river_specialist
):
    call, _review = begun
    reading = open_call(new_page, call, river_other_provider)
    writing = open_call(new_page, call, river_specialist)
    for page in (reading, writing):
        expect(page.locator(".cc-household h2")).to_have_text("Ana Example")
        expect(page.locator("#agenda")).to_contain_text("Ana Example")
    writing.locator("#h-step").scroll_into_view_if_needed()
    writing.locator("#step-form [name=what]").fill("Ask about the papers")
    writing.locator("#f-notes").fill("Half a sentence")
    writing.locator("#f-notes").press("End")

    release = Release.objects.get(participant=households[0])
    revoke_release(release, actor=river_provider, reason="Asked to", now=timezone.now())

    for page in (reading, writing):
        expect(page.locator(".cc-household h2")).to_have_text("Heron-1", timeout=10_000)
        expect(page.locator("#agenda")).not_to_contain_text("Ana Example")
        expect(page.locator("main")).not_to_contain_text("Ana Example")
    expect(writing.locator("#f-notes")).to_have_value("Half a sentence")
    expect(writing.locator("#step-form [name=what]")).to_have_value("Ask about the papers")
    expect(writing.locator("#f-notes")).to_be_focused()
    writing.keyboard.type(", and the rest")
    expect(writing.locator("#save-bar")).to_have_attribute("data-state", "saved", timeout=15_000)
    expect(writing.locator("#f-notes")).to_have_value("Half a sentence, and the rest")


def test_a_form_whose_session_ended_comes_back_filled_in(
    new_page, own_address, river_provider, river_agency
):
    river_provider.set_password(PASSWORD)
    river_provider.save()
    page = new_page(river_provider)
    page.goto("/participants/add/")
    page.get_by_role("textbox", name="Alias").fill("Heron-88")
    page.locator("[name=notes]").fill("Two sisters & a dog “Rex”")
    end_sessions(river_provider)

    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    sign_in_by_form(page, river_provider)

    expect(page.get_by_role("heading", name="Not saved yet")).to_be_visible()
    expect(page.get_by_role("textbox", name="Alias")).to_have_value("Heron-88")
    expect(page.locator("[name=notes]")).to_have_value("Two sisters & a dog “Rex”")
    page.get_by_role("button", name="Discard what I typed").click()
    page.goto("/participants/add/")
    expect(page.get_by_role("textbox", name="Alias")).to_have_value("")


def test_a_page_that_leaves_by_itself_leaves_its_words_with_the_server(
    new_page, own_address, river_provider
):
    river_provider.set_password(PASSWORD)
    river_provider.save()
    page = new_page(river_provider)
    page.goto("/account/name/")
    page.get_by_label("Your name").fill("Patricia Provider-Berg")
    other = page.context.new_page()
    other.goto("/account/sign-out/")
    other.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Sign in")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in", timeout=15_000)
    sign_in_by_form(page, river_provider)

    expect(page.get_by_role("heading", name="Not saved yet")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Patricia Provider-Berg")
