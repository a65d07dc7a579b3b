"""Fixtures for every test."""

import gc
import os

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.middleware import csrf
from django.test import TransactionTestCase

pytest.register_assert_rewrite("conferencing.tests.clock")
from conferencing.tests import clock  # noqa: E402  (before anything asks what day it is)

# isort: split
from accounts.tests.factories import make_browser  # noqa: E402
from conferencing.tests.database import empty_quickly, ensure_migrated_database  # noqa: E402
from vault import key_checks  # noqa: E402

TransactionTestCase._fixture_teardown = empty_quickly(TransactionTestCase._fixture_teardown)
# A name that must not stand on a page has vowels; the page's token then cannot hold it by chance.
csrf.CSRF_ALLOWED_CHARS = "bcdfghjklmnpqrstvwxz"
# Chance looks for new cases at the desk; a gate gives the same answer to the same tree.
hypothesis.settings.register_profile("gate", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("gate")

# Hardly anything that tests make is a circle: looking for those so often took a tenth of the time.
gc.set_threshold(50_000, 20, 50)

pytest_plugins = [
    "run.tests.front_door",
    "conferencing.tests.clock",
    "conferencing.tests.cast",
    "conferencing.tests.held_call",
    "conferencing.tests.smtp",
    "conferencing.tests.browser",
    "conferencing.tests.world",
    "conferencing.tests.hour",
]


@pytest.fixture(scope="session", autouse=True)
def empty_cache():
    """Attempts that an earlier run counted in the shared cache are not this run's."""
    cache.clear()


@pytest.fixture
def client():
    """A browser at an address of its own, so that tests do not use up each other's attempts."""
    return make_browser()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Make the test database as a copy of a migrated one."""
    key_checks.trust_ring()
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = ensure_migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the test database, and it alone, be emptied between tests: the audit refuses TRUNCATE."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET audit.may_empty = 'on'")
        cursor.execute("SET audit.may_empty = 'on'")
        clock.follow(connection)
    yield
    clock.let_go()
