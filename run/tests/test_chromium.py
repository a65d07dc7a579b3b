import pytest

from run import chromium


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The only folder in which a browser is looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(chromium, "PLACES", ())
    for name in ("CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def program(path, says, code=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_find_passes_over_a_stub_that_does_not_start(folder):
    program(folder / "chromium-browser", "This needs the chromium snap", 1)
    found = program(folder / "google-chrome", "Google Chrome 140.0")
    assert chromium.find() == found


def test_find_takes_the_shell_before_what_has_windows(folder):
    program(folder / "chromium", "Chromium 140.0")
    shell = program(folder / "chromium-headless-shell", "Chromium 140.0")
    assert chromium.find() == shell


def test_find_takes_the_one_that_is_named(folder, monkeypatch):
    program(folder / "chromium", "Chromium 140.0")
    named = program(folder / "elsewhere" / "mine", "Chromium 141.0")
    monkeypatch.setenv("CHROMIUM", named)
    assert chromium.find() == named


def test_find_knows_where_playwright_puts_its_own(folder):
    own = folder / ".cache/ms-playwright/chromium-1200/chrome-linux64/chrome"
    assert chromium.find() is None
    program(own, "Google Chrome for Testing 140.0")
    assert chromium.find() == str(own)


def test_find_or_install_tries_each_way_and_says_so(folder, monkeypatch):
    said = []
    own = folder / "install-chromium"
    program(own, "installed")
    own.write_text(
        f"#!/bin/sh\nprintf '#!/bin/sh\\necho Chromium 1\\n' > {folder}/chromium\n"
        f"/bin/chmod +x {folder}/chromium\n"
    )
    monkeypatch.setattr(chromium, "ways", lambda: [["nosuch", "install"], [str(own)]])
    assert chromium.find_or_install(said.append) == str(folder / "chromium")
    assert said[0] == "No Chromium was found. Trying: nosuch install"
    assert said[-1] == f"No Chromium was found. Trying: {own}"


def test_arguments_drop_the_sandbox_for_root_alone(monkeypatch):
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in chromium.arguments()
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    assert "--no-sandbox" in chromium.arguments()
