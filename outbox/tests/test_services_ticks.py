"""The tick: alone, step by step, whatever fails."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from outbox import services
from outbox.models import Heartbeat, Message, StepRun
from outbox.services import attempts, messages

from .conftest import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def queued(monkeypatch):
    """Collect what is handed to Celery's broker in place of sending it there."""
    keys = []
    from outbox.tasks import send

    monkeypatch.setattr(
        send, "apply_async", lambda args, countdown, retry: keys.append((args[0], countdown))
    )
    return keys


def test_tick_with_nothing_to_do_beats(db, only_steps):
    assert str(services.tick(NOW, send=True)) == "sent 0, failed 0, late 0, waiting 0"
    assert Heartbeat.objects.get().at == NOW
    services.tick(NOW + MINUTE, send=True, beat=False)
    assert Heartbeat.objects.get().at == NOW


def test_tick_sends_what_is_due_in_order(queue, mailoutbox, only_steps):
    queue("second", address="b@example.org", due_at=NOW - MINUTE)
    queue("first", address="a@example.org", due_at=NOW - HOUR)
    queue("planned", address="c@example.org", due_at=NOW + MINUTE)
    assert str(services.tick(NOW, send=True)) == "sent 2, failed 0, late 0, waiting 1"
    assert [mail.to for mail in mailoutbox] == [["a@example.org"], ["b@example.org"]]


def test_tick_sends_what_its_steps_queue(queue, mailoutbox, only_steps):
    only_steps("freeze", lambda now: queue("list", due_at=now))
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 0, late 0, waiting 0"
    assert str(services.tick(NOW + MINUTE, send=True)) == "sent 0, failed 0, late 0, waiting 0"
    assert len(mailoutbox) == 1


def test_tick_goes_on_after_a_failing_step(queue, mailoutbox, only_steps, caplog):
    broken = [True]

    def step(now):
        if broken[0]:
            queue("undone")
            raise ValueError("Mary Smith")

    only_steps("broken", step)
    only_steps("whole", lambda now: queue("list", due_at=now))
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 0, late 0, waiting 0"
    assert [row.dedupe_key for row in Message.objects.all()] == ["list"]
    failing = services.health(NOW)["failing_steps"]
    assert list(failing) == ["broken"]
    assert failing["broken"].startswith("ValueError at test_services_ticks.py:")
    assert "Step broken of the tick failed: ValueError" in caplog.text
    assert "Mary" not in caplog.text
    broken[0] = False
    services.tick(NOW + MINUTE, send=True)
    assert services.health(NOW + MINUTE)["failing_steps"] == {}
    assert StepRun.objects.get(name="broken").worked_at == NOW + MINUTE


