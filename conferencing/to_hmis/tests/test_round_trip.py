"""What a call agreed goes to HMIS, comes back and is known again; a second file doubles none."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.models import Review
from conferencing.tests.factories import make_review
from conferencing.tests.pages import text_of
from conferencing.to_hmis import acts
from conferencing.to_hmis.facts import Source
from conferencing.to_hmis.gathering import fact_at, gather
from conferencing.to_hmis.pages import lines_of
from participants.hmis.undoing import undo_import
from participants.models import Contact, HmisEntry, HmisProject
from participants.tests.factories import make_contact, make_merge, make_situation
from participants.tests.test_hmis import by_hmis_id
from regions.tests.factories import today_in

from .hmis import FRONT_DOOR, OUTREACH, UPLOADED, Hmis, table, without_moments

pytestmark = pytest.mark.django_db
REFERRED = {
    "Event": "13",
    "LocationCrisisOrPHHousing": "P3",
}


@pytest.fixture
def held(call, ana, bo, river_provider, river_specialist):
    """The call referred Ana and named her a navigator, and solved a problem of Bo's."""
    place = StaffMember.objects.get(user=river_provider)
    make_review(
        *(call, ana),
        is_referred=True,
        referral="Apartments, second floor",
        navigator=place,
        navigator_said_at=call.starts_at,
        saved_by=river_provider,
    )
    review = make_review(call, bo, saved_by=river_provider)
    now = timezone.now()
    referral = fact_at(Source.REFERRAL, call.reviews.get(participant=ana).pk, call.continuum,
                       river_specialist, now)  # fmt: skip
    result = {"ReferralResult": "1", "ResultDate": f"{call.on + timedelta(days=2)}"}
    acts.answer(referral, answers=REFERRED | result, actor=river_specialist, now=now)
    solved = {"Event": "2", "ProbSolDivRRResult": "1"}
    acts.add_event(review, bo, answers=solved, actor=river_specialist, now=now)
    make_contact(ana, days_ago=5, by=river_provider)
    make_situation(ana, "unsheltered", days_ago=5, by=river_provider)
    make_situation(bo, "shelter", days_ago=4, by=river_provider)
    make_contact(bo, Contact.Kind.ASSESSED, days_ago=3, by=river_provider)
    return call


def progress(scope, actor):
    """`{(household's HMIS ID, kind, source): how far it came}`."""
    now = timezone.now()
    lines = lines_of(gather(scope, actor, now), actor, now=now)
    return {
        (each.fact.person.hmis_id, each.fact.kind, each.fact.source): each.progress.words
        for each in lines
    }


def events_in(record):
    return record.said["events"]["value"]


def test_a_call_goes_to_hmis_and_comes_back_as_it_was(
    held, take, hmis, imported, scope, river_specialist, ana, bo
):
    content = take()
    assert {row["Event"] for row in table(content, "Event")} == {"13", "7", "2"}
    assert [row["CurrentLivingSituation"] for row in table(content, "CurrentLivingSituation")] == [
        "116",
        "101",
    ]
    assert [row["EnrollmentID"] for row in table(content, "Assessment")] == ["E2"]
    before = {(each.kind, each.on) for each in Contact.objects.all()}
    stays = {person: set(person.situations.values_list("kind", "on")) for person in (ana, bo)}
    hmis.upload(content)
    imported()

    # Into the first: known again, nothing twice.
    assert set(progress(scope, river_specialist).values()) == {"In HMIS"}
    assert {(each.kind, each.on) for each in Contact.objects.all()} == before
    assert Contact.objects.filter(kind="assessed").count() == 1
    for person in (ana, bo):
        now = set(person.situations.values_list("kind", "on"))
        assert now == stays[person]
        rows = [row for row in table(content, "Event") if row["PersonalID"] == person.hmis_id]
        person.hmis.refresh_from_db()
        wanted = {name: row[name] for row in rows for name in row if name in REFERRED}
        assert {each["EventID"] for each in events_in(person.hmis)} == {
            row["EventID"] for row in rows
        }
        for each in events_in(person.hmis):
            row = next(row for row in rows if row["EventID"] == each["EventID"])
            assert each == {name: row[name] for name in each}
        assert wanted

    # And again: the same ids, the same rows.
    again = take()
    for file in ("Event", "CurrentLivingSituation", "Assessment"):
        assert without_moments(table(again, file)) == without_moments(table(content, file))
    counts = {file: len(rows) for file, rows in hmis.files.items()}
    hmis.upload(again)
    assert {file: len(rows) for file, rows in hmis.files.items()} == counts


