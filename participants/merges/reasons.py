"""Which reasons speak for it that two records are of one person: the one rule of all rooms.

`reasons` judges two records; `keys` says under which keys records must meet to be judged at all,
so that nobody compares each with each. Neither reads the database. A victim service provider's
participant holds no name and no birth date, and is never guessed at: whatever else is alike
(a county, a household's size, days) would tell where somebody is who hides.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import models

from participants.folding import words_closed
from participants.hmis_ids import one_spelling, same_hmis_id

MOST_OF_A_KIND = 6  # What more records than these have in common tells nothing of two of them.
SIZE_APART = 1
ALIAS_IN_TEXT = re.compile(r"[^\W\d_]{3,}-\d{2,}")


class Reason(models.TextChoices):
    HMIS_ID = "hmis_id", "The same HMIS ID"
    IDENTITY = "identity", "The same name and birth date"
    NEAR_DATE = "near_date", "The same name, and birth dates that differ in one part"
    NAME_ALONE = "name_alone", "The same name in the same region; a birth date is missing"
    BIRTH_AND_PLACE = (
        "birth_and_place",
        "The same birth date and county, and households of about one size",
    )
    ALIAS_NAMED = "alias_named", "The alias of one stands in the notes on the other"
    BY_HAND = "by_hand", "Somebody asked for the two to be compared"


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a record is compared. `name` is only compared for equality: folded, or a digest."""

    key: UUID
    alias: str = ""
    name: object = None
    birth_date: date | None = None
    hmis_id: str | None = None
    region: object = None
    county: object = None
    size: int | None = None
    aliases_named: frozenset[str] = frozenset()
    is_confidential: bool = False


def same_name(name: str | None) -> str | None:
    """The name as it is compared: folded, without apostrophes and the order of its parts."""
    return " ".join(sorted(words_closed(name))) if name else None


def aliases_in(text: str | None) -> frozenset[str]:
    """What in a text may be an alias of a household, in small letters."""
    return frozenset(each.lower() for each in ALIAS_IN_TEXT.findall(text or ""))


def differ_in_one_part(one: date, other: date) -> bool:
    """Whether two dates differ in day, month or year alone, or have day and month exchanged."""
    parts = [(each.year, each.month, each.day) for each in (one, other)]
    alike = sum(mine == theirs for mine, theirs in zip(*parts, strict=True))
    is_exchanged = one.year == other.year and (one.month, one.day) == (other.day, other.month)
    return one != other and (alike == 2 or is_exchanged)


def reasons(one: Traits, other: Traits) -> list[Reason]:
    """Return the reasons, the strongest first; none where nothing speaks for one person."""
    if one.is_confidential or other.is_confidential or one.key == other.key:
        return []
    found = []
    is_named_alike = one.name is not None and one.name == other.name
    born, born_too = one.birth_date, other.birth_date
    if same_hmis_id(one.hmis_id, other.hmis_id):
        found.append(Reason.HMIS_ID)
    if is_named_alike and born and born_too:
        if born == born_too:
            found.append(Reason.IDENTITY)
        elif differ_in_one_part(born, born_too):
            found.append(Reason.NEAR_DATE)
    elif is_named_alike and one.region == other.region:
        found.append(Reason.NAME_ALONE)
    if (
        Reason.IDENTITY not in found
        and born
        and born == born_too
        and one.county
        and one.county == other.county
        and one.size is not None
        and other.size is not None
        and abs(one.size - other.size) <= SIZE_APART
    ):
        found.append(Reason.BIRTH_AND_PLACE)
    if one.alias.lower() in other.aliases_named or other.alias.lower() in one.aliases_named:
        found.append(Reason.ALIAS_NAMED)
    return found


def keys(traits: Traits) -> Iterator[tuple[object, ...]]:
    """The keys under which this record must meet another one to be of one person with it."""
    if traits.is_confidential:
        return
    if traits.hmis_id:
        yield ("hmis", one_spelling(traits.hmis_id))
    if traits.name is not None:
        yield ("name", traits.name)
    if traits.birth_date and traits.county:
        yield ("born", traits.birth_date, traits.county)
    for alias in {traits.alias.lower(), *traits.aliases_named}:
        yield ("alias", alias)


def pairs(every: Iterable[Traits]) -> Iterator[tuple[Traits, Traits, list[Reason]]]:
    """Yield `(one, other, reasons)` once for each pair of `every` for which something speaks."""
    meeting = defaultdict[tuple[object, ...], list[Traits]](list)
    for traits in every:
        for key in keys(traits):
            meeting[key].append(traits)
    seen = set()
    for found in meeting.values():
        if not 1 < len(found) <= MOST_OF_A_KIND:
            continue
        for position, one in enumerate(found):
            for other in found[position + 1 :]:
                pair = frozenset((one.key, other.key))
                if pair in seen:
                    continue
                seen.add(pair)
                why = reasons(one, other)
                if why:
                    yield one, other, why
