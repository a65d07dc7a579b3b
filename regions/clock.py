"""Days and times as the continuum's people read them on the wall."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def local_day(now: datetime, zone: str) -> date:
    """The date it is at the aware moment `now` in the IANA zone `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()


def local_midnight(day: date, zone: str) -> datetime:
    """The aware moment at which the date `day` begins in the IANA zone `zone`."""
    return datetime.combine(day, time.min, ZoneInfo(zone))
