"""Referring at the call: one press, once, in the minutes; and what a move-in asks of steps."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.closing import close_call
from conferencing.home.housed_tasks import housed_tasks
from conferencing.models import Review
from conferencing.tests.factories import make_step, report
from housing.models import Referral
from housing.tests.factories import make_opening, make_program, make_referral
from participants.models import ListPlace
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def opening(river_other_agency, river_other_provider, region_2):
    program = make_program(river_other_agency, counties=[region_2.counties.first()])
    return make_opening(program, river_other_provider)


def press(client, review, opening):
    url = reverse("conferencing:call_refer", args=[review.meeting_id, review.pk])
    return client.post(url, {"opening": str(opening.pk)}, headers={"X-Call": "1"})


def test_call_refer_makes_one_referral_as_part_of_the_review(
    client, review, opening, river_provider
):
    client.force_login(river_provider)
    before = review.meeting.call.version
    assert press(client, review, opening).status_code in (200, 204)
    press(client, review, opening)
    referral = Referral.objects.get()
    assert (referral.review, referral.participant) == (review.pk, review.participant)
    assert referral.follow_up_person.user == river_provider
    review.meeting.call.refresh_from_db()
    assert review.meeting.call.version > before
    assert Review.objects.told().filter(pk=review.pk).exists()


def test_call_refer_says_who_has_the_last_unit(
    client, review, ben, opening, river_provider, river_other_provider
):
    theirs = StaffMember.objects.get(user=river_other_provider)
    make_referral(opening, ben, theirs, state="accepted")
    client.force_login(river_provider)
    answer = press(client, review, opening)
    assert answer.status_code == 422
    assert f"by {river_other_provider.name}" in answer.json()["errors"][0]
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("who", ["river_lead", "river_vsp_provider"])
def test_call_refer_is_for_who_writes(request, client, review, opening, who):
    client.force_login(request.getfixturevalue(who))
    assert press(client, review, opening).status_code == 403
    assert not Referral.objects.exists()


def test_a_victim_service_providers_household_is_not_referred_by_others(
    client, review, wren, opening, river_provider
):
    client.force_login(river_provider)
    theirs = Review.objects.get(meeting=review.meeting, participant=wren)
    assert press(client, theirs, opening).status_code == 403


def test_an_opening_of_another_continuum_is_none(
    client, review, three, three_region, three_provider, river_provider
):
    agency = StaffMember.objects.get(user=three_provider).agency
    program = make_program(agency, counties=[three_region.counties.first()])
    elsewhere = make_opening(program, three_provider)
    client.force_login(river_provider)
    assert press(client, review, elsewhere).status_code == 404


def test_minutes_tell_a_referral_among_the_decisions(
    client, review, opening, river_provider, river_other_provider
):
    client.force_login(river_provider)
    press(client, review, opening)
    Review.objects.filter(meeting=review.meeting).exclude(pk=review.pk).update(
        outcome=Review.Outcome.CARRIED_OVER
    )
    review.refresh_from_db()
    review.outcome, review.discussed_at = Review.Outcome.DISCUSSED, timezone.now()
    review.no_step_reason = "Housed soon."
    review.save()
    close_call(review.meeting, actor=river_other_provider, now=timezone.now())
    page = client.get(reverse("conferencing:minutes_detail", args=[review.meeting_id]))
    words = page.content.decode()
    assert "Referred to" in words
    assert "Elm House (1 bedroom" in words


def test_whose_household_moved_in_is_asked_whether_the_step_still_stands(
    river_provider, river_agency, ana
):
    place = StaffMember.objects.get(user=river_provider)
    step = make_step(ana, river_agency, person=place)
    type(step).objects.update(created_at=timezone.now() - timedelta(days=9))
    assert housed_tasks(place) == []
    ListPlace.objects.filter(participant=ana).update(
        status=ListPlace.Status.HOUSED, status_on=today_in() - timedelta(days=1)
    )
    assert [each.title for each in housed_tasks(place)] == ["1 step of households that moved in"]
    report(step, by=river_provider, at=timezone.now())
    assert housed_tasks(place) == []
