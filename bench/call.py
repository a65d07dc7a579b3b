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
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bench.table import Row, limit

FOLLOWERS = 60
SECONDS = int(os.environ.get("BENCH_CALL_SECONDS", "600"))
# As static/js/call/page.js has it for whoever only follows.
SAVE_EVERY, POLL_EVERY = 0.5, 2.0
SEEN_WITHIN = 3.0
HOUSEHOLDS, MONTHS = 40, 24
WORDS = "Spoke with the landlord; the viewing is on Monday. Bring the papers along. "


def rows():
    from bench.world import migrated

    migrated()
    small = Scene(households=1, months=1, followers=0, code="MN-981")
    scene = Scene()
    yield from queries_and_weight(scene, small)
    with WebServer() as port:
        yield from live(scene, port)


class Scene:
    """A call being held: a note taker, followers, households with months of reviews behind them."""

    def __init__(self, *, households=HOUSEHOLDS, months=MONTHS, followers=FOLLOWERS, code="MN-980"):
        from django.conf import settings
        from django.test import Client
        from django.utils import timezone

        from agreements.tests.factories import make_staff
        from bench.world import analyse, continuum_of
        from conferencing.call.acts import begin_call, put_on_table
        from conferencing.models import Review
        from conferencing.rotation.roles import change_role
        from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
        from participants.models import Participant

        now = timezone.now()
        continuum, specialist, (provider,) = continuum_of(households, code=code)
        region = continuum.regions.get()
        place = provider.places.get()
        people = list(Participant.objects.filter(region=region))
        for month in range(1, months + 1):
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
        for _ in range(followers):
            client = Client()
            client.force_login(make_staff(place.agency, regions=[region]).user)
            self.sessions.append(client.cookies[self.cookie].value)
        self.base = f"/meetings/{meeting.pk}/call/"


def queries_and_weight(scene, small):
    """Counts, and the weight of the page's first load as it goes over the wire."""
    found, pages = asked_of_database(scene)
    few, _ = asked_of_database(small)
    yield limit("an autosave: database queries, its transaction's two included", found["save"], 6)
    yield limit(
        "a follower's poll with nothing new: queries (answer 204, no body)", found["poll"], 2
    )
    yield limit(
        f"call page, roster of {HOUSEHOLDS}, {MONTHS} months of history: queries",
        found["page"],
        12,
        note="Then, as parts of their own: the household "
        f"{found['household']}, who is here {found['people']}; a follower's news {found['news']}.",
    )
    yield Row(
        "the same with 1 household and 1 month: save, poll, page, household, people, news",
        ", ".join(str(count) for count in found.values()),
        ", ".join(str(count) for count in few.values()),
        max(found[name] / few[name] for name in found),
        at_most=1,
    )
    weight, files = page_weight(*pages)
    yield limit(
        "call page, first load, compressed, in kB",
        round(weight / 1000),
        250,
        note=f"The page, the household, who is here, and {files} own files (scripts, styles, "
        "fonts, pictures), by gzip. Pages are compressed by the proxy, not by the application.",
    )


