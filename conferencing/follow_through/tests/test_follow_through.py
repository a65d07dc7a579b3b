"""Follow-through: figures on histories made by hand, the page, and the file."""

import csv
import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.follow_through.pages import AgencyLine, agency_lines, ended_words, total_of
from conferencing.follow_through.periods import Period, period_named
from conferencing.follow_through.stuck import (
    PassedTarget,
    Standstill,
    histories,
    passed_targets,
    stuck_households,
)
from conferencing.models import Review
from conferencing.steps.report_back import call_lines
from conferencing.tests.factories import make_meeting, make_review, make_step, report
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from participants.models import Participant
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
CHICAGO = "America/Chicago"


def at(on, hour=10, zone=CHICAGO):
    return datetime.combine(on, time(hour), ZoneInfo(zone))


def held(continuum, region=None, *, days_ago=0, on=None):
    on = on or today_in(continuum.zone) - timedelta(days=days_ago)
    return make_meeting(continuum, region, starts_at=at(on, zone=continuum.zone), state="closed")


def year(on=None):
    return period_named("year", on=on or today_in(), zone=CHICAGO)


def everybody():
    return Participant.objects.all()


# periods


@pytest.mark.parametrize(
    ("name", "since", "months"),
    [
        ("quarter", date(2027, 1, 1), [1, 2]),
        ("half_year", date(2026, 9, 1), [9, 10, 11, 12, 1, 2]),
        ("year", date(2026, 3, 1), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2]),
        ("no such", date(2026, 9, 1), [9, 10, 11, 12, 1, 2]),
    ],
)
def test_period_named_begins_with_a_month(name, since, months):
    period = period_named(name, on=date(2027, 2, 15), zone=CHICAGO)
    assert (period.since, period.until) == (since, date(2027, 2, 15))
    assert [month.month for month in period.months] == months


def test_period_ends_with_the_last_days_midnight_also_where_the_clock_is_changed():
    period = Period(date(2026, 3, 8), date(2026, 11, 1), CHICAGO)
    assert period.begins_at.isoformat() == "2026-03-08T00:00:00-06:00"
    assert period.ends_at.isoformat() == "2026-11-02T00:00:00-06:00"


# steps by agency and age


def test_agency_lines_count_open_steps_by_age_and_those_done_in_the_period(
    river, region_1, region_2, river_agency, river_other_agency
):
    here = make_participant(river_agency, region_2)
    there = make_participant(river_agency, region_1)
    for due_in, is_critical in [
        (0, True),
        (1, False),
        (-1, False),
        (-30, True),
        (-31, False),
        (-90, False),
        (-91, True),
    ]:
        make_step(here, river_agency, due_in=due_in, is_critical=is_critical)
    today = today_in(river.zone)
    period = Period(today - timedelta(days=10), today, river.zone)
    for days_ago in (0, 10, 11):
        done_at = at(today - timedelta(days=days_ago), hour=0)
        make_step(here, river_agency, state="done", closed_at=done_at)
    make_step(here, river_agency, state="not_needed", closed_at=at(today, hour=0))
    for days_ago in (0, 11):
        ended_at = at(today - timedelta(days=days_ago), hour=0)
        make_step(here, river_agency, state="not_done", closed_at=ended_at)
    make_step(there, river_other_agency, due_in=5)
    bridge = AgencyLine(
        river_agency.pk,
        "Bridge Housing",
        not_due=2,
        over_30=2,
        over_90=2,
        beyond=1,
        critical_overdue=2,
        done=2,
        not_done=1,
        overtaken=1,
    )
    cedar = AgencyLine(river_other_agency.pk, "Cedar Outreach", not_due=1)
    lines = agency_lines(everybody(), period=period, on=today)
    assert lines == [bridge, cedar]
    assert total_of(lines) == AgencyLine(
        name="All agencies",
        not_due=3,
        over_30=2,
        over_90=2,
        beyond=1,
        critical_overdue=2,
        done=2,
        not_done=1,
        overtaken=1,
    )
    assert (bridge.open, bridge.overdue) == (7, 5)
    # What circumstances overtook is not a step that was not done: two of three, not of four.
    assert bridge.rate == 67
    assert cedar.rate is None
    assert ended_words(total_of(lines)) == (
        "2 of 3 steps done (67%), 1 not done. Not counted: 1 step that no longer fit, as "
        "circumstances changed."
    )
    assert ended_words(cedar) == "No step was done, or said not to be done, in this period."
    of_region = everybody().filter(region=region_1)
    assert agency_lines(of_region, period=period, on=today) == [cedar]


