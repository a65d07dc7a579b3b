"""The import of HMIS CSV, on files that are written here; a test for each trap of real ones."""

import csv
import io
import zipfile
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from agreements.tests.factories import make_statement
from audit.models import AuditEntry
from conferencing.tests.factories import make_meeting, make_review
from conferencing.tests.readable import readable
from participants.hmis import services
from participants.hmis.archives import ImportRefused, Zip, open_path
from participants.hmis.clients import name_of
from participants.hmis.projects import change_projects
from participants.hmis.reading import Dates, shape_of
from participants.hmis.undoing import undo_import
from participants.models import (
    HmisImport,
    HmisProject,
    HmisRecord,
    HmisUploadPart,
    Participant,
)
from participants.services import aliases
from participants.services.participants import change_participant
from participants.services.retention import deidentify
from participants.tests.factories import make_contact, make_merge, make_participant, make_situation
from regions.tests.factories import make_user, today_in

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 6, 1)
HEADERS = {
    "Export": "ExportID,SourceName,ExportDate,ExportStartDate,ExportEndDate,CSVVersion,HashStatus",
    "Organization": "OrganizationID,OrganizationName,VictimServiceProvider,DateDeleted",
    "Project": "ProjectID,OrganizationID,ProjectName,ProjectType,DateDeleted",
    "ProjectCoC": "ProjectID,CoCCode,City,State,DateDeleted",
    "Client": "PersonalID,FirstName,LastName,SSN,DOB,VeteranStatus,DateDeleted",
    "Enrollment": "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,"
    "EnrollmentCoC,LivingSituation,MoveInDate,DateDeleted",
    "Exit": "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateDeleted",
    "CurrentLivingSituation": "CurrentLivingSitID,EnrollmentID,PersonalID,InformationDate,"
    "CurrentLivingSituation,LocationDetails,DateDeleted",
    "Services": "ServicesID,EnrollmentID,PersonalID,DateProvided,RecordType,DateDeleted",
    "Assessment": "AssessmentID,EnrollmentID,PersonalID,AssessmentDate,PrioritizationStatus,"
    "DateDeleted",
    "Event": "EventID,EnrollmentID,PersonalID,EventDate,Event,ReferralResult,DateDeleted",
}


def base():
    """Two projects, one of them a victim service provider's; Ana with a child, Bo alone."""
    return {
        "Export": [["1", "HMIS of the Rivers", "2026-06-01", "2025-06-01", "2026-06-01",
                    "2026 v1.0", "1"]],
        "Organization": [["O1", "Bridge Housing", "0", ""], ["O2", "Safe Harbor", "1", ""]],
        "Project": [["P1", "O1", "Front door", "14", ""], ["P2", "O2", "Safe house", "14", ""],
                    ["P3", "O1", "Apartments", "13", ""]],
        "ProjectCoC": [["P1", "MN-502", "Faribault", "MN", ""]],
        "Client": [["A", "Ana", "Alder", "123456789", "1990-07-24", "0", ""],
                   ["K", "Kim", "Alder", "123456788", "2015-01-01", "99", ""],
                   ["B", "Bo", "Birch", "123456787", "2004-03-02", "1", ""],
                   ["V", "Vi", "Secret", "123456786", "1980-01-01", "0", ""]],
        "Enrollment": [["E1", "A", "P1", "2026-03-01", "H1", "1", "MN-502", "116", "", ""],
                       ["E2", "K", "P1", "2026-03-01", "H1", "2", "MN-502", "", "", ""],
                       ["E3", "B", "P1", "2026-04-01", "H2", "1", "MN-502", "335", "", ""],
                       ["E4", "V", "P2", "2026-04-01", "H3", "1", "MN-502", "116", "", ""]],
        "Exit": [],
        "CurrentLivingSituation": [["C1", "E3", "B", "2026-05-01", "116", "Rice County", ""],
                                   ["C2", "E4", "V", "2026-05-09", "116", "", ""]],
        "Services": [["S1", "E1", "A", "2026-05-20", "200", ""],
                     ["S2", "E1", "A", "2026-05-30", "141", ""]],
        "Assessment": [["Q1", "E1", "A", "2026-03-02", "1", ""]],
        "Event": [["V1", "E1", "A", "2026-05-02", "14", "", ""],
                  ["V2", "E3", "B", "2026-05-02", "14", "1", ""]],
    }  # fmt: skip


def write(folder, data, *, headers=None):
    folder.mkdir(exist_ok=True)
    for name, rows in data.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow((headers or HEADERS)[name].split(","))
            writer.writerows(rows)
    return folder


@pytest.fixture
def export(tmp_path):
    """Write an export and return its folder: `export(data)`."""
    return lambda data=None, name="export", **more: write(tmp_path / name, data or base(), **more)


@pytest.fixture
def ready(river, region_2, river_agency, river_specialist):
    """River Valleys with its coordinated-entry project decided about."""
    HmisProject.objects.create(
        continuum=river, key="P1", name="Front door", organization="Bridge Housing",
        type_code="14", is_listed=True, region=region_2, agency=river_agency,
    )  # fmt: skip
    return river


