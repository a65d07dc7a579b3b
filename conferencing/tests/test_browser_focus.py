"""After an act the focus is somewhere: where it was, on what took its place, or on what it said."""

import pytest
from playwright.sync_api import expect

from conferencing.tests.pressing import FOCUS, FORMS
from conferencing.tests.test_browser_axe import page_as, pages_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The call's page has a test of its own; signing out leads away.
NOT_HERE = ("conferencing:call", "account_logout", "accounts:", "account_", "mfa_", "usersessions_")


def press(page, number):
    """Press the first button of the page's form with this number; the answer's status, or None."""
    button = page.locator(f'[data-form-number="{number}"] [type=submit]').first
    with page.expect_navigation(wait_until="load") as led:
        button.click()
    expect(page.locator("body")).to_be_visible()
    return led.value.status if led.value else None


@pytest.mark.parametrize("role", ["specialist", "administrator", "lead", "provider"])
def test_no_act_loses_the_focus_or_leads_to_a_refusal(
    world, new_page, live_server, role, complaints
):
    page = page_as(new_page, live_server, world["river"].people[role])
    faults, pressed = [], 0
    for address, path in pages_of(role, world["river"]):
        if address.startswith(NOT_HERE):
            continue
        number = 0
        while True:
            if page.goto(path, wait_until="load").status != 200:
                break  # what was here is gone since an act before
            forms = page.evaluate(FORMS)
            if number >= len(forms):
                break
            words = forms[number]
            if words:
                status = press(page, number)
                pressed += 1
                where = f"{address}, {words}"
                if status and status >= 400 and status not in (409, 422):
                    faults.append(f"{where}: {status}")
                elif page.evaluate(FOCUS) == "BODY":
                    faults.append(f"{where}: the focus fell to the body of {page.url}")
            number += 1
    assert faults == []
    assert pressed > 10
    complaints.clear()  # an answer of 409 or 422 is told on the console
