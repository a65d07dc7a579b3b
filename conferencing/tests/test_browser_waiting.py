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
    page.get_by_label("Email address").fill("a")
    with pytest.raises(ReadAtOnce):
        other.title()
    expect(page.get_by_label("Email address")).to_have_value("a")
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


@pytest.mark.browser
def test_clock_of_a_page_moves_only_once_its_scripts_have_begun(page):
    def answer(route):
        page.wait_for_timeout(1_000)
        route.fulfill(content_type="text/javascript", body="window.began = Date.now()")

    page.route("**/js/page*.js", answer)
    page.clock.install()
    page.goto(reverse("account_login"), wait_until="commit")
    page.clock.fast_forward("28:30")
    expect_evaluated(page, "Date.now() - window.began >= 28 * 60_000", True)


# Sweeps over whole pages, each opened by its address, look at what no act of theirs changes.
SWEEPS = {"test_browser_axe.py", "test_browser_axe_call.py", "test_browser_shape.py"}
ALSO_OF_MODELS = {"all", "content", "title"}
READS = set(" ".join(waiting.READS.values()).split()) - ALSO_OF_MODELS
OF_PAGES = ("locator(", "get_by_", ".nth(", ".first", ".last", "page")


def reads(node, read, readers):
    """Whether an expression asks a page, or rests on what was read from one.

    `read`: names that hold such values; `readers`: functions that return them.
    """
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in read:
            return True
        is_address = isinstance(part, ast.Attribute) and part.attr == "url"
        if is_address and "server" not in ast.unparse(part.value):
            return True
        if not isinstance(part, ast.Call):
            continue
        if isinstance(part.func, ast.Name) and (part.func.id in readers or waits_for_nothing(part)):
            return True
        if isinstance(part.func, ast.Attribute):
            of = ast.unparse(part.func.value)
            is_of_page = any(each in of for each in OF_PAGES)
            is_read = part.func.attr in READS or (part.func.attr in ALSO_OF_MODELS and is_of_page)
            if is_read and "objects" not in of:
                return True
    return False


def waits_for_nothing(call):
    """Whether `evaluated(…, until=…)` takes whatever it finds: its condition does not ask it."""
    for each in call.keywords:
        if each.arg == "until" and isinstance(each.value, ast.Lambda):
            names = {argument.arg for argument in each.value.args.args}
            return not names & names_in(each.value.body)
    return False


def within(function):
    """The parts of a function in their order, without the functions within it."""
    rest = list(ast.iter_child_nodes(function))
    while rest:
        part = rest.pop(0)
        yield part
        if not isinstance(part, ast.FunctionDef | ast.Lambda):
            rest[:0] = ast.iter_child_nodes(part)


def names_in(target):
    return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}


def reads_in_asserts(text):
    """Lines of `assert`s that ask a page, or rest on what was read from one without waiting."""
    tree = ast.parse(text)
    functions = [tree, *(part for part in ast.walk(tree) if isinstance(part, ast.FunctionDef))]
    readers, found = set(), set()
    for _ in range(3):  # functions that call functions that read
        for function in functions:
            read = set()
            for part in within(function):
                match part:
                    case ast.Assign(targets=targets, value=value) if reads(value, read, readers):
                        read |= set().union(*map(names_in, targets))
                    case (
                        ast.NamedExpr(target=target, value=value)
                        | ast.AugAssign(target=target, value=value)
                    ) if reads(value, read, readers):
                        read |= names_in(target)
                    case ast.Call(
                        func=ast.Attribute(value=target, attr="append" | "extend" | "add"),
                        args=[value],
                    ) if reads(value, read, readers):
                        read |= names_in(target)
                    case ast.For(target=target, iter=value) if reads(value, read, readers):
                        read |= names_in(target)
                    case ast.Return(value=value) | ast.Yield(value=value):
                        if value is not None and reads(value, read, readers):
                            readers.add(function.name)
                    case ast.Assert(test=test) if reads(test, read, readers):
                        found.add(part.lineno)
    return sorted(found)


def browser_tests():
    return [
        path
        for path in sorted(Path(settings.BASE_DIR).glob("*/**/tests/**/test_*.py"))
        if not {".venv", "var"} & set(path.relative_to(settings.BASE_DIR).parts)
        and "mark.browser" in path.read_text()
        and path != Path(__file__)
        and path.name not in SWEEPS
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
        ("rows = table.all_inner_texts()\nassert rows == []", [2]),
        ("for row in page.locator('tr').all():\n    assert row", [2]),
        ("def kept(page):\n    return page.evaluate('1')\nassert 'a' in kept(page)", [3]),
        (
            "def a(page):\n    return b(page)\ndef b(p):\n    return p.evaluate('1')\nassert a(1)",
            [5],
        ),
        ("words = words_of(page.locator('b'))\nassert words == 'a'", []),
        ("found = evaluated(page, '1', until=bool)\nassert found == 1", []),
        ("assert evaluated(page, '1', until=lambda found: True) == 1", [1]),
        ("found = evaluated(page, '1', until=lambda _: 1)\nassert found == 1", [2]),
        ("assert evaluated(page, '1', until=lambda found: found > 1) == 2", []),
        ("seen = []\nseen.append(page.evaluate('1'))\nassert seen == [1]", [3]),
        ("seen = []\nseen += row.all_inner_texts()\nassert seen == ['a']", [3]),
    ],
)
def test_reads_in_asserts_are_found(text, lines):
    assert list(reads_in_asserts(text)) == lines
