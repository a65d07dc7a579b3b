"""Two records that are one for a while: imports meanwhile, and each is again who it was."""

import random
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.world import signed_in
from participants.hmis.undoing import undo_import
from participants.merges import fields as merge_fields
from participants.merges.acts import undo_merge
from participants.models import HouseholdMember, Participant
from participants.naming import label_for
from participants.services.pages import members_in_words
from participants.tests.factories import make_merge, make_participant, make_release

from .test_hmis import apply, base, by_hmis_id, export, ready
from .test_hmis_households import enrol, leave

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
FIRST = date(2026, 6, 1)
CHILDREN = {"K": ("K1", "K2", "X"), "F": ("F1", "F2", "X")}


def households(told):
    """An export of `{head: its members}`; nobody else is in it but Ana and Bo."""
    data = base()
    for name, at in (("Client", 0), ("Enrollment", 1)):  # Ana's child has an id that is wanted
        data[name] = [row for row in data[name] if row[at] != "K"]
    for head, members in told.items():
        enrol(data, f"E-{head}", head, f"H-{head}", first=f"Cy{head}", born="1975-01-01")
        for each in members:
            enrol(data, f"E-{head}-{each}", each, f"H-{head}", rel="2", born="2016-01-01")
    return data


def some(rng, head):
    return sorted(rng.sample(CHILDREN[head], rng.randint(0, 3)))


def members_of(record):
    """`[HMIS ID, or who was entered by hand]`; somebody who is there twice stands twice."""
    return sorted(each.hmis_id or each.age_band for each in record.members.all())


def unmerge(merge, actor):
    undo_merge(merge, why="Two sisters", actor=actor, now=timezone.now())


@pytest.mark.parametrize("seed", range(12))
def test_each_has_its_own_members_again_whatever_an_import_did_between(
    ready, export, river_specialist, seed
):
    """Whom HMIS told of last under an id is of the record that has the id; so is who was by hand.

    While the two are one, HMIS is heard under the id of the joined household; under the other one
    where the first one heads nothing.
    """
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    told = {"K": some(rng, "K"), "F": some(rng, "F")}
    apply(ready, export(households(told), "first"), river_specialist, as_of=FIRST)
    records = {head: by_hmis_id(head) for head in "KF"}
    for band, each in zip(("62+", "0-4"), records.values(), strict=True):
        HouseholdMember.objects.create(
            continuum=ready, participant=each, relation="4", age_band=band, since=FIRST
        )
    heard = "F" if seed % 2 else "K"
    merge = make_merge(
        records["K"], records["F"], by=river_specialist, hmis_id=records[heard], name=records["K"]
    )
    for number in range(1, 4):
        there = rng.choice([["K", "F"], ["K"], ["F"]])
        now = {head: some(rng, head) for head in there}
        before = dict(told)
        first = heard if heard in now else there[0]
        told[first] = now[first]
        day = FIRST + timedelta(days=number)
        done = apply(ready, export(households(now), f"e{number}"), river_specialist, as_of=day)
        family = HouseholdMember.objects.of_household(records["K"])
        ids = [each.hmis_id for each in family if each.hmis_id]
        assert len(ids) == len(set(ids))
        assert len(members_in_words(records["K"], day)) == len(family)
        if done.state == "applied" and rng.random() < 0.3:
            undo_import(done, actor=river_specialist, now=timezone.now())
            told = before
    unmerge(merge, river_specialist)
    for band, (head, record) in zip(("62+", "0-4"), records.items(), strict=True):
        record = Participant.objects.get(pk=record.pk)
        assert record.hmis_id == head
        assert members_of(record) == sorted([*told[head], band])
    # And the next import finds nothing of them to change.
    apply(ready, export(households(told), "last"), river_specialist, as_of=date(2026, 6, 20))
    for band, (head, record) in zip(("62+", "0-4"), records.items(), strict=True):
        assert members_of(record) == sorted([*told[head], band])


