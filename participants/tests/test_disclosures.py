"""The disclosure record: what was shown of whom, to whom, under which release."""

from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from audit.services import record
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists import deliveries
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.tests.factories import make_meeting, make_roster, make_step
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.services.disclosures import entries_about, rows_of
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/Chicago")


@pytest.fixture
def person(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")


def page_of(person):
    return reverse("participants:disclosure_record", args=[person.pk])


def export_of(person):
    return reverse("participants:disclosure_record_export", args=[person.pk])


def rows(person, **choice):
    return [
        (row.kind, row.what, row.person, row.agency, row.named, row.release)
        for row in rows_of(person, entries_about(person, **choice))
    ]


def words_of(pdf):
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_disclosure_record_tells_who_looked_and_under_which_release(
    person, river_agency, river_provider, river_other_provider, river_specialist
):
    release = make_release(person, agencies=[river_agency])
    other = make_participant(river_agency, person.region, name="Bo Elsewhere")
    signed_in(river_provider).get(person.get_absolute_url())
    signed_in(river_other_provider).get(person.get_absolute_url())
    signed_in(river_specialist).get(reverse("participants:participant_list"))
    signed_in(river_specialist).get(other.get_absolute_url())
    assert rows(person) == [
        ("page", "The by-name list", "Sam Specialist", "", False, None),
        ("page", "The household’s page", "Oli Other", "Cedar Outreach", False, None),
        ("page", "The household’s page", "Pat Provider", "Bridge Housing", True, release),
    ]
    assert [each[2] for each in rows(person, outside=True)] == ["Sam Specialist", "Oli Other"]
    under = [row.under for row in rows_of(person, entries_about(person))]
    signed = f"{release.signed_on:%b} {release.signed_on.day}, {release.signed_on.year}"
    assert under == ["By alias", "By alias", f"By name, release of {signed} (ROI 3); no scan"]


def test_disclosure_record_tells_of_mailed_lists_also_for_a_step_alone(
    person, river, river_agency, region_2, river_provider, river_specialist
):
    """A step of the recipient's agency stands on their copy, though its household is not listed."""
    release = make_release(person)
    unlisted = make_participant(river_agency, region_2, name="Cy Notlisted")
    make_step(unlisted, river_agency)
    bystander = make_participant(river_agency, region_2, name="Di Bystander")
    meeting = make_meeting(river, region_2)
    make_roster(meeting, person)
    now = timezone.now()
    frozen = lists.freeze_list(meeting, actor=river_specialist, now=now)
    delivery = frozen.deliveries.get(recipient=river_provider)
    PREP_LIST.prepare(delivery.message, now)
    PREP_LIST.note_sent(delivery.message, now)
    sent = ("list", "Prep list, mailed locked", "Pat Provider", "Bridge Housing")
    assert rows(person) == [(*sent, True, release)]
    assert rows(unlisted) == [(*sent, True, None)]
    (row,) = rows_of(unlisted, entries_about(unlisted))
    assert row.under == "By name, as the agency that keeps the record"
    assert rows(bystander) == []


def test_disclosure_record_finds_lists_that_went_out_before_the_audit_named_their_households(
    person, river, region_2, river_provider, river_specialist
):
    release = make_release(person)
    other = make_participant(person.agency, region_2, name="Bo Elsewhere")
    meeting = make_meeting(river, region_2)
    make_roster(meeting, person)
    now = timezone.now()
    frozen = lists.freeze_list(meeting, actor=river_specialist, now=now)
    delivery = frozen.deliveries.get(recipient=river_provider)
    PREP_LIST.prepare(delivery.message, now)
    detail = {"recipient": str(river_provider.pk), "participants": 1, "by_name": 1}
    record(deliveries.LIST_SENT, actor=None, continuum_id=river.pk, about=delivery, detail=detail)
    sent = ("list", "Prep list, mailed locked", "Pat Provider", "Bridge Housing")
    assert rows(person) == [(*sent, True, release)]
    assert rows(other) == []


def test_disclosure_record_of_an_old_look_says_that_it_was_not_kept(person, river_specialist):
    record(
        "participant.listed",
        actor=river_specialist,
        continuum_id=person.continuum_id,
        detail={"participants": [str(person.pk)], "searched": False},
    )
    (row,) = rows_of(person, entries_about(person))
    assert (row.named, row.under) == (None, "Not kept at the time")


def test_disclosure_record_is_chosen_by_day_in_the_continuums_zone(person, river_specialist):
    on = today_in() - timedelta(days=3)
    for hour, day in [(23, on), (0, on + timedelta(days=1))]:
        record(
            "participant.viewed",
            actor=river_specialist,
            continuum_id=person.continuum_id,
            about=person,
            detail={"page": "overview", "named": False, "release": ""},
            now=datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZONE),
        )
    assert len(rows(person)) == 2
    assert len(rows(person, since=on, until=on)) == 1
    assert len(rows(person, until=on)) == 1
    assert len(rows(person, since=on + timedelta(days=1))) == 1
    assert rows(person, kind="list") == []
    assert len(rows(person, kind="page")) == 2


