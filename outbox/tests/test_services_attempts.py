"""One attempt: claimed once, sent as it was fixed, recorded, tried again as it should be."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from outbox import services
from outbox.kinds import OnHold, Prepared, Withheld
from outbox.models import Attempt, Message
from outbox.services import attempts
from run import keeper

from .conftest import NOW, use_server
from .post import DROP, Pause, PostOffice

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def history(row):
    return list(row.log.values_list("outcome", "code", "words"))


def reload(row):
    return Message.objects.get(pk=row.pk)


def test_send_hands_over_and_records(queue, smtp_server, settings):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    settings.DEFAULT_FROM_EMAIL = "Case Conferencing <no-reply@example.org>"
    row = queue(html="<p>Your list is ready in the portal.</p>")
    services.send(row.pk, now=NOW)
    row = reload(row)
    assert (row.state, row.sent_at, row.attempts, row.last_error) == ("sent", NOW, 1, "")
    assert history(row) == [("sent", 250, "Accepted by the mail server.")]
    (letter,) = smtp_server.received
    assert (letter.sender, letter.recipients) == ("bounces@example.org", ["ann@example.org"])
    mail = letter.message
    assert {name: mail[name] for name in mail if not name.startswith("Content")} == {
        "From": "Case Conferencing <no-reply@example.org>",
        "To": "ann@example.org",
        "Subject": "Region 2: your list is ready",
        "Message-ID": row.message_id,
        "Date": row.date_header,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
    }
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_send_of_what_is_sent_does_nothing(queue, smtp_server):
    row = queue()
    services.send(row.pk, now=NOW)
    assert services.send(row.pk, now=NOW + DAY) is None
    assert len(smtp_server.received) == 1


def test_send_before_its_time_does_nothing(queue, smtp_server):
    row = queue(due_at=NOW + MINUTE)
    assert services.send(row.pk, now=NOW) is None
    assert smtp_server.received == []


def test_send_refused_for_now_is_tried_again(queue, smtp_server):
    row = queue()
    smtp_server.answers["RCPT"] = ["451 4.7.1 Greylisted, come back"]
    services.send(row.pk, now=NOW)
    words = "The mail server refused this address: 4.7.1 Greylisted, come back"
    assert (reload(row).state, reload(row).last_error) == ("waiting", words)
    assert reload(row).status_words(NOW) == f"Tried once, will be tried again: {words}"
    assert services.send(row.pk, now=NOW + 9 * SECOND) is None
    services.send(row.pk, now=NOW + 10 * SECOND)
    assert reload(row).state == "sent"
    assert history(row) == [
        ("temporary", 451, words),
        ("sent", 250, "Accepted by the mail server."),
    ]
    assert len(smtp_server.received) == 1


@pytest.mark.parametrize(
    ("stage", "reply", "code", "words"),
    [
        (
            "RCPT",
            "550 5.1.1 No such person",
            550,
            "The mail server refused this address: 5.1.1 No such person",
        ),
        (
            "DATA",
            "554 5.6.0 Content refused",
            554,
            "The mail server refused this mail: 5.6.0 Content refused",
        ),
        ("MAIL", "552 5.3.4 Too big", 552, "The mail is too large: 5.3.4 Too big"),
    ],
)
def test_send_refused_for_good_fails_at_once(
    queue, smtp_server, register_kind, stage, reply, code, words
):
    told = []
    register_kind("greeting", on_failed=lambda message, now: told.append((message.state, now)))
    row = queue()
    smtp_server.answers[stage] = [reply]
    services.send(row.pk, now=NOW)
    assert reload(row).status_words(NOW) == f"Failed: {words}"
    assert history(row) == [("refused", code, words)]
    assert told == [("failed", NOW)]
    assert str(services.tick(NOW + DAY, send=True)) == "sent 0, failed 0, late 0, waiting 0"
    assert smtp_server.received == []


@pytest.mark.parametrize("reply", ["550 5.7.1 Sender not allowed", "530 5.7.0 Sign in first"])
def test_send_with_a_refused_sender_waits_and_tells_the_operator(queue, smtp_server, caplog, reply):
    row = queue()
    smtp_server.answers["MAIL"] = [reply]
    services.send(row.pk, now=NOW)
    words = f"The mail server refused this sender: {reply[4:]}"
    assert reload(row).state == "waiting"
    assert history(row) == [("configuration", int(reply[:3]), words)]
    assert f"Mail is not going out; check EMAIL_URL. {words}" in caplog.text
    assert services.health(NOW)["settings_refused"] == words
    services.send(row.pk, now=NOW + 10 * SECOND)
    assert reload(row).state == "sent"
    assert services.health(NOW)["settings_refused"] == ""


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_send_with_a_wrong_password_waits_and_tells_the_operator(queue, settings):
    office = PostOffice(password="right-password")
    office.start()
    use_server(settings, office, EMAIL_HOST_USER="coc", EMAIL_HOST_PASSWORD="wrong")
    row = queue()
    services.send(row.pk, now=NOW)
    assert (reload(row).state, row.log.get().outcome) == ("waiting", "configuration")
    settings.EMAIL_HOST_PASSWORD = "right-password"
    services.send(row.pk, now=NOW + 10 * SECOND)
    office.stop()
    assert reload(row).state == "sent"
    assert len(office.received) == 1


def test_send_without_the_servers_answer_repeats_the_same_bytes(queue, smtp_server, register_kind):
    register_kind(
        "list",
        prepare=lambda message, now: Prepared(
            "Region 2",
            "In the portal.",
            "<p>In the portal.</p>",
            [("list.pdf", b"%PDF-", "application/pdf")],
        ),
    )
    row = queue(kind="list", text="")
    smtp_server.answers["DATA"] = [DROP]
    services.send(row.pk, now=NOW)
    words = "The mail server broke off after it was given the mail; it may have arrived."
    assert history(row) == [("possible", None, words)]
    assert reload(row).possibly_at == NOW
    services.send(row.pk, now=NOW + 10 * SECOND)
    first, second = smtp_server.received
    assert first.content == second.content
    assert second.message["Message-ID"] == row.message_id
    assert second.message["Date"] == row.date_header
    assert reload(row).state == "sent"


def test_send_through_an_hour_without_mail_server_sends_all_once(queue, smtp_server):
    rows = [queue(f"greeting:{number}", address=f"p{number}@example.org") for number in range(12)]
    smtp_server.stop()
    now = NOW
    while now < NOW + HOUR:
        services.tick(now, send=True)
        now += 5 * MINUTE
    assert {row.state for row in Message.objects.all()} == {"waiting"}
    assert "The mail server cannot be reached" in Message.objects.first().last_error
    smtp_server.start()
    sent = 0
    while now < NOW + 2 * HOUR:
        sent += services.tick(now, send=True).sent
        now += 5 * MINUTE
    assert sent == len(rows)
    assert smtp_server.recipients == sorted(row.address for row in rows)
    assert {row.state for row in Message.objects.all()} == {"sent"}


def test_send_tries_soon_at_first_then_every_half_hour(queue, smtp_server):
    row = queue()
    now, waits = NOW, []
    for _ in range(8):
        smtp_server.answers["RCPT"] = ["450 later"]
        services.send(row.pk, now=now)
        waits.append((reload(row).next_attempt_at - now).total_seconds())
        now = reload(row).next_attempt_at
    assert waits == [10, 30, 60, 300, 900, 1800, 1800, 1800]


def test_send_gives_up_after_five_days(queue, smtp_server):
    row = queue()
    smtp_server.answers["RCPT"] = ["450 later", "450 later"]
    services.send(row.pk, now=NOW)
    services.send(row.pk, now=NOW + 5 * DAY)
    assert reload(row).status_words(NOW) == (
        "Failed: Given up. The mail server refused this address: later"
    )


def test_send_after_its_last_moment_never_sends(queue, smtp_server, register_kind):
    told = []
    register_kind("greeting", on_failed=lambda message, now: told.append(message.state))
    row = queue(not_after=NOW + HOUR)
    assert services.send(row.pk, now=NOW + HOUR) is None
    assert reload(row).status_words(NOW) == (
        "Not sent in time: Its time passed before it could be sent."
    )
    assert told == ["expired"]
    assert smtp_server.received == []


def test_send_prepared_past_its_last_moment_never_sends(queue, smtp_server, register_kind):
    clock = [NOW]

    def prepare(message, now):
        clock[0] = NOW + HOUR
        return Prepared("Region 2", "In the portal.")

    register_kind("list", prepare=prepare)
    row = queue(kind="list", text="", not_after=NOW + HOUR)
    claimed = attempts.claim(row.pk, now=NOW)
    verdict = attempts.deliver(claimed, lambda: clock[0])
    attempts.record(claimed, verdict, now=clock[0])
    assert reload(row).state == "expired"
    assert smtp_server.received == []


def test_send_withheld_says_why_and_never_sends(queue, smtp_server, register_kind):
    told = []

    def prepare(message, now):
        raise Withheld("The agency's agreement was revoked.")

    register_kind("list", prepare=prepare, on_withheld=lambda message, now: told.append(message.pk))
    row = queue(kind="list", text="")
    services.send(row.pk, now=NOW)
    assert reload(row).status_words(NOW) == "Withheld: The agency's agreement was revoked."
    assert told == [row.pk]
    assert services.send(row.pk, now=NOW + DAY) is None
    assert smtp_server.received == []


def test_send_of_what_its_kind_keeps_back_waits_however_long_and_goes_out_in_the_end(
    queue, smtp_server, register_kind
):
    def prepare(message, now):
        if now < NOW + 9 * DAY:
            raise OnHold("The list is on hold.")
        return Prepared("Region 2", "In the portal.")

    register_kind("papers", prepare=prepare)
    row = queue(kind="papers", text="")
    for days in (0, 1, 8):
        services.send(row.pk, now=NOW + days * DAY)
        row = reload(row)
        assert (row.state, row.last_error) == ("waiting", "The list is on hold.")
        assert row.next_attempt_at == NOW + days * DAY + 5 * MINUTE
    assert history(row)[0] == ("held", None, "The list is on hold.")
    services.send(row.pk, now=NOW + 9 * DAY)
    assert reload(row).state == "sent"
    assert len(smtp_server.received) == 1


def test_hold_of_a_mail_that_is_being_made_keeps_it_from_the_server_until_its_release(
    queue, smtp_server, register_kind
):
    def prepare(message, now):
        if message.attempts == 1:
            services.hold(message, actor=None, reason="In danger.", now=now)
        return Prepared("Region 2", "In the portal.")

    register_kind("papers", prepare=prepare)
    row = queue(kind="papers", text="")
    services.send(row.pk, now=NOW)
    row = reload(row)
    assert (row.state, row.status_words(NOW)) == ("waiting", "On hold: In danger.")
    assert services.send(row.pk, now=NOW + HOUR) is None
    assert smtp_server.received == []
    services.release(row, actor=None, now=NOW + HOUR)
    services.send(row.pk, now=NOW + HOUR)
    assert reload(row).state == "sent"
    assert len(smtp_server.received) == 1


def test_send_that_cannot_be_prepared_is_tried_again_and_logs_no_words(
    queue, smtp_server, register_kind, caplog
):
    broken = [True]

    def prepare(message, now):
        if broken[0]:
            raise RuntimeError("Mary Smith, born 1980")
        return Prepared("Region 2", "In the portal.")

    register_kind("list", prepare=prepare)
    row = queue(kind="list", text="")
    services.send(row.pk, now=NOW)
    assert history(row) == [("unprepared", None, "The mail could not be prepared (RuntimeError).")]
    assert "RuntimeError at test_services_attempts.py" in caplog.text
    assert "Mary" not in caplog.text
    broken[0] = False
    services.send(row.pk, now=NOW + 10 * SECOND)
    assert reload(row).state == "sent"
    assert len(smtp_server.received) == 1


def test_send_of_a_kind_this_worker_does_not_know_waits(queue, smtp_server, register_kind):
    row = queue()
    Message.objects.filter(pk=row.pk).update(text="")
    services.send(row.pk, now=NOW)
    assert (reload(row).state, row.log.get().outcome) == ("waiting", "unprepared")
    assert smtp_server.received == []


def test_send_keeps_its_own_headers(queue, smtp_server, register_kind):
    headers = {
        "message-id": "<other@example.org>",
        "Bcc": "eve@example.net",
        "Reply-To": "ce@example.org",
    }
    register_kind(
        "list", prepare=lambda message, now: Prepared("A\nBcc: eve", "B", headers=headers)
    )
    row = queue(kind="list", text="")
    services.send(row.pk, now=NOW)
    (letter,) = smtp_server.received
    mail = letter.message
    assert letter.recipients == ["ann@example.org"]
    assert mail.get_all("Message-ID") == [row.message_id]
    assert (mail["Reply-To"], mail["Bcc"], mail["Subject"]) == (
        "ce@example.org",
        None,
        "A Bcc: eve",
    )


def test_send_with_a_header_that_breaks_the_line_fails(queue, smtp_server, register_kind):
    headers = {"Reply-To": "ce@example.org\nBcc: eve@example.net"}
    register_kind("list", prepare=lambda message, now: Prepared("A", "B", headers=headers))
    row = queue(kind="list", text="")
    services.send(row.pk, now=NOW)
    assert reload(row).status_words(NOW) == (
        "Failed: No mail can be made of this address, subject or text (BadHeaderError)."
    )
    assert smtp_server.received == []


def test_send_whose_hook_fails_is_sent_once_and_the_hook_made_up(
    queue, smtp_server, register_kind, only_steps
):
    calls = []

    def on_sent(message, now):
        calls.append((message.state, now))
        if len(calls) == 1:
            Message.objects.filter(pk=message.pk).update(held_reason="half done")
            raise LookupError("no delivery")

    register_kind("greeting", on_sent=on_sent)
    row = queue()
    services.send(row.pk, now=NOW)
    row = reload(row)
    assert (row.state, row.hook_pending, row.held_reason) == ("sent", True, "")
    services.tick(NOW + MINUTE, send=True)
    assert calls == [("sent", NOW), ("sent", NOW + MINUTE)]
    assert (reload(row).state, reload(row).hook_pending) == ("sent", False)
    services.tick(NOW + 2 * MINUTE, send=True)
    assert len(calls) == 2
    assert len(smtp_server.received) == 1


def test_record_after_the_lease_was_lost_changes_nothing(queue, smtp_server):
    row = queue()
    slow = attempts.claim(row.pk, now=NOW)
    assert services.send(row.pk, now=NOW + 4 * MINUTE) is None
    services.send(row.pk, now=NOW + 5 * MINUTE)
    failed = attempts.Verdict(Attempt.Outcome.REFUSED, "Refused.")
    assert attempts.record(slow, failed, now=NOW + 6 * MINUTE) is None
    assert attempts.deliver(slow, lambda: NOW + 6 * MINUTE).outcome == "interrupted"
    assert reload(row).state == "sent"
    assert [outcome for outcome, *_ in history(row)] == ["interrupted", "sent"]
    assert len(smtp_server.received) == 1


@pytest.mark.django_db(transaction=True)
def test_send_by_two_workers_sends_once(queue, smtp_server):
    row = queue()
    pause = Pause()
    smtp_server.answers["RCPT"] = [pause]
    made = []

    def work():
        try:
            made.append(services.send(row.pk))
        finally:
            connection.close()

    first = threading.Thread(target=work)
    first.start()
    pause.wait()
    assert services.send(row.pk) is None
    assert str(services.tick(send=True)) == "sent 0, failed 0, late 0, waiting 1"
    pause.go.set()
    first.join(20)
    assert [attempt.outcome for attempt in made] == ["sent"]
    assert len(smtp_server.received) == 1


SEND_ONE = """
import django
django.setup()
from django.core.management import call_command
from run import keeper
from outbox import services
from outbox.models import Message
call_command("migrate", verbosity=0)
row = services.queue_mail(
    kind="greeting", address="ann@example.org", subject="Region 2", text="In the portal.",
    dedupe_key="greeting:1",
)
services.send(row.pk)
row = Message.objects.get()
print(row.state, row.attempts, [attempt.outcome for attempt in row.log.all()])
"""


def test_send_while_postgresql_restarts_records_all_the_same(settings):
    office = PostOffice()
    office.start()
    folder = Path(tempfile.mkdtemp(prefix="outbox-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
    record = folder / "run" / "servers.json"
    restarted = []

    def restart():
        """End PostgreSQL; its keeper starts it again."""
        postgres = json.loads(record.read_text())["postgres"]
        os.kill(postgres, signal.SIGINT)
        while Path(f"/proc/{postgres}").exists() and len(restarted) < 1000:
            restarted.append(postgres)
            time.sleep(0.01)

    office.answers["DATA"] = [restart]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SEND_ONE],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "CONFERENCING_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "outbox.tests.worker_settings",
            "EMAIL_URL": office.url,
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    office.stop()
    while keeper.is_locked(folder / "run" / "keeper.lock"):  # it stops after its last user
        time.sleep(0.02)
    shutil.rmtree(folder)
    assert done.stdout == "sent 1 ['sent']\n", done.stderr
    assert (len(office.received), bool(restarted)) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_send_of_a_row_that_somebody_else_holds_does_not_wait(queue, smtp_server):
    row = queue()
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM outbox_message FOR UPDATE")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
    assert services.send(row.pk, now=NOW) is None
    other.close()
    connection.close()
    services.send(row.pk, now=NOW)
    assert reload(row).state == "sent"
