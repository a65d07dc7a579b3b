"""What a program may ask of a household, declared once: words, what is typed, how it is judged.

Each fact says of a household whether it is as asked: True, False, or None where that is not known.
Nothing that is not known is ever a no. What is asked here is what HUD's programs ask; race,
ethnicity, religion, national origin and the kind of a disability are none of it (24 CFR 5.105).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from regions.words import plural

from .household import AGES, YOUNG, Household

Asks = Any  # of each fact its own, as JSON holds it
Counties = Mapping[str, str]  # names by key
RECORD, ANSWERS, RELEASES = "record", "answers", "list"  # where what is missing is filled in
MOST_PEOPLE = 8  # the sizes for which income limits are published

ONE_ADULT, ADULTS, FAMILY, MINORS = "one_adult", "adults", "family", "minors"
TYPES = {
    ONE_ADULT: "one adult",
    ADULTS: "several adults without children",
    FAMILY: "adults with children under 18",
    MINORS: "children under 18 alone",
}
SEXES = {"female": "women", "male": "men"}
PETS = {"none": "No pets", "pets": "Pets", "assistance": "An assistance animal (no pet by law)"}
NEEDS = {
    "none": "No special need",
    "step_free": "No steps",
    "wheelchair": "Built for a wheelchair",
}
SCREENS = {
    "registry": "lifetime sex offender registration",
    "drugs_made": "meth made in public housing",
    "evicted": "put out of public housing for drugs in the last 3 years",
    "owed": "money owed to a housing authority",
}


def joined(words: Sequence[str], last: str = "or") -> str:
    """a, b or c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


