"""The front door in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_browser_opens_the_sign_in_page(page):
    answer = page.goto(reverse("account_login"))
    assert answer.status == 200
    expect(page.locator("h1")).to_have_count(1)


def test_browser_reports_a_breach_of_the_content_policy(page, complaints):
    page.goto(reverse("account_login"))
    with page.expect_console_message():
        page.evaluate("document.body.setAttribute('style', 'color: red')")
    assert len(complaints) == 1
    assert "Content Security Policy" in complaints[0]
    complaints.clear()
