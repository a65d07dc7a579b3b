"""A person's calendar address: its pages, and what a calendar reads."""

import pytest
from django.urls import reverse

from conferencing.models import CalendarFeed
from conferencing.schedule.feeds import make_feed
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def test_feed_read_needs_no_sign_in_and_is_not_cached(client, call, river_provider):
    feed = make_feed(river_provider, actor=river_provider)
    answer = client.get(reverse("conferencing:feed_read", args=[feed.token]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert str(call.pk) in answer.content.decode()
    assert "sessionid" not in answer.cookies
    feed.refresh_from_db()
    assert feed.last_read_at is not None
    assert client.get(reverse("conferencing:feed_read", args=["x" * 43])).status_code == 404


def test_feed_pages_make_show_and_revoke(client, river_provider, river_lead):
    client.force_login(river_provider)
    detail = reverse("conferencing:feed_detail")
    assert client.get(reverse("conferencing:feed_make")).status_code == 405
    client.post(reverse("conferencing:feed_make"))
    client.post(reverse("conferencing:feed_make"))
    feed = CalendarFeed.objects.get()
    address = reverse("conferencing:feed_read", args=[feed.token])
    assert address in text_of(client.get(detail))
    client.get(reverse("conferencing:feed_revoke"))
    assert client.get(address).status_code == 200
    client.post(reverse("conferencing:feed_revoke"))
    assert client.get(address).status_code == 404
    client.force_login(river_lead)
    assert address not in text_of(client.get(detail))
