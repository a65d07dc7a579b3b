"""The live call: one note taker saves, sixty people follow, a web server of two workers.

`BENCH_CALL_SECONDS` shortens the ten minutes, for trying it out.
"""

import gzip
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from bench.table import Row

FOLLOWERS = 60
SECONDS = int(os.environ.get("BENCH_CALL_SECONDS", "600"))
# As static/js/call/page.js has it for whoever only follows.
SAVE_EVERY, POLL_EVERY = 0.5, 2.0
HOUSEHOLDS, MONTHS = 40, 24
WORDS = "Spoke with the landlord; the viewing is on Monday. Bring the papers along. "


def rows():
    from bench.world import migrated

    migrated()
    scene = Scene()
    yield from queries_and_weight(scene)
    with WebServer() as port:
        yield from live(scene, port)


class Scene:
    """A call being held: a note taker, followers, forty households with two years behind them."""

    def __init__(self):
        from django.conf import settings
        from django.test import Client
        from django.utils import timezone

        from agreements.tests.factories import make_staff
        from bench.world import analyse, continuum_of
        from conferencing.models import Review
        from conferencing.services.calls import begin_call, put_on_table
        from conferencing.services.roles import change_role
        from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
        from participants.models import Participant

        now = timezone.now()
        continuum, specialist, (provider,) = continuum_of(HOUSEHOLDS, code="MN-980")
        region = continuum.regions.get()
        place = provider.places.get()
        people = list(Participant.objects.filter(region=region))
        for month in range(1, MONTHS + 1):
            former = make_meeting(
                continuum, region, starts_at=now - timedelta(days=30 * month), state="closed"
            )
            for person in people:
                review = make_review(
                    former, person, preferences="Near the bus line", barriers=["No photo ID"]
                )
                make_step(person, place.agency, person=place, review=review)
        meeting = make_meeting(continuum, region, starts_at=now + timedelta(minutes=1))
        make_roster(meeting, *people)
        change_role(meeting, "note_taker", agency=place.agency, person=place, actor=None, now=now)
        begin_call(meeting, actor=provider, now=now)
        self.review = Review.objects.get(meeting=meeting, participant=people[0])
        put_on_table(meeting, self.review, actor=specialist, now=now)
        analyse()
        self.meeting = meeting
        self.cookie = settings.SESSION_COOKIE_NAME
        self.writer = Client()
        self.writer.force_login(provider)
        self.sessions = []
        for _ in range(FOLLOWERS):
            client = Client()
            client.force_login(make_staff(place.agency, regions=[region]).user)
            self.sessions.append(client.cookies[self.cookie].value)
        self.base = f"/meetings/{meeting.pk}/call/"


def queries_and_weight(scene):
    """Counts, and the weight of the page's first load as it goes over the wire."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from conferencing.models import Call

    client = scene.writer

    def counted(ask):
        with CaptureQueriesContext(connection) as found:
            answer = ask()
        assert answer.status_code < 300, answer.status_code
        return len(found), answer

    def save(n):
        values = {"notes": f"{WORDS}{n}"}
        return client.post(
            f"{scene.base}reviews/{scene.review.pk}/save/",
            json.dumps({"base": n, "values": values}),
            content_type="application/json",
        )

    client.get(scene.base)
    page, answer = counted(lambda: client.get(scene.base))
    household = f"{scene.base}reviews/{scene.review.pk}/"
    client.get(household)
    parts = (
        counted(lambda: client.get(household))[0],
        counted(lambda: client.get(f"{scene.base}people/"))[0],
    )
    save(0)
    saves, _ = counted(lambda: save(1))
    version = Call.objects.get(pk=scene.meeting.pk).version
    polls, quiet = counted(lambda: client.get(f"{scene.base}live/?v={version}&r=x"))
    assert (quiet.status_code, quiet.content) == (204, b"")
    yield limit("an autosave: database queries, its transaction's two included", saves, 6)
    yield limit("a follower's poll with nothing new: queries (answer 204, no body)", polls, 2)
    yield limit(
        f"call page, roster of {HOUSEHOLDS}, {MONTHS} months of history: queries",
        page,
        12,
        note=f"Then, as parts of their own: the household {parts[0]}, who is here {parts[1]}.",
    )
    weight, files = page_weight(answer.content, client.get(household).content)
    yield limit(
        "call page, first load, compressed, in kB",
        round(weight / 1000),
        250,
        note=f"The page, the household, and {files} own files (scripts, styles, fonts, pictures).",
    )


def page_weight(*pages):
    """Bytes of the pages and of every own file that they lead to, compressed; and how many."""
    from django.contrib.staticfiles import finders

    todo = {found for page in pages for found in re.findall(rb'"/static/([^"?]+)"', page)}
    seen = set()
    total = sum(len(gzip.compress(page)) for page in pages)
    while todo:
        name = todo.pop().decode()
        seen.add(name)
        path = Path(finders.find(name))
        content = path.read_bytes()
        packed = path.suffix in (".woff2", ".png", ".jpg")
        total += len(content) if packed else len(gzip.compress(content, 9))
        if path.suffix == ".css":
            # Only the faces that a page in English needs: browsers fetch fonts by their range.
            led = [x for x in re.findall(rb'url\("?([^")]+)"?\)', content) if b"data:" not in x]
            led = [x for x in led if b"-latin-wght-normal" in x or not x.endswith(b".woff2")]
        elif path.suffix == ".js":
            led = re.findall(rb'from "(\./[^"]+)"', content)
        else:
            led = []
        root = Path("/") / Path(name).parent
        for each in led:
            target = os.path.normpath(root / each.decode())[1:]
            if target not in seen and finders.find(target):
                todo.add(target.encode())
    return total, len(seen)


class WebServer:
    """gunicorn with two workers, as in production, on a port of its own."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "--config", "conferencing/config/gunicorn.py",
                "--workers", "2", "--bind", f"127.0.0.1:{port}", "conferencing.config.wsgi",
            ],
            stdout=self.log,
            stderr=self.log,
        )  # fmt: skip
        for _ in range(200):
            try:
                if Connection(port, "", "").ask("GET", "/health/live")[0] == 200:
                    return port
            except OSError:
                time.sleep(0.1)
        raise SystemExit("error: the web server did not start.")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


