"""The bench sets the environment for a database of its own; tests after it go on in theirs."""

import os

import pytest


@pytest.fixture(autouse=True)
def keep_environment():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
