from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing.due import (
    NOTICE,
    copy_late_at,
    lead_told_at,
    list_times,
    specialist_told_at,
    steps_reminder_at,
)
from conferencing.models import Meeting
from regions.calling import local_instant
from regions.closed_days import ClosedDay, Kind
from regions.federal import FEDERAL_NAMES
from regions.models import Continuum

CENTRAL = "America/Chicago"
EASTERN = "America/New_York"
DAY = timedelta(days=1)
TWO_DAYS = timedelta(hours=48)
ZONES = [CENTRAL, EASTERN, "America/Phoenix", "Pacific/Honolulu", "America/Anchorage"]
DAY_AFTER = ClosedDay("Day after Thanksgiving", Kind.HOLIDAY, holiday="Thanksgiving Day", offset=1)


def where(zone=CENTRAL, lead_days=2, *closed_days):
    """A continuum as the times ask of it; no row."""
    kept = [each.as_data() for each in closed_days]
    return Continuum(zone=zone, lead_days=lead_days, closed_days=kept)


def times_of(place, starts_at):
    return list_times(Meeting(continuum=place, starts_at=starts_at))


def at(on, clock=time(10), zone=CENTRAL):
    return local_instant(on, clock, zone)


def local(moment, zone=CENTRAL):
    return moment.astimezone(ZoneInfo(zone))


def due_on(meeting_on, clock=time(10), place=None):
    place = place or where()
    return local(times_of(place, at(meeting_on, clock, place.zone)).due_at, place.zone).date()


@pytest.mark.parametrize(
    ("meeting_on", "due_on_day"),
    [
        (date(2026, 5, 14), date(2026, 5, 12)),  # Thursday: Tuesday
        (date(2026, 5, 13), date(2026, 5, 11)),  # Wednesday: Monday
        (date(2026, 5, 12), date(2026, 5, 8)),  # Tuesday: not Sunday, Friday
        (date(2026, 5, 11), date(2026, 5, 8)),  # Monday: not Saturday, Friday
        (date(2026, 5, 15), date(2026, 5, 13)),  # Friday: Wednesday
        (date(2026, 5, 16), date(2026, 5, 14)),  # Saturday: Thursday
        (date(2026, 1, 21), date(2026, 1, 16)),  # over Martin Luther King Jr. Day, a Monday
        (date(2026, 7, 6), date(2026, 7, 2)),  # over the observed 4th of July, a Friday
        (date(2026, 11, 13), date(2026, 11, 10)),  # over Veterans Day, a Wednesday
        (date(2026, 11, 27), date(2026, 11, 25)),  # the day after Thanksgiving
        (date(2028, 1, 4), date(2027, 12, 30)),  # over a New Year observed in the old year
        (date(2028, 3, 2), date(2028, 2, 29)),  # leap day
        # River Valleys CoC-wide, 4th Fridays of 2026, 2027 and 2028: the Wednesday before
        (date(2026, 1, 23), date(2026, 1, 21)),
        (date(2026, 4, 24), date(2026, 4, 22)),
        (date(2026, 7, 24), date(2026, 7, 22)),
        (date(2026, 10, 23), date(2026, 10, 21)),
        (date(2027, 1, 22), date(2027, 1, 20)),
        (date(2027, 4, 23), date(2027, 4, 21)),
        (date(2027, 7, 23), date(2027, 7, 21)),
        (date(2027, 10, 22), date(2027, 10, 20)),
        (date(2028, 1, 28), date(2028, 1, 26)),
        (date(2028, 4, 28), date(2028, 4, 26)),
        (date(2028, 7, 28), date(2028, 7, 26)),
        (date(2028, 10, 27), date(2028, 10, 25)),
    ],
)
def test_list_is_due_two_days_ahead_or_the_working_day_before(meeting_on, due_on_day):
    assert due_on(meeting_on) == due_on_day