def asked_of_database(scene):
    """How many queries each act of the page takes, once it is warm; and the pages themselves."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from conferencing.models import Call

    client = scene.writer
    household = f"{scene.base}reviews/{scene.review.pk}/"

    def counted(ask):
        with CaptureQueriesContext(connection) as found:
            answer = ask()
        assert answer.status_code < 300, answer.status_code
        return len(found), answer

    def save(n):
        answer = client.post(
            f"{household}save/",
            json.dumps({"base": n, "values": {"notes": f"{WORDS}{n}"}}),
            content_type="application/json",
        )
        assert answer.json()["revision"] == n + 1, answer.content
        return answer

    for url in (scene.base, household, f"{scene.base}people/"):
        client.get(url)
    save(0)
    counts = {"save": counted(lambda: save(1))[0]}
    version = Call.objects.get(pk=scene.meeting.pk).version
    live = f"{scene.base}live/?r={scene.review.pk}&v="
    counts["poll"], quiet = counted(lambda: client.get(f"{live}{version}"))
    assert (quiet.status_code, quiet.content) == (204, b"")
    counts["page"], page = counted(lambda: client.get(scene.base))
    counts["household"], part = counted(lambda: client.get(household))
    counts["people"], people = counted(lambda: client.get(f"{scene.base}people/"))
    counts["news"], _ = counted(lambda: client.get(f"{live}-1"))
    return counts, [page.content, part.content, people.content]


def page_weight(*pages):
    """Bytes of the pages and of every own file that they lead to, compressed; and how many."""
    files = own_files(*pages)
    return sum(len(gzip.compress(page)) for page in pages) + sum(files.values()), len(files)


def own_files(*pages):
    """Each own file that the pages lead to, by name, with its bytes as they go over the wire."""
    from django.contrib.staticfiles import finders

    todo = {found.decode() for page in pages for found in re.findall(rb'"/static/([^"?]+)"', page)}
    files = {}
    while todo:
        name = todo.pop()
        path = Path(finders.find(name))
        content = path.read_bytes()
        packed = path.suffix in (".woff2", ".png", ".jpg")
        files[name] = len(content) if packed else len(gzip.compress(content, 9))
        folder = Path("/") / Path(name).parent
        led = {os.path.normpath(folder / each)[1:] for each in led_to(path.suffix, content)}
        todo |= {each for each in led - set(files) if finders.find(each)}
    return files


def led_to(suffix, content):
    """What a style sheet or a module leads to, as it is written there."""
    text = content.decode(errors="replace")
    if suffix == ".js":
        return re.findall(r'(?:from|import)\s*\(?"(\./[^"]+)"', text)
    if suffix != ".css":
        return []
    found = re.findall(r'url\("?([^")]+)"?\)', text)
    # Only the faces that a page in English needs: browsers fetch fonts by their range.
    own = [x for x in found if not x.startswith("data:")]
    return [x for x in own if "-latin-wght-normal" in x or not x.endswith(".woff2")]


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

    def __init__(self, seconds):
        self.saved_at, self.last_seen = {}, {}
        self.took, self.lags, self.failures = [], [], []
        self.ends_at = time.monotonic() + seconds

    def failed(self, what, why):
        """Count a failure of any kind: an answer other than the one due, or none."""
        self.failures.append(f"{what}: {why}")


def live(scene, port):
    from django.conf import settings

    token = "".join("abcdefgh"[n % 8] for n in range(32))
    assert settings.CSRF_COOKIE_NAME == "csrftoken"
    hour = Hour(SECONDS)
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
    note_unseen(hour)
    yield from figures(hour, f"a save every 500 ms, {FOLLOWERS} following, {SECONDS} s")


def note_unseen(hour):
    """Count as a failure each follower who was left without the last save."""
    last = max(hour.saved_at, default=0)
    for place in range(FOLLOWERS):
        if hour.last_seen.get(place, -1) < last:
            hour.failed("follow", "the last save was never seen")


def figures(hour, what):
    if len(hour.took) > 1:
        cuts = statistics.quantiles(hour.took, n=100)
        note = f"{len(hour.took)} saves; median {statistics.median(hour.took) * 1000:.0f} ms."
        yield limit(f"{what}: acknowledged, p95 in ms", round(cuts[94] * 1000), 150, note=note)
        yield limit(f"{what}: acknowledged, p99 in ms", round(cuts[98] * 1000), 300)
    if len(hour.lags) > 1:
        cuts = statistics.quantiles(hour.lags, n=100)
        note = f"Seen {len(hour.lags)} times; median {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s."
        slowest = round(max(hour.lags), 2)
        yield limit(f"{what}: followers see it, the slowest in s", slowest, SEEN_WITHIN, note=note)
    kinds = Counter(hour.failures).most_common()
    yield Row(
        f"{what}: failures",
        str(len(hour.failures)),
        "0",
        float(len(hour.failures)),
        at_most=0,
        note="; ".join(f"{many} × {kind}" for kind, many in kinds),
    )


def write(hour, scene, connection):
    """Save every half second, each save on the revision that the former one gave."""
    path = f"{scene.base}reviews/{scene.review.pk}/save/"
    revision, n = None, 0
    while time.monotonic() < hour.ends_at:
        began = time.monotonic()
        try:
            if revision is None:
                looked = connection.ask("GET", f"{scene.base}live/?v=-1&r={scene.review.pk}")
                revision = json.loads(looked[1])["review"]["revision"]
                began = time.monotonic()
            n += 1
            values = {"notes": WORDS * (1 + n % 20) + str(n)}
            sent = json.dumps({"base": revision, "values": values})
            status, body = connection.ask("POST", path, sent)
            ended = time.monotonic()
            if status != 200:
                hour.failed("save", status)
                revision = None
            elif json.loads(body)["revision"] != revision + 1:
                hour.failed("save", "answered, but not accepted")
            else:
                revision += 1
                hour.saved_at[revision] = ended
                hour.took.append(ended - began)
        except Exception as error:
            hour.failed("save", type(error).__name__)
            connection.open.close()
            revision = None
        time.sleep(max(0, SAVE_EVERY - (time.monotonic() - began)))


def follow(hour, scene, connection, place):
    """Ask as the page does, again and again, for what is newer than what it has.

    Goes on after the last save for as long as that may take to be seen.
    """
    time.sleep(place / FOLLOWERS * POLL_EVERY)
    version, frame, revision = -1, None, 0
    while time.monotonic() < hour.ends_at + SEEN_WITHIN:
        try:
            live = f"{scene.base}live/?v={version}&r={scene.review.pk}"
            status, body = connection.ask("GET", live)
            now = time.monotonic()
            if status == 200:
                news = json.loads(body)
                version = news["version"]
                if frame is not None and news["frame"] != frame:
                    refresh(hour, scene, connection)
                frame = news["frame"]
                got = news["review"]["revision"]
                # How long the first save that this follower had not seen yet waited for them.
                waited = hour.saved_at.get(revision + 1)
                if revision and got > revision and waited:
                    hour.lags.append(now - waited)
                revision = hour.last_seen[place] = got
            elif status != 204:
                hour.failed("poll", status)
        except Exception as error:
            hour.failed("poll", type(error).__name__)
            connection.open.close()
        time.sleep(POLL_EVERY)


def refresh(hour, scene, connection):
    """Fetch what the page fetches when the agenda changed."""
    for part in ("agenda", "people"):
        status, _ = connection.ask("GET", f"{scene.base}{part}/")
        if status != 200:
            hour.failed(part, status)
