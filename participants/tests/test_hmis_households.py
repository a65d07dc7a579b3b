"""Households of an export by their head, over time: what real exports got wrong, kind by kind."""

import zipfile
from datetime import date

import pytest
from django.core.management import CommandError
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.world import signed_in
from participants.hmis import services
from participants.hmis.archives import ImportRefused, Zip
from participants.hmis.undoing import undo_import
from participants.models import HmisLine, HmisProject, Participant
from participants.services.releases import confirm_release
from participants.tests.factories import make_release
from regions.clock import Moment

from .test_hmis import HEADERS, apply, base, by_hmis_id, export, preview, ready, run

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
NEXT = date(2026, 6, 8)


def doubts(hmis_import):
    """What the import finds odd, as `(column, ids in HMIS)`."""
    return [(each.column, each.ids or "") for each in hmis_import.refusals.all()]


def enrol(data, eid, pid, household, *, rel="1", on="2026-04-01", project="P1", coc="", **more):
    """Add an enrolment, and its person if they are new."""
    row = [eid, pid, project, on, household, rel, coc, more.get("living", "116")]
    data["Enrollment"].append([*row, more.get("moved_in", ""), ""])
    if pid not in {each[0] for each in data["Client"]}:
        born = more.get("born", "1980-01-01")
        data["Client"].append([pid, more.get("first", "Pat"), f"Last{pid}", "", born, "0", ""])


def leave(data, eid, pid, on, destination):
    data["Exit"].append([f"X{eid}", eid, pid, on, destination, ""])


def couple():
    """Cy and Di, with a child; Cy heads the household."""
    data = base()
    enrol(data, "E20", "C", "H20", first="Cy", born="1975-01-01")
    enrol(data, "E21", "D", "H20", rel="3", first="Di", born="1976-01-01")
    enrol(data, "E22", "J", "H20", rel="2", first="Jo", born="2016-01-01")
    return data


# E1, E4, E5, E6: who is a household


def test_a_household_is_in_the_coc_of_its_head(ready, export, river_specialist):
    data = couple()
    data["ProjectCoC"].append(["P1", "MN-500", "Minneapolis", "MN", ""])
    data["Enrollment"][-3][6] = "MN-500"  # the members' stay empty, as the standard has it
    preview_of = preview(ready, export(data), river_specialist)
    assert {line.said["hmis_id"] for line in preview_of.lines.all()} == {"A", "B"}


def test_an_enrollment_that_tells_no_coc_in_a_shared_project_is_doubtful(
    ready, export, river_specialist
):
    data = couple()
    data["ProjectCoC"].append(["P1", "MN-500", "Minneapolis", "MN", ""])
    found = preview(ready, export(data), river_specialist)
    assert ("EnrollmentCoC", "PersonalID C, EnrollmentID E20") in doubts(found)
    assert found.counts["new"] == 3


@pytest.mark.parametrize(
    ("others", "head"),
    [
        ([("3", "1976-01-01"), ("2", "2016-01-01")], "M0"),
        ([("2", "2016-01-01"), ("3", "1976-01-01")], "M1"),
        ([("4", "1950-01-01"), ("3", "1976-01-01")], "M1"),
        ([("5", "1990-01-01"), ("4", "1950-01-01")], "M1"),
        ([("2", "2016-01-01"), ("2", "2014-01-01")], "M1"),
    ],
)
def test_where_the_head_left_the_next_member_heads_with_their_own_name(
    ready, export, river_specialist, others, head
):
    data = base()
    enrol(data, "E20", "C", "H20")
    for number, (rel, born) in enumerate(others):
        enrol(data, f"M{number}", f"M{number}", "H20", rel=rel, born=born, first=f"Mo{number}")
    leave(data, "E20", "C", "2026-05-01", "116")
    done = apply(ready, export(data), river_specialist)
    found = by_hmis_id(head)
    assert (found.name, found.birth_date.isoformat()) == (
        f"Mo{head[1]} Last{head}",
        dict(zip(("M0", "M1"), others, strict=True))[head][1],
    )
    assert ("RelationshipToHoH", f"PersonalID {head}, EnrollmentID {head}") in doubts(done)
    # Listed since the household came, whoever headed it then.
    assert found.place.listed_on == date(2026, 4, 1)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_single_people_who_share_an_id_are_each_their_own(ready, export, river_specialist, number):
    data = base()
    for each in range(number):
        enrol(data, f"S{each}", f"S{each}", "H0", on=f"2026-04-0{each + 1}")
    done = apply(ready, export(data), river_specialist)
    people = [by_hmis_id(f"S{each}") for each in range(number)]
    assert [(each.adults, each.place.listed_on.day) for each in people] == [
        (1, each + 1) for each in range(number)
    ]
    assert len([ids for column, ids in doubts(done) if column == "HouseholdID"]) == number


