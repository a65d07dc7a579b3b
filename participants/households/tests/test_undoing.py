"""Acts on households undone in any order, late, and after others worked with what they made."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.households.acts import change_head
from participants.households.joining import join_households
from participants.households.members import add_member, change_member, keep_size, size_of
from participants.households.splitting import split_household
from participants.households.undoing import hindrances, undo_act
from participants.merges.acts import undo_merge
from participants.models import FormerHead, HouseholdAct, Participant, Release
from participants.naming import label_for
from participants.services.places import change_place
from participants.tests.factories import (
    make_case,
    make_contact,
    make_merge,
    make_move,
    make_participant,
    make_release,
    make_request,
    make_situation,
    record_paper,
)
from regions.clock import local_day
from vault.tests.conftest import key

from .test_households import NOBODY, family, joined, new_head, now, on_file, other, split, third

__all__ = ["family", "now", "other", "third"]

pytestmark = pytest.mark.django_db


def everybody():
    """Who is on file, whole."""
    return {each.pk: on_file(each) for each in Participant.every.all()}


def some_act(rng, actor, now):
    """One act on a household, with people and a day by chance; ValidationError where it is none."""
    # Not by their keys, which are others each time.
    people = sorted(
        Participant.objects.all(), key=lambda each: (each.created_at, each.hmis_id or each.alias)
    )
    person = rng.choice(people)
    on = local_day(now, person.continuum.zone) - timedelta(days=rng.randint(0, 45))
    members = sorted(
        person.members.all(), key=lambda each: (each.since, each.hmis_id or "", each.age_band)
    )
    common = {"happened_on": on, "actor": actor, "now": now}
    kind = rng.choice(["head", "split", "join"])
    if kind == "head":
        return change_head(
            person,
            head={**NOBODY, "name": rng.choice(["Bo Kuhl", "Zoe Novak", None])},
            member=rng.choice([*members, None]),
            stays_as=rng.choice(["", "3"]),
            reason="",
            changed_at=person.changed_at,
            **common,
        )
    if kind == "join":
        into = rng.choice(people)
        return join_households(person, into=into, relation="4", **common)
    leaving = rng.sample(members, rng.randint(1, len(members))) if members else []
    if not leaving:
        raise ValidationError("Nobody to leave.")
    return split_household(
        person,
        members=leaving,
        member=leaving[0],
        head=NOBODY,
        changed_at=person.changed_at,
        is_different_person=True,
        **common,
    )


def nobody_is_lost():
    """Each household is on the list, or lives with one that is; its size is that of its people."""
    joins = dict(
        HouseholdAct.objects.filter(kind="join", undone_at__isnull=True).values_list(
            "participant", "other"
        )
    )
    for each in Participant.objects.select_related("place"):
        assert each.place.is_active != (each.pk in joins)
        if each.pk in joins:
            with_whom, steps = joins[each.pk], 0
            while with_whom in joins:
                with_whom, steps = joins[with_whom], steps + 1
                assert steps < len(joins)
        elif each.is_size_of_members:
            size = size_of(each, local_day(timezone.now(), each.continuum.zone))
            assert (each.adults, each.children) == (size or (None, None))


@pytest.mark.parametrize("seed", range(25))
def test_what_is_done_by_chance_is_undone_to_the_last(
    family, other, third, river_provider, now, seed
):
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    make_release(family)
    before, done = everybody(), []
    for number in range(8):
        moment = now + timedelta(seconds=number + 1)
        try:
            done.append(some_act(rng, river_provider, moment))
        except ValidationError:
            continue
        nobody_is_lost()
    assert done
    for act in list(dict.fromkeys(done))[::-1]:
        undo_act(act, actor=river_provider, now=timezone.now() + timedelta(minutes=1))
        nobody_is_lost()
    assert everybody() == before


@pytest.mark.parametrize("seed", range(25))
def test_acts_undone_in_any_order_are_undone_or_refused_in_words(
    family, other, third, river_provider, now, seed
):
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    done = []
    for number in range(10):
        moment = now + timedelta(seconds=number + 1)
        try:
            if done and rng.random() < 0.4:
                undo_act(rng.choice(done), actor=river_provider, now=moment)
            else:
                done.append(some_act(rng, river_provider, moment))
        except ValidationError:
            continue
        nobody_is_lost()


WORK = {
    "a contact": lambda each, by, agency: make_contact(each),
    "a stay": lambda each, by, agency: make_situation(each),
    "a release": lambda each, by, agency: make_release(each),
    "a request": lambda each, by, agency: make_request(each, by=by),
    "a last attempt": lambda each, by, agency: make_case(each, agency, by=by),
    "a move": lambda each, by, agency: make_move(each, "housed", on=each.place.status_on),
    "a member": lambda each, by, agency: add_member(
        each, relation="4", age_band="62+", since=each.place.status_on, actor=by, now=timezone.now()
    ),
    "another head": lambda each, by, agency: new_head(each, by, timezone.now(), name="Zoe Novak"),
}


@pytest.mark.parametrize("work", WORK)
def test_a_household_that_somebody_worked_with_is_not_taken_back(
    family, river_provider, river_agency, now, work
):
    leaving = [family.members.get(relation="3")]
    act = split(family, river_provider, now, leaving, leaving[0], name="Bo Kuhl")
    WORK[work](act.other, river_provider, river_agency)
    before = everybody()
    with pytest.raises(ValidationError, match="worked with since"):
        undo_act(act, actor=river_provider, now=timezone.now())
    assert everybody() == before


def test_a_household_with_which_another_lives_is_not_taken_back(family, other, river_provider, now):
    leaving = [family.members.get(relation="3")]
    act = split(family, river_provider, now, leaving, leaving[0], name="Bo Kuhl")
    later = joined(other, act.other, river_provider, now)
    with pytest.raises(ValidationError, match="worked with since"):
        undo_act(act, actor=river_provider, now=timezone.now())
    undo_act(later, actor=river_provider, now=timezone.now())
    assert Participant.objects.get(pk=other.pk).place.is_active


@pytest.mark.parametrize("kind", ["head", "split", "join"])
def test_an_act_is_undone_under_new_keys_as_under_the_old(
    settings, family, other, river_provider, now, kind
):
    """An index changes with the keys, and nobody changed anything."""
    partner = family.members.get(relation="3")
    partner.hmis_id = "P2"
    partner.save()
    before = everybody()
    match kind:
        case "head":
            act = new_head(family, river_provider, now, member=partner, name="Bea Example")
        case "split":
            birth = now.date() - timedelta(days=9000)
            act = split(
                family, river_provider, now, [partner], partner, name="Bo Kuhl", birth_date=birth
            )
        case _:
            act = joined(other, family, river_provider, now)
    settings.FIELD_KEYS = f"{key(77)},{settings.FIELD_KEYS}"
    undo_act(act, actor=river_provider, now=timezone.now())
    after = everybody()
    for each in (*before.values(), *after.values()):
        del each["row"]["hmis_id_index"], each["row"]["identity_index"]
    assert after == before


@pytest.mark.parametrize("what", ["hmis_id", "alias"])
def test_what_another_record_has_by_now_is_not_given_back(
    family, river_agency, region_2, river_provider, now, what
):
    act = new_head(family, river_provider, now, name="Heron Kuhl", hmis_id="P2")
    assert Participant.objects.get(pk=family.pk).alias != "Heron-1"
    taken = {"hmis_id": "P1"} if what == "hmis_id" else {"alias": "Heron-1"}
    make_participant(river_agency, region_2, name="Zoe Novak", **taken)
    with pytest.raises(ValidationError, match="by now"):
        undo_act(act, actor=river_provider, now=timezone.now())
    assert Participant.objects.get(pk=family.pk).name == "Heron Kuhl"


def test_households_do_not_live_with_each_other_in_a_circle_or_a_row(
    family, other, third, river_provider, now
):
    joined(other, family, river_provider, now)
    for leaving, staying in ((family, other), (third, other)):
        with pytest.raises(ValidationError, match="lives with another household itself"):
            joined(leaving, staying, river_provider, now)
    assert Participant.objects.get(pk=family.pk).place.is_active


def moves_out(household, actor, now):
    moved_on = local_day(now, household.continuum.zone)
    values = {
        "flow": "identified",
        "happened_on": moved_on,
        "reason": "",
        "actor": actor,
        "now": now,
    }
    assert change_place(household, **values)


def test_who_is_back_on_the_list_lives_with_nobody_and_may_move_in_again(
    family, other, third, river_provider, now
):
    """It cannot be undone any more, for it was so: nothing is stuck by it."""
    first = joined(other, family, river_provider, now)
    moves_out(other, river_provider, now)
    with pytest.raises(ValidationError, match="moved on or off the list since"):
        undo_act(first, actor=river_provider, now=timezone.now())
    joined(third, other, river_provider, now + timedelta(seconds=1))
    moves_out(third, river_provider, now)
    again = joined(other, family, river_provider, now + timedelta(seconds=2))
    assert again.pk != first.pk
    assert not Participant.objects.get(pk=other.pk).place.is_active
    assert joined(other, family, river_provider, now + timedelta(seconds=3)) == again
    undo_act(again, actor=river_provider, now=timezone.now() + timedelta(seconds=4))
    assert Participant.objects.get(pk=other.pk).place.is_active


def test_who_moves_out_again_is_by_hand_as_before_they_moved_in(family, other, river_provider, now):
    """Once it was so there is no undo: each step of the way out can be taken on a page."""
    since = local_day(now, other.continuum.zone) - timedelta(days=30)
    act = {"actor": river_provider, "now": now}
    child = add_member(other, relation="2", age_band="5-12", since=since, **act)
    both = [each.pk for each in (family, other)]
    before = {key: sizes(key) for key in both}
    joined(Participant.objects.get(pk=other.pk), family, river_provider, now)
    assert sizes(family.pk)[0] == (3, 3)
    moves_out(other, river_provider, now)
    (join,) = HouseholdAct.objects.all()
    assert hindrances(join) == [
        "Changed since: the place on the list.",
        "The household was moved on or off the list since.",
    ]
    out = local_day(now, other.continuum.zone)
    came = family.members.filter(since=out, until=None)
    assert came.count() == 2
    for member in came:
        values = {"relation": member.relation, "age_band": member.age_band, "since": out}
        assert change_member(member, until=out, **values, **act)
    child.refresh_from_db()
    assert child.until == out
    values = {"relation": child.relation, "age_band": child.age_band, "since": since}
    assert change_member(child, until=None, **values, **act)
    assert {key: sizes(key) for key in both} == before
    assert [Participant.objects.get(pk=key).place.is_active for key in both] == [True, True]


def sizes(key):
    """What is on file, and what the members of today say."""
    person = Participant.objects.select_related("continuum").get(pk=key)
    size = size_of(person, local_day(timezone.now(), person.continuum.zone))
    return (person.adults, person.children), size


@pytest.mark.parametrize("chosen", [False, True])
def test_nobody_heads_a_household_beside_themselves(family, river_provider, now, chosen):
    """The HMIS ID tells that it is somebody of the household, whoever was chosen."""
    partner = family.members.get(relation="3")
    partner.hmis_id = "P2"
    partner.save()
    member = family.members.get(age_band="13-17") if chosen else None
    with pytest.raises(ValidationError) as caught:
        new_head(family, river_provider, now, member=member, name="Bea Example", hmis_id="P2")
    assert list(caught.value.message_dict) == ["hmis_id"]
    new_head(family, river_provider, now, member=partner, name="Bea Example", hmis_id="P2")


def test_nobody_is_a_member_of_the_household_that_they_head(family, other, river_provider, now):
    """Who was left where they lived before does not move in with themselves."""
    joined(other, family, river_provider, now)
    moves_out(other, river_provider, now)
    joined(family, other, river_provider, now + timedelta(seconds=1))
    assert other.hmis_id not in {each.hmis_id for each in other.members.all()}
    assert other.members.count() == 1 + 3


@pytest.mark.parametrize("who", ["the head", "a member"])
def test_who_is_of_both_households_in_hmis_is_there_once_when_they_move_in(
    family, other, river_provider, now, who
):
    key = family.hmis_id if who == "the head" else "P3"
    since = local_day(now, family.continuum.zone) - timedelta(days=20)
    for household in (other, family) if who == "a member" else (other,):
        household.members.create(
            continuum=household.continuum, hmis_id=key, relation="2", age_band="5-12", since=since
        )
        keep_size(household, now)
    before = everybody()
    act = joined(other, family, river_provider, now)
    there = [each.hmis_id for each in family.members.all() if each.hmis_id]
    assert sorted(there) == (["P8"] if who == "the head" else ["P3", "P8"])
    undo_act(act, actor=river_provider, now=timezone.now())
    assert everybody() == before


def test_nobody_moves_in_before_they_came_onto_the_list(family, other, river_provider, now):
    """A move before the one that stands would count in a month, and not on the list."""
    too_early = other.place.status_on - timedelta(days=1)
    with pytest.raises(ValidationError) as caught:
        join_households(
            other, into=family, relation="3", happened_on=too_early, actor=river_provider, now=now
        )
    assert list(caught.value.message_dict) == ["on"]


def test_who_was_inactive_does_not_come_back_while_they_live_with_another(
    family, other, river_provider, now
):
    other.place.status = "inactive"
    other.place.save()
    act = joined(other, family, river_provider, now)
    assert Participant.objects.get(pk=other.pk).place.status == "no_longer"
    undo_act(act, actor=river_provider, now=timezone.now())
    assert Participant.objects.get(pk=other.pk).place.status == "inactive"


def test_another_head_is_not_recorded_before_the_last_one(family, river_provider, now):
    new_head(family, river_provider, now, name="Bea Example")
    person = Participant.objects.get(pk=family.pk)
    with pytest.raises(ValidationError) as caught:
        change_head(
            person,
            head=NOBODY | {"name": "Cy Third"},
            member=None,
            stays_as="",
            happened_on=local_day(now, person.continuum.zone) - timedelta(days=5),
            reason="",
            changed_at=person.changed_at,
            actor=river_provider,
            now=now,
        )
    assert list(caught.value.message_dict) == ["on"]


def test_a_key_that_is_somebody_elses_makes_no_household(client, family, other, river_provider):
    client.force_login(river_provider)
    url = reverse("participants:household_split", args=[family.pk])
    form = client.get(url).context["form"]
    member = str(family.members.get(relation="3").pk)
    data = {
        "pk": str(other.pk),
        "changed_at": form["changed_at"].value(),
        "on": local_day(timezone.now(), family.continuum.zone).isoformat(),
        "members": [member],
        "member": member,
    }
    response = client.post(url, data)
    assert response.status_code == 200
    assert "sent before" in text_of(response)
    assert not HouseholdAct.objects.exists()


def test_the_other_household_is_told_to_whoever_may_know_of_it(
    family, other, river_provider, region_1, river_other_agency, now
):
    act = joined(other, family, river_provider, now)
    client = signed_in(river_provider)
    undo = reverse("participants:household_undo", args=[other.pk, act.pk])
    pages = [other.get_absolute_url(), undo]
    assert all("Heron-1" in text_of(client.get(page)) for page in pages)
    Participant.objects.filter(pk=family.pk).update(region=region_1, agency=river_other_agency)
    assert not Participant.objects.visible_to(
        river_provider, local_day(now, family.continuum.zone)
    ).filter(pk=family.pk)
    assert not any("Heron-1" in text_of(client.get(page)) for page in pages)


# Whose name it is


def test_why_another_heads_a_household_names_nobody_to_whom_no_release_covers_the_reader(
    family, other, river_provider, river_other_provider, now
):
    """It is shown in the household's history; whoever wrote it, and keeps both, reads it whole."""
    make_release(family)
    person = Participant.objects.get(pk=family.pk)
    change_head(
        person,
        head=NOBODY | {"name": "Bea Example"},
        member=None,
        stays_as="",
        happened_on=local_day(now, person.continuum.zone),
        reason=f"{other.name} told us",
        changed_at=person.changed_at,
        actor=river_provider,
        now=now,
    )
    page = text_of(signed_in(river_provider).get(family.get_absolute_url()))
    assert f"{other.name} told us" in page
    page = text_of(signed_in(river_other_provider).get(family.get_absolute_url()))
    assert "told us" in page
    assert other.name not in page
    assert other.name.split()[-1] not in page