def preview(continuum, folder, actor, *, as_of=AS_OF):
    now = timezone.now()
    hmis_import = services.start_import(continuum, files=[], actor=actor, now=now, as_of=as_of)
    files = open_path(folder)
    try:
        services.read_files(hmis_import, files, now=now)
    except ImportRefused as refused:
        services.fail(hmis_import, str(refused))
        raise
    finally:
        files.close()
    return hmis_import


def apply(continuum, folder, actor, **more):
    hmis_import = preview(continuum, folder, actor, **more)
    now = timezone.now()
    services.confirm_import(hmis_import, accepts=True, actor=actor, now=now, is_queued=False)
    services.apply_confirmed(hmis_import, now=now)
    hmis_import.refresh_from_db()
    return hmis_import


def figures(hmis_import):
    names = ("new", "changed", "unchanged", "absent", "duplicate")
    return tuple(hmis_import.counts[name] for name in names)


def by_hmis_id(key):
    return next(each for each in Participant.objects.all() if each.hmis_id == key)


def problems(hmis_import):
    return [(each.file_name, each.line, each.column, each.shape) for each in
            hmis_import.refusals.all()]  # fmt: skip


def changes(hmis_import):
    lines = hmis_import.lines.filter(kind="changed")
    return [
        (each["field"], each["from"], each["to"], each["how"])
        for line in lines
        for each in line.changes
    ]


# What comes in


def test_import_maps_households(ready, export, river_specialist, region_2, river_agency):
    done = apply(ready, export(), river_specialist)
    assert (done.state, figures(done)) == ("applied", (2, 0, 0, 0, 0))
    ana, bo = by_hmis_id("A"), by_hmis_id("B")
    assert (ana.name, ana.birth_date, ana.adults, ana.children) == (
        "Ana Alder", date(1990, 7, 24), 1, 1,
    )  # fmt: skip
    assert (ana.region, ana.county, ana.agency) == (region_2, None, river_agency)
    assert (ana.is_unsheltered, ana.is_youth, ana.is_veteran, ana.is_prioritized) == (
        False, False, False, True,
    )  # fmt: skip
    assert ana.referral_active_on == date(2026, 5, 2)
    assert (ana.place.status, ana.place.listed_on) == ("active", date(2026, 3, 1))
    assert (bo.county.name, bo.is_unsheltered, bo.is_youth, bo.is_veteran) == (
        "Rice", True, True, True,
    )  # fmt: skip
    assert bo.referral_active_on is None
    assert [(each.kind, each.on) for each in ana.situations.all()] == [
        ("shelter", date(2026, 5, 20))
    ]
    said = [each.hmis.said["contact"]["value"][0] for each in (ana, bo)]
    assert said == ["2026-05-20", "2026-05-01"]
    assert [move.flow for move in ana.place_changes.all()] == ["identified"]
    assert sorted((each.kind, each.on) for each in ana.contacts.all()) == [
        ("assessed", date(2026, 3, 2)), ("service", date(2026, 5, 20)),
    ]  # fmt: skip


def test_import_refuses_a_victim_service_providers_projects_whole(ready, export, river_specialist):
    done = apply(ready, export(), river_specialist)
    assert done.counts["refused_projects"] == {"Safe house": 1}
    assert sorted(each.hmis_id for each in Participant.objects.all()) == ["A", "B"]
    assert not any("Secret" in str(line.said) for line in done.lines.all())


@pytest.mark.parametrize("flag", ["", "99", "1"])
def test_import_refuses_an_organization_not_known_to_be_none(ready, export, river_specialist, flag):
    data = base()
    data["Organization"][0][2] = flag
    done = preview(ready, export(data), river_specialist)
    assert figures(done) == (0, 0, 0, 0, 0)


def test_import_never_opens_what_it_may_not_read(ready, export, river_specialist):
    folder = export()
    (folder / "Disabilities.csv").write_bytes(b"\x00not even csv")
    (folder / "HealthAndDV.csv").mkdir()
    (folder / "CustomGender.csv").write_text("anything")
    done = apply(ready, folder, river_specialist)
    assert figures(done) == (2, 0, 0, 0, 0)
    assert not any("123456789" in readable(str(line.said)) for line in done.lines.all())


# Traps of real files


def test_import_takes_columns_in_any_order_quoted_and_with_a_byte_order_mark(
    ready, export, river_specialist
):
    folder, data = export(), base()
    for name, rows in data.items():
        columns = HEADERS[name].split(",")
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow(list(reversed(columns)))
        writer.writerows(list(reversed(row)) for row in rows)
        (folder / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    assert figures(preview(ready, folder, river_specialist)) == (2, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-05-04", date(2022, 5, 4)),
        ("2022-05-04 13:38:05", date(2022, 5, 4)),
        ("02-07-2023 12:00:00", date(2023, 2, 7)),
        ("03-11-21", date(2021, 3, 11)),
        ("03-11-85", date(1985, 3, 11)),
        ("3/1/2021", date(2021, 3, 1)),
        ("", None),
    ],
)
def test_dates_come_in_the_shapes_of_real_exports(text, expected):
    assert Dates(AS_OF).read(text) == expected


