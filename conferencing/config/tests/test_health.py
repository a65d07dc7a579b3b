from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import services
from outbox.models import Heartbeat

ALL_WELL = {"database": "ok", "cache": "ok"}


@pytest.fixture
def heartbeat(db):
    """The tick ran a moment ago."""
    beat, _ = Heartbeat.objects.update_or_create(defaults={"at": timezone.now()})
    return beat


def test_live_asks_nothing(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_ready_when_everything_works(client, heartbeat):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, ALL_WELL)
    assert "no-store" in answer["Cache-Control"]


def test_ready_asks_no_session(client, heartbeat, django_assert_num_queries):
    client.cookies["sessionid"] = "of whoever probes"
    with django_assert_num_queries(1):
        assert client.get("/health/ready").status_code == 200


def test_late_mail_is_an_alarm_and_no_reason_to_take_pages_away(client, heartbeat):
    assert client.get("/health/mail").json() == {"mail": "ok"}
    services.queue_mail(
        kind="greeting",
        address="ann@example.org",
        subject="Hello",
        text="Hello.",
        dedupe_key="greeting:1",
        now=timezone.now() - timedelta(minutes=6),
    )
    answer = client.get("/health/mail")
    assert (answer.status_code, answer.json()) == (503, {"mail": "late"})
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("minutes", [4, None])
def test_a_tick_that_stopped_or_never_ran_is_an_alarm_only(client, heartbeat, minutes):
    if minutes is None:
        heartbeat.delete()
    else:
        heartbeat.at -= timedelta(minutes=minutes)
        heartbeat.save()
    answer = client.get("/health/mail")
    assert (answer.status_code, answer.json()) == (503, {"mail": "late"})
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, ALL_WELL)


def test_ready_fails_without_a_cache(client, heartbeat, settings):
    cache = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": cache}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"cache": "fails"})
    assert client.get("/health/mail").status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/mail"])
def test_health_takes_no_writing_request(client, db, path):
    assert client.post(path).status_code == 405


def test_health_knows_no_other_address(client, db):
    assert client.get("/health/else").status_code in (302, 404)