def test_another_head_of_the_joined_record_is_none_of_the_former_one(
    ready, export, river_specialist, river_other_provider
):
    """The former one's release counts again, for its own head; the joined one's is asked about."""
    data = households({"K": ["K1"], "F": ["F1"]})
    enrol(data, "E-P", "P", "H-K", rel="3", first="Pia", born="1980-01-01")
    apply(ready, export(data), river_specialist, as_of=FIRST)
    kept, former = by_hmis_id("K"), by_hmis_id("F")
    releases = {each.pk: make_release(each, days=400) for each in (kept, former)}
    merge = make_merge(kept, former, by=river_specialist)
    leave(data, "E-K", "K", "2026-06-04", "24")
    apply(ready, export(data, "later"), river_specialist, as_of=date(2026, 6, 8))
    kept = Participant.objects.get(pk=kept.pk)
    assert (kept.hmis_id, kept.name) == ("P", "Pia LastP")
    unmerge(merge, river_specialist)
    for each in releases.values():
        each.refresh_from_db()
    assert releases[kept.pk].is_by_former_head
    assert not releases[former.pk].is_by_former_head
    former = Participant.objects.get(pk=former.pk)
    assert members_of(former) == ["F1"]
    assert members_of(Participant.objects.get(pk=kept.pk)) == ["K", "K1"]
    now = timezone.now()
    assert label_for(former, river_other_provider, now).is_named
    assert not label_for(Participant.objects.get(pk=kept.pk), river_other_provider, now).is_named


# An import is undone after the record that it changed was joined


IMPORTED = ("name", "veteran", "size", "head", "contact", "stay", "prioritized", "county")


def news(data, of, kinds):
    """Let the export tell something else of the household that this head heads."""
    for kind in kinds:
        client = next(each for each in data["Client"] if each[0] == of)
        if kind == "name":
            client[2] = "Newname"
        elif kind == "veteran":
            client[5] = "1"
        elif kind == "size":
            enrol(data, f"E-{of}-new", f"{of}9", f"H-{of}", rel="2", born="2020-01-01")
        elif kind == "head":
            leave(data, f"E-{of}", of, "2026-06-02", "24")
        elif kind == "contact":
            data["Services"].append(["S9", f"E-{of}", of, "2026-06-03", "141", ""])
        elif kind == "stay":
            data["CurrentLivingSituation"].append(
                ["C9", f"E-{of}", of, "2026-06-03", "101", "", ""]
            )
        elif kind == "county":
            row = ["C8", f"E-{of}", of, "2026-06-03", "101", "Rice County", ""]
            data["CurrentLivingSituation"].append(row)
        elif kind == "prioritized":
            data["Assessment"].append(["Q9", f"E-{of}", of, "2026-05-30", "1", ""])


def told_twice(rng):
    """Two exports: two couples with children, and the same with news of the one or the other."""
    data = households({"K": some(rng, "K"), "F": some(rng, "F")})
    for head in "KF":
        enrol(data, f"E-{head}P", f"{head}P", f"H-{head}", rel="3", first="Pia", born="1981-01-01")
    later = {name: [list(row) for row in rows] for name, rows in data.items()}
    for head in rng.choice(["K", "F", "KF"]):
        news(later, head, sorted({"veteran", *rng.sample(IMPORTED, rng.randint(0, 4))}))
    return data, later


def state(records):
    """All of both records that an import or a merge may write."""
    found = {}
    for which, record in records.items():
        row = Participant.every.select_related("hmis", "place").get(pk=record.pk)
        columns = {
            each.attname: getattr(row, each.attname)
            for each in Participant._meta.concrete_fields
            if each.attname not in ("changed_at", "former_names")
        }
        hmis, place = getattr(row, "hmis", None), getattr(row, "place", None)
        found[which] = {
            **columns,
            "hmis": hmis and (hmis.said, hmis.as_of, hmis.absent_on, hmis.left_on),
            "place": place and (place.status, place.status_on, place.listed_on),
            "members": sorted(
                (each.hmis_id, each.relation, each.since, each.until) for each in row.members.all()
            ),
            "contacts": sorted((each.kind, each.on) for each in row.contacts.all()),
            "stays": sorted((each.kind, each.on) for each in row.situations.all()),
            "heads": row.head_changes.count(),
            "releases": sorted((each.pk, each.is_by_former_head) for each in row.releases.all()),
        }
    return found