@pytest.mark.parametrize("text", ["2022-13-04", "yesterday", "02-30-2023", "1066-01-01"])
def test_dates_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"no date|month|day"):
        Dates(AS_OF).read(text)


def test_refusal_tells_place_and_shape_and_nobodys_value(ready, export, river_specialist):
    data = base()
    data["Enrollment"][2][3] = "Bo came in May"
    done = preview(ready, export(data), river_specialist)
    assert problems(done) == [("Enrollment.csv", 4, "EntryDate", "Aa aaaa aa Aaa")]
    assert figures(done) == (1, 0, 0, 0, 0)


def test_shape_hides_the_value():
    assert (shape_of("Ana-1990"), shape_of(""), shape_of("x" * 30)) == (
        "Aaa-9999", "(empty)", "a" * 20 + "…",
    )  # fmt: skip


def test_import_keeps_ids_as_text(ready, export, river_specialist):
    data = base()
    for row in data["Client"]:
        row[0] = {"A": "00042"}.get(row[0], row[0])
    data["Enrollment"][0][1] = "00042"
    apply(ready, export(data), river_specialist)
    assert by_hmis_id("00042").name == "Ana Alder"


def test_names_that_are_hashed_are_no_names_whatever_the_export_says():
    assert name_of("ab" * 32, "cd" * 20) is None
    assert name_of(" Ana ", "Alder  Smith") == "Ana Alder Smith"


def test_import_finds_a_head_where_nobody_is_marked(ready, export, river_specialist):
    data = base()
    data["Enrollment"][0][5] = "99"
    done = apply(ready, export(data), river_specialist)
    assert problems(done) == [("Enrollment.csv", 2, "RelationshipToHoH", "")]
    ana = by_hmis_id("A")
    assert (ana.adults, ana.children) == (1, 1)


def test_import_of_a_household_without_id_is_the_person_alone(ready, export, river_specialist):
    data = base()
    data["Enrollment"][2][4] = ""
    apply(ready, export(data), river_specialist)
    assert by_hmis_id("B").household_size == 1


def test_import_skips_what_was_deleted_or_has_not_begun(ready, export, river_specialist):
    data = base()
    data["Enrollment"][0][9] = "2026-05-05 10:00:00"
    data["Enrollment"][2][3] = "2026-06-02"
    done = preview(ready, export(data), river_specialist)
    # The child of the household is still enrolled, and nobody else.
    assert [line.said["hmis_id"] for line in done.lines.all()] == ["K"]


def test_import_leaves_out_who_left_and_who_moved_in(ready, export, river_specialist):
    data = base()
    data["Exit"] = [["X1", "E1", "A", "2026-05-25", "410", ""],
                    ["X2", "E2", "K", "2026-05-25", "410", ""]]  # fmt: skip
    data["Enrollment"].append(["E9", "B", "P3", "2026-04-20", "H9", "1", "", "", "2026-05-10", ""])
    done = preview(ready, export(data), river_specialist)
    assert figures(done) == (0, 0, 0, 0, 0)


def test_import_leaves_other_cocs_enrollments_of_a_shared_project(ready, export, river_specialist):
    data = base()
    data["ProjectCoC"].append(["P1", "MN-500", "Minneapolis", "MN", ""])
    data["Enrollment"][2][6] = "MN-500"
    data["Enrollment"][0][6] = ""
    assert figures(preview(ready, export(data), river_specialist)) == (1, 0, 0, 0, 0)


def test_import_notes_rows_that_are_short_double_or_orphaned(ready, export, river_specialist):
    data = base()
    data["Enrollment"] += [["E3", "B", "P1", "2026-04-02", "H2", "1", "", "", "", ""],
                           ["E8", "Z", "P1", "2026-04-02", "H8", "1", "", "", "", ""],
                           ["E7", "B"]]  # fmt: skip
    data["Client"].append(["B", "Bob", "Birch", "", "2004-03-02", "0", ""])
    done = preview(ready, export(data), river_specialist)
    assert sorted(problems(done)) == [
        ("Client.csv", 6, "PersonalID", ""),
        ("Enrollment.csv", 6, "EnrollmentID", ""),
        ("Enrollment.csv", 7, "PersonalID", ""),
        ("Enrollment.csv", 8, "", "2 columns"),
    ]
    assert figures(done) == (2, 0, 0, 0, 0)


@pytest.mark.parametrize("version", ["2026 v1.0", "2026 v1", "2024 v1.3", "FY2024"])
def test_import_takes_both_versions(ready, export, river_specialist, version):
    data = base()
    data["Export"][0][5] = version
    assert figures(preview(ready, export(data), river_specialist)) == (2, 0, 0, 0, 0)


def test_import_refuses_another_version(ready, export, river_specialist):
    data = base()
    data["Export"][0][5] = "2022 v1"
    with pytest.raises(ImportRefused, match="2022 v1"):
        preview(ready, export(data), river_specialist)
    assert HmisImport.objects.get().state == "failed"


@pytest.mark.parametrize("name", ["Export", "Client", "Enrollment", "Exit", "Organization"])
def test_import_names_a_file_that_is_missing(ready, export, river_specialist, name):
    folder = export()
    (folder / f"{name}.csv").unlink()
    with pytest.raises(ImportRefused, match=f"{name}.csv"):
        preview(ready, folder, river_specialist)


