import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from audit import actions
from audit.chain import verify_chain
from audit.models import FIRST_HASH, AuditEntry, ChainHead
from audit.services import Act, record, record_many
from vault.tests.conftest import key

LOOKED = actions.register("test.looked", "Looked at a test")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_record_keeps_who_what_why_and_when(river, river_specialist):
    record(
        LOOKED,
        actor=river_specialist,
        continuum_id=river.pk,
        about=river,
        why="  Asked by phone ",
        detail={"count": 3, "names": ("a", "b"), "is_late": False, "none": None},
        now=NOW,
    )
    entry = AuditEntry.objects.get()
    assert (entry.sequence, entry.at, entry.action) == (1, NOW, LOOKED)
    assert (entry.actor_id, entry.actor_label) == (river_specialist.pk, "Sam Specialist")
    assert (entry.continuum_id, entry.object_type) == (river.pk, "regions.continuum")
    assert (entry.object_id, entry.why) == (str(river.pk), "Asked by phone")
    assert entry.detail == {"count": 3, "names": ["a", "b"], "is_late": False, "none": None}
    assert entry.is_intact


def test_record_about_a_row_is_of_the_continuum_that_the_row_tells(river, three, region_2):
    county = region_2.counties.first()
    for about in (river, region_2, county):
        assert record(LOOKED, actor=None, about=about).continuum_id == river.pk
    assert record(LOOKED, actor=None, about=river, continuum_id=None).continuum_id is None
    given = record(LOOKED, actor=None, about=river, continuum_id=three.pk)
    assert given.continuum_id == three.pk


def test_record_about_no_row_is_of_the_continuum_that_is_given_or_of_none(river):
    pair = ("regions.continuum", river.pk)
    assert record(LOOKED, actor=None).continuum_id is None
    assert record(LOOKED, actor=None, about=pair).continuum_id is None
    assert record(LOOKED, actor=None, about=pair, continuum_id=river.pk).continuum_id == river.pk


def test_record_refuses_a_row_that_tells_no_continuum_unless_one_is_given(river_specialist):
    with pytest.raises(TypeError, match="User tells no continuum"):
        record(LOOKED, actor=None, about=river_specialist)
    assert not AuditEntry.objects.exists()
    assert record(LOOKED, actor=None, about=river_specialist, continuum_id=None).action == LOOKED


def test_record_asks_the_database_for_no_row_that_is_at_hand(
    river, region_2, django_assert_num_queries
):
    county = region_2.counties.select_related("region").first()
    with django_assert_num_queries(0):
        assert Act(action=LOOKED, actor=None, about=county).whose == river.pk


def test_record_of_the_system_without_a_reason_holds_no_reason():
    record(LOOKED, actor=None, about=("participants.Participant", uuid.UUID(int=7)), why=" ")
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.actor_label, entry.why) == (None, "System", "")
    assert (entry.reason, entry.reason_digest, entry.is_intact) == (None, None, True)
    assert (entry.object_type, entry.object_id) == (
        "participants.participant",
        "00000000-0000-0000-0000-000000000007",
    )


def test_record_keeps_the_reason_encrypted_and_its_digest_blind():
    for _ in range(2):
        record(LOOKED, actor=None, why="Zoë asked")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason, reason_digest FROM audit_auditentry")
        rows = cursor.fetchall()
    assert len({bytes(digest) for _, digest in rows}) == 2
    assert all("Zoë".encode() not in bytes(reason) for reason, _ in rows)


def test_record_many_chains_each_entry_to_the_one_before():
    first = record(LOOKED, actor=None)
    second, third = record_many([Act(action=LOOKED, actor=None), Act(action=LOOKED, actor=None)])
    entries = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [bytes(entry.former_hash) for entry in entries] == [
        FIRST_HASH,
        first.hash,
        second.hash,
    ]
    head = ChainHead.objects.get()
    assert (head.count, bytes(head.hash), head.is_signed) == (3, third.hash, True)


@pytest.mark.parametrize("number", [1, 50])
def test_record_many_takes_the_same_queries_for_any_number(number, django_assert_num_queries):
    record(LOOKED, actor=None)
    with django_assert_num_queries(6):
        made = record_many([Act(action=LOOKED, actor=None, why="Because")] * number)
    assert len(made) == number
    assert verify_chain().count == number + 1


