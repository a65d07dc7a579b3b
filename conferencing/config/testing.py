"""`make test`: everything the project claims, and a summary of what really ran."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from . import chromium, embedded
from .bootstrap import BASE, Trouble, say

PYTHON = sys.executable
WORKERS = os.environ.get("TEST_WORKERS", "2")
BROWSER_WORKERS = os.environ.get("BROWSER_WORKERS", "2")
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


def command(name: str, *commands: list[str], **environment) -> Step:
    """Run commands; all must end well."""
    say(f"\n── {name}")
    for line in commands:
        done = subprocess.run(line, cwd=BASE, env=os.environ | environment, check=False)
        if done.returncode:
            return Step(name, False, f"FAILED: {' '.join(map(str, line[1:]))}")
    return Step(name, True, "ok")


def tests(name: str, folder: Path, *arguments: str, **environment) -> Step:
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


def browser_tests(folder: Path) -> Step:
    browser = chromium.find_or_install(say)
    if not browser:
        return Step(
            "browser tests",
            False,
            "FAILED: no Chromium or Chrome. Install one, or name it: CHROMIUM=/path make test",
            failed=1,
        )
    say(f"Browser: {browser}")
    workers = ["-n", BROWSER_WORKERS, "--dist", "worksteal"]
    return tests("browser tests", folder, "-m", "browser", *workers, CHROMIUM=browser)


def main() -> int:
    began = time.monotonic()
    var = Path(os.environ.get("CONFERENCING_VAR") or BASE / "var").resolve()
    manage = [PYTHON, "manage.py"]
    try:
        embedded.use(var)  # held to the end, so that they start only once
    except embedded.ServerTrouble as trouble:
        raise Trouble(str(trouble)) from trouble
    folder = var / "log"
    with tempfile.TemporaryDirectory() as elsewhere:
        as_production = production() | {"CONFERENCING_VAR": elsewhere}
        steps = [
            command(
                "lint",
                [PYTHON, "-m", "ruff", "check", "."],
                [PYTHON, "-m", "ruff", "format", "--check", "."],
            ),
            command("system check", [*manage, "check", "--fail-level", "WARNING"]),
            command("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
            command(
                "production check",
                [*manage, "check", "--deploy", "--fail-level", "WARNING"],
                [*manage, "collectstatic", "--noinput", "--verbosity", "0"],
                **as_production,
            ),
        ]
    steps.append(tests("tests", folder, "-n", WORKERS, "--dist", "worksteal"))
    steps.append(browser_tests(folder))
    embedded.release(var)
    return summary(steps, time.monotonic() - began)


def summary(steps: list[Step], seconds: float) -> int:
    """Say what ran; return the exit code."""
    say(f"\n── What ran, in {int(seconds // 60)} min {int(seconds % 60):02} s")
    for step in steps:
        say(f"{step.name:<18}{step.said}")
    total = [sum(getattr(step, what) for step in steps) for what in ("passed", "failed", "skipped")]
    say("{} passed, {} failed, {} skipped".format(*total))
    return 0 if all(step.good for step in steps) else 1


if __name__ == "__main__":
    sys.exit(main())
