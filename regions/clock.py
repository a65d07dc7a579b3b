"""Days and times as the continuum's people read them on the wall."""

from zoneinfo import ZoneInfo


def local_day(now, zone):
    """The date it is at the aware moment `now` in the IANA zone `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()
