from datetime import timedelta

import pytest
from django.utils import timezone

from outbox.models import Heartbeat

ALL_WELL = {"database": "ok", "cache": "ok", "mail": "ok"}


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


def test_ready_fails_when_the_tick_stopped(client, heartbeat):
    heartbeat.at -= timedelta(minutes=4)
    heartbeat.save()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"mail": "late"})


def test_ready_fails_without_a_cache(client, heartbeat, settings):
    cache = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": cache}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"cache": "fails"})


def test_ready_takes_no_writing_request(client, db):
    assert client.post("/health/ready").status_code == 405
