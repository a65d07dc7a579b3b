"""Browser tests wait for what they read: by a watch while they run, and by what their text says."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from conferencing.tests import waiting
from conferencing.tests.waiting import ReadAtOnce, expect_evaluated


@pytest.mark.browser
def test_reading_at_once_after_an_act_is_refused(page):
    page.goto(reverse("account_login"))
    assert page.title()
    button = page.get_by_role("button", name="Sign in", exact=True)
    for act in (button.click, lambda: page.keyboard.press("Tab"), lambda: button.press("Enter")):
        act()
        for read in (
            lambda: page.url,
            page.title,
            button.is_visible,
            button.count,
            button.inner_text,
            lambda: page.evaluate("1"),
            lambda: button.get_attribute("type"),
        ):
            with pytest.raises(ReadAtOnce, match="at once after"):
                read()
        expect(page.locator("[data-error-summary]")).to_be_visible()
        assert (button.count(), button.inner_text()) == (1, "Sign in")
        expect_evaluated(page, "1 + 1", 2)


@pytest.mark.browser
def test_act_in_one_window_counts_for_all_and_a_wait_for_its_own(new_page):
    page, other = new_page(), new_page()
    for each in (page, other):
        each.goto(reverse("account_login"))
    page.get_by_label("E-mail address").fill("a")
    with pytest.raises(ReadAtOnce):
        other.title()
    expect(page.get_by_label("E-mail address")).to_have_value("a")
    assert page.title()
    with pytest.raises(ReadAtOnce):
        other.title()
    other.reload()
    assert other.title()


@pytest.mark.browser
def test_condition_that_never_comes_fails(page):
    page.goto(reverse("account_login"))
    with pytest.raises(AssertionError):
        expect_evaluated(page, "1 + 1", 3, timeout=100)


READS = set(" ".join(waiting.READS.values()).split()) - {"all", "content", "title"}


def reads_in_asserts(text):
    """Lines of `assert`s that ask a page or a part of it, which cannot wait."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Assert):
            continue
        for part in ast.walk(node.test):
            asks = (
                isinstance(part, ast.Call)
                and isinstance(part.func, ast.Attribute)
                and (part.func.attr in READS and part.func.value is not None)
                and "objects" not in ast.unparse(part.func.value)
            )
            address = (
                isinstance(part, ast.Attribute)
                and part.attr == "url"
                and "server" not in ast.unparse(part.value)
            )
            if asks or address:
                yield node.lineno


def browser_tests():
    return [
        path
        for path in sorted(Path(settings.BASE_DIR).glob("*/**/tests/**/test_*.py"))
        if not {".venv", "var"} & set(path.relative_to(settings.BASE_DIR).parts)
        and "mark.browser" in path.read_text()
        and path != Path(__file__)
    ]


def test_no_assertion_reads_a_page_without_waiting():
    paths = browser_tests()
    assert len(paths) > 8
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{line}"
        for path in paths
        for line in reads_in_asserts(path.read_text())
    ]
    assert not found, f"Asserted of a page without waiting: {', '.join(found)}. {waiting.ADVICE}"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("assert page.get_by_text('a').is_visible()", [1]),
        ("assert 'a' in page.locator('b').inner_text()", [1]),
        ("\nassert not row.count()", [2]),
        ("assert page.url.endswith('/')", [1]),
        ("assert [text for text in cells.all_inner_texts()] == []", [1]),
        ("expect(page).to_have_url('/')\nassert Step.objects.count() == 1", []),
        ("assert live_server.url in words", []),
    ],
)
def test_reads_in_asserts_are_found(text, lines):
    assert list(reads_in_asserts(text)) == lines
