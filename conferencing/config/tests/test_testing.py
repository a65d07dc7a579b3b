from conferencing.config import testing


def run(tmp_path, body, *arguments):
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
