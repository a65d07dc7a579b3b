"""A sheet of each shape through the pages: columns, words, preview, apply, the next one, undo."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.hmis.services import undo_import
from participants.models import HmisImport, HmisUploadPart, Participant, SheetRecord, SheetSource
from participants.spreadsheets.tests.sheets import (
    apply,
    guessed,
    match,
    newest,
    say_words,
    upload,
    vendor_report,
    work,
    workbook,
)
from participants.tests.factories import make_participant
from regions.models import County
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(river, region_2):
    for name in ("Rice", "Steele"):
        County.objects.get_or_create(region=region_2, name=name)


@pytest.fixture
def specialist(river_specialist):
    return signed_in(river_specialist)


def bring(client, content, **typed):
    """Upload a vendor's report, say what is asked, and read it."""
    upload(client, content)
    hmis_import = newest()
    match(client, hmis_import, **typed)
    hmis_import.refresh_from_db()
    if hmis_import.state == "matching":
        say_words(client, hmis_import, {"Street outreach": "unsheltered"})
    return work(hmis_import)


def test_a_vendors_report_comes_in_and_is_known_the_next_time(
    specialist, river, river_agency, places, river_specialist
):
    river_agency.name = "Bridge Housing"
    river_agency.save()
    today = today_in(river.zone)
    report = vendor_report(today)
    answer = upload(specialist, workbook(report))
    first = newest()
    assert answer.url == reverse("imports:sheet_columns", args=[first.pk])
    assert guessed(specialist, first) == {
        "A": "name", "B": "key", "C": "birth_date", "D": "", "E": "veteran", "G": "stay",
        "H": "agency", "I": "county", "J": "listed_on", "K": "contact",
    }  # fmt: skip
    page = specialist.get(answer.url).content.decode()
    assert "Column F looks like Social Security numbers" in page
    assert "123-45-6789" not in readable(page)
    assert "Quillfeather, Xandra" in page
    answer = match(specialist, first)
    assert answer.url == reverse("imports:sheet_words", args=[first.pk])
    say_words(specialist, first, {"Street outreach": "unsheltered"})
    work(first)
    assert (first.state, first.failure) == ("ready", "")
    shown = ("new", "changed", "absent", "refused", "skipped")
    assert {key: first.counts[key] for key in shown} == {
        "new": 3, "changed": 0, "absent": 0, "refused": 0, "skipped": 2,
    }  # fmt: skip
    apply(specialist, first)
    assert (first.state, first.failure, first.counts["done"]["added"]) == ("applied", "", 3)
    assert not HmisUploadPart.objects.exists()
    people = {each.name: each for each in Participant.objects.select_related("place", "county")}
    assert set(people) == {"Xandra Quillfeather", "Bartholomew Zwick", "Adaeze Okonkwo"}
    zwick = people["Bartholomew Zwick"]
    assert (zwick.is_veteran, zwick.is_unsheltered, zwick.county.name) == (True, True, "Steele")
    assert zwick.place.listed_on == today - timedelta(days=40)
    assert zwick.birth_date == today - timedelta(days=16_000)

    # The next one is known by its headings: nothing is asked, only what differs is shown.
    report[5][4] = "No"
    del report[6]
    answer = upload(specialist, workbook(report))
    second = newest()
    assert answer.url == second.get_absolute_url()
    work(second)
    assert {key: second.counts[key] for key in ("new", "changed", "absent", "unchanged")} == {
        "new": 0, "changed": 1, "absent": 1, "unchanged": 1,
    }  # fmt: skip
    page = specialist.get(second.get_absolute_url()).content.decode()
    assert "Recognized" in page
    assert "Vendor report" in page
    apply(specialist, second)
    zwick.refresh_from_db()
    assert not zwick.is_veteran
    gone = SheetRecord.objects.get(absent_on__isnull=False)
    assert (gone.participant.name, gone.participant.place.status) == ("Adaeze Okonkwo", "active")

    undo_import(second, actor=river_specialist, now=timezone.now())
    zwick.refresh_from_db()
    assert zwick.is_veteran
    assert not SheetRecord.objects.filter(absent_on__isnull=False).exists()
    assert (SheetSource.objects.count(), HmisImport.objects.count()) == (1, 2)


def test_undoing_a_first_sheet_takes_back_all_of_it(
    specialist, river, river_agency, places, river_specialist
):
    today = today_in(river.zone)
    known = make_participant(
        river_agency, river.regions.first(), name="Xandra Quillfeather",
        birth_date=today - timedelta(days=12_000),
    )  # fmt: skip
    done = apply(
        specialist,
        bring(specialist, workbook(vendor_report(today)), agency=str(river_agency.pk),
              changed={"H": ""}),
    )  # fmt: skip
    assert done.counts["done"]["added"] == 2
    assert done.counts["done"]["changed"] == 1
    assert Participant.objects.count() == 3
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert list(Participant.objects.all()) == [known]
    assert not SheetRecord.objects.exists()


def test_an_hmis_id_is_of_whoever_has_it_else_of_the_first_row(
    specialist, river, river_agency, places, river_specialist
):
    today = today_in(river.zone)
    rows = [
        ["Client", "Unique Identifier", "HMIS ID", "DOB", "County", "Date Added"],
        ["Quillfeather, Xandra", "UQ-001", "H-2", today - timedelta(days=12_000), "Rice", today],
        ["Zwick, Bartholomew", "UQ-002", "H-2", today - timedelta(days=16_000), "Rice", today],
        ["Okonkwo, Adaeze", "UQ-003", "H-1", today - timedelta(days=9_000), "Rice", today],
    ]
    hmis_import = bring(specialist, workbook(rows), agency=str(river_agency.pk))
    assert hmis_import.counts["new"] == 3
    # Somebody is added between the preview and its button.
    make_participant(river_agency, river.regions.first(), name="Lou Sample", hmis_id="H-1")
    done = apply(specialist, hmis_import)
    assert (done.state, done.failure, done.counts["done"]["added"]) == ("applied", "", 3)
    ids = {each.name: each.hmis_id for each in Participant.objects.all()}
    assert ids == {
        "Lou Sample": "H-1",
        "Xandra Quillfeather": "H-2",
        "Bartholomew Zwick": None,
        "Adaeze Okonkwo": None,
    }
    assert SheetRecord.objects.count() == 3
