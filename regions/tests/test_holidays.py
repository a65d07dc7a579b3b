from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from regions.closed_days import ClosedDay, Kind, check_closed_days
from regions.federal import FEDERAL_NAMES, federal_date, federal_holidays
from regions.holidays import DAY, Offices, offices_of

OFFICES = Offices()

# 5 U.S.C. 6103(a); the days in lieu of a weekend's holiday by 6103(b) and Executive Order 11582.
FEDERAL = {
    2026: {
        (1, 1): "New Year's Day",
        (1, 19): "Martin Luther King Jr. Day",
        (2, 16): "Washington's Birthday",
        (5, 25): "Memorial Day",
        (6, 19): "Juneteenth National Independence Day",
        (7, 3): "Independence Day (observed)",
        (7, 4): "Independence Day",
        (9, 7): "Labor Day",
        (10, 12): "Columbus Day",
        (11, 11): "Veterans Day",
        (11, 26): "Thanksgiving Day",
        (12, 25): "Christmas Day",
    },
    2027: {
        (1, 1): "New Year's Day",
        (1, 18): "Martin Luther King Jr. Day",
        (2, 15): "Washington's Birthday",
        (5, 31): "Memorial Day",
        (6, 18): "Juneteenth National Independence Day (observed)",
        (6, 19): "Juneteenth National Independence Day",
        (7, 4): "Independence Day",
        (7, 5): "Independence Day (observed)",
        (9, 6): "Labor Day",
        (10, 11): "Columbus Day",
        (11, 11): "Veterans Day",
        (11, 25): "Thanksgiving Day",
        (12, 24): "Christmas Day (observed)",
        (12, 25): "Christmas Day",
        (12, 31): "New Year's Day (observed)",
    },
    2028: {
        (1, 1): "New Year's Day",
        (1, 17): "Martin Luther King Jr. Day",
        (2, 21): "Washington's Birthday",
        (5, 29): "Memorial Day",
        (6, 19): "Juneteenth National Independence Day",
        (7, 4): "Independence Day",
        (9, 4): "Labor Day",
        (10, 9): "Columbus Day",
        (11, 10): "Veterans Day (observed)",
        (11, 11): "Veterans Day",
        (11, 23): "Thanksgiving Day",
        (12, 25): "Christmas Day",
    },
}


@pytest.mark.parametrize("year", FEDERAL)
def test_federal_holidays_are_the_federal_set_and_nothing_else(year):
    assert dict(federal_holidays(year)) == {
        date(year, *day): name for day, name in FEDERAL[year].items()
    }


def test_federal_holidays_leave_out_state_days_and_executive_closings():
    for on in (
        date(2025, 1, 9),  # national day of mourning
        date(2025, 12, 24),  # closed by executive order
        date(2025, 12, 26),
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 20),  # Patriots' Day, Massachusetts
        date(2026, 11, 27),  # the day after Thanksgiving
    ):
        assert OFFICES.closed_name(on) is None
        assert OFFICES.is_working_day(on)


def test_federal_holidays_of_a_year_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError):
        federal_holidays(2026)[date(2026, 3, 3)] = "Mine"


@pytest.mark.parametrize(
    ("on", "is_working"),
    [
        (date(2026, 7, 2), True),
        (date(2026, 7, 3), False),  # Friday, observed
        (date(2026, 7, 4), False),
        (date(2026, 7, 5), False),
        (date(2026, 7, 6), True),
        (date(2027, 12, 30), True),
        (date(2027, 12, 31), False),  # New Year's Day 2028 observed
        (date(2028, 2, 29), True),
    ],
)
def test_is_working_day_knows_weekends_and_observed_days(on, is_working):
    assert OFFICES.is_working_day(on) is is_working


def test_last_working_day_and_the_one_before_go_over_weekend_and_holiday():
    assert OFFICES.last_working_day(date(2026, 7, 2)) == date(2026, 7, 2)
    assert OFFICES.last_working_day(date(2026, 7, 5)) == date(2026, 7, 2)
    assert OFFICES.working_day_before(date(2026, 7, 6)) == date(2026, 7, 2)
    assert OFFICES.working_day_before(date(2028, 1, 3)) == date(2027, 12, 30)


@given(st.dates(date(2000, 1, 10), date(2080, 12, 31)))
def test_last_working_day_is_the_nearest_one_not_after(on):
    found = OFFICES.last_working_day(on)
    assert OFFICES.is_working_day(found)
    assert found <= on
    while found < on:
        found += DAY
        assert not OFFICES.is_working_day(found)


def test_working_day_after_goes_over_weekend_and_holiday():
    assert OFFICES.working_day_after(date(2026, 5, 13)) == date(2026, 5, 14)
    assert OFFICES.working_day_after(date(2026, 5, 15)) == date(2026, 5, 18)
    assert OFFICES.working_day_after(date(2026, 11, 25)) == date(2026, 11, 27)
    assert OFFICES.working_day_after(date(2027, 12, 30)) == date(2028, 1, 3)


