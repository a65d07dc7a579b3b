"""What is taken out of a record when it is de-identified, room by room.

Source: HUD 2004 privacy and security standards, 4.1.3: information that is not in current use
seven years after it was made or last changed is disposed of, or its identifiers are removed.

A room that keeps rows about participants adds them with `register`; what holds words about many of
them at once (frozen lists, say) is rewritten by a step that it adds with `register_step`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from regions.models import Continuum

YEARS = 7
REMOVED = "Removed"

# Any: of each column its own.
Into = Mapping[str, Callable[[Any], Any]]  # by column: what is left of a value
Events = Mapping[type[models.Model], Mapping[int, Mapping[str, Any]]]  # Any: of every column


@dataclass(frozen=True)
class Kept:
    """Rows of one model about participants.

    `way`: the lookup from a row to its participant. `changed`: the columns with the moments at
    which somebody changed something. Every encrypted column is emptied; `into` says for some what
    is left of their value.
    """

    model: type[models.Model]
    way: str
    changed: tuple[str, ...]
    label: str
    into: Into = field(default_factory=dict)


@dataclass(frozen=True)
class Removal:
    """A participant whose record is being de-identified: as it was, and the alias from now on.

    `name`: every one that the record has or had, a line each; None without one.
    """

    pk: UUID
    name: str | None
    former_alias: str
    alias: str

    @property
    def key(self) -> str:
        return str(self.pk)


@dataclass(frozen=True)
class Texts:
    """Sealed texts of a continuum (`way`), about no household: some name one all the same."""

    model: type[models.Model]
    columns: tuple[str, ...]
    way: str


Step = Callable[[Continuum, list[Removal]], Events | None]

_kept: list[Kept] = []
_texts: list[Texts] = []
_steps: list[Step] = []


def register(
    model: type[models.Model],
    way: str,
    *,
    changed: Iterable[str] = (),
    label: str,
    into: Into | None = None,
) -> None:
    """Let rows of `model` be emptied with their participant's record."""
    _kept.append(Kept(model, way, tuple(changed), label, into or {}))


def register_texts(model: type[models.Model], *columns: str, way: str) -> None:
    """Let the names go out of these sealed columns, in every row of the continuum, with a record.

    `way`: the lookup from a row to its continuum.
    """
    _texts.append(Texts(model, columns, way))


def register_step(step: Step) -> None:
    """Add `step(continuum, removals)`, which rewrites what holds words of many at once.

    It returns what is to change in the history of rows, `{model: {key of the event: {column:
    value}}}`, or nothing: history is written at the end, on record.
    """
    _steps.append(step)


def kept() -> list[Kept]:
    return list(_kept)


def texts() -> list[Texts]:
    return list(_texts)


def steps() -> list[Step]:
    return list(_steps)
