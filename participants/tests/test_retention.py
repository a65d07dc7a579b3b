"""De-identification: what is due, what is taken out everywhere, what keeps counting."""

import json
import uuid
from datetime import date, timedelta
from io import StringIO

import pytest
from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing import minutes
from conferencing.minutes.addenda import add_addendum
from conferencing.models import (
    ActionItem,
    Addendum,
    Meeting,
    Minutes,
    Nomination,
    PrepList,
    Review,
)
from conferencing.prep_lists import acts as lists
from conferencing.tests.factories import (
    make_attendance,
    make_guest,
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
    report,
)
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.households.acts import change_head
from participants.households.undoing import undo_act
from participants.merges.acts import undo_merge
from participants.models import (
    HmisRecord,
    ListPlace,
    OutflowCase,
    Participant,
    PlaceChange,
    Release,
)
from participants.redaction import WITHHELD
from participants.services.retention import deidentify, deidentify_batch, due, preview
from participants.tests.factories import (
    make_merge,
    make_participant,
    make_release,
    make_request,
    make_situation,
)
from regions.tests.factories import today_in
from vault.encrypted import EncryptedField

pytestmark = pytest.mark.django_db
NAME = "Zyxwvut Sentinelle"
SECRETS = ("Zyxwvut", "Sentinelle", "Heron-77", "555 0100", "library", "HMIS-77", "1980")
LATER = relativedelta(years=7, days=5)


def long_after():
    return today_in() + LATER


@pytest.fixture
def person(river, river_agency, region_2, river_provider, river_specialist, river_lead):
    """A household of which everything was written down, some of it twice; not on the list now."""
    person = make_participant(
        river_agency,
        region_2,
        name=NAME,
        alias="Heron-77",
        birth_date=date(1980, 5, 6),
        contact=f"{NAME}, 555 0100",
        hmis_id="HMIS-77",
        notes=f"{NAME} likes the library",
    )
    person.notes = f"{NAME} likes the library, still"
    person.save()
    now, place = timezone.now(), StaffMember.objects.get(user=river_provider)
    make_release(person, scan=b"%PDF Sentinelle", revoked_at=now, revocation_reason=f"{NAME} asked")
    make_situation(person, "shelter", words=f"{NAME} at the library", by=river_provider)
    PlaceChange.objects.create(
        participant=person, flow="identified", on=today_in(), reason=NAME, by=river_provider
    )
    make_request(person, by=river_provider, by_whom=NAME, words=NAME, outcome="denied", answer=NAME)
    call = make_meeting(river, region_2, starts_at=now + timedelta(days=3))
    make_roster(call, person)
    Nomination.objects.create(
        meeting=call,
        participant=person,
        agency=river_agency,
        by=river_provider,
        reason=f"{NAME} is ill",
        at=now,
    )
    make_prework(call, person, place, preferences=NAME, barriers=[NAME, "No transportation"])
    make_guest(call, person, by=river_specialist, name=NAME)
    step = make_step(person, river_agency, person=place, what=f"Call {NAME}")
    report(step, line=f"{NAME} was out", by=river_provider, at=now)
    lists.freeze_list(call, actor=river_specialist, now=now)
    closed = make_meeting(
        river, region_2, starts_at=now - timedelta(days=9), state=Meeting.State.CLOSED
    )
    make_roster(closed, person)
    make_attendance(closed, name=NAME, organization="Family")
    review = make_review(
        closed,
        person,
        location="shelter",
        location_words="At the library",
        preferences=NAME,
        barriers=["No transportation", f"{NAME} has no phone"],
        systemic=["No transportation"],
        safety=NAME,
        notes=NAME,
        is_referred=True,
        referral=NAME,
    )
    make_step(person, river_agency, review=review, what=f"Write to {NAME}")
    minutes.freeze_minutes(closed, actor=river_specialist, now=now)
    for about in (review, None):
        add_addendum(closed, review=about, words=f"{NAME} called", actor=river_specialist, now=now)
    ListPlace.objects.filter(participant=person).update(status=ListPlace.Status.HOUSED)
    return person


