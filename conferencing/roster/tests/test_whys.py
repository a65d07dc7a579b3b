"""A household of the roster in short: reasons as marks, the last call beside it, its minutes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.models import Meeting, Review, RosterEntry
from conferencing.roster.pages import roster_page
from conferencing.roster.whys import ADDED, MARKS, MOVED
from conferencing.tests.factories import make_meeting, make_review, make_step
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant, make_release
from regions.clock import local_day
from regions.models import ReviewCriterion

pytestmark = pytest.mark.django_db
Outcome = Review.Outcome


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def enter(call, person, *reasons, because="", minutes=5):
    return RosterEntry.objects.create(
        meeting=call,
        participant=person,
        position=call.roster.count() + 1,
        source=RosterEntry.Source.ADDED,
        reasons=[{"kind": kind, "words": words} for kind, words in reasons],
        added_because=because,
        minutes=minutes,
    )


def held(river, region, days):
    return make_meeting(
        river, region, starts_at=timezone.now() - timedelta(days=days), state=Meeting.State.CLOSED
    )


def lines(call, viewer):
    page = roster_page(call, viewer, now=timezone.now())
    return {line.participant.alias: line for line in page["lines"]}


def test_each_kind_of_reason_has_a_mark_of_its_own():
    kinds = {*ReviewCriterion.Kind.values, ADDED, MOVED}
    assert set(MARKS) == kinds
    assert len({short for short, _ in MARKS.values()}) == len(kinds)


def test_reasons_are_marks_with_all_their_words_as_the_reader_may_read_them(
    river, river_agency, river_other_agency, region_2, call, river_specialist, client
):
    hidden = make_participant(river_agency, region_2, name="Zelda Sentinelle", alias="A-1")
    make_release(hidden, agencies=[river_other_agency])
    enter(call, hidden, ("longest", "2nd longest on the list (9 days)"), because="Zelda asked")
    (line,) = lines(call, river_specialist).values()
    assert [(why.short, why.sort) for why in line.whys] == [("Longest", "wait"), ("Added", "asked")]
    assert line.reasons[0] == "2nd longest on the list (9 days)"
    assert "Zelda" not in line.reasons[1]
    client.force_login(river_specialist)
    page = text_of(client.get(reverse("conferencing:roster_detail", args=[call.pk])))
    assert "Why A-1: Longest , Added" in page
    assert "2nd longest on the list (9 days)" in page


def test_the_last_call_stands_beside_each_household_with_its_open_steps(
    river, river_agency, region_2, call, river_specialist
):
    earlier, last = held(river, region_2, 60), held(river, region_2, 30)
    on = local_day(last.starts_at, river.zone)
    people = {
        alias: make_participant(river_agency, region_2, alias=alias)
        for alias in ("told", "carried", "nothing", "earlier", "unrecorded", "new")
    }
    for person in people.values():
        enter(call, person)
    make_review(earlier, people["earlier"])
    review = make_review(last, people["told"])
    for alias, outcome in (("carried", Outcome.CARRIED_OVER), ("nothing", Outcome.NOTHING)):
        Review.objects.create(meeting=last, participant=people[alias], outcome=outcome)
    enter(last, people["unrecorded"])
    make_step(people["told"], river_agency, review=review, due_in=-1)
    make_step(people["told"], river_agency, review=review)
    found = lines(call, river_specialist)
    assert {alias: line.before.outcome for alias, line in found.items()} == {
        "told": "Discussed",
        "carried": "Carried over",
        "nothing": "Nothing to discuss",
        "earlier": "Not on the roster",
        "unrecorded": "On the roster, not recorded",
        "new": "Not on the roster",
    }
    assert {line.before.on for line in found.values()} == {on}
    assert (found["told"].before.open, found["told"].before.overdue) == (2, 1)
    assert found["new"].before.open == 0


def test_no_call_before_is_said(river_agency, region_2, call, river_specialist):
    enter(call, make_participant(river_agency, region_2, alias="A-1"))
    assert lines(call, river_specialist)["A-1"].before.outcome == "No call yet"


def test_minutes_stand_at_each_household_and_together(
    river_agency, region_2, call, river_specialist, client
):
    for minutes in (5, 50, 15):
        enter(call, make_participant(river_agency, region_2), minutes=minutes)
    client.force_login(river_specialist)
    answer = client.get(reverse("conferencing:roster_detail", args=[call.pk]))
    assert [line.minutes for line in answer.context["lines"]] == [5, 50, 15]
    assert f"Together, of {call.minutes} minutes 70 {70 - call.minutes} over" in text_of(answer)
