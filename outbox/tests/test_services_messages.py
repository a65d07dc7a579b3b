"""Queueing, sending again, taking back, holding."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.models import User
from outbox import services
from outbox.models import Message

from .conftest import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann@example.org", name="Ann")


def states():
    return list(Message.objects.order_by("dedupe_key").values_list("dedupe_key", "state"))


def test_queue_mail_twice_keeps_the_first(queue):
    first = queue(text="One.")
    second = queue(text="Two.")
    assert second.pk == first.pk
    assert list(Message.objects.values_list("text", "state")) == [("One.", "waiting")]


@pytest.mark.django_db(transaction=True)
def test_queue_mail_by_two_at_once_makes_one_row(queue):
    together = threading.Barrier(2)
    made = []

    def work():
        try:
            with transaction.atomic():
                together.wait(10)
                made.append(queue().pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert made == [Message.objects.get().pk] * 2


@pytest.mark.django_db(transaction=True)
def test_queue_mail_rolled_back_leaves_nothing(queue):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_queue_mail_fixes_message_id_and_date(queue, settings):
    settings.DEFAULT_FROM_EMAIL = "Case Conferencing <no-reply@coc.example.org>"
    row = queue()
    assert row.message_id == f"<{row.pk.hex}@coc.example.org>"
    assert row.date_header == "Wed, 20 May 2026 13:00:00 -0000"
    assert queue("later", due_at=NOW + HOUR).date_header == "Wed, 20 May 2026 14:00:00 -0000"


def test_queue_mail_without_words_is_refused(queue):
    with pytest.raises(ValidationError) as refused:
        queue(text="")
    assert refused.value.message_dict == {"text": ["A mail of this kind needs a text."]}
    assert not Message.objects.exists()


def test_queue_mail_keeps_a_subject_on_one_line(queue):
    row = queue(subject="Region 2\r\nBcc: eve@example.net\x00" + "x" * 300)
    assert row.subject.startswith("Region 2 Bcc: eve@example.net xxx")
    assert len(row.subject) == 250


@pytest.mark.parametrize(
    ("address", "kept", "words"),
    [
        (
            "ann@example.org\r\nBcc: eve@example.net",
            "ann@example.org\ufffd\ufffdBcc: eve@example.net",
            "This is not a valid email address. Correct it, then send again.",
        ),
        (
            "ann at example.org",
            "ann at example.org",
            "This is not a valid email address. Correct it, then send again.",
        ),
        (
            "ann@example.org, eve@example.net",
            "ann@example.org, eve@example.net",
            "This is not a valid email address. Correct it, then send again.",
        ),
        (
            "änn@example.org",
            "änn@example.org",
            "This is not a valid email address. Correct it, then send again.",
        ),
        ("  ", "", "There is no email address. Enter one, then send again."),
        (
            "a" * 400 + "@example.org",
            "a" * 320,
            "This is not a valid email address. Correct it, then send again.",
        ),
    ],
)
def test_queue_mail_to_a_wrong_address_fails_clearly(queue, smtp_server, address, kept, words):
    row = queue(address=address)
    services.send(row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.address, row.state, row.last_error) == (kept, "failed", words)
    assert smtp_server.received == []


def test_resend_makes_a_new_mail_to_the_address_of_today(queue, smtp_server, ann):
    row = queue(user=ann, address="old@example.org", late_after=NOW + HOUR)
    smtp_server.answers["RCPT"] = ["550 5.1.1 No such person"]
    services.send(row.pk, now=NOW)
    copy = services.resend(row, actor=ann, now=NOW + 2 * HOUR)
    services.send(copy.pk, now=NOW + 2 * HOUR)
    third = services.resend(copy, actor=ann, now=NOW + 3 * HOUR)
    assert states() == [
        ("greeting:1", "failed"),
        ("greeting:1#2", "sent"),
        ("greeting:1#3", "waiting"),
    ]
    assert (copy.address, copy.asked_by, copy.resend_of) == ("ann@example.org", ann, row)
    assert (copy.late_after, third.resend_of) == (None, row)
    assert len({row.message_id, copy.message_id, third.message_id}) == 3
    assert smtp_server.recipients == ["ann@example.org"]


def test_resend_pressed_twice_sends_once(queue, mailoutbox, ann):
    row = queue()
    services.send(row.pk, now=NOW)
    services.resend(row, actor=ann, now=NOW)
    with pytest.raises(ValidationError, match="still on its way"):
        services.resend(row, actor=ann, now=NOW)
    assert states() == [("greeting:1", "sent"), ("greeting:1#2", "waiting")]


def test_resend_after_its_last_moment_is_refused(queue, mailoutbox, ann):
    row = queue(not_after=NOW + HOUR)
    services.send(row.pk, now=NOW)
    with pytest.raises(ValidationError, match="can no longer be sent"):
        services.resend(row, actor=ann, now=NOW + HOUR)
    assert states() == [("greeting:1", "sent")]


def test_cancel_takes_back_a_waiting_mail(queue, mailoutbox, ann):
    row = queue()
    services.cancel(row, actor=ann, reason="The call was moved.", now=NOW)
    row = services.cancel(row, actor=ann, reason="Again.", now=NOW)
    assert (row.state, row.last_error) == ("cancelled", "The call was moved.")
    assert services.send(row.pk, now=NOW) is None
    assert mailoutbox == []


def test_cancel_of_a_sent_mail_is_refused(queue, mailoutbox, ann):
    row = queue()
    services.send(row.pk, now=NOW)
    with pytest.raises(ValidationError, match="can no longer be changed: sent"):
        services.cancel(row, actor=ann, reason="Too late.", now=NOW)
    assert states() == [("greeting:1", "sent")]


def test_cancel_without_a_reason_is_refused(queue, ann):
    with pytest.raises(ValidationError, match="Give a reason"):
        services.cancel(queue(), actor=ann, reason=" ", now=NOW)
    assert states() == [("greeting:1", "waiting")]


def test_hold_keeps_a_mail_until_its_release(queue, mailoutbox, ann):
    row = services.hold(queue(), actor=ann, reason="Roster is being checked.", now=NOW)
    assert row.status_words(NOW) == "On hold: Roster is being checked."
    assert str(services.tick(NOW, send=True)) == "sent 0, failed 0, late 0, waiting 1"
    assert services.send(row.pk, now=NOW) is None
    services.release(row, actor=ann, now=NOW)
    assert str(services.tick(NOW, send=True)) == "sent 1, failed 0, late 0, waiting 0"
    assert len(mailoutbox) == 1


def test_send_now_does_not_wait_for_the_time(queue, mailoutbox, ann):
    row = queue(due_at=NOW + 48 * HOUR)
    assert services.send(row.pk, now=NOW) is None
    row = services.send_now(row, actor=ann, now=NOW)
    services.send(row.pk, now=NOW)
    assert states() == [("greeting:1", "sent")]
    assert mailoutbox[0].message()["Date"] == "Wed, 20 May 2026 13:00:00 -0000"


def test_send_now_after_the_last_moment_is_refused(queue, ann):
    row = queue(not_after=NOW + HOUR)
    with pytest.raises(ValidationError, match="can no longer be sent"):
        services.send_now(row, actor=ann, now=NOW + HOUR)
