import contextlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit import actions
from audit.chain import glance_at_chain, verify_chain
from audit.models import FIRST_HASH, AuditEntry, ChainHead
from audit.services import Act, record, record_many, remove_reasons
from vault import key_checks
from vault.tests.conftest import key

pytestmark = pytest.mark.django_db
LOOKED = actions.register("test.looked", "Looked at a test")


@pytest.fixture
def entries(settings):
    """Five entries, each with a reason."""
    settings.FIELD_KEYS = key(1)
    key_checks.examine()
    return record_many([Act(action=LOOKED, actor=None, why=f"Reason {n}") for n in range(1, 6)])


@contextlib.contextmanager
def guards_off():
    """What somebody who owns the tables can do."""
    with connection.cursor() as cursor:
        for table in ("audit_auditentry", "audit_chainhead"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in ("audit_auditentry", "audit_chainhead"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def verify(*arguments):
    out = io.StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_verify_audit_says_ok_with_count_and_last_hash(entries, django_assert_num_queries):
    with django_assert_num_queries(8):
        assert verify() == f"OK: 5 entries, 5:{entries[-1].hash.hex()}\n"
    assert glance_at_chain().is_whole


def test_verify_audit_of_nothing_is_ok():
    assert verify() == f"OK: 0 entries, 0:{FIRST_HASH.hex()}\n"
    assert glance_at_chain().is_whole


def test_verify_chain_takes_its_memory_in_batches(entries, django_assert_num_queries):
    with django_assert_num_queries(8):
        state = verify_chain(batch=2)
    assert (state.count, state.hash, state.is_whole) == (5, entries[-1].hash, True)


SWAP = "UPDATE audit_auditentry SET sequence = CASE sequence WHEN 2 THEN 103 ELSE 102 END"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["UPDATE audit_auditentry SET actor_label = 'X' WHERE sequence = 3"], "3: the entry was"),
        (["UPDATE audit_auditentry SET at = at + interval '1 us' WHERE sequence = 2"], "2: the"),
        (["UPDATE audit_auditentry SET action = 'test.else' WHERE sequence = 1"], "1: the entry"),
        (["UPDATE audit_auditentry SET object_id = 'x' WHERE sequence = 4"], "4: the entry was"),
        (["UPDATE audit_auditentry SET detail = '{\"a\": 1}' WHERE sequence = 5"], "5: the entry"),
        (["UPDATE audit_auditentry SET actor_id = id WHERE sequence = 3"], "3: the entry was"),
        (["UPDATE audit_auditentry SET continuum_id = id WHERE sequence = 3"], "3: the entry was"),
        (
            ["UPDATE audit_auditentry SET reason = NULL, reason_digest = NULL WHERE sequence = 3"],
            "3: the entry was changed",
        ),
        (
            [
                "UPDATE audit_auditentry SET reason = (SELECT reason FROM audit_auditentry"
                " WHERE sequence = 2) WHERE sequence = 3"
            ],
            "3: the entry's reason was changed",
        ),
        (
            ["UPDATE audit_auditentry SET reason = set_byte(reason, 29, get_byte(reason, 29) # 1)"],
            "1: the entry's reason was changed",
        ),
        (
            ["UPDATE audit_auditentry SET former_hash = hash WHERE sequence = 3"],
            "3: the entry does not follow",
        ),
        (["DELETE FROM audit_auditentry WHERE sequence = 1"], "1: the entry is missing"),
        (["DELETE FROM audit_auditentry WHERE sequence = 3"], "3: the entry is missing"),
        (["DELETE FROM audit_auditentry WHERE sequence >= 4"], "4: the entry is missing"),
        (["DELETE FROM audit_auditentry"], "1: the entry is missing"),
        (
            [
                "DELETE FROM audit_auditentry WHERE sequence = 5",
                "UPDATE audit_chainhead SET count = 4, hash ="
                " (SELECT hash FROM audit_auditentry WHERE sequence = 4)",
            ],
            "4: the signature of the chain's head does not hold",
        ),
        (["DELETE FROM audit_chainhead"], "1: the entry was not recorded by this system"),
        (["UPDATE audit_chainhead SET hash = signature"], "5: the chain was written anew"),
        (["UPDATE audit_chainhead SET signature = ''"], "5: the signature of the chain's head"),
        (
            [
                SWAP + " WHERE sequence IN (2, 3)",
                "UPDATE audit_auditentry SET sequence = sequence - 100 WHERE sequence > 100",
            ],
            "2: the entry does not follow",
        ),
    ],
)
def test_verify_audit_names_the_first_entry_that_does_not_hold(entries, statements, words):
    with guards_off() as cursor:
        for statement in statements:
            cursor.execute(statement)
    with pytest.raises(CommandError, match=f"^Broken at entry {words}") as broken:
        verify()
    assert broken.value.returncode == 1
    assert "Reason" not in str(broken.value)


