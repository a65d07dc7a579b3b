"""The call bench: whatever goes wrong is counted, and every file of the page is weighed."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders

from bench import call
from conferencing.tests.smtp import keep_port

SCENE = SimpleNamespace(base="/call/", review=SimpleNamespace(pk="r1"))


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """A run of moments, not of minutes."""
    for name, seconds in (("SAVE_EVERY", 0.02), ("POLL_EVERY", 0.02), ("SEEN_WITHIN", 0.1)):
        monkeypatch.setattr(call, name, seconds)


@pytest.fixture
def server():
    """A web server that holds one revision; `accepts` and `status` say how it answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, found):
            body = json.dumps(found).encode()
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            seen = made.revision if made.shows else 1
            self.answer({"version": seen, "frame": 1, "review": {"revision": seen}})

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            made.revision += made.accepts
            self.answer({"revision": made.revision})

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.revision, made.accepts, made.shows, made.status = 1, 1, True, 200
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def connection(port):
    return call.Connection(port, "session", "s", "t")


@pytest.fixture
def free_port():
    with keep_port() as place:
        yield place.getsockname()[1]


def played(port, *, followers=1):
    """One writer and so many followers against this port, to the end of a short hour."""
    hour = call.Hour(0.5)
    acts = [(call.write, (hour, SCENE, connection(port)))]
    acts += [(call.follow, (hour, SCENE, connection(port), n)) for n in range(followers)]
    threads = [threading.Thread(target=act, args=args) for act, args in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return hour


def test_hour_that_goes_well_has_saves_sightings_and_no_failure(server, monkeypatch):
    monkeypatch.setattr(call, "FOLLOWERS", 2)
    hour = played(server.server_port, followers=2)
    call.note_unseen(hour)
    assert hour.failures == []
    assert len(hour.took) == len(hour.saved_at) == server.revision - 1 > 1
    assert hour.last_seen == {0: server.revision, 1: server.revision}
    assert hour.lags


def test_hour_counts_a_server_that_cannot_be_reached(free_port):
    hour = played(free_port)
    assert set(hour.failures) == {
        "save: ConnectionRefusedError",
        "poll: ConnectionRefusedError",
    }
    assert (hour.took, hour.lags) == ([], [])


def test_hour_counts_answers_other_than_those_due(server):
    server.status = 500
    assert set(played(server.server_port).failures) == {"save: 500", "poll: 500"}


def test_hour_counts_a_save_that_was_answered_and_not_accepted(server):
    server.accepts = 0
    hour = played(server.server_port)
    assert set(hour.failures) == {"save: answered, but not accepted"}
    assert hour.took == []


def test_hour_counts_each_follower_left_without_the_last_save(server, monkeypatch):
    monkeypatch.setattr(call, "FOLLOWERS", 3)
    server.shows = False
    hour = played(server.server_port, followers=1)
    call.note_unseen(hour)
    assert hour.failures == ["follow: the last save was never seen"] * 3


def test_figures_tell_failures_by_kind_where_nothing_was_saved():
    hour = call.Hour(0)
    hour.failed("poll", 503)
    hour.failed("poll", 503)
    hour.failed("save", "TimeoutError")
    (row,) = call.figures(hour, "an hour")
    assert (row.what, row.ours, row.verdict) == ("an hour: failures", "3", "missed")
    assert row.note == "2 × poll: 503; 1 × save: TimeoutError"


def test_own_files_are_followed_through_modules_and_fonts():
    page = b'<script src="/static/js/call/notes.js"></script> <link href="/static/css/tokens.css">'
    found = call.own_files(page, page)
    assert set(found) - FONTS == {
        "js/call/notes.js", "js/call/drafts.js",
        "js/call/elements.js", "js/call/server.js", "css/tokens.css",
    }  # fmt: skip
    assert set(found) >= FONTS


def test_own_files_hold_modules_that_are_imported_for_what_they_do():
    page = b'<script src="/static/js/call/page.js"></script>'
    assert {"js/call/forms.js", "js/call/keys.js"} <= set(call.own_files(page))


def test_page_weight_counts_each_file_once_and_packs_text():
    page = b'<script src="/static/js/call/server.js"></script>'
    content = Path(finders.find("js/call/server.js")).read_bytes()
    assert call.page_weight(page, page) == (
        2 * len(gzip.compress(page)) + len(gzip.compress(content, 9)),
        1,
    )


# One upright face of each family, in the letters of English.
FONTS = {
    f"vendor/{family}/{family}-latin-wght-normal.woff2"
    for family in ("atkinson-hyperlegible-next", "atkinson-hyperlegible-mono")
}


@pytest.mark.parametrize(("measured", "verdict"), [(6, "reached"), (7, "missed")])
def test_limit_is_reached_up_to_the_figure_itself(measured, verdict):
    assert call.limit("an autosave", measured, 6).verdict == verdict
