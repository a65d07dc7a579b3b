"""The role that the system connects as can work, and can change or delete nothing of the past."""

import io
from contextlib import closing

import psycopg2
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit.chain import verify_chain
from audit.models import AuditEntry
from conferencing.tests.test_walk import walk_all, walk_as
from participants.models import ListPlace, Participant
from participants.services.retention import deidentify
from participants.tests.factories import make_participant, make_release
from participants.tests.test_retention import long_after

REFUSED = psycopg2.errors.InsufficientPrivilege


def role_name():
    return f"app_of_{connection.settings_dict['NAME']}"


def make_role():
    name = role_name()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone():
            cursor.execute(f'DROP OWNED BY "{name}"')
            cursor.execute(f'DROP ROLE "{name}"')
        cursor.execute(f'CREATE ROLE "{name}" LOGIN')
    call_command("database_grants", role=name, apply=True, stdout=io.StringIO())
    return name


@pytest.fixture
def role(transactional_db):
    """A second role, with the rights that the command gives."""
    yield make_role()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{role_name()}"')
        cursor.execute(f'DROP ROLE "{role_name()}"')


@pytest.fixture
def as_role(role):
    """A connection of that role's own."""
    params = connection.get_connection_params()
    params.pop("cursor_factory", None)
    with closing(psycopg2.connect(**params)) as its:
        its.autocommit = True
        with its.cursor() as cursor:
            # The embedded server lets in its own user alone: the session becomes the role's.
            cursor.execute(f'SET SESSION AUTHORIZATION "{role}"')
            yield cursor


def histories():
    return [
        model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")
    ]


def test_the_role_can_change_nothing_of_audit_and_history(
    river, river_agency, region_2, river_provider, as_role
):
    person = make_participant(river_agency, region_2)
    AuditEntry.objects.create(
        sequence=1, at=timezone.now(), actor_label="x", action="x", former_hash=b"", hash=b""
    )
    as_role.execute("SELECT current_user")
    assert as_role.fetchone() == (role_name(),)
    kept = [*histories(), "audit_auditentry"]
    assert len(kept) > 20
    for table in kept:
        key = "sequence" if table == "audit_auditentry" else "pgh_id"
        as_role.execute(f"SELECT count(*) FROM {table}")
        count = as_role.fetchone()
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"UPDATE {table} SET {key} = {key}",
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(REFUSED):
                as_role.execute(statement)
        as_role.execute(f"SELECT count(*) FROM {table}")
        assert as_role.fetchone() == count
    for statement in (
        "DELETE FROM audit_chainhead",
        "TRUNCATE audit_chainhead",
        "DELETE FROM pghistory_context",
        "UPDATE pghistory_context SET metadata = '{}'",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "ALTER TABLE audit_auditentry DROP CONSTRAINT audit_entry_number_from_one",
    ):
        with pytest.raises(REFUSED):
            as_role.execute(statement)
    event = Participant.pgh_event_model.objects.filter(pgh_obj=person.pk).first()
    with pytest.raises(REFUSED, match="audit does not say"):
        as_role.execute(
            "SELECT history_rewrite('participants_participantevent', %s, '{\"alias\": \"X\"}')",
            [event.pgh_id],
        )
    with pytest.raises(REFUSED, match="no history called"):
        as_role.execute("SELECT history_rewrite('audit_auditentry', 1, '{\"action\": \"X\"}')")


@pytest.mark.parametrize("number", [0, -7])
def test_the_role_cannot_write_an_entry_beside_the_chain(as_role, number):
    with pytest.raises(psycopg2.errors.CheckViolation, match="audit_entry_number_from_one"):
        as_role.execute(
            "INSERT INTO audit_auditentry (id, sequence, at, actor_label, action, object_type,"
            " object_id, detail, former_hash, hash) VALUES (gen_random_uuid(), %s, now(), 'Forged',"
            " 'participant.viewed', '', '', '{}', '', '')",
            [number],
        )


@pytest.fixture
def working_as_role(db):
    """The system's own connection, under the rights of that role until the transaction ends."""
    name = make_role()

    def begin():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f'SET LOCAL ROLE "{name}"')
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (name,)

    yield begin
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_de_identification_works_under_the_role(
    river, river_agency, region_2, river_provider, working_as_role
):
    person = make_participant(river_agency, region_2, name="Zyxwvut Sentinelle", alias="Heron-77")
    person.notes = "Zyxwvut likes the library"
    person.save()
    make_release(person, revocation_reason="Zyxwvut asked", revoked_at=timezone.now())
    ListPlace.objects.filter(participant=person).update(status=ListPlace.Status.HOUSED)
    working_as_role()
    assert (
        deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=timezone.now()) == 1
    )
    person.refresh_from_db()
    assert (person.name, person.notes or None) == (None, None)
    events = list(Participant.pgh_event_model.objects.filter(pgh_obj=person.pk))
    assert len(events) >= 3
    left = {(each.name, each.notes or None, each.alias) for each in events}
    assert left == {(None, None, person.alias)}
    told = AuditEntry.objects.filter(action="history.rewritten").values_list("detail", flat=True)
    named = {key for each in told for key in each["events"] if "participantevent" in each["table"]}
    assert named == {each.pgh_id for each in events}
    assert verify_chain().is_whole


def test_every_page_works_under_the_role(world, working_as_role):
    walk = walk_as(world, "river", "specialist")
    working_as_role()
    walk_all(walk, world["river"].keys, "specialist")
    assert walk.faults == []


def test_database_grants_says_what_it_would_do_and_refuses_who_could_undo_it(db):
    name = make_role()
    out = io.StringIO()
    call_command("database_grants", role=name, stdout=out)
    assert f'GRANT SELECT, INSERT ON "audit_auditentry" TO "{name}";\n' in out.getvalue()
    assert "TRUNCATE" not in out.getvalue()
    with pytest.raises(CommandError, match="no database role nobody"):
        call_command("database_grants", role="nobody")
    owner = connection.settings_dict["USER"]
    with pytest.raises(CommandError, match=r"superuser|owns tables"):
        call_command("database_grants", role=owner)
