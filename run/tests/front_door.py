"""What the tests of the front door share."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

OWN = ("PYTEST_", "EMBEDDED_", "PGOPTIONS", "CONFERENCING_VAR", "DJANGO_", "DATABASE_", "REDIS_")


@pytest.fixture
def bare_environment():
    """The environment of a person's shell: nothing of the test run's, nothing of production."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OWN)}


@pytest.fixture
def own_var():
    """A `var/` that does not exist yet, with a path too long and too odd for a socket.

    Not below pytest's own folder: that one is made private again by every run, and as
    root the database's user must pass through.
    """
    top = Path(tempfile.mkdtemp(prefix="front-door-"))
    yield top / ("a folder, with a name " + "of many words " * 6) / "var"
    shutil.rmtree(top)