# reports back


def told(lines):
    return [(each.meeting, each.before, each.after, each.never, each.rate) for each in lines]


def test_call_lines_tell_what_was_reported_before_each_call_the_steps_were_due_at(
    river, region_1, region_2, river_agency, river_provider
):
    march = held(river, region_2, on=date(2026, 3, 10))
    april = held(river, on=date(2026, 4, 24))
    may = held(river, region_2, on=date(2026, 5, 12))
    elsewhere = held(river, region_1, on=date(2026, 5, 5))
    make_meeting(river, region_2, starts_at=at(date(2026, 5, 20)))
    here = make_participant(river_agency, region_2)
    there = make_participant(river_agency, region_1)
    today = today_in(river.zone)

    def step(person, given_on, due_on, reported=None, **fields):
        due_in = (due_on - today).days
        made = make_step(person, river_agency, due_in=due_in, **fields)
        made.created_at = given_on if isinstance(given_on, datetime) else at(given_on, hour=11)
        made.save()
        if reported:
            report(made, by=river_provider, at=reported)

    given = date(2026, 2, 10)
    step(here, given, date(2026, 3, 10), at(date(2026, 3, 10), hour=9))
    step(here, given, date(2026, 3, 9), at(date(2026, 3, 10), hour=10))
    step(here, given, date(2026, 3, 10))
    # Due between two calls: at the CoC-wide one that replaces the regional.
    step(here, date(2026, 3, 10), date(2026, 4, 14), at(date(2026, 4, 20)))
    closed = at(date(2026, 4, 1))
    step(there, date(2026, 3, 10), date(2026, 4, 24), state="not_needed", closed_at=closed)
    # Given at a call for the same day: due at the next one.
    step(here, april.starts_at, date(2026, 4, 24), at(date(2026, 5, 30)))
    step(there, date(2026, 4, 24), date(2026, 5, 1))
    # Not due at any call yet, and due at one that was not held.
    step(here, date(2026, 5, 12), date(2026, 5, 13))
    period = Period(date(2026, 3, 1), date(2026, 5, 31), river.zone)
    lines = call_lines(river, everybody(), period=period)
    assert told(lines) == [
        (may, 0, 1, 0, 0),
        (elsewhere, 0, 0, 1, 0),
        (april, 2, 0, 0, 100),
        (march, 1, 1, 1, 33),
    ]
    of_region = everybody().filter(region=region_1)
    assert told(call_lines(river, of_region, period=period, region=region_1)) == [
        (elsewhere, 0, 0, 1, 0),
        (april, 1, 0, 0, 100),
    ]
    later = Period(date(2026, 5, 1), date(2026, 5, 31), river.zone)
    assert told(call_lines(river, everybody(), period=later)) == told(lines)[:2]


