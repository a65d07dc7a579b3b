"""A real Chromium on a real server, for tests marked `browser`.

Every page is watched: a script error, a message of level error on the console, or a
breach of the content security policy fails the test, unless the test takes it out of
`complaints` first.
"""

import os
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from conferencing.tests import clock, waiting
from run import chromium

# People sit in the zone of their continuum, which is seldom the server's.
ZONE = clock.ZONE or "America/Chicago"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds; what comes, comes at once, but for a machine that is busy


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once for all browser tests."""
    found = chromium.find()
    assert found, "No Chromium or Chrome was found. Install one, or set CHROMIUM to its path."
    # Playwright keeps an event loop in this thread; the tests' own queries are no part of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    waiting.begin()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=found, args=chromium.arguments())
        yield program
        program.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints():
    """What pages complained of so far; must be empty when the test ends."""
    found = []
    yield found
    assert found == []


@pytest.fixture
def new_page(browser, live_server, complaints):
    """Open a page in a browser of its own: `new_page(user=None, **context)`.

    `user` is signed in already. `context` goes to Playwright (`viewport=NARROW`,
    `java_script_enabled=False`). Relative addresses are the live server's. `beside`: a page in
    whose browser this one is opened, as another tab; a browser of its own costs twice as much.
    """
    contexts = []

    def make(user=None, *, beside=None, **context):
        if beside:
            return watch(beside.context.new_page(), complaints)
        context = {"viewport": WIDE, "base_url": live_server.url, "timezone_id": ZONE} | context
        own = browser.new_context(**context)
        own.add_init_script(clock.script())
        own.set_default_timeout(PATIENCE)
        contexts.append(own)
        if user:
            sign_in(own, user, live_server.url)
        return watch(own.new_page(), complaints)

    yield make
    for own in contexts:
        own.close()


@pytest.fixture
def page(new_page):
    """A page that nobody is signed in to."""
    return new_page()


def sign_in(context, user, url: str) -> None:
    """Give the browser a session of the user's."""
    client = Client()
    client.force_login(user)
    take_session(context, client, url)


def take_session(context, client, url: str) -> None:
    """Give the browser the session of a test client."""
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "domain": urlsplit(url).hostname,
                "path": "/",
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


def watch(page, complaints: list[str]):
    """Write down what the page complains of: scripts, console, content security policy."""
    page.on("pageerror", lambda error: complaints.append(f"{waiting.url(page)}: script: {error}"))

    def read(said):
        asked_for_icon = said.location.get("url", "").endswith("/favicon.ico")
        if said.type == "error" and not asked_for_icon:  # browsers ask for one unasked
            complaints.append(f"{waiting.url(page)}: console: {said.text}")

    page.on("console", read)
    return page
