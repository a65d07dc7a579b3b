"""What cells mean: a day is read back from every shape it is written in, a mark is no value."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants.spreadsheets.values import (
    EXCEL_EPOCH,
    Doubt,
    day,
    hmis_id,
    in_order,
    is_nothing,
    key,
    number,
    yes_no,
)

TODAY = date(2026, 4, 30)
SHAPES = {
    "ISO": lambda on: on.isoformat(),
    "ISO with time": lambda on: f"{on.isoformat()} 00:00:00",
    "ISO of a web": lambda on: f"{on.isoformat()}T13:45:10Z",
    "US": lambda on: f"{on.month}/{on.day}/{on.year}",
    "US with zeros": lambda on: f"{on:%m/%d/%Y}",
    "US with time": lambda on: f"{on.month}/{on.day}/{on.year} 2:15 PM",
    "US, hyphens": lambda on: f"{on.month}-{on.day}-{on.year}",
    "US, points": lambda on: f"{on.month}.{on.day}.{on.year}",
    "US, spaces": lambda on: f"{on.month} / {on.day} / {on.year}",
    "compact": lambda on: f"{on:%Y%m%d}",
    "month in words": lambda on: f"{on:%B} {on.day}, {on.year}",
    "month, short": lambda on: f"{on:%b} {on.day} {on.year}",
    "month, a point": lambda on: f"{on:%b}. {on.day}, {on.year}",
    "day first": lambda on: f"{on.day}-{on:%b}-{on.year}",
    "day first, words": lambda on: f"{on.day} {on:%B} {on.year}",
    "weekday": lambda on: f"{on:%A}, {on:%B} {on.day}, {on.year}",
    "serial": lambda on: str((on - EXCEL_EPOCH).days),
    "serial with time": lambda on: f"{(on - EXCEL_EPOCH).days}.75",
}
SHORT = {
    "US": lambda on: f"{on.month}/{on.day}/{on:%y}",
    "apostrophe": lambda on: f"{on.month}/{on.day}/'{on:%y}",
    "day first": lambda on: f"{on.day}-{on:%b}-{on:%y}",
}


@pytest.mark.parametrize("shape", SHAPES)
@given(on=st.dates(date(1950, 1, 1), TODAY))
def test_a_day_is_read_in_each_shape(shape, on):
    assert day(SHAPES[shape](on), TODAY) == on


@pytest.mark.parametrize("shape", SHORT)
@given(on=st.dates(TODAY - timedelta(days=99 * 365), TODAY))
def test_a_year_of_two_digits_is_the_last_such_year(shape, on):
    assert day(SHORT[shape](on), TODAY, is_birth=True) == on


@pytest.mark.parametrize(
    "cell", ["5/2026", "13/13/2020", "2/30/2020", "soon", "12", "4/3", "around May", "1/1/0001"]
)
def test_what_is_no_day_is_doubtful(cell):
    with pytest.raises(Doubt):
        day(cell, TODAY)


def test_a_day_to_come_is_doubtful():
    with pytest.raises(Doubt, match="still to come"):
        day("5/1/2026", TODAY)


@pytest.mark.parametrize(
    "cell", ["", "?", "n/a", "N/A", "-", "Unknown", "Client doesn't know", "TBD", "Refused"]
)
def test_a_mark_for_nothing_says_nothing(cell):
    assert is_nothing(cell)
    assert (day(cell, TODAY), number(cell, 9), yes_no(cell), key(cell)) == (None,) * 4


@pytest.mark.parametrize(
    ("cell", "said"),
    [("Y", True), ("yes", True), ("Yes - HoH", True), ("x", True), ("1", True), ("✓", True),
     ("Veteran", True), ("N", False), ("no", False), ("0", False), ("None", False),
     ("Non-veteran", False), ("Not a veteran", False)],
)  # fmt: skip
def test_yes_and_no(cell, said):
    assert yes_no(cell, ("veteran",)) is said


@pytest.mark.parametrize("cell", ["maybe", "2", "see notes"])
def test_neither_yes_nor_no_is_doubtful(cell):
    with pytest.raises(Doubt):
        yes_no(cell)


@pytest.mark.parametrize(
    ("cell", "said"), [("2", 2), ("2.0", 2), ("3 kids", 3), ("1 adult", 1), ("none", 0)]
)
def test_numbers(cell, said):
    assert number(cell, 50) == said


@pytest.mark.parametrize("cell", ["2 + baby", "51", "-1", "1.5", "two", "3?"])
def test_what_is_not_one_number_is_doubtful(cell):
    with pytest.raises(Doubt):
        number(cell, 50)


@pytest.mark.parametrize("cell", ["1.23457E+15", "4.2e+10"])
def test_an_id_that_a_spreadsheet_shortened_is_doubtful(cell):
    for read in (key, hmis_id):
        with pytest.raises(Doubt):
            read(cell)


@pytest.mark.parametrize(
    ("name", "said"),
    [("Last, First", "First Last"), ("First Last", "First Last"), ("Last,First M", "First M Last"),
     ("Diaz Ruiz, Ana", "Ana Diaz Ruiz"), ("Sam Smith, Jr.", "Sam Smith Jr."),
     ("Smith, Sam, Jr", "Sam Smith Jr"), ("Smith,", "Smith")],
)  # fmt: skip
def test_names_in_order(name, said):
    assert in_order(name) == said
