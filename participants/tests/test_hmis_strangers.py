"""Nobody gets another's record by an import, however ids are shared, given again or mistyped."""

from datetime import date

import pytest
from django.utils import timezone

from participants.hmis import services
from participants.hmis.undoing import undo_import
from participants.models import Participant
from participants.naming import label_for
from participants.services.participants import change_participant
from participants.tests.factories import make_merge, make_participant, make_release
from regions.clock import Moment
from regions.tests.factories import today_in

from .test_hmis import apply, base, by_hmis_id, export, preview, ready
from .test_hmis_households import couple, doubts, enrol, leave

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
NEXT, THEN = date(2026, 6, 8), date(2026, 6, 15)


def on_file():
    """`{HMIS ID: (name, status, date on the list)}` of every household."""
    return {
        each.hmis_id: (each.name, each.place.status, each.place.listed_on)
        for each in Participant.objects.select_related("place")
    }


def alone():
    data = base()
    enrol(data, "E20", "C", "H20", first="Cy")
    return data


# Ids that are given again, or shared


@pytest.mark.parametrize("household", ["H20", "0"])
def test_an_id_that_is_given_again_makes_no_household(ready, export, river_specialist, household):
    data = alone()
    data["Enrollment"][-1][4] = household
    apply(ready, export(data), river_specialist)
    leave(data, "E20", "C", "2026-06-02", "410")
    apply(ready, export(data, "left"), river_specialist, as_of=NEXT)
    enrol(data, "E99", "Z", household, first="Zed", on="2026-06-10")
    done = apply(ready, export(data, "again"), river_specialist, as_of=THEN)
    found = on_file()
    assert found["C"] == ("Cy LastC", "housed", date(2026, 4, 1))
    assert found["Z"] == ("Zed LastZ", "active", date(2026, 6, 10))
    assert done.counts["new"] == 1
    assert not by_hmis_id("Z").members.exists()


def test_one_after_the_other_under_one_id_on_one_day(ready, export, river_specialist):
    data = alone()
    apply(ready, export(data), river_specialist)
    leave(data, "E20", "C", "2026-06-02", "116")
    enrol(data, "E99", "Z", "H20", first="Zed", on="2026-06-02")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert on_file()["C"][1] == on_file()["Z"][1] == "active"


def test_a_former_member_takes_no_record_along(ready, export, river_specialist):
    data = alone()
    enrol(data, "E21", "U", "H20", rel="5")
    apply(ready, export(data), river_specialist)
    leave(data, "E20", "C", "2026-06-02", "410")
    leave(data, "E21", "U", "2026-06-02", "410")
    enrol(data, "E90", "Z", "H90", first="Zed", on="2026-06-03")
    enrol(data, "E91", "U", "H90", rel="5", on="2026-06-03")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert on_file()["C"] == ("Cy LastC", "housed", date(2026, 4, 1))
    assert on_file()["Z"][0] == "Zed LastZ"


