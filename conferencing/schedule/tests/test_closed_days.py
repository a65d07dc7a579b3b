"""A continuum's own closed days: kept with a preview, clashing with calls, moved all at once."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.models import Meeting
from conferencing.schedule import clashes, closed_days, effects, years
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import hidden, text_of
from regions.closed_days import ClosedDay, Kind
from regions.tests.factories import make_region, make_rule, today_in

CHICAGO = ZoneInfo("America/Chicago")
DAY = timedelta(days=1)
YEAR = timezone.now().year + 1
pytestmark = pytest.mark.django_db


def kept(river, *days):
    river.closed_days = [each.as_data() for each in days]
    river.save()


def test_closed_day_add_shows_the_dates_and_what_changes_then_keeps_it(
    client, river, region_2, river_specialist
):
    on = datetime(YEAR, 11, 1).date()
    thanksgiving = on + ((3 - on.weekday()) % 7 + 21) * DAY
    monday = thanksgiving + 4 * DAY
    call = make_meeting(river, region_2, starts_at=datetime.combine(monday, time(10), CHICAGO))
    clash = make_meeting(
        river, region_2, starts_at=datetime.combine(thanksgiving + DAY, time(10), CHICAGO)
    )
    client.force_login(river_specialist)
    address = reverse("conferencing:closed_day_add")
    form = {"name": "Day after", "kind": "holiday", "holiday": "Thanksgiving Day", "offset": "1"}
    page = client.post(address, form | {"step": "look"})
    words = text_of(page)
    assert "The day after Thanksgiving Day, every year" in words
    assert f"Fri, {thanksgiving + DAY:%b} {(thanksgiving + DAY).day}, {YEAR}" in words
    assert [row.meeting for row in page.context["effect"].rows] == [call]
    assert page.context["effect"].clashes == [clash]
    river.refresh_from_db()
    assert river.closed_days == []
    client.post(address, form | {"step": "save", "seen": "stale"})
    river.refresh_from_db()
    assert river.closed_days == []
    client.post(address, form | {"step": "save", "seen": hidden(page, "seen")})
    river.refresh_from_db()
    assert [each["name"] for each in river.closed_days] == ["Day after"]
    call.refresh_from_db()
    assert call.list_due_at.astimezone(CHICAGO).date() == thanksgiving - DAY
    assert "This closed day is kept already." in text_of(
        client.post(address, form | {"step": "look"})
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Enter the name of the day."),
        ({"name": "A", "kind": "once"}, "Enter the date."),
        ({"name": "A", "kind": "weekday", "month": "4", "week": "3"}, "Choose the weekday."),
        ({"name": "A", "kind": "yearly", "month": "4", "day": "31"}, "no such day"),
        ({"name": "A", "kind": "holiday", "offset": "1"}, "Choose the federal holiday."),
    ],
)
def test_closed_day_add_says_what_is_wrong(client, river, river_specialist, form, words):
    client.force_login(river_specialist)
    page = client.post(reverse("conferencing:closed_day_add"), form | {"step": "look"})
    assert words in text_of(page)
    river.refresh_from_db()
    assert river.closed_days == []


def test_a_call_on_a_closed_day_clashes_when_planned_and_when_moved(
    client, river, region_2, river_specialist
):
    kept(river, ClosedDay("Patriots’ Day", Kind.WEEKDAY, week=3, weekday=0, month=4))
    make_rule(river, region_2, week=3, weekday=0, months=[4])
    (planned,) = years.plan_of(river, YEAR)
    assert planned.clash == "Patriots’ Day"
    assert planned.proposed_on not in (None, planned.on)
    meeting = make_meeting(river, region_2, starts_at=planned.starts_at + 10 * DAY)
    (warning,) = effects.warnings_of_time(meeting, planned.starts_at, 60)
    assert warning.endswith("is a closed day: Patriots’ Day.")


def test_clash_move_moves_all_at_once_to_free_days_after_showing_where(
    client, river, region_2, river_specialist
):
    other = make_region(river, name="Region 4", position=4)
    months = [3, 5, 8]
    rules = {region_2: 2, other: 2}
    for region, weekday in rules.items():
        make_rule(river, region, week=2, weekday=weekday, months=months, starts=time(10))
    now = timezone.now()
    years.plan_year(river, YEAR, actor=None, now=now, with_past=False)
    kept(
        river,
        *(
            ClosedDay(f"Day {month}", Kind.WEEKDAY, week=2, weekday=2, month=month)
            for month in months
        ),
    )
    client.force_login(river_specialist)
    year = f"?year={YEAR}"
    listed = client.get(reverse("conferencing:meeting_list") + year)
    address = reverse("conferencing:clash_move") + year
    assert address in listed.content.decode()
    page = client.get(address)
    rows = page.context["rows"]
    assert len(rows) == 6
    client.post(address, {"seen": "stale"})
    assert all(Meeting.objects.get(pk=row.meeting.pk).sequence == 0 for row in rows)
    client.post(address, {"seen": hidden(page, "seen")})
    moved = [Meeting.objects.get(pk=row.meeting.pk) for row in rows]
    assert [each.starts_at for each in moved] == [row.proposed.starts_at for row in rows]
    offices = moved[0].continuum.offices
    assert all(offices.is_working_day(each.on) for each in moved)
    assert len({each.starts_at for each in moved}) == 6
    assert clashes.clashing_calls(river, YEAR, now=now) == []
    assert "No call to come" in text_of(client.get(address))


def test_remove_closed_day_is_refused_once_it_is_gone(river, river_specialist):
    kept(river, ClosedDay("Once", Kind.ONCE, on=today_in() + 40 * DAY))
    river.refresh_from_db()
    key = closed_days.key_of(river.closed_days[0])
    seen = closed_days.effect_of(river, [], now=timezone.now()).seen
    act = {"key": key, "seen": seen, "actor": river_specialist}
    closed_days.remove_closed_day(river, **act)
    with pytest.raises(ValidationError, match="removed meanwhile"):
        closed_days.remove_closed_day(river, **act)


def test_past_single_days_stand_last_and_say_so(client, river, river_specialist):
    today = today_in(river.zone)
    kept(
        river,
        ClosedDay("Over", Kind.ONCE, on=today - 3 * DAY),
        ClosedDay("Ahead", Kind.ONCE, on=today + 3 * DAY),
    )
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:closed_day_list"))
    assert [each.day.name for each in page.context["days"]] == ["Ahead", "Over"]
    assert "Past" in text_of(page)
