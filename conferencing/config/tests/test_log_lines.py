"""No line of a log holds a token, or what would forge or color another."""

import logging
import re
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, include, path

from conferencing.config.log_lines import LineFormatter, RefusedInOneLine, shown_address
from conferencing.tests.readable import readable
from run.testing import production

TOKEN = "Zm9v-YmFyYmF6cXV4X3F1dXg_c3VwZXJzZWNyZXR0b2tlbg"
UUID = "0b0f4a4e-7d0c-4c8e-9a43-0d7e6a7f2f11"
PLAIN = {"uuid": UUID, "int": "17"}


def routes(resolver=None, before=""):
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each, route)


def test_every_part_of_an_address_that_is_no_key_is_masked():
    """The sweep: a new address with a token in it is masked without being named anywhere."""
    shown, wanted = {}, {}
    for route in routes():
        typed = re.sub(r"\(\?P<\w+>[^)]*\)", TOKEN, "/" + route.replace("^", "").rstrip("$"))
        address = re.sub(r"<(\w+):\w+>", lambda found: PLAIN.get(found[1], TOKEN), typed)
        shown[route] = shown_address(address)
        parts = [part if TOKEN not in part else "***" for part in address.split("/")]
        wanted[route] = "/".join(parts)
    assert shown == wanted
    assert sum("***" in each for each in shown.values()) >= 3


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", "/"),
        ("/participants/", "/participants/"),
        (f"/participants/{UUID}/edit/", f"/participants/{UUID}/edit/"),
        (f"/participants/{UUID}x/edit/", "/participants/***/edit/"),
        ("/figures/2026-11/", "/figures/2026-11/"),
        ("/Maria Gonzalez/", "/***/"),
        ("/maria-gonzalez/", "/***/"),
        ("/participants/?q=Maria", "/participants/"),
        ("/a\nFORGED 200/", "/***/"),
        ("/\x1b[31mred/", "/***/"),
        ("/static/js/session.js", "/static/js/session.js"),
        ("/static/../etc/passwd", "/***/***/***/***"),
        ("/static/\x1b[2J", "/***/***"),
        ("/audit" * 80, ("/audit" * 80)[:300] + "***"),
    ],
)
def test_shown_address(address, shown):
    assert shown_address(address) == shown.replace("/static/***", "/***/***")


@login_not_required
def denied(request, token):
    raise PermissionDenied("no")


@login_not_required
def missing(request, token):
    raise Http404("no")


@login_not_required
def suspicious(request, token):
    raise SuspiciousOperation("odd\nFORGED")


@login_not_required
def broken(request, token):
    raise RuntimeError("a fault of the program")


@login_not_required
def gone(request, token):
    return HttpResponse(status=410)


urlpatterns = [
    path("", include("conferencing.config.urls")),
    path("denied/<str:token>/", denied),
    path("missing/<str:token>/", missing),
    path("suspicious/<str:token>/", suspicious),
    path("broken/<str:token>/", broken),
    path("gone/<str:token>/", gone),
]


@pytest.fixture
def lines():
    """What is logged, as the console gets it, while the test runs."""

    class Kept(logging.Handler):
        def emit(self, record):
            kept.append(self.format(record))

    kept, handler = [], Kept()
    handler.addFilter(RefusedInOneLine())
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["denied", "missing", "suspicious", "gone"])
def test_a_refusal_is_one_line_without_a_trace_or_a_token(kind, lines):
    with override_settings(ROOT_URLCONF=__name__):
        Client(raise_request_exception=False).get(f"/{kind}/{TOKEN}%0aFORGED%1b[31m/")
    said = "\n".join(lines)
    assert lines
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert "Traceback" not in said
    assert TOKEN not in said
    assert "\x1b" not in said


@pytest.mark.django_db
def test_a_wrong_host_and_a_wrong_token_are_one_line_each(lines):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get("/", headers={"host": "evil.example\\"})
    client.post(f"/account/password/reset/1-{TOKEN}/", {"password1": "x"})
    assert [line.split(":")[0] for line in lines] == [
        f"ERROR django.security.{DisallowedHost.__name__}",
        "WARNING django.security.csrf",
    ]
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert TOKEN not in "".join(lines)


@pytest.mark.django_db
def test_a_fault_of_the_program_keeps_its_trace(lines):
    with override_settings(ROOT_URLCONF=__name__):
        Client(raise_request_exception=False).get(f"/broken/{TOKEN}/")
    said = "\n".join(lines)
    assert "RuntimeError: a fault of the program" in said
    assert TOKEN not in said


@pytest.fixture
def gunicorn(bare_environment, tmp_path):
    """The server with its own settings and logger, in production; its port, and its log."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)}
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=settings.BASE_DIR, env=environment, check=True)
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", "conferencing/config/gunicorn.py"),
                *("--bind", f"127.0.0.1:{port}", "conferencing.config.wsgi"),
            ],
            cwd=settings.BASE_DIR,
            env=environment | {"WEB_WORKERS": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, log
    process.terminate()
    process.wait(30)


def ask(port, raw):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as link:
        link.sendall(raw)
        return link.recv(65536)


def test_gunicorn_writes_hostile_requests_as_one_harmless_line_each(gunicorn):
    port, log = gunicorn
    head = (
        b" HTTP/1.1\r\nHost: conferencing.example.org\r\nX-Forwarded-Proto: https\r\n"
        b"Connection: close\r\nUser-Agent: [31mUA\r\nReferer: https://x/" + TOKEN.encode()
    )
    targets = [
        b"GET /x%0a127.0.0.1%20forged%20line",
        b"GET /%1b%5b31mred",
        b"GET /%c2%9b31m%e2%80%ae/",
        b"GET /no-such/" + TOKEN.encode() + b"/?q=Maria+Gonzalez",
        b"GET /calendars/" + TOKEN.encode() + b".ics",
        b"POST /health/live?token=" + TOKEN.encode(),
        b"GET /health/live",
    ]
    for target in targets:
        assert ask(port, target + head + b"\r\n\r\n").startswith(b"HTTP/1.1 ")
    deadline = time.monotonic() + 30
    asked = []
    while len(asked) < len(targets) and time.monotonic() < deadline:
        time.sleep(0.1)
        written = log.read_bytes().decode()
        asked = [line for line in written.splitlines() if re.match(r"127\.0\.0\.1 \[", line)]
    assert len(asked) == len(targets)
    assert {letter for letter in written if not letter.isprintable()} == {"\n"}
    for hidden in (TOKEN, "Maria", "forged", "31m", "UA"):
        assert hidden not in readable(written)
    # Each line is written once its answer is sent, by the thread that sent it: in any order.
    assert sum('"GET /health/live" 200' in line for line in asked) == 1