def forge(entry):
    """Write an entry past the services, with a hash that fits it."""
    entry.hash = entry.content_hash()
    AuditEntry.objects.bulk_create([entry])
    return entry


def test_verify_audit_finds_an_inserted_entry(entries):
    forge(
        AuditEntry(
            sequence=6,
            at=entries[-1].at,
            actor_label="Forged",
            action=LOOKED,
            former_hash=entries[-1].hash,
        )
    )
    with pytest.raises(CommandError, match="Broken at entry 6: the entry was not recorded"):
        verify()


def copy_of(entry, number):
    """The same entry under another number, as somebody would write it past the services."""
    return AuditEntry(
        sequence=number,
        at=entry.at,
        actor_label="Forged",
        action=LOOKED,
        former_hash=entry.former_hash,
    )


@pytest.mark.parametrize("number", [0, -1, -7, -(2**62)])
def test_no_entry_has_a_number_below_one(entries, number):
    with pytest.raises(IntegrityError, match="audit_entry_number_from_one"), transaction.atomic():
        forge(copy_of(entries[0], number))
    assert verify().startswith("OK: 5 entries")
    # Written when the database did not refuse it yet, or by whoever owns the table.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DROP CONSTRAINT audit_entry_number_from_one")
    forge(copy_of(entries[0], number))
    with pytest.raises(CommandError, match=f"Broken at entry {number}: the entry was not recorded"):
        verify()
    assert glance_at_chain().broken_at == number