def everything_readable():
    """Every column of every table but the audit's, opened where it is encrypted."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in ("participants", "conferencing", "accounts", "outbox"):
            continue
        columns = [column for column in model._meta.concrete_fields if not column.primary_key]
        for row in model._base_manager.all():
            for column in columns:
                value = getattr(row, column.attname)
                if isinstance(value, bytes | memoryview):
                    value = bytes(value).decode(errors="replace")
                text = json.dumps(value, default=str, ensure_ascii=False)
                found.append((f"{model._meta.label}.{column.name}", readable(text)))
    return found


def places_of(words):
    return sorted({place for place, text in everything_readable() if any(w in text for w in words)})


def test_what_is_looked_for_is_found_in_no_key_and_no_moment(
    river_agency, region_2, river_provider
):
    """The year of somebody's birth stands there now and then; none was told by it."""
    at = timezone.now().replace(microsecond=198_042)
    User.objects.filter(pk=river_provider.pk).update(joined_at=at)
    key = uuid.UUID("1f0c6f2e-1980-4b1d-8a55-0d6f6a0e8c11")
    household = make_participant(river_agency, region_2, id=key, birth_date=date(1981, 5, 6))
    assert places_of(["1980"]) == []
    household.birth_date = date(1980, 5, 6)
    household.save()
    assert "participants.Participant.birth_date" in places_of(["1980"])


def test_deidentify_empties_former_states_of_what_is_not_there_any_more(river, person):
    record = HmisRecord.objects.create(
        participant=person, said={"name": {"value": NAME, "on": "2026-05-01"}}, as_of=today_in()
    )
    record.delete()
    assert "participants.HmisRecordEvent.said" in places_of(SECRETS)
    assert (
        deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=timezone.now()) == 1
    )
    assert places_of(SECRETS) == []


def test_deidentify_leaves_nothing_that_tells_who_it_was(river, person):
    bystander = make_participant(person.agency, person.region, name="Bo Stays", alias="Wren-5")
    before = places_of(SECRETS)
    assert "participants.ParticipantEvent.notes" in before
    assert "conferencing.PrepList.snapshot" in before
    assert "conferencing.Minutes.snapshot" in before
    assert "conferencing.ReviewEvent.notes" in before
    assert (
        deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=timezone.now()) == 1
    )
    assert places_of(SECRETS) == []
    bystander.refresh_from_db()
    assert (bystander.name, bystander.alias) == ("Bo Stays", "Wren-5")


def test_deidentify_takes_the_name_out_of_what_was_frozen_about_others(
    river, river_agency, region_2, river_specialist, river_provider, person
):
    now = timezone.now()
    other = make_participant(river_agency, region_2, name="Bo Stays", alias="Wren-5")
    said = "Shares a tent with {}. Keeps the dog."
    closed = make_meeting(
        river, region_2, starts_at=now - timedelta(days=8), state=Meeting.State.CLOSED
    )
    make_roster(closed, other)
    make_attendance(closed, name=NAME, organization="Kin")
    review = make_review(closed, other, notes=said.format(NAME), barriers=[said.format(NAME)])
    make_step(other, river_agency, review=review, what=said.format(NAME.upper()))
    frozen = minutes.freeze_minutes(closed, actor=river_specialist, now=now)
    add_addendum(closed, review=None, words=f"{NAME} called", actor=river_specialist, now=now)
    ahead = make_meeting(river, region_2, starts_at=now + timedelta(days=4))
    make_roster(ahead, other)
    Nomination.objects.create(
        meeting=ahead,
        participant=other,
        agency=river_agency,
        by=river_provider,
        reason=said.format(NAME),
        at=now,
    )
    listed = lists.freeze_list(ahead, actor=river_specialist, now=now)
    assert deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=now) == 1
    assert places_of(SECRETS) == []
    frozen.refresh_from_db()
    listed.refresh_from_db()
    [row] = frozen.snapshot["households"]
    assert (row["name"], row["alias"]) == ("Bo Stays", "Wren-5")
    assert row["notes"] == said.format(WITHHELD)
    assert [each["what"] for each in row["steps"]] == [said.format(WITHHELD)]
    [row] = listed.snapshot["participants"]
    assert row["reasons"][-1:] == [f"Nominated by {river_agency.name}: {said.format(WITHHELD)}"]


def test_deidentify_takes_the_name_out_of_what_it_takes_to_undo_something_of_others(
    river, river_agency, region_2, river_specialist, river_provider, person
):
    """A journal holds texts of two households; what it puts back tells of nobody who is gone."""
    said, now = "Knows {} from the shelter", timezone.now()
    one, two, three = (
        make_participant(river_agency, region_2, name=f"{name} Stays", notes=said.format(who))
        for name, who in (("Bo", NAME), ("Cy", NAME), ("Di", f"{NAME}, too"))
    )
    act = change_head(
        one,
        head={"name": "Ed Stays", "birth_date": None, "contact": NAME, "hmis_id": None},
        member=None,
        stays_as="",
        happened_on=today_in(river.zone),
        reason=said.format(NAME),
        changed_at=one.changed_at,
        actor=river_provider,
        now=now,
    )
    merge = make_merge(two, three, by=river_specialist, values={"notes": "both"})
    assert {"participants.HouseholdAct.journal", "participants.Merge.journal"} <= {
        *places_of(SECRETS)
    }
    assert deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=now) == 1
    assert places_of(SECRETS) == []
    undo_act(act, actor=river_provider, now=timezone.now())
    undo_merge(merge, why="Two people", actor=river_specialist, now=timezone.now())
    assert places_of(SECRETS) == []
    one, two, three = (Participant.objects.get(pk=each.pk) for each in (one, two, three))
    assert (one.name, two.notes) == ("Bo Stays", said.format(WITHHELD))
    assert three.notes == said.format(f"{WITHHELD}, too")


