"""Words beside no household of their own: nobody reads a name in them whom they may not know."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from audit.services import record
from conferencing.call.attendance import add_walk_in
from conferencing.call.guests import INVITED
from conferencing.minutes import freeze_minutes
from conferencing.minutes.pages import minutes_page
from conferencing.models import Meeting, PrepList
from conferencing.prep_lists.acts import correct_list, freeze_list
from conferencing.prep_lists.copies import Copy
from conferencing.tests.factories import (
    make_attendance,
    make_barrier,
    make_guest,
    make_meeting,
    make_roster,
)
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.naming import label_for
from participants.services.places import PLACE_CHANGED
from participants.tests.factories import make_participant, make_release, make_saved_view
from participants.texts import reader

pytestmark = pytest.mark.django_db
NAME = "Abdirahman Quintanilla"
SPELLED = [
    "Abdirahman Quintanilla",
    "ABDIRAHMAN QUINTANILLA",
    "Quintanilla, Abdirahman",
    "abdirahman",
    "Quintanilla’s",
]


@pytest.fixture
def person(river_agency, region_2):
    return make_participant(river_agency, region_2, name=NAME, alias="Heron-77")


def tells(text):
    return [word for word in ("abdirahman", "quintanilla", "heron-77") if word in text.casefold()]


@pytest.mark.parametrize("spelled", SPELLED)
def test_an_administrator_reads_no_name_in_the_audit_nor_in_its_file(
    person, river, river_administrator, river_provider, spelled
):
    record(
        PLACE_CHANGED,
        actor=river_provider,
        continuum_id=river.pk,
        about=person,
        why=f"{spelled} (Heron-77) moved to 12 Elm Street",
    )
    client = signed_in(river_administrator)
    page = client.get(reverse("audit:entry_list"))
    assert "12 Elm Street" in text_of(page)
    assert tells(page.content.decode()) == []
    form = client.get(reverse("audit:entry_export")).context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    answer = client.post(reverse("audit:entry_export"), values | {"why": "Yearly review"})
    said = b"".join(answer.streaming_content).decode()
    assert "12 Elm Street" in said
    assert tells(said) == []
    assert len(list(csv.reader(io.StringIO(said)))) > 1


def test_whoever_typed_a_reason_reads_it_as_it_was_typed(river, person, river_administrator):
    record(
        PLACE_CHANGED,
        actor=river_administrator,
        continuum_id=river.pk,
        why="Quintanilla asked",
    )
    page = signed_in(river_administrator).get(reverse("audit:entry_list"))
    assert "Quintanilla asked" in text_of(page)


def test_the_name_of_a_guest_stands_in_no_entry_that_is_shown(
    river, region_2, person, river_specialist, river_administrator
):
    guest = make_guest(make_meeting(river, region_2), person, by=river_specialist)
    # As it was recorded when a guest's account bore their name.
    guest.user.name = "Ma Quintanilla"
    record(INVITED, actor=guest.user, continuum_id=river.pk)
    assert AuditEntry.objects.filter(actor_label="Ma Quintanilla").exists()
    client = signed_in(river_administrator)
    assert tells(client.get(reverse("audit:entry_list")).content.decode()) == []
    found = client.get(reverse("audit:entry_list"), {"person": "Ma Quin"}).context["entries"]
    assert found == []


def test_a_reader_is_shown_whom_a_release_covers(person, river_agency, river_provider, river):
    other = make_participant(river_agency, person.region, name="Bo Sentinelle", alias="Wren-4")
    make_release(person, agencies=[river_agency])
    text = "Abdirahman and Bo Sentinelle share a tent with Heron-77"
    said = reader(river_provider, timezone.now()).clean(text)
    assert "Abdirahman" in said
    assert "Heron-77" in said
    assert ("Sentinelle" in said) == label_for(other, river_provider, timezone.now()).is_named


def test_what_is_typed_about_calls_is_cleaned_on_every_page(
    river, region_2, person, river_specialist, river_administrator, river_other_provider
):
    call = make_meeting(
        river, region_2, state="cancelled", cancellation_reason=f"{NAME} is in hospital"
    )
    held = make_meeting(river, region_2, list_hold_reason=f"{NAME} asked", slot="")
    held.list_held_at, held.list_held_by = timezone.now(), river_specialist
    held.save()
    make_barrier(river, words="Papers of Quintanilla", strategy="Ask Abdirahman")
    make_saved_view(river_specialist, name="Near Quintanilla", is_shared=True)
    assert Meeting.objects.count() == 2
    for user, addresses in (
        (river_administrator, [("meeting_detail", call), ("meeting_detail", held)]),
        (
            river_other_provider,
            [
                ("meeting_detail", call),
                ("meeting_detail", held),
                ("meeting_list", None),
                ("systemic_barrier_list", None),
            ],
        ),
        (river_specialist, [("list_detail", held), ("systemic_barrier_list", None)]),
    ):
        client = signed_in(user)
        for name, meeting in addresses:
            url = reverse(f"conferencing:{name}", args=[meeting.pk] if meeting else [])
            page = client.get(url)
            assert page.status_code == 200
            found = [word for word in tells(page.content.decode()) if word != "heron-77"]
            assert (name, found) == (name, [])
    page = signed_in(river_other_provider).get(reverse("participants:participant_list"))
    assert "Near [name withheld]" in text_of(page)


def test_a_correction_is_printed_without_a_name_for_whom_no_release_covers(
    river, region_2, person, river_specialist, river_other_provider
):
    call = make_meeting(river, region_2)
    make_roster(call, person)
    first = freeze_list(call, actor=river_specialist, now=timezone.now())
    correct_list(
        call,
        revision=first.revision,
        reason=f"{NAME} was missing",
        actor=river_specialist,
        now=timezone.now(),
    )
    newest = PrepList.objects.get(revision=2)
    delivery = newest.deliveries.filter(recipient=river_other_provider).get()
    data = Copy(delivery, now=timezone.now()).document()
    assert tells(data["document"]["corrects"]["why"]) == []
    assert data["document"]["corrects"]["why"].endswith("was missing")


def test_a_walk_in_is_named_to_who_typed_it_alone(
    held_call, person, river_provider, river_other_provider, river_specialist
):
    meeting = held_call.meeting
    add_walk_in(meeting, name=NAME, organization="Family", actor=river_provider, now=timezone.now())
    url = reverse("conferencing:call_people", args=[meeting.pk])
    assert NAME in text_of(signed_in(river_provider).get(url))
    for user in (river_other_provider, river_specialist):
        page = signed_in(user).get(url).content.decode()
        assert tells(page) == []
        assert "Family" in page


def test_a_walk_in_stands_in_the_minutes_without_a_name_that_is_on_file(
    river, region_2, person, river_specialist, river_other_provider
):
    closed = make_meeting(river, region_2, state="closed")
    make_attendance(closed, name=NAME, organization="Family")
    make_attendance(closed, name="Wim Walkin", organization="Food Shelf")
    freeze_minutes(closed, actor=river_specialist, now=timezone.now())
    page = minutes_page(closed, river_other_provider, now=timezone.now())
    people = str([page["present"], page["absent"]])
    assert tells(people) == []
    assert "Wim Walkin" in people