def test_disclosure_record_page_asks_the_same_of_the_database_however_long(
    person, river_specialist, river_provider
):
    make_release(person)
    client = signed_in(river_specialist)
    counts = []
    for looks in (1, 30):
        for _ in range(looks):
            record(
                "participant.listed",
                actor=river_provider,
                continuum_id=person.continuum_id,
                detail={"participants": [str(person.pk)], "named_under": {}, "searched": False},
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(page_of(person))
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts == [QUERIES, QUERIES]
    assert text_of(response).count("The by-name list") == 31


QUERIES = 26


def test_disclosure_record_filter_by_a_day_after_the_last_says_what_to_do(person, river_specialist):
    page = signed_in(river_specialist).get(
        page_of(person), {"since": "2026-05-02", "until": "2026-05-01"}
    )
    assert "Choose a day on or after the first one." in text_of(page)
    assert "Print a copy" not in text_of(page)


def test_disclosure_record_export_gives_a_tagged_paper_and_is_audited(
    person, river_agency, river_provider, river_other_provider
):
    make_release(person, agencies=[river_agency])
    signed_in(river_other_provider).get(person.get_absolute_url())
    client = signed_in(river_provider)
    assert "Say why the record is handed over." in text_of(
        client.post(export_of(person), {"reason": ""})
    )
    assert not AuditEntry.objects.filter(action="disclosure_record.exported").exists()
    response = client.post(export_of(person), {"reason": "Ana Sentinelle asked for it"})
    assert response["Content-Type"] == "application/pdf"
    assert "Sentinelle" not in response["Content-Disposition"]
    with pikepdf.open(BytesIO(response.content)) as document:
        assert document.Root.MarkInfo.Marked
    words = words_of(response.content)
    for said in ("Ana Sentinelle", "Oli Other", "Cedar Outreach", "By alias", "Everything"):
        assert said in words
    entry = AuditEntry.objects.get(action="disclosure_record.exported")
    assert (entry.object_id, entry.why) == (str(person.pk), "Ana Sentinelle asked for it")
    assert "Sentinelle" not in str(entry.detail)


def test_disclosure_record_export_shows_the_alias_to_whom_no_release_covers(
    person, river_specialist, river_agency, river_provider
):
    make_release(person, agencies=[river_agency])
    signed_in(river_provider).post(export_of(person), {"reason": "Ana Sentinelle asked"})
    response = signed_in(river_specialist).post(export_of(person), {"reason": "Asked"})
    words = words_of(response.content)
    assert "Heron-1" in words
    assert "Sentinelle" not in words
    assert "Heron-1 asked" in words


def test_disclosure_record_of_a_victim_services_household_is_for_the_provider_alone(
    river_vsp_agency, region_2, river_vsp_provider, river_specialist, river_provider
):
    household = make_participant(river_vsp_agency, region_2, alias="Wren-1")
    answers = {
        user.name: signed_in(user).get(page_of(household)).status_code
        for user in (river_vsp_provider, river_specialist, river_provider)
    }
    assert answers == {
        "Val Victimservices": 200,
        "Sam Specialist": 403,
        "Pat Provider": 403,
    }
