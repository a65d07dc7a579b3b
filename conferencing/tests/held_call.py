"""An hour of Region 2: three households, of whom one has a review a month ago; who leads it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call, put_on_table
from conferencing.models import Review
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import make_meeting, make_review, make_roster
from participants.tests.factories import make_participant, make_release


@pytest.fixture
def ana(river_agency, region_2):
    """Released to Bridge Housing alone: the note taker knows her name, the facilitator does not."""
    person = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    make_release(person, agencies=[river_agency])
    return person


@pytest.fixture
def ben(river_agency, region_2):
    """Released to nobody, never reviewed."""
    return make_participant(river_agency, region_2, name="Ben Sample", alias="Heron-2")


@pytest.fixture
def wren(river_vsp_agency, region_2):
    """A victim service provider's."""
    return make_participant(river_vsp_agency, region_2, alias="Wren-3")


@pytest.fixture
def former_review(river, region_2, ana):
    """What a call said of Ana four weeks ago."""
    starts_at = timezone.now() - timedelta(days=28)
    former = make_meeting(river, region_2, starts_at=starts_at, state="closed")
    return make_review(
        former,
        ana,
        location="shelter",
        location_words="Main Street",
        location_changed="changed",
        preferences="Near Ana's work",
        barriers=["No photo ID", "Eviction on record"],
        systemic=["No photo ID"],
        safety="Safe",
        notes="Of last month",
        target_kind="move_in",
        target_on=starts_at.date() + timedelta(days=60),
        target_words="Elm Court",
    )


@pytest.fixture
def meeting(river, region_2, former_review, ana, ben, wren, river_provider, river_other_provider):
    """Begins in a minute; Pat of Bridge Housing takes notes, Oli of Cedar Outreach facilitates."""
    now = timezone.now()
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, ana, ben, wren)
    for name, user in (("facilitator", river_other_provider), ("note_taker", river_provider)):
        person = StaffMember.objects.get(user=user)
        change_role(meeting, name, agency=person.agency, person=person, actor=None, now=now)
    return meeting


@pytest.fixture
def held_call(meeting, river_other_provider):
    return begin_call(meeting, actor=river_other_provider, now=timezone.now())


@pytest.fixture
def review(held_call, ana, river_other_provider):
    """Ana's, on the table."""
    review = Review.objects.get(meeting=held_call.meeting, participant=ana)
    put_on_table(held_call.meeting, review, actor=river_other_provider, now=timezone.now())
    return review
