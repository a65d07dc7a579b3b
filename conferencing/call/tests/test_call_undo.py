"""What was moved on the agenda of a running call, or taken back as a step, can be taken back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import undo
from accounts.models import UndoOffer
from agreements.models import StaffMember
from conferencing.call.acts import agenda_keys, move_on_agenda
from conferencing.call.closing import close_call
from conferencing.models import ActionItem, Call, Review
from conferencing.tests.factories import make_step
from conferencing.tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = {"X-Call": "1"}


def at(name, meeting, *keys):
    return reverse(f"conferencing:{name}", args=[meeting.pk, *keys])


def move(client, review, by):
    url = at("call_order", review.meeting, review.pk)
    return client.post(url, {"by": by}, headers=PAGE)


def take_back(client, step):
    return client.post(at("step_remove", step.review.meeting, step.pk), headers=PAGE)


def press_undo(client, meeting):
    """Press the button that the page shows; the answer to its script."""
    offered = client.get(at("call_detail", meeting)).context["undo"]
    return client.post(at("call_undo_act", meeting, offered.pk), headers=PAGE)


def what_stands(meeting):
    """The agenda in its order, and each step with all that it holds."""
    steps = ActionItem.objects.filter(review__meeting=meeting).order_by("pk")
    fields = [field.attname for field in ActionItem._meta.concrete_fields]
    return agenda_keys(meeting), [{name: getattr(step, name) for name in fields} for step in steps]


@pytest.fixture
def steps(review, river_provider):
    place = StaffMember.objects.get(user=river_provider)
    return [
        make_step(
            review.participant,
            place.agency,
            person=place,
            review=review,
            what=what,
            is_critical=is_critical,
        )
        for what, is_critical in (
            ("Call the landlord", True),
            ("Find the birth certificate", False),
        )
    ]


def test_each_act_is_undone_one_after_the_other_and_followers_see_it(
    client, review, steps, river_specialist
):
    meeting = review.meeting
    others = list(meeting.reviews.exclude(pk=review.pk))
    client.force_login(river_specialist)
    states = [what_stands(meeting)]
    for act in (
        lambda: move(client, review, "down"),
        lambda: take_back(client, steps[0]),
        lambda: move(client, others[0], "up"),
        lambda: take_back(client, steps[1]),
        lambda: move(client, review, "down"),
    ):
        answer = act()
        if what_stands(meeting) == states[-1]:
            assert answer.status_code == 204
            continue
        assert list(answer.json()) == ["undo"]
        states.append(what_stands(meeting))
    assert len(states) >= 5
    for state in reversed(states[:-1]):
        version = Call.objects.get(meeting=meeting).version
        assert press_undo(client, meeting).status_code == 204
        assert what_stands(meeting) == state
        assert Call.objects.get(meeting=meeting).version > version
    for part in ("call_detail", "call_frame"):
        assert client.get(at(part, meeting)).context["undo"] is None


def test_the_agenda_says_what_can_be_undone_to_who_did_it_alone(
    client, review, river_other_provider, river_provider
):
    client.force_login(river_other_provider)
    move(client, review, "down")
    words = "You moved number 1 down on the agenda."
    for part in ("call_detail", "call_frame"):
        assert words in text_of(client.get(at(part, review.meeting)))
    (row,) = UndoOffer.objects.all()
    for user in (river_other_provider, river_provider):  # another sign-in, another person
        client.logout()
        client.force_login(user)
        assert words not in text_of(client.get(at("call_frame", review.meeting)))
        url = at("call_undo_act", review.meeting, row.pk)
        assert client.post(url, headers=PAGE).status_code == 404


def test_what_others_changed_since_is_not_undone_with_it(
    client, review, river_specialist, river_other_provider
):
    meeting = review.meeting
    client.force_login(river_specialist)
    move(client, review, "down")
    move_on_agenda(meeting, review, by=1, actor=river_other_provider, now=timezone.now())
    before = what_stands(meeting)
    answer = press_undo(client, meeting)
    assert (answer.status_code, answer.json()["errors"]) == (422, [undo.CHANGED_SINCE])
    assert what_stands(meeting) == before
    assert not UndoOffer.objects.exists()


def test_undoing_asks_anew_who_may(client, review, steps, river_specialist, river_provider):
    meeting = review.meeting
    client.force_login(river_specialist)
    move(client, review, "down")
    take_back(client, steps[0])
    before = what_stands(meeting)
    offers = list(UndoOffer.objects.values_list("pk", flat=True))
    river_specialist.membership.is_specialist = False
    river_specialist.membership.save()
    for offer in offers:
        url = at("call_undo_act", meeting, offer)
        assert client.post(url, headers=PAGE).status_code == 403
    assert what_stands(meeting) == before


def test_a_step_is_not_assigned_again_to_somebody_who_left_or_after_the_call(
    client, review, steps, river_specialist, river_provider
):
    meeting = review.meeting
    client.force_login(river_specialist)
    for step in steps:
        take_back(client, step)
    StaffMember.objects.filter(user=river_provider).update(
        ended_on=timezone.now().date() - timedelta(days=1)
    )
    answer = press_undo(client, meeting)
    assert answer.status_code == 422
    assert "Assign the step anew" in answer.json()["errors"][0]
    StaffMember.objects.filter(user=river_provider).update(ended_on=None)
    (offer,) = UndoOffer.objects.all()
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    answer = client.post(at("call_undo_act", meeting, offer.pk), headers=PAGE)
    assert answer.status_code == 422
    assert not ActionItem.objects.filter(review=review).exists()


def test_taking_back_twice_offers_one_undo(client, review, steps, river_specialist):
    Review.objects.filter(pk=review.pk).update(no_step_reason=None)
    client.force_login(river_specialist)
    assert take_back(client, steps[0]).status_code == 200
    assert take_back(client, steps[0]).status_code == 404
    assert UndoOffer.objects.count() == 1


def test_a_household_that_is_off_the_agenda_is_not_moved(client, review, river_specialist):
    meeting = review.meeting
    meeting.roster.filter(participant=review.participant_id).delete()
    before = agenda_keys(meeting)
    client.force_login(river_specialist)
    assert move(client, review, "down").status_code == 404
    assert agenda_keys(meeting) == before
    assert not UndoOffer.objects.exists()