def test_two_heads_with_a_child_stay_one_household(ready, export, river_specialist):
    data = couple()
    data["Enrollment"][-2][5] = "1"
    done = apply(ready, export(data), river_specialist)
    assert (by_hmis_id("C").adults, by_hmis_id("C").children) == (2, 1)
    assert any(column == "RelationshipToHoH" for column, _ids in doubts(done))


def test_a_person_enrolled_twice_counts_once_since_the_first(ready, export, river_specialist):
    data = base()
    for number, on in enumerate(("2026-04-01", "2026-02-01", "2026-05-01")):
        enrol(data, f"T{number}", "T", "H9", on=on)
    apply(ready, export(data), river_specialist)
    found = by_hmis_id("T")
    assert (found.adults, found.children, found.place.listed_on) == (1, 0, date(2026, 2, 1))


# E2: the head changes


def test_a_new_head_is_no_new_household(ready, export, river_specialist, river_agency, region_2):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    release = make_release(household)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    data["Enrollment"][-2][5] = "1"
    data["Enrollment"][-2][3] = "2026-05-20"
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert (done.counts["new"], done.counts["absent"]) == (0, 0)
    household.refresh_from_db()
    assert (household.hmis_id, household.name) == ("D", "Di LastD")
    assert (household.adults, household.children) == (1, 1)
    assert household.place.listed_on == date(2026, 4, 1)
    assert [each.flow for each in household.place_changes.all()] == ["identified"]
    assert [each.on for each in household.head_changes.all()] == [date(2026, 6, 4)]
    members = {each.hmis_id: each for each in household.members.all()}
    assert set(members) == {"C", "J"}
    assert (members["C"].relation, members["C"].until) == ("1", date(2026, 6, 4))
    # What the former head signed does not show the new one's name until somebody asked.
    release.refresh_from_db()
    assert release.is_by_former_head
    live = household.releases.live(Moment(timezone.now(), date(2026, 6, 8)))
    assert not live.exists()
    assert confirm_release(
        release, reason="On the phone", actor=river_specialist, now=timezone.now()
    )
    assert not confirm_release(release, reason="Again", actor=river_specialist, now=timezone.now())
    again = apply(ready, export(data, "again"), river_specialist, as_of=date(2026, 6, 9))
    assert again.state == "same"


def test_a_change_of_head_is_undone_whole(ready, export, river_specialist):
    apply(ready, export(couple()), river_specialist)
    household = by_hmis_id("C")
    release = make_release(household)
    before = sorted(
        (each.hmis_id, each.relation, each.since, each.until) for each in household.members.all()
    )
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "410")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert by_hmis_id("D").pk == household.pk
    undo_import(done, actor=river_specialist, now=timezone.now())
    household = Participant.objects.get(pk=household.pk)
    release.refresh_from_db()
    assert (household.hmis_id, household.name) == ("C", "Cy LastC")
    assert (household.adults, household.children) == (2, 1)
    assert not household.head_changes.exists()
    assert not release.is_by_former_head
    assert before == sorted(
        (each.hmis_id, each.relation, each.since, each.until) for each in household.members.all()
    )


