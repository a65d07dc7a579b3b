"""Which columns of an exported list may be changed in the file, and what a changed cell means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from participants.listing import NEEDS
from participants.models import (
    MOST_BEDROOMS,
    MOST_PEOPLE,
    AssessmentLevel,
    Document,
    LivingSituation,
    Participant,
)
from participants.spreadsheets import values
from participants.spreadsheets.leaving_out import looks
from participants.spreadsheets.values import Doubt
from regions.models import County, Region

Texts = tuple[str, ...]
Values = dict[str, Any]  # of columns of a participant, or of a stay
COUNTED = "It is counted or kept elsewhere, and cannot be changed in a file."
# Of the needs those that are a mark of their own; the others follow from something else.
MARKS = {
    "youth": "is_youth",
    "veteran": "is_veteran",
    "shelter": "needs_shelter",
    "prioritized": "is_prioritized",
}
STAY = "stay"


@dataclass(frozen=True)
class Editable:
    """Columns that tell of one thing together, and how their texts are read.

    `read(texts, exported, person, on)` raises ValidationError in words.
    """

    key: str
    label: str
    headings: Texts
    read: Callable[[Texts, Texts, Participant, date], Values]


def read_name(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    if not texts[0]:
        raise ValidationError("A name cannot be taken away in a file. Edit the household.")
    if what := looks(texts[0]):
        raise ValidationError(f"The cell looks like {what}, which has no place in a name.")
    return {"name": texts[0][:300]}


def read_where(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    region_text, county_text = texts
    continuum = person.continuum_id
    counties = County.objects.filter(region__continuum=continuum).select_related("region")
    by_name = {each.name.casefold(): each for each in counties}
    county = by_name.get(county_text.casefold().removesuffix(" county")) if county_text else None
    if county_text and county is None:
        raise ValidationError("The county is none of the CoC’s.")
    regions = Region.objects.filter(continuum=continuum)
    region = next((e for e in regions if e.name.casefold() == region_text.casefold()), None)
    if region is None:
        raise ValidationError("The region is none of the CoC’s.")
    if county and county.region_id != region.pk:
        if region_text != exported[0]:
            raise ValidationError(f"{county.name} County is not in {region.name}.")
        region = county.region
    return {"region": region, "county": county}


def reads_number(name: str, most: int) -> Callable[[Texts, Texts, Participant, date], Values]:
    def read(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
        if name in ("adults", "children") and person.is_size_of_members:
            raise ValidationError("The size follows from the household members.")
        try:
            return {name: values.number(texts[0], most)}
        except Doubt as doubt:
            raise ValidationError(str(doubt)) from None

    return read


def read_needs(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    by_words = {words.casefold(): key for key, (words, _where) in NEEDS.items()}

    def keys_of(text: str) -> set[str]:
        named = [each.strip().casefold() for each in text.replace(";", ",").split(",")]
        unknown = [each for each in named if each and each not in by_words]
        if unknown:
            raise ValidationError("A need is none that the list knows.")
        return {by_words[each] for each in named if each}

    after, before = keys_of(texts[0]), keys_of(exported[0])
    followed = [NEEDS[key][0] for key in sorted(after ^ before) if key not in MARKS]
    if followed:
        raise ValidationError(
            f"“{followed[0]}” follows from something else of the household. Change that."
        )
    return {MARKS[key]: key in after for key in sorted(after ^ before)}


def read_stay(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    kinds = {str(each.label).casefold(): each for each in LivingSituation.Kind}
    kind = kinds.get(texts[0].casefold())
    if kind is None:
        raise ValidationError("Where they stay is none of the choices of the list.")
    if is_same(texts[1], exported[1]):
        raise ValidationError("Enter in “Recorded for” since when they stay there.")
    try:
        day = values.day(texts[1], on)
    except Doubt as doubt:
        raise ValidationError(str(doubt)) from None
    if day is None:
        raise ValidationError("Enter in “Recorded for” since when they stay there.")
    return {"kind": str(kind), "happened_on": day}


def read_documents(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    try:
        held = [values.yes_no(text) for text in texts]
    except Doubt as doubt:
        raise ValidationError(str(doubt)) from None
    return {"documents": [str(e) for e, has in zip(Document, held, strict=True) if has]}


def read_level(texts: Texts, exported: Texts, person: Participant, on: date) -> Values:
    levels = {str(each.label).casefold(): str(each) for each in AssessmentLevel}
    if texts[0] and texts[0].casefold() not in levels:
        raise ValidationError("The level is none of the choices of the list.")
    return {"assessment_level": levels.get(texts[0].casefold(), "")}


EDITABLE = (
    Editable("name", "Name", ("Household",), read_name),
    Editable("where", "Region and county", ("Region", "County"), read_where),
    Editable("adults", "Adults", ("Adults",), reads_number("adults", MOST_PEOPLE)),
    Editable("children", "Children", ("Children",), reads_number("children", MOST_PEOPLE)),
    Editable("needs", "Needs", ("Needs",), read_needs),
    Editable(STAY, "Where they stay", ("Location", "Recorded for"), read_stay),
    Editable(
        *("bedrooms", "Bedrooms needed", ("Bedrooms needed",)),
        reads_number("bedrooms", MOST_BEDROOMS),
    ),
    Editable(
        *("documents", "Documents in hand", tuple(str(each.label) for each in Document)),
        read_documents,
    ),
    Editable("assessment_level", "Level of the assessment", ("Assessment",), read_level),
)
BY_KEY: Mapping[str, Editable] = {each.key: each for each in EDITABLE}
EDITED = {heading for each in EDITABLE for heading in each.headings}


def texts_of(headings: Sequence[str], cells: Mapping[str, str]) -> Texts:
    return tuple(cells.get(heading, "") for heading in headings)


def is_same(returned: str, exported: str) -> bool:
    """Whether two cells say the same: a spreadsheet may write a day otherwise."""
    if returned == exported or not values.ISO.fullmatch(exported):
        return returned == exported
    try:
        day = date.fromisoformat(exported)
        return values.parsed(returned, day) == day
    except (ValueError, OverflowError):
        return False