def test_into_a_second_empty_continuum_the_same_events_come(
    client, held, take, hmis, imported, three, three_region, three_specialist, three_agency,
    three_provider, ana
):  # fmt: skip
    content = take()
    elsewhere = Hmis(three)
    elsewhere.enrol("E1", "A", days=90)
    elsewhere.enrol("E2", "B", days=60)
    elsewhere.upload(content)
    HmisProject.objects.create(
        continuum=three,
        key=FRONT_DOOR,
        name="Front door",
        type_code="14",
        is_listed=True,
        region=three_region,
        agency=three_agency,
    )
    imported(three, three_specialist, elsewhere)
    found = {each.hmis_id: each for each in three.participants.select_related("hmis")}
    for key in ("A", "B"):
        rows = [row for row in table(content, "Event") if row["PersonalID"] == key]
        told = sorted(events_in(found[key].hmis), key=lambda each: each["EventID"])
        assert told == [
            {name: row[name] for name in told[0]}
            for row in sorted(rows, key=lambda row: row["EventID"])
        ]
    assert found["A"].situations.get().kind == "unsheltered"
    assert found["B"].situations.get().kind == "shelter"
    assert found["B"].contacts.get().kind == Contact.Kind.ASSESSED
    # What is known again is known in its own continuum alone.
    assert "own_rows" not in found["A"].hmis.said
    client.force_login(StaffMember.objects.filter(agency=three_agency).get().user)
    page = text_of(client.get(found["A"].get_absolute_url()))
    assert "Referral to rapid re-housing (RRH), accepted" in page


def test_what_was_corrected_keeps_its_id_and_what_was_taken_back_is_deleted(
    held, take, hmis, imported, scope, river_specialist, ana, bo
):
    first = take()
    hmis.upload(first)
    imported()
    now = timezone.now()
    review = Review.objects.get(participant=ana)
    fact = fact_at(Source.REFERRAL, review.pk, held.continuum, river_specialist, now)
    acts.answer(fact, answers={"Event": "14"}, actor=river_specialist, now=now)
    bo.contacts.all().delete()
    told = progress(scope, river_specialist)
    assert told["A", "event", "referral"] == "Changed here since"
    assert told["B", "assessment", "assessed"] == "No longer said here, still in HMIS"
    second = take()
    rows = {row["EventID"]: row for row in table(second, "Event")}
    assert rows[fact.key.hex]["Event"] == "14"
    assert rows[fact.key.hex]["LocationCrisisOrPHHousing"] == ""
    assert len(rows) == len(table(first, "Event"))
    gone = table(second, "Assessment")
    assert [bool(row["DateDeleted"]) for row in gone] == [True]
    hmis.upload(second)
    assert hmis.files["Assessment"] == {}
    imported()
    told = progress(scope, river_specialist)
    assert told["A", "event", "referral"] == "In HMIS"
    assert told["B", "assessment", "assessed"] == "Taken back"


def test_what_hmis_changed_stays_as_it_is_there(
    held, take, hmis, imported, scope, river_specialist, ana
):
    content = take()
    hmis.upload(content)
    key = next(row["EventID"] for row in table(content, "Event") if row["Event"] == "13")
    hmis.files["Event"][key]["ReferralResult"] = "3"
    imported()
    assert progress(scope, river_specialist)["A", "event", "referral"] == "HMIS changed it"
    assert key not in {row["EventID"] for row in table(take(), "Event")}


@pytest.mark.parametrize("days", [0, 1, 2])
def test_what_hmis_never_took_is_said_once_a_later_export_lacks_it(
    ana, hmis, imported, take, scope, river_specialist, river_provider, days
):
    make_situation(ana, "shelter", days_ago=5, by=river_provider)
    take(now=timezone.now() - timedelta(days=days))
    hmis.put("Client", "Z", FirstName="New", LastName="LastZ", DOB="1980-01-01")
    hmis.enrol("E7", "Z")
    imported()
    told = next(iter(progress(scope, river_specialist).values()))
    assert told.startswith("Not in the export of" if days else "In a file since")


