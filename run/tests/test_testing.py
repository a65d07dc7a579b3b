import os
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings

from run import testing
from run.bootstrap import Trouble


def run(tmp_path, body, *arguments):
    (tmp_path / "none.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(f"import pytest\n\n{body}")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:django -p no:xdist\n")
    return testing.tests(
        "tests", tmp_path, "-c", str(tmp_path / "pytest.ini"), str(tmp_path), *arguments
    )


def test_tests_counts_what_passed(tmp_path):
    step = run(tmp_path, "def test_a(): pass\ndef test_b(): pass\n")
    assert (step.good, step.said, step.passed) == (True, "2 passed", 2)


def test_tests_takes_a_skipped_test_for_a_failure(tmp_path):
    step = run(tmp_path, "def test_a(): pass\ndef test_b(): pytest.skip('no')\n")
    assert (step.good, step.said) == (False, "FAILED: 1 passed, 0 failed, 1 skipped")


def test_tests_takes_no_test_for_a_failure(tmp_path):
    step = run(tmp_path, "")
    assert (step.good, step.said) == (False, "FAILED: no test was found")


def test_summary_tells_all_that_ran(capsys):
    steps = [
        testing.Step("lint", True, "ok"),
        testing.Step("tests", False, "FAILED: 3 passed, 1 failed, 0 skipped", 3, 1),
    ]
    assert testing.summary(steps, 61) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "── What ran, in 1 min 01 s",
        "lint              ok",
        "tests             FAILED: 3 passed, 1 failed, 0 skipped",
        "3 passed, 1 failed, 0 skipped",
    ]


def test_second_run_of_a_folder_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    first = testing.be_alone(tmp_path)
    with pytest.raises(Trouble, match="Another “make test” already uses"):
        testing.be_alone(tmp_path)
    os.close(first)
    os.close(testing.be_alone(tmp_path))


def test_order_is_the_days_unless_one_is_asked_for(monkeypatch):
    monkeypatch.delenv(testing.ORDER, raising=False)
    assert testing.order_of_day() == str(date.today().toordinal())
    monkeypatch.setenv(testing.ORDER, "7")
    assert testing.order_of_day() == "7"


def test_failure_says_how_to_see_it_again(tmp_path):
    """Clock and order, by the names that the commands know."""
    (tmp_path / "none.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text("def test_a(): assert False\ndef test_b(): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django"]
        + ["-p", "no:xdist", "-p", "conferencing.tests.clock", "-c", str(tmp_path / "none.ini")]
        + ["--rootdir", str(tmp_path), "--random-order", "--random-order-seed=77", str(tmp_path)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"TEST_CLOCK": "leap-day"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The clock was leap-day (2028-02-29 10:00 in America/Chicago: a leap day)" in done.stdout
    assert "TEST_CLOCK=leap-day python -m pytest --random-order --random-order-seed=77" in (
        done.stdout
    )