def test_the_name_of_a_later_head_is_not_told_under_the_first_ones_release(
    family, river_agency, region_2, river_provider, river_specialist, river_other_provider, now
):
    """A record that was joined meanwhile is the later head's: first that is taken apart."""
    make_release(family)
    act = new_head(family, river_provider, now, name="Bea Example")
    twin = make_participant(river_agency, region_2, name="Beatrix Elsewhere", hmis_id="P5")
    make_release(twin)
    merge = make_merge(family, twin, by=river_specialist)
    with pytest.raises(ValidationError, match="joined to this one later"):
        undo_act(act, actor=river_provider, now=timezone.now())
    undo_merge(merge, why="Two people", actor=river_specialist, now=timezone.now())
    Release.objects.filter(participant=twin).delete()
    undo_act(act, actor=river_provider, now=timezone.now())
    label = label_for(Participant.objects.get(pk=family.pk), river_other_provider, timezone.now())
    assert label.text == "Ana Sentinelle"
    text = label.clean("Bea Example and Beatrix Elsewhere came")
    assert not [word for word in ("Bea ", "Beatrix") if word in text]


def test_a_paper_of_the_former_head_that_is_recorded_later_is_theirs(
    family, river_provider, river_other_provider, now
):
    on = local_day(now, family.continuum.zone)
    act = new_head(family, river_provider, now, name="Bea Example")
    release = record_paper(
        family,
        by=river_provider,
        signed_on=on - timedelta(days=20),
        expires_on=on + timedelta(days=200),
    )
    assert release.is_by_former_head
    label = label_for(Participant.objects.get(pk=family.pk), river_other_provider, timezone.now())
    assert not label.is_named
    assert list(FormerHead.objects.get().releases.all()) == [release]
    undo_act(act, actor=river_provider, now=timezone.now())
    label = label_for(Participant.objects.get(pk=family.pk), river_other_provider, timezone.now())
    assert label.text == "Ana Sentinelle"
