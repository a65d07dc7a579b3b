"""Whether an opening fits a household: yes, no because of what, or not known for want of what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from regions.models import Continuum, County
from regions.words import plural

from .facts import ANSWERS, FACTS, RECORD, Counties
from .household import Household
from .models import EligibilityRule, Opening
from .models.openings import WITHOUT_ROOMS

Access = Opening.Access
FITS, NOT_KNOWN, DOES_NOT = "fits", "not_known", "does_not"
STEP_FREE = {"step_free": {Access.STEP_FREE, Access.WHEELCHAIR}, "wheelchair": {Access.WHEELCHAIR}}


@dataclass(frozen=True)
class Point:
    """One thing that is asked, and whether the household is so; None: not known.

    `filled_in`: where what is missing is filled in; empty where the household cannot tell it.
    """

    is_so: bool | None
    asked: str
    said: str = ""
    missing: str = ""
    filled_in: str = ""
    is_required: bool = True
    is_of_unit: bool = False

    @property
    def because(self) -> str:
        """Why it does not fit, in words."""
        if self.is_of_unit:
            return f"It has {self.asked}. This household {self.said}."
        return f"Asked: {self.asked}. This household: {self.said}."


@dataclass(frozen=True)
class Match:
    """An opening and a household, point by point."""

    opening: Opening
    points: tuple[Point, ...]

    @property
    def failed(self) -> list[Point]:
        return [each for each in self.points if each.is_required and each.is_so is False]

    @property
    def unknown(self) -> list[Point]:
        return [each for each in self.points if each.is_required and each.is_so is None]

    @property
    def preferred(self) -> list[Point]:
        return [each for each in self.points if not each.is_required]

    @property
    def answer(self) -> str:
        if self.failed:
            return DOES_NOT
        return NOT_KNOWN if self.unknown else FITS

    @property
    def likes(self) -> int:
        """How many of the preferences are met."""
        return sum(each.is_so is True for each in self.preferred)


def counties_of(continuum: Continuum) -> Counties:
    """Names by key, of every county of a continuum."""
    found = County.objects.filter(region__continuum=continuum).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def match(
    opening: Opening, rules: Iterable[EligibilityRule], of: Household, counties: Counties
) -> Match:
    """Judge one opening by the rules of its program, its rooms and its access."""
    points = [point_of(rule, of, counties) for rule in rules if rule.fact in FACTS]
    points += filter(None, (rooms(opening, of), access(opening, of)))
    return Match(opening, tuple(points))


def point_of(rule: EligibilityRule, of: Household, counties: Counties) -> Point:
    fact = FACTS[rule.fact]
    is_so = fact.judge(rule.asks, of)
    return Point(
        is_so,
        fact.in_words(rule.asks, counties),
        said=fact.said(of, counties) if is_so is False else "",
        missing=fact.missing if is_so is None else "",
        filled_in=fact.filled_in if is_so is None else "",
        is_required=rule.weight == EligibilityRule.Weight.REQUIRED,
    )


def rooms(opening: Opening, of: Household) -> Point | None:
    """Enough bedrooms; whoever lives alone and needs nothing else has enough anywhere."""
    if opening.program.kind in WITHOUT_ROOMS:
        return None
    needed = of.bedrooms
    if needed is None and of.size == 1:
        needed = 0
    if needed == 0:
        return None
    asked = "enough bedrooms"
    if opening.bedrooms is None:
        return Point(None, asked, missing="how many bedrooms the opening has")
    has = plural(opening.bedrooms, "bedroom") if opening.bedrooms else "a studio"
    if needed is None:
        return Point(
            None, f"enough bedrooms ({has})", missing="how many bedrooms it needs", filled_in=RECORD
        )
    if opening.bedrooms >= needed:
        return Point(True, has)
    return Point(False, has, said=f"needs {plural(needed, 'bedroom')}", is_of_unit=True)


def access(opening: Opening, of: Household) -> Point | None:
    """Without steps, or built for a wheelchair, where the household needs it."""
    needed = of.given.get("access")
    has = "stairs" if opening.access == Access.NONE else "no steps"
    if needed == "none" or (needed is None and opening.access != Access.NONE):
        return None
    if needed is None:
        return Point(
            None, "stairs", missing="whether it needs a place without steps", filled_in=ANSWERS
        )
    words = "a place without steps" if needed == "step_free" else "a place built for a wheelchair"
    if not opening.access:
        return Point(None, words, missing="whether the opening has steps")
    if opening.access in STEP_FREE[needed]:
        return Point(True, words)
    return Point(False, has, said=f"needs {words}", is_of_unit=True)


def openings_for(
    of: Household, openings: Iterable[Opening], counties: Counties
) -> dict[str, list[Match]]:
    """`{answer: matches}` of a household, those that fit with the most preferences first.

    `openings`: with `program__rules` prefetched.
    """
    found: dict[str, list[Match]] = {FITS: [], NOT_KNOWN: [], DOES_NOT: []}
    for each in openings:
        judged = match(each, each.program.rules.all(), of, counties)
        found[judged.answer].append(judged)
    for matches in found.values():
        matches.sort(key=lambda each: (-each.likes, len(each.failed), len(each.unknown)))
    return found


def on_offer(continuum: Continuum, on: date) -> list[Opening]:
    """A continuum's openings of a day with programs, agencies and rules: in two queries."""
    rows = Opening.objects.on_offer(on).filter(program__continuum=continuum)
    return list(rows.select_related("program__agency", "county").prefetch_related("program__rules"))
