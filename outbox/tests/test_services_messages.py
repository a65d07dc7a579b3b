"""Queueing, sending again, taking back, holding."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from outbox import services
from outbox.models import Message

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 20, 13, 0, tzinfo=UTC)


def queue(key="greeting:1", **fields):
    fields = {
        "kind": "greeting",
        "address": "ann@example.org",
        "subject": "Region 2",
        "text": "Your list is ready.",
        "now": NOW,
    } | fields
    return services.queue_mail(dedupe_key=key, **fields)


def test_queue_mail_twice_keeps_the_first():
    first = queue(text="One.")
    second = queue(text="Two.")
    assert second.pk == first.pk
    assert list(Message.objects.values_list("text", "state")) == [("One.", "waiting")]


def test_send_sends_and_records(mailoutbox):
    row = queue()
    attempt = services.send(row.pk, now=NOW)
    row.refresh_from_db()
    assert (attempt.outcome, row.state, row.sent_at, row.attempts) == ("sent", "sent", NOW, 1)
    assert [mail.to for mail in mailoutbox] == [["ann@example.org"]]
    assert services.send(row.pk, now=NOW + timedelta(hours=1)) is None
    assert len(mailoutbox) == 1


def test_tick_sends_what_is_due(mailoutbox):
    queue("now")
    queue("later", due_at=NOW + timedelta(hours=1))
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 0, late 0, waiting 1"


def test_queue_mail_without_words_is_refused():
    with pytest.raises(ValidationError):
        queue(text="")
