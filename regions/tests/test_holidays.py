from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.holidays import (
    DAY,
    federal_holidays,
    holiday_name,
    is_working_day,
    last_working_day,
    working_day_after,
    working_day_before,
)

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
        assert holiday_name(on) is None
        assert is_working_day(on)


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
    assert is_working_day(on) is is_working


def test_last_working_day_and_the_one_before_go_over_weekend_and_holiday():
    assert last_working_day(date(2026, 7, 2)) == date(2026, 7, 2)
    assert last_working_day(date(2026, 7, 5)) == date(2026, 7, 2)
    assert working_day_before(date(2026, 7, 6)) == date(2026, 7, 2)
    assert working_day_before(date(2028, 1, 3)) == date(2027, 12, 30)


@given(st.dates(date(2000, 1, 10), date(2080, 12, 31)))
def test_last_working_day_is_the_nearest_one_not_after(on):
    found = last_working_day(on)
    assert is_working_day(found)
    assert found <= on
    while found < on:
        found += DAY
        assert not is_working_day(found)


def test_working_day_after_goes_over_weekend_and_holiday():
    assert working_day_after(date(2026, 5, 13)) == date(2026, 5, 14)
    assert working_day_after(date(2026, 5, 15)) == date(2026, 5, 18)
    assert working_day_after(date(2026, 11, 25)) == date(2026, 11, 27)
    assert working_day_after(date(2027, 12, 30)) == date(2028, 1, 3)
