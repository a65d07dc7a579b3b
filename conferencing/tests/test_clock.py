"""All that a test asks for the time tells the same time, under whichever clock it runs."""

import re
import subprocess
import sys
import time
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from conferencing.tests import clock
from conferencing.tests.factories import make_meeting
from conferencing.tests.waiting import evaluated, expect_evaluated
from run import clocks

NEAR = timedelta(seconds=20)


def is_now(moment):
    return abs(moment - timezone.now()) < NEAR


def test_test_begins_at_the_moment_of_its_clock():
    begins = clock.CLOCK.moment if clock.CLOCK else timezone.now()
    assert timedelta() <= timezone.now() - begins < NEAR
    assert is_now(datetime.now(UTC))
    assert is_now(datetime.fromtimestamp(time.time(), UTC))


@pytest.mark.django_db(transaction=True)
def test_database_tells_the_time_of_the_tests_on_every_connection():
    with psycopg2.connect(
        **clock.parameters(connection, connection.settings_dict["NAME"])
    ) as other:
        for place in (connection, other):
            with place.cursor() as cursor:
                cursor.execute(f"SELECT {', '.join(f'{name}()' for name in clock.TELLS)}")
                assert all(map(is_now, cursor.fetchone()))
    other.close()


@pytest.mark.django_db
def test_triggers_of_the_database_tell_the_time_of_the_tests(river):
    meeting = make_meeting(river)
    assert is_now(meeting.events.get().pgh_created_at)


def test_processes_that_a_test_starts_tell_its_time():
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert is_now(datetime.fromtimestamp(float(told), UTC))


@pytest.mark.browser
def test_pages_tell_the_time_of_the_tests_in_the_zone_of_people(page):
    page.goto("/account/sign-in/")
    told = evaluated(page, "[Date.now(), +new Date(), new Date() instanceof Date]")
    assert told[2]
    assert all(is_now(datetime.fromtimestamp(each / 1000, UTC)) for each in told[:2])
    on = timezone.now().astimezone(ZoneInfo(clock.ZONE or clocks.CHICAGO))
    expect_evaluated(page, "new Date().getDate()", on.day)
    expect_evaluated(page, "new Date(2027, 0, 2, 3).getHours()", 3)


def test_product_asks_the_database_for_the_time_in_ways_that_can_be_moved():
    """CURRENT_TIMESTAMP and its kin are words of the language, and tell the real time always."""
    words = re.compile(r"\b(CURRENT_(TIMESTAMP|DATE|TIME)|LOCALTIME(STAMP)?|timeofday)\b")
    found = []
    for path in Path(settings.BASE_DIR).glob("*/**/*.py"):
        parts = path.relative_to(settings.BASE_DIR).parts
        if not {".venv", "var", "tests"} & set(parts) and words.search(path.read_text()):
            found.append("/".join(parts))
    assert found == []


def walls():
    return [each.moment.astimezone(ZoneInfo(each.zone)) for each in clocks.CLOCKS]


def test_clocks_stand_where_dates_go_wrong():
    ends = {each.month for each in walls() if each.day == monthrange(each.year, each.month)[1]}
    assert ends == set(range(1, 13))
    assert any((each.month, each.day) == (2, 29) for each in walls())
    assert any(each.weekday() == 6 for each in walls())
    assert any(each.year == 2028 for each in walls())
    for zone in (clocks.CHICAGO, clocks.NEW_YORK):
        here = [
            (wall, wall + timedelta(minutes=1))
            for each, wall in zip(clocks.CLOCKS, walls(), strict=True)
            if each.zone == zone
        ]
        assert any((wall.month, wall.day, wall.hour) == (12, 31, 23) for wall, _ in here)
        # the clock is put forward and back within an hour of each of these
        changes = {
            (after.astimezone(UTC) + timedelta(hours=2)).astimezone(ZoneInfo(zone)).utcoffset()
            - (wall.astimezone(UTC) - timedelta(hours=2)).astimezone(ZoneInfo(zone)).utcoffset()
            for wall, after in here
        }
        assert changes >= {timedelta(hours=1), timedelta(hours=-1)}


def test_clock_of_the_day_takes_each_in_its_turn():
    days = [datetime(2026, 11, 29).date() + timedelta(days=n) for n in range(len(clocks.CLOCKS))]
    taken = [clocks.of_day(day).name for day in days]
    assert sorted(taken) == sorted(each.name for each in clocks.CLOCKS)


def test_find_knows_names_moments_and_the_real_time():
    assert clocks.find("leap-day").moment == datetime(2028, 2, 29, 16, tzinfo=UTC)
    assert clocks.find("2027-07-04T08:00").moment == datetime(2027, 7, 4, 13, tzinfo=UTC)
    assert (clocks.find(""), clocks.find("real")) == (None, None)
    assert clocks.find("repeated-hour").moment == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    assert clocks.find("repeated-hour-east").moment == datetime(2028, 11, 5, 6, 30, tzinfo=UTC)
    with pytest.raises(SystemExit, match=r"never is no clock\. Take one of real, jan-31"):
        clocks.find("never")
