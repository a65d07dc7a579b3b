"""The checker lets a good file through, and finds each kind of fault that is put into one."""

import csv
import io
import zipfile

import pytest
from django.utils import timezone

from conferencing.to_hmis import layout
from conferencing.to_hmis.checking import faults
from conferencing.to_hmis.writing import csv_of, zip_of

ENROLLED = {"E1": "A", "E2": "B"}
MADE = {
    "DateCreated": "2026-04-30 10:00:00",
    "DateUpdated": "2026-04-30 10:00:00",
    "UserID": "7",
    "ExportID": "X",
}


def rows():
    whose = {"EnrollmentID": "E1", "PersonalID": "A", **MADE}
    return {
        "Event": [
            {
                "EventID": f"V{code}",
                "EventDate": "2026-04-30",
                "Event": code,
                **({"ReferralResult": "1", "ResultDate": "2026-05-02"} if code == "13" else {}),
                **({"ProbSolDivRRResult": "1"} if code == "2" else {}),
                **({"ReferralCaseManageAfter": "0"} if code == "5" else {}),
                **whose,
            }
            for code in layout.EVENTS
        ],
        "CurrentLivingSituation": [
            {
                "CurrentLivingSitID": f"S{code}",
                "InformationDate": "2026-04-30",
                "CurrentLivingSituation": code,
                **whose,
            }
            for code in layout.SITUATIONS
        ],
        "Assessment": [{"AssessmentID": "Q1", "AssessmentDate": "2026-04-30", **whose}],
        "Export": [
            {
                "ExportID": "X",
                "SourceType": "4",
                "ExportDate": "2026-04-30 10:00:00",
                "ExportStartDate": "2026-04-01",
                "ExportEndDate": "2026-04-30",
                "CSVVersion": layout.VERSION,
                "ExportPeriodType": "1",
                "ExportDirective": "1",
                "HashStatus": "1",
                "ImplementationID": "Case Conferencing MN-502",
            }
        ],
    }


def zipped(told, *, now):
    return zip_of(told, now=now)


@pytest.fixture
def now():
    return timezone.now()


def test_a_good_file_has_no_faults(now):
    assert faults(zipped(rows(), now=now), ENROLLED) == []


CHANGES = [
    *((file, column.name, "") for file, columns in layout.FILES.items() for column in columns
      if column.is_required),
    *((file, column.name, "x" * 33) for file, columns in layout.FILES.items()
      for column in columns if column.kind == "id"),
    *((file, column.name, "2026-4-30") for file, columns in layout.FILES.items()
      for column in columns if column.kind in ("date", "moment")),
    *((file, column.name, "98") for file, columns in layout.FILES.items()
      for column in columns if column.kind == "code"),
    *((file, column.name, "x" * 400) for file, columns in layout.FILES.items()
      for column in columns if column.kind == "text"),
    *((file, column.name, "=1+1") for file, columns in layout.FILES.items()
      for column in columns),
    ("Event", "PersonalID", "B"),
    ("Event", "EnrollmentID", "E3"),
    ("Event", "ExportID", "Y"),
    ("Event", "EventID", "V2"),
    ("Event", "ProbSolDivRRResult", "1"),
    ("Event", "LocationCrisisOrPHHousing", "P3"),
    ("Event", "ResultDate", "2026-05-01"),
    ("Event", "DateUpdated", "2026-04-29 10:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "column", "value"), CHANGES)
def test_a_wrong_value_is_a_fault_that_tells_no_value(file, column, value, now):
    told = rows()
    told[file][0] = {**told[file][0], column: value}
    found = faults(zipped(told, now=now), ENROLLED)
    assert found
    assert not any(value in each for each in found if len(value) > 4)


def test_results_stand_only_with_their_kind_of_event_and_not_before_it(now):
    told = rows()
    opening = next(row for row in told["Event"] if row["Event"] == "13")
    opening["ResultDate"] = "2026-04-29"
    assert faults(zipped(told, now=now), ENROLLED) == [
        f"Event, line {told['Event'].index(opening) + 2}: the result is older than the event."
    ]


def test_an_event_refers_to_a_project_by_an_id(now):
    told = rows()
    opening = next(row for row in told["Event"] if row["Event"] == "13")
    for place in ("x" * 33, "P 3", "Bridge Housing"):
        opening["LocationCrisisOrPHHousing"] = place
        assert faults(zipped(told, now=now), ENROLLED) == [
            f"Event, line {told['Event'].index(opening) + 2}, LocationCrisisOrPHHousing: "
            "no id of up to 32 characters."
        ]


def rewritten(content, change):
    """The zip with `change(names and texts)` done to it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    change(files)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()


def swap_columns(text):
    lines = list(csv.reader(io.StringIO(text)))
    changed = io.StringIO()
    csv.writer(changed).writerows([line[1], line[0], *line[2:]] for line in lines)
    return changed.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.pop("Exit.csv"),
        lambda files: files.update({"User.csv": "UserID\r\n"}),
        lambda files: files.update({"hmis/Event.csv": files.pop("Event.csv")}),
        lambda files: files.update({"Event.csv": swap_columns(files["Event.csv"])}),
        lambda files: files.update({"Event.csv": ""}),
        lambda files: files.update({"Exit.csv": files["Exit.csv"] + "X1,E1\r\n"}),
        lambda files: files.update(
            {"Client.csv": csv_of("Client", [{"PersonalID": "A", "FirstName": "Ana"}])}
        ),
        lambda files: files.update({"Export.csv": csv_of("Export", [])}),
    ],
)
def test_a_wrong_shape_is_a_fault(change, now):
    assert faults(rewritten(zipped(rows(), now=now), change), ENROLLED)


def test_what_is_no_zip_is_said():
    assert faults(b"nothing", {}) == ["It is no zip."]
