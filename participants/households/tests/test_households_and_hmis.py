"""What a person said of a household, and what the next imports make of it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.former_heads import headed_before
from participants.hmis.undoing import undo_import
from participants.households.acts import change_head
from participants.households.joining import join_households
from participants.households.members import change_member, remove_member
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.models import DuplicatePair, HouseholdMember, Participant, PlaceChange
from participants.tests.factories import make_merge, make_participant, make_release, record_paper
from participants.tests.test_hmis import apply, by_hmis_id, export, ready
from participants.tests.test_hmis_households import couple, enrol, leave

from .test_households import NOBODY

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 3)
DAYS = [date(2026, 6, day) for day in (8, 9, 10, 11)]


def listed():
    return Participant.objects.filter(place__status="active").count()


def members_of(record):
    """`[(HMIS ID, whether they left)]`."""
    return sorted((each.hmis_id, bool(each.until)) for each in record.members.all())


def head_by_hand(household, actor, *, key=None, **head):
    household = Participant.objects.get(pk=household.pk)
    return change_head(
        household,
        head=NOBODY | head,
        member=next((each for each in household.members.all() if each.hmis_id == key), None),
        stays_as="",
        happened_on=ON,
        reason="",
        changed_at=household.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def test_who_headed_it_since_a_day_did_not_leave_before_it(
    ready, export, river_specialist, river_provider
):
    """By hand Di heads it since June 3; HMIS says that she left on June 1, and that Jo heads it."""
    apply(ready, export(couple(), "first"), river_specialist)
    household = by_hmis_id("C")
    head_by_hand(household, river_provider, key="D", name="Di Novak", hmis_id="D")
    data = couple()
    for row in data["Enrollment"]:
        row[5] = {"E20": "3", "E22": "1"}.get(row[0], row[5])
    leave(data, "E20", "C", "2026-05-20", "116")
    leave(data, "E21", "D", "2026-06-01", "116")
    apply(ready, export(data, "second"), river_specialist, as_of=DAYS[0])
    headed = headed_before([household.pk])[household.pk]
    assert by_hmis_id("J") == household
    assert [(each.before, each.hmis_id) for each in headed] == [(ON, "C"), (ON, "D")]


def news(**more):
    """The same export with something new of Cy's household that has to do with no head."""
    data = couple()
    data["CurrentLivingSituation"].append(["C9", "E20", "C", more.get("on", "2026-06-02"), "116",
                                           "", ""])  # fmt: skip
    return data


@pytest.mark.parametrize("key", ["D", None])
def test_a_head_whom_a_person_named_stays_while_hmis_says_what_it_said_before(
    ready, export, river_specialist, river_provider, key
):
    """Whether HMIS knows the new head or not: nobody is new, and nothing changes back."""
    apply(ready, export(couple()), river_specialist)
    household, count = by_hmis_id("C"), Participant.every.count()
    head_by_hand(household, river_provider, key=key, name="Dina Byhand")
    signed = make_release(household, days=900)
    moves = PlaceChange.objects.count()
    done = apply(ready, export(news(), "later"), river_specialist, as_of=DAYS[0])
    household = Participant.objects.get(pk=household.pk)
    assert (done.counts["new"], done.counts["absent"]) == (0, 0)
    assert (household.name, household.birth_date) == ("Dina Byhand", None)
    assert household.situations.latest("on").on == date(2026, 6, 2)
    assert (Participant.every.count(), PlaceChange.objects.count()) == (count, moves)
    assert household.head_changes.count() == 1
    signed.refresh_from_db()
    assert not signed.is_by_former_head
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert Participant.objects.get(pk=household.pk).name == "Dina Byhand"
    done = apply(ready, export(news(), "again"), river_specialist, as_of=DAYS[1])
    assert (done.counts["new"], Participant.every.count()) == (0, count)


