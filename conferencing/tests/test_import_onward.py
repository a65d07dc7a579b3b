"""An export of HMIS all the way: list, roster, prep list, call, disclosure record."""

import csv
from datetime import date, timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.models import RosterEntry
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.hmis import services
from participants.models import HmisImport, HmisProject, Participant
from participants.tests.factories import make_release
from regions.tests.factories import make_criteria, today_in

pytestmark = pytest.mark.django_db


def write_export(folder, today):
    """Ana, who sleeps outside, with a child; Bo, a veteran in a shelter; both since spring."""
    files = {
        "Export": [
            "CSVVersion,ExportDate,ExportEndDate",
            ["2026 v1.0", today.isoformat(), today.isoformat()],
        ],
        "Organization": [
            "OrganizationID,OrganizationName,VictimServiceProvider",
            ["O1", "Bridge Housing", "0"],
        ],
        "Project": [
            "ProjectID,OrganizationID,ProjectName,ProjectType",
            ["P1", "O1", "Front door", "14"],
        ],
        "ProjectCoC": ["ProjectID,CoCCode", ["P1", "MN-502"]],
        "Client": [
            "PersonalID,FirstName,LastName,DOB,VeteranStatus",
            ["A", "Xandra", "Quillfeather", "1990-07-24", "0"],
            ["K", "Kid", "Quillfeather", "2019-01-01", "99"],
            ["B", "Bartholomew", "Zwick", "1980-03-02", "1"],
        ],
        "Enrollment": [
            "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,"
            "LivingSituation",
            ["E1", "A", "P1", (today - timedelta(days=90)).isoformat(), "H1", "1", "116"],
            ["E2", "K", "P1", (today - timedelta(days=90)).isoformat(), "H1", "2", ""],
            ["E3", "B", "P1", (today - timedelta(days=60)).isoformat(), "H2", "1", "101"],
        ],
        "Exit": ["EnrollmentID,ExitDate,Destination"],
        "CurrentLivingSituation": [
            "EnrollmentID,InformationDate,CurrentLivingSituation",
            ["E1", (today - timedelta(days=3)).isoformat(), "116"],
        ],
    }
    for name, (header, *rows) in files.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([header.split(","), *rows])
    return [folder / f"{name}.csv" for name in files]


def upload(client, paths):
    """Upload, read and apply by the page; the worker's part is done here."""
    files = [path.open("rb") for path in paths]
    client.post(reverse("imports:import_add"), {"files": files})
    for file in files:
        file.close()
    hmis_import = HmisImport.objects.get()
    services.advance_import(hmis_import.pk, now=timezone.now())
    client.post(reverse("imports:import_confirm", args=[hmis_import.pk]))
    services.advance_import(hmis_import.pk, now=timezone.now())
    hmis_import.refresh_from_db()
    return hmis_import


def papers(meeting, viewer, now):
    """The text of the prep list that is mailed to the viewer; it is noted as sent."""
    delivery = meeting.prep_lists.get().deliveries.get(recipient=viewer)
    ((_name, pdf, _kind),) = PREP_LIST.prepare(delivery.message, now).attachments
    PREP_LIST.note_sent(delivery.message, now)
    document = pypdfium2.PdfDocument(pdf, password=delivery.password)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_people_of_an_export_come_up_on_roster_prep_list_call_and_disclosure_record(
    tmp_path, river, region_2, river_agency, river_specialist, river_provider, river_lead
):
    make_criteria(region_2, "unsheltered", "veteran")
    HmisProject.objects.create(
        continuum=river, key="P1", name="Front door", is_listed=True, type_code="14",
        region=region_2, agency=river_agency,
    )  # fmt: skip
    specialist, provider = signed_in(river_specialist), signed_in(river_provider)
    done = upload(specialist, write_export(tmp_path, today_in(river.zone)))
    assert (done.state, done.counts["done"]["added"]) == ("applied", 2)
    people = {each.hmis_id: each for each in Participant.objects.select_related("place")}
    ana, bo = people["A"], people["B"]
    assert (ana.name, ana.birth_date, bo.name) == (
        "Xandra Quillfeather", date(1990, 7, 24), "Bartholomew Zwick",
    )  # fmt: skip
    make_release(ana)

    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(days=2, hours=1))
    specialist.post(reverse("conferencing:roster_open", args=[call.pk]))
    entries = RosterEntry.objects.filter(meeting=call).order_by("position")
    assert [each.participant for each in entries] == [ana, bo]
    roster = text_of(specialist.get(reverse("conferencing:roster_detail", args=[call.pk])))
    says_who(roster, bo)

    lists.freeze_list(call, actor=river_specialist, now=now)
    assert bo.hmis_id in roster
    # The agency that keeps both records reads both names, without a release for Bo.
    listed = papers(call, river_provider, now)
    assert "Quillfeather" in listed
    assert "Zwick" in listed

    call.starts_at = now - timedelta(minutes=5)
    call.ends_at = now + timedelta(minutes=55)
    call.save()
    begun = specialist.post(reverse("conferencing:call_begin", args=[call.pk]))
    assert begun.status_code == 302
    agenda = reverse("conferencing:call_detail", args=[call.pk])
    assert "Bartholomew Zwick" in text_of(provider.get(agenda))
    says_who(text_of(specialist.get(agenda)), bo)

    for person, said, to_specialist in (
        (ana, "By name Release of", "By name Release of"),
        (bo, "By name, as the agency that keeps the record", "By alias, with the HMIS ID"),
    ):
        address = reverse("participants:disclosure_record", args=[person.pk])
        told = text_of(provider.get(address))
        for what in (
            "Prep list, mailed locked Case conferencing",
            "The agenda of a call Case conferencing",
            "This record Coordinating services",
        ):
            assert f"Pat Provider Bridge Housing {what} {said}" in told
        assert (
            f"Sam Specialist River Valleys CoC The roster of a call Case conferencing "
            f"{to_specialist}" in told
        )


def says_who(text, bo):
    """Ana is named, whose release covers it; Bo is an alias."""
    assert "Quillfeather" in text
    assert bo.alias in text
    assert "Zwick" not in text
    assert "Bartholomew" not in text
