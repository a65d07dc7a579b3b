import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from run import embedded, keeper

USER = """
import sys, time
from pathlib import Path
import psycopg2, redis
from run import embedded
try:
    servers = embedded.use(Path(sys.argv[1]))
except embedded.ServerTrouble as trouble:
    sys.exit(f"trouble: {trouble}")
database = servers.database
db = psycopg2.connect(host=database["HOST"], user=database["USER"], dbname=database["NAME"])
with db.cursor() as cursor:
    cursor.execute("SHOW timezone")
    zone = cursor.fetchone()[0]
redis.Redis(unix_socket_path=str(servers.redis_socket)).set("seen", "yes")
print(servers.sockets, zone, flush=True)
time.sleep(120)
"""


def user_of(var: Path, environment: dict) -> subprocess.Popen:
    """Another process that uses the servers, and says where they are."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(var)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_use_is_shared_and_ends_with_the_last_user(own_var, bare_environment):
    """Several start at once; one is killed without a word; the servers stop after the last.

    The `var/` holds what interrupted starts leave behind, and its path is too long for a socket.
    """
    (own_var / "postgres").mkdir(parents=True)
    (own_var / "postgres.making-1").mkdir()
    users = [user_of(own_var, bare_environment) for _ in range(3)]
    try:
        told = {user.stdout.readline().strip() or user.stderr.read() for user in users}
        assert len(told) == 1
        sockets, zone = told.pop().split()
        assert zone == "UTC"
        assert Path(sockets).stat().st_mode & 0o077 == 0
        record = json.loads((own_var / "run" / "servers.json").read_text())
        users[0].send_signal(signal.SIGKILL)
        users[1].terminate()
        users[0].wait(), users[1].wait()
        time.sleep(0.3)
        assert keeper.is_locked(own_var / "run" / "keeper.lock")
    finally:
        for user in users:
            user.kill()
            user.communicate()
    assert wait_until(lambda: not keeper.is_locked(own_var / "run" / "keeper.lock"))
    assert not Path(sockets).exists()
    assert not any(keeper.is_alive(record[name]) for name in ("keeper", "postgres", "redis"))
    assert not (own_var / "postgres" / "postmaster.pid").exists()
    assert not list(own_var.glob("postgres.making-*"))
    assert embedded.field_keys(own_var).startswith("k1:")


def test_use_mends_what_a_killed_keeper_left(own_var, bare_environment):
    first = user_of(own_var, bare_environment)
    try:
        old_sockets = first.stdout.readline().split()[0]
        record = json.loads((own_var / "run" / "servers.json").read_text())
        for name in ("keeper", "postgres", "redis"):
            os.kill(record[name], signal.SIGKILL)
    finally:
        first.kill()
        first.communicate()
    assert wait_until(lambda: not keeper.is_locked(own_var / "run" / "keeper.lock"))
    assert (own_var / "postgres" / "postmaster.pid").exists()
    second = user_of(own_var, bare_environment)
    try:
        zone = second.stdout.readline().split()[1]
        assert zone == "UTC"
        assert not Path(old_sockets).exists()
    finally:
        second.kill()
        second.communicate()
    assert wait_until(lambda: not keeper.is_locked(own_var / "run" / "keeper.lock"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"base/1/1259": "x"}, r"is half-made: .* remove it \(rm -rf '.*postgres'\)"),
        ({"PG_VERSION": "18\n"}, r"is half-made: .* remove it \(rm -rf '.*postgres'\)"),
        ({"PG_VERSION": "16\n", "global/pg_control": "x"}, r"PostgreSQL 16; this is 18. Move it"),
    ],
)
def test_use_refuses_a_half_made_database(files, said, tmp_path, monkeypatch):
    var = tmp_path / "var"
    for name, text in files.items():
        path = var / "postgres" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with pytest.raises(keeper.ServerTrouble, match=said):
        embedded.use(var)
    embedded.release(var)
    assert all((var / "postgres" / name).read_text() == text for name, text in files.items())


def test_check_folder_says_that_the_disk_is_full(tmp_path):
    with pytest.raises(keeper.ServerTrouble, match=r"nearly full: \d+ MB free, .* Free some space"):
        embedded.check_folder(tmp_path / "var", need=10**18)


def test_check_folder_says_whose_it_is(tmp_path, monkeypatch):
    embedded.check_folder(tmp_path)
    monkeypatch.setattr(embedded.os, "access", lambda path, mode: False)
    with pytest.raises(keeper.ServerTrouble, match=r"No permission to write .* \(it belongs to "):
        embedded.check_folder(tmp_path)


def test_check_folder_refuses_a_file_in_its_place(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(keeper.ServerTrouble, match=r"cannot be used: .* Move it away"):
        embedded.check_folder(tmp_path / "var")


def test_explain_says_that_the_disk_is_full(tmp_path):
    servers = keeper.Keeper(tmp_path, tmp_path, tmp_path)
    words = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert servers.explain(words, "No start") == (
        f"The disk of {tmp_path} is full. Free some space and start again."
    )


def test_secret_is_made_once(tmp_path):
    assert embedded.secret(tmp_path, "key", lambda: "first") == "first"
    assert embedded.secret(tmp_path, "key", lambda: "second") == "first"
    assert (tmp_path / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_secret_lost_is_never_made_anew_while_its_data_is_there(tmp_path):
    data = tmp_path / "PG_VERSION"
    data.write_text("18")
    for prepare in (lambda path: None, lambda path: path.touch()):
        prepare(tmp_path / "secrets" / "key")
        with pytest.raises(keeper.ServerTrouble, match=r"is lost, and only it opens what"):
            embedded.secret(tmp_path, "key", lambda: "new", guards=data)
    data.unlink()
    assert embedded.secret(tmp_path, "key", lambda: "new", guards=data) == "new"


def test_tests_leave_the_redis_of_a_running_system_alone():
    assert "virtual_host=0" not in settings.CELERY_BROKER_URL
    assert not settings.CACHES["default"]["LOCATION"].endswith(("db=0", "db=1"))
    assert connection.settings_dict["HOST"].startswith("/")
