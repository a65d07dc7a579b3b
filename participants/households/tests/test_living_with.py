"""Households by chance that live with one another: who is gone is on file with none of them."""

import random
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.utils import timezone

from participants.hmis.undoing import undo_import
from participants.households.joining import join_households
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.merges.acts import undo_merge
from participants.models import (
    HouseholdAct,
    HouseholdMember,
    ListPlace,
    Merge,
    Participant,
)
from participants.services.retention import deidentify
from participants.tests.factories import make_merge, make_participant
from participants.tests.test_hmis import apply, by_hmis_id, export, ready
from participants.tests.test_hmis_households import couple, enrol
from participants.tests.test_retention import places_of
from regions.tests.factories import today_in

from .test_gone_to_a_provider import goes, known_to_hmis, told_of
from .test_households import NOBODY

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
WAYS = ("de-identified", "to a victim service provider")


@pytest.fixture
def gone(river, river_vsp_agency, river_provider):
    """Lets a household be gone, one way or the other; every other one is in use."""

    def be_gone(household, way):
        ListPlace.objects.exclude(pk=household.pk).update(status=ListPlace.Status.ACTIVE)
        ListPlace.objects.filter(pk=household.pk).update(status=ListPlace.Status.HOUSED)
        if way != WAYS[0]:
            return goes(household, river_vsp_agency, river_provider)
        later = today_in(river.zone) + relativedelta(years=7, days=5)
        deidentify(river, as_of=later, reason="Policy", actor=None, now=timezone.now())
        return Participant.objects.get(pk=household.pk)

    return be_gone


@pytest.fixture
def make_household(river_agency, region_2):
    """A household of a head and two others, known to HMIS as `<key>-0`, `<key>-1`, `<key>-2`."""

    def make(key):
        person = make_participant(river_agency, region_2, alias=f"Wren-{key}", hmis_id=f"{key}-0")
        since = today_in(person.continuum.zone) - timedelta(days=30)
        for number, relation in ((1, "3"), (2, "2")):
            HouseholdMember.objects.create(
                continuum=person.continuum,
                participant=person,
                hmis_id=f"{key}-{number}",
                relation=relation,
                age_band="25-61",
                since=since,
            )
        return person

    return make


def moves(household, into, actor):
    household, into = (Participant.objects.get(pk=each.pk) for each in (household, into))
    common = {
        "happened_on": today_in(household.continuum.zone),
        "actor": actor,
        "now": timezone.now(),
    }
    return join_households(household, into=into, relation="4", **common)


def leaves(household, hmis_ids, actor):
    """Those of them leave together; the first heads what they begin."""
    household = Participant.objects.get(pk=household.pk)
    rows = {each.hmis_id: each for each in household.members.filter(until__isnull=True)}
    members = [rows[each] for each in hmis_ids if each in rows]
    if not members:
        raise ValidationError("Nobody to leave.")
    act = split_household(
        household,
        members=members,
        member=members[0],
        head=NOBODY,
        happened_on=today_in(household.continuum.zone),
        changed_at=household.changed_at,
        actor=actor,
        now=timezone.now(),
    )
    return act.other


@pytest.mark.parametrize("way", WAYS)
def test_who_went_on_with_those_with_whom_they_lived_is_on_file_with_none(
    make_household, gone, river_provider, way
):
    a, b, c = (make_household(each) for each in ("AX", "BX", "CX"))
    moves(a, b, river_provider)
    moves(b, c, river_provider)
    assert {row.participant_id for row in rows_with({"AX-0"})} == {b.pk, c.pk}
    gone(a, way)
    assert places_of(["AX-0", "AX-1", "AX-2"]) == []
    # The others are who they were.
    assert Participant.objects.get(pk=b.pk).hmis_id == "BX-0"
    assert {each.hmis_id for each in b.members.of_hmis()} == {"BX-1", "BX-2"}
    assert {each.hmis_id for each in c.members.of_hmis()} >= {"BX-0", "BX-1", "CX-1"}


@pytest.mark.parametrize("way", WAYS)
def test_who_left_with_others_is_on_file_with_none_though_the_one_between_is_gone_before(
    make_household, gone, river_provider, way
):
    a, b = (make_household(each) for each in ("AX", "BX"))
    moves(a, b, river_provider)
    part = leaves(b, ["BX-1", "AX-1"], river_provider)
    assert part.members.get().hmis_id == "AX-1"
    gone(b, WAYS[0])
    assert part.members.get().hmis_id == "AX-1"
    gone(a, way)
    assert part.members.get().hmis_id is None
    assert Participant.objects.get(pk=part.pk).hmis_id == "BX-1"


