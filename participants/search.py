"""Finding participants by name, alias, HMIS id or birth date, without an index of names.

Names are encrypted each under its own nonce, so the database cannot compare them. The names that
the searcher may see are opened in memory and compared there, folded (`participants.folding`): parts
in any order, and one mistake in words of five letters and more. What the searcher may not see is
not searched, so that a search tells nothing that the page would not.
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BinaryField, Case, F, When

from vault.blind import candidates
from vault.fields import decrypt_column

from .folding import Table, long_words, words
from .known_names import spelled_of
from .models import Participant
from .naming import may_be_named, may_be_told_all

IN_THE_MIDDLE = 3  # letters from which a part is found within a word too
MISTAKEN = 5  # letters from which one mistake is forgiven
LINES = Table({"\n": "\n"})  # folds many texts, a line each
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
    def of(cls, text, now):
        return cls(tuple(words(text)), day_of(text, now))


def day_of(text, now):
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


def matches(name, wanted):
    """Whether every one of the folded words `wanted` is a part of `name`, or nearly so."""
    of_name = words(name)
    if holds(of_name, wanted):
        return True
    other = long_words(name)
    return other is not None and holds(other, wanted)


def holds(of_name, wanted):
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


def is_mistaken(part, of_name, closed):
    """Whether `part` is long enough to be forgiven a mistake, and one of the words is meant."""
    if not any(piece in closed for piece in pieces(part)):
        return False
    joined = map("".join, itertools.pairwise(of_name))
    return any(is_near(part, word) for word in itertools.chain(of_name, joined))


@lru_cache(maxsize=256)
def pieces(part):
    """What a text must hold one of, to hold `part` with one mistake; of a short part nothing.

    One mistake leaves one half as it is, unless the letters beside the middle changed places: a
    test that tells most of thousands of names apart at once.
    """
    if len(part) < MISTAKEN or not part.isalpha():
        return ()
    middle = len(part) // 2
    swapped = part[middle - 1 : middle + 1][::-1]
    return part[:middle], part[middle:], part[: middle - 1] + swapped + part[middle + 1 :]


def is_near(part, word):
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


def matching_keys(participants, text, viewer, now):
    """Return the primary keys in `participants` that `text` finds for `viewer`.

    A constant number of queries; one opening for each name that the viewer may see, and for each
    birth date when a date was typed.
    """
    wanted = Wanted.of(text, now)
    if not wanted.words:
        return set()
    found = keys_by_hmis_id(participants, text, viewer, now)
    columns = ["name", "birth_date"] if wanted.day else ["name"]
    aliases, sealed = [], {column: [] for column in columns}
    for pk, alias, *tokens in visible_rows(participants, columns, viewer, now):
        aliases.append((pk, alias))
        for column, token in zip(columns, tokens, strict=True):
            if token is not None:
                sealed[column].append((pk, token))
    found.update(matching_aliases(aliases, wanted.words))
    found.update(matching_names(sealed["name"], wanted.words, viewer))
    for pk, birth in decrypt_column(Participant, "birth_date", sealed.get("birth_date", [])):
        if birth == wanted.day:
            found.add(pk)
    return found


@lru_cache(maxsize=100_000)
def closed_alias(alias):
    return "".join(words(alias))


def matching_aliases(rows, wanted):
    """Yield the keys of those of `(key, alias)` whose alias matches; an alias tells of nobody."""
    needed = [(part, *pieces(part)) for part in wanted]
    for key, alias in rows:
        if holds_any_of(closed_alias(alias), needed) and matches(alias, wanted):
            yield key


def matching_names(rows, wanted, viewer):
    """Yield the keys of those of `(key, token of a name)` whose name matches."""
    if not rows:
        return
    known, others = spelled_of(viewer.membership.continuum_id), []
    needed = [(part, *pieces(part)) for part in wanted]
    for key, token in rows:
        name = known.get(bytes(token))
        if name is None:
            others.append((key, token))
        elif (
            holds_any_of(name.closed, needed)
            or (name.long is not None and holds_any_of(name.long, needed))
        ) and matches(name.text, wanted):
            yield key
    yield from matching(decrypt_column(Participant, "name", others), wanted)


def matching(rows, wanted):
    """Yield the keys of those of `(key, text)` whose text matches.

    All are folded at one stroke where plain letters are left, and most are told from the wanted
    by that alone; the others are looked at word by word.
    """
    rows = [(key, text.replace("\n", " ")) for key, text in rows]
    bare = unicodedata.normalize("NFKD", "\n".join(text for _key, text in rows))
    lines = MARKS.sub("", bare).split("\n")
    if len(lines) != len(rows):  # a text held something that decomposes into a line's end
        lines = [""] * len(rows)
    is_plain = [line.isascii() and bool(line) for line in lines]
    plain = "\n".join(line for line, is_ascii in zip(lines, is_plain, strict=True) if is_ascii)
    folded = iter(plain.translate(LINES).lower().replace(" ", "").split("\n"))
    needed = [(part, *pieces(part)) for part in wanted]
    for (key, text), is_ascii in zip(rows, is_plain, strict=True):
        closed = next(folded) if is_ascii else None
        if closed is not None and not holds_any_of(closed, needed):
            other = None if text.isascii() else long_words(text)
            if other is None or not holds_any_of("".join(other), needed):
                continue
        if matches(text, wanted):
            yield key


def holds_any_of(closed, needed):
    for any_of in needed:
        for piece in any_of:
            if piece in closed:
                break
        else:
            return False
    return True


def keys_by_hmis_id(participants, text, viewer, now):
    """Whose HMIS id was typed whole, among those whose id the viewer may see."""
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return set()
    found = participants.order_by().filter(
        is_confidential=False,
        hmis_id_index__in=candidates("hmis id", membership.continuum_id, text.strip()),
    )
    if not membership.is_specialist:
        found = found.filter(may_be_told_all(viewer, now))
    return set(found.values_list("pk", flat=True))


def visible_rows(participants, columns, viewer, now):
    """`(primary key, alias, *sealed)`: of each of `columns` the token, None where it may not show.

    Read past the model: an instance for each of thousands of rows would cost more than
    opening the names.
    """
    # Who typed a name alone may read it: the rest was perhaps recorded by others.
    may = {"name": may_be_named(viewer, now), "birth_date": may_be_told_all(viewer, now)}
    sealed = [Case(When(may[each], then=F(each)), output_field=BinaryField()) for each in columns]
    rows = participants.order_by().values_list("pk", "alias", *sealed)
    try:
        statement = rows.query.sql_with_params()
    except EmptyResultSet:  # for whoever sees nothing of participants
        return
    with connections[participants.db].cursor() as cursor:
        cursor.execute(*statement)
        yield from cursor


def search(participants, text, viewer, now):
    """Narrow the queryset to those whom `text` finds for `viewer`; all for an empty text."""
    if not text.strip():
        return participants
    return participants.filter(pk__in=matching_keys(participants, text, viewer, now))
