import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calling import (
    EVERY_MONTH,
    LAST,
    Planned,
    Rule,
    call_on,
    dates,
    describe,
    local_instant,
    nearest_free_day,
    occurrences,
    year_plan,
    zone_name,
)
from regions.holidays import FEDERAL

CENTRAL = "America/Chicago"
EASTERN = "America/New_York"
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def rule(week, weekday, *, months=EVERY_MONTH, starts=time(10), minutes=60, zone=CENTRAL):
    return Rule(week, weekday, frozenset(months), starts, minutes, zone)


COC_WIDE = rule(4, FRI, months={1, 4, 7, 10})


def days(year, *month_days):
    return [date(year, month, day) for month, day in month_days]


# River Valleys: the 4th Friday of January, April, July and October, read off a wall calendar.
@pytest.mark.parametrize(
    "expected",
    [
        days(2026, (1, 23), (4, 24), (7, 24), (10, 23)),
        days(2027, (1, 22), (4, 23), (7, 23), (10, 22)),
        days(2028, (1, 28), (4, 28), (7, 28), (10, 27)),
    ],
    ids=lambda found: str(found[0].year),
)
def test_dates_of_river_valleys_coc_wide_calls(expected):
    assert dates(COC_WIDE, expected[0].year) == expected


# A second Thursday and a last Wednesday (Three County sets its own day), off a wall calendar.
@pytest.mark.parametrize(
    ("of", "year", "month_days"),
    [
        ((2, THU), 2026, [8, 12, 12, 9, 14, 11, 9, 13, 10, 8, 12, 10]),
        ((2, THU), 2027, [14, 11, 11, 8, 13, 10, 8, 12, 9, 14, 11, 9]),
        ((2, THU), 2028, [13, 10, 9, 13, 11, 8, 13, 10, 14, 12, 9, 14]),
        ((LAST, WED), 2026, [28, 25, 25, 29, 27, 24, 29, 26, 30, 28, 25, 30]),
        ((LAST, WED), 2027, [27, 24, 31, 28, 26, 30, 28, 25, 29, 27, 24, 29]),
        ((LAST, WED), 2028, [26, 23, 29, 26, 31, 28, 26, 30, 27, 25, 29, 27]),
        ((LAST, TUE), 2028, [25, 29, 28, 25, 30, 27, 25, 29, 26, 31, 28, 26]),
        ((1, MON), 2028, [3, 7, 6, 3, 1, 5, 3, 7, 4, 2, 6, 4]),
    ],
)
def test_dates_of_every_month(of, year, month_days):
    assert dates(rule(*of), year) == days(year, *enumerate(month_days, start=1))


@given(
    st.integers(2000, 2100),
    st.sampled_from([1, 2, 3, 4, LAST]),
    st.integers(0, 6),
    st.sets(st.integers(1, 12), min_size=1),
)
def test_dates_agree_with_the_month_grid(year, week, weekday, months):
    grid = {
        month: [row[weekday] for row in calendar.monthcalendar(year, month) if row[weekday]]
        for month in months
    }
    expected = [
        date(year, month, grid[month][week if week == LAST else week - 1])
        for month in sorted(months)
    ]
    assert dates(rule(week, weekday, months=months), year) == expected


def test_occurrences_keep_the_local_hour_across_both_clock_changes():
    found = occurrences(rule(2, THU, months={2, 3, 10, 11}), 2026)
    assert [(call.on, f"{call.starts_at:%d %H:%M %Z}", call.ends_at.hour) for call in found] == [
        (date(2026, 2, 12), "12 16:00 UTC", 17),
        (date(2026, 3, 12), "12 15:00 UTC", 16),
        (date(2026, 10, 8), "08 15:00 UTC", 16),
        (date(2026, 11, 12), "12 16:00 UTC", 17),
    ]


def test_occurrences_are_in_the_rules_own_zone():
    (eastern,) = occurrences(rule(2, THU, months={7}, zone=EASTERN), 2026)
    (arizona,) = occurrences(rule(2, THU, months={7}, zone="America/Phoenix"), 2026)
    assert eastern.starts_at == datetime(2026, 7, 9, 14, tzinfo=UTC)
    assert arizona.starts_at == datetime(2026, 7, 9, 17, tzinfo=UTC)


