"""What is open for the household on the table: 60 openings, a continuum of 2,000 households."""

from functools import cache

from bench.table import limit, medians

HOUSEHOLDS, OPENINGS, MOST = 2_000, 60, 150
ROUNDS = 15


@cache
def world():
    """A continuum, its CE Specialist, and a household whose record they keep."""
    from bench.world import analyse, continuum_of
    from housing.tests.factories import make_opening, make_program
    from regions.models import County

    continuum, specialist, providers = continuum_of(HOUSEHOLDS, code="MN-912")
    agency = providers[0].places.get().agency
    counties = list(County.objects.filter(region__continuum=continuum))
    rules = [
        ("type", "required", ["one_adult", "family"]),
        ("county", "required", [str(each.pk) for each in counties]),
        ("income", "required", [2_000] * 8),
        ("days", "preferred", {"least": 90, "most": None}),
        ("background", "required", ["registry", "owed"]),
        ("veteran", "preferred", True),
    ]
    for number in range(OPENINGS):
        program = make_program(agency, name=f"Program {number}", counties=counties, rules=rules)
        make_opening(program, providers[0], bedrooms=number % 4)
    analyse()
    return continuum, specialist


def rows():
    from django.utils import timezone

    from housing.pages import household_openings
    from participants.models import Participant
    from participants.naming import label_for

    continuum, specialist = world()
    people = Participant.objects.filter(continuum=continuum)
    person = people.select_related("place", "continuum").first()

    def ask(turn):
        now = timezone.now()
        found = household_openings(person, specialist, label_for(person, specialist, now), now=now)
        assert sum(len(found[name]) for name in ("fits", "unknown", "does_not")) == OPENINGS

    taken = medians({"ask": ask}, rounds=ROUNDS)
    yield limit(
        f"openings of one household, {OPENINGS} of {HOUSEHOLDS:,} households, in ms",
        round(taken["ask"] * 1000),
        MOST,
    )
