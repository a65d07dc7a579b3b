"""The page of the hour: who sees and does what, and what the server answers."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.models import ActionItem, Review
from conferencing.services.calls import begin_call, put_on_table
from conferencing.services.roles import change_role
from conferencing.tests.factories import make_meeting, make_review, make_roster
from participants.tests.factories import make_participant, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(river_agency, region_2):
    person = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    make_release(person, agencies=[river_agency])
    return person


@pytest.fixture
def meeting(river, region_2, ana, river_agency, river_provider, river_other_provider):
    """Begins in a minute; Pat takes notes, Oli of the other agency facilitates."""
    now = timezone.now()
    former = make_meeting(river, region_2, starts_at=now - timedelta(days=28), state="closed")
    make_review(former, ana, location="shelter", preferences="Near Ana's work", safety="Safe")
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, ana, make_participant(river_agency, region_2, alias="Heron-2"))
    for name, user in (("facilitator", river_other_provider), ("note_taker", river_provider)):
        person = StaffMember.objects.get(user=user)
        change_role(meeting, name, agency=person.agency, person=person, actor=None, now=now)
    return meeting


@pytest.fixture
def call(meeting, river_other_provider):
    return begin_call(meeting, actor=river_other_provider, now=timezone.now())


@pytest.fixture
def review(call, ana, river_other_provider):
    review = Review.objects.get(meeting=call.meeting, participant=ana)
    put_on_table(call.meeting, review, actor=river_other_provider, now=timezone.now())
    return review


def at(name, meeting, *keys):
    return reverse(f"conferencing:{name}", args=[meeting.pk, *keys])


def save(client, review, values, *, base=None, kept=None):
    base = Review.objects.get(pk=review.pk).revision if base is None else base
    return client.post(
        at("notes_save", review.meeting, review.pk),
        json.dumps({"base": base, "values": values, "kept": kept or {}}),
        content_type="application/json",
    )


def step_values(user, **changes):
    values = {
        "key": str(uuid4()),
        "what": "Call the landlord",
        "follow_up_person": str(StaffMember.objects.get(user=user).pk),
        "due_on": "2027-01-14",
    }
    return values | changes


def test_step_add_gives_it_once_with_person_and_date(client, review, river_provider):
    client.force_login(river_provider)
    url = at("step_add", review.meeting, review.pk)
    values = step_values(river_provider)
    assert client.post(url, values).status_code == 204
    assert client.post(url, values).status_code == 204
    step = ActionItem.objects.get(review=review)
    assert (step.what, step.follow_up_person.user, step.participant) == (
        "Call the landlord",
        river_provider,
        review.participant,
    )
