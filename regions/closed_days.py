"""The days on which a continuum's own offices are closed: single ones, and those that come back.

Pure computation. A continuum keeps them as plain data in `Continuum.closed_days`, so that every
row of a call knows them without another query. Federal holidays are no part of it: they are
closed for every continuum (`regions.holidays`).
"""

import calendar
import datetime
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import TypedDict, cast

from dateutil.rrule import FR, MO, SA, SU, TH, TU, WE, YEARLY, rrule
from django.core.exceptions import ValidationError

from regions.federal import FEDERAL_NAMES, federal_date
from regions.words import long_day_words

DAY = datetime.timedelta(days=1)
WEEKDAYS = (MO, TU, WE, TH, FR, SA, SU)
WEEKDAY_NAMES = tuple(calendar.day_name)
WEEK_NAMES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", -1: "last"}
# So many can be kept, each so long: a closed day is an exception.
MOST = 40
LONGEST = 31
YEARS = range(2000, 2100)
FARTHEST = 7


class Kind(StrEnum):
    """How a closed day is told: once, on a date each year, by its week, or by a federal holiday."""

    ONCE = "once"
    YEARLY = "yearly"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"


class ClosedDayData(TypedDict, total=False):
    """A closed day as it is kept: what counts for its kind; dates in ISO 8601."""

    name: str
    kind: str
    on: str
    until: str
    month: int
    day: int
    week: int
    weekday: int
    offset: int
    holiday: str


@dataclass(frozen=True)
class ClosedDay:
    """One closed day, or a rule for one; which fields count depends on its `kind`.

    `on` to `until` for a single one; `month` and `day` for a yearly date; `week`, `weekday` and
    `month` for the likes of the 3rd Monday of April, with `offset` days after it (before, if
    negative); `holiday` and `offset` for the day after a federal holiday.
    ValidationError when it names no day.
    """

    name: str
    kind: str
    on: datetime.date | None = None
    until: datetime.date | None = None
    month: int = 0
    day: int = 0
    week: int = 0
    weekday: int = 0
    offset: int = 0
    holiday: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 80:
            raise ValidationError({"name": "Enter a name of at most 80 letters."})
        if self.kind not in list(Kind):
            raise ValidationError({"kind": "Choose how the day is told."})
        if abs(self.offset) > FARTHEST:
            raise ValidationError({"offset": f"Enter a number from -{FARTHEST} to {FARTHEST}."})
        getattr(self, f"_check_{self.kind}")()

    def _check_once(self) -> None:
        if self.on is None:
            raise ValidationError({"on": "Enter the date."})
        if self.on.year not in YEARS:
            raise ValidationError({"on": "Enter a date of this century."})
        if self.until is not None and not self.on <= self.until < self.on + LONGEST * DAY:
            raise ValidationError(
                {"until": f"Enter a last day on or after the first, at most {LONGEST} days in all."}
            )

    def _check_yearly(self) -> None:
        # A leap year, so that February 29 can be kept; it is closed in leap years alone.
        if (
            not 1 <= self.month <= 12
            or not 1 <= self.day <= calendar.monthrange(2028, self.month)[1]
        ):
            raise ValidationError({"day": "This month has no such day."})

    def _check_weekday(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValidationError({"month": "Choose the month."})
        if self.week not in WEEK_NAMES:
            raise ValidationError({"week": "Choose the week of the month."})
        if self.weekday not in range(7):
            raise ValidationError({"weekday": "Choose the weekday."})

    def _check_holiday(self) -> None:
        if self.holiday not in FEDERAL_NAMES:
            raise ValidationError({"holiday": "Choose the federal holiday."})

    def dates(self, year: int) -> list[datetime.date]:
        """Its dates in a year, in order."""
        if self.kind == Kind.ONCE:
            assert self.on is not None
            length = ((self.until or self.on) - self.on).days + 1
            found = [self.on + number * DAY for number in range(length)]
        else:
            # The day before New Year's Day is told by the holiday of the year after.
            anchors = (self._anchor(each) for each in (year - 1, year, year + 1))
            found = [anchor + self.offset * DAY for anchor in anchors if anchor is not None]
        return [each for each in found if each.year == year]

    def _anchor(self, year: int) -> datetime.date | None:
        if self.kind == Kind.YEARLY:
            is_there = self.day <= calendar.monthrange(year, self.month)[1]
            return datetime.date(year, self.month, self.day) if is_there else None
        if self.kind == Kind.HOLIDAY:
            return federal_date(self.holiday, year)
        start = datetime.datetime(year, 1, 1)
        rule = rrule(
            YEARLY,
            dtstart=start,
            count=1,
            bymonth=self.month,
            byweekday=WEEKDAYS[self.weekday](self.week),
        )
        return rule[0].date()

    @property
    def words(self) -> str:
        """When it is: "the day after Thanksgiving Day", "3rd Monday of April, every year"."""
        if self.kind == Kind.ONCE:
            assert self.on is not None
            first = long_day_words(self.on)
            return f"{first} to {long_day_words(self.until)}" if self.until else first
        if self.kind == Kind.YEARLY:
            return f"Every {calendar.month_name[self.month]} {self.day}"
        if self.kind == Kind.HOLIDAY:
            return _from_words(self.offset, self.holiday) + ", every year"
        anchor = (
            f"{WEEK_NAMES[self.week]} {WEEKDAY_NAMES[self.weekday]} of "
            f"{calendar.month_name[self.month]}"
        )
        words = _from_words(self.offset, f"the {anchor}") if self.offset else anchor
        return f"{words[:1].upper()}{words[1:]}, every year"

    def as_data(self) -> ClosedDayData:
        """As it is kept: what counts for its kind, dates as text."""
        found: dict[str, object] = {}
        for key, value in asdict(self).items():
            if value not in (None, "", 0) or key in ("name", "kind"):
                found[key] = value.isoformat() if isinstance(value, datetime.date) else value
        return cast(ClosedDayData, found)


def closed_day(data: object) -> ClosedDay:
    """Return the closed day kept as `data`; ValidationError when it is none."""
    names = {each.name for each in fields(ClosedDay)}
    if not isinstance(data, dict) or not {"name", "kind"} <= set(data) <= names:
        raise ValidationError("This is no closed day.")
    values = dict(data)
    try:
        for key in ("on", "until"):
            if values.get(key):
                values[key] = datetime.date.fromisoformat(values[key])
        return ClosedDay(**values)
    except (TypeError, ValueError) as error:
        raise ValidationError("This is no closed day.") from error


def check_closed_days(data: object) -> None:
    """Raise ValidationError unless `data` is a list of closed days, each kept once."""
    if not isinstance(data, list):
        raise ValidationError("This is no list of closed days.")
    found = [closed_day(each) for each in data]
    if len(set(found)) != len(found):
        raise ValidationError("This closed day is kept already.")
    if len(found) > MOST:
        raise ValidationError(f"At most {MOST} closed days can be kept. Remove old ones first.")


@cache
def own_dates(closed_days: tuple[ClosedDay, ...], year: int) -> dict[datetime.date, str]:
    """The dates of a year on which these are closed, with their names."""
    found: dict[datetime.date, str] = {}
    for each in closed_days:
        for on in each.dates(year):
            found.setdefault(on, each.name)
    return found


def _from_words(offset: int, anchor: str) -> str:
    if offset == 0:
        return f"On {anchor}"
    side = "after" if offset > 0 else "before"
    if abs(offset) == 1:
        return f"The day {side} {anchor}"
    return f"{abs(offset)} days {side} {anchor}"
