"""Households in the order of a policy, each with why it stands where it stands."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from participants.models import Contact, Participant

from .criteria import CRITERIA, Standing, place_of
from .models import AssessmentScore, PrioritizationPolicy, Referral


@dataclass(frozen=True)
class Place:
    """A household's number in the order, and what put it there.

    `by`: the criterion that decided between it and the one before, in words; empty for the first.
    `is_drawn`: nothing told the two apart but the draw.
    """

    number: int
    standing: Standing
    said: tuple[str, ...]
    by: str = ""
    is_drawn: bool = False


def draw(seed: str, key: UUID) -> str:
    """A household's lot: the same for whoever draws again with the seed that is kept."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def ordered(policy: PrioritizationPolicy, standings: Iterable[Standing]) -> list[Place]:
    """The households in the policy's order, numbered from 1."""
    keys = [*policy.criteria, *policy.tie_breaks]
    rows = sorted(standings, key=lambda of: (place_of(of, keys), draw(policy.seed, of.key)))
    found: list[Place] = []
    for number, of in enumerate(rows, 1):
        by, is_drawn = decided_by(rows[number - 2], of, keys) if number > 1 else ("", False)
        said = tuple(CRITERIA[key].said(of) for key in policy.criteria if key in CRITERIA)
        found.append(Place(number, of, said, by, is_drawn))
    return found


def decided_by(former: Standing, of: Standing, keys: Sequence[str]) -> tuple[str, bool]:
    """Which criterion put a household after another; the draw, where all are equal."""
    for key in keys:
        if key in CRITERIA and place_of(former, [key]) != place_of(of, [key]):
            return CRITERIA[key].label, False
    return "", True


def moved(
    one: PrioritizationPolicy, other: PrioritizationPolicy, standings: Sequence[Standing]
) -> list[tuple[UUID, int, int]]:
    """`(household, number by one, by the other)` of those that two versions put otherwise."""
    before = {each.standing.key: each.number for each in ordered(one, standings)}
    after = {each.standing.key: each.number for each in ordered(other, standings)}
    found = [(key, before[key], after[key]) for key in before if before[key] != after[key]]
    return sorted(found, key=lambda row: (-abs(row[1] - row[2]), row[2]))


def standings_of(people: Iterable[Participant], on: date) -> list[Standing]:
    """What households are ordered by on a day; `people`: with `place`. In three queries."""
    people = list(people)
    keys = [each.pk for each in people]
    scores: dict[UUID, int] = {}
    for row in AssessmentScore.objects.filter(participant__in=keys, on__lte=on).order_by("on"):
        scores[row.participant_id] = int(row.score)
    assessed: dict[UUID, date] = {}
    contacts = Contact.objects.filter(
        participant__in=keys, kind=Contact.Kind.ASSESSED, on__lte=on
    ).order_by("-on")
    for pk, day in contacts.values_list("participant", "on"):
        assessed[pk] = day
    appeals = Referral.objects.filter(participant__in=keys, appeal=Referral.Appeal.WON)
    won = set(appeals.values_list("participant", flat=True))
    return [
        Standing(
            key=each.pk,
            days=each.place.days(on) if hasattr(each, "place") else None,
            is_chronic=each.is_chronic,
            is_unsheltered=each.is_unsheltered,
            score=scores.get(each.pk),
            assessed_on=assessed.get(each.pk),
            won_appeal=each.pk in won,
        )
        for each in people
    ]
