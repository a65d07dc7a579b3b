"""A by-name list of another CoC and a list kept by hand; whom nothing may be taken of."""

import zlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.models import HmisLine, HmisUploadPart, Participant, SheetRecord, SheetSource
from participants.spreadsheets.services import choose_value, start_sheet
from participants.spreadsheets.tests.sheets import (
    apply,
    as_csv,
    guessed,
    match,
    newest,
    say_words,
    upload,
    work,
    workbook,
)
from participants.tests.factories import make_participant
from regions.models import County
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
HELD = ("name", "birth_date", "adults", "children", "is_veteran", "is_chronic", "contact")


@pytest.fixture
def places(river, region_2):
    for name in ("Rice", "Steele"):
        County.objects.get_or_create(region=region_2, name=name)


@pytest.fixture
def specialist(river_specialist, river_agency, places):
    return signed_in(river_specialist)


def us(day):
    return f"{day.month}/{day.day}/{day.year}"


def by_name_list(today, agency):
    """Many columns, dates as M/D/YYYY, Y and N; housed ones among them."""
    heads = [
        *("HMIS ID", "First Name", "Last Name", "Date of Birth", "Household Size", "# of Children"),
        *("Veteran Status", "Chronic?", "Youth", "Status", "Status Date", "Agency", "County"),
        *("Current Living Situation", "Last Contact", "Date Added to BNL", "Comments"),
        *("Phone", "Assessment Date", "Bedrooms", "Disabling Condition"),
    ]
    born = us(today - timedelta(days=12_000))
    day = us(today - timedelta(days=30))
    return [
        heads,
        ["H1", "Xandra", "Quillfeather", born, 3, 2, "N", "Y", "N", "Active", day, agency, "Rice",
         "Emergency Shelter", day, day, "calls often", "507-555-0142", day, 2, "Y"],
        ["H2", "Bartholomew", "Zwick", born, 1, 0, "Y", "?", "N", "Active", day, agency, "Steele",
         "Street", day, day, "", "", day, "n/a", "N"],
        ["H3", "Adaeze", "Okonkwo", born, 2, 1, "N", "N", "N", "Housed", day, agency, "Rice",
         "Rental", day, day, "", "", "", "", "N"],
        ["H4", "Io", "Vance", born, 2, 5, "N", "N", "N", "Active", day, "Safe Harbor", "Rice",
         "Street", day, day, "", "", "", "", "N"],
    ]  # fmt: skip


def test_a_by_name_list_with_many_columns(specialist, river, river_agency, river_vsp_agency):
    today = today_in(river.zone)
    rows = by_name_list(today, river_agency.name)
    rows[4][11] = river_vsp_agency.name
    upload(specialist, as_csv(rows).encode("utf-8-sig"), name="bnl.csv")
    hmis_import = newest()
    assert guessed(specialist, hmis_import) == {
        "A": "hmis_id", "B": "first", "C": "last", "D": "birth_date", "E": "size", "F": "children",
        "G": "veteran", "H": "chronic", "I": "youth", "J": "status", "K": "status_on",
        "L": "agency", "M": "county", "N": "stay", "O": "contact", "P": "listed_on", "Q": "",
        "R": "phone", "S": "assessed", "T": "bedrooms",
    }  # fmt: skip
    match(specialist, hmis_import, name="BNL")
    work(hmis_import)
    assert (hmis_import.state, hmis_import.failure) == ("ready", "")
    counts = hmis_import.counts
    # Who is housed and not on file is not added; a victim service provider's row is not taken.
    assert (counts["new"], counts["left"], counts["out"], counts["refused"]) == (2, 1, 1, 0)
    apply(specialist, hmis_import)
    people = {each.hmis_id: each for each in Participant.objects.all()}
    born = today - timedelta(days=12_000)
    assert {key: [getattr(each, name) for name in HELD] for key, each in people.items()} == {
        "H1": ["Xandra Quillfeather", born, 1, 2, False, True, "507-555-0142"],
        "H2": ["Bartholomew Zwick", born, 1, 0, True, None, None],
    }
    assert people["H1"].bedrooms == 2
    # The next one moves who is housed by now, with its day.
    rows[2][9:11] = ["Housed", us(today)]
    upload(specialist, as_csv(rows).encode(), name="bnl.csv")
    second = work(newest())
    assert second.counts["changed"] == 1
    apply(specialist, second)
    people["H2"].refresh_from_db()
    assert (people["H2"].place.status, people["H2"].place.status_on) == ("housed", today)


