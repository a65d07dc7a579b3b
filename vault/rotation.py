"""Moving what is stored from old keys to the newest one, while the system runs.

Every encrypted column and blind index of every model is covered, those of event tables
(django-pghistory) too. Something sealed that is no such column (a secret inside JSON, a signature)
is added by its room, in `AppConfig.ready`, with `register`.
"""

import collections
import dataclasses
import uuid
from collections.abc import Callable, Iterator

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from vault import keys
from vault.blind import BlindIndexField
from vault.encrypted import EncryptedField
from vault.sealed import Sealed

Counts = dict[str, int]
Pk = uuid.UUID | int | str

# A batch is shorter than asked for where the values, such as scanned documents, are large.
BATCH_BYTES = 16 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Place:
    """Sealed data outside of encrypted columns.

    `count()` gives how many values each key id sealed; `rotate(batch)` seals up to `batch` values
    of old keys again, in one short transaction, and says how many.
    """

    label: str
    count: Callable[[], Counts]
    rotate: Callable[[int], int]


_places: dict[str, Place] = {}


def register(label: str, *, count: Callable[[], Counts], rotate: Callable[[int], int]) -> None:
    """Let `rotate_keys` look after sealed data that is no encrypted column."""
    _places[label] = Place(label, count, rotate)


def places() -> list[Place]:
    return list(_places.values())


def models_with_sealed_columns() -> list[type[models.Model]]:
    """Return every model whose own table has encrypted columns or blind indexes."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and sealed_fields(model)
    ]


def sealed_fields(model: type[models.Model]) -> list[EncryptedField | BlindIndexField]:
    """Return the encrypted columns and blind indexes of the model's own table."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedField | BlindIndexField)
    ]


def tally() -> dict[str, Counts]:
    """Return, per model and field and per added place, how many values each key id holds."""
    counts = {
        f"{model._meta.label}.{field.name}": _count(model, field)
        for model in models_with_sealed_columns()
        for field in sealed_fields(model)
    }
    return counts | {place.label: place.count() for place in places()}


def left_on_old_keys(counts: Counts) -> Counts:
    """Return those counts that are not of the newest key."""
    newest = keys.ring().newest.id
    return {key_id: count for key_id, count in counts.items() if key_id != newest}


def _count(model: type[models.Model], field: EncryptedField | BlindIndexField) -> Counts:
    table, column = _quoted(model._meta.db_table, field.column)
    sql = f"""
        SELECT CASE WHEN octet_length({column}) < 2 THEN {column}
               ELSE substring({column} FOR 2 + get_byte({column}, 1)) END AS header, count(*)
        FROM {table} WHERE {column} IS NOT NULL GROUP BY header
    """  # noqa: S608 (names from the model, quoted)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall()
    counts: collections.Counter[str] = collections.Counter()
    for header, count in rows:
        counts[keys.key_id_of(bytes(header))] += count
    return dict(counts)


@dataclasses.dataclass
class Batch:
    """What one short transaction did: rows written, and what could not be opened.

    `failures`: (primary key, field name) → the error, which tells nothing of the value.
    """

    rows: int = 0
    failures: dict[tuple[Pk, str], keys.VaultError] = dataclasses.field(default_factory=dict)


def rotate_model(model: type[models.Model], batch: int) -> Iterator[Batch]:
    """Walk the model's table once, sealing again what is on old keys; one Batch at a time.

    Each batch locks its rows for its own short transaction and passes over rows that somebody else
    holds, so that no edit is lost and none waits long. Walk again for what was passed over.
    """
    last = None
    while pks := _next_on_old_keys(model, batch, last):
        with transaction.atomic():
            done = _rotate_rows(model, _locked_rows(model, pks))
        last = pks[-1]
        yield done


def rows_on_old_keys(model: type[models.Model]) -> int:
    """Return how many rows of the model's table have something left on an old key."""
    is_old, params = _is_old(model)
    (table,) = _quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {is_old}", params)  # noqa: S608
        return int(cursor.fetchone()[0])


def _rotate_rows(model: type[models.Model], rows: list[models.Model]) -> Batch:
    done, changed = Batch(), []
    for row in rows:
        tokens: list[Pk | bytes | None] = [row.pk]
        has_changed = False
        for field in sealed_fields(model):
            former = _stored(field, row)
            try:
                token = _sealed_by_newest(field, row, former)
            except keys.VaultError as error:
                done.failures[row.pk, field.name] = error
                token = former
            tokens.append(token)
            has_changed |= token != former
        if has_changed:
            changed.append(tokens)
    _write(model, changed)
    done.rows = len(changed)
    return done


