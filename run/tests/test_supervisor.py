import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing

import psutil
import pytest
from django.conf import settings
from django.db import connection

from conferencing.tests.smtp import keep_port
from run import keeper, supervisor
from run.testing import production


class Started:
    """A `make run` of the test's own, without make: its lines as they come."""

    def __init__(self, environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "run.supervisor"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def wait_for(self, pattern, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, "".join(self.lines), re.M):
                return found
            if self.process.poll() is not None:
                self.reader.join()
                break
            time.sleep(0.05)
        found = re.search(pattern, "".join(self.lines), re.M)
        assert found, "".join(self.lines)
        return found

    def children(self):
        """The process ids of what it started, by name."""
        return {
            name: child.pid
            for child in psutil.Process(self.process.pid).children()
            for name in ("gunicorn", "worker", "beat")
            if name in child.cmdline()
        }

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def free_port():
    with closing(keep_port()) as place:
        yield place.getsockname()[1]


@pytest.fixture
def environment(bare_environment, free_port, tmp_path, transactional_db):
    """A production environment on this test's own database and Redis."""
    database, redis = connection.settings_dict, settings.CACHES["default"]["LOCATION"]
    host = database["HOST"].replace("/", "%2F")
    path, number = re.fullmatch(r"unix://(.*)\?db=(\d+)", redis).groups()
    return (
        bare_environment
        | production()
        | {
            "DATABASE_URL": f"postgres://{database['USER']}@{host}/{database['NAME']}",
            "REDIS_URL": f"redis+socket://{path}?virtual_host={int(number) + 40}",
            "CACHE_URL": f"unix://{path}?db={int(number) + 41}",
            "PLAIN_LOCAL_LINKS": "true",
            "ALLOWED_HOSTS": "127.0.0.1",
            "CONFERENCING_VAR": str(tmp_path),
            "PORT": str(free_port),
        }
    )


def test_supervisor_starts_all_and_stops_all(environment):
    run = Started(environment)
    try:
        run.wait_for(rf"^Ready: http://127.0.0.1:{environment['PORT']}$")
        address = f"http://127.0.0.1:{environment['PORT']}/health/ready"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200
        children = run.children()
        assert sorted(children) == ["beat", "gunicorn", "worker"]
        second = Started(environment | {"PORT": "1"})
        second.wait_for(r"^error: Another “make run” already uses .* \(process \d+, port \d+\)")
        assert second.process.wait(10) == 1
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(60) == 0
    finally:
        run.end()
    run.wait_for(r"^Stopped\.$")
    assert not any(map(keeper.is_alive, children.values()))
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", int(environment["PORT"]))) != 0


def test_supervisor_stops_all_when_a_child_ends(environment, tmp_path):
    run = Started(environment)
    try:
        run.wait_for(r"^Ready:")
        children = run.children()
        os.kill(children["beat"], signal.SIGKILL)
        assert run.process.wait(60) == 1
    finally:
        run.end()
    found = run.wait_for(r"^error: beat ended by itself \(code -9\), so everything stops\..*$")
    assert str(tmp_path / "log" / "beat.log") in found[0]
    assert not any(map(keeper.is_alive, children.values()))


def test_table_lines_up():
    rows = [("a@river.example", "word", "CE Specialist", "MN-502")]
    assert supervisor.table(rows) == (
        "address          password  role           agency or continuum\n"
        "a@river.example  word      CE Specialist  MN-502"
    )
