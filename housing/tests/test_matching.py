"""Which openings fit a household: by each thing that a program may ask, and never by a guess."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing.facts import FACTS, SCREENS, SEXES, TYPES
from housing.household import AGES, Household
from housing.matching import DOES_NOT, FITS, NOT_KNOWN, access, match, rooms
from housing.models import EligibilityRule, Opening, Program

RICE, STEELE = UUID(int=1), UUID(int=2)
COUNTIES = {str(RICE): "Rice", str(STEELE): "Steele"}
NOBODY = Household()
FAMILY = Household(adults=1, children=2)


def rule(fact, asks=True, weight="required"):
    return EligibilityRule(fact=fact, asks=asks, weight=weight)


def opening(kind="psh", **values):
    return Opening(program=Program(kind=kind), **values)


# What is asked, of a household that is so, and of one that is not.
CASES = {
    "type": (["family"], FAMILY, Household(adults=1, children=0)),
    "size": ({"least": 2, "most": 3}, FAMILY, Household(adults=4, children=0)),
    "age": (["18_24"], Household(ages=frozenset({"18_24"})), Household(ages=frozenset({"62"}))),
    "youth": (True, Household(ages=frozenset({"under_18"})), Household(ages=frozenset({"25_61"}))),
    "veteran": (True, Household(is_veteran=True), Household(is_veteran=False)),
    "chronic": (True, Household(is_chronic=True), Household(is_chronic=False)),
    "days": ({"least": 30, "most": None}, Household(days=30), Household(days=29)),
    "county": ([str(RICE)], Household(county=RICE), Household(county=STEELE)),
    "income": (
        [None, 2000, None, None, None, None, None, None],
        Household(adults=2, children=0, given={"income": 2000}),
        Household(adults=2, children=0, given={"income": 2001}),
    ),
    "disability": (True, Household(has_disability_paper=True), None),
    "sex": (
        ["female"],
        Household(given={"sex": "female"}),
        Household(given={"sex": "male"}),
    ),
    "pets": (True, Household(given={"pets": "assistance"}), Household(given={"pets": "pets"})),
    "background": (
        ["registry", "owed"],
        Household(given={"registry": False, "owed": False}),
        Household(given={"registry": False, "owed": True}),
    ),
}


def test_every_fact_has_a_case():
    assert set(CASES) == set(FACTS)


@pytest.mark.parametrize("fact", list(CASES))
def test_a_fact_is_so_or_not_and_of_nobody_known_it_is_not_known(fact):
    asks, so, not_so = CASES[fact]
    judge = FACTS[fact].judge
    assert judge(asks, so) is True
    assert judge(asks, NOBODY) is None
    if not_so:
        assert judge(asks, not_so) is False
        assert FACTS[fact].said(not_so, COUNTIES)
    assert FACTS[fact].in_words(asks, COUNTIES)


households = st.builds(
    Household,
    adults=st.none() | st.integers(0, 4),
    children=st.none() | st.integers(0, 6),
    ages=st.sets(st.sampled_from(sorted(AGES)), min_size=1).map(frozenset),
    is_veteran=st.none() | st.booleans(),
    is_chronic=st.none() | st.booleans(),
    days=st.none() | st.integers(0, 900),
    county=st.none() | st.sampled_from([RICE, STEELE]),
    bedrooms=st.none() | st.integers(0, 5),
    given=st.fixed_dictionaries(
        {},
        optional={
            "income": st.integers(0, 5000),
            "access": st.sampled_from(["none", "step_free", "wheelchair"]),
            "pets": st.sampled_from(["none", "pets", "assistance"]),
            "sex": st.sampled_from(sorted(SEXES)),
            **dict.fromkeys(SCREENS, st.booleans()),
        },
    ),
)
FORGOTTEN = {
    "adults": None,
    "children": None,
    "ages": frozenset(AGES),
    "is_veteran": None,
    "is_chronic": None,
    "days": None,
    "county": None,
    "bedrooms": None,
    "has_disability_paper": None,
    "given": {},
}
asked = st.fixed_dictionaries(
    {},
    optional={
        "type": st.lists(st.sampled_from(sorted(TYPES)), min_size=1, unique=True),
        "age": st.lists(st.sampled_from(sorted(AGES)), min_size=1, unique=True),
        "size": st.integers(1, 5).map(lambda most: {"least": 1, "most": most}),
        "county": st.just([str(RICE)]),
        "income": st.lists(st.none() | st.integers(0, 5000), min_size=8, max_size=8),
        "background": st.lists(st.sampled_from(sorted(SCREENS)), min_size=1, unique=True),
        **dict.fromkeys(("youth", "veteran", "chronic", "pets", "disability"), st.just(True)),
    },
)
offered = st.builds(
    opening,
    kind=st.sampled_from(Program.Kind.values),
    bedrooms=st.none() | st.integers(0, 5),
    access=st.sampled_from(Opening.Access.values),
)


@given(households, asked, offered, st.sampled_from(sorted(FORGOTTEN)))
def test_whatever_is_forgotten_never_turns_into_a_no_or_the_other_way(of, asks, one, forgotten):
    """Who knows less may know less of the answer; they are never told the contrary."""
    rules = [rule(fact, each) for fact, each in asks.items()]
    knowing = match(one, rules, of, COUNTIES)
    less = match(one, rules, replace(of, **{forgotten: FORGOTTEN[forgotten]}), COUNTIES)
    if knowing.answer == FITS:
        assert less.answer in (FITS, NOT_KNOWN)
    if less.answer == DOES_NOT:
        assert knowing.answer == DOES_NOT


@given(households, asked, offered)
def test_each_answer_says_why(of, asks, one):
    rules = [rule(fact, each) for fact, each in asks.items()]
    found = match(one, rules, of, COUNTIES)
    assert all(each.asked for each in found.points)
    assert all(each.missing for each in found.unknown)
    assert all(each.said for each in found.failed)
    assert (found.answer == FITS) == (not found.failed and not found.unknown)


@given(households, asked, offered)
def test_a_preference_shuts_nobody_out(of, asks, one):
    preferred = [rule(fact, each, "preferred") for fact, each in asks.items()]
    assert match(one, preferred, of, COUNTIES).answer == match(one, [], of, COUNTIES).answer


@pytest.mark.parametrize(
    ("needs", "has", "so"),
    [
        (2, 2, True),
        (2, 3, True),
        (2, 1, False),
        (1, 0, False),
        (None, 1, None),
        (2, None, None),
    ],
)
def test_bedrooms(needs, has, so):
    found = rooms(opening(bedrooms=has), Household(adults=1, children=1, bedrooms=needs))
    assert found.is_so is so


def test_whoever_lives_alone_has_room_anywhere_and_a_bed_or_voucher_has_no_rooms():
    assert rooms(opening(bedrooms=0), Household(adults=1, children=0)) is None
    for kind in ("shelter", "voucher"):
        assert rooms(opening(kind, bedrooms=0), Household(bedrooms=3)) is None


def test_access_is_asked_about_only_where_it_could_matter():
    found = {
        (needs, has): getattr(access(opening(access=has), Household(given=given)), "is_so", "-")
        for needs, given in (
            ("?", {}),
            ("none", {"access": "none"}),
            ("step_free", {"access": "step_free"}),
            ("wheelchair", {"access": "wheelchair"}),
        )
        for has in ("", "none", "step_free", "wheelchair")
    }
    assert found == {
        ("?", ""): "-",
        ("?", "none"): None,
        ("?", "step_free"): "-",
        ("?", "wheelchair"): "-",
        **{("none", has): "-" for has in ("", "none", "step_free", "wheelchair")},
        ("step_free", ""): None,
        ("step_free", "none"): False,
        ("step_free", "step_free"): True,
        ("step_free", "wheelchair"): True,
        ("wheelchair", ""): None,
        ("wheelchair", "none"): False,
        ("wheelchair", "step_free"): False,
        ("wheelchair", "wheelchair"): True,
    }


def test_no_fact_is_about_a_protected_class():
    """24 CFR 5.105, 100.50: nothing here asks of race, origin, religion, or kinds of disability."""
    words = " ".join(f"{each.key} {each.label} {each.missing}" for each in FACTS.values()).lower()
    for never in ("race", "ethnic", "religio", "national", "color", "orientation", "diagnos"):
        assert never not in words