def test_occurrences_at_a_time_that_does_not_exist_are_counted_from_before_the_change():
    # 8 March 2026, 02:00 becomes 03:00.
    (call,) = occurrences(rule(2, SUN, months={3}, starts=time(2, 30)), 2026)
    assert call.on == date(2026, 3, 8)
    assert call.starts_at == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    assert call.starts_at.astimezone(ZoneInfo(CENTRAL)).time() == time(3, 30)


def test_occurrences_at_a_time_that_comes_twice_mean_the_first():
    # 1 November 2026, 02:00 becomes 01:00: 01:30 CDT is 06:30 UTC, 01:30 CST is 07:30 UTC.
    (call,) = occurrences(rule(1, SUN, months={11}, starts=time(1, 30)), 2026)
    assert call.starts_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert call.ends_at - call.starts_at == timedelta(minutes=60)


def test_local_instant_does_not_take_the_second_occurrence_from_a_fold():
    at = time(1, 30, fold=1)
    assert local_instant(date(2026, 11, 1), at, CENTRAL) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@given(
    st.integers(2000, 2100),
    st.integers(1, 4),
    st.integers(0, 6),
    st.times(),
    st.integers(1, 480),
    st.sampled_from([CENTRAL, EASTERN, "America/Phoenix", "Pacific/Honolulu"]),
)
def test_occurrences_are_at_the_local_time_or_moved_out_of_the_gap(
    year, week, weekday, starts, minutes, zone
):
    for call in occurrences(rule(week, weekday, starts=starts, minutes=minutes, zone=zone), year):
        local = call.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        named = datetime.combine(call.on, starts)
        assert local - named in (timedelta(0), timedelta(hours=1))
        assert call.on.weekday() == weekday
        assert call.ends_at - call.starts_at == timedelta(minutes=minutes)


def test_year_plan_of_river_valleys_replaces_regional_calls_in_coc_wide_months():
    plan = year_plan({"r1": rule(2, TUE), "r2": rule(2, THU), "r3": rule(3, WED)}, COC_WIDE, 2026)
    assert [(call.key, call.slot, call.on) for call in plan] == [
        (None, "2026-01", date(2026, 1, 23)),
        ("r1", "2026-02", date(2026, 2, 10)),
        ("r2", "2026-02", date(2026, 2, 12)),
        ("r3", "2026-02", date(2026, 2, 18)),
        ("r1", "2026-03", date(2026, 3, 10)),
        ("r2", "2026-03", date(2026, 3, 12)),
        ("r3", "2026-03", date(2026, 3, 18)),
        (None, "2026-04", date(2026, 4, 24)),
        ("r1", "2026-05", date(2026, 5, 12)),
        ("r2", "2026-05", date(2026, 5, 14)),
        ("r3", "2026-05", date(2026, 5, 20)),
        ("r1", "2026-06", date(2026, 6, 9)),
        ("r2", "2026-06", date(2026, 6, 11)),
        ("r3", "2026-06", date(2026, 6, 17)),
        (None, "2026-07", date(2026, 7, 24)),
        ("r1", "2026-08", date(2026, 8, 11)),
        ("r2", "2026-08", date(2026, 8, 13)),
        ("r3", "2026-08", date(2026, 8, 19)),
        ("r1", "2026-09", date(2026, 9, 8)),
        ("r2", "2026-09", date(2026, 9, 10)),
        ("r3", "2026-09", date(2026, 9, 16)),
        (None, "2026-10", date(2026, 10, 23)),
        ("r1", "2026-11", date(2026, 11, 10)),
        ("r2", "2026-11", date(2026, 11, 12)),
        ("r3", "2026-11", date(2026, 11, 18)),
        ("r1", "2026-12", date(2026, 12, 8)),
        ("r2", "2026-12", date(2026, 12, 10)),
        ("r3", "2026-12", date(2026, 12, 16)),
    ]
    assert {(call.clash, call.proposed_on) for call in plan} == {(None, None)}