def test_deidentify_keeps_what_counts(river, person, river_provider):
    changed_at = person.changed_at
    now = timezone.now()
    deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=now)
    person.refresh_from_db()
    assert (person.deidentified_at, person.changed_at) == (now, changed_at)
    assert (person.name, person.hmis_id_index, person.identity_index) == (None, None, None)
    assert (person.adults, person.place.status) == (1, "housed")
    assert [(each.kind, each.words) for each in person.situations.all()] == [("shelter", None)]
    assert [each.flow for each in person.place_changes.all()] == ["identified"]
    release = person.releases.get()
    assert (release.to_all_partners, release.scan, release.revocation_reason) == (True, None, "")
    assert release.revoked_at
    review = Review.objects.get(participant=person)
    assert (review.location, review.location_words, review.is_referred) == ("shelter", None, True)
    assert (review.barriers, review.systemic) == (["No transportation"], ["No transportation"])
    assert {each.what for each in ActionItem.objects.all()} == {"Removed"}
    (row,) = PrepList.objects.get().snapshot["participants"]
    assert (row["name"], row["alias"], row["household"]) == (None, person.alias, "1 adult")
    (household,) = Minutes.objects.get().snapshot["households"]
    location, _preferences, barriers, _safety = household["elements"]
    assert [each["words"] for each in location["texts"]] == ["Emergency shelter"]
    assert [each["words"] for each in barriers["texts"]] == ["No transportation"]
    assert sorted(each.words for each in Addendum.objects.all()) == [
        f"{person.alias} called",
        "Removed",
    ]
    guest = User.objects.get(name="Former guest")
    assert (guest.is_active, guest.has_usable_password()) == (False, False)
    page = signed_in(river_provider).get(person.get_absolute_url())
    assert "De-identified" in text_of(page)
    edit = reverse("participants:participant_edit", args=[person.pk])
    assert signed_in(river_provider).get(edit).status_code == 403


def test_deidentify_twice_changes_nothing_more(river, person):
    now = timezone.now()
    deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=now)
    person.refresh_from_db()
    events = Participant.pgh_event_model.objects.count()
    assert deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=now) == 0
    again = Participant.objects.get(pk=person.pk)
    assert (again.alias, again.deidentified_at) == (person.alias, person.deidentified_at)
    assert Participant.pgh_event_model.objects.count() == events
    assert AuditEntry.objects.filter(action="participant.deidentified").count() == 1


def test_deidentify_goes_on_where_it_was_stopped(river, river_agency, region_2):
    for number in range(5):
        make_participant(river_agency, region_2, listed=False, name=f"Old {number}")
    args = {"as_of": long_after(), "actor": None, "now": timezone.now()}
    assert deidentify_batch(river, size=2, **args) == 2
    assert Participant.objects.filter(name__isnull=True).count() == 2
    assert deidentify(river, reason="Policy", **args) == 3
    assert deidentify_batch(river, size=2, **args) == 0
    assert len(set(Participant.objects.values_list("alias", flat=True))) == 5


@pytest.mark.parametrize(
    "touch",
    [
        lambda person, place, at: make_situation(person, by=place.user),
        lambda person, place, at: report(make_step(person, place.agency), by=place.user, at=at),
        lambda person, place, at: make_request(person, by=place.user, recorded_at=at),
        lambda person, place, at: Release.objects.filter(participant=person).update(revoked_at=at),
    ],
    ids=["stay", "report", "request", "revoked release"],
)
def test_due_waits_for_seven_years_after_whatever_was_last_changed(
    river, river_agency, region_2, river_provider, touch
):
    person = make_participant(river_agency, region_2, listed=False)
    make_release(person)
    place = StaffMember.objects.get(user=river_provider)
    old = timezone.now() - timedelta(days=8 * 365)
    Participant.objects.filter(pk=person.pk).update(changed_at=old)
    Release.objects.update(recorded_at=old)
    assert list(due(river, on=today_in())) == [person]
    touch(person, place, timezone.now())
    assert list(due(river, on=today_in())) == []
    assert list(due(river, on=long_after())) == [person]


def test_due_counts_seven_years_to_the_day(river, river_agency, region_2):
    person = make_participant(river_agency, region_2, listed=False)
    changed_on = timezone.localtime(person.changed_at).date()
    seven = changed_on + relativedelta(years=7)
    assert list(due(river, on=seven - timedelta(days=1))) == []
    assert list(due(river, on=seven + timedelta(days=2))) == [person]


