"""Finding participants by name, alias, HMIS ID or birth date, without an index of names.

Names are encrypted each under its own nonce, so the database cannot compare them. They are compared
in memory, folded (`participants.folding`): parts in any order, and one mistake in words of five
letters and more. Of the households found so, those whose name the searcher may not see at this
moment are left out, so that a search tells nothing that the page would not.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Self
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from accounts.models import User
from participants.by_hmis_id import indexes_of
from participants.models import ParticipantQuerySet
from vault.encrypted import Token, decrypt_column

from .folding import long_words, words
from .grounds import may_be_named, may_be_told_all
from .known_names import Spelled, spelled_of
from .models import Participant

MANY = 500  # households that are asked for by their keys
NOBODY = UUID(int=0)
IN_THE_MIDDLE = 3  # letters from which a part is found within a word too
MISTAKEN = 5  # letters from which one mistake is forgiven
MARKS = re.compile("[\u0300-\u036f]+")
DAYS = (
    *("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m.%d.%Y", "%Y-%m-%d", "%Y/%m/%d"),
    *("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y"),
)


@dataclass(frozen=True)
class Wanted:
    """What was typed, as it is compared: folded words, and the birth date that it may be."""

    words: tuple[str, ...]
    day: date | None = None

    @classmethod
    def of(cls, text: str, now: datetime) -> Self:
        return cls(tuple(words(text)), day_of(text, now))


def day_of(text: str, now: datetime) -> date | None:
    """The day that a text is, as Americans and HMIS write it; None for anything else."""
    plain = " ".join(text.replace(",", " ").split())
    for form in DAYS:
        try:
            day = datetime.strptime(plain, form).date()
        except ValueError:
            continue
        # Of two figures, a year ahead is one of the last century.
        is_ahead = "%y" in form and day > now.date()
        return day.replace(year=day.year - 100) if is_ahead else day
    return None


def matches(name: str, wanted: Sequence[str]) -> bool:
    """Whether every one of the folded words `wanted` is a part of `name`, or nearly so."""
    of_name = words(name)
    if holds(of_name, wanted):
        return True
    other = long_words(name)
    return other is not None and holds(other, wanted)


def holds(of_name: Sequence[str], wanted: Sequence[str]) -> bool:
    spaced = " " + " ".join(of_name)
    closed = None
    for part in wanted:
        if " " + part in spaced:
            continue
        if closed is None:
            closed = spaced.replace(" ", "")
        if len(part) >= IN_THE_MIDDLE and part in closed:
            continue
        if not is_mistaken(part, of_name, closed):
            return False
    return True


def is_mistaken(part: str, of_name: Sequence[str], closed: str) -> bool:
    """Whether `part` is long enough to be forgiven a mistake, and one of the words is meant."""
    if not any(piece in closed for piece in pieces(part)):
        return False
    joined = map("".join, itertools.pairwise(of_name))
    return any(is_near(part, word) for word in itertools.chain(of_name, joined))


@lru_cache(maxsize=256)
def pieces(part: str) -> tuple[str, ...]:
    """What a text must hold one of, to hold `part` with one mistake; of a short part nothing.

    One mistake leaves one half as it is, unless the letters beside the middle changed places: a
    test that tells most of thousands of names apart at once.
    """
    if len(part) < MISTAKEN or not part.isalpha():
        return ()
    middle = len(part) // 2
    swapped = part[middle - 1 : middle + 1][::-1]
    return part[:middle], part[middle:], part[: middle - 1] + swapped + part[middle + 1 :]


def is_near(part: str, word: str) -> bool:
    """Whether `word` begins with `part` but for one mistake.

    A mistake is a wrong letter, one too many or too few, or two that changed places.
    """
    place = 0
    for typed, letter in zip(part, word, strict=False):
        if typed != letter:
            break
        place += 1
    rest, other = part[place:], word[place:]
    if len(rest) <= 1:
        return True
    return (
        other[1:].startswith(rest[1:])
        or other.startswith(rest[1:])
        or other[1:].startswith(rest)
        or (other[:2] == rest[1::-1] and other[2:].startswith(rest[2:]))
    )


def matching_keys(
    participants: ParticipantQuerySet, text: str, viewer: User, now: datetime
) -> set[UUID]:
    """Return the primary keys in `participants` that `text` finds for `viewer`.

    A constant number of queries; one opening for each name that the viewer may see, and for each
    birth date when a date was typed.
    """
    wanted = Wanted.of(text, now)
    if not wanted.words:
        return set()
    found = keys_by_hmis_id(participants, text, viewer, now)
    aliases = participants.order_by().values_list("pk", "alias")
    found.update(matching_aliases(rows_of(aliases), wanted.words))
    found.update(matching_names(participants, wanted.words, viewer, now))
    if wanted.day:
        births = visible_rows(participants, "birth_date", viewer, now)
        for pk, birth in decrypt_column(Participant, "birth_date", births):
            if birth == wanted.day:
                found.add(pk)
    return found


@lru_cache(maxsize=100_000)
def closed_alias(alias: str) -> str:
    return "".join(words(alias))


def matching_aliases(rows: Iterable[tuple[UUID, str]], wanted: Sequence[str]) -> Iterator[UUID]:
    """Yield the keys of those of `(key, alias)` whose alias matches; an alias tells of nobody."""
    needed = [(part, *pieces(part)) for part in wanted]
    for key, alias in rows:
        if holds_any_of(closed_alias(alias), needed) and matches(alias, wanted):
            yield key


def matching_names(
    participants: ParticipantQuerySet, wanted: Sequence[str], viewer: User, now: datetime
) -> Iterator[UUID]:
    """Yield the keys of those whose name the viewer may see, and matches.

    Names are looked for in memory first, where former ones stand too; of those found the
    present name is opened, as far as it may be seen at this moment.
    """
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return
    needed = [(part, *pieces(part)) for part in wanted]
    maybe = set()
    for key, names in spelled_of(membership.continuum_id).items():
        for name in names:
            if may_match(name, needed) and matches(name.text, wanted):
                maybe.add(key)
    if len(maybe) <= MANY:
        participants = participants.filter(pk__in=maybe or [NOBODY])
    rows = visible_rows(participants, "name", viewer, now)
    sealed = [(key, token) for key, token in rows if key in maybe]
    for key, name in decrypt_column(Participant, "name", sealed):
        if name is not None and matches(name, wanted):
            yield key


def may_match(name: Spelled, needed: Iterable[Sequence[str]]) -> bool:
    """Whether a name must be looked at word by word: tells most of thousands apart at once."""
    return holds_any_of(name.closed, needed) or (
        name.long is not None and holds_any_of(name.long, needed)
    )


def holds_any_of(closed: str, needed: Iterable[Sequence[str]]) -> bool:
    for any_of in needed:
        for piece in any_of:
            if piece in closed:
                break
        else:
            return False
    return True


def keys_by_hmis_id(
    participants: ParticipantQuerySet, text: str, viewer: User, now: datetime
) -> set[UUID]:
    """Whose HMIS ID was typed whole, among those whose id the viewer may see."""
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return set()
    found = participants.order_by().filter(
        is_confidential=False,
        hmis_id_index__in=list(indexes_of(membership.continuum_id, [text.strip()])),
    )
    if not membership.is_specialist:
        found = found.filter(may_be_told_all(viewer, now))
    return set(found.values_list("pk", flat=True))


def visible_rows(
    participants: ParticipantQuerySet, column: str, viewer: User, now: datetime
) -> list[tuple[UUID, Token]]:
    """`[(primary key, token)]` of the sealed column, of those where it may be shown."""
    # Who typed a name alone may read it: the rest was perhaps recorded by others.
    may = may_be_named if column == "name" else may_be_told_all
    may_show = participants.order_by().filter(may(viewer, now), **{f"{column}__isnull": False})
    return rows_of(may_show.values_list("pk", column))


def rows_of(values: QuerySet[Participant, Any]) -> list[tuple[UUID, Any]]:  # Any: as selected
    """The rows of a query, read past the model: an instance for each of thousands would cost
    more than opening the names. None for whoever sees nothing of participants.
    """
    try:
        statement = values.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connections[values.db].cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())


def search(
    participants: ParticipantQuerySet, text: str, viewer: User, now: datetime
) -> ParticipantQuerySet:
    """Narrow the queryset to those whom `text` finds for `viewer`; all for an empty text."""
    if not text.strip():
        return participants
    return participants.filter(pk__in=matching_keys(participants, text, viewer, now))
