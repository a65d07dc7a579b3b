"""Find a Chromium or Chrome for the browser tests, or install one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Headless shell, Chromium without its windows, first: the same pages in two thirds of the time.
NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
PLACES = (
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/opt/chromium/chrome",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def arguments() -> list[str]:
    """What Chromium is started with; its sandbox does not work for root."""
    return [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS


def works(program: str | Path) -> bool:
    """Say whether the program is a Chromium that starts (a stub or a broken one is not)."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and any(
        name in done.stdout for name in ("Chromium", "Chrome", "Edge")
    )


def candidates() -> list[str]:
    """Where a browser may be, best first: `$CHROMIUM`, the search path, the usual folders."""
    if named := os.environ.get("CHROMIUM"):
        return [named]
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [place for place in PLACES if os.access(place, os.X_OK)]
    caches = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")]
    home = Path.home()
    caches += [f"{home}/.cache/ms-playwright", f"{home}/Library/Caches/ms-playwright"]
    for cache in filter(None, caches):
        for pattern in ("chromium_headless_shell-*/*/*shell*", "chromium-*/chrome-*/chrome"):
            found += sorted(map(str, Path(cache).glob(pattern)), reverse=True)
    return found


def find() -> str | None:
    """Return the path of a Chromium or Chrome that works, or None."""
    return next(filter(works, dict.fromkeys(candidates())), None)


def find_or_install(say: Callable[[str], object] = print) -> str | None:
    """Return a browser's path; if there is none, install Playwright's Chromium or Debian's."""
    if found := find():
        return found
    if "CHROMIUM" in os.environ:
        say(f"CHROMIUM={os.environ['CHROMIUM']} is no Chromium that starts.")
        return None
    for command in ways():
        say(f"No Chromium was found. Trying: {' '.join(command)}")
        try:
            subprocess.run(command, check=False, timeout=600, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            say(f"That did not work: {error}")
        if found := find():
            return found
    return None


def ways() -> list[list[str]]:
    """The commands that may install a browser here, in the order to try."""
    found = [[sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]]
    if shutil.which("apt-get"):
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if not become or shutil.which("sudo"):
            install = [*become, "apt-get", "install", "-q", "-y", "--no-install-recommends"]
            found.append([*become, "apt-get", "update", "-q"])
            found += [[*install, name] for name in ("chromium-headless-shell", "chromium")]
    return found