@pytest.mark.parametrize("way", ["it is kept", "it goes", "its HMIS ID is kept"])
def test_a_head_whom_a_person_named_stays_where_two_records_are_joined(
    ready, export, river_specialist, river_provider, river_agency, region_2, way
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    head_by_hand(household, river_provider, key="D", name="Dina Byhand")
    twin = make_participant(
        river_agency, region_2, name="Dina Byhand", hmis_id="T" if "ID" in way else None
    )
    pair = (household, twin) if way == "it is kept" else (twin, household)
    chosen = {"hmis_id": household} if "ID" in way else {}
    make_merge(*pair, by=river_specialist, **chosen)
    count, moves = listed(), PlaceChange.objects.count()
    for number, data in enumerate((couple(), news(), news(on="2026-06-08"))):
        export_of = export(data, f"later {number}")
        done = apply(ready, export_of, river_specialist, as_of=DAYS[number])
        assert (done.counts["new"], done.counts["absent"]) == (0, 0)
        assert Participant.objects.get(pk=pair[0].pk).name == "Dina Byhand"
    assert (listed(), PlaceChange.objects.count()) == (count, moves)


def test_once_hmis_has_the_head_whom_a_person_named_it_is_believed_of_them(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    head_by_hand(household, river_provider, key="D")
    apply(ready, export(news(), "later"), river_specialist, as_of=DAYS[0])
    data = news()
    leave(data, "E20", "C", "2026-06-03", "24")
    data["Enrollment"][-2][5] = "1"
    done = apply(ready, export(data, "caught up"), river_specialist, as_of=DAYS[1])
    household = Participant.objects.get(pk=household.pk)
    assert done.counts["new"] == 0
    assert (household.hmis_id, household.name) == ("D", "Di LastD")
    assert household.birth_date == date(1976, 1, 1)
    assert household.head_changes.count() == 1
    # And what it says of yet another head is believed as ever.
    leave(data, "E21", "D", "2026-06-09", "24")
    enrol(data, "E24", "G", "H20", rel="1", first="Gil", born="1970-01-01", on="2026-06-05")
    done = apply(ready, export(data, "third"), river_specialist, as_of=DAYS[2])
    assert done.counts["new"] == 0 or by_hmis_id("G").pk != household.pk


def test_a_former_head_who_is_enrolled_anew_is_a_household_of_their_own(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    head_by_hand(household, river_provider, key="D", name="Dina Byhand")
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "116")
    enrol(data, "E40", "C", "H40", on="2026-06-05")
    apply(ready, export(data, "later"), river_specialist, as_of=DAYS[0])
    assert by_hmis_id("C").pk != household.pk
    assert by_hmis_id("D").pk == household.pk


def test_a_head_undone_after_an_import_is_the_one_of_before(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    household, count = by_hmis_id("C"), Participant.every.count()
    act = head_by_hand(household, river_provider, key="D", name="Dina Byhand")
    apply(ready, export(news(), "later"), river_specialist, as_of=DAYS[0])
    undo_act(act, actor=river_provider, now=timezone.now())
    household = Participant.objects.get(pk=household.pk)
    assert (household.hmis_id, household.name) == ("C", "Cy LastC")
    done = apply(ready, export(news(on="2026-06-08"), "again"), river_specialist, as_of=DAYS[1])
    assert (done.counts["new"], Participant.every.count()) == (0, count)
    assert members_of(household) == [("D", False), ("J", False)]


def moved_in(ready, river_agency, region_2, river_provider, into):
    """A household of HMIS, with a child, that lives with another one by hand."""
    guest = make_participant(river_agency, region_2, name="Gil Guest", hmis_id="G")
    guest.members.create(
        continuum=ready, hmis_id="GK", relation="2", age_band="5-12", since=date(2026, 4, 1)
    )
    guest.place.listed_on = guest.place.status_on = date(2026, 4, 1)
    guest.place.save()
    act = join_households(
        guest, into=into, relation="4", happened_on=ON, actor=river_provider, now=timezone.now()
    )
    return guest, act


def test_who_moved_in_by_hand_stays_whatever_an_import_says_of_the_others(
    ready, export, river_specialist, river_provider, river_agency, region_2
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    guest, act = moved_in(ready, river_agency, region_2, river_provider, household)
    before = members_of(household)
    assert before == [("D", False), ("G", False), ("GK", False), ("J", False)]
    data = couple()
    leave(data, "E22", "J", "2026-06-04", "116")
    enrol(data, "E23", "M", "H20", rel="2", born="2020-01-01")
    done = apply(ready, export(data, "later"), river_specialist, as_of=DAYS[0])
    assert members_of(household) == [
        ("D", False), ("G", False), ("GK", False), ("J", True), ("M", False)
    ]  # fmt: skip
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert members_of(household) == before
    undo_act(act, actor=river_provider, now=timezone.now())
    assert members_of(household) == [("D", False), ("J", False)]
    assert Participant.objects.get(pk=guest.pk).place.is_active


def test_who_moved_in_by_hand_and_heads_the_household_by_now_is_no_member_of_it(
    ready, export, river_specialist, river_provider, river_agency, region_2
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    guest, _act = moved_in(ready, river_agency, region_2, river_provider, household)
    before = members_of(household)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    enrol(data, "E70", "GK", "H20", rel="1", born="2003-01-01", on="2026-06-03")
    done = apply(ready, export(data, "later"), river_specialist, as_of=DAYS[0])
    assert by_hmis_id("GK").pk == household.pk
    assert [key for key, has_left in members_of(household) if not has_left] == ["D", "G", "J"]
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert by_hmis_id("C").pk == household.pk
    assert members_of(household) == before
    assert guest.pk


def test_who_moved_in_by_hand_is_changed_by_hand(
    client, ready, export, river_specialist, river_provider, river_agency, region_2
):
    """HMIS does not tell of them there: nobody else could say that they left again."""
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    moved_in(ready, river_agency, region_2, river_provider, household)
    guest = next(each for each in household.members.all() if each.hmis_id == "G")
    values = {"relation": "4", "age_band": "", "since": ON, "actor": river_provider}
    assert change_member(guest, until=DAYS[0], now=timezone.now(), **values)
    with pytest.raises(ValidationError, match="Say when they left instead"):
        remove_member(guest, actor=river_provider, now=timezone.now())
    client.force_login(river_provider)
    page = client.get(household.get_absolute_url())
    by_hand = [bool(each["by_hand"]) for each in page.context["members"]]
    assert sorted(by_hand) == [False, False, True, True]


def test_who_left_by_hand_stays_away_while_hmis_says_what_it_said_before(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    leaving = [each for each in household.members.all() if each.hmis_id in "DJ"]
    act = split_household(
        household,
        members=leaving,
        member=next(each for each in leaving if each.hmis_id == "D"),
        head=NOBODY | {"name": "Di LastD"},
        happened_on=ON,
        changed_at=household.changed_at,
        actor=river_provider,
        now=timezone.now(),
    )
    fresh, count = act.other, listed()
    assert members_of(fresh) == [("J", False)]
    data = couple()
    enrol(data, "E23", "M", "H20", rel="2", born="2020-01-01")
    apply(ready, export(data, "later"), river_specialist, as_of=DAYS[0])
    assert members_of(household) == [("D", True), ("J", True), ("M", False)]
    # HMIS hears of it: they are who they are there, once each.
    for eid, pid in (("E21", "D"), ("E22", "J")):
        leave(data, eid, pid, "2026-06-03", "116")
    enrol(data, "E50", "D", "H50", on="2026-06-03")
    enrol(data, "E51", "J", "H50", rel="2", on="2026-06-03")
    apply(ready, export(data, "caught up"), river_specialist, as_of=DAYS[1])
    assert listed() == count
    assert members_of(fresh) == [("J", False)]
    assert members_of(household) == [("D", True), ("J", True), ("M", False)]


def test_an_import_that_is_undone_takes_no_household_with_which_another_lives(
    ready, export, river_specialist, river_provider, river_agency, region_2
):
    done = apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    guest, _act = moved_in(ready, river_agency, region_2, river_provider, household)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert Participant.objects.filter(pk=household.pk).exists()
    assert HouseholdMember.objects.filter(participant=household).count() == 4
    assert not Participant.objects.get(pk=guest.pk).place.is_active


def test_a_household_that_lives_with_another_is_listed_once_whatever_hmis_goes_on_to_say(
    ready, export, river_specialist, river_provider
):
    """HMIS lists it by itself, then as part of the other one; a person said it first."""

    def told(**more):
        data = news(**more)
        enrol(data, "E60", "G", "H60", first="Gil", born="1970-01-01")
        enrol(data, "E61", "K", "H60", rel="2", first="Kai", born="2018-01-01")
        return data

    apply(ready, export(told()), river_specialist)
    household, guest = by_hmis_id("C"), by_hmis_id("G")
    act = join_households(
        guest,
        into=household,
        relation="4",
        happened_on=ON,
        actor=river_provider,
        now=timezone.now(),
    )
    there = [("D", False), ("G", False), ("J", False), ("K", False)]
    count, moves = listed(), PlaceChange.objects.count()
    data = told(on="2026-06-03")
    data["CurrentLivingSituation"].append(["C8", "E60", "G", "2026-06-07", "116", "", ""])
    done = apply(ready, export(data, "apart"), river_specialist, as_of=DAYS[0])
    assert done.counts["new"] == 0
    assert (listed(), PlaceChange.objects.count()) == (count, moves)
    assert members_of(household) == there
    for eid, pid, rel in (("E60", "G", "4"), ("E61", "K", "2")):
        leave(data, eid, pid, "2026-06-03", "116")
        enrol(data, f"{eid}B", pid, "H20", rel=rel, on="2026-06-03")
    done = apply(ready, export(data, "caught up"), river_specialist, as_of=DAYS[1])
    assert done.counts["new"] == 0
    assert (listed(), PlaceChange.objects.count()) == (count, moves)
    assert members_of(household) == there
    assert Participant.objects.get(pk=guest.pk).place.status == "no_longer"
    done = apply(ready, export(data, "again"), river_specialist, as_of=DAYS[2])
    assert done.counts["changed"] == 0
    assert act.participant_id == guest.pk


def test_a_paper_of_the_former_head_counts_again_once_the_import_is_undone(
    ready, export, river_specialist, river_provider
):
    """Whoever headed the household on the day when it was signed signed it."""
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    data = couple()
    leave(data, "E20", "C", "2026-06-03", "24")
    data["Enrollment"][-2][5] = "1"
    done = apply(ready, export(data, "later"), river_specialist, as_of=DAYS[0])
    signed = {
        signed_on: record_paper(
            household, by=river_provider, signed_on=signed_on, expires_on=date(2029, 1, 1)
        )
        for signed_on in (date(2026, 5, 1), date(2026, 6, 8))
    }
    assert [each.is_by_former_head for each in signed.values()] == [True, False]
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert Participant.objects.get(pk=household.pk).name == "Cy LastC"
    for each in signed.values():
        each.refresh_from_db()
    assert [each.is_by_former_head for each in signed.values()] == [False, True]


def test_a_new_household_that_resembles_another_is_taken_back_all_the_same(
    ready, export, river_specialist, river_agency, region_2
):
    """That it may be somebody on file was found by itself: nobody worked with it."""
    done = apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    one, other = sorted([household, make_participant(river_agency, region_2)], key=lambda x: x.pk)
    DuplicatePair.objects.create(continuum=ready, one=one, other=other, found_at=timezone.now())
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert not Participant.every.filter(pk=household.pk).exists()


def test_a_release_of_the_new_head_tells_nothing_that_hmis_says_of_the_former_one(
    ready, export, river_specialist, river_provider, river_other_provider
):
    """HMIS goes on to tell of who headed it before: that is no other word about this head."""
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    head_by_hand(household, river_provider, key="D", name="Dina Byhand")
    make_release(household, days=900)
    for when in (None, DAYS[0]):
        if when:
            apply(ready, export(news(), "later"), river_specialist, as_of=when)
        page = text_of(signed_in(river_other_provider).get(household.get_absolute_url()))
        assert "Dina Byhand" in page
        assert not any(word in page for word in ("LastC", "Jan 1, 1975"))


def test_a_release_of_the_new_head_tells_nothing_of_an_import_from_before(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    data = couple()
    data["Client"][-3][1] = "Cyrus"
    done = apply(ready, export(data, "renamed"), river_specialist, as_of=date(2026, 6, 2))
    head_by_hand(household, river_provider, key="D", name="Dina Byhand")
    page = f"{done.get_absolute_url()}?show=changed"
    make_release(household, days=900)
    shown = text_of(signed_in(river_specialist).get(page))
    assert "Name" in shown
    assert not any(word in shown for word in ("Cyrus", "Cy LastC"))