def change_at(row, when, **values):
    """Change a row so that its history tells that it was at that moment."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    event = type(row).pgh_event_model.objects.filter(pgh_obj=row.pk).latest("pgh_id")
    type(event).objects.filter(pgh_id=event.pgh_id).update(pgh_created_at=when)


def step_due(person, agency, due_on, *, given_on):
    """A step given at ten on one day and due on another."""
    made = make_step(person, agency, due_in=(due_on - today_in()).days)
    change_at(made, at(given_on), created_at=at(given_on))
    return made


def test_call_lines_keep_a_miss_when_its_step_gets_another_date(river, region_2, river_agency):
    march = held(river, region_2, on=date(2026, 3, 10))
    april = held(river, region_2, on=date(2026, 4, 14))
    household = make_participant(river_agency, region_2)
    period = Period(date(2026, 3, 1), date(2026, 4, 30), river.zone)
    missed = step_due(household, river_agency, date(2026, 3, 9), given_on=date(2026, 2, 10))
    put_off = step_due(household, river_agency, date(2026, 3, 9), given_on=date(2026, 2, 10))
    change_at(put_off, at(date(2026, 3, 1)), due_on=date(2026, 4, 1))
    assert told(call_lines(river, everybody(), period=period)) == [
        (april, 0, 0, 1, 0),
        (march, 0, 0, 1, 0),
    ]
    for due_on in (date(2026, 4, 2), date(2027, 6, 1)):
        change_at(missed, at(date(2026, 3, 11)), due_on=due_on)
        assert told(call_lines(river, everybody(), period=period)) == [
            (april, 0, 0, 1, 0),
            (march, 0, 0, 1, 0),
        ]


def test_call_lines_keep_a_miss_where_it_was_when_its_household_moves_on(
    river, region_1, region_2, river_agency
):
    march = held(river, region_2, on=date(2026, 3, 10))
    elsewhere = held(river, region_1, on=date(2026, 3, 17))
    household = make_participant(river_agency, region_2)
    change_at(household, at(date(2026, 1, 10)), region=region_2)
    step_due(household, river_agency, date(2026, 3, 9), given_on=date(2026, 2, 10))
    change_at(household, at(date(2026, 3, 12)), region=region_1)
    period = Period(date(2026, 3, 1), date(2026, 3, 31), river.zone)
    lines = [(elsewhere, 0, 0, 0, None), (march, 0, 0, 1, 0)]
    assert told(call_lines(river, everybody(), period=period)) == lines
    assert told(call_lines(river, everybody(), period=period, region=region_2)) == lines[1:]
    assert told(call_lines(river, everybody(), period=period, region=region_1)) == lines[:1]


# households that do not move


def review(continuum, region, household, days_ago, *barriers, **fields):
    call = held(continuum, region, days_ago=days_ago)
    return make_review(call, household, barriers=list(barriers), **fields)


def stuck_in(period):
    found = stuck_households(histories(everybody(), period=period), period=period)
    return {each.participant.alias: each for each in found}


def test_stuck_households_had_one_barrier_three_times_and_no_step_done_since(
    river, region_2, river_agency
):
    def household(alias, **fields):
        return make_participant(river_agency, region_2, alias=alias, **fields)

    def reviewed(alias, *rows, done_days_ago=None, **fields):
        person = household(alias, **fields)
        for days_ago, barriers in rows:
            review(river, region_2, person, days_ago, *barriers)
        if done_days_ago is not None:
            done_at = at(today_in() - timedelta(days=done_days_ago), hour=12)
            make_step(person, river_agency, state="done", closed_at=done_at)
        return person

    same = [(90, ["No ID"]), (60, ["no  id"]), (30, ["No bus", "No ID"])]
    stuck = reviewed("Stuck-1", *same)
    make_step(stuck, river_agency, due_in=-5)
    make_step(stuck, river_agency, due_in=5)
    reviewed("Before-1", *same, done_days_ago=95)
    reviewed("Done-1", *same, done_days_ago=45)
    reviewed("Just-1", *same, done_days_ago=1)
    reviewed("Twice-1", *same[1:])
    reviewed("Gap-1", (120, ["No ID"]), (90, ["No ID"]), (60, []), (30, ["No ID"]))
    reviewed("Gone-1", *same[:2], (30, ["No bus"]))
    reviewed("Housed-1", *same, listed=False)
    four = reviewed("Four-1", (150, ["No bus", "No ID"]), (120, ["No bus", "No ID"]), *same)
    Review.objects.create(
        meeting=held(river, region_2, days_ago=10),
        participant=four,
        outcome=Review.Outcome.CARRIED_OVER,
    )
    found = stuck_in(year())
    day = today_in() - timedelta(days=90)
    assert {alias: each.barriers for alias, each in found.items()} == {
        "Four-1": [Standstill("No ID", 5, today_in() - timedelta(days=150))],
        "Before-1": [Standstill("No ID", 3, day)],
        "Stuck-1": [Standstill("No ID", 3, day)],
    }
    assert list(found) == ["Four-1", "Before-1", "Stuck-1"]
    assert (found["Stuck-1"].open, found["Stuck-1"].overdue) == (2, 1)
    today = today_in()
    assert stuck_in(Period(today - timedelta(days=20), today, river.zone)) == {}


def test_passed_targets_are_those_that_no_later_review_replaced(river, region_2, river_agency):
    today = today_in(river.zone)

    def household(alias, *rows, **fields):
        person = make_participant(river_agency, region_2, alias=alias, **fields)
        for days_ago, target_in, learned in rows:
            target = target_in and {
                "target_on": today + timedelta(days=target_in),
                "target_kind": "move_in",
            }
            review(river, region_2, person, days_ago, learned=learned, **(target or {}))
        return person

    passed = household("Passed-1", (90, -40, None), (30, None, None))
    learned = household("Learned-1", (60, -1, None), (20, None, "The unit was sold"))
    household("New-1", (60, -10, None), (20, 10, None))
    household("Today-1", (60, 0, None))
    household("None-1", (60, None, None))
    household("Housed-1", (60, -10, None), listed=False)
    found = passed_targets(histories(everybody(), period=year()), on=today)
    assert found == [
        PassedTarget(passed, "Move-in", today - timedelta(days=40), 40, is_learned=False),
        PassedTarget(learned, "Move-in", today - timedelta(days=1), 1, is_learned=True),
    ]


# the page and the file


URL = "/follow-through/"
EXPORT = "/follow-through/export/"


@pytest.fixture
def stuck(river, region_2, river_agency):
    """Three times the same, with the name in the barrier; a target passed; a step overdue."""
    person = make_participant(river_agency, region_2, name="Mina Secretname", alias="Heron-77")
    for days_ago in (90, 60, 30):
        review(river, region_2, person, days_ago, "Secretname has no ID")
    Review.objects.update(target_kind="milestone", target_on=today_in() - timedelta(days=3))
    make_step(person, river_agency, due_in=-40, is_critical=True)
    return person


def test_follow_through_shows_figures_and_households_by_label(client, stuck, river_specialist):
    client.force_login(river_specialist)
    page = client.get(URL)
    said = text_of(page)
    assert "Heron-77 has no ID : 3 times" in said
    assert "Secretname" not in said
    assert "1 open, 1 overdue" in said
    assert reverse("conferencing:participant_reviews", args=[stuck.pk]) in page.content.decode()
    assert (page.context["figures"].total.over_90, page.context["figures"].rate) == (1, None)
    entry = AuditEntry.objects.get(action="follow_through.viewed")
    assert entry.detail == {"participants": [str(stuck.pk)], "named_under": {}}
    make_release(stuck)
    assert "Secretname has no ID" in text_of(client.get(URL))


def test_follow_through_leads_from_each_number_of_steps_to_those_steps(
    client, river, region_1, region_2, river_agency, river_other_agency, river_specialist
):
    here = make_participant(river_agency, region_2)
    there = make_participant(river_agency, region_1)
    for due_in, is_critical in ((1, True), (-1, True), (-31, False), (-91, False), (-92, True)):
        make_step(here, river_agency, due_in=due_in, is_critical=is_critical, what=str(due_in))
    make_step(here, river_other_agency, due_in=-95, what="other agency")
    make_step(there, river_agency, due_in=-96, what="other region")
    client.force_login(river_specialist)

    def behind(query):
        page = client.get(URL, query)
        parser = re.compile(r'href="(/steps/[^"]*)">(\d+)<span class="visually-hidden"> ([^<]*)<')
        found = {}
        for address, number, words in parser.findall(page.content.decode()):
            rows = client.get(address.replace("&amp;", "&")).context["rows"]
            assert len(rows) == int(number)
            found[words] = [row.what for row in rows]
        return found

    of_region = behind({"region": region_2.pk})
    assert {
        words: of_region[f"{words}, Bridge Housing"]
        for words in (
            "open steps",
            "Not due yet",
            "1–30 days over",
            "31–90 days over",
            "More than 90 days over",
            "overdue steps",
            "critical and overdue steps",
        )
    } == {
        "open steps": ["-92", "-91", "-31", "-1", "1"],
        "Not due yet": ["1"],
        "1–30 days over": ["-1"],
        "31–90 days over": ["-31"],
        "More than 90 days over": ["-92", "-91"],
        "overdue steps": ["-92", "-91", "-31", "-1"],
        "critical and overdue steps": ["-92", "-1"],
    }
    assert of_region["More than 90 days over, All agencies"] == ["other agency", "-92", "-91"]
    everywhere = behind({})
    assert everywhere["More than 90 days over, Bridge Housing"] == ["other region", "-92", "-91"]


def test_follow_through_takes_a_region_and_a_period_of_its_own_alone(
    client, stuck, river, region_1, region_2, three_region, river_specialist
):
    client.force_login(river_specialist)

    def chosen(**query):
        page = client.get(URL, query)
        return len(page.context["stuck"]), page.context["period"].since

    half, whole = (period_named(name, on=today_in(), zone=river.zone) for name in ("", "year"))
    assert chosen() == (1, half.since)
    assert chosen(region=region_2.pk, period="year") == (1, whole.since)
    assert chosen(region=region_1.pk) == (0, half.since)
    assert chosen(region=three_region.pk, period="x") == (1, half.since)
    assert "Three County" not in text_of(client.get(URL, {"region": three_region.pk}))


def test_follow_through_is_blind_to_the_other_continuum(
    client, stuck, three, three_region, three_agency, three_specialist
):
    client.force_login(three_specialist)
    page = client.get(URL)
    figures = page.context["figures"]
    assert (figures.agencies, figures.calls, figures.stuck, figures.passed) == ([], [], [], [])
    assert "Heron-77" not in text_of(page)


def test_follow_through_is_the_specialists_in_standing(
    client,
    river_specialist,
    river_administrator,
    river_lead,
    river_provider,
    river_vsp_provider,
    river_lapsed_provider,
):
    for user in (
        river_administrator,
        river_lead,
        river_provider,
        river_vsp_provider,
        river_lapsed_provider,
    ):
        client.force_login(user)
        for url in (URL, EXPORT):
            assert (user.name, client.get(url).status_code) == (user.name, 403)
        assert client.post(EXPORT, {"why": "Curious"}).status_code == 403
    river_specialist.statements.update(revoked_at=timezone.now())
    client.force_login(river_specialist)
    assert client.get(URL).status_code == 403
    assert not AuditEntry.objects.filter(action__startswith="follow_through.").exists()


@pytest.mark.parametrize("count", [1, 30])
def test_follow_through_asks_the_database_the_same_for_1_and_30(
    client, django_assert_num_queries, river, region_2, river_agency, river_specialist, count
):
    calls = [held(river, region_2, days_ago=days_ago) for days_ago in (90, 60, 30)]
    for _ in range(count):
        person = make_participant(river_agency, region_2)
        make_release(person)
        for call in calls:
            target = {"target_kind": "move_in", "target_on": today_in() - timedelta(days=3)}
            given = make_review(call, person, barriers=["No ID"], **target)
            make_step(person, river_agency, review=given, due_in=-2)
    client.force_login(river_specialist)
    client.get(URL)
    first = min(count, 10)
    for query, shown in (
        ({}, (first, first)),
        ({"all": "stuck"}, (count, first)),
        ({"all": "passed"}, (first, count)),
        ({"all": "nonsense"}, (first, first)),
    ):
        with django_assert_num_queries(QUERIES_PAGE):
            page = client.get(URL, query)
        assert (len(page.context["stuck"]), len(page.context["passed"])) == shown
        entry = AuditEntry.objects.filter(action="follow_through.viewed").latest("sequence")
        assert len(entry.detail["participants"]) == max(shown)
        links = [f"?all={name}#{name}" in page.content.decode() for name in ("stuck", "passed")]
        assert links == [number < count for number in shown]


QUERIES_PAGE = 30


def test_follow_through_export_asks_why_and_holds_no_participant(
    client, stuck, river_agency, river_specialist
):
    river_agency.name = "=Bridge Housing"
    river_agency.save()
    client.force_login(river_specialist)
    refused = client.post(EXPORT, {"why": " "})
    assert "Say why you export these figures." in text_of(refused)
    assert not AuditEntry.objects.filter(action="follow_through.exported").exists()
    answer = client.post(f"{EXPORT}?period=year", {"why": "Board meeting"})
    assert answer["Content-Disposition"] == 'attachment; filename="follow-through.csv"'
    text = answer.content.decode("utf-8-sig")
    assert not any(word in readable(text) for word in ("Heron", "Secretname", "ID"))
    heading, *rows = csv.reader(text.splitlines())
    today = today_in().isoformat()
    assert heading == ["Figure", "Of", "Date", "Number"]
    assert rows[:8] == [
        ["Open steps: not due yet", "'=Bridge Housing", today, "0"],
        ["Open steps: 1–30 days over", "'=Bridge Housing", today, "0"],
        ["Open steps: 31–90 days over", "'=Bridge Housing", today, "1"],
        ["Open steps: more than 90 days over", "'=Bridge Housing", today, "0"],
        ["Open steps: critical and overdue", "'=Bridge Housing", today, "1"],
        ["Steps done in the period", "'=Bridge Housing", today, "0"],
        ["Steps not done in the period: nobody got to it", "'=Bridge Housing", today, "0"],
        ["Steps ended in the period: circumstances changed", "'=Bridge Housing", today, "0"],
    ]
    last_call = (today_in() - timedelta(days=30)).isoformat()
    assert ["Steps due at the call", "Region 2", last_call, "0"] in rows
    assert rows[-2:] == [
        ["Households with the same barrier three times", "All", today, "1"],
        ["Target dates passed without a new one", "All", today, "1"],
    ]
    entry = AuditEntry.objects.get(action="follow_through.exported")
    assert (entry.why, entry.detail["until"]) == ("Board meeting", today)
