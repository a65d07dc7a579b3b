"""From a bare Python to a running command: `python bootstrap.py supervisor`.

Makes `.venv`, installs `requirements.txt` into it when it changed, and becomes the
command. Runs before anything is installed, so it imports only the standard library.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
STAMP = VENV / "installed.json"
LEAST_FREE = 1_500_000_000  # bytes: what is installed takes 600 MB, its downloads 200 MB


class Trouble(SystemExit):
    """Ends the command with one line that says what to do."""

    def __init__(self, line: str):
        super().__init__(f"error: {line}")


def say(line: str) -> None:
    print(line, flush=True)


def port_from(environment: Mapping[str, str]) -> int:
    """Return the port asked for by `PORT` (8000 when unset)."""
    text = environment.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(f"PORT={text} is no port. Give a number: make run PORT=8001")
    return int(text)


def listen(port: int) -> socket.socket:
    """Take the port on this machine's own address; the one who asks keeps it taken."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
        taken.listen(128)
    except PermissionError:
        taken.close()
        raise Trouble(
            f"Port {port} is reserved for root. Choose one above 1023: make run PORT=8000"
        ) from None
    except OSError:
        taken.close()
        other = port + 1 if port < 65535 else 8000
        raise Trouble(
            f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={other}"
        ) from None
    return taken


def wanted() -> dict[str, str]:
    """What the virtual environment must hold to be up to date."""
    text = (BASE / "requirements.txt").read_bytes()
    return {"requirements": hashlib.sha256(text).hexdigest(), "folder": str(VENV)}


def is_installed() -> bool:
    """Say whether `.venv` works and holds just what `requirements.txt` names."""
    try:
        if json.loads(STAMP.read_text()) != wanted():
            return False
        tried = subprocess.run(
            [VENV / "bin" / "python", "-c", "import django"], capture_output=True, check=False
        )
    except (OSError, ValueError):
        return False
    return tried.returncode == 0


def check_place() -> None:
    """Refuse early where the project's folder cannot be written, or its disk is full."""
    for path in (BASE, VENV):
        if path.exists() and not os.access(path, os.W_OK):
            raise Trouble(
                f"No permission to write {path}. Start this as its owner, or in your own clone."
            )
    if (free := shutil.disk_usage(BASE).free) < LEAST_FREE:
        raise Trouble(
            f"The disk of {BASE} is nearly full: {free // 1_000_000} MB free, "
            f"{LEAST_FREE // 1_000_000} MB needed to install. Free some space and start again."
        )


def install() -> None:
    """Make `.venv` anew if need be, and install what `requirements.txt` names, by its hashes."""
    check_place()
    python = VENV / "bin" / "python"
    works = (
        python.exists()
        and not subprocess.run(
            [python, "-m", "pip", "--version"], capture_output=True, check=False
        ).returncode
    )
    if not works:
        make_venv()
    say("Installing what the project needs into .venv (a minute or two, once)")
    STAMP.unlink(missing_ok=True)
    done = run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if done.returncode:
        raise Trouble(why_not(done.stdout))
    STAMP.write_text(json.dumps(wanted()))


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pip on the requirements, without a cache where there is no home to keep it in."""
    return subprocess.run(
        [*command, "--require-hashes", "-r", BASE / "requirements.txt"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd=BASE,
    )


def make_venv() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]}")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        if "No space left" in done.stdout:
            raise Trouble(why_not(done.stdout))
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        raise Trouble(
            f"{sys.executable} cannot make a virtual environment: part of its venv is missing. "
            f"Install it (Debian, Ubuntu: apt install {version}-venv). Or name another Python: "
            "make run PYTHON=/path/to/python3"
        )


def why_not(output: str) -> str:
    """Turn pip's output into one line that says what to do."""
    print(output, file=sys.stderr)
    if "No space left on device" in output:
        return f"The disk of {BASE} is full. Free some space and start again."
    if "NewConnectionError" in output or "Temporary failure" in output or "timed out" in output:
        return "Python's package index was not reached. Mend the network and start again."
    if "DO NOT MATCH THE HASHES" in output:
        return "A package is not the one that requirements.txt names by its hash: not installed."
    return "Some packages could not be installed (why stands above). Mend that and start again."


def main(asked: list[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036
        raise Trouble(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    os.chdir(BASE)
    if asked[:1] == ["supervisor"]:
        listen(port_from(os.environ)).close()
    if not is_installed():
        check_place()
        with open(BASE / ".venv.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_installed():
                install()
    if not asked:
        return
    python = str(VENV / "bin" / "python")
    name, *rest = asked
    if name == "manage":
        command = [python, "manage.py", *rest]
    elif name in ("supervisor", "testing"):
        command = [python, "-m", f"run.{name}", *rest]
    else:
        command = [python, "-m", name, *rest]
    os.execv(python, command)  # noqa: S606


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(sys.argv[1:])
        sys.exit(0)
    sys.exit(130)