def test_record_many_of_nothing_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert record_many([]) == []
    assert not ChainHead.objects.exists()


def test_record_is_undone_with_the_act():
    record(LOOKED, actor=None)
    with transaction.atomic():
        record(LOOKED, actor=None)
        transaction.set_rollback(True)
    assert verify_chain().count == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"action": "test.never_declared"}, ValueError),
        ({"action": LOOKED, "detail": {"share": 0.5}}, TypeError),
        ({"action": LOOKED, "detail": {"at": NOW}}, TypeError),
        ({"action": LOOKED, "detail": {"list": [{"x": uuid.uuid4()}]}}, TypeError),
        ({"action": LOOKED, "detail": {1: "x"}}, TypeError),
    ],
)
def test_record_refuses_what_it_could_not_keep_exactly(arguments, error):
    with pytest.raises(error), transaction.atomic():
        record(arguments.pop("action"), actor=None, **arguments)
    assert not AuditEntry.objects.exists()


# The database holds it


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE audit_auditentry SET actor_label = 'Nobody'"],
        ["UPDATE audit_auditentry SET reason = NULL, reason_digest = NULL"],
        ["UPDATE audit_auditentry SET reason = 'x'"],
        ["DELETE FROM audit_auditentry"],
        ["SET LOCAL audit.may_empty = 'off'", "TRUNCATE audit_auditentry"],
        ["SET LOCAL audit.may_empty = 'off'", "TRUNCATE audit_chainhead"],
        ["DELETE FROM audit_chainhead"],
        ["SET LOCAL session_replication_role = replica", "DELETE FROM audit_auditentry"],
        ["SET LOCAL pgtrigger.ignore = '{audit_append_only}'", "DELETE FROM audit_auditentry"],
        ["SET LOCAL vault.rotating = 'on'", "DELETE FROM audit_auditentry"],
        ["SET LOCAL vault.rotating = 'on'", "UPDATE audit_auditentry SET actor_label = 'Nobody'"],
        ["SET LOCAL vault.rotating = 'on'", "UPDATE audit_auditentry SET reason_digest = reason"],
        [
            "SET LOCAL vault.rotating = 'on'",
            "UPDATE audit_auditentry SET reason = NULL, reason_digest = NULL",
        ],
    ],
)
def test_database_refuses_to_change_or_delete_entries(statements):
    record(LOOKED, actor=None, why="because")
    with (
        pytest.raises(IntegrityError, match="The audit is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("; ".join(statements))
    assert verify_chain().is_whole
    assert AuditEntry.objects.get().why == "because"


def test_database_refuses_the_orm_too():
    entry = record(LOOKED, actor=None)
    attempts = [entry.delete, entry.save, AuditEntry.objects.all().delete]
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()
    assert verify_chain().count == 1


def test_database_keeps_one_head():
    with pytest.raises(IntegrityError, match="audit_one_chain_head"):
        ChainHead.objects.create(id=2)


# At the same time


def test_record_lets_one_write_at_a_time_and_loses_none(transactional_db, settings):
    settings.FIELD_KEYS = key(1)

    def write():
        try:
            for _ in range(10):
                record_many([Act(action=LOOKED, actor=None, why="Because")] * 2)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    state = verify_chain()
    assert (state.count, state.problem) == (80, "")


def test_record_makes_others_wait_until_the_act_is_done(transactional_db, settings):
    settings.FIELD_KEYS = key(1)
    errors = []

    def write():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                record(LOOKED, actor=None)
        except OperationalError as error:
            errors.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        record(LOOKED, actor=None)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
    assert "lock timeout" in errors[0]
    assert verify_chain().count == 1


def test_verify_chain_holds_while_others_write(transactional_db, settings):
    settings.FIELD_KEYS = key(1)
    is_over = threading.Event()

    def write():
        try:
            while not is_over.is_set():
                record(LOOKED, actor=None)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    states = [verify_chain(batch=3) for _ in range(10)]
    is_over.set()
    writer.join()
    assert {state.problem for state in states} == {""}
    assert verify_chain().count >= states[-1].count
