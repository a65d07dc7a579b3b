"""On which days a continuum's offices are open: its working days.

Weekends and federal holidays (`regions.federal`) are closed for everybody; beside them each
continuum keeps closed days of its own (`regions.closed_days`).
"""

import datetime
import json
from dataclasses import dataclass
from functools import lru_cache

from regions.closed_days import ClosedDay, ClosedDayData, closed_day, own_dates
from regions.federal import federal_holidays

DAY = datetime.timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Offices:
    """When a continuum's offices are open; without closed days of its own, as federal ones."""

    closed_days: tuple[ClosedDay, ...] = ()

    def closed_name(self, on: datetime.date) -> str | None:
        """The name of the holiday or closed day on a date, or None on any other day."""
        federal = federal_holidays(on.year).get(on)
        return federal or own_dates(self.closed_days, on.year).get(on)

    def closed_words(self, on: datetime.date) -> str:
        """Why offices are closed on a date: "a federal holiday: Labor Day"; empty if they are not.

        A weekend is no reason here.
        """
        name = self.closed_name(on)
        if name is None:
            return ""
        is_federal = on in federal_holidays(on.year)
        return f"{'a federal holiday' if is_federal else 'a closed day'}: {name}"

    def is_working_day(self, on: datetime.date) -> bool:
        """Whether offices are open: neither a weekend nor a holiday nor a closed day."""
        return on.weekday() < SATURDAY and self.closed_name(on) is None

    def last_working_day(self, on: datetime.date) -> datetime.date:
        """The date itself when it is a working day, else the last working day before it."""
        while not self.is_working_day(on):
            on -= DAY
        return on

    def working_day_before(self, on: datetime.date) -> datetime.date:
        """The last working day before a date."""
        return self.last_working_day(on - DAY)

    def working_day_after(self, on: datetime.date) -> datetime.date:
        """The first working day after a date."""
        on += DAY
        while not self.is_working_day(on):
            on += DAY
        return on


FEDERAL = Offices()


def offices_of(closed_days: list[ClosedDayData]) -> Offices:
    """The offices of a continuum, by its closed days as they are kept."""
    return _offices(json.dumps(closed_days, sort_keys=True)) if closed_days else FEDERAL


@lru_cache(maxsize=512)
def _offices(text: str) -> Offices:
    return Offices(tuple(closed_day(each) for each in json.loads(text)))
