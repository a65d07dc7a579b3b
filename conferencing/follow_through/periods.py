"""The periods that figures are told for, in the continuum's own days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from regions.clock import local_midnight

QUARTER, HALF_YEAR, YEAR = "quarter", "half_year", "year"
CHOICES = [(QUARTER, "This quarter"), (HALF_YEAR, "Last 6 months"), (YEAR, "Last 12 months")]


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both days included, in the IANA zone `zone`."""

    since: date
    until: date
    zone: str

    @property
    def begins_at(self) -> datetime:
        return local_midnight(self.since, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return local_midnight(self.until + timedelta(days=1), self.zone)

    @property
    def months(self) -> list[date]:
        """The first day of each month that it touches, the earliest first."""
        first = self.since.replace(day=1)
        count = (self.until.year - first.year) * 12 + self.until.month - first.month + 1
        return [first + relativedelta(months=number) for number in range(count)]


def period_named(name: str | None, *, on: date, zone: str) -> Period:
    """The `Period` up to the date `on`: the calendar's quarter, or so many months with this one."""
    first = on.replace(day=1)
    match name:
        case "quarter":
            since = first.replace(month=(on.month - 1) // 3 * 3 + 1)
        case "year":
            since = first - relativedelta(months=11)
        case _:
            since = first - relativedelta(months=5)
    return Period(since, on, zone)