def test_who_leaves_a_household_and_heads_another_is_new(ready, export, river_specialist):
    """A split: the one household stays whose head stays, and the other is identified."""
    apply(ready, export(couple()), river_specialist)
    first = by_hmis_id("C")
    data = couple()
    leave(data, "E21", "D", "2026-06-02", "116")
    enrol(data, "E30", "D", "H30", on="2026-06-02")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert (done.counts["new"], done.counts["absent"]) == (1, 0)
    first.refresh_from_db()
    assert (first.hmis_id, first.adults, first.children) == ("C", 1, 1)
    # On the list since the household is that they left, and identified as they left it.
    place = by_hmis_id("D").place
    assert (place.listed_on, place.status_on) == (date(2026, 4, 1), date(2026, 6, 2))


def test_two_heads_who_become_one_household_are_said(ready, export, river_specialist):
    apply(ready, export(couple()), river_specialist)
    data = couple()
    leave(data, "E3", "B", "2026-06-02", "116")
    enrol(data, "E31", "B", "H20", rel="5", on="2026-06-02")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert done.counts["absent"] == 0
    assert ("RelationshipToHoH", "PersonalID B, EnrollmentID E31") in doubts(done)
    assert by_hmis_id("B").place.status == "active"


def test_one_of_several_who_share_an_id_leaves(ready, export, river_specialist):
    data = base()
    for each in ("S0", "S1", "S2"):
        enrol(data, each, each, "H0")
    apply(ready, export(data), river_specialist)
    leave(data, "S1", "S1", "2026-06-04", "410")
    done = apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    assert (done.counts["new"], done.counts["absent"]) == (0, 0)
    assert [by_hmis_id(each).place.status for each in ("S0", "S1", "S2")] == [
        "active",
        "housed",
        "active",
    ]


def test_a_household_ends_as_its_last_adult_left(ready, export, river_specialist):
    apply(ready, export(couple()), river_specialist)
    data = couple()
    leave(data, "E20", "C", "2026-06-02", "24")
    leave(data, "E21", "D", "2026-06-05", "410")
    leave(data, "E22", "J", "2026-06-05", "410")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    household = Participant.objects.get(place__status="housed")
    assert household.place.status_on == date(2026, 6, 5)
    assert [each.flow for each in household.place_changes.all()] == ["housed", "identified"]


# E3: dates that are later, or cannot be


@pytest.mark.parametrize("far", ["2062-05-04", "2026-06-02"])
def test_the_last_contact_is_the_last_by_the_day(ready, export, river_specialist, far):
    data = base()
    data["Services"] = [
        ["S1", "E1", "A", "2026-05-20", "200", ""],
        ["S2", "E1", "A", far, "200", ""],
        ["S3", "E1", "A", "2026-05-19", "200", ""],
    ]
    apply(ready, export(data), river_specialist)
    assert by_hmis_id("A").hmis.said["contact"]["value"] == ["2026-05-20", "service"]


@pytest.mark.parametrize(
    ("file", "row", "column", "said"),
    [
        ("Client", 1, 4, "DOB"),
        ("Enrollment", 2, 3, "EntryDate"),
        ("Enrollment", 2, 8, "MoveInDate"),
        ("CurrentLivingSituation", 0, 3, "InformationDate"),
        ("Services", 0, 3, "DateProvided"),
        ("Assessment", 0, 3, "AssessmentDate"),
        ("Event", 0, 3, "EventDate"),
    ],
)
def test_a_date_ahead_of_the_export_is_doubtful_wherever_it_stands(
    ready, export, river_specialist, file, row, column, said
):
    data = base()
    data[file][row][column] = "2093-01-01"
    found = preview(ready, export(data), river_specialist)
    assert said in [name for name, ids in doubts(found) if ids]


def test_an_exit_before_its_entry_is_doubtful(ready, export, river_specialist):
    data = base()
    leave(data, "E3", "B", "2026-03-01", "410")
    found = preview(ready, export(data), river_specialist)
    assert ("ExitDate", "PersonalID B, EnrollmentID E3") in doubts(found)


