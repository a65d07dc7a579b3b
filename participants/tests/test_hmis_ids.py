"""HMIS IDs in two spellings are one, wherever two are compared."""

import ast
from datetime import date

import pytest
from django.conf import settings
from django.utils import timezone

from conferencing.to_hmis.facts import Fact
from participants.former_heads import Headed
from participants.hmis_ids import is_among, same_hmis_id
from participants.households.acts import change_head
from participants.households.joining import join_households
from participants.households.tests.test_households import NOBODY
from participants.models import HmisRecord, HouseholdMember, Participant
from participants.spreadsheets.matching import OnFile, fits
from participants.spreadsheets.rows import Found
from participants.tests.factories import make_participant
from participants.tests.test_hmis import apply, by_hmis_id, export, ready
from participants.tests.test_hmis_households import couple, leave
from regions.tests.factories import today_in
from vault.blind import candidates

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
# Compared as they stand: keys of what was looked up by these very texts, and texts in one spelling.
AS_THEY_STAND = {
    ("participants/hmis/applying.py", "each.said['hmis_id'] not in known"),
    ("participants/hmis/applying.py", "line.said['hmis_id'] not in joined"),
    ("participants/hmis/applying.py", "line.said['hmis_id'] in joined"),
    # Within a file that goes out an id is the same to the letter.
    (
        "conferencing/to_hmis/checking.py",
        "enrolled.get(row.get('EnrollmentID', '')) != row.get('PersonalID')",
    ),
}
SPELLINGS = ["H-1", "h_1", " H 1", "Ｈ－1", "h.1"]


@pytest.mark.parametrize("one", SPELLINGS)
@pytest.mark.parametrize("other", [*SPELLINGS, "H-2", "", None])
def test_two_are_one_where_the_index_finds_one_by_the_other(river, one, other):
    found = {*candidates("hmis id", river.pk, one)} & {*candidates("hmis id", river.pk, other)}
    assert same_hmis_id(one, other) == same_hmis_id(other, one) == bool(found)
    assert is_among(one, [None, "", other]) == bool(found)
    assert not is_among(other, [])


def is_hmis_id(node):
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in ("hmis_id", "PersonalID")
        case ast.Subscript(slice=ast.Constant(value=name)):
            return name in ("hmis_id", "person", "PersonalID")
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=name), *_]):
            return name in ("hmis_id", "person", "PersonalID")
        case ast.BoolOp(values=values):
            return any(is_hmis_id(each) for each in values)
        case ast.Set(elts=elements) | ast.List(elts=elements) | ast.Tuple(elts=elements):
            return any(is_hmis_id(each) for each in elements)
        case ast.SetComp(elt=element) | ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return is_hmis_id(element)
        case ast.Starred(value=value) | ast.BinOp(left=value):
            return is_hmis_id(value)
    return False


def comparisons():
    """`(path, words)` of every comparison of an HMIS ID as it stands, of our own code."""
    for room in ("participants", "conferencing", "agreements"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if {"tests", "migrations", "example"} & set(path.parts):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Compare):
                    continue
                sides = [node.left, *node.comparators]
                asks = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
                is_none = any(isinstance(each, ast.Constant) for each in sides)
                if not is_none and isinstance(node.ops[0], asks) and any(map(is_hmis_id, sides)):
                    yield str(path.relative_to(settings.BASE_DIR)), ast.unparse(node)


def test_no_hmis_id_is_compared_as_it_stands():
    assert set(comparisons()) == AS_THEY_STAND


def test_the_walk_knows_a_comparison_when_it_sees_one():
    for words in (
        "person.hmis_id == other.hmis_id",
        "hmis_id in {each.hmis_id for each in others}",
        "each['hmis_id'] not in told",
        "enrollment['person'] == head",
        "one in {staying.hmis_id, *(each.hmis_id for each in listed)}",
        "person.hmis_id == line.said.get('hmis_id')",
    ):
        node = ast.parse(words, mode="eval").body
        assert any(map(is_hmis_id, [node.left, *node.comparators])), words


