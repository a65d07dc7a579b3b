from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing.due import (
    late_at,
    lead_told_at,
    list_due_at,
    list_due_on,
    specialist_told_at,
    steps_reminder_at,
    warning_at,
)
from regions.holidays import is_working_day

CENTRAL = "America/Chicago"
EASTERN = "America/New_York"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("meeting_on", "due_on"),
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
def test_list_due_on_is_two_days_ahead_or_the_working_day_before(meeting_on, due_on):
    assert list_due_on(meeting_on) == due_on


def test_list_due_at_is_eight_local_whatever_the_clocks_do():
    winter, summer = date(2026, 2, 12), date(2026, 5, 14)
    assert list_due_at(winter, CENTRAL) == datetime(2026, 2, 10, 14, tzinfo=UTC)
    assert list_due_at(summer, CENTRAL) == datetime(2026, 5, 12, 13, tzinfo=UTC)
    assert list_due_at(summer, EASTERN) == datetime(2026, 5, 12, 12, tzinfo=UTC)
    # Clocks change on Sunday 8 March and Sunday 1 November 2026: due the Friday before.
    assert list_due_at(date(2026, 3, 9), CENTRAL) == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert list_due_at(date(2026, 11, 3), CENTRAL) == datetime(2026, 10, 30, 13, tzinfo=UTC)


def test_list_due_at_follows_the_continuums_lead():
    monday = date(2026, 5, 11)
    assert list_due_at(monday, CENTRAL, 1) == datetime(2026, 5, 8, 13, tzinfo=UTC)
    assert list_due_at(monday, CENTRAL, 0) == datetime(2026, 5, 11, 13, tzinfo=UTC)
    assert list_due_at(monday, CENTRAL, 5) == datetime(2026, 5, 6, 13, tzinfo=UTC)
    with pytest.raises(ValueError, match="0 days or more"):
        list_due_at(monday, CENTRAL, -1)


def test_warning_at_is_eight_local_a_working_day_before_due():
    # Thursday's list is due on Tuesday; told on Monday.
    assert warning_at(date(2026, 5, 14), CENTRAL) == datetime(2026, 5, 11, 13, tzinfo=UTC)
    # Wednesday's list is due on Monday; told on Friday, not Sunday.
    assert warning_at(date(2026, 5, 13), CENTRAL) == datetime(2026, 5, 8, 13, tzinfo=UTC)
    # Due on Tuesday 20 January, after a holiday Monday; told on Friday.
    assert warning_at(date(2026, 1, 22), CENTRAL) == datetime(2026, 1, 16, 14, tzinfo=UTC)
    # Due on Monday 9 March, after the clock change; told on Friday, before it.
    assert warning_at(date(2026, 3, 11), CENTRAL) == datetime(2026, 3, 6, 14, tzinfo=UTC)


MEETINGS = st.dates(date(2000, 3, 1), date(2080, 12, 31))
LEADS = st.integers(0, 30)


@given(MEETINGS, LEADS)
def test_list_due_on_keeps_the_lead_on_a_working_day_and_is_never_too_early(meeting_on, lead):
    due_on = list_due_on(meeting_on, lead)
    assert meeting_on - due_on >= lead * DAY
    assert is_working_day(due_on)
    later = due_on + DAY
    while meeting_on - later >= lead * DAY:
        assert not is_working_day(later)
        later += DAY


@given(MEETINGS, LEADS, st.sampled_from([CENTRAL, EASTERN, "Pacific/Honolulu"]))
def test_list_due_at_and_warning_at_are_at_eight_on_working_days(meeting_on, lead, zone):
    due = list_due_at(meeting_on, zone, lead)
    warned = warning_at(meeting_on, zone, lead)
    for moment in (due, warned):
        assert moment.utcoffset() == timedelta(0)
        local = moment.astimezone(ZoneInfo(zone))
        assert local.time() == time(8)
        assert is_working_day(local.date())
    assert due.astimezone(ZoneInfo(zone)).date() == list_due_on(meeting_on, lead)
    assert warned < due


def test_late_at_is_forty_eight_hours_before_the_call():
    starts_at = datetime(2026, 5, 14, 10, tzinfo=ZoneInfo(CENTRAL))
    due_at = list_due_at(date(2026, 5, 14), CENTRAL)
    assert late_at(starts_at) == datetime(2026, 5, 12, 15, tzinfo=UTC)
    assert late_at(starts_at, due_at) == datetime(2026, 5, 12, 15, tzinfo=UTC)
    # Hours that pass: the night to 8 March is an hour short.
    sunday = datetime(2026, 3, 8, 10, tzinfo=ZoneInfo(CENTRAL))
    assert late_at(sunday).astimezone(ZoneInfo(CENTRAL)) == datetime(
        2026, 3, 6, 9, tzinfo=ZoneInfo(CENTRAL)
    )


def test_late_at_is_never_before_the_list_was_due():
    early_call = datetime(2026, 5, 14, 7, 30, tzinfo=ZoneInfo(CENTRAL))
    due_at = list_due_at(date(2026, 5, 14), CENTRAL)
    assert late_at(early_call, due_at) == datetime(2026, 5, 12, 14, tzinfo=UTC)
    one_day = list_due_at(date(2026, 5, 14), CENTRAL, 1)
    assert late_at(early_call, one_day) == datetime(2026, 5, 13, 14, tzinfo=UTC)
    at_eight = datetime(2026, 5, 14, 8, tzinfo=ZoneInfo(CENTRAL))
    assert late_at(at_eight, due_at) == due_at


def test_steps_are_reminded_of_and_told_of_over_weekends_holidays_and_clock_changes():
    def told(meeting_on, zone=CENTRAL):
        local = [
            at(meeting_on, zone).astimezone(ZoneInfo(zone))
            for at in (steps_reminder_at, lead_told_at, specialist_told_at)
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
    assert steps_reminder_at(date(2026, 3, 9), CENTRAL) == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert lead_told_at(date(2026, 3, 6), CENTRAL) == datetime(2026, 3, 10, 13, tzinfo=UTC)
    assert specialist_told_at(date(2026, 10, 30), CENTRAL) == datetime(2026, 11, 6, 14, tzinfo=UTC)


@given(MEETINGS, st.sampled_from([CENTRAL, EASTERN, "Pacific/Honolulu"]))
def test_the_lead_is_told_on_a_working_day_and_before_the_specialist(meeting_on, zone):
    reminded, lead, specialist = (
        at(meeting_on, zone) for at in (steps_reminder_at, lead_told_at, specialist_told_at)
    )
    for moment in (reminded, lead):
        assert is_working_day(moment.astimezone(ZoneInfo(zone)).date())
    assert reminded < lead < specialist
    assert reminded.astimezone(ZoneInfo(zone)).date() >= meeting_on - 7 * DAY
