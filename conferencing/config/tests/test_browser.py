"""The front door in a real browser."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.browser


def test_browser_opens_the_sign_in_page(page):
    answer = page.goto(reverse("account_login"))
    assert answer.status == 200
    assert page.locator("h1").count() == 1


def test_browser_reports_a_breach_of_the_content_policy(page, complaints):
    page.goto(reverse("account_login"))
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(50)
    assert len(complaints) == 1
    assert "Content Security Policy" in complaints[0]
    complaints.clear()