def _stored(field: EncryptedField | BlindIndexField, row: models.Model) -> bytes | None:
    value = row.__dict__[field.attname]
    if value is None:
        return None
    return value.token if type(value) is Sealed else bytes(value)


def _sealed_by_newest(
    field: EncryptedField | BlindIndexField, row: models.Model, former: bytes | None
) -> bytes | None:
    if former is None or former.startswith(keys.ring().newest.header):
        return former
    if isinstance(field, BlindIndexField):
        return field.index_of(row)
    pk = getattr(row, field.bound_pk_attname)
    return field.seal(field.unseal(former, pk), pk)


def _is_old(model: type[models.Model]) -> tuple[str, list[int | bytes]]:
    """Return the SQL condition, and its parameters, for rows with something on an old key."""
    header = keys.ring().newest.header
    columns = _quoted(*(field.column for field in sealed_fields(model)))
    condition = " OR ".join(f"substring({column} FOR %s) <> %s" for column in columns)
    return f"({condition})", [len(header), header] * len(columns)


def _next_on_old_keys(model: type[models.Model], batch: int, last: Pk | None) -> list[Pk]:
    """Return the primary keys of the next rows to seal again: not too many, nor too much."""
    table, pk = _quoted(model._meta.db_table, model._meta.pk.column)
    is_old, params = _is_old(model)
    size = " + ".join(
        f"coalesce(octet_length({column}), 0)"
        for column in _quoted(*(field.column for field in sealed_fields(model)))
    )
    sql = f"""
        SELECT pk FROM (
            SELECT pk, sum(size) OVER (ORDER BY pk) - size AS before FROM (
                SELECT {pk} AS pk, {size} AS size FROM {table}
                WHERE {is_old} AND {"TRUE" if last is None else f"{pk} > %s"}
                ORDER BY {pk} LIMIT %s
            ) AS found
        ) AS measured WHERE before < %s ORDER BY pk
    """  # noqa: S608 (names from the model, quoted)
    after = [] if last is None else [last]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *after, batch, BATCH_BYTES])
        return [row[0] for row in cursor.fetchall()]


def _locked_rows(model: type[models.Model], pks: list[Pk]) -> list[models.Model]:
    """Return those of these rows that nobody else holds and that are still on old keys."""
    needed = {model._meta.pk.attname}
    for field in sealed_fields(model):
        needed.add(field.attname)
        if isinstance(field, BlindIndexField):
            needed.update((*field.of, field.salt))
        else:
            needed.add(field.bound_pk_attname)
    columns = [field.column for field in model._meta.concrete_fields if field.attname in needed]
    table, pk = _quoted(model._meta.db_table, model._meta.pk.column)
    is_old, params = _is_old(model)
    sql = f"""
        SELECT {", ".join(_quoted(*columns))} FROM {table}
        WHERE {is_old} AND {pk} = ANY(%s::{model._meta.pk.rel_db_type(connection)}[])
        FOR NO KEY UPDATE SKIP LOCKED
    """  # noqa: S608 (names from the model, quoted)
    return list(model._base_manager.raw(sql, [*params, pks]))


def _write(model: type[models.Model], changed: list[list[Pk | bytes | None]]) -> None:
    """Write the tokens of many rows, without making history or waking other triggers."""
    if not changed:
        return
    fields = sealed_fields(model)
    table, pk, *columns = _quoted(
        model._meta.db_table, model._meta.pk.column, *(field.column for field in fields)
    )
    pk_type = model._meta.pk.rel_db_type(connection)
    row = f"(%s::{pk_type}{', %s::bytea' * len(columns)})"
    sql = f"""
        UPDATE {table} SET {", ".join(f"{column} = new.{column}" for column in columns)}
        FROM (VALUES {", ".join([row] * len(changed))}) AS new ({", ".join([pk, *columns])})
        WHERE {table}.{pk} = new.{pk}
    """  # noqa: S608 (names from the model, quoted)
    quiet = [
        trigger.get_pgid(owner)
        for owner, trigger in pgtrigger.registered()
        if owner is model  # type: ignore[comparison-overlap]  # pgtrigger means type[Model]
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', %s, true),"
            " set_config('vault.rotating', 'on', true)",
            ["{" + ",".join(quiet) + "}"],
        )
        cursor.execute(sql, [value for values in changed for value in values])


def _quoted(*names: str | None) -> list[str]:
    return [connection.ops.quote_name(name) for name in names if name]
