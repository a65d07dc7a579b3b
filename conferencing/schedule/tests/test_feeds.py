"""A person's private calendar: whose calls it holds, and for how long its address works."""

from datetime import timedelta

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from conferencing.models import CalendarFeed
from conferencing.schedule.acts import cancel_meeting, move_meeting
from conferencing.schedule.feeds import (
    feed_address,
    find_feed,
    make_feed,
    read_feed,
    revoke_feed,
    token_hash,
)
from conferencing.tests.factories import make_meeting
from conferencing.tests.readable import readable
from regions.tests.factories import make_user, today_in


def events(user, now=None):
    feed = CalendarFeed.objects.filter(user=user).first() or make_feed(user, actor=user)
    calendar = icalendar.Calendar.from_ical(read_feed(feed, now=now or timezone.now()))
    return calendar.walk("VEVENT")


def uids(user):
    return sorted(str(event["UID"]) for event in events(user))


@pytest.fixture
def calls(river, region_1, region_2, three, three_region):
    """One call of each kind, and one in the other continuum."""
    return {
        "one": make_meeting(river, region_1),
        "two": make_meeting(river, region_2),
        "wide": make_meeting(river, None),
        "three": make_meeting(three, three_region),
    }


def test_read_feed_holds_the_calls_that_concern_the_person(
    calls, river, river_provider, river_specialist, river_administrator, three_provider
):
    keys = {name: str(call.pk) for name, call in calls.items()}
    assert uids(river_provider) == sorted([keys["two"], keys["wide"]])
    everything = sorted([keys["one"], keys["two"], keys["wide"]])
    assert uids(river_specialist) == everything
    assert uids(river_administrator) == everything
    assert uids(three_provider) == [keys["three"]]
    assert uids(make_user(river)) == []


def test_read_feed_ends_with_the_place(calls, river_provider):
    river_provider.places.update(ended_on=today_in())
    assert uids(river_provider) == []


def test_read_feed_goes_back_a_year(river, region_2, river_provider):
    now = timezone.now()
    old = make_meeting(river, region_2, starts_at=now - timedelta(days=366))
    kept = make_meeting(river, region_2, starts_at=now - timedelta(days=364))
    assert uids(river_provider) == [str(kept.pk)]
    assert str(old.pk) not in uids(river_provider)


def test_read_feed_follows_moves_and_cancellations(calls, river_provider, river_specialist):
    move_meeting(
        calls["two"],
        starts_at=calls["two"].starts_at + timedelta(days=2),
        minutes=30,
        actor=river_specialist,
    )
    cancel_meeting(calls["wide"], reason="About Ana Example", actor=river_specialist)
    found = {str(event["UID"]): event for event in events(river_provider)}
    two, wide = found[str(calls["two"].pk)], found[str(calls["wide"].pk)]
    assert (int(two["SEQUENCE"]), str(two["STATUS"])) == (1, "CONFIRMED")
    assert two["DTEND"].dt - two["DTSTART"].dt == timedelta(minutes=30)
    assert (int(wide["SEQUENCE"]), str(wide["STATUS"])) == (1, "CANCELLED")
    assert "Ana" not in readable(str(wide.to_ical()))


def test_make_feed_keeps_the_token_sealed(river_provider):
    feed = make_feed(river_provider, actor=river_provider)
    token = feed_address(feed).rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    assert find_feed(token) == feed
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM conferencing_calendarfeed")
        row = cursor.fetchone()
    assert token.encode() not in b"".join(
        bytes(value) for value in row if isinstance(value, memoryview)
    )
    assert token_hash(token) in row
    assert token not in str(row)


def test_make_feed_makes_one_at_a_time(river_provider):
    make_feed(river_provider, actor=river_provider)
    with pytest.raises(ValidationError):
        make_feed(river_provider, actor=river_provider)


def test_revoke_feed_ends_the_address_at_once(river_provider):
    first = make_feed(river_provider, actor=river_provider)
    revoke_feed(river_provider, actor=river_provider)
    revoke_feed(river_provider, actor=river_provider)
    second = make_feed(river_provider, actor=river_provider)
    assert find_feed(first.token) is None
    assert find_feed(second.token) == second


def test_find_feed_forgets_closed_accounts(river_provider):
    feed = make_feed(river_provider, actor=river_provider)
    river_provider.is_active = False
    river_provider.save()
    assert find_feed(feed.token) is None


def test_read_feed_asks_as_often_for_thirty_calls(
    river, region_2, river_provider, django_assert_num_queries
):
    feed = make_feed(river_provider, actor=river_provider)
    now = timezone.now()
    read_feed(feed, now=now)
    feed.refresh_from_db()
    make_meeting(river, region_2)
    with django_assert_num_queries(3):
        read_feed(feed, now=now)
    for number in range(29):
        make_meeting(river, region_2, starts_at=now + timedelta(days=number, hours=1))
    with django_assert_num_queries(3):
        read_feed(feed, now=now)
