"""`make test`: everything the project claims, and a summary of what really ran.

Under one of the clocks of `clocks.py`, whose turn the day decides, in an order that the day
decides. `make test-clocks` runs the suite under each of them.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import chromium, clocks, embedded, keeper
from .bootstrap import BASE, Trouble, say

PYTHON = sys.executable
CORES = getattr(os, "process_cpu_count", os.cpu_count)() or 2
WORKERS = os.environ.get("TEST_WORKERS") or str(max(2, CORES))
BROWSER_WORKERS = os.environ.get("BROWSER_WORKERS") or WORKERS
IMPORTS = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
ORDER = "TEST_ORDER"
AS_WRITTEN = "as-written"  # an order: none
LONGEST = 40 * 60  # seconds for one run of pytest: then something hangs


@dataclass
class Step:
    """One part of the run, and how it went."""

    name: str
    good: bool
    said: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def command(name: str, *commands: list[str], **environment: str) -> Step:
    """Run commands; all must end well."""
    say(f"\n── {name}")
    for line in commands:
        done = subprocess.run(line, cwd=BASE, env=os.environ | environment, check=False)
        if done.returncode:
            return Step(name, False, f"FAILED: {' '.join(map(str, line[1:]))}")
    return Step(name, True, "ok")


def tests(name: str, folder: Path, *arguments: str, **environment: str) -> Step:
    """Run pytest and count what it did. A test that was skipped counts as a failure."""
    say(f"\n── {name}")
    report = folder / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
            + list(arguments),
            cwd=BASE,
            env=os.environ | environment,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return Step(name, False, f"FAILED: not done after {LONGEST // 60} minutes", failed=1)
    count = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314
            for key in count:
                count[key] += int(suite.get(key, 0))
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    if done.returncode == 5 or (done.returncode == 0 and not passed):
        return Step(name, False, "FAILED: no test was found")
    good = done.returncode == 0 and not failed and not count["skipped"]
    said = f"{passed} passed"
    if not good:
        said = f"FAILED: {passed} passed, {failed} failed, {count['skipped']} skipped"
        if done.returncode and not failed:
            said += f" (pytest ended with code {done.returncode})"
    return Step(name, good, said, passed, failed, count["skipped"])


def production() -> dict[str, str]:
    """An environment as in production; what it names is not there, and need not be."""
    return {
        "DATABASE_URL": "postgres://conferencing@db.invalid/conferencing?sslmode=verify-full",
        "REDIS_URL": "rediss://redis.invalid:6379/0",
        "EMAIL_URL": "submission://user:password@mail.invalid:587",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": "k1:" + secrets.token_urlsafe(32) + "=",
        "ALLOWED_HOSTS": "conferencing.example.org",
    }


def browser_tests(folder: Path, clock: str, order: str, *more: str) -> Step:
    name = " ".join(["browser tests", *more])
    browser = chromium.find_or_install(say)
    if not browser:
        return Step(
            name,
            False,
            "FAILED: no Chromium or Chrome. Install one, or name it: CHROMIUM=/path make test",
            failed=1,
        )
    say(f"Browser: {browser}")
    arguments = ["-m", "browser", "-n", BROWSER_WORKERS]
    return suite(name, folder, clock, order, *arguments, CHROMIUM=browser)


def suite(
    name: str, folder: Path, clock: str, order: str, *arguments: str, **environment: str
) -> Step:
    """Run tests under a clock, in an order; properties are asked the same on every run."""
    shuffled = ["--dist", "worksteal"]
    if order != AS_WRITTEN:
        shuffled += ["--random-order", f"--random-order-seed={order}"]
    environment |= {clocks.VARIABLE: clock, "CI": "1"}
    return tests(name, folder, *arguments, *shuffled, **environment)


def order_of_day() -> str:
    """The number that shuffles the tests: the one that was asked for, or the day's."""
    return os.environ.get(ORDER) or str(date.today().toordinal())


