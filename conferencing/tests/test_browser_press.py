"""Every button of every page is pressed from the keyboard: it does something, and the focus stays.

Pages are answered by the test itself, within one transaction a press: what a press changes is seen
by the pages after it and gone before the next. Only scripts and styles come from the server.
"""

import re
from contextlib import contextmanager
from contextvars import copy_context
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import Resolver404, resolve
from playwright.sync_api import TimeoutError as TooLate

from conferencing.tests.test_browser_axe import pages_of
from conferencing.tests.test_walk import ROWS
from conferencing.tests.world import keep_watchdog_content, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROLES = ["specialist", "administrator", "lead", "provider", "vsp"]
# Whoever has the most buttons presses them in as many tests, dealt out by where they lead.
DEALT = {"specialist": 3}
ADDRESSES = list(ROWS)
ON_ITS_WAY = 4_000  # milliseconds until what was pressed has sent something, or will not
# Told as a pattern, scripts and styles go past Python: there are a dozen to every page.
NOT_STATIC = re.compile(rf"^https?://[^/]+/(?!{settings.STATIC_URL.strip('/')}/)")
# Ends the session, or waits for a passkey.
NOT_PRESSED = {"account_logout", "usersessions_list", "mfa_reauthenticate_webauthn"}
# What pages ask for by themselves.
UNASKED = {
    "conferencing:call_live",
    "conferencing:call_frame",
    "conferencing:call_people",
    "conferencing:call_household",
    "accounts:session_ping",
    "accounts:session_state",
    "accounts:draft_key",
    "imports:import_progress",
}
# Every button in sight and every choice that sends itself, marked with its number: [what it is,
# where it leads], once for each way that it can be pressed.
FIND = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const found = [];
  const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled;
  const note = (each, kind, leads) => {
    each.dataset.pressedByTest = found.length;
    const told = each.getAttribute("aria-label") ?? each.textContent;
    const words = told.replace(/\\s+/g, " ").trim();
    const says = /^[a-z_]{1,20}$/.test(each.value) ? `${each.name}=${each.value}` : each.name;
    found.push({ kind, leads, says: kind === "button" ? words : says, words: words.slice(0, 60) });
  };
  for (const each of document.querySelectorAll("main button, main input[type=submit]")) {
    if (!seen(each)) continue;
    const form = each.type === "submit" && each.form;
    if (form && form.method === "dialog") continue;
    const leads = form ? new URL(form.getAttribute("action") || "", location).pathname : "";
    note(each, form ? form.method : "button", leads);
  }
  for (const form of document.querySelectorAll("form[data-auto-submit]")) {
    const choice = [...form.querySelectorAll("select")].find(seen);
    if (choice) note(choice, "choice", location.pathname);
  }
  return found;
}"""
MARK = """number => {
  window.wasPressed = true;
  const each = document.querySelector(`[data-pressed-by-test="${number}"]`);
  each.focus();
  return !each.form || each.form.noValidate || each.formNoValidate || each.form.checkValidity();
}"""
IS_NEW_PAGE = "() => !window.wasPressed && document.readyState === 'complete'"
HAS_FOCUS = "() => document.activeElement && document.activeElement !== document.body"


class Desk:
    """A page whose every address is answered by a test client, and what it asked for."""

    def __init__(self, page, client):
        self.page, self.client = page, client
        self.pressed = self.answers = None
        # Playwright answers in a context of its own, where Django has another connection.
        context = copy_context()
        page.route(NOT_STATIC, lambda route: context.copy().run(self.answer, route))

    def answer(self, route):
        request = route.request
        parts = urlsplit(request.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        told = request.headers
        headers = {name: told[name] for name in told if name.startswith(("hx-", "x-", "accept"))}
        if request.method == "GET":
            said = self.client.get(path, headers=headers)
        else:
            said = self.client.generic(
                request.method,
                path,
                request.post_data_buffer or b"",
                content_type=told.get("content-type", "application/octet-stream"),
                headers=headers,
            )
        body = b"".join(said) if said.streaming else said.content
        is_page = request.is_navigation_request()
        if self.answers is not None:
            self.answers.append((request.method, view_of(parts.path), said.status_code, is_page))
        if is_page and 300 <= said.status_code < 400:
            # A redirect would leave for the network: a page in between leads on instead.
            leads = f"<script>wasPressed = 1; location.replace({said['Location']!r})</script>"
            return route.fulfill(content_type="text/html", body=leads)
        return route.fulfill(status=said.status_code, headers=dict(said.items()), body=body)

    def open(self, path):
        """What can be pressed on the page, each marked with its number."""
        self.answers = None
        self.page.goto(path)
        return self.page.evaluate(FIND)

    def press(self, number, kind):
        """Press what has the number on the page; what is wrong then, in words, or None."""
        sends = self.page.evaluate(MARK, number) and kind != "button"
        self.answers = []
        each = self.page.locator(f"[data-pressed-by-test='{number}']")
        each.press("ArrowDown" if kind == "choice" else "Enter")
        if sends and not self.wait_for_answer():
            return "nothing was sent"
        try:
            if any(is_page for *_, is_page in self.answers):
                self.page.wait_for_function(IS_NEW_PAGE)
            self.page.wait_for_timeout(100)
            self.page.wait_for_function(HAS_FOCUS, timeout=2_000)
        except TooLate:
            return "the focus is lost"
        wrong = [each[:3] for each in self.answers if each[2] >= 400 and each[2] not in (409, 422)]
        return f"{wrong}" if wrong else None

    def wait_for_answer(self):
        """Whether what was pressed sent something within a while."""
        for _ in range(ON_ITS_WAY // 20):
            self.page.wait_for_timeout(20)
            if [each for each in self.answers if each[1] not in UNASKED]:
                return True
        return False


def view_of(path):
    try:
        return resolve(path).view_name
    except Resolver404:
        return path


@contextmanager
def undone():
    """What is done within is seen within, and nowhere else."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def leads_of(client, path):
    """Where the forms of a page lead, and which other buttons it has: a look that costs little.

    Pairs of an address, None for other buttons, and of what tells them apart.
    """
    with undone():
        text = client.get(path).content.decode()
    main = text.partition("<main")[2]
    forms = re.findall(r"<form\b[^>]*>", main)
    actions = re.findall(r'\baction="([^"]+)"', " ".join(forms))
    leads = {(view_of(unescape(each)), None) for each in actions}
    own = {(view_of(path), each) for each in forms if "action=" not in each}
    others = re.findall(r'<button type="button"[^>]*?(?:id="[^"]*"|data-\w+)', main)
    # Those that copy are alike but for their words.
    copies = re.findall(r"<button\b[^>]*\bdata-copy\b.*?</button>", main, re.DOTALL)
    copied = {" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in copies}
    return leads | own | {(None, each) for each in {*others, *copied}}


def is_new(each, role, hand, pressed):
    """Whether a kind of button waits to be pressed in this role and test.

    What an earlier role may do is pressed in that role: it is the same button.
    """
    address = view_of(each["leads"])
    key = (each["kind"], address, each["says"])
    if key in pressed or address in NOT_PRESSED:
        return False
    pressed.add(key)
    return is_pressed_here(address, role, hand)


def is_pressed_here(address, role, hand):
    """Whether what leads to an address is pressed in this role, and in this one of its tests."""
    dealt = ADDRESSES.index(address) % DEALT.get(role, 1) if address in ROWS else 0
    return dealt == hand and not is_of_earlier_role(address, role)


def is_of_earlier_role(address, role):
    earlier = ROLES[: ROLES.index(role)] if address in ROWS else []
    return any(ROWS[address][1][other] in ("200", "302") for other in earlier)


def faults_of_presses(desk, address, path, role, hand, pressed):
    """Open a page and press what is new on it, each as if nothing else had been pressed."""
    todo = [None]
    while todo:
        each = todo.pop()
        with undone():
            found = desk.open(path)
            if each is None:
                new = [
                    (n, each) for n, each in enumerate(found) if is_new(each, role, hand, pressed)
                ]
                todo = new[::-1]
                each = todo.pop() if todo else None
            if each is not None:
                number, what = each
                if fault := desk.press(number, what["kind"]):
                    yield f"{address}: {what['words']} ({view_of(what['leads'])}): {fault}"


@pytest.mark.parametrize(
    ("role", "hand"), [(role, hand) for role in ROLES for hand in range(DEALT.get(role, 1))]
)
def test_every_button_does_something_and_the_focus_stays(world, new_page, complaints, role, hand):
    keep_watchdog_content()
    scene = world["river"]
    client = signed_in(scene.people[role])
    desk = Desk(new_page(), client)
    known, pressed, faults = set(), set(), []
    for address, path in pages_of(role, scene):
        new = leads_of(client, path) - known
        known |= new
        if any(is_pressed_here(lead, role, hand) for lead, _ in new):
            faults += faults_of_presses(desk, address, path, role, hand, pressed)
    desk.page.unroute_all(behavior="ignoreErrors")
    assert faults == []
    assert len(known) > 10
    assert pressed
    complaints[:] = [each for each in complaints if "status of 4" not in each]