def test_tick_goes_on_after_a_step_that_breaks_its_transaction(queue, mailoutbox, only_steps):
    def step(now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    only_steps("broken", step)
    queue()
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 0, late 0, waiting 0"
    assert list(services.health(NOW)["failing_steps"]) == ["broken"]


def test_tick_reclaims_what_a_killed_worker_left(queue, mailoutbox, only_steps):
    row = queue()
    attempts.claim(row.pk, now=NOW)
    assert str(services.tick(NOW + 4 * MINUTE, send=True)) == (
        "sent 0, failed 0, late 0, waiting 1"
    )
    assert str(services.tick(NOW + 5 * MINUTE, send=True)) == (
        "sent 1, failed 0, late 0, waiting 0"
    )
    assert list(row.log.values_list("number", "outcome")) == [(1, "interrupted"), (2, "sent")]
    assert len(mailoutbox) == 1


def test_tick_flags_late_once_and_tells(queue, only_steps, register_kind, smtp_server):
    told = []
    register_kind("greeting", on_late=lambda message, now: told.append((message.late_at, now)))
    smtp_server.answers["RCPT"] = ["450 later", "450 later"]
    queue(late_after=NOW + HOUR)
    assert str(services.tick(NOW, send=True)) == "sent 0, failed 0, late 0, waiting 1"
    at = NOW + HOUR
    assert str(services.tick(at, send=True)) == "sent 0, failed 0, late 1, waiting 1"
    row = Message.objects.get()
    assert row.status_words(at) == (
        "Late: Tried 2 times, will be tried again: The mail server refused this address: later"
    )
    at = NOW + 2 * HOUR
    assert str(services.tick(at, send=True)) == "sent 1, failed 0, late 1, waiting 0"
    assert told == [(NOW + HOUR, NOW + HOUR)]
    assert Message.objects.get().status_words(at) == "Sent late"
    assert str(services.tick(at, send=True)) == "sent 0, failed 0, late 0, waiting 0"


def test_tick_tells_of_the_late_again_when_it_failed(queue, only_steps, register_kind):
    told = []

    def on_late(message, now):
        told.append(message.dedupe_key)
        if len(told) == 1:
            raise LookupError("nobody to tell")

    register_kind("greeting", on_late=on_late)
    queue("one", due_at=NOW + HOUR, late_after=NOW)
    queue("two", due_at=NOW + HOUR, late_after=NOW)
    services.tick(NOW, send=True)
    assert list(services.health(NOW)["failing_steps"]) == ["flag-late"]
    services.tick(NOW + MINUTE, send=True)
    assert services.health(NOW)["failing_steps"] == {}
    # Both were written down at one moment: either may come first.
    assert told == [told[0], *({"one", "two"} - {told[0]}), told[0]]
    assert set(Message.objects.values_list("dedupe_key", "late_at")) == {
        (told[0], NOW + MINUTE),
        (told[1], NOW),
    }


def test_tick_expires_what_came_too_late(queue, only_steps, register_kind, mailoutbox):
    told = []
    register_kind("greeting", on_failed=lambda message, now: told.append(message.state))
    queue(not_after=NOW + HOUR)
    services.hold(Message.objects.get(), actor=None, reason="Checked.", now=NOW)
    assert str(services.tick(NOW + HOUR, send=True)) == "sent 0, failed 1, late 0, waiting 0"
    assert told == ["expired"]
    assert str(services.tick(NOW + HOUR, send=True)) == "sent 0, failed 0, late 0, waiting 0"
    assert mailoutbox == []


def test_tick_counts_refusals_as_failed(queue, only_steps, smtp_server):
    smtp_server.answers["RCPT"] = ["550 no"]
    queue("one")
    queue("two", due_at=NOW - MINUTE)
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 1, late 0, waiting 0"


def test_tick_stops_trying_while_the_mail_server_is_down(queue, only_steps, smtp_server):
    smtp_server.stop()
    for number in range(10):
        queue(f"greeting:{number}")
    assert str(services.tick(NOW, send=True)) == "sent 0, failed 0, late 0, waiting 10"
    assert Message.objects.filter(attempts=1).count() == 3


def test_tick_queues_each_due_row_once(queue, only_steps, queued):
    row = queue(due_at=NOW + MINUTE)
    assert services.tick(NOW + MINUTE).queued == 1
    assert services.tick(NOW + 2 * MINUTE).queued == 0
    assert services.tick(NOW + 4 * MINUTE).queued == 1
    assert queued == [(str(row.pk), None)] * 2


def test_tick_queues_a_retry_whose_wait_is_over(queue, only_steps, queued, smtp_server):
    row = queue(due_at=NOW - MINUTE)
    smtp_server.answers["RCPT"] = ["450 later"]
    services.send(row.pk, now=NOW)
    assert services.tick(NOW + timedelta(seconds=9)).queued == 0
    assert services.tick(NOW + timedelta(seconds=10)).queued == 1
    assert queued == [(str(row.pk), None)]


@pytest.mark.django_db(transaction=True)
def test_tick_at_the_same_time_as_another_does_nothing(queue, only_steps, mailoutbox):
    inside, go = threading.Event(), threading.Event()
    runs, summaries = [], []

    def step(now):
        runs.append(now)
        inside.set()
        go.wait(20)

    only_steps("slow", step)
    row = queue(due_at=NOW - MINUTE)

    def work():
        try:
            summaries.append(services.tick(NOW, send=True))
        finally:
            connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(20)
    second = services.tick(NOW, send=True)
    go.set()
    first.join(20)
    assert (second.ran, str(second)) == (False, "sent 0, failed 0, late 0, waiting 1")
    assert [str(summary) for summary in summaries] == ["sent 1, failed 0, late 0, waiting 0"]
    assert runs == [NOW]
    assert len(mailoutbox) == 1
    assert Message.objects.get(pk=row.pk).attempts == 1
    assert services.tick(NOW, send=True).ran


@pytest.mark.django_db(transaction=True)
def test_tick_whose_connection_breaks_leaves_the_lock_and_the_next_goes_on(
    queue, only_steps, mailoutbox
):
    def step(now):
        if now == NOW:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    only_steps("breaks", step)
    queue(due_at=NOW - MINUTE)
    with pytest.raises(Exception, match=r"terminat|closed"):
        services.tick(NOW, send=True)
    connection.close()
    assert str(services.tick(NOW + MINUTE, send=True)) == "sent 1, failed 0, late 0, waiting 0"
    assert len(mailoutbox) == 1


def test_wake_with_the_broker_stopped_tries_it_only_now_and_then(queue, monkeypatch, caplog):
    from outbox.tasks import send

    asked = []

    def refuse(*args, **options):
        asked.append(args)
        raise ConnectionRefusedError

    monkeypatch.setattr(send, "apply_async", refuse)
    row = queue()
    assert row.queued_at == NOW
    assert [messages.wake(row.pk) for _ in range(3)] == [False] * 3
    assert len(asked) == 1
    assert Message.objects.get().queued_at is None
