"""What is emptied and what is left: rows, their history, names in the words about others."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

from django.db.models import Exists, Field, Model, OuterRef, Q, QuerySet

import audit.history
from accounts.models import User
from participants import retention
from participants.known_names import staying_of
from participants.merges.journal import IDENTIFYING, cleaned
from participants.models import Participant
from participants.redaction import Cleaner, cleaner_of, without_name
from participants.retention import REMOVED, Removal
from regions.models import Continuum
from vault.blind import BlindIndexField
from vault.encrypted import EncryptedField, decrypt_column
from vault.fields import EncryptedJSONField, EncryptedTextField

# By the key of the event and the column.
Changes = dict[int, dict[str, Any]]  # Any: of each column its own
Column: TypeAlias = "Field[Any, Any]"  # of whatever kind


def empty_participant(
    participant: Participant, removal: Removal, history: "History", *, now: datetime
) -> None:
    participant.alias = removal.alias
    participant.deidentified_at = now
    empty_row(participant, {}, also=["alias", "deidentified_at"])
    history.empty(
        Participant, Participant.every.filter(pk=participant.pk), {}, also={"alias": removal.alias}
    )


def sealed_names(model: type[Model]) -> list[str]:
    return [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, EncryptedField | BlindIndexField)
    ]


def column_of(model: type[Model], name: str) -> Column:
    return cast(Column, model._meta.get_field(name))  # a column, of ours


def left_of(column: Column, value: object, into: retention.Into) -> object:
    """What is left of an encrypted column: nothing, or what cannot be told from nothing."""
    if column.name in into and value is not None:
        return into[column.name](value)
    if column.null:
        return None
    if isinstance(column, EncryptedJSONField):
        return []
    return "" if column.blank else REMOVED


def empty_row(row: Model, into: retention.Into, *, also: Iterable[str] = ()) -> None:
    """Empty the encrypted columns of a row, and save them with what changed besides."""
    names = sealed_names(type(row))
    for name in names:
        column = column_of(type(row), name)
        value = getattr(row, name) if name in into else None
        setattr(row, name, left_of(column, value, into))
    if names or also:
        row.save(update_fields=[*names, *also])


class History:
    """What is to change in the history of rows; written at the end, for that is on record."""

    def __init__(self) -> None:
        self.changes = defaultdict[type[Model], Changes](dict)

    def add(self, changes: retention.Events) -> None:
        for model, found in changes.items():
            self.changes[model] |= {key: dict(values) for key, values in found.items()}

    def empty(
        self,
        model: type[Model],
        rows: QuerySet[Any],  # of the model
        into: retention.Into,
        *,
        also: Mapping[str, object] | None = None,
        of: Q | None = None,
    ) -> None:
        """Empty the sealed columns in every former state that the event table keeps.

        `of`: whose they are, by which those of rows that are not there any more are found.
        """
        events = getattr(model, "pgh_event_model", None)
        if events is None or not (also or sealed_names(events)):
            return
        keys = list(rows.values_list("pk", flat=True))
        own = Q(pgh_obj__in=keys) | (of or Q(pk__in=[]))
        for event in events.objects.filter(own).iterator(chunk_size=100):
            left = {
                name: left_of(column_of(events, name), value_in(event, name, into), into)
                for name in sealed_names(events)
            }
            self.changes[model][event.pk] = {**left, **(also or {})}

    def empty_gone(self, continuum: Continuum, *, before: datetime) -> None:
        """The same of households that an undo took away again, in states of before the moment.

        No row of theirs is there any more, that could tell when it was used last.
        """
        former = audit.history.events_of(Participant).filter(continuum=continuum.pk)
        gone = former.filter(~Exists(Participant.every.filter(pk=OuterRef("pgh_obj"))))
        keys = set(gone.filter(pgh_created_at__lt=before).values_list("pgh_obj", flat=True))
        own = retention.Kept(Participant, "pgh_obj", (), "")
        for kept in [own, *retention.kept()]:
            if not keys or "__" in kept.way or not hasattr(kept.model, "pgh_event_model"):
                continue
            rows = audit.history.events_of(kept.model).filter(**{f"{kept.way}__in": keys})
            names = sealed_names(rows.model)
            for event in rows.iterator(chunk_size=100) if names else ():
                said = {name: getattr(event, name) for name in names}
                left = {
                    name: left_of(column_of(rows.model, name), value, kept.into)
                    for name, value in said.items()
                }
                if left != said:
                    self.changes[kept.model][event.pk] = left

    def strip(self, row: Model, columns: Iterable[str], stripped: Callable[[str], str]) -> None:
        """Put `stripped(text)` in the place of each text that these columns ever held."""
        events = getattr(type(row), "pgh_event_model", None)
        if events is None:
            return
        for event in events.objects.filter(pgh_obj=row.pk):
            for name in columns:
                said = getattr(event, name, None)
                if said and stripped(said) != said:
                    self.changes[type(row)].setdefault(event.pk, {})[name] = stripped(said)

    def write(self, *, actor: User | None, continuum_id: UUID, now: datetime) -> None:
        for model, changes in self.changes.items():
            audit.history.rewrite(model, changes, actor=actor, continuum_id=continuum_id, now=now)


def value_in(row: Model, name: str, into: retention.Into) -> object:
    return getattr(row, name) if name in into else None


def strip_texts(
    texts: retention.Texts, continuum: Continuum, removals: Iterable[Removal], history: History
) -> None:
    """Take the names out of texts that are about no household."""
    known = [(each.name, each.former_alias, each.alias) for each in removals]

    def stripped(text: str) -> str:
        for name, former, alias in known:
            text = without_name(text, name, alias) if name else text
            text = re.sub(rf"(?<!\w){re.escape(former)}(?!\w)", alias, text, flags=re.IGNORECASE)
        return text

    rows = texts.model._base_manager.filter(**{texts.way: continuum})
    for row in rows.iterator(chunk_size=100):
        changed = {}
        for name in texts.columns:
            said = getattr(row, name)
            if said and stripped(said) != said:
                longest = column_of(type(row), name).max_length
                changed[name] = stripped(said)[:longest]
        for name, text in changed.items():
            setattr(row, name, text)
        if changed:
            row.save(update_fields=list(changed))
        history.strip(row, texts.columns, stripped)


def clean_others(continuum: Continuum, removals: Sequence[Removal], history: "History") -> None:
    """Take the names out of what people wrote about others: soon nothing will tell that they are.

    Names of staff, agencies and places stay, as they do for every reader.
    """
    cleaner = cleaner_of(removals, staying_of(continuum.pk))
    if not cleaner.names.size:
        return
    keys = [each.pk for each in removals]
    tables = [(kept.model, f"{kept.way}__") for kept in retention.kept()] + [(Participant, "")]
    for model, way in tables:
        rows = model._base_manager.filter(**{f"{way}continuum": continuum})
        rows = rows.exclude(**{f"{way}pk__in": keys})
        for row, changed in rows_with_names(model, rows, cleaner):
            for column, value in changed.items():
                setattr(row, column, value)
            row.save(update_fields=list(changed))
        if events := getattr(model, "pgh_event_model", None):
            former = events.objects.filter(pgh_obj__in=rows.values("pk"))
            for event, changed in rows_with_names(events, former, cleaner):
                history.changes[model].setdefault(event.pk, {}).update(changed)


def rows_with_names(
    model: type[Model],
    rows: QuerySet[Any],  # of the model
    cleaner: Cleaner,
) -> Iterator[tuple[Model, dict[str, object]]]:
    """`(row, {column: its value without the names})` of those of the rows that hold one."""
    columns = [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, EncryptedTextField | EncryptedJSONField)
        and each.name not in IDENTIFYING
    ]
    key = "pgh_obj_id" if hasattr(model, "pgh_tracked_model") else "pk"
    found = set()
    for column in columns:
        at = rows.filter(**{f"{column}__isnull": False}).values_list("pk", key, column)
        row_keys = [row[0] for row in at]
        opened = decrypt_column(model, column, ((row[1], row[2]) for row in at))
        for pk, (_key, value) in zip(row_keys, opened, strict=True):
            if cleaned_value(value, cleaner) != value:
                found.add(pk)
    for row in model._base_manager.filter(pk__in=found):
        values = {column: getattr(row, column) for column in columns}
        cleaned = {column: cleaned_value(each, cleaner) for column, each in values.items()}
        yield row, {name: each for name, each in cleaned.items() if each != values[name]}


def cleaned_value(value: object, cleaner: Cleaner) -> object:
    """A text, a list of texts or a journal without the names; anything else as it is."""
    if isinstance(value, str):
        return cleaner.clean(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [cleaner.clean(each) for each in value]
    if isinstance(value, list) and all(isinstance(each, dict) and "op" in each for each in value):
        return cleaned(value, cleaner.clean)
    return value
