"""US federal holidays and working days, the same for every continuum.

The eleven holidays of 5 U.S.C. 6103 with the days on which they are observed (a Saturday's on
the Friday before, a Sunday's on the Monday after), from the `holidays` package's category
"public" without a state. Its "government" category is not asked: it adds single closings by
executive order and leaves out a holiday's own day when that falls on a weekend.
"""

import datetime
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import holidays

DAY = datetime.timedelta(days=1)
SATURDAY = 5


@cache
def federal_holidays(year: int) -> Mapping[datetime.date, str]:
    """The federal holidays that fall or are observed in a year, by date, with their names.

    31 December is among them when the next New Year's Day is a Saturday.
    """
    found = holidays.country_holidays(
        "US", years=year, expand=False, observed=True, language="en_US", categories=("public",)
    )
    return MappingProxyType(dict(sorted(found.items())))


def holiday_name(on: datetime.date) -> str | None:
    """The name of the federal holiday on a date, or None on any other day."""
    return federal_holidays(on.year).get(on)


def is_working_day(on: datetime.date) -> bool:
    """Whether offices are open: neither a weekend nor a federal holiday."""
    return on.weekday() < SATURDAY and holiday_name(on) is None


def last_working_day(on: datetime.date) -> datetime.date:
    """The date itself when it is a working day, else the last working day before it."""
    while not is_working_day(on):
        on -= DAY
    return on


def working_day_before(on: datetime.date) -> datetime.date:
    """The last working day before a date."""
    return last_working_day(on - DAY)


def working_day_after(on: datetime.date) -> datetime.date:
    """The first working day after a date."""
    on += DAY
    while not is_working_day(on):
        on += DAY
    return on