def test_list_is_due_at_eight_local_whatever_the_clocks_do():
    winter, summer = date(2026, 2, 12), date(2026, 5, 14)
    assert times_of(where(), at(winter)).due_at == datetime(2026, 2, 10, 14, tzinfo=UTC)
    assert times_of(where(), at(summer)).due_at == datetime(2026, 5, 12, 13, tzinfo=UTC)
    east = where(EASTERN)
    assert times_of(east, at(summer, zone=EASTERN)).due_at == datetime(2026, 5, 12, 12, tzinfo=UTC)
    # Over a weekend when the clocks change.
    assert times_of(where(), at(date(2026, 3, 9))).due_at == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert times_of(where(), at(date(2026, 11, 3))).due_at == datetime(2026, 10, 30, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        # A Wednesday: at 7:30 the Monday would be 47.5 hours ahead, and the weekend is closed.
        (time(7, 30), date(2026, 5, 8)),
        # The mails of 8:00 could be there after the two days have begun.
        (time(8), date(2026, 5, 8)),
        (time(8, 29), date(2026, 5, 8)),
        (time(8, 30), date(2026, 5, 11)),
        (time(23, 59), date(2026, 5, 11)),
        (time(0), date(2026, 5, 8)),
    ],
)
def test_an_early_call_has_its_list_a_working_day_before(clock, day):
    assert due_on(date(2026, 5, 13), clock) == day


def test_list_is_two_days_ahead_by_a_stopwatch_when_the_clocks_go_forward():
    # Friday at 8:00 to Sunday at 8:45 is 47 hours and 45 minutes, as an hour is left out.
    assert due_on(date(2026, 3, 8), time(8, 45)) == date(2026, 3, 5)
    assert due_on(date(2026, 3, 15), time(8, 45)) == date(2026, 3, 13)
    # In autumn an hour more passes, and two days on the wall are still asked for.
    assert due_on(date(2026, 11, 1), time(7, 45)) == date(2026, 10, 29)


def test_list_follows_the_lead_and_the_closed_days():
    monday = date(2026, 5, 11)
    assert due_on(monday, place=where(CENTRAL, 5)) == date(2026, 5, 6)
    # A lead below two days counts as two.
    assert due_on(monday, place=where(CENTRAL, 0)) == date(2026, 5, 8)
    after = date(2026, 11, 30)
    assert due_on(after) == date(2026, 11, 27)
    assert due_on(after, place=where(CENTRAL, 2, DAY_AFTER)) == date(2026, 11, 25)


def test_warned_of_a_working_day_before_due():
    def warned(meeting_on):
        return times_of(where(), at(meeting_on)).warned_at

    # Thursday's list is due on Tuesday; told on Monday.
    assert warned(date(2026, 5, 14)) == datetime(2026, 5, 11, 13, tzinfo=UTC)
    # Wednesday's list is due on Monday; told on Friday, not Sunday.
    assert warned(date(2026, 5, 13)) == datetime(2026, 5, 8, 13, tzinfo=UTC)
    # Due on Tuesday 20 January, after a holiday Monday; told on Friday.
    assert warned(date(2026, 1, 22)) == datetime(2026, 1, 16, 14, tzinfo=UTC)
    # Due on Monday 9 March, after the clock change; told on Friday, before it.
    assert warned(date(2026, 3, 11)) == datetime(2026, 3, 6, 14, tzinfo=UTC)


MEETINGS = st.dates(date(2000, 3, 1), date(2080, 12, 31))
CHANGES = st.sampled_from(
    [
        date(year, month, day)
        for year in (2026, 2027, 2028)
        for month, day in [(3, 8), (3, 14), (3, 12), (11, 1), (11, 7), (11, 5)]
    ]
)
CLOSED = st.lists(
    st.one_of(
        st.builds(
            lambda name, offset: ClosedDay(
                "By a holiday", Kind.HOLIDAY, holiday=name, offset=offset
            ),
            st.sampled_from(FEDERAL_NAMES),
            st.integers(-3, 3),
        ),
        st.builds(
            lambda month, day: ClosedDay("Yearly", Kind.YEARLY, month=month, day=day),
            st.integers(1, 12),
            st.integers(1, 28),
        ),
        st.builds(
            lambda week, weekday, month: ClosedDay(
                "By its week", Kind.WEEKDAY, week=week, weekday=weekday, month=month
            ),
            st.sampled_from([1, 2, 3, 4, -1]),
            st.integers(0, 6),
            st.integers(1, 12),
        ),
    ),
    max_size=5,
    unique=True,
)