def test_year_plan_without_a_coc_wide_rule_has_every_regional_call():
    three_county = year_plan({"one": rule(LAST, WED, zone=EASTERN)}, None, 2028)
    assert [call.on for call in three_county] == dates(rule(LAST, WED), 2028)
    assert [call.slot for call in three_county] == [f"2028-{month:02}" for month in range(1, 13)]
    assert three_county[0] == Planned(
        key="one",
        slot="2028-01",
        on=date(2028, 1, 26),
        starts_at=datetime(2028, 1, 26, 15, tzinfo=UTC),
        ends_at=datetime(2028, 1, 26, 16, tzinfo=UTC),
        clash=None,
        proposed_on=None,
    )


def test_year_plan_without_any_rule_is_empty():
    assert year_plan({}, None, 2026) == []


def clashes(plan):
    return [(call.key, call.on, call.clash, call.proposed_on) for call in plan if call.clash]


def test_year_plan_names_each_holiday_and_the_nearest_day():
    assert clashes(year_plan({"mondays": rule(3, MON)}, None, 2026)) == [
        ("mondays", date(2026, 1, 19), "Martin Luther King Jr. Day", date(2026, 1, 20)),
        ("mondays", date(2026, 2, 16), "Washington's Birthday", date(2026, 2, 17)),
    ]
    assert clashes(year_plan({"fridays": rule(1, FRI)}, None, 2026)) == [
        ("fridays", date(2026, 7, 3), "Independence Day (observed)", date(2026, 7, 2)),
    ]
    assert clashes(year_plan({"fridays": rule(4, FRI)}, None, 2026)) == [
        ("fridays", date(2026, 12, 25), "Christmas Day", date(2026, 12, 24)),
    ]
    assert clashes(year_plan({"fridays": rule(LAST, FRI)}, None, 2027)) == [
        ("fridays", date(2027, 12, 31), "New Year's Day (observed)", date(2027, 12, 30)),
    ]


def test_year_plan_prefers_the_earlier_of_two_days_equally_near():
    assert clashes(year_plan({"thursdays": rule(4, THU)}, None, 2026)) == [
        ("thursdays", date(2026, 11, 26), "Thanksgiving Day", date(2026, 11, 25)),
    ]


def test_year_plan_proposes_within_the_month():
    assert clashes(year_plan({"firsts": rule(1, FRI, months={1})}, None, 2027)) == [
        ("firsts", date(2027, 1, 1), "New Year's Day", date(2027, 1, 4)),
    ]
    assert clashes(year_plan({"lasts": rule(LAST, MON, months={5})}, None, 2027)) == [
        ("lasts", date(2027, 5, 31), "Memorial Day", date(2027, 5, 28)),
    ]


def test_year_plan_proposes_no_day_that_another_call_or_proposal_takes():
    # Veterans Day is a Wednesday; the calls of the days around it are at the same hour.
    beside = {"tue": rule(2, TUE, months={11}), "wed": rule(2, WED, months={11})}
    assert clashes(year_plan(beside, None, 2026)) == [
        ("wed", date(2026, 11, 11), "Veterans Day", date(2026, 11, 12)),
    ]
    # A call that has ended by then leaves the day free.
    beside["tue"] = rule(2, TUE, months={11}, starts=time(9))
    assert clashes(year_plan(beside, None, 2026))[0][3] == date(2026, 11, 10)
    # Two regions that meet the same holiday are proposed different days.
    twins = {"a": rule(2, WED, months={11}), "b": rule(2, WED, months={11})}
    assert clashes(year_plan(twins, None, 2026)) == [
        ("a", date(2026, 11, 11), "Veterans Day", date(2026, 11, 10)),
        ("b", date(2026, 11, 11), "Veterans Day", date(2026, 11, 12)),
    ]


def test_year_plan_shows_a_coc_wide_clash():
    christmas = rule(4, FRI, months={12})
    assert clashes(year_plan({"r": rule(2, THU)}, christmas, 2026)) == [
        (None, date(2026, 12, 25), "Christmas Day", date(2026, 12, 24)),
    ]