@pytest.mark.parametrize("way", WAYS)
def test_what_an_import_noted_of_others_beside_them_is_given_back_without_them(
    ready, export, make_household, gone, river_specialist, river_provider, way
):
    a, household = make_household("AX"), household_of_hmis(ready, export, river_specialist)
    moves(a, household, river_provider)
    data = told_of(couple())
    enrol(data, "E23", "N", "H20", rel="2", born="2021-01-01")
    done = apply(ready, export(data, "third"), river_specialist, as_of=date(2026, 6, 8))
    assert "participants.HmisLine.former" in places_of(["AX-1"])
    gone(a, way)
    assert places_of(["AX-0", "AX-1", "AX-2"]) == []
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert places_of(["AX-0", "AX-1", "AX-2"]) == []
    # Whoever came with them is there still, and only those of whom HMIS told came and went.
    assert household.members.filter(hmis_id__isnull=True).count() == 3
    assert {each.hmis_id for each in household.members.of_hmis()} == {"D", "J", "M"}


def household_of_hmis(ready, export, actor):
    known_to_hmis(ready, export, actor)
    return by_hmis_id("HMIS-77")


def rows_with(hmis_ids):
    return [each for each in HouseholdMember.objects.of_hmis() if each.hmis_id in hmis_ids]


def journals_with(hmis_ids):
    """Acts of whose members one is told by such an HMIS ID."""
    found = []
    for act in HouseholdAct.objects.all():
        for entry in act.journal:
            values = [entry.get("before"), entry.get("after")]
            said = {each.get("hmis_id") for each in values if isinstance(each, dict)}
            if entry["model"] == "participants.HouseholdMember" and said & hmis_ids:
                found.append(act)
    return found


class Story:
    """What befalls three households by chance, and whose people are whose after it."""

    def __init__(self, rng, households, actor, specialist):
        self.rng, self.actor, self.specialist = rng, actor, specialist
        self.of = {
            each.pk: {f"{each.hmis_id[:2]}-{number}" for number in range(3)} for each in households
        }
        self.taken, self.log = {}, []

    def person(self):
        keys = [key for key in self.of if not Participant.every.get(pk=key).merged_into_id]
        return Participant.objects.get(pk=self.rng.choice(keys))

    def goes_on(self):
        kind = self.rng.choice(["moves", "moves", "leaves", "leaves", "merges", "undoes"])
        getattr(self, kind)()
        self.log.append(kind)

    def moves(self):
        moves(self.person(), self.person(), self.actor)

    def leaves(self):
        person = self.person()
        there = sorted(each.hmis_id for each in person.members.of_hmis().filter(until__isnull=True))
        if not there:
            raise ValidationError("Nobody to leave.")
        chosen = self.rng.sample(there, self.rng.randint(1, len(there)))
        part = leaves(person, chosen, self.actor)
        self.of[part.pk] = set(chosen)
        # The others were guests, who are of their own household's people still.
        self.taken[part.pk] = self.of[person.pk] & self.of[part.pk]
        self.of[person.pk] -= self.of[part.pk]

    def merges(self):
        keeper, former = self.person(), self.person()
        make_merge(keeper, former, by=self.specialist)

    def undoes(self):
        merge = Merge.objects.standing().order_by("-at").first()
        act = HouseholdAct.objects.filter(undone_at__isnull=True).order_by("-at").first()
        if merge and (act is None or merge.at > act.at):
            undo_merge(merge, why="Two", actor=self.specialist, now=timezone.now())
        elif act:
            part = {each["pk"] for each in act.journal if each["op"] == "create"}
            undo_act(act, actor=self.actor, now=timezone.now())
            for key in [each for each in self.of if str(each) in part]:
                del self.of[key]
                self.of[act.participant_id] |= self.taken[key]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(20))
def test_who_is_gone_is_on_file_with_nobody_whatever_befell_them(
    make_household, gone, river_provider, river_specialist, way, seed
):
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    households = [make_household(each) for each in ("AX", "BX", "CX")]
    story = Story(rng, households, river_provider, river_specialist)
    for _number in range(8):
        try:
            story.goes_on()
        except ValidationError:
            continue
    household = story.person()
    if Participant.every.filter(merged_into=household).exists():
        way = WAYS[0]
    family = Participant.every.filter(pk=household.pk) | Participant.every.filter(
        merged_into=household.pk
    )
    people = set().union(*(story.of[each.pk] for each in family))
    others = {each.pk: each.hmis_id for each in Participant.objects.exclude(pk=household.pk)}
    assert gone(household, way).hmis_id is None
    assert (rows_with(people), journals_with(people)) == ([], []), story.log
    # Whoever has a record of their own is who they were.
    assert {
        each.pk: each.hmis_id for each in Participant.objects.exclude(pk=household.pk)
    } == others
    # And nobody else lost their HMIS ID in their own household's record.
    for key, own in story.of.items():
        if key in {each.pk for each in family}:
            continue
        heads = Participant.every.get(pk=key).hmis_id
        there = {each.hmis_id for each in HouseholdMember.objects.filter(participant=key)}
        assert own - people - {heads} <= there, story.log