def test_who_moves_in_with_a_stranger_keeps_their_record(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    data = base()
    leave(data, "E3", "B", "2026-06-02", "116")
    enrol(data, "E90", "Z", "H90", first="Zed", on="2026-06-02")
    enrol(data, "E91", "B", "H90", rel="3", on="2026-06-02")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert on_file()["B"][0] == "Bo Birch"
    assert ("RelationshipToHoH", "PersonalID B, EnrollmentID E91") in doubts(done)


@pytest.mark.parametrize("first", [True, False])
def test_the_partner_who_stays_keeps_the_record(ready, export, river_specialist, first):
    apply(ready, export(couple()), river_specialist)
    key = by_hmis_id("C").pk
    data = couple()
    leave(data, "E20", "C", "2026-06-02", "116")
    enrol(data, "E90", "Z", "H90", first="Zed", on="2026-06-02")
    enrol(data, "E91", "C", "H90", rel="3", on="2026-06-02")
    if first:
        data["Enrollment"] = [*data["Enrollment"][-2:], *data["Enrollment"][:-2]]
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert by_hmis_id("D").pk == key
    assert by_hmis_id("Z").pk != key


def test_a_crowd_under_one_id_is_no_household(ready, export, river_specialist):
    data = base()
    for each in range(40):
        enrol(data, f"W{each}", f"W{each}", "0", rel="99")
    apply(ready, export(data), river_specialist)
    assert {by_hmis_id(f"W{each}").household_size for each in range(40)} == {1}


def test_three_heads_and_a_child_leave_no_child_alone(ready, export, river_specialist):
    data = base()
    for each in range(3):
        enrol(data, f"S{each}", f"S{each}", "H0", on=f"2026-04-0{each + 1}")
    enrol(data, "K0", "K0", "H0", rel="2", born="2020-01-01")
    apply(ready, export(data), river_specialist)
    assert {"K0"}.isdisjoint(on_file())
    assert by_hmis_id("S0").children == 1


@pytest.mark.parametrize("key", ["0f8fad5b-d9cb-469f-a165-70867728950e", "H\\20", "Ha\u00fcs"])
def test_a_household_id_that_is_no_id_of_hud_holds_a_family_together(
    ready, export, river_specialist, key
):
    data = couple()
    for row in data["Enrollment"][-3:]:
        row[4] = key
    apply(ready, export(data), river_specialist)
    found = by_hmis_id("C")
    assert (found.adults, found.children) == (2, 1)
    assert {"D", "J"}.isdisjoint(on_file())


def test_a_couple_in_two_projects_is_there_once(ready, export, river_specialist):
    ready.hmis_projects.create(
        key="P4", name="Shelter", type_code="1", is_listed=True,
        region=ready.regions.first(), agency=by_agency(ready),
    )  # fmt: skip
    data = couple()
    data["Project"].append(["P4", "O1", "Shelter", "1", ""])
    enrol(data, "E30", "D", "H30", project="P4", on="2026-05-01")
    enrol(data, "E31", "C", "H30", project="P4", on="2026-05-01", rel="3")
    done = apply(ready, export(data), river_specialist)
    assert "C" in on_file()
    assert {"D"}.isdisjoint(on_file())
    assert ("RelationshipToHoH", "PersonalID D, EnrollmentID E30") in doubts(done)


def by_agency(continuum):
    return continuum.agencies.filter(is_victim_service_provider=False).first()


# A head who is gone, or whose row cannot be read


def two():
    data = base()
    enrol(data, "E20", "C", "H20", first="Cy")
    enrol(data, "E21", "D", "H20", rel="3", first="Di")
    return data


def test_a_partner_goes_on_where_the_export_lost_the_head(ready, export, river_specialist):
    apply(ready, export(two()), river_specialist)
    key = by_hmis_id("C").pk
    data = two()
    data["Enrollment"] = [row for row in data["Enrollment"] if row[1] != "C"]
    data["Enrollment"][-1][5] = "1"
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert by_hmis_id("D").pk == key
    assert (done.counts["new"], done.counts["absent"]) == (0, 0)


def test_a_widow_goes_on_under_a_new_id(ready, export, river_specialist):
    apply(ready, export(two()), river_specialist)
    key = by_hmis_id("C").pk
    data = two()
    leave(data, "E20", "C", "2026-06-02", "24")
    leave(data, "E21", "D", "2026-06-02", "116")
    enrol(data, "E30", "D", "H30", on="2026-06-02")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert by_hmis_id("D").pk == key
    assert on_file()["D"][2] == date(2026, 4, 1)


@pytest.mark.parametrize("make", [two, couple])
@pytest.mark.parametrize("what", ["date", "client"])
def test_a_mistyped_row_of_the_head_changes_no_head(ready, export, river_specialist, make, what):
    apply(ready, export(make()), river_specialist)
    before = on_file()
    release = make_release(by_hmis_id("C"))
    data = make()
    if what == "date":
        next(row for row in data["Enrollment"] if row[0] == "E20")[3] = "04/2026"
    else:
        data["Client"] = [row for row in data["Client"] if row[0] != "C"]
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    release.refresh_from_db()
    assert on_file() == before
    assert not release.is_by_former_head
    assert done.counts["absent"] == 0


def test_a_first_import_takes_no_nameless_household(ready, export, river_specialist):
    data = couple()
    data["Client"] = [row for row in data["Client"] if row[0] != "C"]
    apply(ready, export(data), river_specialist)
    assert set(on_file()) == {"A", "B"}


# Another person under the same id; records that change meanwhile


def test_another_person_under_the_same_id_is_not_taken(
    ready, export, river_specialist, river_other_provider
):
    apply(ready, export(), river_specialist)
    make_release(by_hmis_id("A"))
    data = base()
    data["Client"][0][1:5] = ["Zoe", "Quist", "", "1961-05-05"]
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert on_file()["A"][0] == "Ana Alder"
    (line,) = done.lines.filter(kind="changed")
    assert {each["how"] for each in line.changes if each["field"] in ("name", "birth_date")} == {
        "kept"
    }


def test_a_new_head_who_is_on_file_meanwhile_keeps_their_record(
    ready, export, river_specialist, river_agency, region_2
):
    apply(ready, export(couple()), river_specialist)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    waiting = preview(ready, export(data, "later"), river_specialist, as_of=NEXT)
    by_hand = make_participant(river_agency, region_2, name="Di LastD", hmis_id="D")
    release = make_release(by_hand)
    confirm(waiting, river_specialist)
    release.refresh_from_db()
    assert not by_hand.head_changes.exists()
    assert not release.is_by_former_head
    assert by_hmis_id("C").name == "Cy LastC"


def test_a_joined_partner_who_heads_the_household_stops_no_import(ready, export, river_specialist):
    data = alone()
    enrol(data, "E21", "D", "H21", first="Di")
    apply(ready, export(data), river_specialist)
    make_merge(by_hmis_id("C"), by_hmis_id("D"), by=river_specialist)
    data["Enrollment"][-1][4:6] = ["H20", "3"]
    leave(data, "E20", "C", "2026-06-02", "24")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert done.state == "applied"
    assert by_hmis_id("C").place.status == "active"


def confirm(waiting, actor):
    now = timezone.now()
    services.confirm_import(waiting, accepts=True, actor=actor, now=now, is_queued=False)
    services.apply_confirmed(waiting, now=now)
    waiting.refresh_from_db()
    assert waiting.state == "applied"


# Undone, after somebody worked on


def headed_anew(ready, export, actor):
    apply(ready, export(couple()), actor)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    return apply(ready, export(data, "later"), actor, as_of=NEXT)


def shown(household, viewer):
    return label_for(Participant.objects.get(pk=household.pk), viewer, timezone.now()).text


def test_an_undo_shows_no_name_under_the_others_release(
    ready, export, river_specialist, river_other_provider
):
    done = headed_anew(ready, export, river_specialist)
    household = by_hmis_id("D")
    make_release(household)
    assert shown(household, river_other_provider) == "Di LastD"
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert by_hmis_id("C").pk == household.pk
    assert shown(household, river_other_provider) == household.alias


def test_an_undo_after_a_correction_gives_back_one_whole_person(
    ready, export, river_specialist, river_other_provider
):
    apply(ready, export(couple()), river_specialist)
    make_release(by_hmis_id("C"), days=400)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    household = by_hmis_id("D")
    household.name = "Diane LastD"
    household.save()
    undo_import(done, actor=river_specialist, now=timezone.now())
    household = Participant.objects.get(pk=household.pk)
    assert (household.hmis_id, household.name) == ("C", "Cy LastC")


@pytest.mark.parametrize("hand", ["other", "taken"])
def test_an_undo_leaves_a_head_alone_whose_id_somebody_changed(
    ready, export, river_specialist, river_other_provider, river_agency, region_2, hand
):
    apply(ready, export(couple()), river_specialist)
    release = make_release(by_hmis_id("C"))
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    household = by_hmis_id("D")
    if hand == "other":
        household.hmis_id = "D-corrected"
        household.save()
    else:
        make_participant(river_agency, region_2, name="Cy Again", hmis_id="C")
    undo_import(done, actor=river_specialist, now=timezone.now())
    household = Participant.objects.get(pk=household.pk)
    release.refresh_from_db()
    assert household.name == "Di LastD"
    assert release.is_by_former_head
    assert shown(household, river_other_provider) == household.alias


def test_a_release_of_a_former_head_takes_no_place_of_one_that_ends_soon(
    ready, export, river_specialist
):
    headed_anew(ready, export, river_specialist)
    household = by_hmis_id("D")
    soon = make_release(household, days=5)
    make_release(household, days=300, is_by_former_head=True)
    today = today_in(ready.zone)
    ending = household.releases.ending(Moment(timezone.now(), today))
    assert list(ending) == [soon]


def test_members_are_told_by_their_newest_stay(ready, export, river_specialist):
    data = couple()
    leave(data, "E21", "D", "2026-04-20", "116")
    enrol(data, "E23", "D", "H20", rel="3", on="2026-05-10")
    apply(ready, export(data), river_specialist)
    partner = {each.hmis_id: each for each in by_hmis_id("C").members.all()}["D"]
    assert (partner.since, partner.until) == (date(2026, 5, 10), None)


def test_a_household_that_goes_to_a_victim_service_provider_leaves_no_id_behind(
    ready, export, river_specialist, river_provider, river_vsp_agency
):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    change_participant(
        household, agency=river_vsp_agency, name=None, birth_date=None, contact=None,
        hmis_id=None, changed_at=household.changed_at, actor=river_provider, now=timezone.now(),
    )  # fmt: skip
    household = Participant.objects.get(pk=household.pk)
    assert household.is_confidential
    assert not household.members.filter(hmis_id_index__isnull=False).exists()
    assert not hasattr(household, "hmis")
