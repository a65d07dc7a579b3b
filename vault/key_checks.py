"""Is `FIELD_KEYS` the ring that sealed this database? Asked before anything is written.

A key with a typing mistake seals names that nobody can open again, and a key that is missing
looks like tampering. So the database keeps a check value of each key (`KeyCheck`), and every
process that opens a connection (web, worker, beat, each command) compares its ring with them
once, before its first statement, and is refused when they differ.
"""

import logging
import uuid
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.utils import timezone

from vault import keys

if TYPE_CHECKING:
    from vault.encrypted import EncryptedField
    from vault.models import KeyCheck

log = logging.getLogger(__name__)

REMEDY = "Nothing was read or written. Correct FIELD_KEYS in this process's environment."
# So many values of one key, in different columns, are tried before it is taken for another one:
# a single one may have been changed by hand.
MOST_TRIED = 5


class _Process:
    """Whether this process has compared its keys with the database's."""

    is_done = False


def trust_ring() -> None:
    """Compare nothing in this process: tests change their ring at will."""
    _Process.is_done = True


def examine_at_start() -> None:
    """Compare the keys when a process starts; raise KeysRefused when they differ.

    A database that does not answer yet is no reason not to start: the first connection asks.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        log.warning("The keys are compared later: no database (%s).", type(error).__name__)
    finally:
        connections.close_all()  # children that are forked from here open their own


def examine_new_connection(
    sender: object, connection: BaseDatabaseWrapper, **kwargs: object
) -> None:
    """Compare the keys once in each process, at its first connection."""
    if _Process.is_done or connection.alias != "default":
        return
    _Process.is_done = True  # what follows opens no connection anew
    try:
        examine()
    except keys.KeysRefused:
        _Process.is_done = False
        connection.close()
        raise


def examine() -> None:
    """Compare the ring with the check values of the database; note the keys it does not know.

    Raises KeysRefused, which names the key ids.
    """
    if not _has_table():
        return  # before the first migrations
    problems = problems_of_ring()
    if problems:
        raise keys.KeysRefused(" ".join([*problems, REMEDY]))


def problems_of_ring() -> list[str]:
    """Return what is wrong with the ring for this database, in sentences; note new keys."""
    from vault.models import KeyCheck

    ring = keys.ring()
    known = {row.key_id: row for row in KeyCheck.objects.all()}
    problems = []
    for key in ring.keys:
        row = known.get(key.id)
        is_same = bytes(row.value) == key.check_value if row else opens_what_is_stored(key)
        if not is_same:
            problems.append(
                f"FIELD_KEYS holds another key under “{key.id}” than the one that sealed this "
                "database (wrong key)."
            )
    needed = {row.key_id for row in known.values() if row.has_sealed} or _ids_that_sealed()
    problems += [
        f"FIELD_KEYS has no key “{key_id}”, which sealed what this database holds (missing key)."
        for key_id in sorted(needed - {key.id for key in ring.keys})
    ]
    if not problems:
        note(ring, known)
    return problems


def note(ring: keys.Ring, known: dict[str, "KeyCheck"]) -> None:
    """Remember the ring's keys that are new to the database, and which one seals from now on."""
    from vault.models import KeyCheck

    new = [
        KeyCheck(
            key_id=key.id,
            value=key.check_value,
            has_sealed=key is ring.newest,
            first_seen_at=timezone.now(),
        )
        for key in ring.keys
        if key.id not in known
    ]
    if new:
        KeyCheck.objects.bulk_create(new, ignore_conflicts=True)
    newest = known.get(ring.newest.id)
    if newest and not newest.has_sealed:
        KeyCheck.objects.filter(key_id=ring.newest.id).update(has_sealed=True)


def forget_emptied(left: set[str]) -> None:
    """After a rotation: keys that hold nothing any more (all but `left`) may leave the ring."""
    from vault.models import KeyCheck

    KeyCheck.objects.exclude(key_id__in={*left, keys.ring().newest.id}).update(has_sealed=False)


def opens_what_is_stored(key: keys.Key) -> bool:
    """Whether a key opens what its id sealed in a database that has no check value of it yet."""
    from vault.blind import BlindIndexField
    from vault.rotation import models_with_sealed_columns, sealed_fields

    tried = 0
    for model in models_with_sealed_columns():
        for field in sealed_fields(model):
            if isinstance(field, BlindIndexField):
                continue
            found = _one_sealed_by(key, model, field)
            if found is None:
                continue
            try:
                field.unseal(found[1], found[0])
            except keys.VaultError:
                tried += 1
                if tried >= MOST_TRIED:
                    return False
            else:
                return True
    return not tried


def _ids_that_sealed() -> set[str]:
    """Return the ids of the keys in use in a database that has no check values yet."""
    from vault import rotation

    return {key_id for counts in rotation.tally().values() for key_id in counts} - {keys.DAMAGED}


def _one_sealed_by(
    key: keys.Key, model: type[Model], field: "EncryptedField"
) -> tuple[uuid.UUID, bytes] | None:
    """Return (primary key it is bound to, token) of one value with this key's header, or None."""
    bound = {each.attname: each for each in model._meta.concrete_fields}[field.bound_pk_attname]
    names = (model._meta.db_table, field.column, bound.column)
    table, column, pk = (connection.ops.quote_name(str(name)) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {pk}, {column} FROM {table} "  # noqa: S608 (names from the model, quoted)
            f"WHERE substring({column} FOR %s) = %s LIMIT 1",
            [len(key.header), key.header],
        )
        row = cursor.fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def _has_table() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('vault_keycheck') IS NOT NULL")
        return bool(cursor.fetchone()[0])
