"""A mark does not outlive its household's place on the roster, but for an undo."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call import acts as calls
from conferencing.models import Call, Meeting, NothingToDiscuss, Review
from conferencing.nothing_to_discuss import acts
from conferencing.roster.acts import propose_again, settle_roster
from conferencing.tests.factories import make_meeting, make_roster, make_step
from conferencing.tests.pages import text_of
from conferencing.tests.test_undo import press_undo
from participants.tests.factories import make_participant
from regions.models import ReviewCriterion
from regions.tests.factories import make_criteria

pytestmark = pytest.mark.django_db
Why = NothingToDiscuss.Why


@pytest.fixture
def call(river, region_2, ana, ben, former_review, river_agency, river_provider, river_specialist):
    """A call of the hour, its roster settled, Ana marked."""
    place = StaffMember.objects.get(user=river_provider)
    make_step(ana, river_agency, person=place, review=former_review)
    meeting = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=10))
    make_roster(meeting, ana, ben)
    now = timezone.now()
    meeting = settle_roster(meeting, actor=river_specialist, now=now)
    acts.mark_nothing_to_discuss(meeting, [ana], actor=river_specialist, now=now)
    return meeting


@pytest.fixture
def removed(client, call, ana, river_specialist):
    """Ana taken off it again, as a CE Specialist does."""
    client.force_login(river_specialist)
    client.post(reverse("conferencing:roster_unsettle", args=[call.pk]))
    entry = call.roster.get(participant=ana)
    client.post(reverse("conferencing:roster_remove", args=[call.pk, entry.pk]))
    assert not call.roster.filter(participant=ana).exists()
    return call


def settle(client, meeting):
    client.post(reverse("conferencing:roster_settle", args=[meeting.pk]))
    return Meeting.objects.get(pk=meeting.pk)


def marked(meeting):
    return set(acts.marks_of(meeting, now=timezone.now()))


def test_who_is_raised_on_the_call_is_discussed(client, removed, ana, ben, river_specialist):
    meeting, now = settle(client, removed), timezone.now()
    calls.begin_call(meeting, actor=river_specialist, now=now)
    calls.raise_participant(
        meeting, ana, because="She was beaten last night", actor=river_specialist, now=now
    )
    assert acts.block_of(meeting, list(meeting.reviews.all()), now=now) == {}
    of_ben = meeting.reviews.get(participant=ben)
    calls.put_on_table(meeting, of_ben, actor=river_specialist, now=now)
    Review.objects.filter(pk=of_ben.pk).update(outcome="discussed", discussed_at=now)
    call = Call.objects.get(meeting=meeting)
    assert calls.neighbour(meeting, call, 1, now=now).participant == ana
    mark = NothingToDiscuss.objects.get()
    assert (mark.why, mark.pulled_back_by) == (Why.LISTED, None)


def test_who_is_added_again_is_discussed(client, removed, ana):
    add = reverse("conferencing:roster_add", args=[removed.pk])
    client.post(add, {"participant": ana.pk, "because": "Evicted yesterday"})
    meeting = settle(client, removed)
    assert meeting.roster.filter(participant=ana).exists()
    assert marked(meeting) == set()
    page = text_of(client.get(reverse("conferencing:roster_detail", args=[meeting.pk])))
    assert f"Heron-1 : {Why.LISTED.label}" in page


def test_whom_the_criteria_put_on_again_is_discussed_and_who_stays_is_not(
    client, call, ana, region_2, river_agency, river_specialist
):
    make_criteria(region_2, ReviewCriterion.Kind.VETERAN)
    ana.is_veteran = True
    ana.save()
    NothingToDiscuss.objects.all().delete()
    acts.mark_nothing_to_discuss(call, [ana], actor=river_specialist, now=timezone.now())
    call.roster.filter(participant=ana).update(source="proposed")
    Meeting.objects.filter(pk=call.pk).update(roster_settled_at=None)
    propose_again(call, actor=river_specialist, now=timezone.now())
    assert marked(call) == {ana.pk}
    client.force_login(river_specialist)
    entry = call.roster.get(participant=ana)
    client.post(reverse("conferencing:roster_remove", args=[call.pk, entry.pk]))
    propose_again(call, actor=river_specialist, now=timezone.now())
    assert call.roster.filter(participant=ana).exists()
    assert marked(call) == set()


def test_an_undo_of_the_removal_lets_it_stand_unless_something_changed(
    client, removed, ana, river_specialist
):
    roster = reverse("conferencing:roster_detail", args=[removed.pk])
    press_undo(client, roster)
    assert marked(removed) == {ana.pk}
    entry = removed.roster.get(participant=ana)
    client.post(reverse("conferencing:roster_remove", args=[removed.pk, entry.pk]))
    ana.steps.update(is_critical=True)
    press_undo(client, roster)
    assert removed.roster.filter(participant=ana).exists()
    assert marked(removed) == set()


def test_who_was_never_on_it_is_added_as_before(client, removed, region_2, river_agency):
    other = make_participant(river_agency, region_2)
    add = reverse("conferencing:roster_add", args=[removed.pk])
    client.post(add, {"participant": other.pk, "because": "New here"})
    assert removed.roster.filter(participant=other).exists()
