"""Days and times as the continuum's people read them on the wall."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo


def local_day(now: datetime, zone: str) -> date:
    """The date it is at the aware moment `now` in the IANA zone `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Moment:
    """A moment, and the date that it is then where the people live."""

    now: datetime
    on: date

    @classmethod
    def of(cls, now: datetime, zone: str) -> Self:
        return cls(now, local_day(now, zone))


def local_midnight(day: date, zone: str) -> datetime:
    """The aware moment at which the date `day` begins in the IANA zone `zone`."""
    return datetime.combine(day, time.min, ZoneInfo(zone))
