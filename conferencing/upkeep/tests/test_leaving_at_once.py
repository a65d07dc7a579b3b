"""Somebody leaves at the moment at which something is given to them: it lies with nobody gone."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.services.people import end_place
from agreements.tests.factories import make_staff
from conferencing.call.closing import close_call
from conferencing.call.steps import add_step
from conferencing.call.undo import take_step_back, undo_step
from conferencing.follow_through.systemic import change_barrier, version_of
from conferencing.models import ActionItem, Review
from conferencing.steps.acts import report_own
from conferencing.steps.handing_on import change_step
from conferencing.tests.factories import make_barrier, make_step
from conferencing.tests.meanwhile import meanwhile
from participants.models import Participant
from regions.clock import local_day
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leaver(river_agency, region_2):
    return make_staff(river_agency, name="Rae Rivers", regions=[region_2])


def leave(place, actor, answers=None):
    return lambda: end_place(place, actor=actor, ended_on=place.joined_on, answers=answers)


def give(review, place, actor):
    now = timezone.now()
    return add_step(
        review,
        what="Ask for the birth certificate",
        agency=place.agency,
        follow_up_person=place,
        due_on=local_day(now, review.meeting.continuum.zone) + timedelta(days=9),
        is_critical=False,
        keep_words=False,
        key=uuid.uuid4(),
        actor=actor,
        now=now,
    )


def of_somebody_gone():
    return ActionItem.objects.open().filter(follow_up_person__ended_on__isnull=False)


def test_add_step_while_its_person_leaves_is_refused(
    review, leaver, river_provider, river_administrator
):
    with pytest.raises(ValidationError, match="They have left their agency"):
        meanwhile(leave(leaver, river_administrator), lambda: give(review, leaver, river_provider))
    assert not ActionItem.objects.exists()


def test_undo_step_while_its_person_leaves_is_refused(
    review, leaver, river_provider, river_administrator
):
    step = give(review, leaver, river_provider)
    now = timezone.now()
    taken = take_step_back(step, actor=river_provider, now=now)
    with pytest.raises(ValidationError, match="Assign the step anew"):
        meanwhile(
            leave(leaver, river_administrator),
            lambda: undo_step(taken, actor=river_provider, now=now),
        )
    assert not ActionItem.objects.exists()


def test_change_step_while_its_new_person_leaves_is_refused(
    ana, leaver, river_agency, river_lead, river_administrator
):
    step = make_step(ana, river_agency)
    now = timezone.now()
    with pytest.raises(ValidationError, match="Choose one of the list"):
        meanwhile(
            leave(leaver, river_administrator),
            lambda: change_step(step, person=leaver, due_on=step.due_on, actor=river_lead, now=now),
        )
    assert not of_somebody_gone().exists()


def test_what_somebody_leaves_goes_to_nobody_who_leaves_at_that_moment(
    ana, leaver, river_agency, region_2, river_administrator
):
    other = make_staff(river_agency, name="Moe Mate", regions=[region_2])
    step = make_step(ana, river_agency, person=other)
    answers = {("step", str(step.pk)): leaver}
    with pytest.raises(ValidationError, match="They have left their agency"):
        meanwhile(leave(leaver, river_administrator), leave(other, river_administrator, answers))
    assert not of_somebody_gone().exists()


def test_close_call_while_the_navigator_it_chose_leaves_gives_the_household_nobody_gone(
    review, ana, leaver, river_specialist, river_administrator
):
    now = timezone.now()
    Review.objects.filter(pk=review.pk).update(
        navigator=leaver, navigator_said_at=now, revision=1, saved_at=now, saved_by=river_specialist
    )
    meanwhile(
        leave(leaver, river_administrator),
        lambda: close_call(review.meeting, carries_over=True, actor=river_specialist, now=now),
    )
    assert Participant.objects.get(pk=ana.pk).navigator is None


def test_change_barrier_while_its_new_owner_leaves_is_refused(
    river, leaver, river_specialist, river_administrator
):
    barrier = make_barrier(river)
    with pytest.raises(ValidationError, match="has a place at an agency now"):
        meanwhile(
            leave(leaver, river_administrator),
            lambda: change_barrier(
                barrier,
                status="worked_on",
                owner=leaver,
                strategy="Ask the housing authority",
                seen=version_of(barrier),
                actor=river_specialist,
                now=timezone.now(),
            ),
        )
    barrier.refresh_from_db()
    assert barrier.owner is None


def test_report_that_opens_a_step_while_its_person_leaves_leaves_it_with_the_agency(
    ana, leaver, river_agency, river_lead, river_administrator
):
    step = make_step(
        ana, river_agency, person=leaver, state="done", closed_at=timezone.now(), due_in=-1
    )
    meanwhile(
        leave(leaver, river_administrator),
        lambda: report_own(
            step, progress="blocked", line="No answer yet", actor=river_lead, now=timezone.now()
        ),
    )
    step.refresh_from_db()
    assert (step.state, step.follow_up_person, step.agency) == ("open", None, river_agency)
    assert step.due_on == today_in(river_agency.continuum.zone) - timedelta(days=1)
