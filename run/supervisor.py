"""`make run`: web server, worker and beat together, under one process that answers for them.

A child that ends by itself ends the whole run: a system that limps is worse than
one that says what broke. Everything started here is stopped here; what others
started stays.
"""

import contextlib
import fcntl
import importlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from . import embedded, keeper
from .bootstrap import BASE, Trouble, listen, port_from, say

READY_SECONDS = 60
STOP_SECONDS = 20
LOUD = re.compile(r"\b(ERROR|CRITICAL)\b|^\w*(Error|Exception)\b")


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or a closed terminal."""


class Child:
    """A process of the run, in a session of its own, with a log in `var/log/`."""

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        **more: Any,  # as `Popen` takes it
    ) -> None:
        self.name = name
        self.path = folder / f"{name}.log"
        if self.path.exists() and self.path.stat().st_size > 5_000_000:
            self.path.replace(self.path.with_suffix(".log.1"))
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=BASE,
            start_new_session=True,
            preexec_fn=keeper.end_with_parent,
            **more,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        """Keep what the child says in its log; show only its errors."""
        assert self.process.stdout is not None
        with self.path.open("ab", buffering=0) as log:
            for line in self.process.stdout:
                with contextlib.suppress(OSError):  # a full disk ends no run
                    log.write(line)
                text = line.decode(errors="replace").rstrip()
                if LOUD.search(text) and "/health/" not in text:
                    say(f"{self.name} | {text[:300]}")

    def signal(self, number: int, *, group: bool = False) -> None:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)


class Run:
    """One `make run`, from its checks to its end."""

    def __init__(self) -> None:
        self.var = Path(os.environ.get("CONFERENCING_VAR") or BASE / "var").resolve()
        self.port = port_from(os.environ)
        self.children: list[Child] = []
        self.socket: socket.socket | None = None
        self.lock: int | None = None

    def claim(self) -> None:
        """Take the port and the `var/`, or say who has them."""
        embedded.check_folder(self.var)
        path = self.var / "run" / "supervisor.lock"
        self.lock = keeper.open_lock(path)
        if not keeper.try_lock(self.lock, fcntl.LOCK_EX):
            who = path.read_text().strip() or "another process"
            raise Trouble(
                f"Another “make run” already uses {self.var} ({who}). Stop that one, or give "
                "this one a folder of its own: CONFERENCING_VAR=/some/folder make run"
            )
        self.socket = listen(self.port)
        os.ftruncate(self.lock, 0)
        os.write(self.lock, f"process {os.getpid()}, port {self.port}\n".encode())

    def prepare(self) -> None:
        """Bring the database and the static files up to date, in this process."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conferencing.config.settings")
        os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{self.port}")
        django = importlib.import_module("django")
        settings = importlib.import_module("django.conf").settings
        management = importlib.import_module("django.core.management")
        db = importlib.import_module("django.db")
        django.setup()
        self.mode = "embedded" if settings.EMBEDDED else "production"
        self.mail = getattr(settings, "EMAIL_FILE_PATH", None)
        say("Bringing the database up to date")
        management.call_command("migrate", verbosity=0, interactive=False)
        if settings.EMBEDDED and "load_example" in management.get_commands():
            say("Loading the example continuums")
            with contextlib.redirect_stdout(sys.stderr):
                management.call_command("load_example", verbosity=0)
        management.call_command("collectstatic", verbosity=0, interactive=False)
        db.connections.close_all()

    def start(self) -> None:
        python = [sys.executable, "-m"]
        logs, run = self.var / "log", self.var / "run"
        assert self.socket is not None
        handle = self.socket.fileno()
        self.children = [
            Child(
                "web",
                [*python, "gunicorn", "--config", "conferencing/config/gunicorn.py"]
                + ["--bind", f"fd://{handle}", "conferencing.config.wsgi"],
                logs,
                pass_fds=[handle],
            ),
            Child(
                "worker",
                [*python, "celery", "-A", "conferencing", "worker", "--concurrency", "2"]
                + ["--loglevel", "INFO", "--without-gossip", "--without-mingle"],
                logs,
            ),
            Child(
                "beat",
                [*python, "celery", "-A", "conferencing", "beat", "--loglevel", "INFO"]
                + ["--schedule", str(run / "beat"), "--pidfile="],
                logs,
            ),
        ]

    def wait_until_ready(self) -> None:
        """Ask over HTTP until pages are served and, by beat's first tick, mail goes out."""
        deadline = time.monotonic() + READY_SECONDS
        for name in ("ready", "mail"):
            self.wait_for(f"http://127.0.0.1:{self.port}/health/{name}", deadline)

    def wait_for(self, address: str, deadline: float) -> None:
        said = ""
        while time.monotonic() < deadline:
            self.check_children()
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310 (our own)
                    return
            except urllib.error.HTTPError as error:
                said = error.read(500).decode(errors="replace")
            except OSError as error:
                said = str(error)
            time.sleep(0.1)
        raise Trouble(f"Not ready after {READY_SECONDS} s: {said}. See {self.var / 'log'}.")

    def check_children(self) -> None:
        for child in self.children:
            if (code := child.process.poll()) is not None:
                child.reader.join(2)
                raise Trouble(
                    f"{child.name} ended by itself (code {code}), so everything stops. "
                    f"Why stands at the end of {child.path}; mend that and start again."
                )

    def watch(self) -> None:
        while True:
            self.check_children()
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop what this run started: kindly, then firmly, and wait for it."""
        if self.socket:
            self.socket.close()
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGQUIT, 5)):
            alive = [child for child in self.children if child.process.poll() is None]
            for child in alive:
                child.signal(number)
            deadline = time.monotonic() + seconds
            for child in alive:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
        for child in self.children:
            child.signal(signal.SIGKILL, group=True)  # also what a child left of its own
            child.process.wait()
        if not embedded.release(self.var):
            say("PostgreSQL and Redis go on: another command still uses them.")


def accounts() -> list[tuple[str, ...]]:
    """The example people: (address, password, role, agency or continuum) each."""
    try:
        module = importlib.import_module("conferencing.example.accounts")
    except ModuleNotFoundError:
        return []
    return list(module.example_accounts())


def table(rows: list[tuple[str, ...]]) -> str:
    """Lay the example people out in columns."""
    rows = [("address", "password", "role", "agency or continuum"), *rows]
    widths = [max(len(str(row[at])) for row in rows) for at in range(4)]
    room = shutil.get_terminal_size((160, 24)).columns
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()[
            : max(room, 120)
        ]
        for row in rows
    )


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    run = Run()
    code = 0
    try:
        run.claim()
        run.prepare()
        say(f"Starting web server, worker and beat (logs in {run.var / 'log'})")
        run.start()
        run.wait_until_ready()
        if rows := accounts():
            say(f"\nExample people (all invented)\n{table(rows)}\n")
        if run.mail:
            say(f"Mail lands as .eml files in {run.mail} (EMAIL_URL is not set).")
        if run.mode == "embedded":
            say(f"Embedded mode: PostgreSQL and Redis live in {run.var}. Ctrl-C stops everything.")
        say(f"Ready: http://127.0.0.1:{run.port}")
        run.watch()
    except Stopped:
        say("\nStopping …")
    except Trouble as trouble:
        code = 1
        say(str(trouble))
    except embedded.ServerTrouble as trouble:
        code = 1
        say(f"error: {trouble}")
    except Exception as error:
        if type(error).__name__ not in ("ImproperlyConfigured", "OperationalError", "CommandError"):
            raise
        code = 1
        say(f"error: {str(error).strip().splitlines()[-1]}")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        run.stop()
    if not code:
        say("Stopped.")
    return code


if __name__ == "__main__":
    sys.exit(main())
