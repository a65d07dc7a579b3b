"""A household's line of reviews, on its page and on the roster."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.models import Review
from conferencing.reviews.line import (
    Entry,
    Steps,
    review_lines,
    short_review_lines,
)
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from conferencing.tests.pages import text_of
from participants.models import LivingSituation
from participants.tests.factories import make_participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
Changed = Review.Changed


def held(continuum, region=None, *, days_ago):
    at = timezone.now() - timedelta(days=days_ago)
    return make_meeting(continuum, region, starts_at=at, state="closed")


@pytest.fixture
def household(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Mina Secretname", alias="Heron-77")


@pytest.fixture
def past(river, region_2, river_agency, household):
    """Four calls: discussed, carried over at a CoC-wide one, discussed, and one under way."""
    today = today_in(river.zone)
    first = held(river, region_2, days_ago=100)
    coc_wide = held(river, days_ago=70)
    last = held(river, region_2, days_ago=40)
    now = make_meeting(river, region_2, starts_at=timezone.now())
    review = make_review(
        first,
        household,
        location=LivingSituation.Kind.UNSHELTERED,
        location_words="Behind the library",
        barriers=["No ID", "No bus"],
        target_kind=Review.Target.MOVE_IN,
        target_on=today - timedelta(days=10),
    )
    Review.objects.create(
        meeting=coc_wide, participant=household, outcome=Review.Outcome.CARRIED_OVER
    )
    newer = make_review(
        last,
        household,
        location=LivingSituation.Kind.SHELTER,
        location_changed=Changed.CHANGED,
        preferences_changed=Changed.UNCHANGED,
        barriers=["no  id", "Secretname owes rent"],
        barriers_changed=Changed.CHANGED,
        target_kind=Review.Target.MILESTONE,
        target_on=today + timedelta(days=5),
    )
    Review.objects.create(meeting=now, participant=household, location="shelter")
    closed = {"closed_at": timezone.now()}
    make_step(household, river_agency, review=review, due_in=-60, state="done", **closed)
    make_step(household, river_agency, review=review, due_in=-60, state="not_needed", **closed)
    make_step(household, river_agency, review=review, due_in=-60, state="not_done", **closed)
    make_step(household, river_agency, review=newer, due_in=-5)
    make_step(household, river_agency, review=newer, due_in=0)
    return first, coc_wide, last


def line_of(household, past):
    first, coc_wide, last = past
    return [
        Entry(
            on=last.on,
            scope="Region 2",
            is_carried_over=False,
            location="Emergency shelter",
            changed=("location", "barriers"),
            not_recorded=("safety",),
            barriers=2,
            new_barriers=1,
            steps=Steps(given=2, open=2, overdue=1),
            target="Milestone",
            target_on=today_in() + timedelta(days=5),
        ),
        Entry(on=coc_wide.on, scope="CoC-wide", is_carried_over=True),
        Entry(
            on=first.on,
            scope="Region 2",
            is_carried_over=False,
            location="Place not meant for habitation",
            not_recorded=("location", "preferences", "barriers", "safety"),
            barriers=2,
            steps=Steps(given=3, done=1, not_needed=1, not_done=1),
            target="Move-in",
            target_on=today_in() - timedelta(days=10),
            is_target_passed=True,
        ),
    ]


def test_review_lines_tell_each_call_latest_first(river, household, past):
    lines = review_lines([household], on=today_in(), zone=river.zone)
    assert lines == {household.pk: line_of(household, past)}


def test_steps_say_of_each_how_it_ended():
    assert Steps(given=4, done=1, not_needed=1, not_done=1, open=1, overdue=1).words == (
        "1 done, 1 overtaken by changed circumstances, 1 not done, 1 open (1 overdue)"
    )
    assert Steps(given=2, not_done=2).words == "2 not done"
    assert Steps().words == ""


def test_short_review_lines_begin_twelve_months_ago(river, region_2, household):
    make_review(held(river, region_2, days_ago=400), household, barriers=["No ID"])
    recent = held(river, region_2, days_ago=30)
    make_review(recent, household, barriers=["No ID"])
    lines = short_review_lines([household], on=today_in(), zone=river.zone)
    assert [each.on for each in lines[household.pk]] == [recent.on]


@pytest.mark.parametrize("count", [1, 30])
def test_review_lines_ask_the_same_for_1_and_30(
    django_assert_num_queries, river, river_agency, region_2, count
):
    people = [make_participant(river_agency, region_2) for _ in range(count)]
    for days_ago in (100, 70, 40):
        call = held(river, region_2, days_ago=days_ago)
        for person in people:
            make_step(person, river_agency, review=make_review(call, person, barriers=["No ID"]))
    with django_assert_num_queries(2):
        lines = review_lines(people, on=today_in(), zone=river.zone)
    assert [len(lines[person.pk]) for person in people] == [3] * count


def test_participant_reviews_show_the_whole_line(client, household, past, river_specialist):
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:participant_reviews", args=[household.pk]))
    assert page.context["line"] == line_of(household, past)
    said = text_of(page)
    assert "2 open (1 overdue)" in said
    assert "Milestone" in said
    assert "Move-in, passed" in said
    assert "Secretname" not in said


def test_roster_shows_each_households_line_and_nothing_that_was_typed(
    client, river, region_2, household, past, river_specialist
):
    call = make_meeting(river, region_2)
    make_roster(call, household)
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:roster_detail", args=[call.pk]))
    (line,) = page.context["lines"]
    assert line.reviews == line_of(household, past)
    said = text_of(page)
    assert "3 calls in 12 months on Heron-77" in said
    assert "Carried over" in said
    for typed in ("Secretname", "library", "rent"):
        assert typed not in said