@given(
    st.one_of(MEETINGS, CHANGES, CHANGES.map(lambda on: on + DAY)),
    st.times(),
    st.integers(0, 30),
    st.sampled_from(ZONES),
    CLOSED,
)
def test_list_is_two_whole_days_ahead_at_eight_on_the_last_working_day_that_is(
    meeting_on, clock, lead, zone, closed
):
    place = where(zone, lead, *closed)
    starts_at = at(meeting_on, clock, zone)
    times = times_of(place, starts_at)
    days = max(lead, 2)
    assert times.due_at + TWO_DAYS <= times.late_at + TWO_DAYS == starts_at
    assert times.due_at + days * DAY <= starts_at
    assert times.warned_at < times.due_at < times.late_at

    def is_early_enough(on):
        eight = at(on, time(8), zone)
        on_the_wall = datetime.combine(on, time(8)) + days * DAY
        return (
            eight + days * DAY <= starts_at
            and eight + TWO_DAYS + timedelta(minutes=30) <= starts_at
            and on_the_wall <= local(starts_at, zone).replace(tzinfo=None)
        )

    for moment in (times.due_at, times.warned_at):
        assert moment.utcoffset() == timedelta(0)
        assert local(moment, zone).time() == time(8)
        assert place.offices.is_working_day(local(moment, zone).date())
    day = local(times.due_at, zone).date()
    assert is_early_enough(day)
    # No later working day would do.
    later = day + DAY
    while later < meeting_on:
        assert not (place.offices.is_working_day(later) and is_early_enough(later))
        later += DAY


def test_a_copy_is_late_by_its_list_or_an_hour_after_a_choice():
    times = times_of(where(), at(date(2026, 5, 14)))
    assert times.late_at == datetime(2026, 5, 12, 15, tzinfo=UTC)
    after = times.late_at + timedelta(hours=5)
    assert copy_late_at(times, after, is_promised=True) == times.late_at
    assert copy_late_at(times, after, is_promised=False) == after + NOTICE
    assert copy_late_at(times, times.due_at - DAY, is_promised=False) == times.late_at


def test_steps_are_reminded_of_and_told_of_over_weekends_holidays_and_clock_changes():
    def told(meeting_on, zone=CENTRAL):
        local = [
            told_at(where(zone), meeting_on).astimezone(ZoneInfo(zone))
            for told_at in (steps_reminder_at, lead_told_at, specialist_told_at)
        ]
        assert {moment.time() for moment in local} == {time(8)}
        return [moment.date() for moment in local]

    # Thursday: reminded on Wednesday; the lead is told on Monday, the specialist on Thursday.
    assert told(date(2026, 5, 14)) == [date(2026, 5, 13), date(2026, 5, 18), date(2026, 5, 21)]
    # Monday: reminded on Friday.
    assert told(date(2026, 5, 11))[0] == date(2026, 5, 8)
    # Tuesday after Martin Luther King Jr. Day: reminded on the Friday before.
    assert told(date(2026, 1, 20))[0] == date(2026, 1, 16)
    # Wednesday before Thanksgiving: the lead is told on Monday, not on the holiday.
    assert told(date(2026, 11, 25))[1] == date(2026, 11, 30)
    # Over the clock change of Sunday 8 March, and that of Sunday 1 November.
    assert told(date(2026, 3, 9), EASTERN) == [
        date(2026, 3, 6),
        date(2026, 3, 11),
        date(2026, 3, 16),
    ]
    assert steps_reminder_at(where(), date(2026, 3, 9)) == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert lead_told_at(where(), date(2026, 3, 6)) == datetime(2026, 3, 10, 13, tzinfo=UTC)
    assert specialist_told_at(where(), date(2026, 10, 30)) == datetime(2026, 11, 6, 14, tzinfo=UTC)


@given(MEETINGS, st.sampled_from([CENTRAL, EASTERN, "Pacific/Honolulu"]))
def test_the_lead_is_told_on_a_working_day_and_before_the_specialist(meeting_on, zone):
    reminded, lead, specialist = (
        told_at(where(zone), meeting_on)
        for told_at in (steps_reminder_at, lead_told_at, specialist_told_at)
    )
    for moment in (reminded, lead):
        assert where().offices.is_working_day(moment.astimezone(ZoneInfo(zone)).date())
    assert reminded < lead < specialist
    assert reminded.astimezone(ZoneInfo(zone)).date() >= meeting_on - 7 * DAY


def test_the_lead_is_told_before_the_specialist_however_long_offices_are_closed():
    closed = ClosedDay("Shutdown", Kind.ONCE, on=date(2026, 12, 18), until=date(2027, 1, 3))
    place, call = where(CENTRAL, 2, closed), date(2026, 12, 17)
    assert local(lead_told_at(place, call)).date() == date(2026, 12, 23)
    assert local(specialist_told_at(place, call)).date() == date(2026, 12, 24)
    assert local(steps_reminder_at(place, date(2027, 1, 4))).date() == date(2026, 12, 17)
