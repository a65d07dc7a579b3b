"""The year's plan: made, made again, changed by rules and by people."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from conferencing.models import Meeting
from conferencing.planning import Act
from conferencing.services.meetings import plan_due_years, plan_year
from conferencing.tests.factories import make_meeting, make_role, make_roster
from participants.tests.factories import make_participant
from regions.tests.factories import make_region, make_rule

CHICAGO = ZoneInfo("America/Chicago")
NEW_YEAR = datetime(2026, 1, 1, 6, tzinfo=UTC)


@pytest.fixture
def river_rules(river, region_1, region_2):
    """Monthly per region; CoC-wide on the 4th Friday of January, April, July, October."""
    region_3 = make_region(river, name="Region 3", position=3, counties=("Nicollet",))
    make_rule(river, region_1, week=2, weekday=1, starts=time(9, 0))
    make_rule(river, region_2, week=2, weekday=3, starts=time(10, 0))
    make_rule(river, region_3, week=3, weekday=2, starts=time(13, 30))
    make_rule(river, None, week=4, weekday=4, starts=time(10, 0), months=[1, 4, 7, 10], minutes=90)
    return river


def acts(changes):
    return [change.act for change in changes]


def local_calls(continuum, region, year):
    rows = Meeting.objects.filter(continuum=continuum, region=region, slot__startswith=f"{year}-")
    zone = ZoneInfo(continuum.zone)
    return [f"{row.starts_at.astimezone(zone):%m-%d %H:%M}" for row in rows]


def test_plan_year_makes_what_river_valleys_procedure_says(river_rules, region_2):
    made = plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    assert acts(made) == [Act.MADE] * 28
    assert local_calls(river_rules, None, 2026) == [
        "01-23 10:00",
        "04-24 10:00",
        "07-24 10:00",
        "10-23 10:00",
    ]
    assert local_calls(river_rules, region_2, 2026) == [
        "02-12 10:00",
        "03-12 10:00",
        "05-14 10:00",
        "06-11 10:00",
        "08-13 10:00",
        "09-10 10:00",
        "11-12 10:00",
        "12-10 10:00",
    ]


def test_plan_year_again_makes_nothing_twice(river_rules):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    before = list(Meeting.objects.order_by("pk").values())
    again = plan_year(river_rules, 2026, actor=None, now=NEW_YEAR + timedelta(days=100))
    assert acts(again) == [Act.UNCHANGED] * 28
    assert list(Meeting.objects.order_by("pk").values()) == before


def test_plan_year_makes_past_calls_of_a_year_that_has_none(river_rules):
    """The example's last year is planned whole; a real continuum starts from today."""
    now = NEW_YEAR + timedelta(days=200)
    assert len(plan_year(river_rules, 2025, actor=None, now=now)) == 28
    made = plan_year(river_rules, 2026, actor=None, now=now, with_past=False)
    assert all(change.meeting.starts_at > now for change in made)


def test_plan_due_years_plans_next_year_from_october_on(river_rules):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    plan_due_years(datetime(2026, 9, 30, 23, 0, tzinfo=CHICAGO))
    assert Meeting.objects.filter(slot__startswith="2027").count() == 0
    plan_due_years(datetime(2026, 10, 1, 0, 1, tzinfo=CHICAGO))
    assert Meeting.objects.filter(slot__startswith="2027").count() == 28


def test_plan_year_moves_untouched_calls_to_a_changed_rule(river_rules, region_2):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    keys = dict(Meeting.objects.filter(region=region_2).values_list("slot", "pk"))
    region_2.calling_rule.starts = time(14, 0)
    region_2.calling_rule.save()
    now = datetime(2026, 6, 1, tzinfo=UTC)
    changes = plan_year(river_rules, 2026, actor=None, now=now)
    moved = [change.meeting for change in changes if change.act == Act.MOVED]
    assert [(row.slot, row.pk, row.sequence) for row in moved] == [
        (slot, keys[slot], 1) for slot in ("2026-06", "2026-08", "2026-09", "2026-11", "2026-12")
    ]
    assert local_calls(river_rules, region_2, 2026)[2:5] == [
        "05-14 10:00",
        "06-11 14:00",
        "08-13 14:00",
    ]


def test_plan_year_removes_what_is_replaced_unless_something_hangs_on_it(
    river, region_2, river_agency, river_provider
):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    by_slot = {row.slot: row for row in Meeting.objects.all()}
    make_roster(by_slot["2026-04"], make_participant(river_agency, region_2))
    place = river_provider.places.get()
    make_role(by_slot["2026-07"], river_agency, person=place)
    make_rule(river, None, week=4, weekday=4, months=[1, 4, 7, 10])
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    left = Meeting.objects.filter(region=region_2, slot__in=["2026-01", "2026-04", "2026-07"])
    assert {row.slot: (row.state, row.cancellation_reason) for row in left} == {
        "2026-04": ("planned", ""),
        "2026-07": ("cancelled", "The calling rule no longer plans this call."),
    }


def test_plan_year_leaves_meetings_of_other_continuums_alone(river_rules, three, three_region):
    other = make_meeting(three, three_region, slot="2026-02")
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    assert list(Meeting.objects.filter(continuum=three)) == [other]
