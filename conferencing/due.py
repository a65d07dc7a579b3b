"""When a meeting's list is due, when the CE Specialist is warned before, and when it is late;
when people are reminded of their steps, or of a list that they did not open, and who is told when
of steps that nobody reported.

"At least two days prior to the case conferencing call the CE Specialist will send a list"
(River Valleys, Preparation). Pure computation: `where` is a continuum, of which its zone, its lead
and its offices' working days are asked. Times returned are UTC.
"""

import datetime
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from regions.calling import local_instant
from regions.models import Continuum

DAY = datetime.timedelta(days=1)
DUE_TIME = datetime.time(8, 0)
EVENING = datetime.time(17, 0)
TWO_DAYS = datetime.timedelta(hours=48)
# What the mails may take to be there: so much before the two days begin, the list goes out.
ON_ITS_WAY = datetime.timedelta(minutes=30)
# A list goes out by itself only when its time stood for so long before.
NOTICE = datetime.timedelta(hours=1)
WEEK = datetime.timedelta(days=7)


@dataclass(frozen=True)
class ListTimes:
    """The three times of a call's list: the specialist is warned, it goes out, it is late."""

    warned_at: datetime.datetime
    due_at: datetime.datetime
    late_at: datetime.datetime


class Planned(Protocol):
    """A call, as the times of its list ask of it."""

    @property
    def continuum(self) -> Continuum: ...
    @property
    def starts_at(self) -> datetime.datetime: ...


def list_times(meeting: Planned) -> ListTimes:
    """When the list of a call is warned of, due and late.

    Whoever needs one of these times asks here: rows, pages, previews, mails and the tick.

    It goes out at 08:00 local on the last working day that is at least `lead_days` whole days, and
    never less than 48 hours and the time the mails take, before the call begins: by the clock on
    the wall and by a stopwatch, so that neither an early call nor a clock change shortens them.
    It is late from 48 hours before the call. The CE Specialist is told what is still open one
    working day before it goes out: for a Monday that is the Friday, as a warning of Sunday would
    be read when the list is out.
    """
    where, starts_at = meeting.continuum, meeting.starts_at.astimezone(datetime.UTC)
    local = starts_at.astimezone(ZoneInfo(where.zone))
    lead = max(where.lead_days, 2)
    due_on = local.date() - lead * DAY
    if local.time() < DUE_TIME:
        due_on -= DAY
    due_on = where.offices.last_working_day(due_on)
    while not _is_ahead(local_instant(due_on, DUE_TIME, where.zone), starts_at, lead):
        due_on = where.offices.working_day_before(due_on)
    return ListTimes(
        warned_at=local_instant(where.offices.working_day_before(due_on), DUE_TIME, where.zone),
        due_at=local_instant(due_on, DUE_TIME, where.zone),
        late_at=starts_at - TWO_DAYS,
    )


def _is_ahead(due_at: datetime.datetime, starts_at: datetime.datetime, lead: int) -> bool:
    """Whether a list of `due_at` is there in time, by a stopwatch."""
    return due_at + lead * DAY <= starts_at and due_at + ON_ITS_WAY + TWO_DAYS <= starts_at


def copy_late_at(
    times: ListTimes, now: datetime.datetime, *, is_promised: bool
) -> datetime.datetime:
    """From when a copy that is queued at `now` counts as late.

    `is_promised`: it belongs to the list that had to be out by its time. A correction, and a list
    that the specialist chose to send inside the two days, are late an hour after they are queued:
    not before they could have been sent.
    """
    return times.late_at if is_promised else max(times.late_at, now + NOTICE)


def steps_reminder_at(where: Continuum, meeting_on: datetime.date) -> datetime.datetime:
    """When people are reminded of the steps to report: 08:00 local, a working day before."""
    return local_instant(where.offices.working_day_before(meeting_on), DUE_TIME, where.zone)


def unopened_told_at(where: Continuum, meeting_on: datetime.date) -> datetime.datetime:
    """When people are reminded of a list that they did not open: 17:00 local, the day before."""
    return local_instant(meeting_on - DAY, EVENING, where.zone)


def lead_told_at(where: Continuum, meeting_on: datetime.date) -> datetime.datetime:
    """When an agency's lead is told of steps that nobody reported: two working days after.

    A day before the CE Specialist at the latest, however long the offices are closed.
    """
    offices = where.offices
    told_on = offices.working_day_after(offices.working_day_after(meeting_on))
    told_on = min(told_on, meeting_on + WEEK - DAY)
    return local_instant(told_on, DUE_TIME, where.zone)


def specialist_told_at(where: Continuum, meeting_on: datetime.date) -> datetime.datetime:
    """When the CE Specialist is told of them: seven days after, at 08:00 local."""
    return local_instant(meeting_on + WEEK, DUE_TIME, where.zone)


# A call may be begun so long before its time: people come early.
EARLY = timedelta(minutes=30)