@pytest.mark.parametrize(
    "name", ["ProjectCoC", "CurrentLivingSituation", "Services", "Assessment", "Event"]
)
def test_import_goes_on_without_files_that_some_exports_lack(ready, export, river_specialist, name):
    folder = export()
    (folder / f"{name}.csv").unlink()
    assert figures(preview(ready, folder, river_specialist)) == (2, 0, 0, 0, 0)


def test_import_names_a_column_that_is_missing(ready, export, river_specialist):
    headers = HEADERS | {"Client": HEADERS["Client"].replace("DOB", "Birthday")}
    with pytest.raises(ImportRefused, match=r"Client\.csv has no column DOB"):
        preview(ready, export(headers=headers), river_specialist)


def test_import_reads_windows_letters(ready, export, river_specialist):
    folder = export()
    text = (folder / "Client.csv").read_text().replace("Bo,Birch", "Björn,Birch")
    (folder / "Client.csv").write_bytes(text.encode("cp1252"))
    apply(ready, folder, river_specialist)
    assert by_hmis_id("B").name == "Björn Birch"


def test_zip_is_refused_when_it_is_none_or_holds_a_file_twice(tmp_path):
    with pytest.raises(ImportRefused, match="no zip"):
        Zip(io.BytesIO(b"PK nothing"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("a/Client.csv", "x")
        file.writestr("b/Client.csv", "y")
    with pytest.raises(ImportRefused, match="twice"):
        Zip(made)


# The second time


def test_the_same_export_twice_changes_nothing(ready, export, river_specialist):
    first = apply(ready, export(), river_specialist)
    before = list(Participant.objects.order_by("pk").values_list("pk", "changed_at"))
    again = apply(ready, export(), river_specialist)
    assert (again.state, figures(again), again.counts["is_same"]) == ("same", (0, 0, 2, 0, 0), True)
    later = apply(ready, export(), river_specialist, as_of=date(2026, 6, 2))
    assert (later.state, figures(later)) == ("same", (0, 0, 2, 0, 0))
    assert list(Participant.objects.order_by("pk").values_list("pk", "changed_at")) == before
    assert HmisImport.objects.undoable(ready) == first


def changed():
    data = base()
    data["Client"][2] = ["B", "Bo", "Birch-Ash", "", "2004-03-02", "0", ""]
    data["Event"] = []
    data["Enrollment"].append(["E6", "N", "P1", "2026-05-15", "H6", "1", "", "101", "", ""])
    data["Client"].append(["N", "New", "Person", "", "1970-01-01", "0", ""])
    return data


def test_a_changed_export_shows_exactly_its_changes(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    later = preview(ready, export(changed(), "later"), river_specialist, as_of=date(2026, 6, 2))
    assert figures(later) == (1, 2, 0, 0, 0)
    assert changes(later) == [
        ("referral_active_on", "2026-05-02", None, "update"),
        ("for_hmis", None, None, "update"),
        ("name", "Bo Birch", "Bo Birch-Ash", "update"),
        ("is_veteran", True, False, "update"),
        ("for_hmis", None, None, "update"),
    ]


def test_what_a_person_said_stays_and_both_are_kept(
    ready, export, river_specialist, river_provider
):
    apply(ready, export(), river_specialist)
    bo = by_hmis_id("B")
    change_participant(
        bo, changed_at=bo.changed_at, actor=river_provider, now=timezone.now(),
        name="Robert Birch", notes="Calls at night", is_different_person=True,
    )  # fmt: skip
    apply(ready, export(changed(), "later"), river_specialist, as_of=date(2026, 6, 2))
    bo = by_hmis_id("B")
    assert (bo.name, bo.notes, bo.is_veteran) == ("Robert Birch", "Calls at night", False)
    assert bo.hmis.said["name"] == {"value": "Bo Birch-Ash", "on": "2026-06-02"}
    third = preview(ready, export(changed(), "third"), river_specialist, as_of=date(2026, 6, 3))
    assert figures(third) == (0, 0, 3, 0, 0)


def test_who_is_not_in_the_export_is_marked_and_stays(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    data = base()
    data["Enrollment"] = data["Enrollment"][:2]
    gone = apply(ready, export(data, "later"), river_specialist, as_of=date(2026, 6, 2))
    bo = by_hmis_id("B")
    assert figures(gone) == (0, 0, 1, 1, 0)
    assert (bo.hmis.absent_on, bo.place.status) == (date(2026, 6, 2), "active")
    apply(ready, export(base(), "third"), river_specialist, as_of=date(2026, 6, 3))
    assert by_hmis_id("B").hmis.absent_on is None


def test_whose_row_was_refused_is_not_absent(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    data = base()
    data["Enrollment"][2][3] = "in April"
    later = preview(ready, export(data, "later"), river_specialist)
    assert figures(later) == (0, 0, 1, 0, 0)
    assert problems(later) == [("Enrollment.csv", 4, "EntryDate", "aa Aaaaa")]


def test_a_newer_word_of_hmis_for_the_same_day_replaces_its_own_and_nobody_elses(
    ready, export, river_specialist
):
    apply(ready, export(), river_specialist)
    ana, bo = by_hmis_id("A"), by_hmis_id("B")
    days = (today_in(ready.zone) - date(2026, 5, 1)).days
    make_situation(bo, "shelter", days_ago=days, by=river_specialist)
    data = base()
    data["CurrentLivingSituation"] = [["C1", "E3", "B", "2026-05-01", "302", "", ""],
                                      ["C3", "E1", "A", "2026-05-20", "116", "", ""]]  # fmt: skip
    done = apply(ready, export(data, "later"), river_specialist)
    stays = [(to, how) for field, _former, to, how in changes(done) if field == "stay"]
    assert stays == [
        (["unsheltered", "2026-05-20"], "update"), (["transitional", "2026-05-01"], "kept")
    ]  # fmt: skip
    assert [each.kind for each in ana.situations.order_by("recorded_at")] == [
        "shelter", "unsheltered",
    ]  # fmt: skip
    assert by_hmis_id("A").is_unsheltered
    assert [each.kind for each in bo.situations.order_by("recorded_at")] == [
        "unsheltered", "shelter",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("destination", "status"), [("410", "housed"), ("24", "no_longer"), ("116", "active")]
)
def test_an_exit_moves_off_the_list_who_is_housed_or_died(
    ready, export, river_specialist, destination, status
):
    apply(ready, export(), river_specialist)
    data = base()
    data["Exit"] = [["X", "E3", "B", "2026-06-02", destination, ""]]
    apply(ready, export(data, "later"), river_specialist, as_of=date(2026, 6, 3))
    assert by_hmis_id("B").place.status == status


# Duplicates


@pytest.fixture
def twin(ready, river_agency, region_2):
    return make_participant(
        river_agency, region_2, name="Bo Birch", birth_date=date(2004, 3, 2), notes="By hand"
    )


@pytest.mark.parametrize(
    ("decision", "households", "hmis_id"), [("", 2, None), ("join", 2, "B"), ("add", 3, None)]
)
def test_a_possible_duplicate_waits_for_a_decision(
    ready, export, river_specialist, twin, decision, households, hmis_id
):
    hmis_import = preview(ready, export(), river_specialist)
    assert figures(hmis_import) == (1, 0, 0, 0, 1)
    now = timezone.now()
    services.decide_duplicate(
        hmis_import.lines.get(kind="duplicate"), decision=decision, actor=river_specialist, now=now
    )
    services.confirm_import(
        hmis_import, accepts=True, actor=river_specialist, now=now, is_queued=False
    )
    services.apply_confirmed(hmis_import, now=now)
    twin.refresh_from_db()
    assert (Participant.objects.count(), twin.hmis_id, twin.notes) == (
        households, hmis_id, "By hand",
    )  # fmt: skip


def test_the_id_of_a_record_that_was_joined_leads_to_the_kept_one(
    ready, export, river_specialist, river_agency, region_2
):
    apply(ready, export(), river_specialist)
    bo = by_hmis_id("B")
    kept = make_participant(river_agency, region_2, name="Bo Birch", hmis_id="Other")
    make_merge(kept, bo, by=river_specialist)
    data = base()
    data["Enrollment"] = data["Enrollment"][:2]
    without = apply(ready, export(data, "later"), river_specialist, as_of=date(2026, 6, 2))
    again = apply(ready, export(base(), "again"), river_specialist, as_of=date(2026, 6, 3))
    assert Participant.objects.count() == 2
    assert (figures(without), figures(again)) == ((0, 0, 1, 0, 0), (0, 1, 1, 0, 0))
    kept.refresh_from_db()
    assert (kept.hmis_id, kept.hmis.absent_on) == ("Other", None)
    assert kept.hmis.said["contact"]["value"] == ["2026-05-01", "situation"]
    # As it came along when they were joined: no second inflow.
    assert [each.flow for each in kept.place_changes.all()] == ["identified"]
    undo_import(again, actor=river_specialist, now=timezone.now())
    assert not HmisRecord.objects.filter(pk=kept.pk).exists()


# Undo, stops, nothing in between


def test_undo_takes_back_what_the_import_did_and_nothing_else(ready, export, river_specialist):
    first = apply(ready, export(), river_specialist)
    before = {each.hmis_id: (each.name, each.is_veteran, each.referral_active_on)
              for each in Participant.objects.all()}  # fmt: skip
    second = apply(ready, export(changed(), "later"), river_specialist, as_of=date(2026, 6, 2))
    with pytest.raises(ValidationError, match="applied last"):
        undo_import(first, actor=river_specialist, now=timezone.now())
    counts = undo_import(second, actor=river_specialist, now=timezone.now())
    assert counts == {"removed": 1, "restored": 2, "kept": 0}
    assert before == {each.hmis_id: (each.name, each.is_veteran, each.referral_active_on)
                      for each in Participant.objects.all()}  # fmt: skip
    with pytest.raises(ValidationError, match="only once"):
        undo_import(second, actor=river_specialist, now=timezone.now())


def test_undo_keeps_whom_somebody_worked_with(ready, export, river_specialist, region_2):
    done = apply(ready, export(), river_specialist)
    make_review(make_meeting(ready, region_2), by_hmis_id("A"))
    counts = undo_import(done, actor=river_specialist, now=timezone.now())
    assert counts == {"removed": 1, "restored": 0, "kept": 1}
    assert [each.hmis_id for each in Participant.objects.all()] == ["A"]


def test_undo_keeps_whom_somebody_met_since(ready, export, river_specialist):
    done = apply(ready, export(), river_specialist)
    make_contact(by_hmis_id("A"), by=river_specialist, days_ago=0)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert [each.hmis_id for each in Participant.objects.all()] == ["A"]


def test_a_later_assessment_counts_and_is_taken_back(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    data = base()
    data["Assessment"][0][3] = "2026-05-04"
    done = apply(ready, export(data, "later"), river_specialist)
    assert changes(done) == [("assessed", "2026-03-02", "2026-05-04", "update")]
    assessed = by_hmis_id("A").contacts.filter(kind="assessed").order_by("on")
    assert [each.on for each in assessed] == [date(2026, 3, 2), date(2026, 5, 4)]
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert [each.on for each in assessed.all()] == [date(2026, 3, 2)]


def test_preview_writes_nothing_and_what_is_unusual_asks(ready, export, river_specialist):
    hmis_import = preview(ready, export(), river_specialist, as_of=None)
    hmis_import.stops = ["Unusual"]
    hmis_import.save()
    assert Participant.objects.count() == 0
    with pytest.raises(ValidationError, match="unusual"):
        services.confirm_import(
            hmis_import, accepts=False, actor=river_specialist, now=timezone.now(), is_queued=False
        )
    hmis_import.refresh_from_db()
    assert hmis_import.state == "ready"


def test_apply_is_all_or_nothing(ready, export, river_specialist, region_2):
    hmis_import = preview(ready, export(), river_specialist)
    line = hmis_import.lines.order_by("-number").first()
    line.said = {**line.said, "agency": "gone"}
    line.save()
    now = timezone.now()
    services.confirm_import(
        hmis_import, accepts=True, actor=river_specialist, now=now, is_queued=False
    )
    back = services.apply_confirmed(hmis_import, now=now)
    assert (back.state, "Read the export again" in back.failure) == ("ready", True)
    assert Participant.objects.count() == 0


def test_new_households_of_projects_nobody_decided_about_wait(ready, export, river_specialist):
    HmisProject.objects.update(region=None)
    done = preview(ready, export(), river_specialist)
    # Bo was met in Rice County, which says the region.
    assert ([line.said["hmis_id"] for line in done.lines.all()], done.counts["unplaced"]) == (
        ["B"], {"P1": 1},
    )  # fmt: skip


def test_projects_of_a_victim_service_provider_are_never_listed(
    ready, river_specialist, river_vsp_agency
):
    refused = HmisProject.objects.create(continuum=ready, key="P2", name="Safe", is_refused=True)
    for key, wanted in (("P2", {"is_listed": True}), ("P1", {"agency": river_vsp_agency})):
        with pytest.raises(ValidationError, match="victim service provider"):
            change_projects(
                ready, choices={key: wanted}, actor=river_specialist, now=timezone.now()
            )
    refused.refresh_from_db()
    assert refused.is_listed is False


def test_two_continuums_import_the_same_ids_blind_to_each_other(
    ready, export, river_specialist, three, three_region, three_agency, three_specialist
):
    HmisProject.objects.create(
        continuum=three, key="P1", name="Front door", type_code="14", is_listed=True,
        region=three_region, agency=three_agency,
    )  # fmt: skip
    apply(ready, export(), river_specialist)
    data = base()
    data["ProjectCoC"] = []
    other = apply(three, export(data, "other"), three_specialist)
    assert figures(other) == (2, 0, 0, 0, 0)
    assert Participant.objects.filter(continuum=ready).count() == 2


def test_import_is_audited_without_anybodys_data(ready, export, river_specialist):
    apply(ready, export(), river_specialist)
    acts = AuditEntry.objects.filter(action__startswith="import.").order_by("sequence")
    assert [(act.action, act.actor_label) for act in acts] == [
        ("import.started", "Sam Specialist"), ("import.applied", "Sam Specialist"),
    ]  # fmt: skip
    assert acts.last().detail == {
        "added": 2, "changed": 0, "absent": 0, "joined": 0, "left_out": 0,
    }  # fmt: skip


# The command


def run(*args):
    out = io.StringIO()
    call_command("import_hmis", *map(str, args), stdout=out)
    return out.getvalue()


def test_command_imports_and_says_what_it_did(ready, export):
    said = run(export(), "--continuum", "MN-502", "--as-of", "2026-06-01")
    assert "2 new, 0 changed, 0 unchanged, 0 absent" in said
    assert "Not imported, of a victim service provider: Safe house (1 enrollments)" in said
    assert "Applied: 2 added" in said
    for word in ("Alder", "Birch", "Ana", "1990"):
        assert word not in readable(said)


def test_command_dry_run_changes_nothing(ready, export):
    said = run(export(), "--continuum", "MN-502", "--as-of", "2026-06-01", "--dry-run")
    assert ("nothing was changed" in said, Participant.objects.count()) == (True, 0)
    assert HmisImport.objects.get().state == "discarded"


def test_command_dry_run_decides_about_no_project(river, region_2, river_agency, export):
    said = run(
        export(), "--continuum", "MN-502", "--as-of", "2026-06-01", "--projects", "P3",
        "--region", region_2.name, "--agency", river_agency.name, "--dry-run",
    )  # fmt: skip
    assert "2 new" in said
    assert not HmisProject.objects.get(key="P3").is_listed
    assert Participant.objects.count() == 0


def test_command_stops_at_what_is_unusual(ready, export):
    data = base()
    data["Export"][0][4] = "2020-01-01"
    with pytest.raises(CommandError) as stopped:
        run(export(data), "--continuum", "MN-502")
    assert (stopped.value.returncode, Participant.objects.count()) == (2, 0)
    run(export(data), "--continuum", "MN-502", "--accept")
    assert Participant.objects.count() == 2


def test_command_refuses_in_words(ready, tmp_path):
    with pytest.raises(CommandError, match="no file or folder nowhere"):
        run(tmp_path / "nowhere", "--continuum", "MN-502")


def test_command_decides_about_projects(river, region_2, river_agency, export):
    run(
        export(), "--continuum", "MN-502", "--as-of", "2026-06-01", "--projects", "P1",
        "--region", region_2.name, "--agency", river_agency.name,
    )  # fmt: skip
    assert Participant.objects.count() == 2
    with pytest.raises(CommandError, match="no project X9"):
        run(export(), "--continuum", "MN-502", "--projects", "X9")


# The page


def zipped(folder):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.iterdir():
            file.write(path, f"export/{path.name}")
    made.seek(0)
    made.name = "export.zip"
    return made


def test_import_add_keeps_the_upload_sealed_until_done(
    client, ready, export, river_specialist, django_capture_on_commit_callbacks
):
    client.force_login(river_specialist)
    answer = client.post("/set-up/import/add/", {"files": zipped(export()), "as_of": "2026-06-01"})
    hmis_import = HmisImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, hmis_import.get_absolute_url())
    assert HmisUploadPart.objects.get().content[:2] == b"PK"
    services.advance_import(hmis_import.pk, now=timezone.now())
    services.advance_import(hmis_import.pk, now=timezone.now())
    page = client.get(hmis_import.get_absolute_url()).content.decode()
    assert ("1 adult, 1 child" in page, "Alder" in page) == (True, False)
    client.post(f"{hmis_import.get_absolute_url()}confirm/")
    services.advance_import(hmis_import.pk, now=timezone.now())
    hmis_import.refresh_from_db()
    assert (hmis_import.state, HmisUploadPart.objects.count()) == ("applied", 0)
    assert Participant.objects.count() == 2


def test_import_add_takes_single_files_together(client, ready, export, river_specialist):
    client.force_login(river_specialist)
    files = [path.open("rb") for path in export().iterdir()]
    client.post("/set-up/import/add/", {"files": files, "as_of": "2026-06-01"})
    hmis_import = HmisImport.objects.get()
    services.advance_import(hmis_import.pk, now=timezone.now())
    hmis_import.refresh_from_db()
    assert (hmis_import.state, figures(hmis_import)) == ("ready", (2, 0, 0, 0, 0))


def test_import_add_says_what_is_wrong_with_a_file(client, ready, river_specialist):
    client.force_login(river_specialist)
    wrong = io.BytesIO(b"hello")
    wrong.name = "list.xlsx"
    answer = client.post("/set-up/import/add/", {"files": wrong})
    assert "None of these is a zip" in answer.content.decode()
    assert HmisImport.objects.count() == 0


def test_import_add_leads_to_the_import_that_waits_and_takes_no_other(
    client, ready, export, river_specialist
):
    client.force_login(river_specialist)
    add = "/set-up/import/add/"
    client.post(add, {"files": zipped(export())})
    waiting = HmisImport.objects.get()
    for answer in (client.get(add), client.post(add, {"files": zipped(export())})):
        page = answer.content.decode()
        assert f'href="{waiting.get_absolute_url()}"' in page
        assert 'type="file"' not in page
    assert HmisImport.objects.count() == 1
    discard = f"{waiting.get_absolute_url()}discard/"
    assert discard in client.get(waiting.get_absolute_url()).content.decode()
    HmisImport.objects.update(state="reading")
    assert discard not in client.get(waiting.get_absolute_url()).content.decode()
    assert "Discard it once it is read" in client.post(discard, follow=True).content.decode()
    HmisImport.objects.update(state="waiting")
    client.post(discard)
    waiting.refresh_from_db()
    assert (waiting.state, HmisUploadPart.objects.count()) == ("discarded", 0)
    assert add in client.get(waiting.get_absolute_url()).content.decode()
    assert 'type="file"' in client.get(add).content.decode()


def test_import_refuses_a_damaged_upload_and_forgets_it(client, ready, river_specialist):
    client.force_login(river_specialist)
    wrong = io.BytesIO(b"hello")
    wrong.name = "list.zip"
    client.post("/set-up/import/add/", {"files": wrong})
    hmis_import = HmisImport.objects.get()
    services.advance_import(hmis_import.pk, now=timezone.now())
    hmis_import.refresh_from_db()
    assert (hmis_import.state, HmisUploadPart.objects.count()) == ("failed", 0)
    page = client.get(hmis_import.get_absolute_url()).content.decode()
    assert "no zip" in page
    assert 'href="/set-up/import/add/"' in page


def test_import_detail_has_constant_queries(
    client, ready, export, river_specialist, django_assert_num_queries
):
    client.force_login(river_specialist)
    data = base()
    for number in range(30):
        data["Client"].append([f"M{number}", "Mo", f"N{number}", "", "1980-01-01", "0", ""])
        data["Enrollment"].append(
            [f"EM{number}", f"M{number}", "P1", "2026-05-01", "", "1", "", "116", "", ""]
        )
    few = preview(ready, export(), river_specialist)
    client.get(few.get_absolute_url())
    seen = []
    for hmis_import in (few, None):
        if hmis_import is None:
            services.discard_import(few, actor=river_specialist, now=timezone.now())
            hmis_import = preview(ready, export(data, "many"), river_specialist)
        with django_assert_num_queries(21):
            page = client.get(f"{hmis_import.get_absolute_url()}?show=new")
        seen.append(page.content.decode().count("Enrollment.csv, line"))
    assert seen == [2, 32]


def test_participant_page_shows_both_words_and_no_name_without_release(
    client, ready, export, river_specialist
):
    apply(ready, export(), river_specialist)
    bo = by_hmis_id("B")
    Participant.objects.filter(pk=bo.pk).update(named_by=river_specialist)
    change_participant(
        bo, changed_at=bo.changed_at, actor=river_specialist, now=timezone.now(),
        name="Robert Birch", is_veteran=False, is_different_person=True,
    )  # fmt: skip
    client.force_login(river_specialist)
    page = client.get(bo.get_absolute_url()).content.decode()
    assert "HMIS and this page differ" in page
    assert "Veteran" in page
    assert "Sam Specialist" in page
    # Who typed a name reads it: not what HMIS says of the person.
    assert "Robert Birch" in page
    assert "Bo Birch" not in page
    other = make_user(ready, name="Sid Specialist", specialist=True)
    make_statement(other)
    client.force_login(other)
    page = client.get(bo.get_absolute_url()).content.decode()
    assert "HMIS and this page differ" in page
    for word in ("Robert", "Bo Birch", "Birch"):
        assert word not in page


def test_deidentify_takes_out_what_hmis_said_and_discards_an_import_that_waits(
    ready, export, river_specialist
):
    done = apply(ready, export(), river_specialist)
    ana, bo = by_hmis_id("A"), by_hmis_id("B")
    ana.place.status = "inactive"
    ana.place.save()
    data = base()
    data["Client"][0][1] = "Anabel"
    waiting = preview(ready, export(data, "later"), river_specialist)
    later = today_in(ready.zone) + relativedelta(years=7, days=5)
    deidentify(ready, as_of=later, reason="Policy", actor=None, now=timezone.now())
    ana, waiting = Participant.objects.get(pk=ana.pk), HmisImport.objects.get(pk=waiting.pk)
    assert (ana.name, ana.hmis_id, ana.hmis.said) == (None, None, {})
    events = HmisRecord.pgh_event_model.objects.filter(pgh_obj=ana.pk)
    assert [each.said for each in events] == [{}] * events.count() != []
    (line,) = done.lines.filter(participant=ana)
    assert (line.said, line.changes, line.former) == ({}, [], {})
    assert (waiting.state, waiting.lines.count()) == ("discarded", 0)
    assert by_hmis_id("B").hmis.said == bo.hmis.said != {}


def test_undo_keeps_no_words_about_whom_it_removed(ready, export, river_specialist):
    done = apply(ready, export(), river_specialist)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert (Participant.objects.count(), done.lines.count()) == (0, 0)


@pytest.mark.django_db
def test_nobody_gets_the_alias_of_a_record_that_was_joined_into_another(
    river_agency, region_2, river_specialist, monkeypatch
):
    kept = make_participant(river_agency, region_2, alias="Heron-111")
    make_merge(
        kept, make_participant(river_agency, region_2, alias="Heron-222"), by=river_specialist
    )
    drawn = iter(["Heron-222", "Heron-111", "Wren-333"])
    monkeypatch.setattr(aliases, "new_alias", lambda is_taken: next(drawn))
    person = Participant(continuum=river_agency.continuum, name="New Person")
    aliases.give_aliases(river_agency.continuum, [person])
    assert person.alias == "Wren-333"


def test_the_level_of_the_last_assessment_by_the_day_counts(ready, export, river_specialist):
    headers = HEADERS | {
        "Assessment": HEADERS["Assessment"].replace("DateDeleted", "AssessmentLevel,DateDeleted")
    }
    data = base()
    data["Assessment"] = [
        ["Q1", "E1", "A", "2026-03-02", "1", "1", ""],
        ["Q2", "E1", "A", "2026-05-02", "1", "2", ""],
        ["Q3", "E1", "A", "2026-05-09", "", "99", ""],
    ]
    apply(ready, export(data, headers=headers), river_specialist)
    assert (by_hmis_id("A").assessment_level, by_hmis_id("B").assessment_level) == ("2", "")
