"""`pytest` as README has it, without `python -m` in front."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_pytest_by_its_own_name_finds_the_project():
    program = Path(sys.executable).parent / "pytest"
    done = subprocess.run(
        [
            program,
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            "regions/tests/test_calling.py",
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "regions/tests/test_calling.py::" in done.stdout
