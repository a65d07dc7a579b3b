"""Rewriting history: the chain says first which rows, and when.

For de-identification, and for a household that goes to a victim service provider, alone.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db import connection, models, transaction

from audit import actions
from audit.services import record
from vault.encrypted import EncryptedField

HISTORY_REWRITTEN = actions.register("history.rewritten", "Emptied former states of a record")
# So many rows one entry names at most.
AT_ONCE = 500

Values = Mapping[str, Any]  # Any: whatever the columns hold


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:  # Any: of a model that has none
    """The history of a model's rows: a state of one each, of the row `pgh_obj`."""
    events: type[models.Model] = model.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    return events._default_manager.all()


@transaction.atomic
def rewrite(
    model: type[models.Model],
    changes: Mapping[int, Values],
    *,
    actor: models.Model | None,
    continuum_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Write `{key of the event: {column: value}}` into the history of `model`'s rows.

    The application's role may not change history; a function of the database does, where an entry
    of the audit names the row. From here on every other recording waits: call it late.
    """
    events: type[models.Model] = model.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    rows = events._default_manager.in_bulk(changes)
    for start in range(0, len(rows), AT_ONCE):
        part = sorted(rows)[start : start + AT_ONCE]
        record(
            HISTORY_REWRITTEN,
            actor=actor,
            continuum_id=continuum_id,
            detail={"table": events._meta.db_table, "events": part},
            now=now,
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "SELECT history_rewrite(%s, %s, %s)",
                [
                    (events._meta.db_table, key, json.dumps(stored(rows[key], changes[key])))
                    for key in part
                ],
            )


def stored(event: models.Model, values: Values) -> dict[str, Any]:  # Any: as Values
    """The values as the columns of this event hold them, bytes as the database writes them."""
    found: dict[str, Any] = {}  # Any: as Values
    for name, value in values.items():
        column = cast("models.Field[Any, Any]", event._meta.get_field(name))  # as Values
        if isinstance(column, EncryptedField) and value is not None:
            token = column.seal(value, getattr(event, column.bound_pk_attname))
            value = "\\x" + token.hex()
        found[str(column.column)] = value
    return found