def test_a_child_who_heads_a_household_is_doubtful(ready, export, river_specialist):
    data = base()
    enrol(data, "E40", "Y", "H40", born="2017-05-01")
    found = preview(ready, export(data), river_specialist)
    assert ("RelationshipToHoH", "PersonalID Y, EnrollmentID E40") in doubts(found)


# E9, E13: housed, and back


def test_a_placement_while_an_enrollment_is_open_is_asked_about(ready, export, river_specialist):
    data = base()
    enrol(data, "E50", "H", "H50")
    enrol(data, "E51", "H", "H51", project="P3", on="2026-04-20", moved_in="2026-04-25")
    leave(data, "E51", "H", "2026-05-20", "421")
    waiting = preview(ready, export(data), river_specialist)
    (line,) = waiting.lines.filter(kind=HmisLine.Kind.HOUSED)
    assert line.said["asks"] == ["placed", "2026-05-20", None]
    services.decide_duplicate(line, decision="add", actor=river_specialist, now=timezone.now())
    services.confirm_import(
        waiting, accepts=True, actor=river_specialist, now=timezone.now(), is_queued=False
    )
    services.apply_confirmed(waiting, now=timezone.now())
    assert by_hmis_id("H").hmis.perhaps_housed_on == date(2026, 5, 20)


def test_nobody_is_added_who_is_perhaps_housed_and_of_whom_nobody_said(
    ready, export, river_specialist
):
    data = base()
    enrol(data, "E50", "H", "H50")
    enrol(data, "E51", "H", "H51", project="P3", on="2026-04-20", moved_in="2026-04-25")
    data["CurrentLivingSituation"].append(["C9", "E50", "H", "2026-05-15", "116", "", ""])
    done = apply(ready, export(data), river_specialist)
    assert (done.counts["housed"], done.counts["done"]["left_out"]) == (1, 1)
    assert sorted(each.hmis_id for each in Participant.objects.all()) == ["A", "B"]


def test_a_household_on_file_that_is_perhaps_housed_stays_and_is_gathered(
    ready, export, river_specialist, client
):
    apply(ready, export(), river_specialist)
    data = base()
    enrol(data, "E51", "B", "H51", project="P3", on="2026-04-20", moved_in="2026-04-25")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    bo = by_hmis_id("B")
    assert (bo.place.status, bo.hmis.perhaps_housed_on) == ("active", date(2026, 4, 25))
    page = signed_in(river_specialist).get(
        reverse("participants:participant_list"),
        {"source": "housed", "columns": ["enrolled", "agency"], "sort": "enrolled"},
    )
    assert b"Perhaps housed Apr 25, 2026" in page.content


@pytest.mark.parametrize(
    ("left_on", "flow"), [("2025-06-01", "back_from_housing"), ("2023-01-01", "identified")]
)
def test_the_first_import_knows_who_returns_from_housing(
    ready, export, river_specialist, left_on, flow
):
    data = base()
    enrol(data, "E60", "R", "H60", project="P3", on="2022-01-01")
    leave(data, "E60", "R", left_on, "410")
    enrol(data, "E61", "R", "H61", on="2026-04-01")
    apply(ready, export(data), river_specialist)
    assert [each.flow for each in by_hmis_id("R").place_changes.all()] == [flow]


# E10: what is not known


def test_youth_is_not_known_without_the_heads_birth_date(ready, export, river_specialist):
    data = base()
    enrol(data, "E70", "U", "H70", born="")
    enrol(data, "E71", "W", "H70", rel="2", born="2023-01-01")
    found = preview(ready, export(data), river_specialist)
    (line,) = [each for each in found.lines.all() if each.said["hmis_id"] == "U"]
    assert line.said["is_youth"] is None


# E15: who should still be here


