"""Browser tests wait for what they read.

A page that was acted on answers in its own time: what is read at once after a click is what
was there before it on a quick day and what came of it on a slow one. So after an act, in any
window, reading a page raises `ReadAtOnce` until the test has waited for something on that page.
And no assertion rests on what was read otherwise than by the functions at this module's end, which
wait for it: test_browser_waiting.py finds those that do in the tests' text.
"""

import functools
import re
import time
from weakref import WeakKeyDictionary

from playwright import sync_api
from playwright.sync_api import Keyboard, Locator, Mouse, Page, expect
from playwright.sync_api._generated import Clock
from playwright.sync_api._generated import mapping as of_playwright

# What somebody at the machine does. What only looks, or moves the focus, is none.
ACTS = {
    Locator: "check clear click dblclick dispatch_event drag_to drop fill press "
    "press_sequentially select_option set_checked set_input_files tap type uncheck",
    Page: "check click dblclick dispatch_event drag_and_drop fill press select_option "
    "set_checked set_input_files tap type uncheck",
    Keyboard: "down insert_text press type up",
    Mouse: "click dblclick down up wheel",
    Clock: "fast_forward run_for",
}
WAITS = {
    Locator: "wait_for",
    Page: "go_back go_forward goto reload set_content wait_for_function wait_for_load_state "
    "wait_for_selector wait_for_url",
}
READS = {
    Locator: "all all_inner_texts all_text_contents aria_snapshot bounding_box count evaluate "
    "evaluate_all get_attribute inner_html inner_text input_value is_checked is_disabled "
    "is_editable is_enabled is_hidden is_visible text_content",
    Page: "content evaluate get_attribute inner_html inner_text input_value is_checked "
    "is_disabled is_editable is_enabled is_hidden is_visible query_selector "
    "query_selector_all text_content title",
}
ADVICE = (
    "The page may not be there yet. Wait for what you read: expect(locator).to_be_visible(), "
    ".to_be_hidden(), .to_have_text(…), .to_contain_text(…), .to_have_value(…), "
    ".to_have_count(…), .to_be_focused(); expect(page).to_have_url(…); "
    "expect_evaluated(page, script, value). To go on with a value: words_of, value_of, "
    "attribute_of, box_of, evaluated(…, until=…). conferencing/tests/waiting.py says why."
)

acts_so_far = 0
last_act = ""
waited = WeakKeyDictionary()  # a page, and how many acts there had been when it was waited for


class ReadAtOnce(AssertionError):
    """A page was read after an act and before anything was waited for."""


def note_act(name):
    global acts_so_far, last_act
    acts_so_far += 1
    last_act = name


def note_wait(page):
    waited[page._impl_obj] = acts_so_far


def refuse_at_once(page, name):
    if waited.get(page._impl_obj, 0) < acts_so_far:
        raise ReadAtOnce(f"{name} at once after {last_act}. {ADVICE}")


def wait_for_scripts(clock, name):
    """A page counts from the hour at which its scripts began: none begins after it was moved on."""
    for page in of_playwright.from_impl(clock._impl_obj._browser_context).pages:
        page.wait_for_load_state()


def page_of(thing) -> Page:
    return thing if isinstance(thing, Page) else thing.page


def watch(kind, names, *, before=None, after=None):
    for name in names.split():
        if usual := getattr(kind, name, None):
            setattr(kind, name, watched(usual, f"{kind.__name__}.{name}", before, after))


def watched(usual, name, before, after):
    @functools.wraps(usual)
    def call(self, *args, **kwargs):
        if before:
            before(self, name)
        result = usual(self, *args, **kwargs)
        if after:
            after(self, name)
        return result

    return call


def watch_expectations():
    """What `expect(…)` says of a page or a part of it was waited for, once it is so."""

    def expect(self, actual, message=None):
        assertions = usual(self, actual, message)
        if isinstance(actual, Page | Locator):
            said[assertions] = actual
        return assertions

    said = WeakKeyDictionary()
    usual = sync_api.Expect.__call__
    sync_api.Expect.__call__ = expect
    for kind in (sync_api.LocatorAssertions, sync_api.PageAssertions):
        names = [name for name in vars(kind) if name.startswith(("to_", "not_to_"))]
        watch(kind, " ".join(names), after=lambda self, name: note_wait(page_of(said[self])))


url = Page.url.fget  # the address as it is, for words about a page


def begin():
    """From now on every test is watched."""
    for kind, names in ACTS.items():
        watch(kind, names, after=lambda self, name: note_act(name))
    watch(Clock, ACTS[Clock], before=wait_for_scripts)
    for kind, names in WAITS.items():
        watch(kind, names, after=lambda self, name: note_wait(page_of(self)))
    for kind, names in READS.items():
        watch(kind, names, before=lambda self, name: refuse_at_once(page_of(self), name))

    def guarded_url(page):
        refuse_at_once(page, "Page.url")
        return url(page)

    Page.url = property(guarded_url)
    watch_expectations()


def evaluated(target, script, *, until=bool, arg=None, timeout=5_000):
    """What `script` gives on a page or an element, once `until` says that it is so.

    `timeout` in milliseconds; AssertionError with what was found after it.
    """
    page = page_of(target)
    ends = time.monotonic() + timeout / 1000
    while True:
        note_wait(page)
        found = target.evaluate(script, arg)
        if until(found):
            return found
        assert time.monotonic() < ends, found
        page.wait_for_timeout(50)


def expect_evaluated(target, script, value, *, arg=None, timeout=5_000):
    """Wait until `script` gives `value` on a page or an element; `timeout` in milliseconds."""
    evaluated(target, script, until=lambda found: found == value, arg=arg, timeout=timeout)


def words_of(locator, matching=r"\S") -> str:
    """The words of an element, to go on with, once they match a pattern."""
    expect(locator).to_have_text(re.compile(matching))
    return locator.inner_text()


def value_of(locator, matching=r"\S") -> str:
    """What stands in a field, to go on with, once it matches a pattern."""
    expect(locator).to_have_value(re.compile(matching))
    return locator.input_value()


def attribute_of(locator, name) -> str:
    """An attribute of an element, to go on with, once it is there."""
    expect(locator).to_have_attribute(name, re.compile("."))
    return locator.get_attribute(name)


def box_of(locator) -> dict:
    """Where an element is and how large, once it stays there."""
    expect(locator).to_be_visible()
    found, former = locator.bounding_box(), None
    while found != former:
        locator.page.wait_for_timeout(50)
        found, former = locator.bounding_box(), found
    return found
