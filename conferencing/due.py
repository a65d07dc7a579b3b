"""When a meeting's list is due, when the CE Specialist is warned before, and when it is late;
when people are reminded of their steps, and who is told when of those that nobody reported.

"At least two days prior to the case conferencing call the CE Specialist will send a list"
(River Valleys, Preparation). Pure computation on dates and instants; times returned are UTC.
"""

import datetime

from regions.calling import local_instant
from regions.holidays import last_working_day, working_day_after, working_day_before

DUE_TIME = datetime.time(8, 0)
LATE_BEFORE = datetime.timedelta(hours=48)
GRACE = datetime.timedelta(hours=1)
WEEK = datetime.timedelta(days=7)


def list_due_on(meeting_on: datetime.date, lead_days: int = 2) -> datetime.date:
    """The last working day that is at least `lead_days` calendar days before the meeting.

    Weekends and US federal holidays are no working days. ValueError for a negative lead.
    """
    if lead_days < 0:
        raise ValueError("A list cannot be due after its meeting: the lead is 0 days or more.")
    return last_working_day(meeting_on - datetime.timedelta(days=lead_days))


def list_due_at(meeting_on: datetime.date, zone: str, lead_days: int = 2) -> datetime.datetime:
    """When the list goes out: 08:00 local on the day it is due, as an instant in UTC."""
    return local_instant(list_due_on(meeting_on, lead_days), DUE_TIME, zone)


def warning_at(meeting_on: datetime.date, zone: str, lead_days: int = 2) -> datetime.datetime:
    """When the CE Specialist is told what is still open: 08:00 local one working day before due.

    For a list due on a Monday that is the Friday: a warning on the Sunday would be read when the
    list is already out.
    """
    warned_on = working_day_before(list_due_on(meeting_on, lead_days))
    return local_instant(warned_on, DUE_TIME, zone)


def late_at(
    starts_at: datetime.datetime, due_at: datetime.datetime | None = None
) -> datetime.datetime:
    """From when a list that has not been sent counts as late: 48 hours before the call.

    A list that is only due within those 48 hours (a lead of less than two days, or a call that
    starts before 08:00) is late an hour after it is due: not before it could have been sent.
    Without `due_at` the 48 hours stand alone. Hours pass as on a stopwatch, clock change or not.
    """
    limit = starts_at.astimezone(datetime.UTC) - LATE_BEFORE
    if due_at is not None and due_at > limit:
        return due_at.astimezone(datetime.UTC) + GRACE
    return limit


def steps_reminder_at(meeting_on: datetime.date, zone: str) -> datetime.datetime:
    """When people are reminded of the steps to report: 08:00 local, a working day before."""
    return local_instant(working_day_before(meeting_on), DUE_TIME, zone)


def lead_told_at(meeting_on: datetime.date, zone: str) -> datetime.datetime:
    """When an agency's lead is told of steps that nobody reported: two working days after."""
    told_on = working_day_after(working_day_after(meeting_on))
    return local_instant(told_on, DUE_TIME, zone)


def specialist_told_at(meeting_on: datetime.date, zone: str) -> datetime.datetime:
    """When the CE Specialist is told of them: seven days after, at 08:00 local."""
    return local_instant(meeting_on + WEEK, DUE_TIME, zone)
