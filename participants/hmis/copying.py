"""Many new rows written by COPY: what their models say of them, and their triggers, hold."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models.base import ModelState

from vault.blind import BlindIndexField
from vault.encrypted import EncryptedField
from vault.sealed import Written

from .staging import copy_all

SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
TEXTS: dict[type, Callable[[Any], str]] = {  # Any: a value of that type
    str: lambda value: value.translate(SPECIAL),
    bool: lambda value: "t" if value else "f",
    int: str,
    uuid.UUID: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    **dict.fromkeys((bytes, memoryview, Written), lambda value: f"\\\\x{value.hex()}"),
}
Row = TypeVar("Row", bound=models.Model)
Made = Callable[[models.Model], Any]  # Any: a value of a column


@cache
def columns_of(model: type[models.Model]) -> tuple[str, list[tuple[str, Made | None]]]:
    """`(statement, [(attribute, what makes its value as the row is saved)])` of a model."""
    meta = model._meta
    names = ", ".join(f'"{each.column}"' for each in meta.concrete_fields)
    columns: list[tuple[str, Made | None]] = []
    for each in meta.concrete_fields:
        made: Made | None = None
        is_stamped = getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False)
        if isinstance(each, EncryptedField | BlindIndexField) or is_stamped:
            made = maker(each)
        columns.append((each.attname, made))
    return f'COPY "{meta.db_table}" ({names}) FROM STDIN', columns


def maker(field: "models.Field[Any, Any]") -> Made:
    def made(row: models.Model) -> Any:  # of a column
        return field.pre_save(row, True)

    return made


@cache
def blank(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:  # Any: of each column its own
    """`({attribute: what a new row has there}, [(attribute, what makes it anew for each)])`."""
    constant: dict[str, Any] = {}  # by column
    anew: list[tuple[str, Callable[[], Any]]] = []  # by column
    for each in model._meta.concrete_fields:
        if callable(each.default) and each.default is not models.NOT_PROVIDED:
            anew.append((each.attname, each.default))
        else:
            constant[each.attname] = each.get_default()
    return constant, anew


def drafted(model: type[Row], **values: Any) -> Row:  # Any: of each column its own
    """A row that is not there yet, as the model makes one, of values by their attributes.

    A model looks at each value as it is set; of thousands of rows that is most of the time.
    """
    row = model.__new__(model)
    row._state = ModelState()
    held, (constant, anew) = row.__dict__, blank(model)
    held.update(constant)
    for name, default in anew:
        if name not in values:
            held[name] = default()
    held.update(values)
    return row


def copy_rows(rows: Sequence[models.Model]) -> None:
    """Add rows of one model that are not there yet, as `bulk_create` does, some times as fast."""
    if not rows:
        return
    statement, columns = columns_of(type(rows[0]))
    # While the database takes some, the next are made.
    with transaction.atomic():
        copy_all(statement, lines_of(rows, columns))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def lines_of(
    rows: Iterable[models.Model], columns: Sequence[tuple[str, Made | None]]
) -> Iterable[str]:
    for row in rows:
        held = row.__dict__
        yield (
            "\t".join(
                [
                    "\\N" if value is None else text_of(value, name)
                    for name, made in columns
                    for value in (held[name] if made is None else made(row),)
                ]
            )
            + "\n"
        )


def text_of(value: object, name: str) -> str:
    """A value as COPY reads it; ValueError for a kind that no such row holds."""
    made = TEXTS.get(type(value))
    if made is not None:
        return made(value)
    if isinstance(value, str):  # a choice
        return str(value).translate(SPECIAL)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        quoted = [each.replace("\\", r"\\").replace('"', r"\"") for each in value]
        inside = ",".join(f'"{each}"' for each in quoted)
        return f"{{{inside}}}".translate(SPECIAL)
    raise ValueError(f"{name} cannot be copied")
