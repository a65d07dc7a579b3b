"""What a merge changed, row by row, in the order in which it did, so that it can be taken back.

An entry is `{"op", "model", …}` with plain values: they are kept sealed as a whole, and are sealed
again, each in its own column, when a row is put back.

`move`: rows that point at another record now · `change`: columns with their values before and
after · `stamp`: a column that follows others · `delete`: a whole row · `create`: a row that was
not there · `swap`: rows of both records that stand with the other one now.
"""

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, cast

from django.apps import apps
from django.db.models import Field, Model, Q, QuerySet

from participants.own_words import note_carried
from vault.blind import BlindIndexField
from vault.encrypted import EncryptedField
from vault.fields import EncryptedTextField

from .relations import label_of, returns, staying

Column: TypeAlias = "Field[Any, Any]"  # of whatever kind
# Sealed texts that are no words about anybody.
IDENTIFYING = ("name", "former_names", "hmis_id")


class Entry(TypedDict, total=False):
    """One change; which of these it has depends on `op`. Any: values of a column, plain."""

    op: str
    model: str
    pk: str
    field: str
    column: str
    rows: list[str]
    keeps: dict[str, dict[str, Any]]  # `{key of a row that moved: {column: value}}`
    one: str
    other: str
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
    """The values of these columns, or of all; an index follows its columns by itself."""
    fields = columns(row)
    names = fields if names is None else names
    told = [name for name in names if not isinstance(fields[name], BlindIndexField)]
    return {name: plain(getattr(row, name)) for name in told}


class Journal:
    """Makes the changes of a merge, and writes down what they were."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, op: str, model: type[Model], **detail: object) -> None:
        entry = {"op": op, "model": model._meta.label, **detail}
        self.entries.append(cast(Entry, entry))  # as its op has it

    def move(
        self,
        rows: QuerySet[Any],  # of any model
        field: str,
        to: Model,
        keeps: Sequence[str] = (),
    ) -> int:
        """Let the rows of a queryset point at `to`; an undo puts columns of `keeps` back."""
        keys = sorted(rows.values_list("pk", flat=True), key=str)
        if not keys:
            return 0
        model = rows.model
        kept = {plain(row.pk): values_of(row, keeps) for row in rows} if keeps else {}
        before = plain(rows.values_list(field, flat=True)[0])
        model._base_manager.filter(pk__in=keys).update(**{field: to})
        self.note(
            "move",
            model,
            field=field,
            rows=[plain(key) for key in keys],
            before=before,
            after=plain(to.pk),
            **({"keeps": kept} if kept else {}),
        )
        return len(keys)

    def swap(self, model: type[Model], field: str, one: Model, other: Model) -> None:
        """Let the rows that stay, by their rule, with each record stand with the other one.

        An undo does so with the rows that are there by then: what an import put in their place goes
        to the record that it is about.
        """
        swap_rows(model, field, plain(one.pk), plain(other.pk))
        self.note("swap", model, field=field, one=plain(one.pk), other=plain(other.pk))

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


def swap_rows(model: type[Model], field: str, one: str, other: str) -> None:
    rows = model._base_manager.filter(staying(model, field) or Q())
    of_other = list(rows.filter(**{field: other}).values_list("pk", flat=True))
    rows.filter(**{field: one}).update(**{field: other})
    rows.filter(pk__in=of_other).update(**{field: one})


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
    if row is None:
        return False
    now = values_of(row, entry["after"])
    # Journals of before held indexes, too: these change with the keys. When a row was saved last
    # says nothing: what was done to it since may be undone.
    fields = columns(row)
    said = [name for name in now if not getattr(fields[name], "auto_now", False)]
    return all(now[name] == entry["after"][name] for name in said)


def cleaned(entries: Iterable[Entry], clean: Callable[[str], str]) -> list[Entry]:
    """The same journal with each text that somebody wrote as `clean` gives it back."""
    return [cleaned_entry(entry, clean) for entry in entries]


def cleaned_entry(entry: Entry, clean: Callable[[str], str]) -> Entry:
    fields = {each.attname: each for each in apps.get_model(entry["model"])._meta.concrete_fields}

    def without(values: Mapping[str, Any]) -> dict[str, Any]:  # of each column its own
        return {
            name: clean(value) if value and is_written(fields.get(name)) else value
            for name, value in values.items()
        }

    found = dict(entry)
    for part in ("before", "after"):
        if isinstance(values := entry.get(part), dict):
            found[part] = without(values)
    if kept := entry.get("keeps"):
        found["keeps"] = {key: without(values) for key, values in kept.items()}
    return cast(Entry, found)  # as it was


def is_written(column: "Column | None") -> bool:
    """Whether people write a text there, which may name somebody; who it is of has own columns."""
    return isinstance(column, EncryptedTextField) and column.name not in IDENTIFYING


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
                    for key, values in entry.get("keeps", {}).items():
                        own = {"pk": key, entry["field"]: entry["before"]}
                        model._base_manager.filter(**own).update(**values)
            case "swap":
                swap_rows(model, entry["field"], entry["one"], entry["other"])
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