def closed(name, kind, **values):
    return ClosedDay(name, kind, **values)


@pytest.mark.parametrize(
    ("day", "year", "dates"),
    [
        (closed("A", Kind.HOLIDAY, holiday="Thanksgiving Day", offset=1), 2026, [(11, 27)]),
        (closed("A", Kind.HOLIDAY, holiday="New Year's Day", offset=-1), 2026, [(12, 31)]),
        # Independence Day itself, though it is observed on the Friday before.
        (closed("A", Kind.HOLIDAY, holiday="Independence Day", offset=1), 2026, [(7, 5)]),
        (closed("A", Kind.WEEKDAY, week=3, weekday=0, month=4), 2027, [(4, 19)]),
        (closed("A", Kind.WEEKDAY, week=-1, weekday=4, month=2), 2028, [(2, 25)]),
        (closed("A", Kind.WEEKDAY, week=4, weekday=3, month=11, offset=1), 2027, [(11, 26)]),
        (closed("A", Kind.YEARLY, month=12, day=24), 2026, [(12, 24)]),
        (closed("A", Kind.YEARLY, month=2, day=29), 2028, [(2, 29)]),
        (closed("A", Kind.YEARLY, month=2, day=29), 2027, []),
        (closed("A", Kind.ONCE, on=date(2026, 12, 31), until=date(2027, 1, 2)), 2026, [(12, 31)]),
        (closed("A", Kind.ONCE, on=date(2026, 5, 5)), 2027, []),
    ],
)
def test_closed_day_gives_its_dates_of_a_year(day, year, dates):
    assert day.dates(year) == [date(year, *each) for each in dates]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " ", "kind": "once", "on": date(2026, 5, 5)}, "name"),
        ({"name": "A", "kind": "sometimes"}, "kind"),
        ({"name": "A", "kind": "once"}, "on"),
        ({"name": "A", "kind": "once", "on": date(2026, 5, 5), "until": date(2026, 5, 4)}, "until"),
        ({"name": "A", "kind": "once", "on": date(2026, 5, 5), "until": date(2026, 6, 5)}, "until"),
        ({"name": "A", "kind": "yearly", "month": 4, "day": 31}, "day"),
        ({"name": "A", "kind": "yearly"}, "day"),
        ({"name": "A", "kind": "weekday", "week": 5, "weekday": 0, "month": 4}, "week"),
        ({"name": "A", "kind": "weekday", "week": 1, "weekday": 7, "month": 4}, "weekday"),
        ({"name": "A", "kind": "holiday", "holiday": "Easter"}, "holiday"),
        ({"name": "A", "kind": "holiday", "holiday": "Labor Day", "offset": 8}, "offset"),
    ],
)
def test_closed_day_refuses_what_names_no_day(values, field):
    with pytest.raises(ValidationError) as refused:
        ClosedDay(**values)
    assert set(refused.value.message_dict) == {field}


def test_offices_close_on_federal_holidays_and_their_own_days():
    kept = [
        closed("Patriots’ Day", Kind.WEEKDAY, week=3, weekday=0, month=4).as_data(),
        closed("Winter", Kind.ONCE, on=date(2026, 12, 28), until=date(2026, 12, 31)).as_data(),
    ]
    offices = offices_of(kept)
    assert offices.closed_words(date(2026, 4, 20)) == "a closed day: Patriots’ Day"
    assert offices.closed_words(date(2026, 12, 25)) == "a federal holiday: Christmas Day"
    assert offices.closed_words(date(2026, 4, 21)) == ""
    assert OFFICES.is_working_day(date(2026, 4, 20))
    assert not offices.is_working_day(date(2026, 4, 20))
    assert offices.last_working_day(date(2026, 12, 31)) == date(2026, 12, 24)
    assert offices.working_day_after(date(2026, 12, 24)) == date(2027, 1, 4)


@given(st.sampled_from(FEDERAL_NAMES), st.integers(1990, 2090))
def test_federal_date_is_the_day_itself(name, year):
    on = federal_date(name, year)
    assert on is None or (on.year == year and federal_holidays(year)[on] == name)
    # Juneteenth became a federal holiday in 2021.
    assert (on is None) == (name.startswith("Juneteenth") and year < 2021)


@pytest.mark.parametrize(
    "data", [{}, [1], [{"name": "A"}], [{"name": "A", "kind": "once", "x": 1}]]
)
def test_check_closed_days_refuses_what_is_no_list_of_them(data):
    with pytest.raises(ValidationError):
        check_closed_days(data)


def test_check_closed_days_refuses_one_kept_twice_and_too_many():
    one = closed("A", Kind.YEARLY, month=12, day=24).as_data()
    check_closed_days([one])
    with pytest.raises(ValidationError, match="kept already"):
        check_closed_days([one, one])
    many = [closed(f"Day {n}", Kind.YEARLY, month=12, day=24).as_data() for n in range(41)]
    with pytest.raises(ValidationError, match="At most 40"):
        check_closed_days(many)