def test_due_leaves_alone_whoever_is_active_on_the_list_and_other_continuums(
    river, three, river_agency, region_2
):
    active = make_participant(river_agency, region_2)
    found = preview(river, on=long_after())
    assert (found.count, found.still_active) == (0, 1)
    assert deidentify(river, as_of=long_after(), reason="x", actor=None, now=timezone.now()) == 0
    ListPlace.objects.filter(participant=active).update(status="inactive")
    assert deidentify(three, as_of=long_after(), reason="x", actor=None, now=timezone.now()) == 0
    active.refresh_from_db()
    assert active.name == "Ana Example"


def test_deidentify_page_shows_numbers_alone_and_asks_for_a_reason_and_a_tick(
    river, person, river_administrator
):
    old = timezone.now() - timedelta(days=8 * 365)
    plain = make_participant(person.agency, person.region, listed=False, name="Old Sentinelle")
    Participant.objects.filter(pk=plain.pk).update(changed_at=old)
    client, url = signed_in(river_administrator), reverse("participants:deidentify")
    page = client.get(url)
    assert page.context["preview"].agencies == [("Bridge Housing", 1)]
    assert "Sentinelle" not in page.content.decode()
    for sent in ({"reason": "Policy"}, {"reason": " ", "is_understood": "on"}):
        assert client.post(url, sent).status_code == 200
    plain.refresh_from_db()
    assert plain.name == "Old Sentinelle"
    assert client.post(url, {"reason": "Policy", "is_understood": "on"}).status_code == 302
    plain.refresh_from_db()
    assert plain.name is None
    person.refresh_from_db()
    assert person.name == NAME
    entry = AuditEntry.objects.get(action="retention.started")
    assert (entry.actor_id, entry.why) == (river_administrator.pk, "Policy")
    assert AuditEntry.objects.get(action="participant.deidentified").object_id == str(plain.pk)
    assert "De-identify 1 record" not in text_of(client.get("/"))


def test_deidentify_command_previews_and_refuses_a_day_ahead(river, person):
    said = StringIO()
    call_command("deidentify", "--at", long_after().isoformat(), "--dry-run", stdout=said)
    assert "MN-502: 1 due" in said.getvalue()
    person.refresh_from_db()
    assert person.name == NAME
    with pytest.raises(CommandError, match="is ahead"):
        call_command("deidentify", "--at", long_after().isoformat())
    with pytest.raises(CommandError, match="is no date"):
        call_command("deidentify", "--at", "soon")
    with pytest.raises(CommandError, match="no continuum"):
        call_command("deidentify", "--continuum", "XX-000")


def test_deidentify_command_does_what_it_previewed(river, person):
    river.is_example = True
    river.save()
    said = StringIO()
    call_command("deidentify", "--continuum", "MN-502", "--at", str(long_after()), stdout=said)
    assert "MN-502: 1 de-identified" in said.getvalue()
    person.refresh_from_db()
    assert person.name is None


def test_every_model_with_words_about_a_participant_is_known_to_retention(db):
    """A new table about participants must say what goes: this test fails until it does."""
    from participants import retention

    kept = {each.model for each in retention.kept()} | {Participant}
    lacking = []
    for model in apps.get_models():
        if model._meta.app_label not in ("participants", "conferencing", "hmis"):
            continue
        tracked = getattr(model, "pgh_tracked_model", model)
        about = any(
            column.related_model in (Participant, Review, ActionItem, OutflowCase)
            for column in tracked._meta.concrete_fields
            if column.is_relation
        )
        sealed = any(isinstance(each, EncryptedField) for each in tracked._meta.concrete_fields)
        if about and sealed and tracked not in kept:
            lacking.append(model._meta.label)
    assert lacking == []
    assert connection.vendor == "postgresql"


def test_deidentify_takes_the_names_out_of_what_was_written_about_others(
    river, person, river_agency, region_2
):
    other = make_participant(
        river_agency, region_2, name="Oda Other", alias="Heron-78", notes=f"Cousin of {NAME}. Oda."
    )
    situation = make_situation(other, words=f"With {NAME.upper()}")
    assert (
        deidentify(river, as_of=long_after(), reason="Policy", actor=None, now=timezone.now()) == 1
    )
    other.refresh_from_db()
    situation.refresh_from_db()
    assert other.notes == f"Cousin of {WITHHELD}. Oda."
    assert situation.words == f"With {WITHHELD}"
    former = Participant.pgh_event_model.objects.filter(pgh_obj=other.pk)
    assert {each.notes for each in former} == {f"Cousin of {WITHHELD}. Oda."}
