"""Fixtures for every test."""

import pytest
from django.db import connection

pytest_plugins = [
    "conferencing.tests.cast",
    "conferencing.tests.smtp",
    "conferencing.tests.browser",
]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the test database, and it alone, be emptied between tests: the audit refuses TRUNCATE."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET audit.may_empty = 'on'")
        cursor.execute("SET audit.may_empty = 'on'")