# What was compared as it stood


@pytest.fixture
def household(river_agency, region_2):
    return make_participant(river_agency, region_2, alias="Wren-1", hmis_id="H-1")


def test_an_enrollment_in_another_spelling_is_the_heads(household):
    headed = (Headed(date(2026, 6, 3), household.pk, "F-9"),)
    fact = Fact(
        kind="situation", source="stay", source_id=household.pk, person=household,
        on=date(2026, 6, 8), recorded_at=timezone.now(), recorded_by=None, headed=headed,
    )  # fmt: skip
    assert fact.is_of_head({"person": "h_1"})
    assert not fact.is_of_head({"person": "F-9"})
    fact.on = date(2026, 6, 1)
    assert fact.is_of_head({"person": "f_9"})


def test_a_row_in_another_spelling_fits():
    row = Found(line=2, key="h_1", said={"hmis_id": "h_1", "name": None, "birth_date": None})
    assert fits(OnFile(None, "ana", None, "H-1"), row)
    assert not fits(OnFile(None, "ana", None, "H-2"), row)


def test_nobody_is_twice_of_the_household_with_which_they_live(
    household, river_agency, region_2, river_provider
):
    other = make_participant(river_agency, region_2, alias="Wren-2", hmis_id="B-1")
    on = today_in(household.continuum.zone)
    common = {"continuum": household.continuum, "relation": "2", "age_band": "0-4", "since": on}
    HouseholdMember.objects.create(participant=other, hmis_id="h_1", **common)
    HouseholdMember.objects.create(participant=other, hmis_id="c_1", **common)
    HouseholdMember.objects.create(participant=household, hmis_id="C-1", **common)
    join_households(
        household,
        into=other,
        relation="4",
        happened_on=on,
        actor=river_provider,
        now=timezone.now(),
    )
    assert sorted(each.hmis_id for each in other.members.all()) == ["c_1", "h_1"]


@pytest.mark.parametrize("spelled", ["C", "c", "c."])
def test_whom_a_person_named_stays_the_head_in_any_spelling(
    ready, export, river_specialist, river_provider, spelled
):
    """Also HMIS tells of the household under its former head, as it did before."""
    apply(ready, export(couple(), "first"), river_specialist)
    household = by_hmis_id("C")
    change_head(
        household, head=NOBODY | {"name": "Zoe Novak", "hmis_id": "Z-1"}, member=None, stays_as="",
        happened_on=date(2026, 6, 3), reason="", changed_at=household.changed_at,
        actor=river_provider, now=timezone.now(),
    )  # fmt: skip
    record = HmisRecord.objects.get(participant=household)
    record.said["head"]["value"] = spelled
    record.save()
    data = couple()
    data["CurrentLivingSituation"].append(["C9", "E20", "C", "2026-06-04", "116", "", ""])
    apply(ready, export(data, "second"), river_specialist, as_of=date(2026, 6, 8))
    household = Participant.objects.get(pk=household.pk)
    assert (household.name, household.hmis_id) == ("Zoe Novak", "Z-1")
    assert Participant.objects.filter(hmis_id__isnull=False).count() == 3


def test_members_follow_in_any_spelling(ready, export, river_specialist):
    apply(ready, export(couple(), "first"), river_specialist)
    household = by_hmis_id("C")
    for row in household.members.of_hmis():
        row.hmis_id = row.hmis_id.lower()
        row.save()
    data = couple()
    leave(data, "E22", "J", "2026-06-04", "116")
    apply(ready, export(data, "second"), river_specialist, as_of=date(2026, 6, 8))
    members = {each.hmis_id: each.until for each in household.members.all()}
    assert members == {"d": None, "j": date(2026, 6, 4)}


def test_who_has_an_hmis_id_is_asked_in_one_place():
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for room in ("participants", "conferencing", "agreements")
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "tests" not in path.parts and 'candidates("hmis id"' in path.read_text(encoding="utf-8")
    }
    assert found == {"participants/by_hmis_id.py"}