def test_nearest_free_day_is_none_when_the_month_is_taken():
    monthly = rule(3, MON)
    on = date(2026, 1, 19)
    taken = [call_on(monthly, date(2026, 1, day)) for day in range(1, 32)]
    assert nearest_free_day(monthly, on, taken) is None
    assert nearest_free_day(monthly, on, taken[:-3]) == date(2026, 1, 29)


RULES = st.builds(
    Rule,
    st.sampled_from([1, 2, 3, 4, LAST]),
    st.integers(0, 6),
    st.frozensets(st.integers(1, 12), min_size=1),
    st.times(min_value=time(7), max_value=time(18)),
    st.integers(15, 480),
    st.sampled_from([CENTRAL, EASTERN]),
)


@given(
    st.dictionaries(st.integers(1, 10), RULES, max_size=4),
    st.none() | RULES,
    st.integers(2000, 2080),
)
def test_year_plan_gives_each_slot_once_and_proposes_only_working_days(regional, coc_wide, year):
    plan = year_plan(regional, coc_wide, year)
    slots = [(call.key, call.slot) for call in plan]
    assert len(slots) == len(set(slots))
    assert [call.starts_at for call in plan] == sorted(call.starts_at for call in plan)
    coc_wide_slots = {call.slot for call in plan if call.key is None}
    for call in plan:
        assert call.slot == f"{call.on:%Y-%m}"
        assert call.key is None or call.slot not in coc_wide_slots
        assert call.clash == FEDERAL.closed_name(call.on)
        if call.proposed_on is not None:
            assert call.clash is not None
            assert FEDERAL.is_working_day(call.proposed_on)
            assert (call.proposed_on.year, call.proposed_on.month) == (call.on.year, call.on.month)
    months_called = set().union(*(each.months for each in regional.values()))
    for month in months_called | (coc_wide.months if coc_wide else set()):
        assert any(call.on.month == month for call in plan)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (rule(2, THU), "2nd Thursday of the month, 10:00 AM for 60 minutes (Central time)"),
        (
            COC_WIDE,
            "4th Friday of January, April, July and October, "
            "10:00 AM for 60 minutes (Central time)",
        ),
        (
            rule(LAST, WED, starts=time(13, 5), minutes=90, zone=EASTERN),
            "Last Wednesday of the month, 1:05 PM for 90 minutes (Eastern time)",
        ),
        (
            rule(1, MON, months={9}, starts=time(12), minutes=1),
            "1st Monday of September, 12:00 PM for 1 minute (Central time)",
        ),
        (
            rule(3, SUN, months={3, 12}, starts=time(0, 30), zone="Europe/Berlin"),
            "3rd Sunday of March and December, 12:30 AM for 60 minutes (Europe/Berlin)",
        ),
    ],
)
def test_describe_says_a_rule_in_words(of, words):
    assert describe(of) == words


def test_zone_name_is_the_american_one_or_the_zones_own():
    assert zone_name("America/Phoenix") == "Arizona time"
    assert zone_name("Asia/Yangon") == "Asia/Yangon"


@pytest.mark.parametrize(
    "wrong",
    [
        {"week": 5},
        {"week": 0},
        {"week": -2},
        {"weekday": 7},
        {"weekday": -1},
        {"months": set()},
        {"months": {0}},
        {"months": {13}},
        {"minutes": 0},
        {"starts": time(10, tzinfo=UTC)},
    ],
)
def test_rule_refuses_what_names_no_call(wrong):
    with pytest.raises(ValueError, match=r"^The (week|weekday|months|start) |^A call "):
        rule(**({"week": 1, "weekday": 0} | wrong))


def test_rule_refuses_an_unknown_zone():
    with pytest.raises(ZoneInfoNotFoundError):
        rule(1, MON, zone="America/Minneapolis")


def test_rule_takes_months_as_a_list_from_the_database():
    assert Rule(4, FRI, [10, 1, 4, 7], time(10), 60, CENTRAL) == COC_WIDE
