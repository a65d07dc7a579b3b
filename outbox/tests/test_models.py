"""What the database refuses, whatever a program asks of it."""

import uuid

import pytest
from django.db import IntegrityError, InternalError, transaction

from outbox import services
from outbox.models import Heartbeat, Message

from .conftest import NOW


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "sent"}, "outbox_message_sent_has_time"),
        ({"sent_at": NOW}, "outbox_message_sent_has_time"),
        ({"state": "sending"}, "outbox_message_sending_has_lease"),
        ({"lease_token": uuid.uuid4()}, "outbox_message_sending_has_lease"),
        ({"state": "failed"}, "outbox_message_unsent_says_why"),
        ({"state": "lost"}, "outbox_message_state_known"),
        ({"late_at": NOW}, "outbox_message_late_has_limit"),
    ],
)
def test_message_that_contradicts_itself_is_refused(queue, fields, constraint):
    row = queue()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.filter(pk=row.pk).update(**fields)


def test_message_keeps_its_message_id_and_date(queue, smtp_server):
    row = queue()
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Message.objects.filter(pk=row.pk).update(message_id="<other@example.org>")
    smtp_server.answers["RCPT"] = ["450 later"]
    services.send(row.pk, now=NOW)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Message.objects.filter(pk=row.pk).update(date_header="Thu, 21 May 2026 13:00:00 -0000")


def test_heartbeat_is_one_row(db):
    Heartbeat.objects.create(at=NOW)
    with pytest.raises(IntegrityError, match="single_row"), transaction.atomic():
        Heartbeat.objects.create(id=2, at=NOW)


def test_message_due_is_found_by_its_index(queue):
    queue()
    with transaction.atomic():
        from django.db import connection

        connection.cursor().execute("SET LOCAL enable_seqscan = off")
        plan = Message.objects.due(NOW).order_by("next_attempt_at").explain()
    assert "outbox_message_due" in plan
