"""What is undone after a join, or after a household left, comes back as things are now."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts import undo
from accounts.models import UndoOffer
from conferencing.call.acts import begin_call
from conferencing.models import Nomination, Review, RosterEntry
from conferencing.roster.acts import remove_from_roster
from conferencing.roster.nominations import nominate_participant
from conferencing.schedule.acts import cancel_meeting, restore_meeting
from conferencing.tests.factories import make_guest, make_meeting, make_roster
from conferencing.tests.pages import text_of
from conferencing.tests.test_undo import press_undo
from conferencing.tests.world import prove
from participants.models import Contact, DuplicatePair, ListPlace, Participant
from participants.tests.factories import make_contact, make_merge, make_pair, make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def people(river_agency, region_2):
    names = ["Ida Quill", "Ida Quil", "Otto Reed"]
    return [
        make_participant(river_agency, region_2, name=name, alias=f"Plover-{number}")
        for number, name in enumerate(names, start=1)
    ]


def remove(client, call, person):
    entry = call.roster.get(participant=person)
    client.post(reverse("conferencing:roster_remove", args=[call.pk, entry.pk]))


def page_of(call):
    return reverse("conferencing:roster_detail", args=[call.pk])


def on_it(call):
    return list(call.roster.order_by("position").values_list("participant__alias", flat=True))


@pytest.mark.parametrize("keeper", [0, 1])
@pytest.mark.parametrize(
    ("listed", "removed"), [((0, 1, 2), 0), ((0, 1, 2), 1), ((0, 2), 0), ((1, 2), 1)]
)
def test_a_household_comes_back_onto_the_roster_once_and_under_the_record_that_stays(
    client, call, people, river_specialist, listed, removed, keeper
):
    make_roster(call, *(people[number] for number in listed))
    client.force_login(river_specialist)
    remove(client, call, people[removed])
    make_merge(people[keeper], people[1 - keeper], by=river_specialist)
    said = text_of(press_undo(client, page_of(call)))
    assert sorted(on_it(call)) == [people[keeper].alias, "Plover-3"]
    is_listed = {0, 1} <= set(listed)
    assert (f"{people[keeper].alias} is on the roster already" in said) == is_listed
    assert ("Undone:" in said) == (not is_listed)


def test_a_household_that_left_stays_off_the_roster_and_the_page_says_so(
    client, call, people, region_1, river_specialist
):
    make_roster(call, *people)
    client.force_login(river_specialist)
    for person in people[:2]:
        remove(client, call, person)
    ListPlace.objects.filter(participant=people[0]).update(status="housed")
    assert "Undone:" in text_of(press_undo(client, page_of(call)))
    said = text_of(press_undo(client, page_of(call)))
    assert "Plover-1 stays off the roster" in said
    assert on_it(call) == ["Plover-2", "Plover-3"]
    remove(client, call, people[1])
    Participant.objects.filter(pk=people[1].pk).update(region=region_1, county=None)
    assert "Plover-2 stays off the roster" in text_of(press_undo(client, page_of(call)))
    assert on_it(call) == ["Plover-3"]
    assert not UndoOffer.objects.exists()


def test_who_comes_back_with_others_is_told_apart_from_who_stays_off(
    client, call, people, river_specialist
):
    """Applied again, the criteria took two off; undone, one of them is no longer on the list."""
    make_roster(call, *people)
    client.force_login(river_specialist)
    address = reverse("conferencing:roster_propose", args=[call.pk])
    seen = client.post(address, {"seen": ""}).context["seen"]
    client.post(address, {"seen": seen})
    assert on_it(call) == []
    ListPlace.objects.filter(participant=people[2]).update(status="inactive")
    said = text_of(press_undo(client, page_of(call)))
    assert "Undone:" in said
    assert "Plover-3 stays off the roster" in said
    assert on_it(call) == ["Plover-1", "Plover-2"]


@pytest.mark.parametrize("model", [RosterEntry, Review])
def test_no_new_row_of_a_call_lies_with_a_record_that_was_joined(
    call, people, river_specialist, model
):
    make_merge(people[0], people[1], by=river_specialist)
    row = model(meeting=call, participant=people[1])
    with pytest.raises(ValidationError) as refusal:
        row.full_clean(exclude=["position", "source"])
    words = "Plover-2 was joined with Plover-1. Choose that one."
    assert refusal.value.message_dict["participant"] == [words]


def called_off(call, actor):
    cancel_meeting(call, reason="Snow", actor=actor)


def overdue(call, actor):
    starts = timezone.now() - timedelta(minutes=5)
    type(call).objects.filter(pk=call.pk).update(
        starts_at=starts, ends_at=starts + timedelta(hours=1)
    )


@pytest.mark.parametrize("meanwhile", [called_off, overdue])
def test_a_call_that_is_held_after_all_has_the_household_once(
    call, people, river_specialist, meanwhile
):
    """Called off and restored, or begun late, with the records joined in between."""
    make_roster(call, *people)
    meanwhile(call, river_specialist)
    make_merge(people[0], people[1], by=river_specialist)
    if meanwhile is called_off:
        restore_meeting(call, actor=river_specialist)
        overdue(call, river_specialist)
    begin_call(call, actor=river_specialist, now=timezone.now())
    assert on_it(call) == ["Plover-1", "Plover-3"]
    assert call.reviews.count() == 2


def withdrawn(client, call, person, actor):
    nomination = nominate_participant(
        call, person, reason="Sleeps in a car", actor=actor, now=timezone.now()
    )
    client.force_login(actor)
    client.post(reverse("conferencing:roster_withdraw", args=[call.pk, nomination.pk]))
    return reverse("conferencing:roster_nominate", args=[call.pk])


def test_a_nomination_of_a_record_that_was_joined_stands_again_for_the_one_that_stays(
    client, call, people, river_provider, river_specialist
):
    page = withdrawn(client, call, people[1], river_provider)
    make_merge(people[0], people[1], by=river_specialist)
    assert "Undone:" in text_of(press_undo(client, page))
    nomination = Nomination.objects.get()
    assert (nomination.participant, nomination.withdrawn_at) == (people[0], None)


def test_a_nomination_that_a_join_folded_into_another_was_changed_since(
    client, call, people, river_provider, river_specialist
):
    page = withdrawn(client, call, people[1], river_provider)
    nominate_participant(
        call, people[0], reason="Waits long", actor=river_provider, now=timezone.now()
    )
    make_merge(people[0], people[1], by=river_specialist)
    assert undo.CHANGED_SINCE in text_of(press_undo(client, page))
    assert [each.reason for each in Nomination.objects.all()] == ["Waits long"]


def test_a_nomination_of_a_household_that_left_the_list_stays_withdrawn(
    client, call, people, river_provider
):
    page = withdrawn(client, call, people[0], river_provider)
    ListPlace.objects.filter(participant=people[0]).update(status="housed")
    assert "Plover-1 has no active place" in text_of(press_undo(client, page))
    assert Nomination.objects.get().withdrawn_at


def test_a_nomination_stays_withdrawn_for_whoever_is_no_longer_in_standing(
    client, call, people, river_agency, river_provider
):
    page = withdrawn(client, call, people[0], river_provider)
    offered = client.get(page).context["undo_offered"]()
    river_agency.is_active = False
    river_agency.save()
    answer = client.post(reverse("accounts:undo_act", args=[offered.pk]))
    assert answer.status_code == 403
    assert Nomination.objects.get().withdrawn_at


def test_a_guest_stays_out_where_the_household_is_off_the_roster(
    client, call, people, river_specialist
):
    (entry,) = make_roster(call, people[0])
    guest = make_guest(call, people[0], by=river_specialist)
    client.force_login(river_specialist)
    prove(client, river_specialist)
    client.post(reverse("conferencing:guest_withdraw", args=[call.pk, guest.pk]))
    remove_from_roster(entry, actor=river_specialist, now=timezone.now())
    page = reverse("conferencing:guest_list", args=[call.pk])
    assert undo.CHANGED_SINCE in text_of(press_undo(client, page))
    guest.refresh_from_db()
    assert guest.withdrawn_at


def test_a_contact_of_a_record_that_was_joined_is_recorded_again_with_the_one_that_stays(
    client, people, river_provider, river_specialist
):
    contact = make_contact(people[1], by=river_provider, days_ago=0)
    client.force_login(river_provider)
    client.post(reverse("participants:contact_remove", args=[people[1].pk, contact.pk]))
    make_merge(people[0], people[1], by=river_specialist)
    (offer,) = UndoOffer.objects.all()
    answer = client.post(reverse("accounts:undo_act", args=[offer.pk]), follow=True)
    assert "Undone:" in text_of(answer)
    again = Contact.objects.get()
    assert (again.participant, again.kind, again.on) == (people[0], contact.kind, contact.on)


def test_a_decision_on_a_pair_of_which_one_was_joined_stands(client, people, river_specialist):
    pair = make_pair(people[1], people[2], by=river_specialist)
    client.force_login(river_specialist)
    client.post(reverse("participants:duplicate_dismiss", args=[pair.pk]), {"why": "Two people"})
    make_merge(people[0], people[1], by=river_specialist)
    page = text_of(press_undo(client, reverse("participants:duplicates")))
    assert "joined with another record meanwhile" in page
    assert DuplicatePair.objects.get(pk=pair.pk).state == DuplicatePair.State.DIFFERENT
