"""Characters lost over many interruptions while a real browser types notes on a call.

Web server of two workers, embedded PostgreSQL and Redis, a real Chromium. At random (seeded): the
web server is killed and started again, PostgreSQL stops and comes back, the network is gone, the
session ends and is taken up by the sign-in form, the page is loaded anew. Typing goes on meanwhile.
`INTERRUPTIONS` (200) says how many, `SEED` (7) which.
"""

import contextlib
import difflib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bench.table import Row

WORDS = ("bus", "line", "landlord", "calls", "voucher", "window", "key", "garden", "lamp", "paper")
PASSWORD = "correct horse battery 1"
LONGEST_MS = 60_000
FIELD_HOLDS = 18_000


def rows():
    interruptions, seed = int(os.environ.get("INTERRUPTIONS", "200")), os.environ.get("SEED", "7")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    os.environ["SITE_URL"] = url
    began = time.monotonic()
    told, lost, added, typed = played(url, interruptions, random.Random(seed))  # noqa: S311
    kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(told.items()))
    yield Row(
        f"characters lost over {interruptions} interruptions of a note taker",
        f"{lost} lost, {added} doubled",
        f"{typed} typed",
        lost + added,
        at_most=0,
        note=f"{kinds}; seed {seed}; {time.monotonic() - began:.0f} s. The ratio is the number of "
        "characters that stand in the database and were not typed, or the other way round.",
    )


def played(url, interruptions, chance):
    """Type and interrupt; return (how many of each kind, lost, doubled, typed)."""
    from bench.world import FOLDER, migrated

    migrated()
    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    from run import chromium

    call_command("collectstatic", verbosity=0, interactive=False)
    user, review = held_call()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    web = Web(url, Path(FOLDER) / "web.log")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=chromium.arguments()
            )
            desk = Desk(browser, web, user, review, chance)
            told = desk.work(interruptions)
            browser.close()
    finally:
        web.kill()
    return told, *difference(desk.typed, desk.stored())


def held_call():
    """A call that is being held, with one household on the table; its note taker and review."""
    from django.utils import timezone

    from agreements.models import StaffMember
    from bench.world import continuum_of
    from conferencing.call.acts import begin_call, put_on_table
    from conferencing.rotation.roles import change_role
    from conferencing.tests.factories import make_meeting, make_roster
    from participants.models import Participant

    now = timezone.now()
    continuum, specialist, (provider,) = continuum_of(3, code="MN-950")
    meeting = make_meeting(
        continuum, continuum.regions.get(), starts_at=now + timedelta(minutes=1), minutes=600
    )
    make_roster(meeting, *Participant.objects.filter(continuum=continuum))
    place = StaffMember.objects.select_related("agency").get(user=provider)
    change_role(meeting, "note_taker", agency=place.agency, person=place, actor=None, now=now)
    begin_call(meeting, actor=specialist, now=now)
    review = meeting.reviews.first()
    put_on_table(meeting, review, actor=specialist, now=now)
    return provider, review


def difference(typed, stored):
    """Characters of `typed` that are not in `stored`, the other way round, and how many."""
    lost = added = 0
    matcher = difflib.SequenceMatcher(None, typed, stored, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes() if typed != stored else ():
        if typed[start:end] != stored[other_start:other_end]:
            lost += end - start
            added += other_end - other_start
    return lost, added, len(typed)


class Web:
    """The web server as `make run` starts it, to be killed and started again."""

    def __init__(self, url, log):
        self.url, self.log, self.process = url, log, None
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "conferencing/config/gunicorn.py"]
                + ["--bind", self.url.removeprefix("http://"), "conferencing.config.wsgi"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/health/live", timeout=5).close()  # noqa: S310
                return
            time.sleep(0.05)
        raise SystemExit("error: the web server did not start.")

    def kill(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Desk:
    """The note taker's browser, and what goes wrong around it."""

    def __init__(self, browser, web, user, review, chance):
        from conferencing.tests.browser import sign_in

        self.web, self.user, self.review, self.chance = web, user, review, chance
        self.typed = ""
        self.context = browser.new_context(base_url=web.url)
        self.context.set_default_timeout(LONGEST_MS)
        sign_in(self.context, user, web.url)
        self.page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"/meetings/{review.meeting_id}/call/")
        self.take_up()

    def work(self, interruptions):
        """Interrupt so many times, then wait until all is saved; how many of each kind."""
        told = Counter()
        kinds = [self.kill_web, self.stop_database, self.drop_network, self.end_session, self.load]
        for number in range(interruptions):
            kind = kinds[number] if number < len(kinds) else self.chance.choice(kinds)
            self.write()
            kind()
            self.write()
            told[kind.__name__.replace("_", " ")] += 1
            if number % 20 == 19:
                print(f"{number + 1} of {interruptions}", file=sys.stderr, flush=True)
        self.page.locator("#save-bar[data-state=saved]").wait_for()
        return told

    def stored(self):
        """What stands in the database."""
        from django.db import connections

        connections.close_all()
        self.review.refresh_from_db()
        return self.review.notes

    def take_up(self):
        """The caret at the end of the notes, as the page shows them."""
        self.page.locator("#f-notes").wait_for()
        self.page.locator("#f-notes").focus()
        self.page.keyboard.press("Control+End")

    def write(self):
        """A few words; now and then a pause in which they may be saved."""
        for _ in range(self.chance.randint(1, 5)):
            if len(self.typed) < FIELD_HOLDS:
                word = self.chance.choice(WORDS) + self.chance.choice([" ", " ", ", ", ". "])
                self.page.keyboard.type(word, delay=self.chance.choice([0, 5, 20]))
                self.typed += word
        if self.chance.random() < 0.5:
            self.pause(0.1, 0.9)

    def pause(self, least, most):
        self.page.wait_for_timeout(self.chance.uniform(least, most) * 1000)

    def kill_web(self):
        self.web.kill()
        self.write()
        self.pause(0, 1.5)
        self.web.start()

    def stop_database(self):
        record = Path(os.environ["CONFERENCING_VAR"]) / "run" / "servers.json"
        pid = json.loads(record.read_text())["postgres"]
        os.kill(pid, self.chance.choice([signal.SIGINT, signal.SIGQUIT]))
        self.write()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.pause(0.1, 0.3)
            now = json.loads(record.read_text())
            if now["ready"] and now["postgres"] != pid and self.answers():
                return
        raise SystemExit("error: PostgreSQL did not come back.")

    def answers(self):
        from django.db import OperationalError, connection, connections

        connections.close_all()
        try:
            connection.ensure_connection()
        except OperationalError:
            return False
        return True

    def drop_network(self):
        self.context.set_offline(True)
        self.write()
        self.pause(0, 2)
        self.context.set_offline(False)

    def end_session(self):
        from accounts.models import Session

        self.answers()
        Session.objects.filter(user=self.user).delete()
        self.write()
        self.page.locator("#away:not([hidden])").wait_for()
        self.write()
        with self.page.expect_popup() as opening:
            self.page.get_by_role("button", name="Sign in again here").click()
        window = opening.value
        window.get_by_label("Email address").fill(self.user.email)
        window.get_by_label("Password", exact=True).fill(PASSWORD)
        window.get_by_role("button", name="Sign in", exact=True).click()
        self.page.locator("#away").wait_for(state="hidden")
        self.take_up()

    def load(self):
        """Load the page anew; at times while the web server is away a moment later."""
        self.page.reload()
        self.take_up()
