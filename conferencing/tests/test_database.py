"""What lies between two tests: nothing."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TransactionTestCase

from audit.models import AuditEntry
from audit.services import record
from conferencing.tests.database import KEPT


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_a_test_that_committed(river_provider, river):
    record("participant.viewed", actor=river_provider, continuum_id=river.pk)
    permissions = Permission.objects.count()
    assert AuditEntry.objects.exists()
    TransactionTestCase()._fixture_teardown()
    names = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    assert len(names) > 90
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names)
        )
        assert cursor.fetchall() == []
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
    assert Permission.objects.count() == permissions
