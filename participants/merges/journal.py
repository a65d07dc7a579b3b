"""What a merge changed, row by row, in the order in which it did, so that it can be taken back.

An entry is `{"op", "model", …}` with plain values: they are kept sealed as a whole, and are sealed
again, each in its own column, when a row is put back.

`move`: rows that point at another record now · `change`: columns with their values before and
after · `stamp`: a column that follows others · `delete`: a whole row · `create`: a row that was
not there.
"""

import datetime
import decimal
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, cast

from django.apps import apps
from django.db.models import Field, Model, QuerySet

from participants.own_words import note_carried
from vault.fields import EncryptedField

from .relations import label_of, returns

Column: TypeAlias = "Field[Any, Any]"  # of whatever kind


class Entry(TypedDict, total=False):
    """One change; which of these it has depends on `op`. Any: values of a column, plain."""

    op: str
    model: str
    pk: str
    field: str
    column: str
    rows: list[str]
    before: Any  # the value, or `{column: value}`
    after: Any  # the value, or `{column: value}`
    is_lasting: bool


def plain(value: Any) -> Any:  # of a column of whatever kind
    """The value as JSON can hold it, to the last digit."""
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if isinstance(value, memoryview | bytes):
        return bytes(value).hex()
    return value


def attname_of(model: type[Model], name: str) -> str:
    """The attribute in which a row holds the value of the column."""
    return cast(Column, model._meta.get_field(name)).attname  # a column, of ours


def columns(row: Model) -> dict[str, Column]:
    return {each.attname: each for each in row._meta.concrete_fields}


def values_of(row: Model, names: Iterable[str] | None = None) -> dict[str, Any]:  # plain
    names = columns(row) if names is None else names
    return {name: plain(getattr(row, name)) for name in names}


class Journal:
    """Makes the changes of a merge, and writes down what they were."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, op: str, model: type[Model], **detail: object) -> None:
        entry = {"op": op, "model": model._meta.label, **detail}
        self.entries.append(cast(Entry, entry))  # as its op has it

    def move(self, rows: QuerySet[Any], field: str, to: Model) -> int:  # Any: of any model
        """Let the rows of a queryset point at `to`."""
        keys = sorted(rows.values_list("pk", flat=True), key=str)
        if not keys:
            return 0
        model = rows.model
        before = plain(rows.values_list(field, flat=True)[0])
        model._base_manager.filter(pk__in=keys).update(**{field: to})
        self.note(
            "move",
            model,
            field=field,
            rows=[plain(key) for key in keys],
            before=before,
            after=plain(to.pk),
        )
        return len(keys)

    def change(
        self,
        row: Model,
        *,
        is_lasting: bool = True,
        **values: Any,  # of each column its own
    ) -> None:
        """Set columns of a row; those that have the value already are left alone.

        Unless it is lasting, what others make of the row later hinders no undo, and stays.
        """
        names = [attname_of(type(row), name) for name in values]
        before = values_of(row, names)
        for name, value in values.items():
            setattr(row, name, value)
        after = values_of(row, names)
        changed = [name for name in names if before[name] != after[name]]
        if changed:
            carry_words(row, changed)
            write(row, changed)
            self.note(
                "change",
                type(row),
                pk=plain(row.pk),
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
                is_lasting=is_lasting,
            )

    def stamp(self, row: Model, column: str, value: object) -> None:
        """Set what later changes set anew by themselves: undone only if it still stands."""
        before = plain(getattr(row, column))
        type(row)._base_manager.filter(pk=row.pk).update(**{column: value})
        setattr(row, column, value)
        self.note(
            "stamp", type(row), pk=plain(row.pk), column=column, before=before, after=plain(value)
        )

    def delete(self, row: Model) -> None:
        self.note("delete", type(row), before=values_of(row))
        type(row)._base_manager.filter(pk=row.pk).delete()

    def create(self, row: Model, *, is_lasting: bool = True) -> None:
        """Add a row; unless it is lasting, what others do with it later hinders no undo."""
        carry_words(row, columns(row))
        row.save(force_insert=True)
        row = type(row)._base_manager.get(pk=row.pk)
        after = values_of(row)
        self.note("create", type(row), pk=plain(row.pk), after=after, is_lasting=is_lasting)


def carry_words(row: Model, names: Iterable[str]) -> None:
    """What goes from one record to the other stays whose words it is."""
    fields = columns(row)
    note_carried([row], *[each for each in names if isinstance(fields[each], EncryptedField)])


def write(row: Model, names: Sequence[str]) -> None:
    """Save columns and what follows from them, and nothing that a save would set by itself."""
    fields = columns(row)
    follows = [
        each.attname
        for each in fields.values()
        if set(getattr(each, "of", ())) & set(names) and each.attname not in names
    ]
    row.save(update_fields=[fields[name].name for name in [*names, *follows]])


def find(entry: Entry) -> Model | None:
    rows: QuerySet[Any] = apps.get_model(entry["model"])._base_manager.all()  # Any: of any model
    found: Model | None = rows.filter(pk=entry["pk"]).first()
    return found


def obstacles(entries: Iterable[Entry]) -> list[str]:
    """In words, what was changed since and cannot be taken apart; empty if all can be undone."""
    found = []
    for entry in entries:
        model = apps.get_model(entry["model"])
        if entry.get("is_lasting") and not stands(entry):
            found.append(label_of(model))
    return sorted(set(found))


def stands(entry: Entry) -> bool:
    """Whether a row that was changed or added is as the merge left it."""
    row = find(entry)
    return row is not None and values_of(row, entry["after"]) == entry["after"]


def undo(entries: Sequence[Entry], now: datetime.datetime) -> list[str]:
    """Take the changes back, the last one first; return in words what could not be put back."""
    left = []
    for entry in reversed(entries):
        model = apps.get_model(entry["model"])
        match entry["op"]:
            case "move":
                rows = model._base_manager.filter(pk__in=entry["rows"])
                home = model._meta.get_field(entry["field"]).related_model
                # What stood below a row that was not put back stays where it is.
                if home._base_manager.filter(pk=entry["before"]).exists():
                    now_at = {entry["field"]: entry["after"]}
                    rows.filter(**now_at).update(**{entry["field"]: entry["before"]})
            case "change" if not stands(entry):
                left.append(label_of(model))
            case "change":
                row = cast(Model, find(entry))  # it stands
                for name, value in entry["before"].items():
                    setattr(row, name, columns(row)[name].to_python(value))
                write(row, list(entry["before"]))
            case "stamp":
                column = entry["column"]
                stamped = model._base_manager.filter(pk=entry["pk"], **{column: entry["after"]})
                stamped.update(**{column: entry["before"]})
            case "create":
                model._base_manager.filter(pk=entry["pk"]).delete()
            case "delete":
                if not put_back(model, entry["before"], now):
                    left.append(label_of(model))
    return sorted(set(left))


def put_back(model: type[Model], values: Mapping[str, object], now: datetime.datetime) -> bool:
    """Insert a row as it was; False if its time is over."""
    fields = {each.attname: each for each in model._meta.concrete_fields}
    row = model(**{name: fields[name].to_python(value) for name, value in values.items()})
    if not returns(row, now):
        return False
    row.save(force_insert=True)
    by_itself = {
        name: fields[name].to_python(values[name])
        for name, field in fields.items()
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    }
    if by_itself:
        model._base_manager.filter(pk=row.pk).update(**by_itself)
    return True
