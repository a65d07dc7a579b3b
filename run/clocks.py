"""The clocks under which the suite is run: moments at which dates have gone wrong before.

`make test` takes one of them by the day's number, `make test-clocks` takes them all.
`conferencing/tests/clock.py` moves the tests' clocks there.
"""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VARIABLE = "TEST_CLOCK"
REAL = "real"
CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"


@dataclass(frozen=True)
class Clock:
    """A moment on the wall of a zone; every test begins at it.

    `fold`: 1 for the second time that an hour is on the wall.
    """

    name: str
    wall: str
    zone: str
    what: str
    fold: int = 0

    @property
    def moment(self) -> datetime:
        wall = datetime.fromisoformat(self.wall).replace(fold=self.fold)
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.name} ({self.wall.replace('T', ' ')} in {self.zone}: {self.what})"


CLOCKS = [
    Clock("jan-31", "2027-01-31T12:00", CHICAGO, "a month's end, a Sunday"),
    Clock("feb-28", "2027-02-28T18:30", NEW_YORK, "a month's end, tomorrow in UTC soon"),
    Clock("leap-day", "2028-02-29T10:00", CHICAGO, "a leap day"),
    Clock("skipped-hour", "2027-03-14T01:59:30", CHICAGO, "the hour after this is skipped"),
    Clock("skipped-hour-east", "2028-03-12T03:00", NEW_YORK, "an hour was just skipped"),
    Clock("mar-31", "2027-03-31T22:30", CHICAGO, "a month's end, tomorrow in UTC"),
    Clock("apr-30", "2027-04-30T08:00", NEW_YORK, "a month's end, when lists are due"),
    Clock("may-31", "2027-05-31T07:00", CHICAGO, "a month's end, Memorial Day"),
    Clock("jun-30", "2028-06-30T16:00", CHICAGO, "a month's end of 2028"),
    Clock("jul-31", "2027-07-31T00:05", NEW_YORK, "a month's end, yesterday further west"),
    Clock("aug-31", "2027-08-31T23:30", CHICAGO, "a month's end, tomorrow in UTC and in the east"),
    Clock("sep-30", "2028-09-30T20:00", NEW_YORK, "a month's end, a Saturday of 2028"),
    Clock("oct-31", "2027-10-31T15:00", CHICAGO, "a month's end, a Sunday"),
    Clock("repeated-hour", "2027-11-07T01:30", CHICAGO, "this hour comes twice"),
    Clock("repeated-hour-east", "2028-11-05T01:30", NEW_YORK, "this hour came twice", fold=1),
    Clock("nov-30", "2026-11-30T06:00", CHICAGO, "a month's end"),
    Clock("new-year", "2026-12-31T23:55", CHICAGO, "New Year's Eve, the new year in UTC"),
    Clock("new-year-east", "2027-12-31T23:55", NEW_YORK, "New Year's Eve, before a leap year"),
]


def of_day(today: date) -> Clock:
    """The clock whose turn it is: each comes once in as many days as there are clocks."""
    return CLOCKS[today.toordinal() % len(CLOCKS)]


def find(name: str) -> Clock | None:
    """The clock of this name, or at this wall time of Chicago; None for the real time."""
    if name in ("", REAL):
        return None
    for clock in CLOCKS:
        if clock.name == name:
            return clock
    try:
        datetime.fromisoformat(name)
    except ValueError:
        names = ", ".join([REAL, *(clock.name for clock in CLOCKS)])
        raise SystemExit(
            f"{VARIABLE}={name} is no clock. Take one of {names}; or a moment such as "
            "2027-03-14T01:30."
        ) from None
    return Clock(name, name, CHICAGO, "as told")


def chosen() -> Clock | None:
    """The clock that the environment names, None for the real time."""
    return find(os.environ.get(VARIABLE, ""))