def test_verify_audit_counts_every_row(entries):
    """A second entry of one number hides behind the first where a batch of the walk ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'audit_auditentry'::regclass AND contype = 'u'"
        )
        cursor.execute(f"ALTER TABLE audit_auditentry DROP CONSTRAINT {cursor.fetchone()[0]}")
    forge(copy_of(entries[4], 5))
    states = [verify_chain(batch=batch) for batch in (1, 2, 3, 5, 1000)]
    assert [state.broken_at is None for state in states] == [False] * 5


def test_a_removed_reason_leaves_the_chain_whole(entries):
    remove_reasons([2, 4], actor=None, continuum_id=None)
    assert verify().startswith("OK: 6 entries")
    found = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.why for entry in found] == ["Reason 1", "", "Reason 3", "", "Reason 5", ""]
    assert [entry.is_reason_removed for entry in found] == [False, True, False, True, False, False]
    assert (found[5].action, found[5].detail) == ("audit.reasons_removed", {"entries": [2, 4]})
    assert glance_at_chain(found).is_whole


def test_a_reason_that_somebody_took_out_is_found(entries):
    remove_reasons([2], actor=None, continuum_id=None)
    with guards_off() as cursor:
        cursor.execute("UPDATE audit_auditentry SET reason = NULL WHERE sequence = 3")
    with pytest.raises(CommandError, match="Broken at entry 3: the entry was changed"):
        verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = NULL WHERE sequence = 3",
        "SELECT audit_forget_reasons(ARRAY[3]::bigint[])",
        "UPDATE audit_auditentry SET reason = NULL, actor_label = 'X' WHERE sequence = 2",
        "UPDATE audit_auditentry SET reason = NULL, reason_digest = NULL WHERE sequence = 2",
    ],
)
def test_the_database_takes_out_no_reason_but_what_the_chain_says(entries, statement):
    remove_reasons([1], actor=None, continuum_id=None)
    record(actions.REASONS_REMOVED, actor=None, continuum_id=None, detail={"entries": [2]})
    refused = pytest.raises(IntegrityError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().startswith("OK: 7 entries")


def test_verify_audit_finds_a_chain_written_anew(entries):
    """Whoever can write every row, hash and head still lacks the key that signs the head."""
    with guards_off() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor_label = 'X' WHERE sequence = 2")
        former = FIRST_HASH
        for entry in AuditEntry.objects.order_by("sequence"):
            entry.former_hash = former
            former = entry.content_hash()
            cursor.execute(
                "UPDATE audit_auditentry SET former_hash = %s, hash = %s WHERE id = %s",
                [entry.former_hash, former, entry.pk],
            )
        with pytest.raises(CommandError, match="Broken at entry 5: the chain was written anew"):
            verify()
        cursor.execute("UPDATE audit_chainhead SET hash = %s", [former])
    with pytest.raises(CommandError, match="Broken at entry 5: the signature"):
        verify()


@pytest.mark.parametrize(
    "statements",
    [
        [
            "DELETE FROM audit_auditentry WHERE sequence = 5",
            "UPDATE audit_chainhead SET count = 4, hash ="
            " (SELECT hash FROM audit_auditentry WHERE sequence = 4)",
        ],
        ["DELETE FROM audit_chainhead", "DELETE FROM audit_auditentry WHERE sequence = 5"],
    ],
)
def test_record_goes_on_after_damage_and_does_not_cover_it_up(entries, statements):
    with guards_off() as cursor:
        for statement in statements:
            cursor.execute(statement)
    record(LOOKED, actor=None)
    record(LOOKED, actor=None)
    assert ChainHead.objects.get().count == 6
    with pytest.raises(CommandError, match="Broken at entry 6: the signature"):
        verify()
    assert "signature" in glance_at_chain().problem


def test_verify_audit_holds_the_chain_against_what_was_noted_before(entries):
    noted = f"4:{entries[3].hash.hex()}"
    assert verify("--expect", noted).startswith("OK: 5 entries")
    # A database put back whole to an earlier state is sound in itself.
    with guards_off() as cursor:
        cursor.execute("DELETE FROM audit_auditentry")
        cursor.execute("DELETE FROM audit_chainhead")
    record_many([Act(action=LOOKED, actor=None) for _ in range(3)])
    assert verify().startswith("OK: 3 entries")
    with pytest.raises(CommandError, match="Broken at entry 4: the chain was longer: 4 entries"):
        verify("--expect", noted)
    record(LOOKED, actor=None)
    with pytest.raises(CommandError, match="4: the entry's hash is not the expected one"):
        verify("--expect", noted)


@pytest.mark.parametrize("text", ["5", "0:" + "0" * 64, "5:xyz"])
def test_verify_audit_refuses_what_it_never_printed(text):
    with pytest.raises(CommandError, match="--expect takes NUMBER:HASH"):
        verify("--expect", text)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM audit_auditentry WHERE sequence = 5", "the entry is missing"),
        ("DELETE FROM audit_auditentry", "the entry is missing"),
        ("DELETE FROM audit_chainhead", "the entry is missing"),
        ("UPDATE audit_auditentry SET object_id = 'x'", "the entry was changed"),
        (
            "UPDATE audit_chainhead SET signature = ''",
            "the signature of the chain's head does not hold",
        ),
    ],
)
def test_glance_sees_damage_at_the_end(entries, statement, problem):
    with guards_off() as cursor:
        cursor.execute(statement)
    assert glance_at_chain().problem == problem


def test_chain_holds_after_rotating_keys(entries, settings):
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    call_command("rotate_keys", stdout=io.StringIO())
    settings.FIELD_KEYS = key(2)
    assert verify().startswith("OK: 5 entries")
    assert [entry.why for entry in AuditEntry.objects.order_by("sequence")] == [
        f"Reason {n}" for n in range(1, 6)
    ]
    record(LOOKED, actor=None, why="Reason 6")
    assert verify().startswith("OK: 6 entries")


def test_verify_audit_says_which_key_it_lacks(entries, settings):
    settings.FIELD_KEYS = key(2)
    with pytest.raises(CommandError, match=r"^Not looked at.*FIELD_KEYS has no key “k1”"):
        verify()
    # Whoever asks the chain itself, past the command, hears of the key as well.
    state = verify_chain()
    assert state.problem.startswith("the entry's reason cannot be checked: FIELD_KEYS has no key")