def test_who_left_and_stays_on_the_list_is_gathered(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    data = base()
    leave(data, "E3", "B", "2026-06-03", "116")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    client = signed_in(river_specialist)
    address = reverse("participants:participant_list")
    asked = {"source": "ended", "status": "active", "columns": ["enrolled"], "sort": "enrolled"}
    assert b"Left Jun 3, 2026" in client.get(address, asked).content
    assert by_hmis_id("B").place.status == "active"
    # Enrolled again: gone from the work list.
    enrol(data, "E80", "B", "H80", on="2026-06-09")
    apply(ready, export(data, "back"), river_specialist, as_of=date(2026, 6, 10))
    assert by_hmis_id("B").hmis.left_on is None


# E7, E8, E11, E14: what is said


@pytest.mark.parametrize("file", sorted(set(HEADERS) - {"Export"}))
def test_each_file_that_is_empty_or_lacks_a_column_is_named(ready, export, river_specialist, file):
    folder = export()
    (folder / f"{file}.csv").write_bytes(b"")
    with pytest.raises(ImportRefused, match=rf"{file}\.csv is empty"):
        preview(ready, folder, river_specialist)
    (folder / f"{file}.csv").write_text("Nothing,Known\n1,2\n")
    with pytest.raises(ImportRefused, match=rf"{file}\.csv has no column"):
        preview(ready, folder, river_specialist)


@pytest.mark.parametrize("file", sorted(HEADERS))
def test_zero_bytes_and_wide_letters_stop_no_import(ready, export, river_specialist, file):
    folder = export()
    text = (folder / f"{file}.csv").read_bytes()
    (folder / f"{file}.csv").write_bytes(text.replace(b",", b"\0,", 30).replace(b"\0,", b",", 2))
    assert preview(ready, folder, river_specialist).counts["new"] == 2
    services.discard_import(
        ready.hmis_imports.get(state="ready"), actor=river_specialist, now=timezone.now()
    )
    (folder / f"{file}.csv").write_bytes(text.decode().encode("utf-16-le"))
    with pytest.raises(ImportRefused, match="UTF-16"):
        preview(ready, folder, river_specialist)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"PK\x03\x04rest", "a workbook or a zip"),
        (b"\xd0\xcf\x11\xe0rest", "an old workbook"),
        (b"\x1f\x8brest", "a gzip archive"),
    ],
)
def test_another_kind_of_file_under_the_name_of_a_csv_is_named(
    ready, export, river_specialist, head, words
):
    folder = export()
    (folder / "Client.csv").write_bytes(head)
    with pytest.raises(ImportRefused, match=rf"Client\.csv is no text: it is {words}"):
        preview(ready, folder, river_specialist)


def test_another_archive_and_a_zip_in_a_zip_are_named(tmp_path):
    other = tmp_path / "export.zip"
    other.write_bytes(b"7z\xbc\xaf\x27\x1c rest")
    with pytest.raises(ImportRefused, match="7-Zip archive, not a zip"):
        Zip(other)
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("inner/HMIS.zip", b"PK")
    with pytest.raises(ImportRefused, match=r"holds HMIS\.zip and no CSV"):
        Zip(other)


@pytest.mark.parametrize("at", [0, 1])
def test_ids_that_a_spreadsheet_ate_are_named(ready, export, river_specialist, at):
    data = base()
    data["Enrollment"][1][at] = "1.23457E+15"
    with pytest.raises(ImportRefused, match="changed by a spreadsheet"):
        preview(ready, export(data), river_specialist)


def test_a_project_that_is_in_the_file_twice_is_said(river, export, river_specialist):
    data = base()
    data["Project"].append(["P1", "O1", "Front door again", "14", ""])
    found = preview(river, export(data), river_specialist)
    assert ("ProjectID", "ProjectID P1") in doubts(found)
    assert HmisProject.objects.get(key="P1").name == "Front door"


@pytest.mark.parametrize(("period", "directive"), [("1", "2"), ("3", "1"), ("1", "")])
def test_an_export_of_changes_alone_is_refused(ready, export, river_specialist, period, directive):
    data = base()
    data["Export"][0] += [period, directive]
    headers = HEADERS | {"Export": HEADERS["Export"] + ",ExportPeriodType,ExportDirective"}
    with pytest.raises(ImportRefused, match="only what changed"):
        preview(ready, export(data, headers=headers), river_specialist)


