"""What becomes of the rows about a participant when their record is joined into another's.

Each room says so for its own tables with `register`; a relation that nobody declared is an error,
found by `unregistered` in a test and before each merge, so that a later table cannot be forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelState
from django.db.models.fields.reverse_related import ForeignObjectRel

from participants.models import Participant

MOVES, STAYS = "moves", "stays"


if TYPE_CHECKING:
    from .acts import Joining

Fold = Callable[["Joining", Any, Any], None]  # Any: rows of the rule's model
Lock = Callable[[Sequence[UUID], datetime], None]
Returning = Callable[[Any, datetime], bool]  # Any: a row of its model


class OfParticipant(Protocol):
    """A row about a participant."""

    participant_id: UUID
    _state: ModelState


@dataclass(frozen=True)
class Rule:
    """One relation to a participant.

    `way`: whether its rows move to the record that stays, or stay with the former one.
    `once_per`: the columns of which a participant has one row each. A row that the record that
    stays has already is given to `fold(joining, former_row, kept_row)`, and remains with the
    former record unless that deletes it. `but`: which rows stay all the same. `keeps`: columns of
    the rows that moved which an undo puts back as they were, whatever befell the joined record.
    """

    model: type[models.Model]
    field: str
    way: str
    label: str
    once_per: tuple[str, ...] = ()
    fold: Fold | None = None
    but: models.Q | None = None
    keeps: tuple[str, ...] = ()


_rules: dict[tuple[type[models.Model], str], Rule] = {}
_locks: list[Lock] = []
_may_return: dict[str, Returning] = {}


def register(
    model: type[models.Model],
    label: str,
    *,
    field: str = "participant",
    way: str = MOVES,
    once_per: Iterable[str] = (),
    fold: Fold | None = None,
    but: models.Q | None = None,
    keeps: Iterable[str] = (),
) -> None:
    _rules[(model, field)] = Rule(
        model, field, way, label, tuple(once_per), fold, but, tuple(keeps)
    )


def register_lock(lock: Lock) -> None:
    """Add `lock(keys, now)`: takes the locks that come before the participants', or refuses."""
    _locks.append(lock)


def register_return(model: type[models.Model], judge: Returning) -> None:
    """Say of rows that a merge deleted whether an undo puts them back: `judge(row, now)`."""
    _may_return[model._meta.label] = judge


def rules() -> list[Rule]:
    return list(_rules.values())


def staying(model: type[models.Model], field: str) -> models.Q | None:
    """Which rows of a relation whose rows move stay with the record all the same."""
    return _rules[(model, field)].but


def lock(keys: Sequence[UUID], now: datetime) -> None:
    for each in _locks:
        each(keys, now)


def returns(row: models.Model, now: datetime) -> bool:
    judge = _may_return.get(row._meta.label)
    return judge is None or judge(row, now)


def label_of(model: type[models.Model]) -> str:
    found = [each.label for each in rules() if each.model._meta.label == model._meta.label]
    return found[0] if found else str(model._meta.verbose_name)


def refuse_joined(row: "OfParticipant") -> None:
    """Raise ValidationError for a new row about a record that was joined into another."""
    joined = Participant.every.filter(pk=row.participant_id, merged_into__isnull=False)
    former = joined.select_related("merged_into").first() if row._state.adding else None
    if former and former.merged_into:
        words = f"{former.alias} was joined with {former.merged_into.alias}. Choose that one."
        raise ValidationError({"participant": words})


def relations() -> list[ForeignObjectRel]:
    """Every relation to a participant, hidden ones too, but those of history's own tables."""
    return [
        each
        for each in Participant._meta.get_fields(include_hidden=True)
        if isinstance(each, ForeignObjectRel)
        and each.auto_created
        and not each.concrete
        and not hasattr(each.related_model, "pgh_tracked_model")
    ]


def unregistered() -> list[tuple[str, str]]:
    """Relations without a rule, as `(label of the model, field)`."""
    return sorted(
        (each.related_model._meta.label, each.field.name)
        for each in relations()
        if (each.related_model, each.field.name) not in _rules
    )
