import pytest
from django.db import IntegrityError, connection, transaction

from audit import actions
from audit.models import FIRST_HASH, AuditEntry, ChainHead
from audit.services import Act, record, record_many

pytestmark = pytest.mark.django_db
LOOKED = actions.declare("test.looked", "Looked at a test")


def test_record_chains_each_entry_to_the_one_before():
    first = record(LOOKED, actor=None, why="because of  it ")
    second, third = record_many([Act(action=LOOKED, actor=None), Act(action=LOOKED, actor=None)])

    entries = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [bytes(entry.former_hash) for entry in entries] == [
        FIRST_HASH,
        first.hash,
        second.hash,
    ]
    assert all(entry.is_intact for entry in entries)
    assert entries[0].why == "because of  it"
    head = ChainHead.objects.get()
    assert (head.count, bytes(head.hash), head.is_signed) == (3, third.hash, True)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditentry SET actor_label = 'Nobody'",
        "UPDATE audit_auditentry SET reason = NULL, reason_digest = NULL",
        "DELETE FROM audit_auditentry",
        "DELETE FROM audit_chainhead",
    ],
)
def test_database_refuses_to_change_or_delete_entries(sql):
    record(LOOKED, actor=None, why="because")
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEntry.objects.get().is_intact