def test_a_list_kept_by_hand_matches_asks_and_never_guesses(
    specialist, river, river_agency, region_2, river_specialist
):
    today = today_in(river.zone)
    born = today - timedelta(days=12_000)
    exact = make_participant(
        river_agency, region_2, name="Ana Sofia Alder", birth_date=born, adults=2
    )
    near = make_participant(river_agency, region_2, name="Robert Birch", birth_date=born)
    rows = [
        ["who", "bday", "kids", "adults", "vet?", "sleeping", "seen"],
        ["Alder, Ana-Sofia", us(born), "?", "3", "n/a", "shelter", us(today)],
        [
            "Bob Birch",
            f"{born:%b} {born.day}, {born.year}",
            "1",
            "",
            "N",
            "under bridge",
            "5/45/26",
        ],
        ["Nell Newcomer", "", "2 + baby", "1", "maybe", "tent", us(today)],
        ["total", "", "3", "4"],
    ]
    upload(specialist, as_csv(rows, "\t"))
    hmis_import = newest()
    match(
        specialist, hmis_import, name="Kay’s list", agency=str(river_agency.pk),
        where=f"r:{region_2.pk}",
        changed={"A": "name", "B": "birth_date", "C": "children", "D": "adults", "E": "veteran",
                 "F": "stay", "G": "contact"},
    )  # fmt: skip
    say_words(specialist, hmis_import, {"under bridge": "unsheltered"})
    work(hmis_import)
    assert (hmis_import.state, hmis_import.failure) == ("ready", "")
    lines = {line.kind: line for line in hmis_import.lines.all()}
    assert {kind: line.participant_id for kind, line in lines.items()} == {
        "changed": exact.pk, "duplicate": near.pk, "new": None,
    }  # fmt: skip
    said = [(row.line, row.problem) for row in hmis_import.refusals.all()]
    assert said == [
        (3, "Not a date that can be read."),
        (4, "Not one whole number."),
        (4, "Neither yes nor no."),
    ]
    # The file stays where it says otherwise, unless somebody chooses the sheet's value.
    how = {each["field"]: each["how"] for each in lines["changed"].changes}
    assert how["adults"] == "kept"
    line = lines["changed"]
    with pytest.raises(ValidationError):
        choose_value(
            line, field="stay", takes_sheet=True, actor=river_specialist, now=timezone.now()
        )
    url = reverse("imports:value_choose", args=[hmis_import.pk, line.pk])
    specialist.post(url, {"field": "adults", "takes_sheet": "on"})
    decide = reverse("imports:duplicate_decide", args=[hmis_import.pk, lines["duplicate"].pk])
    specialist.post(decide, {"decision": "join"})
    apply(specialist, hmis_import)
    exact.refresh_from_db()
    near.refresh_from_db()
    assert (exact.adults, exact.name) == (3, "Ana Sofia Alder")
    assert near.name == "Robert Birch"
    assert Participant.objects.count() == 3
    # The next one knows who was asked about, and asks nothing.
    rows[2][6] = us(today)
    upload(specialist, as_csv(rows, "\t"))
    second = work(newest())
    assert {key: second.counts[key] for key in ("new", "duplicate", "changed", "absent")} == {
        "new": 0, "duplicate": 0, "changed": 1, "absent": 0,
    }  # fmt: skip


def test_a_victim_service_providers_household_is_never_found_nor_changed(
    specialist, river, river_agency, river_vsp_agency, region_2
):
    today = today_in(river.zone)
    vsp = make_participant(river_vsp_agency, region_2, alias="Heron-204")
    rows = [
        ["Client Name", "DOB", "Client ID", "Agency", "County"],
        ["Heron-204", us(today - timedelta(days=9_000)), "Heron-204", river_agency.name, "Rice"],
        ["Sue Survivor", us(today - timedelta(days=9_001)), "V-1", river_vsp_agency.name, "Rice"],
    ]
    upload(specialist, workbook(rows))
    hmis_import = newest()
    match(specialist, hmis_import, name="List")
    work(hmis_import)
    assert (hmis_import.counts["new"], hmis_import.counts["out"]) == (1, 1)
    assert not HmisLine.objects.filter(participant=vsp).exists()
    apply(specialist, hmis_import)
    assert not SheetRecord.objects.filter(participant=vsp).exists()
    assert "Sue Survivor" not in {each.name for each in Participant.objects.all()}
    vsp.refresh_from_db()
    assert (vsp.name, vsp.alias) == (None, "Heron-204")


def test_nothing_is_kept_of_what_is_never_kept(river, river_specialist, region_2):
    rows = [["Name", "Ident", "Why"]] + [
        [f"Person {number}", f"123-45-{6000 + number}", "schizophrenia, opioids"]
        for number in range(20)
    ]
    hmis_import = start_sheet(
        river, file=None, file_name="", text=as_csv(rows, "\t"), as_of=None,
        actor=river_specialist, now=timezone.now(),
    )  # fmt: skip
    assert SheetSource.objects.count() == 0
    (part,) = HmisUploadPart.objects.filter(hmis_import=hmis_import)
    text = zlib.decompress(bytes(part.content)).decode()
    assert "Person 7" in readable(text)
    assert "123-45-6" not in readable(text)
    assert "schizophrenia" not in readable(text)


def test_samples_are_shown_to_whoever_uploaded_them_and_shapes_to_others(
    specialist, river, river_agency, river_specialist
):
    upload(specialist, as_csv([["Name", "DOB"], ["Quillfeather, Xandra", "4/3/1990"]] * 2))
    hmis_import = newest()
    url = reverse("imports:sheet_columns", args=[hmis_import.pk])
    assert "Quillfeather" in specialist.get(url).content.decode()
    type(hmis_import).objects.filter(pk=hmis_import.pk).update(started_by=None)
    page = readable(specialist.get(url).content.decode())
    assert "Quillfeather" not in page
    assert "9/9/9999" in page
