"""By what households may be put in order, declared once; what is not known never goes first.

No criterion is about a protected class: race, ethnicity, religion, national origin, sex, age,
familial status, or the kind of a disability (24 CFR 5.105, 100.50). Whom a program takes is for its
own rules to say (`housing.facts`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from regions.words import plural

# Higher goes first; None is not known, and goes after all that is known.
Rank = int | None


@dataclass(frozen=True)
class Standing:
    """What a household is ordered by, on a day."""

    key: UUID
    days: int | None = None
    is_chronic: bool | None = None
    is_unsheltered: bool | None = None
    score: int | None = None
    assessed_on: date | None = None
    won_appeal: bool = False


@dataclass(frozen=True)
class Criterion:
    """`rank`: higher goes first. `said`: why a household stands where it does, in words.

    `is_sealed`: told only to whom the household's record is told.
    """

    key: str
    label: str
    rank: Callable[[Standing], Rank]
    said: Callable[[Standing], str]
    is_sealed: bool = False


def yes_no(key: str, label: str, yes: str, no: str) -> Criterion:
    def read(of: Standing) -> bool | None:
        found: bool | None = getattr(of, key)
        return found

    def rank(of: Standing) -> Rank:
        found = read(of)
        return None if found is None else int(found)

    def said(of: Standing) -> str:
        return {None: f"not known: {label.lower()}", True: yes, False: no}[read(of)]

    return Criterion(key, label, rank, said)


_CRITERIA = [
    yes_no("won_appeal", "An appeal was won", "won an appeal", "no appeal"),
    yes_no("is_chronic", "Chronically homeless", "chronically homeless", "not chronic"),
    Criterion(
        "days",
        "Longest on the list",
        lambda of: of.days,
        lambda of: (
            "not known: days" if of.days is None else plural(of.days, "day") + " on the list"
        ),
    ),
    Criterion(
        "score",
        "Highest assessment score",
        lambda of: of.score,
        lambda of: "no score" if of.score is None else f"score {of.score}",
        is_sealed=True,
    ),
    yes_no("is_unsheltered", "Unsheltered", "unsheltered", "sheltered"),
    Criterion(
        "assessed",
        "Assessed first",
        lambda of: None if of.assessed_on is None else -of.assessed_on.toordinal(),
        lambda of: (
            "not assessed" if of.assessed_on is None else f"assessed {of.assessed_on:%b %-d}"
        ),
    ),
]
CRITERIA: Mapping[str, Criterion] = {each.key: each for each in _CRITERIA}


def place_of(of: Standing, keys: Sequence[str]) -> tuple[tuple[bool, int], ...]:
    """What households are sorted by: smaller goes first; not known, last of its criterion."""
    ranks = [CRITERIA[key].rank(of) for key in keys if key in CRITERIA]
    return tuple((rank is None, -(rank or 0)) for rank in ranks)
