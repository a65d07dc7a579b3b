"""The keeper: one small process that runs the embedded PostgreSQL and Redis of a `var/`.

Whoever uses the servers holds a shared lock on `var/run/users.lock`; the kernel
gives it back when a process ends, however it ends. The keeper waits for the
exclusive lock, which it gets when the last user is gone, and stops the servers.

`embedded.py` starts it as a script (`python -I keeper.py …`), so that it costs no
more than the standard library: this module imports nothing of the project.
"""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, TextIO

POSTGRES_MAJOR = "18"
SERVER_USER = "pgserver"
START_SECONDS = 60
STOP_SECONDS = 30
LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes on Linux, 103 on macOS
SOCKET_NAME = ".s.PGSQL.5432"


class ServerTrouble(Exception):
    """The servers cannot run; the message is one line that says what to do."""


def open_lock(path: Path) -> int:
    """Open a lock file, made on first use; children of this process do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(handle: int, kind: int) -> bool:
    """Take the lock (`fcntl.LOCK_SH` or `LOCK_EX`) if it is free; say whether."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Say whether another process holds the exclusive lock on the file."""
    handle = open_lock(path)
    try:
        return not try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def answers(path: Path) -> bool:
    """Say whether something accepts connections on the Unix socket."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def command_of(pid: int) -> str:
    """Return the command line of a running process, or the empty string."""
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return words.replace(b"\0", b" ").decode(errors="replace").strip()
    found = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that ended and was not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no /proc here (macOS), or gone this moment
        return True


def end_with_parent() -> None:
    """Have the kernel interrupt this process when its parent dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


