"""What is known of a household on a day, as far as one reader may know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from housing.models import HousingAnswers
from participants.models import Document, Participant
from participants.models.people import household_words
from participants.naming import Label
from participants.youth import age_on

UNDER_18, TO_24, TO_61, FROM_62 = "under_18", "18_24", "25_61", "62"
AGES = {
    UNDER_18: "under 18",
    TO_24: "18 to 24",
    TO_61: "25 to 61",
    FROM_62: "62 or older",
}
KEEPS = "participants.change_participant"
YOUNG = frozenset({UNDER_18, TO_24})
Given = Mapping[str, Any]  # Any: of each question its own answer


@dataclass(frozen=True)
class Household:
    """None, or several ages: not known. `is_told`: whether this reader may know what is sealed."""

    adults: int | None = None
    children: int | None = None
    ages: frozenset[str] = frozenset(AGES)
    is_veteran: bool | None = None
    is_chronic: bool | None = None
    days: int | None = None
    county: UUID | None = None
    bedrooms: int | None = None
    has_disability_paper: bool | None = None
    given: Given = field(default_factory=dict)
    is_told: bool = True

    @property
    def size(self) -> int | None:
        if self.adults is None or self.children is None:
            return None
        return self.adults + self.children

    @property
    def size_words(self) -> str:
        return household_words(self.adults, self.children)


def band_of(age: int | None) -> str | None:
    if age is None:
        return None
    return next(
        (band for most, band in ((17, UNDER_18), (24, TO_24), (61, TO_61)) if age <= most), FROM_62
    )


def ages_of(participant: Participant, on: date, *, is_told: bool) -> frozenset[str]:
    """The ages that the head of a household may have, by all that the reader may know."""
    band = band_of(age_on(participant.birth_date, on)) if is_told else None
    if band:
        return frozenset({band})
    if participant.is_youth is None:
        return frozenset(AGES)
    return YOUNG if participant.is_youth else frozenset(AGES) - YOUNG


def known_of(
    participant: Participant, on: date, *, is_told: bool, given: Given | None = None
) -> Household:
    """What a program's rules are judged by. `is_told`: the reader reads this household's record.

    Birth date and answers are sealed: whoever sees the household by alias alone is told neither,
    nor what follows from them.
    """
    place = getattr(participant, "place", None)
    has_paper = Document.DISABILITY in participant.documents
    return Household(
        adults=participant.adults,
        children=participant.children,
        ages=ages_of(participant, on, is_told=is_told),
        is_veteran=participant.is_veteran,
        is_chronic=participant.is_chronic,
        days=place.days(on) if place else None,
        county=participant.county_id,
        bedrooms=participant.bedrooms,
        has_disability_paper=True if has_paper else None,
        given=(given or {}) if is_told else {},
        is_told=is_told,
    )


def household_of(participant: Participant, label: Label, on: date, *, is_keeper: bool) -> Household:
    """One household as a viewer may know it: whom a release tells all of it, and who keeps it."""
    is_told = label.tells_all or is_keeper
    answers = HousingAnswers.objects.filter(participant=participant).first() if is_told else None
    return known_of(participant, on, is_told=is_told, given=answers.given if answers else None)
