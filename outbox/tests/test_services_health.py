"""Whether mail is going out, in words for an operator."""

from datetime import timedelta

from outbox import services
from outbox.models import Heartbeat
from outbox.services import attempts

from .conftest import NOW

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_health_before_the_first_tick_is_not_ok(db):
    assert services.health(NOW) == {
        "ok": False,
        "heartbeat_age": None,
        "oldest_due_late": 0,
        "failing_steps": {},
        "settings_refused": "",
        "problems": ["The tick has not run yet. Start Celery beat and a worker."],
    }


def test_health_needs_a_tick_within_three_minutes(db, only_steps):
    services.tick(NOW)
    assert services.health(NOW + 3 * MINUTE)["problems"] == []
    late = services.health(NOW + 3 * MINUTE + SECOND)
    assert (late["ok"], late["heartbeat_age"]) == (False, 181)
    assert late["problems"] == ["The tick has not run for over 3 minutes. Look at Celery beat."]


def test_health_needs_due_rows_tried_within_five_minutes(queue):
    queue(due_at=NOW)
    Heartbeat.objects.create(at=NOW + 5 * MINUTE)
    assert services.health(NOW + 5 * MINUTE)["ok"]
    late = services.health(NOW + 5 * MINUTE + SECOND)
    assert (late["ok"], late["oldest_due_late"]) == (False, 301)
    assert late["problems"] == ["A mail is due for over 5 minutes. Look at the Celery worker."]


def test_health_sees_what_a_killed_worker_left(queue):
    attempts.claim(queue().pk, now=NOW)
    Heartbeat.objects.create(at=NOW + 11 * MINUTE)
    assert services.health(NOW + 10 * MINUTE)["ok"]
    assert not services.health(NOW + 11 * MINUTE)["ok"]


def test_health_does_not_count_planned_held_or_retried_rows(queue, smtp_server):
    queue("planned", due_at=NOW + 60 * MINUTE)
    services.hold(queue("held"), actor=None, reason="Checked.", now=NOW)
    retried = queue("retried")
    smtp_server.answers["RCPT"] = ["450 later"] * 4
    for at in (NOW, NOW + MINUTE, NOW + 2 * MINUTE, NOW + 4 * MINUTE):
        services.send(retried.pk, now=at)
    Heartbeat.objects.create(at=NOW + 8 * MINUTE)
    assert services.health(NOW + 8 * MINUTE)["problems"] == []
