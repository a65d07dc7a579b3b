"""The end of a call makes known what the call said, as of when it said it, and nothing else."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.call.acts import begin_call
from conferencing.call.closing import close_call
from conferencing.models import Review
from conferencing.tests.factories import make_meeting, make_roster, write_notes
from conferencing.upkeep.leaving import give_navigators
from participants.models import Participant
from participants.services.places import record_stay
from regions.clock import local_day

# Each act in its own transaction: PostgreSQL's time stands still in one.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(river_agency, region_2):
    return {
        name: make_staff(river_agency, name=name, regions=[region_2])
        for name in ("Gone Soon", "New One", "Third One")
    }


@pytest.fixture
def say(review, river_specialist):
    def say(**values):
        write_notes(review, river_specialist, **values)

    return say


@pytest.fixture
def stay(review, river_specialist):
    def stay(kind, words="", *, days_ago=0):
        zone = review.meeting.continuum.zone
        record_stay(
            Participant.objects.get(pk=review.participant_id),
            kind=kind,
            happened_on=local_day(timezone.now(), zone) - timedelta(days=days_ago),
            words=words,
            actor=river_specialist,
            now=timezone.now(),
        )

    return stay


@pytest.fixture
def hand_on(review, river_specialist):
    def hand_on(place):
        people = Participant.objects.filter(pk=review.participant_id)
        given = {str(review.participant_id): place}
        with transaction.atomic():
            give_navigators(people, given, river_specialist, timezone.now())

    return hand_on


def close(review, actor, *, later=timedelta(0)):
    close_call(review.meeting, carries_over=True, actor=actor, now=timezone.now() + later)
    return Participant.objects.get(pk=review.participant_id)


def newest_stay(person):
    last = person.situations.order_by("-on", "-recorded_at").first()
    return (last.kind, last.words, person.is_unsheltered)


def test_a_navigator_given_elsewhere_during_the_call_stays(
    review, region_2, river_provider, river_specialist, staff, say, hand_on
):
    say(navigator=str(staff["Gone Soon"].pk))
    person = close(review, river_provider)
    assert person.navigator == staff["Gone Soon"]
    following = make_meeting(
        review.meeting.continuum, region_2, starts_at=timezone.now() + timedelta(minutes=5)
    )
    make_roster(following, person)
    begin_call(following, actor=river_specialist, now=timezone.now())
    held = Review.objects.get(meeting=following)
    Review.objects.filter(pk=held.pk).update(revision=1)  # something was said, not of that
    hand_on(staff["New One"])
    StaffMember.objects.filter(pk=staff["Gone Soon"].pk).update(ended_on=timezone.now().date())

    assert close(held, river_specialist).navigator == staff["New One"]
    assert Review.objects.get(pk=held.pk).navigator == staff["New One"]


def test_of_two_navigators_the_one_chosen_last_stays(review, river_provider, staff, say, hand_on):
    say(navigator=str(staff["Gone Soon"].pk))
    hand_on(staff["New One"])
    assert close(review, river_provider).navigator == staff["New One"]


def test_a_call_that_chooses_after_that_is_followed(review, river_provider, staff, say, hand_on):
    hand_on(staff["New One"])
    say(navigator=str(staff["Third One"].pk))
    assert close(review, river_provider).navigator == staff["Third One"]


def test_a_call_that_takes_the_navigator_away_is_followed(
    review, river_provider, staff, say, hand_on
):
    hand_on(staff["New One"])
    Review.objects.filter(pk=review.pk).update(navigator=staff["New One"])
    say(navigator="")
    assert close(review, river_provider).navigator is None


def test_a_navigator_who_left_after_the_call_chose_them_is_not_given(
    review, river_provider, staff, say
):
    before = Participant.objects.get(pk=review.participant_id).navigator_id
    say(navigator=str(staff["Gone Soon"].pk))
    place = staff["Gone Soon"]
    place.ended_on = local_day(timezone.now(), review.meeting.continuum.zone)
    place.save()
    assert close(review, river_provider).navigator_id == before


@pytest.mark.parametrize("is_noted_later", [True, False])
def test_a_stay_recorded_after_the_call_confirmed_another_stays(
    is_noted_later, review, region_2, river_provider, river_specialist, say, stay
):
    say(location="shelter", location_words="Mission", location_changed="changed")
    stay("unsheltered", "Turned away, under the bridge")
    if is_noted_later:
        say(notes="Nothing of where she stays")
    person = close(review, river_provider)

    assert newest_stay(person) == ("unsheltered", "Turned away, under the bridge", True)
    assert [each.kind for each in person.situations.order_by("-on", "-recorded_at")] == [
        "unsheltered",
        "shelter",
    ]
    following = make_meeting(
        review.meeting.continuum, region_2, starts_at=timezone.now() + timedelta(minutes=5)
    )
    make_roster(following, person)
    begin_call(following, actor=river_specialist, now=timezone.now())
    begun = Review.objects.get(meeting=following)
    assert (begun.location, begun.location_words) == (
        "unsheltered",
        "Turned away, under the bridge",
    )


def test_a_stay_that_the_call_confirmed_unchanged_is_overtaken_too(
    review, river_provider, say, stay
):
    say(location="shelter", location_words="Main Street", location_changed="unchanged")
    stay("unsheltered", "Turned away")
    assert newest_stay(close(review, river_provider)) == ("unsheltered", "Turned away", True)


@pytest.mark.parametrize("days_ago", [0, 3])
def test_what_the_call_said_after_a_stay_was_recorded_stays(
    days_ago, review, river_provider, say, stay
):
    stay("unsheltered", "Under the bridge", days_ago=days_ago)
    say(location="shelter", location_words="Mission", location_changed="changed")
    assert newest_stay(close(review, river_provider)) == ("shelter", "Mission", False)


def test_a_stay_of_an_earlier_day_recorded_after_the_call_said_another_changes_nothing(
    review, river_provider, say, stay
):
    say(location="shelter", location_words="Mission", location_changed="changed")
    stay("unsheltered", "Last week", days_ago=7)
    assert newest_stay(close(review, river_provider)) == ("shelter", "Mission", False)


def test_a_call_closed_on_another_day_records_the_day_on_which_it_was_said(
    review, river_provider, say
):
    on = local_day(timezone.now(), review.meeting.continuum.zone)
    say(location="shelter", location_words="Mission", location_changed="changed")
    person = close(review, river_provider, later=timedelta(days=2))
    assert person.situations.get().on == on


def test_a_call_held_while_the_times_came_into_being_takes_effect(
    review, river_provider, staff, say
):
    say(
        navigator=str(staff["New One"].pk),
        location="unsheltered",
        location_words="",
        location_changed="changed",
    )
    Review.objects.update(navigator_said_at=None, location_said_at=None)
    importlib.import_module("conferencing.migrations.0014_when_open_calls_said_it").note_times(
        apps, None
    )
    review.refresh_from_db()
    assert review.navigator_said_at == review.location_said_at == review.saved_at
    person = close(review, river_provider)
    assert (person.navigator, person.is_unsheltered) == (staff["New One"], True)