class Taken(Exception):
    """Takes a savepoint back with what was found in it."""


def found_by(act):
    """What the act finds, and nothing that it does."""
    try:
        with transaction.atomic():
            raise Taken(act())
    except Taken as taken:
        return taken.args[0]


@pytest.mark.parametrize("seed", range(30))
def test_an_import_is_undone_the_same_before_and_after_its_records_are_joined(
    ready, export, river_specialist, seed
):
    """Also when they are taken apart again: as if the import had never been."""
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    first, later = told_twice(rng)
    apply(ready, export(first, "first"), river_specialist, as_of=FIRST)
    records = {head: by_hmis_id(head) for head in "KF"}
    for each in records.values():
        make_release(each, days=400)
    done = apply(ready, export(later, "later"), river_specialist, as_of=date(2026, 6, 5))
    assert done.state == "applied"
    for each in records.values():
        make_release(each, days=400)
    keeper, former = rng.sample([*records.values()], 2)
    keeper, former = (Participant.objects.get(pk=each.pk) for each in (keeper, former))
    # What does not differ yet is not chosen: the record that stays keeps its own.
    groups = [group.key for group in merge_fields.differing(keeper, former)]
    chosen = {name: former for name in groups if rng.random() < 0.6 and name != "agency"}

    def joined():
        now = [
            group.key
            for group in merge_fields.differing(
                *(Participant.objects.get(pk=each.pk) for each in (keeper, former))
            )
        ]
        pair = [Participant.objects.get(pk=each.pk) for each in (keeper, former)]
        return make_merge(
            *pair, by=river_specialist, **{name: pair[1] for name in chosen if name in now}
        )

    def undone():
        undo_import(done, actor=river_specialist, now=timezone.now())

    def before():
        undone()
        apart = state(records)
        joined()
        return apart, state(records)

    def after():
        merge = joined()
        undone()
        together = state(records)
        unmerge(merge, river_specialist)
        return state(records), together

    expected, got = found_by(before), found_by(after)
    for one, other in zip(expected, got, strict=True):
        for which in records:
            assert other[which] == one[which]


def test_an_undo_says_whom_it_kept_and_whose_place_it_left_as_they_were_joined(
    ready, export, river_specialist, river_agency, region_2
):
    """Who was added stays, and so does a move off the list that is of two records by now."""
    apply(ready, export(households({"K": [], "F": []}), "first"), river_specialist, as_of=FIRST)
    data = households({"K": [], "F": [], "N": []})
    leave(data, "E-F", "F", "2026-06-02", "410")
    done = apply(ready, export(data, "later"), river_specialist, as_of=date(2026, 6, 5))
    kept, former, new = by_hmis_id("K"), by_hmis_id("F"), by_hmis_id("N")
    other = make_participant(river_agency, region_2, name="Nan Other")
    merge = make_merge(kept, former, by=river_specialist)
    make_merge(other, new, by=river_specialist, hmis_id=new)
    client = signed_in(river_specialist)
    address = reverse("imports:import_undo", args=[done.pk])
    answer = client.post(address, follow=True).content.decode()
    words = (
        "0 removed, 1 as they were, 1 kept because the record was joined with another one since. "
        "1 household’s place on the list stayed"
    )
    assert answer.count(words) == 2  # said at once, and on the page
    assert Participant.every.get(pk=new.pk).merged_into == other
    unmerge(merge, river_specialist)
    former = Participant.objects.get(pk=former.pk)
    assert (former.place.status, former.hmis.left_on) == ("housed", None)
