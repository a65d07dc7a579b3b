"""What changed of a household since it was marked puts it back on the agenda."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call import acts as calls
from conferencing.call import nothing
from conferencing.models import Meeting, NothingToDiscuss, Review
from conferencing.nothing_to_discuss import acts
from conferencing.roster.acts import settle_roster
from conferencing.tests.factories import make_meeting, make_roster, make_step
from participants.households.acts import change_head
from participants.households.splitting import split_household
from participants.models import HouseholdMember, Participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
NOBODY_TYPED = {"birth_date": None, "contact": None, "hmis_id": None}


@pytest.fixture
def child(ana):
    return HouseholdMember.objects.create(
        continuum=ana.continuum,
        participant=ana,
        relation="2",
        age_band="18-24",
        since=today_in() - timedelta(days=90),
    )


@pytest.fixture
def call(
    river, region_2, ana, child, former_review, river_agency, river_provider, river_specialist
):
    """A call of the hour, Ana marked."""
    place = StaffMember.objects.get(user=river_provider)
    make_step(ana, river_agency, person=place, review=former_review)
    meeting = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=10))
    make_roster(meeting, ana)
    now = timezone.now()
    meeting = settle_roster(meeting, actor=river_specialist, now=now)
    acts.mark_nothing_to_discuss(meeting, [ana], actor=river_specialist, now=now)
    return meeting


def die(ana, child, actor):
    change_head(
        ana,
        head={"name": "Bea New", **NOBODY_TYPED},
        member=None,
        stays_as="",
        happened_on=today_in(),
        reason="Ana died",
        changed_at=ana.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def leave(ana, child, actor):
    split_household(
        ana,
        members=[child],
        member=child,
        head={"name": "Cal Child", **NOBODY_TYPED},
        happened_on=today_in(),
        changed_at=ana.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def say(**values):
    return lambda ana, child, actor: Participant.objects.filter(pk=ana.pk).update(**values)


CHANGES = {
    "another head": die,
    "a part left": leave,
    "somebody joined": lambda ana, child, actor: HouseholdMember.objects.create(
        continuum=ana.continuum, participant=ana, since=today_in()
    ),
    "unsheltered": say(is_unsheltered=True),
    "shelter": say(needs_shelter=True),
    "bedrooms": say(bedrooms=3),
    "a document": say(documents=["photo_id"]),
}


def marked(call):
    return set(acts.marks_of(call, now=timezone.now()))


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_of_the_household_pulls_it_back(call, ana, child, river_lead, kind):
    assert marked(call) == {ana.pk}
    CHANGES[kind](ana, child, river_lead)
    assert marked(call) == set()
    acts.pull_back_due(timezone.now())
    assert NothingToDiscuss.objects.get().pulled_back_because == (
        "The household or what it needs changed"
    )


def test_a_change_once_it_was_read_out_opens_it_again(
    call, ana, child, river_lead, river_specialist
):
    now = timezone.now()
    calls.begin_call(call, actor=river_specialist, now=now)
    review = Review.objects.get(meeting=call)
    nothing.confirm_nothing(call, [review.pk], actor=river_specialist, now=now)
    nothing.reopen_changed_due(now)
    assert Review.objects.get(meeting=call).outcome == Review.Outcome.NOTHING
    die(ana, child, river_lead)
    nothing.reopen_changed_due(timezone.now())
    assert Review.objects.get(meeting=call).outcome == Review.Outcome.OPEN


def test_what_says_nothing_new_of_it_leaves_the_mark(call, ana):
    ana.notes, ana.name = "Likes tea", "Ana Examplé"
    ana.save()
    assert marked(call) == {ana.pk}


def test_what_was_marked_before_this_was_asked_stands(call, ana):
    NothingToDiscuss.objects.update(household="")
    Participant.objects.filter(pk=ana.pk).update(is_unsheltered=True)
    assert marked(call) == {ana.pk}
    assert Meeting.objects.get(pk=call.pk).nothing_to_discuss.count() == 1
