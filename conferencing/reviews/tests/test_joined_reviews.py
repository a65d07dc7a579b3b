"""Two records joined after calls that had both: what was said of either is asked as of one."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.call.acts import make_reviews
from conferencing.follow_through.periods import YEAR, period_named
from conferencing.follow_through.stuck import histories
from conferencing.follow_through.systemic_pages import barrier_lines
from conferencing.models import Review, SystemicBarrierMark
from conferencing.prep_lists.snapshots import make_snapshot
from conferencing.reviews.last import last_reviewed_on, last_reviews, whereabouts
from conferencing.reviews.line import Steps, review_lines
from conferencing.roster.criteria import carried_over
from conferencing.tests.factories import (
    make_barrier,
    make_meeting,
    make_review,
    make_roster,
    make_step,
)
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.merges.acts import undo_merge
from participants.models import Participant
from participants.tests.factories import make_merge, make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
Outcome, Changed = Review.Outcome, Review.Changed


@pytest.fixture
def held(river, region_2):
    at = timezone.now() - timedelta(days=28)
    return make_meeting(river, region_2, starts_at=at, state="closed")


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def two(river_agency, region_2, held):
    """A household on file twice, both on the roster of the call that was held."""
    found = [
        make_participant(river_agency, region_2, name=name, alias=alias)
        for name, alias in (("Mara Wintersee", "Finch-21"), ("Mara Winterse", "Finch-22"))
    ]
    for each in found:
        make_release(each)
    make_roster(held, *found)
    return found


def left_over(held, person):
    """Carried over, and nothing was said."""
    return Review.objects.create(meeting=held, participant=person, outcome=Outcome.CARRIED_OVER)


def spoken_of(held, person, words, **fields):
    return make_review(
        held,
        person,
        location="shelter",
        location_words=f"Bed {words}",
        location_changed=Changed.CHANGED,
        safety=f"Threat {words}",
        safety_changed=Changed.CHANGED,
        notes=f"Notes {words}",
        barriers=["No ID", f"Debt {words}"],
        **fields,
    )


def told(call, people):
    """What pages, criteria and figures ask of households before a call, as plain data."""
    zone, on = call.continuum.zone, today_in(call.continuum.zone)
    keys = {each.pk for each in people}
    of_all = (last_reviews(None, before=call), last_reviewed_on(call), carried_over(call))
    everybody = Participant.objects.filter(pk__in=keys)
    found = histories(everybody, period=period_named(YEAR, on=on, zone=zone))
    return {
        "last": {key: texts(each) for key, each in last_reviews(people, before=call).items()},
        "all": {key: texts(each) for key, each in of_all[0].items()},
        "on": of_all[1],
        "carried over": of_all[2],
        "lines": dict(review_lines(people, on=on, zone=zone)),
        "stay": {key: each.words for key, each in whereabouts(people, meeting=call).items()},
        "figures": [
            (each.participant.pk, [texts(review) for review in each.reviews]) for each in found
        ],
    }


def texts(review):
    return review.meeting_id, review.outcome, review.safety, review.notes, review.barriers


@pytest.mark.parametrize("spoken", [0, 1])
def test_what_was_said_of_either_record_goes_on_under_the_one_that_stays(
    held, call, two, river_agency, river_specialist, spoken
):
    kept, _former = two
    review = spoken_of(held, two[spoken], "at the camp")
    left_over(held, two[1 - spoken])
    make_step(two[spoken], river_agency, review=review, due_in=3)
    before = told(call, two)
    merge = make_merge(*two, by=river_specialist)
    after = told(call, [kept])
    said = (held.pk, Outcome.DISCUSSED, "Threat at the camp", review.notes, review.barriers)
    assert after["last"] == after["all"] == {kept.pk: said}
    assert after["on"] == {kept.pk: held.on}
    assert after["carried over"] == {}
    assert after["stay"] == {kept.pk: "Bed at the camp"}
    assert after["figures"] == [(kept.pk, [said])]
    (line,) = after["lines"][kept.pk]
    assert (line.is_carried_over, line.barriers, line.steps) == (False, 2, Steps(given=1, open=1))
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert told(call, two) == before


def test_what_was_said_of_both_records_at_one_call_is_one_review(
    held, call, two, river_agency, river_specialist
):
    kept, _former = two
    for person, words in zip(two, ("by day", "by night"), strict=True):
        review = spoken_of(held, person, words, saved_at=timezone.now())
        make_step(person, river_agency, review=review, due_in=3)
    merge = make_merge(*two, by=river_specialist)
    after = told(call, [kept])
    barriers = ["No ID", "Debt by day", "Debt by night"]
    safety, notes = "Threat by day\nThreat by night", "Notes by day\nNotes by night"
    said = (held.pk, Outcome.DISCUSSED, safety, notes, barriers)
    assert after["last"] == after["all"] == {kept.pk: said}
    assert after["stay"] == {kept.pk: "Bed by night"}
    (_person, (once,)) = after["figures"][0]
    assert once[-1] == barriers
    (line,) = after["lines"][kept.pk]
    assert (line.barriers, line.steps) == (3, Steps(given=2, open=2))
    make_roster(call, kept)
    (household,) = make_snapshot(call, now=timezone.now())["participants"]
    assert household["elements"]["safety"] == safety
    make_reviews(call, [kept])
    assert Review.objects.get(meeting=call).safety == safety
    assert held.reviews.count() == 2
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert [each.safety for each in held.reviews.order_by("participant__alias")] == [
        "Threat by day",
        "Threat by night",
    ]


def test_a_household_that_no_call_reached_under_either_record_is_carried_over_once(
    held, call, two, river_specialist
):
    for person in two:
        left_over(held, person)
    make_merge(*two, by=river_specialist)
    assert carried_over(call) == {two[0].pk: [(held.on, False)]}
    (line,) = told(call, two[:1])["lines"][two[0].pk]
    assert line.is_carried_over


def test_a_systemic_barrier_counts_the_household_once(river, held, two, river_specialist):
    barrier = make_barrier(river)
    for person in two:
        SystemicBarrierMark.objects.create(
            barrier=barrier, review=spoken_of(held, person, person.alias)
        )
    make_merge(*two, by=river_specialist)
    (line,), _months = barrier_lines(river, on=today_in(river.zone))
    assert (line.households, line.reviews) == (1, 1)


def test_the_next_call_shows_what_was_said_of_the_record_that_was_joined(
    held, two, river, region_2, river_specialist
):
    spoken_of(held, two[1], "under the bridge")
    left_over(held, two[0])
    make_merge(*two, by=river_specialist)
    now = make_meeting(river, region_2, starts_at=timezone.now())
    make_roster(now, two[0])
    client = signed_in(river_specialist)
    client.post(reverse("conferencing:call_begin", args=[now.pk]))
    review = now.reviews.get()
    page = client.get(reverse("conferencing:call_household", args=[now.pk, review.pk]))
    assert "Threat under the bridge" in text_of(page)
