"""An HMIS to play with: takes the zip as vendors' importers do, by id, and gives exports."""

import csv
import io
import zipfile
from datetime import timedelta

from conferencing.to_hmis import layout
from regions.tests.factories import today_in

FRONT_DOOR, OUTREACH = "P1", "P4"
SHORT = {
    "Organization": "OrganizationID OrganizationName VictimServiceProvider DateDeleted",
    "ProjectCoC": "ProjectID CoCCode City State DateDeleted",
    "Services": "ServicesID EnrollmentID PersonalID DateProvided RecordType DateDeleted",
}
UPLOADED = ("Event", "CurrentLivingSituation", "Assessment")


class Hmis:
    """Rows by file and id. `today`: the day of its exports."""

    def __init__(self, continuum, *, system="HMIS of the Rivers"):
        self.today, self.system = today_in(continuum.zone), system
        self.files = {name: {} for name in (*SHORT, *layout.HEADINGS, *UPLOADED)}
        self.put("Organization", "O1", OrganizationName="Bridge Housing", VictimServiceProvider="0")
        for key, name, kind in (
            (FRONT_DOOR, "Front door", "14"),
            (OUTREACH, "Street team", "4"),
            ("P3", "Apartments", "13"),
        ):
            self.put("Project", key, OrganizationID="O1", ProjectName=name, ProjectType=kind)
            self.put("ProjectCoC", key, CoCCode=continuum.code)

    def put(self, file, key, **values):
        self.files[file][key] = {self.columns(file)[0]: key, **values}

    def columns(self, file):
        return SHORT[file].split() if file in SHORT else layout.names_of(file)

    def enrol(
        self, eid, pid, *, days=60, household=None, project=FRONT_DOOR, rel="1", living="116"
    ):
        """Enrol a person so many days ago; make them, if they are new."""
        if pid not in self.files["Client"]:
            born = "1980-01-01"
            self.put("Client", pid, FirstName="Pat", LastName=f"Last{pid}", DOB=born)
        self.put(
            "Enrollment",
            eid,
            PersonalID=pid,
            ProjectID=project,
            EntryDate=f"{self.today - timedelta(days=days)}",
            HouseholdID=household or f"H{pid}",
            RelationshipToHoH=rel,
            LivingSituation="116",
            UserID="7",
        )

    def upload(self, content):
        """Take a zip: a row of a known id changes, a deleted one goes, another one comes."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for file in UPLOADED:
                text = archive.read(f"{file}.csv").decode()
                for row in csv.DictReader(io.StringIO(text)):
                    key = row[self.columns(file)[0]]
                    self.files[file].pop(key, None)
                    if not row["DateDeleted"]:
                        self.files[file][key] = row

    def export(self, folder):
        """Write an export; return its folder."""
        folder.mkdir()
        export = {
            "ExportID": "9",
            "SourceName": self.system,
            "ExportDate": f"{self.today}",
            "ExportStartDate": f"{self.today - timedelta(days=900)}",
            "ExportEndDate": f"{self.today}",
            "CSVVersion": layout.VERSION,
            "ExportPeriodType": "3",
            "ExportDirective": "2",
            "HashStatus": "1",
        }
        for file, rows in {**self.files, "Export": {"9": export}}.items():
            with (folder / f"{file}.csv").open("w", newline="", encoding="utf-8") as written:
                writer = csv.DictWriter(written, self.columns(file), restval="")
                writer.writeheader()
                writer.writerows(rows.values())
        return folder


def table(content, file):
    """The rows of one file of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"{file}.csv").decode())))


def without_moments(rows):
    """Rows without what is of the file alone: when it was made, and its id."""
    aside = {"DateCreated", "DateUpdated", "ExportID"}
    return [{name: value for name, value in row.items() if name not in aside} for row in rows]
