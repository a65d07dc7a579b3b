"""How what people typed into the audit, and who they were, is said to a reader.

The audit stands below the rooms that know whose names are whose: the room that does gives it a
reader, and what is shown or exported goes through that.
"""

from collections.abc import Callable
from typing import Protocol

GUEST = "Guest"


class Reader(Protocol):
    """Cleans texts for one person."""

    def clean(self, text: str) -> str: ...


_makers: list[Callable] = []
_guests: list[Callable] = []
_noters: list[Callable] = []
_namers: list[Callable] = []
_pages: dict[str, str] = {}


def read_with(maker):
    """Let texts be cleaned by `maker(viewer, now)`, a `Reader`."""
    _makers.append(maker)


def guests_by(finder):
    """Let `finder(continuum_id)` give the keys of who is a guest of a call and nothing besides."""
    _guests.append(finder)


def typed_by(noter):
    """Let `noter(row, *columns, actor)` remember who typed what is about to be saved there."""
    _noters.append(noter)


def rows_called(namer):
    """Let `namer(keys, viewer)` say what rows are called: `{key: words}` of those that it knows."""
    _namers.append(namer)


def pages_called(words):
    """Let pages be called so: `{page as an entry keeps it: words}`."""
    _pages.update(words)


def note_typed(row, *columns, actor):
    """Remember that `actor` typed these columns of the row: they know what they typed."""
    for noter in _noters:
        noter(row, *columns, actor=actor)


def say(entries, viewer, now, *, readers=None):
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


def name_rows(entries, viewer):
    """Give each entry `about_shown` and `detail_shown`, with words in place of identifiers."""
    keys = {key for entry in entries for key in entry.identifiers}
    names = {}
    for namer in _namers if keys else ():
        names |= namer(keys, viewer)
    for entry in entries:
        entry.about_shown = names.get(entry.object_id, "")
        entry.detail_shown = entry.detail_words(names, _pages)
    return entries


def guests_of(viewer):
    """The keys of the guests of the viewer's continuum, whose names no choice of entries tells."""
    membership = getattr(viewer, "membership", None)
    continuum = membership and membership.continuum_id
    return {key for finder in _guests for key in finder(continuum)}


def make_readers(viewer, now):
    return [maker(viewer, now) for maker in _makers]


def cleaned(text, readers):
    for reader in readers:
        text = reader.clean(text)
    return text