class Fact(Protocol):
    """One thing that a program may ask."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def missing(self) -> str: ...
    @property
    def filled_in(self) -> str: ...
    @property
    def needs_source(self) -> bool: ...

    def judge(self, asks: Asks, of: Household) -> bool | None: ...
    def in_words(self, asks: Asks, counties: Counties) -> str: ...
    def said(self, of: Household, counties: Counties) -> str: ...


@dataclass(frozen=True)
class YesNo:
    """Asked to be so."""

    key: str
    label: str
    words: str
    read: Callable[[Household], bool | None]
    missing: str
    otherwise: str
    filled_in: str = RECORD
    needs_source: bool = False

    def judge(self, asks: Asks, of: Household) -> bool | None:
        return self.read(of)

    def in_words(self, asks: Asks, counties: Counties) -> str:
        return self.words

    def said(self, of: Household, counties: Counties) -> str:
        return self.otherwise


@dataclass(frozen=True)
class OneOf:
    """Asked to be one of several: what the household may be, all of it, must be among them."""

    key: str
    label: str
    choices: Mapping[str, str]
    read: Callable[[Household], frozenset[str]]
    missing: str
    filled_in: str = RECORD
    needs_source: bool = False
    before: str = ""

    def judge(self, asks: Asks, of: Household) -> bool | None:
        found, asked = self.read(of), set(asks)
        if found <= asked:
            return True
        return False if found.isdisjoint(asked) else None

    def in_words(self, asks: Asks, counties: Counties) -> str:
        return self.before + joined([words for key, words in self.choices.items() if key in asks])

    def said(self, of: Household, counties: Counties) -> str:
        found = self.read(of)
        return self.before + joined([words for key, words in self.choices.items() if key in found])


@dataclass(frozen=True)
class InCounty:
    """Asked to be in one of several counties."""

    key: str = "county"
    label: str = "County"
    missing: str = "the county"
    filled_in: str = RECORD
    needs_source: bool = False

    def judge(self, asks: Asks, of: Household) -> bool | None:
        return str(of.county) in asks if of.county else None

    def in_words(self, asks: Asks, counties: Counties) -> str:
        names = sorted(counties[key] for key in asks if key in counties)
        return f"in {joined(names)} County" if names else "in a county that is gone"

    def said(self, of: Household, counties: Counties) -> str:
        return f"in {counties.get(str(of.county), 'another')} County"


@dataclass(frozen=True)
class Number:
    """Asked to be at least, at most, or between."""

    key: str
    label: str
    one: str
    read: Callable[[Household], int | None]
    missing: str
    many: str | None = None
    filled_in: str = RECORD
    needs_source: bool = False
    after: str = ""

    def judge(self, asks: Asks, of: Household) -> bool | None:
        found = self.read(of)
        if found is None:
            return None
        least, most = asks.get("least"), asks.get("most")
        return (least is None or found >= least) and (most is None or found <= most)

    def in_words(self, asks: Asks, counties: Counties) -> str:
        least, most = asks.get("least"), asks.get("most")
        if most is None:
            return f"{plural(least, self.one, self.many)}{self.after} or more"
        if least is None:
            return f"at most {plural(most, self.one, self.many)}{self.after}"
        if least == most:
            return plural(most, self.one, self.many) + self.after
        return f"{least} to {plural(most, self.one, self.many)}{self.after}"

    def said(self, of: Household, counties: Counties) -> str:
        return plural(self.read(of) or 0, self.one, self.many) + self.after


@dataclass(frozen=True)
class Income:
    """Asked to be at most so much a month, by how many people there are.

    `asks`: dollars for 1 to 8 people, None where nothing is said. A size of which nothing is said
    is not known, never guessed.
    """

    key: str = "income"
    label: str = "Income limit"
    missing: str = "the household’s income, or how many people"
    filled_in: str = ANSWERS
    needs_source: bool = False

    def limit(self, asks: Asks, of: Household) -> int | None:
        size = of.size
        return asks[size - 1] if size and size <= len(asks) else None

    def judge(self, asks: Asks, of: Household) -> bool | None:
        limit, income = self.limit(asks, of), of.given.get("income")
        return None if limit is None or income is None else income <= limit

    def in_words(self, asks: Asks, counties: Counties) -> str:
        told = [
            f"${dollars:,} for {size}"
            for size, dollars in enumerate(asks, 1)
            if dollars is not None
        ]
        return f"income a month of at most {joined(told, 'and')}"

    def said(self, of: Household, counties: Counties) -> str:
        return "a higher income"


@dataclass(frozen=True)
class Background:
    """Asked to have nothing of what is screened for in the past."""

    key: str = "background"
    label: str = "Background screening"
    missing: str = "what the background check asks"
    filled_in: str = ANSWERS
    needs_source: bool = True

    def judge(self, asks: Asks, of: Household) -> bool | None:
        found = [of.given.get(each) for each in asks]
        if any(found):
            return False
        return None if None in found else True

    def in_words(self, asks: Asks, counties: Counties) -> str:
        return f"no {joined([words for key, words in SCREENS.items() if key in asks])}"

    def said(self, of: Household, counties: Counties) -> str:
        return "something that the program screens for"


def type_of(of: Household) -> frozenset[str]:
    """What the household may be."""
    adults, children = of.adults, of.children
    if adults is None and children is None:
        return frozenset(TYPES)
    if adults is None:
        return frozenset({FAMILY, MINORS}) if children else frozenset({ONE_ADULT, ADULTS})
    if not adults:
        return frozenset({MINORS})
    alone = ONE_ADULT if adults == 1 else ADULTS
    if children is None:
        return frozenset({alone, FAMILY})
    return frozenset({FAMILY}) if children else frozenset({alone})


def sex_of(of: Household) -> frozenset[str]:
    given = of.given.get("sex")
    return frozenset({given}) if given in SEXES else frozenset(SEXES)


def has_no_pets(of: Household) -> bool | None:
    pets = of.given.get("pets")
    return None if pets is None else pets != "pets"


def is_youth(of: Household) -> bool | None:
    return True if of.ages <= YOUNG else False if of.ages.isdisjoint(YOUNG) else None


_FACTS: list[Fact] = [
    OneOf("type", "Kind of household", TYPES, type_of, "how many adults and children"),
    Number("size", "Number of people", "person", lambda of: of.size, "how many people", "people"),
    OneOf(
        "age",
        "Age of the head of household",
        AGES,
        lambda of: of.ages,
        "the head’s age",
        before="head of household ",
    ),
    YesNo("youth", "Youth", "youth (head under 25)", is_youth, "the head’s age", "not a youth"),
    YesNo(
        "veteran",
        "Veteran",
        "a veteran in the household",
        lambda of: of.is_veteran,
        "whether there is a veteran",
        "no veteran",
    ),
    YesNo(
        "chronic",
        "Chronically homeless",
        "chronically homeless",
        lambda of: of.is_chronic,
        "whether it is chronic homelessness",
        "not chronically homeless",
    ),
    Number(
        "days",
        "Time on the list",
        "day",
        lambda of: of.days,
        "since when it is on the list",
        filled_in=RELEASES,
        after=" on the list",
    ),
    InCounty(),
    Income(),
    YesNo(
        "disability",
        "Documented disability",
        "a disability with papers",
        lambda of: of.has_disability_paper,
        "the verification of disability",
        "",
    ),
    OneOf("sex", "Restricted by sex", SEXES, sex_of, "the head’s sex", ANSWERS, needs_source=True),
    YesNo("pets", "No pets", "no pets", has_no_pets, "whether there are pets", "has pets", ANSWERS),
    Background(),
]
FACTS: dict[str, Fact] = {each.key: each for each in _FACTS}