def under_one_clock(folder: Path) -> list[Step]:
    asked = os.environ.get(clocks.VARIABLE)
    clock = clocks.find(asked) if asked else clocks.of_day(date.today())
    name, order = clock.name if clock else clocks.REAL, order_of_day()
    say(f"\nThe tests' clock: {clock or 'the real time'}. Their order: {order}.")
    again = f"make test {clocks.VARIABLE}={name} {ORDER}={order}"
    say(f"To see the same again: {again}")
    with subprocess.Popen([PYTHON, "-m", "conferencing.tests"], cwd=BASE):
        steps = gates()
    steps += [
        suite("tests", folder, name, order, "-n", WORKERS),
        browser_tests(folder, name, order),
    ]
    return [*steps, Step("clock, order", True, again)]


def under_every_clock(folder: Path, asked: list[str]) -> list[Step]:
    order, steps = order_of_day(), []
    for clock in [clocks.find(name) for name in asked] or clocks.CLOCKS:
        say(f"\n── Under the clock {clock}; order {order}")
        name = clock.name if clock else clocks.REAL
        steps.append(suite(f"tests {name}", folder, name, order, "-n", WORKERS))
        steps.append(browser_tests(folder, name, order, name))
    return steps


def lint() -> Step:
    """Errors, formatting, the order of the rooms (`.importlinter`), types (`pyproject.toml`)."""
    return command(
        "lint",
        [PYTHON, "-m", "ruff", "check", "."],
        [PYTHON, "-m", "ruff", "format", "--check", "."],
        [PYTHON, "-c", IMPORTS],
        [PYTHON, "-m", "mypy"],
    )


def gates() -> list[Step]:
    """What is asked of the project as a whole, before any test."""
    manage = [PYTHON, "manage.py"]
    with tempfile.TemporaryDirectory() as elsewhere:
        as_production = production() | {"CONFERENCING_VAR": elsewhere}
        return [
            lint(),
            command("system check", [*manage, "check", "--fail-level", "WARNING"]),
            command("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
            command(
                "production check",
                [*manage, "check", "--deploy", "--fail-level", "WARNING"],
                [*manage, "collectstatic", "--noinput", "--verbosity", "0"],
                **as_production,
            ),
        ]


def be_alone(var: Path) -> int:
    """Hold what only one run of a folder may: its test databases have fixed names."""
    handle = keeper.open_lock(var / "run" / "testing.lock")
    if not keeper.try_lock(handle, fcntl.LOCK_EX):
        raise Trouble(
            f"Another “make test” already uses {var}. Wait for it, or run this in another clone."
        )
    return handle


def main(asked: list[str]) -> int:
    """Run `make test`; `lint`: that alone; `clocks`, and perhaps names: `make test-clocks`."""
    if asked == ["lint"]:
        return 0 if lint().good else 1
    began = time.monotonic()
    for name in asked[1:]:
        clocks.find(name)
    var = Path(os.environ.get("CONFERENCING_VAR") or BASE / "var").resolve()
    try:
        embedded.use(var)  # held to the end, so that they start only once
    except embedded.ServerTrouble as trouble:
        raise Trouble(str(trouble)) from trouble
    alone = be_alone(var)
    folder = var / "log"
    is_all = asked[:1] == ["clocks"]
    steps = under_every_clock(folder, asked[1:]) if is_all else under_one_clock(folder)
    os.close(alone)
    embedded.release(var)
    return summary(steps, time.monotonic() - began)


def summary(steps: list[Step], seconds: float) -> int:
    """Say what ran; return the exit code."""
    say(f"\n── What ran, in {int(seconds // 60)} min {int(seconds % 60):02} s")
    width = max(18, *(len(step.name) + 2 for step in steps))
    for step in steps:
        say(f"{step.name:<{width}}{step.said}")
    total = [sum(getattr(step, what) for step in steps) for what in ("passed", "failed", "skipped")]
    say("{} passed, {} failed, {} skipped".format(*total))
    return 0 if all(step.good for step in steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