class Connection:
    """One browser's connection, kept alive as browsers do."""

    def __init__(self, port, cookie, session, token=""):
        self.open = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.headers = {"X-Background": "1", "X-Call": "1", "Host": f"127.0.0.1:{port}"}
        if session:
            self.headers["Cookie"] = f"{cookie}={session}" + (token and f"; csrftoken={token}")
        if token:
            self.headers["X-CSRFToken"] = token

    def ask(self, method, path, body=None):
        headers = self.headers | ({"Content-Type": "application/json"} if body else {})
        try:
            self.open.request(method, path, body, headers)
            answer = self.open.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            self.open.close()  # the server closed a connection that was idle; browsers try again
            self.open.request(method, path, body, headers)
            answer = self.open.getresponse()
            return answer.status, answer.read()


class Hour:
    """What the threads of one run share."""

    def __init__(self):
        self.saved_at = {}
        self.took, self.lags, self.failures = [], [], []
        self.ends_at = time.monotonic() + SECONDS


def live(scene, port):
    from django.conf import settings

    token = "".join("abcdefgh"[n % 8] for n in range(32))
    assert settings.CSRF_COOKIE_NAME == "csrftoken"
    hour = Hour()
    writer = Connection(port, scene.cookie, scene.writer.cookies[scene.cookie].value, token)
    threads = [threading.Thread(target=write, args=(hour, scene, writer))] + [
        threading.Thread(
            target=follow, args=(hour, scene, Connection(port, scene.cookie, session), n)
        )
        for n, session in enumerate(scene.sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(hour.took, n=100)
    what = f"a save every 500 ms, {FOLLOWERS} following, {SECONDS} s"
    note = f"{len(hour.took)} saves; median {statistics.median(hour.took) * 1000:.0f} ms."
    yield limit(f"{what}: acknowledged, p95 in ms", round(cuts[94] * 1000), 150, note=note)
    yield limit(f"{what}: acknowledged, p99 in ms", round(cuts[98] * 1000), 300)
    lags = statistics.quantiles(hour.lags, n=100)
    note = f"Seen {len(hour.lags)} times; median {lags[49]:.2f} s, p99 {lags[98]:.2f} s."
    yield limit(
        f"{what}: followers see it, the slowest in s", round(max(hour.lags), 2), 3, note=note
    )
    words = "; ".join(sorted(set(hour.failures))[:3])
    yield Row(
        f"{what}: failures",
        str(len(hour.failures)),
        "0",
        float(len(hour.failures)),
        at_most=0,
        note=words,
    )


def write(hour, scene, connection):
    """Save every half second, each save on the revision that the former one gave."""
    path = f"{scene.base}reviews/{scene.review.pk}/save/"
    status, body = connection.ask("GET", f"{scene.base}live/?v=-1&r={scene.review.pk}")
    revision = json.loads(body)["review"]["revision"]
    n = 0
    while time.monotonic() < hour.ends_at:
        began = time.monotonic()
        n += 1
        sent = json.dumps({"base": revision, "values": {"notes": WORDS * (1 + n % 20) + str(n)}})
        status, body = connection.ask("POST", path, sent)
        ended = time.monotonic()
        if status == 200:
            revision = json.loads(body)["revision"]
            hour.took.append(ended - began)
            hour.saved_at[revision] = ended
        else:
            hour.failures.append(f"save: {status}")
        time.sleep(max(0, SAVE_EVERY - (time.monotonic() - began)))


def follow(hour, scene, connection, place):
    """Ask as the page does, again and again, for what is newer than what it has."""
    time.sleep(place / FOLLOWERS * POLL_EVERY)
    version, frame, revision = -1, None, 0
    while time.monotonic() < hour.ends_at:
        began = time.monotonic()
        status, body = connection.ask("GET", f"{scene.base}live/?v={version}&r={scene.review.pk}")
        now = time.monotonic()
        if status == 200:
            news = json.loads(body)
            version = news["version"]
            if frame is not None and news["frame"] != frame:
                connection.ask("GET", f"{scene.base}agenda/")
                connection.ask("GET", f"{scene.base}people/")
            frame = news["frame"]
            got = news["review"]["revision"]
            # How long the first save that this follower had not seen yet waited for them.
            waited = hour.saved_at.get(revision + 1)
            if revision and got > revision and waited:
                hour.lags.append(now - waited)
            revision = got
        elif status != 204:
            hour.failures.append(f"poll: {status}")
        time.sleep(max(0, POLL_EVERY - (now - began)))


def limit(what, measured, most, note=""):
    """A figure against what it may be at most."""
    return Row(what, f"{measured:g}", f"at most {most:g}", measured / most, at_most=1, note=note)
