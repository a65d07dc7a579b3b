"""The facilitator's bar: what it says of the household on the table and of the hour."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call, carry_over, discuss, put_on_table
from conferencing.models import Call, Review, RosterEntry
from conferencing.tests.factories import make_step
from conferencing.tests.pages import text_of

pytestmark = pytest.mark.django_db


def bar_of(client, call):
    return client.get(reverse("conferencing:call_frame", args=[call.pk]), {"part": "steer"})


@pytest.fixture
def minutes(begun):
    call, _review = begun
    RosterEntry.objects.filter(meeting=call).update(minutes=7)


@pytest.mark.usefixtures("minutes")
def test_the_bar_counts_what_is_done_and_what_it_was_to_take(
    client, begun, households, river_other_provider, river_provider
):
    call, review = begun
    client.force_login(river_other_provider)
    first = bar_of(client, call).context
    assert (first["done"], first["total"], first["expected_seconds"]) == (0, 3, 0)
    assert (first["steps"], first["is_open"]) == (0, True)
    assert first["lacking"] == [
        "Assign a step with a follow-up person, or say why no step is needed."
    ]
    place = StaffMember.objects.get(user=river_provider)
    make_step(review.participant, place.agency, person=place, review=review)
    now = timezone.now()
    discuss(review, actor=river_provider, now=now)
    still = bar_of(client, call)
    assert "No step yet" not in text_of(still)
    assert (still.context["done"], still.context["expected_seconds"]) == (1, 0)
    second, third = Review.objects.filter(meeting=call, participant__in=households[1:])
    put_on_table(call, second, actor=river_other_provider, now=now)
    assert bar_of(client, call).context["expected_seconds"] == 7 * 60
    carry_over(third, actor=river_other_provider, now=now)
    assert bar_of(client, call).context["expected_seconds"] == 14 * 60
    assert "No step yet" in text_of(bar_of(client, call))


def test_only_who_steers_gets_the_bar(client, begun, river_provider, river_other_provider):
    call, _review = begun
    client.force_login(river_other_provider)
    assert "Next household" in text_of(bar_of(client, call))
    client.force_login(river_provider)
    assert "Next household" not in text_of(bar_of(client, call))
    assert "Agenda" in text_of(bar_of(client, call))


def test_the_bar_names_nobody_to_whom_no_release_covers(
    client, begun, households, river_other_provider
):
    call, _review = begun
    hidden = Review.objects.get(meeting=call, participant=households[2])
    put_on_table(call, hidden, actor=river_other_provider, now=timezone.now())
    client.force_login(river_other_provider)
    shown = text_of(bar_of(client, call))
    assert "Heron-3" in shown
    assert "Cleo Example" not in bar_of(client, call).content.decode()


def go(client, call, **data):
    return client.post(reverse("conferencing:call_table", args=[call.pk]), {"go": "next", **data})


def test_two_who_lead_and_press_next_at_once_go_on_by_one(
    client, begun, households, river_other_provider
):
    call, review = begun
    client.force_login(river_other_provider)
    for _ in range(2):
        go(client, call, seen=review.pk)
    assert Call.objects.get(pk=call.pk).on_table.participant == households[1]


def test_after_one_that_was_carried_over_comes_the_one_below_it(
    client, begun, households, river_other_provider
):
    """Not the first that was left open."""
    call, _review = begun
    client.force_login(river_other_provider)
    go(client, call)
    second = Call.objects.get(pk=call.pk).on_table
    carry_over(second, actor=river_other_provider, now=timezone.now())
    go(client, call, seen=second.pk)
    assert Call.objects.get(pk=call.pk).on_table.participant == households[2]


def test_two_who_press_at_the_beginning_take_up_the_first(
    client, call, households, river_other_provider
):
    begin_call(call, actor=river_other_provider, now=timezone.now())
    client.force_login(river_other_provider)
    for _ in range(2):
        go(client, call, seen="")
    assert Call.objects.get(pk=call.pk).on_table.participant == households[0]