def test_a_period_that_ends_long_before_the_export_is_said(ready, export, river_specialist):
    data = base()
    data["Export"][0][4] = "2026-03-31"
    found = preview(ready, export(data), river_specialist)
    assert any("its period ends on March 31, 2026" in stop for stop in found.stops)


def test_the_command_says_that_no_project_was_chosen(river, export):
    data = base()
    data["Project"] = [each[:3] + ["0", ""] for each in data["Project"]]
    with pytest.raises(CommandError, match=r"no project puts its households.*P1 \(Front door\)"):
        run(export(data), "--continuum", "MN-502")
    assert not river.hmis_imports.unfinished().exists()


@pytest.mark.parametrize(
    ("flag", "words"),
    [("1", "of a victim service provider"), ("", "HMIS does not say"), ("99", "HMIS does not say")],
)
def test_the_command_says_why_a_project_is_left_out(ready, export, flag, words):
    data = base()
    data["Organization"][1][2] = flag
    said = run(export(data), "--continuum", "MN-502", "--as-of", "2026-06-01")
    assert f"Not imported, {words}" in said


def test_names_come_composed(ready, export, river_specialist):
    data = base()
    data["Client"][2][1] = "Bjo\u0308rn"
    apply(ready, export(data), river_specialist)
    assert by_hmis_id("B").name == "Bj\xf6rn Birch"


# Another system: all ids new


def town(number, prefix):
    """So many single people, whose every id begins with `prefix`."""
    data = base()
    for name in ("Client", "Enrollment", "CurrentLivingSituation", "Services", "Assessment"):
        data[name] = []
    data["Event"] = []
    for each in range(number):
        pid, born = f"{prefix}{each}", f"19{60 + each}-02-03"
        enrol(data, f"{prefix}E{each}", pid, f"{prefix}H{each}", born=born)
        data["Client"][-1][2] = f"Town{each}"
    return data


def test_another_systems_ids_are_taken_over_at_once_and_given_back(ready, export, river_specialist):
    apply(ready, export(town(14, "old")), river_specialist)
    keys = {each.name: each.pk for each in Participant.objects.all()}
    data = town(15, "new")
    # Somebody is in the new system twice.
    enrol(data, "newE99", "new99", "newH99", born="1961-02-03")
    data["Client"][-1][1:3] = ["Pat", "Town1"]
    data["Client"][1][1:3] = ["Pat", "Town1"]
    waiting = preview(ready, export(data, "new"), river_specialist, as_of=NEXT)
    assert (waiting.counts["renumbered"], waiting.counts["duplicate"]) == (13, 15)
    assert any("13 households on file" in stop for stop in waiting.stops)
    client = signed_in(river_specialist)
    client.post(reverse("imports:duplicates_join", args=[waiting.pk]))
    services.confirm_import(
        waiting, accepts=True, actor=river_specialist, now=timezone.now(), is_queued=False
    )
    services.apply_confirmed(waiting, now=timezone.now())
    waiting.refresh_from_db()
    assert waiting.counts["done"]["joined"] == 13
    now_on_file = {each.name: each for each in Participant.objects.all()}
    assert now_on_file["Pat Town3"].hmis_id == "new3"
    assert now_on_file["Pat Town3"].pk == keys["Pat Town3"]
    assert now_on_file["Pat Town3"].hmis.absent_on is None
    assert now_on_file["Pat Town1"].hmis_id == "old1"
    undo_import(waiting, actor=river_specialist, now=timezone.now())
    assert {each.hmis_id for each in Participant.objects.all()} == {
        f"old{each}" for each in range(14)
    }


# Who reads it


def test_a_new_head_is_told_on_the_households_page_by_no_name(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(couple()), river_specialist)
    data = couple()
    leave(data, "E20", "C", "2026-06-04", "24")
    apply(ready, export(data, "later"), river_specialist, as_of=NEXT)
    household = by_hmis_id("D")
    page = signed_in(river_provider).get(household.get_absolute_url()).content.decode()
    assert "New head" in page
    assert "Former head of household" in page
    assert "Cy LastC" not in page
