"""`manage.py send_due`: the tick and the sending, and its one line."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from outbox.models import Heartbeat, Message
from outbox.services.ticks import TICK_LOCK

from .conftest import NOW


def test_send_due_sends_and_says_so(queue, mailoutbox, only_steps, capsys):
    queue("now")
    queue("later", due_at=timezone.now() + timedelta(hours=1))
    call_command("send_due")
    assert capsys.readouterr().out == "sent 1, failed 0, late 0, waiting 1\n"
    assert len(mailoutbox) == 1
    assert Heartbeat.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("2026-05-20T12:59:59", 0),
        ("2026-05-20T13:00:00", 1),
        ("2026-05-20T07:59:59-05:00", 0),
        ("2026-05-20T08:00:00-05:00", 1),
        ("2026-05-20T13:00:00Z", 1),
    ],
)
def test_send_due_acts_at_the_time_that_was_typed(
    queue, mailoutbox, only_steps, capsys, typed, sent
):
    queue()
    call_command("send_due", "--at", typed)
    assert capsys.readouterr().out == f"sent {sent}, failed 0, late 0, waiting {1 - sent}\n"
    assert not Heartbeat.objects.exists()


def test_send_due_at_no_time_says_how_to_write_one(queue, mailoutbox):
    queue()
    with pytest.raises(CommandError) as refused:
        call_command("send_due", "--at", "tomorrow")
    assert str(refused.value) == (
        "--at: “tomorrow” is not a time. Write it like 2026-05-20T08:00 (UTC) "
        "or 2026-05-20T08:00:00-05:00."
    )
    assert mailoutbox == []
    assert Message.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_send_due_while_another_tick_runs_says_so(queue, mailoutbox, only_steps, capsys):
    queue(due_at=NOW)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TICK_LOCK])
    with pytest.raises(CommandError) as refused:
        call_command("send_due")
    other.close()
    assert str(refused.value) == "Another tick is running; this one did nothing."
    assert refused.value.returncode == 75
    assert capsys.readouterr().out == "sent 0, failed 0, late 0, waiting 1\n"
    assert mailoutbox == []
