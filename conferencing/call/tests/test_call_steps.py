"""Steps that are given, taken back and reported on while the call is held."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.at_once import IS_CLOSED
from conferencing.call import steps as call_steps
from conferencing.call.acts import begin_call, discuss
from conferencing.call.closing import close_call
from conferencing.models import ActionItem, Call, ProgressUpdate, Review
from conferencing.steps.acts import report_own
from conferencing.tests.factories import make_meeting, make_roster, make_step, report
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(river_other_provider):
    return StaffMember.objects.get(user=river_other_provider)


def in_six_weeks():
    return today_in() + timedelta(days=42)


def give(review, person, user, **changes):
    values = {
        "what": " Call the landlord ",
        "agency": person.agency,
        "follow_up_person": person,
        "due_on": in_six_weeks(),
        "is_critical": True,
        "keep_words": False,
        "key": uuid4(),
        "actor": user,
        "now": timezone.now(),
    }
    return call_steps.add_step(review, **values | changes)


def refused(act, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        act(*args, **kwargs)
    return getattr(error.value, "message_dict", error.value.messages)


def versions(review):
    return Call.objects.values_list("version", "frame").get(meeting=review.meeting)


def test_add_step_gives_it_with_person_agency_and_date(review, person, river_provider):
    now, (version, frame) = timezone.now(), versions(review)
    step = give(review, person, river_provider, now=now)
    step = ActionItem.objects.get(pk=step.pk)
    assert (step.what, step.participant, step.review) == (
        "Call the landlord",
        review.participant,
        review,
    )
    assert (step.agency, step.follow_up_person) == (person.agency, person)
    assert (step.due_on, step.is_critical, step.state, step.created_at) == (
        in_six_weeks(),
        True,
        "open",
        now,
    )
    assert versions(review) == (version + 1, frame + 1)


def test_add_step_sent_twice_gives_one(review, person, river_provider):
    key = uuid4()
    first = give(review, person, river_provider, key=key)
    version = versions(review)
    assert give(review, person, river_provider, key=key) == first
    assert (ActionItem.objects.count(), versions(review)) == (1, version)


@pytest.mark.parametrize("is_critical", [True, False])
def test_add_step_sent_again_is_critical_as_it_was_sent_last(
    review, person, river_provider, is_critical
):
    """The answer to the first was lost; its writer ticked the box, or unticked it, since."""
    key = uuid4()
    give(review, person, river_provider, key=key, is_critical=not is_critical)
    version = versions(review)
    give(review, person, river_provider, key=key, is_critical=is_critical)
    assert ActionItem.objects.get().is_critical is is_critical
    assert versions(review) != version


@pytest.mark.parametrize("changed", ["review", "words"])
def test_add_step_by_a_key_used_for_something_else_is_refused(
    review, ben, person, river_provider, changed
):
    key = uuid4()
    give(review, person, river_provider, key=key)
    other = Review.objects.get(meeting=review.meeting, participant=ben)
    args = (other, {}) if changed == "review" else (review, {"what": "Buy shoes"})
    words = refused(give, args[0], person, river_provider, key=key, **args[1])
    assert words == ["This form was sent before with other words. Send it again."]
    step = ActionItem.objects.get()
    assert (step.what, step.review) == ("Call the landlord", review)


def test_add_step_by_the_key_of_anothers_step_answers_no_guess(
    review, person, river_provider, river_specialist
):
    key = uuid4()
    give(review, person, river_specialist, key=key, what="Call Zora about the key")
    for guess in ("Call Zora about the key", "Call Bo about the key"):
        words = refused(give, review, person, river_provider, key=key, what=guess)
        assert words == ["This form was sent before with other words. Send it again."]


def test_add_step_asks_for_a_person_of_the_agency(review, person, river_agency, river_provider):
    words = refused(give, review, person, river_provider, agency=river_agency)
    assert words == {"follow_up_person": ["Oli Other is not of Bridge Housing."]}
    assert not ActionItem.objects.exists()


def test_add_step_hints_at_careful_words_until_they_are_kept(review, person, river_provider):
    what = "Send the copy with 123-45-6789"
    with pytest.raises(ValidationError) as error:
        give(review, person, river_provider, what=what)
    assert [each.code for each in error.value.error_dict["what"]] == ["hint"]
    assert not ActionItem.objects.exists()
    give(review, person, river_provider, what=what, keep_words=True)
    assert ActionItem.objects.get().what == what


def test_add_step_refuses_whereabouts_for_a_victim_service_provider_though_kept(
    held_call, wren, person, river_provider
):
    review = Review.objects.get(meeting=held_call.meeting, participant=wren)
    with pytest.raises(ValidationError) as error:
        give(review, person, river_provider, what="Visit 214 Maple Street", keep_words=True)
    assert [each.code for each in error.value.error_dict["what"]] == ["refused"]
    assert not ActionItem.objects.exists()


def test_add_step_is_not_due_on_a_day_that_is_past(review, person, river_provider):
    today = today_in("America/Chicago")
    words = refused(give, review, person, river_provider, due_on=today - timedelta(days=1))
    assert words == {"due_on": ["This day is past. Choose today or a later one."]}
    assert give(review, person, river_provider, due_on=today).due_on == today


def test_add_step_too_long_is_refused_by_its_field(review, person, river_provider):
    assert list(refused(give, review, person, river_provider, what="x" * 501)) == ["what"]
    assert list(refused(give, review, person, river_provider, what=" ")) == ["what"]
    assert not ActionItem.objects.exists()


def test_remove_step_takes_it_back_once(review, person, river_provider):
    step = give(review, person, river_provider)
    stale = ActionItem.objects.select_related("review__meeting").get(pk=step.pk)
    for each in (step, stale):
        call_steps.remove_step(each, actor=river_provider, now=timezone.now())
    assert not ActionItem.objects.exists()


def test_remove_step_keeps_what_somebody_reported_on(review, person, river_provider):
    step = give(review, person, river_provider)
    report(step, by=person.user, at=timezone.now())
    words = refused(call_steps.remove_step, step, actor=river_provider, now=timezone.now())
    assert words == ["Somebody reported on this step already. Report it as not needed."]
    assert ActionItem.objects.count() == 1


def test_remove_step_keeps_the_last_one_of_a_household_that_was_discussed(
    review, person, river_provider
):
    first, second = (give(review, person, river_provider) for _ in range(2))
    discuss(review, actor=river_provider, now=timezone.now())
    act = {"actor": river_provider, "now": timezone.now()}
    call_steps.remove_step(first, **act)
    words = refused(call_steps.remove_step, second, **act)
    assert words == ["The household was discussed with this step. Open it again first."]
    stored = Review.objects.get(pk=review.pk)
    stored.no_step_reason = "Moved in"
    stored.save()
    call_steps.remove_step(second, **act)
    assert not ActionItem.objects.exists()


def test_report_at_call_writes_it_down_and_tells_followers(review, person, river_provider):
    step = make_step(review.participant, person.agency, person=person)
    version, frame = versions(review)
    update = call_steps.report_at_call(
        review.meeting,
        step,
        progress=ProgressUpdate.Progress.DONE,
        line="Keys handed over",
        actor=river_provider,
        now=timezone.now(),
    )
    assert (update.progress, update.line, update.by) == (
        "done",
        "Keys handed over",
        river_provider,
    )
    step.refresh_from_db()
    assert step.state == "done"
    assert versions(review) == (version + 1, frame + 1)


def test_report_at_call_that_lacks_words_tells_nobody(review, person, river_provider):
    step = make_step(review.participant, person.agency, person=person)
    before = versions(review)
    words = refused(
        call_steps.report_at_call,
        review.meeting,
        step,
        progress="blocked",
        actor=river_provider,
        now=timezone.now(),
    )
    assert words == {"line": ["Say in one line what is in the way."]}
    assert (versions(review), ProgressUpdate.objects.count()) == (before, 0)


def test_report_own_is_shown_by_the_call_that_is_held_about_the_household(
    review, meeting, person, ben, wren, river_other_provider
):
    step = make_step(review.participant, person.agency, person=person)
    (version, frame), now = versions(review), timezone.now()
    other = make_meeting(meeting.continuum, meeting.region, starts_at=now + timedelta(hours=2))
    make_roster(other, ben, wren)
    begin_call(other, actor=river_other_provider, now=other.starts_at)
    of_other = Call.objects.filter(meeting=other).values_list("version", "frame")
    before = of_other.get()
    act = {"progress": "under_way", "line": "Asked", "actor": river_other_provider, "now": now}
    report_own(step, **act)
    assert (versions(review), of_other.get()) == ((version + 1, frame + 1), before)
    close_call(review.meeting, carries_over=True, actor=river_other_provider, now=now)
    after = versions(review)
    report_own(step, **act)
    assert versions(review) == after
    assert [each.line for each in step.updates.all()] == ["Asked", "Asked"]


def test_no_step_is_given_taken_back_or_reported_on_a_closed_call(review, person, river_provider):
    step = give(review, person, river_provider)
    act = {"actor": river_provider, "now": timezone.now()}
    close_call(review.meeting, carries_over=True, **act)
    closed = [IS_CLOSED]
    assert refused(give, review, person, river_provider) == closed
    assert refused(call_steps.remove_step, step, **act) == closed
    assert (
        refused(call_steps.report_at_call, review.meeting, step, progress="done", **act) == closed
    )
    assert list(ActionItem.objects.values_list("pk", "state")) == [(step.pk, "open")]
