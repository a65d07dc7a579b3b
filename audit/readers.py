"""How what people typed into the audit, and who they were, is said to a reader.

The audit stands below the rooms that know whose names are whose: the room that does gives it a
reader, and what is shown or exported goes through that.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from django.db.models import Model

from audit.models import AuditEntry, Viewer

GUEST = "Guest"


class Reader(Protocol):
    """Cleans texts for one person."""

    def clean(self, text: str) -> str: ...


class Noter(Protocol):
    """Remembers who typed what is about to be saved in these columns of the row."""

    def __call__(self, row: Model, *columns: str, actor: Model | None) -> object: ...


Maker = Callable[[Viewer | None, datetime], Reader]
Finder = Callable[[uuid.UUID | None], Iterable[uuid.UUID]]
Namer = Callable[[set[str], Viewer | None], dict[str, str]]

_makers: list[Maker] = []
_guests: list[Finder] = []
_noters: list[Noter] = []
_namers: list[Namer] = []
_pages: dict[str, str] = {}


def register_reader(maker: Maker) -> None:
    """Let texts be cleaned by `maker(viewer, now)`, a `Reader`."""
    _makers.append(maker)


def register_guests(finder: Finder) -> None:
    """Let `finder(continuum_id)` give the keys of who is a guest of a call and nothing besides."""
    _guests.append(finder)


def register_noter(noter: Noter) -> None:
    """Let `noter(row, *columns, actor)` remember who typed what is about to be saved there."""
    _noters.append(noter)


def register_names(namer: Namer) -> None:
    """Let `namer(keys, viewer)` say what rows are called: `{key: words}` of those that it knows."""
    _namers.append(namer)


def register_pages(words: Mapping[str, str]) -> None:
    """Let pages be called so: `{page as an entry keeps it: words}`."""
    _pages.update(words)


def note_typed(row: Model, *columns: str, actor: Model | None) -> None:
    """Remember that `actor` typed these columns of the row: they know what they typed."""
    for noter in _noters:
        noter(row, *columns, actor=actor)


def say(
    entries: Iterable[AuditEntry],
    viewer: Viewer | None,
    now: datetime,
    *,
    readers: list[Reader] | None = None,
) -> list[AuditEntry]:
    """Give each entry `why_shown` and `actor_shown`, as `viewer` may read them.

    A guest's name tells whose kin they are; entries of former times hold it.
    """
    entries = list(entries)
    readers = make_readers(viewer, now) if readers is None else readers
    guests = guests_of(viewer)
    for entry in entries:
        is_own = viewer is not None and entry.actor_id == viewer.pk
        # What somebody typed they know; cleaned, it would tell them that the name is on file.
        mine = [] if is_own else readers
        entry.why_shown = "" if entry.flaw else cleaned(entry.why, mine)
        entry.actor_shown = GUEST if entry.actor_id in guests else entry.actor_label
    return entries


def name_rows(entries: list[AuditEntry], viewer: Viewer | None) -> list[AuditEntry]:
    """Give each entry `about_shown` and `detail_shown`, with words in place of identifiers."""
    keys = {key for entry in entries for key in entry.identifiers}
    names: dict[str, str] = {}
    for namer in _namers if keys else ():
        names |= namer(keys, viewer)
    for entry in entries:
        entry.about_shown = names.get(entry.object_id, "")
        entry.detail_shown = entry.detail_words(names, _pages)
    return entries


def guests_of(viewer: Viewer | None) -> set[uuid.UUID]:
    """The keys of the guests of the viewer's continuum, whose names no choice of entries tells."""
    membership = getattr(viewer, "membership", None)
    continuum = membership and membership.continuum_id
    return {key for finder in _guests for key in finder(continuum)}


def make_readers(viewer: Viewer | None, now: datetime) -> list[Reader]:
    return [maker(viewer, now) for maker in _makers]


def cleaned(text: str, readers: Iterable[Reader]) -> str:
    for reader in readers:
        text = reader.clean(text)
    return text
