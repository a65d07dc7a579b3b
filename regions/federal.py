"""US federal holidays, the same for every continuum.

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

# A year in which no observed day falls into another one's place: each holiday once, by name.
USUAL_YEAR = 2026


@cache
def federal_holidays(year: int) -> Mapping[datetime.date, str]:
    """The federal holidays that fall or are observed in a year, by date, with their names.

    31 December is among them when the next New Year's Day is a Saturday.
    """
    return MappingProxyType(dict(sorted(_found(year, observed=True).items())))


@cache
def federal_date(name: str, year: int) -> datetime.date | None:
    """The day itself of a federal holiday in a year, whenever observed; None if it was none yet."""
    found = _found(year, observed=False)
    return next((on for on, each in found.items() if each == name), None)


def _found(year: int, *, observed: bool) -> holidays.HolidayBase:
    return holidays.country_holidays(
        "US", years=year, expand=False, observed=observed, language="en_US", categories=("public",)
    )


FEDERAL_NAMES = tuple(dict(sorted(_found(USUAL_YEAR, observed=False).items())).values())