def test_entries_follow_a_household_that_is_joined_into_another_and_keep_their_ids(
    ana, bo, take, call, river_specialist, river_provider
):
    make_situation(ana, "shelter", days_ago=5, by=river_provider)
    review = make_review(call, ana)
    acts.add_event(review, ana, answers={"Event": "2"}, actor=river_specialist, now=timezone.now())
    content = take()
    ids = {row["EventID"] for row in table(content, "Event")}
    ids |= {row["CurrentLivingSitID"] for row in table(content, "CurrentLivingSituation")}
    make_merge(bo, ana, by=river_specialist)
    assert {each.participant for each in HmisEntry.objects.all()} == {bo}
    again = take()
    rows = [*table(again, "Event"), *table(again, "CurrentLivingSituation")]
    assert {row.get("EventID") or row["CurrentLivingSitID"] for row in rows} == ids
    assert {row["PersonalID"] for row in rows} == {"B"}
    assert not any(row["DateDeleted"] for row in rows)


def test_what_was_keyed_is_known_by_household_day_and_code(
    held, hmis, imported, scope, river_specialist, coc_user, ana, bo
):
    now = timezone.now()
    for fact in gather(scope, river_specialist, now):
        acts.note_keyed(fact, actor=river_specialist, now=now)
    assert set(progress(scope, river_specialist).values()) == {
        f"Keyed on {today_in(held.continuum.zone):%b %-d, %Y}"
    }
    for number, entry in enumerate(HmisEntry.objects.order_by("pk")):
        file, name = {
            "event": ("Event", "EventID"),
            "situation": ("CurrentLivingSituation", "CurrentLivingSitID"),
            "assessment": ("Assessment", "AssessmentID"),
        }[entry.kind]
        hmis.files[file][f"K{number}"] = {**entry.given, name: f"K{number}"}
    imported()
    assert set(progress(scope, river_specialist).values()) == {"In HMIS"}
    with pytest.raises(Exception, match="Nothing of this is ready"):
        acts.take_file(scope, reason="Again", seen="", actor=river_specialist, now=now)


def test_what_hmis_took_under_ids_of_its_own_is_known_by_household_day_and_code(
    held, take, hmis, imported, scope, river_specialist
):
    hmis.upload(take())
    for file in UPLOADED:
        name = hmis.columns(file)[0]
        hmis.files[file] = {
            f"K{number}": {**row, name: f"K{number}"}
            for number, row in enumerate(hmis.files[file].values())
        }
    other = {"EnrollmentID": "E1", "PersonalID": "A", "CurrentLivingSituation": "118"}
    day = next(iter(hmis.files["CurrentLivingSituation"].values()))["InformationDate"]
    hmis.put("CurrentLivingSituation", "OTHER", InformationDate=day, **other)
    imported()
    assert set(progress(scope, river_specialist).values()) == {"In HMIS"}


def test_what_went_in_a_file_is_not_keyed_besides(held, take, scope, river_specialist):
    take()
    now = timezone.now()
    for fact in gather(scope, river_specialist, now):
        with pytest.raises(ValidationError, match="It went in a file"):
            acts.note_keyed(fact, actor=river_specialist, now=now)


def test_ids_are_kept_and_given_back_by_an_undo(hmis, imported, ana, river_specialist):
    told = ana.hmis.said["enrollments"]["value"]
    assert [(each["id"], each["person"], each["household"], each["project"], each["by"])
            for each in told] == [
        ("E1", "A", "HA", FRONT_DOOR, "7"),
        ("E9", "A", "HA", OUTREACH, "7"),
    ]  # fmt: skip
    hmis.enrol("E8", "A", days=1, project="P3")
    last = imported()
    ana.hmis.refresh_from_db()
    assert [each["id"] for each in ana.hmis.said["enrollments"]["value"]] == ["E1", "E9", "E8"]
    undo_import(last, actor=river_specialist, now=timezone.now())
    ana.hmis.refresh_from_db()
    assert ana.hmis.said["enrollments"]["value"] == told


def test_a_record_from_before_gets_its_ids_from_the_very_same_export(hmis, imported, ana):
    for name in ("enrollments", "events"):
        ana.hmis.said.pop(name, None)
    ana.hmis.save()
    last = ana.continuum.hmis_imports.get()
    last.digest = "of what was read before"
    last.save()
    imported()
    assert by_hmis_id("A").hmis.said["enrollments"]["value"]