class Keeper:
    """The servers of one `var/`, and who may reach them."""

    def __init__(self, var: Path, postgres: Path, redis: Path) -> None:
        self.var, self.bin, self.redis = var, postgres, redis
        self.data = var / "postgres"
        self.record = var / "run" / "servers.json"
        self.user = self.server_user()
        self.as_user: dict[str, Any] = {}  # Any: for `Popen`, which takes each as its own kind
        if self.user:
            self.as_user = {
                "user": self.user.pw_uid,
                "group": self.user.pw_gid,
                "extra_groups": [],
            }
        self.notes: list[str] = []
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.sockets: Path = None  # type: ignore[assignment]  # until `start` has made their folder

    # -- who runs the servers

    def server_user(self) -> pwd.struct_passwd | None:
        """PostgreSQL refuses to run as root: name the user that runs it then, else None."""
        if os.geteuid() != 0:
            return None
        if self.data.exists() and (owner := self.data.stat().st_uid) != 0:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(owner)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SERVER_USER)
        places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        useradd = shutil.which("useradd", path=places) or "useradd"
        try:
            subprocess.run(
                [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
                + [SERVER_USER],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise ServerTrouble(
                f"PostgreSQL refuses to run as root, and the user “{SERVER_USER}” could not be "
                f"made to run it. Start this as an ordinary user, or add that user by hand."
            ) from error
        return pwd.getpwnam(SERVER_USER)

    def open_the_way(self) -> None:
        """As root: let the server's user pass to its data and programs, and no more."""
        if not self.user:
            return
        for target in (self.data, self.bin):
            for folder in target.parents:
                mode = folder.stat().st_mode
                if not mode & stat.S_IXOTH:
                    folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
                    self.notes.append(
                        f"{folder} may now be passed through by other users, so that "
                        f"“{self.user.pw_name}”, who runs the database, reaches its files."
                    )
        tree = self.bin.parent
        for path in [tree, *tree.rglob("*"), self.redis]:
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(wanted)

    def socket_folder(self) -> Path:
        """Make the folder of the sockets: private, and with a short and plain path."""
        private = self.var / "sockets"
        plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(private))
        if plain and len(str(private / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            shutil.rmtree(private, ignore_errors=True)
            private.mkdir(mode=0o700)
            folder = private
        else:
            runtime = os.environ.get("XDG_RUNTIME_DIR", "")
            usable = runtime and not self.user and os.access(runtime, os.W_OK)
            folder = Path(tempfile.mkdtemp(prefix="conferencing-", dir=runtime if usable else None))
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        return folder

    # -- PostgreSQL

    def make_database(self) -> None:
        """Make `var/postgres` in one move: an interrupted start leaves no half of it behind."""
        for left in self.var.glob("postgres.making-*"):
            shutil.rmtree(left)
        if self.data.is_dir() and not any(self.data.iterdir()):
            self.data.rmdir()
        if self.data.exists():
            self.check_database()
            return
        making = self.var / f"postgres.making-{os.getpid()}"
        making.mkdir(mode=0o700)
        if self.user:
            os.chown(making, self.user.pw_uid, self.user.pw_gid)
        done = subprocess.run(
            [str(self.bin / "initdb"), "-D", str(making), "-U", "postgres", "--encoding=UTF8"]
            + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            + ["--auth=reject", "--set=timezone=UTC", "--set=log_timezone=UTC"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            preexec_fn=end_with_parent,
            **self.as_user,
        )
        if done.returncode:
            shutil.rmtree(making, ignore_errors=True)
            raise ServerTrouble(self.explain(done.stderr, "The database could not be made"))
        making.rename(self.data)

    def check_database(self) -> None:
        """Refuse a `var/postgres` that is half-made, or another version's; never delete it."""
        version = self.data / "PG_VERSION"
        if not version.exists() or not (self.data / "global" / "pg_control").exists():
            raise ServerTrouble(
                f"{self.data} is half-made: it is no complete database. If nothing in it is "
                f"needed, remove it (rm -rf '{self.data}') and start again."
            )
        if (major := version.read_text().strip()) != POSTGRES_MAJOR:
            raise ServerTrouble(
                f"{self.data} was made by PostgreSQL {major}; this is {POSTGRES_MAJOR}. Move it "
                f"away (mv '{self.data}' '{self.data}-{major}') and start again."
            )

    def admit(self) -> None:
        """Let in the system user that runs this, root, and the server's own user; no one else.

        The kernel tells who is at the other end of the socket (peer authentication).
        """
        names = {pwd.getpwuid(os.geteuid()).pw_name, "root"}
        if self.user:
            names.add(self.user.pw_name)
        rows = "".join(f'embedded "{name}" postgres\n' for name in sorted(names))
        for name, text in (
            ("pg_hba.conf", "local all all peer map=embedded\n"),
            ("pg_ident.conf", rows),
        ):
            path = self.data / name
            path.write_text(f"# Written at each start by Case Conferencing.\n{text}")

    def clear_stale_postgres(self) -> None:
        """Stop a server that outlived its keeper; forget one that is gone."""
        record = self.data / "postmaster.pid"
        try:
            pid = int(record.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if "postgres" in (command := command_of(pid)) and str(self.data) in command:
            self.stop_process(pid, signal.SIGINT, signal.SIGQUIT)
        record.unlink(missing_ok=True)

    def start_postgres(self) -> None:
        log = self.log("postgres")
        self.running["postgres"] = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.data)]
            + ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.sockets}"]
            + ["-c", "unix_socket_permissions=0700", "-c", "max_connections=200"]
            + ["-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "logging_collector=off"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            preexec_fn=end_with_parent,
            **self.as_user,
        )
        log.close()

    def postgres_is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    # -- Redis

    def start_redis(self) -> None:
        log = self.log("redis")
        self.running["redis"] = subprocess.Popen(
            [str(self.redis), "--port", "0", "--unixsocket", str(self.sockets / "redis.sock")]
            + ["--unixsocketperm", "700", "--databases", "64", "--save", "", "--appendonly", "no"]
            + ["--dir", str(self.sockets)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            preexec_fn=end_with_parent,
            **self.as_user,
        )
        log.close()

    # -- all

    def log(self, name: str) -> BinaryIO:
        path = self.var / "log" / f"{name}.log"
        if path.exists() and path.stat().st_size > 5_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def explain(self, output: str, what: str) -> str:
        """Turn a server's own words into one line that says what to do."""
        if "No space left on device" in output or shutil.disk_usage(self.var).free < 20_000_000:
            return f"The disk of {self.var} is full. Free some space and start again."
        told = [line for line in output.splitlines() if re.search("error|fatal|refus", line, re.I)]
        last = (told or output.splitlines() or ["no reason given"])[-1].strip()
        return f"{what}: {last} (more in {self.var / 'log'})"

    def is_ready(self, name: str) -> bool:
        if name == "postgres":
            return self.postgres_is_ready() and answers(self.sockets / SOCKET_NAME)
        return answers(self.sockets / "redis.sock")

    def start(self) -> None:
        """Start both servers and wait until they answer."""
        self.open_the_way()
        self.make_database()
        self.forget()
        self.clear_stale_postgres()
        self.admit()
        self.sockets = self.socket_folder()
        self.write_record()
        self.start_postgres()
        self.start_redis()
        deadline = time.monotonic() + START_SECONDS
        for name, process in self.running.items():
            while not self.is_ready(name):
                if process.poll() is not None or time.monotonic() > deadline:
                    output = (self.var / "log" / f"{name}.log").read_text(errors="replace")
                    raise ServerTrouble(self.explain(output[-4000:], f"{name} did not start"))
                time.sleep(0.02)
        self.write_record(ready=True)

    def write_record(self, *, ready: bool = False) -> None:
        """Tell the users, and the next keeper, where the servers are."""
        new = self.record.with_suffix(".new")
        pids = {name: process.pid for name, process in self.running.items()}
        new.write_text(
            json.dumps({"keeper": os.getpid(), "sockets": str(self.sockets), "ready": ready} | pids)
        )
        new.replace(self.record)

    def forget(self) -> None:
        """Clear away what a keeper that was killed has left: its Redis and its sockets."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            left = json.loads(self.record.read_text())
            folder = Path(left["sockets"])
            if "redis" in left and str(folder) in command_of(left["redis"]):
                self.stop_process(left["redis"], signal.SIGTERM, signal.SIGKILL)
            if folder.name.startswith("conferencing-") or folder == self.var / "sockets":
                shutil.rmtree(folder, ignore_errors=True)
        self.record.unlink(missing_ok=True)

    def stop_process(self, pid: int, gently: int, firmly: int) -> None:
        for number, seconds in ((gently, STOP_SECONDS), (firmly, 10)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
                if not is_alive(pid):
                    return
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop both servers, PostgreSQL with its data written, and remove the sockets."""
        self.record.unlink(missing_ok=True)
        if process := self.running.pop("postgres", None):
            self.stop_process(process.pid, signal.SIGINT, signal.SIGQUIT)
        if process := self.running.pop("redis", None):
            self.stop_process(process.pid, signal.SIGTERM, signal.SIGKILL)
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def watch(self, done: threading.Event) -> None:
        """Start a server again that ends by itself, until nobody uses them any more."""
        again = {"postgres": self.start_postgres, "redis": self.start_redis}
        while not done.wait(1):
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    print(f"{name} ended ({process.returncode}): started again", flush=True)
                    again[name]()
                    self.write_record(ready=True)


def keep(var: Path, postgres: Path, redis: Path, report: TextIO) -> int:
    """Run the servers until the last user is gone; `report` is where the starter listens."""
    run = var / "run"
    alive, users = open_lock(run / "keeper.lock"), open_lock(run / "users.lock")
    fcntl.flock(alive, fcntl.LOCK_EX)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    keeper: Keeper | None = None
    try:
        keeper = Keeper(var, postgres, redis)
        keeper.start()
        report.write(json.dumps({"notes": keeper.notes}))
    except (ServerTrouble, OSError) as trouble:
        line = str(trouble)
        if isinstance(trouble, OSError):
            line = f"{trouble.strerror}: {trouble.filename or var}. Mend that and start again."
        report.write(json.dumps({"trouble": line}))
        done.set()
    report.close()

    def wait_for_last_user() -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        done.set()

    if not done.is_set():
        threading.Thread(target=wait_for_last_user, daemon=True).start()
        assert keeper is not None
        keeper.watch(done)
    if keeper:
        keeper.stop()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep embedded servers (started by the project).")
    for name in ("var", "postgres", "redis"):
        parser.add_argument(name, type=Path)
    asked = parser.parse_args()
    report = os.fdopen(os.dup(1), "w")
    log = os.open(
        asked.var / "log" / "keeper.log",
        os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC,
        0o600,
    )
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.umask(0o077)
    return keep(asked.var, asked.postgres, asked.redis, report)


if __name__ == "__main__":
    sys.exit(main())
