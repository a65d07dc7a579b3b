"""What a column can be: one declaration each, and the guess that is made from its heading.

A new column of the list is one more `Target` here, and, where it is a field of a participant, its
name in `participants.hmis.comparing.FIELDS`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from participants.models import MOST_BEDROOMS, MOST_PEOPLE, Document

from .table import Heading, folded

# How the cells of a target are read (rows.py).
TEXT, DAY, BIRTH, NUMBER, YES_NO, KEY, HMIS_ID, CHOICE, AGE, DOCUMENTS, PAPER = (
    *("text", "day", "birth", "number", "yes_no", "key"),
    *("hmis_id", "choice", "age", "documents", "paper"),
)


@dataclass(frozen=True)
class Target:
    """What a column can be. `headings`: as they are told by `folded`, the surest first.

    `field`: what of a household it says (hmis.kept.Said). `words`: other words for yes.
    """

    key: str
    label: str
    group: str
    way: str
    headings: tuple[str, ...]
    field: str = ""
    words: tuple[str, ...] = ()
    most: int = 0


WHO, HOUSEHOLD, WHERE, LIST = (
    *("Who", "Household"),
    *("Where and who helps", "Place on the list"),
)

PAPER_HEADINGS = {
    Document.ID: (
        *("photo id", "id card", "state id", "picture id", "government id", "has id", "id in hand"),
        *("identification", "driver s license", "drivers license", "photo id in hand"),
        *("id or driver s license", "state id driver s license", "valid id", "current id"),
    ),
    Document.SOCIAL_SECURITY: (
        *("ss card", "social security card", "ssc", "social card", "soc card", "ssn card"),
        *("has ss card", "ss card in hand", "social security card in hand"),
    ),
    Document.HOMELESSNESS: (
        *("verification of homelessness", "homeless verification", "homelessness verification"),
        *("proof of homelessness", "voh", "homeless verification letter", "homeless letter"),
        *("third party homeless verification", "verification of homeless status"),
    ),
    Document.DISABILITY: (
        *("verification of disability", "disability verification", "proof of disability", "vod"),
        *("disability verification form", "verification of disabling condition"),
        *("disabling condition verification", "disability letter"),
    ),
}
TARGETS = (
    Target(
        *("name", "Name, whole (“Last, First” or “First Last”)", WHO, TEXT),
        (
            *("name", "client name", "full name", "participant name", "hoh name", "client"),
            *("last first", "last name first name", "head of household", "head of household name"),
            *("name last first", "participant", "resident name", "person", "consumer name", "hoh"),
            *("nombre", "names", "client full name", "household name", "household", "who"),
        ),
    ),
    Target(
        *("first", "First name", WHO, TEXT),
        ("first name", "first", "fname", "given name", "client first name", "hoh first name"),
    ),
    Target(
        *("last", "Last name", WHO, TEXT),
        ("last name", "last", "lname", "surname", "family name", "client last name", "l name"),
    ),
    Target(
        *("birth_date", "Date of birth", WHO, BIRTH),
        (
            *("date of birth", "dob", "birth date", "birthdate", "birthday", "d o b", "born"),
            *("client dob", "hoh dob", "birth day", "client date of birth"),
        ),
    ),
    Target("age", "Age (youth are under 25)", WHO, AGE, ("age", "client age", "hoh age")),
    Target(
        *("key", "The sheet’s own number of the household", WHO, KEY),
        (
            *("unique identifier", "unique id", "uid", "client id", "client #", "client number"),
            *("id", "case number", "case #", "household id", "record id", "bnl id", "clientid"),
            *("participant id", "client uid", "identifier", "id #", "ref", "hh id"),
        ),
    ),
    Target(
        *("hmis_id", "HMIS ID (PersonalID)", WHO, HMIS_ID),
        (
            *("hmis id", "hmis #", "hmis number", "personal id", "hmis client id", "hmis"),
            *("hmis id #", "servicepoint id", "clarity id", "hmis unique id", "hmis no"),
        ),
        "hmis_id",
    ),
    Target(
        *("phone", "Phone, or another way to reach them", WHO, TEXT),
        (
            *("phone", "phone number", "phone #", "cell", "cell phone", "telephone", "mobile"),
            *("contact info", "contact information", "contact phone", "contact number", "tel"),
            *("client phone", "best phone", "best contact", "phone no", "email"),
        ),
        "phone",
        most=120,
    ),
    Target(
        *("adults", "Adults, how many", HOUSEHOLD, NUMBER),
        (
            *("adults", "# adults", "# of adults", "number of adults", "num adults", "no adults"),
            *("adult count", "adults in household", "adults in hh", "# of adults in household"),
        ),
        "adults",
        most=MOST_PEOPLE,
    ),
    Target(
        *("children", "Children, how many", HOUSEHOLD, NUMBER),
        (
            *("children", "# children", "# of children", "number of children", "kids", "# kids"),
            *("# of kids", "minors", "# minors", "child count", "children in household"),
            *("dependents", "# of minors", "kids under 18", "children under 18", "num children"),
        ),
        "children",
        most=MOST_PEOPLE,
    ),
    Target(
        *(
            "size",
            "People in the household, how many (beside adults or children)",
            HOUSEHOLD,
            NUMBER,
        ),
        (
            *("hh size", "household size", "family size", "# in household", "# in hh", "size"),
            *("people", "# people", "number in household", "household members", "total in hh"),
            *("hh members", "persons", "family members", "# in family", "total people"),
        ),
        most=MOST_PEOPLE,
    ),
    Target(
        *("veteran", "Veteran", HOUSEHOLD, YES_NO),
        (
            *("veteran", "vet", "veteran status", "is veteran", "veteran y n", "vet y n", "vets"),
            *("us veteran", "military", "served in military"),
        ),
        "is_veteran",
        ("veteran", "vet"),
    ),
    Target(
        *("youth", "Youth (under 25)", HOUSEHOLD, YES_NO),
        ("youth", "tay", "yya", "youth y n", "unaccompanied youth", "youth under 25", "is youth"),
        "is_youth",
        ("youth", "tay"),
    ),
    Target(
        *("chronic", "Chronically homeless", HOUSEHOLD, YES_NO),
        (
            *("chronic", "chronically homeless", "ch", "chronic status", "chronic homeless"),
            *("chronicity", "is chronic", "chronic y n", "ch status", "chronic homelessness"),
        ),
        "is_chronic",
        ("chronic", "chronically homeless", "ch"),
    ),
    Target(
        *("prioritized", "Being prioritized for housing", HOUSEHOLD, YES_NO),
        ("prioritized", "prioritized for housing", "priority", "being prioritized", "priority y n"),
        "is_prioritized",
        ("prioritized", "priority"),
    ),
    Target(
        *("bedrooms", "Bedrooms needed", HOUSEHOLD, NUMBER),
        ("bedrooms", "# bedrooms", "bedrooms needed", "br", "bedroom size", "# of bedrooms", "brs"),
        "bedrooms",
        most=MOST_BEDROOMS,
    ),
    Target(
        *("documents", "Documents in hand (all in one column)", HOUSEHOLD, DOCUMENTS),
        (
            *("documents in hand", "documents", "docs", "docs in hand", "documentation"),
            *("document status", "documents on file", "docs on file", "vital documents"),
        ),
        "documents",
    ),
    *(
        Target(
            *(f"{PAPER}:{kind.value}", f"{kind.label} (yes/no)", HOUSEHOLD, PAPER),
            headings,
            "papers",
        )
        for kind, headings in PAPER_HEADINGS.items()
    ),
    Target(
        *("county", "County", WHERE, CHOICE),
        ("county", "county of residence", "current county", "county served", "location county"),
    ),
    Target("region", "Region", WHERE, CHOICE, ("region", "subregion", "hub", "service area")),
    Target(
        *("agency", "Agency that keeps the record", WHERE, CHOICE),
        (
            *("agency", "assigned agency", "provider", "organization", "lead agency", "org"),
            *("referring agency", "program agency", "agency name", "assessing agency", "keeper"),
        ),
    ),
    Target(
        *("navigator", "Navigator", WHERE, CHOICE),
        (
            *("navigator", "housing navigator", "ce navigator", "ce housing navigator"),
            *("assigned navigator", "navigator name", "ce housing navigator name"),
        ),
        "navigator_id",
    ),
    Target(
        *("stay", "Where they stay", WHERE, CHOICE),
        (
            *("where staying", "location", "living situation", "current living situation", "cls"),
            *("sleeping location", "current location", "staying", "where sleeping", "situation"),
            *("where they stay", "sheltered unsheltered", "housing status", "where are they"),
            *("shelter status", "sheltered", "sleeping", "where", "last known location"),
            *("current sleeping arrangement", "prior living situation", "unsheltered"),
        ),
    ),
    Target(
        *("stay_on", "Where they stay, day", WHERE, DAY),
        ("location date", "date of living situation", "cls date", "recorded for"),
    ),
    Target(
        *("contact", "Last contact, day", WHERE, DAY),
        (
            *("last contact", "date of last contact", "last contact date", "last seen", "contact"),
            *("last engagement", "most recent contact", "last seen date", "contact date", "seen"),
            *("last service date", "last engaged", "last outreach", "date last seen"),
        ),
    ),
    Target(
        *("assessed", "CE assessment, day", WHERE, DAY),
        (
            *("assessment date", "date of assessment", "assessed", "vi spdat date", "assessed on"),
            *("date assessed", "last assessment", "ce assessment date", "vispdat date"),
            *("last assessment date", "date of vi spdat"),
        ),
        "assessed",
    ),
    Target(
        *("level", "CE assessment, level", WHERE, CHOICE),
        ("assessment level", "assessment type", "level of assessment"),
    ),
    Target(
        *("listed_on", "On the list since, day", LIST, DAY),
        (
            *("date added", "date added to list", "on list since", "list date", "added"),
            *("date added to bnl", "bnl date", "date identified", "identified date", "entry date"),
            *("date on list", "date added to by name list", "enrollment date", "date listed"),
            *("start date", "referral date", "date entered", "on the list since", "date of entry"),
            *("project start date", "ce enrollment date", "date of referral to list"),
        ),
        "listed_on",
    ),
    Target(
        *("days_listed", "Days on the list (for new households)", LIST, NUMBER),
        ("days on list", "days on the list", "days since added", "days on bnl", "days waiting"),
        most=9999,
    ),
    Target(
        *("referral_on", "Active referral since, day", LIST, DAY),
        ("active referral since", "referred on", "date referred", "housing referral date"),
        "referral_active_on",
    ),
    Target(
        *("status", "Status (active, housed, inactive)", LIST, CHOICE),
        ("status", "bnl status", "list status", "current status", "client status", "outcome"),
    ),
    Target(
        *("status_on", "Status, day of the change", LIST, DAY),
        (
            *("status date", "date of status", "status changed", "date housed", "move in date"),
            *("housed date", "housing move in date", "date inactive", "exit date", "movein date"),
        ),
    ),
)
BY_KEY: Mapping[str, Target] = {each.key: each for each in TARGETS}
# Pairs of which one column alone says the same: the whole name, or its parts.
NAMES = ("name", "first", "last")
# Words that say what a longer heading is of, unless it is of something else about it.
WITHIN = {
    **dict.fromkeys(("dob", "date of birth", "birth date", "birthdate"), "birth_date"),
    **dict.fromkeys(("agency", "provider", "organization"), "agency"),
    **dict.fromkeys(("veteran", "vet"), "veteran"),
    **dict.fromkeys(("last contact", "last seen", "last engagement"), "contact"),
    **dict.fromkeys(("chronic", "chronically"), "chronic"),
    **{"county": "county", "hmis": "hmis_id", "living situation": "stay"},
}
ASIDE = re.compile(r"\b(?:phone|email|name|notes?|person|address|data|score|quality|entered)\b")
Y_N = re.compile(r"\b(?:y n|yes no|yn)$")


def guess(headings: Sequence[Heading], by_words: Mapping[str, str]) -> dict[str, str]:
    """Return `{letter: key of a target}` of the columns whose heading says what they are.

    `by_words`: the same, as far as the cells of a column tell it; used where the heading does not.
    Each target is guessed once: the surest heading has it.
    """
    found = dict[str, str]()
    ranked = sorted(
        (rank, place, heading.letter, key)
        for place, heading in enumerate(headings)
        for rank, key in ranks(heading.key)
    )
    for _rank, _place, letter, key in ranked:
        if letter not in found and key not in found.values():
            found[letter] = key
    for letter, key in by_words.items():
        if letter not in found and key not in found.values():
            found[letter] = key
    if {"first", "last"} <= set(found.values()):
        found = {letter: key for letter, key in found.items() if key != "name"}
    return found


def ranks(heading: str) -> Iterable[tuple[int, str]]:
    """How sure a heading is to be each target, the smaller the surer."""
    plain = Y_N.sub("", heading).strip()
    for target in TARGETS:
        if plain in target.headings:
            yield target.headings.index(plain), target.key
    for word, key in WITHIN.items():
        if f" {word} " in f" {plain} " and not ASIDE.search(plain):
            yield 100 + len(plain), key


def paper_of(heading: str) -> str:
    """Of which document, as `Document` has them, a heading says that it is in hand, or none."""
    plain = Y_N.sub("", folded(heading)).strip()
    return next((kind.value for kind, all_ in PAPER_HEADINGS.items() if plain in all_), "")


def is_heading(cell: str) -> bool:
    """Whether a cell is known as a heading, of whatever target."""
    return any(True for _found in ranks(folded(cell)))


def by_content(
    columns: Mapping[str, Sequence[str]], known: Mapping[str, set[str]]
) -> dict[str, str]:
    """Return `{letter: key}` where the cells of a column are what a target's choices are called.

    `columns`: `{letter: its cells}`; `known`: `{key of a target: words folded}`.
    """
    found = dict[str, str]()
    for letter, cells in columns.items():
        if not cells:
            continue
        commas = sum(1 for cell in cells if LAST_FIRST.fullmatch(cell))
        if len(cells) > 1 and commas >= 0.8 * len(cells):
            found[letter] = "name"
            continue
        for key, words in known.items():
            fit = sum(1 for cell in cells if folded(cell) in words)
            if fit >= 0.8 * len(cells):
                found[letter] = key
                break
    return found


LAST_FIRST = re.compile(r"[^\W\d_][\w'’ -]*, ?[^\W\d_][\w'’. -]*")
