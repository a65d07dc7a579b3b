import datetime
import io
import os
import signal
import threading
import uuid

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from vault import blind, rotation
from vault.tests.conftest import key

BIRTH = datetime.date(1990, 2, 28)


def rotate(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("rotate_keys", *arguments, stdout=out, stderr=err)
    return out.getvalue()


def counts(label):
    return rotation.tally()[f"vault_records.{label}"]


def people(records, number):
    return records.Person.objects.bulk_create(
        records.Person(name=f"Person {index}", born_on=BIRTH, hmis_id=str(index))
        for index in range(number)
    )


def test_rotate_keys_seals_every_column_and_event_again(records, settings):
    person, *_ = people(records, 7)
    person.name = "Changed"
    person.save()
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"

    out = rotate("--batch", "3")

    assert counts("Person.name") == {"k2": 7}
    assert counts("Person.born_on") == {"k2": 7}
    assert counts("Person.alias") == {}
    assert counts("PersonEvent.name") == {"k2": 8}
    assert counts("Person.hmis_index") == {"k2": 7}
    assert counts("PersonEvent.hmis_index") == {"k2": 8}
    assert "vault_records.Person: 7 rows sealed again" in out
    assert "Nothing is left on old keys. All is on k2; k1 can be taken out" in out
    settings.FIELD_KEYS = key(2)
    names = {found.name for found in records.Person.objects.all()}
    assert names == {"Changed", *(f"Person {index}" for index in range(1, 7))}
    events = person.events.order_by("pgh_id")
    assert [event.name for event in events] == ["Person 0", "Changed"]
    assert [event.born_on for event in events] == [BIRTH, BIRTH]


def test_rotate_keys_makes_no_history_and_leaves_everything_else_alone(records, settings):
    people(records, 3)
    before = list(records.PersonEvent.objects.order_by("pgh_id").values("pgh_id", "pgh_created_at"))
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    rotate()
    after = list(records.PersonEvent.objects.order_by("pgh_id").values("pgh_id", "pgh_created_at"))
    assert after == before
    # … and the trigger works again after it.
    person = records.Person.objects.first()
    person.name = "Next"
    person.save()
    assert records.PersonEvent.objects.count() == 4


def test_rotate_keys_lets_blind_indexes_be_found_all_the_time(records, settings):
    people(records, 2)
    person = records.Person.objects.get(
        hmis_index__in=blind.candidates("hmis", uuid.UUID(int=1), "1")
    )
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    wanted = blind.candidates("hmis", uuid.UUID(int=1), "1")
    assert records.Person.objects.get(hmis_index__in=wanted) == person
    rotate()
    settings.FIELD_KEYS = key(2)
    (wanted,) = blind.candidates("hmis", uuid.UUID(int=1), "1")
    assert records.Person.objects.get(hmis_index=wanted) == person


def test_rotate_keys_reports_what_each_key_holds_and_changes_nothing(records, settings):
    people(records, 2)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    people(records, 1)
    out = rotate("--report")
    assert "vault_records.Person.name: k1 (old): 2, k2: 1\n" in out
    assert "vault_records.Person.alias: empty\n" in out
    assert "left on old keys." in out
    assert counts("Person.name") == {"k1": 2, "k2": 1}


def test_rotate_keys_names_what_cannot_be_opened_and_does_the_rest(records, settings):
    lost, _ = people(records, 2)
    settings.FIELD_KEYS = f"{key(3)},{key(1)}"
    with pgtrigger.ignore("vault_records.Person:update_update"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_records_person SET name = overlay(name PLACING 'k9' FROM 3)"
            " WHERE id = %s",
            [lost.pk],
        )
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="left on k9: keep it in FIELD_KEYS"):
        call_command("rotate_keys", "--wait", "0", stdout=out, stderr=err)
    assert (
        f"vault_records.Person.name of {lost.pk} cannot be opened: FIELD_KEYS has no key “k9”"
        in err.getvalue()
    )
    assert "left: vault_records.Person.name: 1 on k9" in out.getvalue()
    assert counts("Person.name") == {"k3": 1, "k9": 1}
    assert counts("Person.born_on") == {"k3": 2}


def test_rotate_model_takes_less_than_a_batch_of_large_values(records, settings, monkeypatch):
    settings.FIELD_KEYS = key(1)
    records.Person.objects.bulk_create(records.Person(name="A", scan=bytes(1000)) for _ in range(5))
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    monkeypatch.setattr(rotation, "BATCH_BYTES", 2000)
    assert [done.rows for done in rotation.rotate_model(records.Person, 500)] == [2, 2, 1]


def test_rotate_keys_goes_over_places_that_rooms_added(records, settings):
    sealed = {"k1": 5}

    def rotate_place(batch):
        taken = min(batch, sealed.get("k1", 0))
        sealed["k1"] = sealed.get("k1", 0) - taken
        sealed["k2"] = sealed.get("k2", 0) + taken
        return taken

    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    rotation.register(
        "test.place", count=lambda: {k: n for k, n in sealed.items() if n}, rotate=rotate_place
    )
    try:
        rotate("--batch", "2")
    finally:
        del rotation._places["test.place"]
    assert sealed == {"k1": 0, "k2": 5}


@pytest.fixture
def committed(records_app, transactional_db, settings):
    """The test models with real commits, as other connections see them."""
    settings.FIELD_KEYS = key(1)
    return records_app


def in_thread(work):
    """Run `work` on a connection of its own; return its thread, started."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_rotate_keys_waits_for_nobody_and_loses_no_edit(committed, settings):
    held, *_ = people(committed, 5)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    is_locked, may_commit = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            person = committed.Person.objects.select_for_update().get(pk=held.pk)
            is_locked.set()
            may_commit.wait(20)
            person.name = "Edited meanwhile"
            person.save()

    editor = in_thread(edit)
    assert is_locked.wait(20)
    assert sum(done.rows for done in rotation.rotate_model(committed.Person, 2)) == 4
    assert counts("Person.name") == {"k1": 1, "k2": 4}
    may_commit.set()
    editor.join()
    assert rotate("--wait", "5").splitlines()[-1].startswith("Nothing is left on old keys.")
    assert committed.Person.objects.get(pk=held.pk).name == "Edited meanwhile"
    assert sorted(person.name for person in committed.Person.objects.all()) == [
        "Edited meanwhile",
        *(f"Person {index}" for index in range(1, 5)),
    ]


def test_rotate_keys_says_what_somebody_holds_locked(committed, settings):
    held, *_ = people(committed, 2)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    is_locked, may_end = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            committed.Person.objects.select_for_update().get(pk=held.pk)
            is_locked.set()
            may_end.wait(20)

    holder = in_thread(hold)
    assert is_locked.wait(20)
    try:
        with pytest.raises(CommandError, match="left on k1"):
            rotate("--wait", "0")
    finally:
        may_end.set()
        holder.join()
    assert counts("Person.name") == {"k1": 1, "k2": 1}


def test_rotate_keys_stops_after_the_batch_and_goes_on_when_run_again(committed, settings):
    people(committed, 6)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"

    def interrupt(execute, sql, params, many, context):
        if 'UPDATE "vault_records_person"' in sql:
            os.kill(os.getpid(), signal.SIGINT)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt), pytest.raises(CommandError) as stopped:
        rotate("--batch", "2")
    assert stopped.value.returncode == 130
    assert counts("Person.name") == {"k1": 4, "k2": 2}
    assert "Nothing is left" in rotate("--batch", "2")
    assert counts("Person.name") == {"k2": 6}
