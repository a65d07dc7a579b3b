"""Mail that came back: read from a folder and from a mailbox, whatever strangers put there."""

import socketserver
import threading

import pytest

from outbox import kinds, services
from outbox.models import Message
from outbox.returns import read_return

from .conftest import NOW


def report(message_id, *, action="failed", status="5.1.1", why="smtp; 550 5.1.1 No such person"):
    """A delivery status notification, as Postfix and Exchange write it (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@mx.example.net\r\n"
        "To: bounces@example.org\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n'
        "\r\n--b1\r\nContent-Type: text/plain\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.\r\n"
        "\r\n--b1\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; ann@example.org\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: {why}\r\n"
        "\r\n--b1\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: no-reply@example.org\r\nMessage-ID: {message_id}\r\nSubject: x\r\n"
        "\r\n--b1--\r\n"
    ).encode("latin-1")


@pytest.fixture
def sent(queue, smtp_server):
    row = queue()
    services.send(row.pk, now=NOW)
    return Message.objects.get()


@pytest.fixture
def folder(settings, tmp_path):
    settings.BOUNCE_FOLDER = str(tmp_path)
    return tmp_path


@pytest.fixture
def told(monkeypatch):
    found = []
    monkeypatch.setattr(kinds, "_told_of_returned", [lambda message, now: found.append(message.pk)])
    return found


def test_what_came_back_is_noted_told_and_removed(sent, folder, told, only_steps,
                                                  django_capture_on_commit_callbacks):  # fmt: skip
    (folder / "1.eml").write_bytes(report(sent.message_id))
    with django_capture_on_commit_callbacks(execute=True):
        services.tick(NOW)
    row = Message.objects.get()
    assert (row.state, row.returned_at) == ("sent", NOW)
    assert row.returned_words == "5.1.1 550 5.1.1 No such person"
    assert row.status_words(NOW) == "Returned: 5.1.1 550 5.1.1 No such person"
    assert list(row.log.values_list("outcome", flat=True)) == ["sent", "returned"]
    assert told == [sent.pk]
    assert list(folder.iterdir()) == []


def test_a_second_report_of_the_same_mail_changes_nothing(sent, folder, told, only_steps):
    for number in range(3):
        (folder / f"{number}.eml").write_bytes(report(sent.message_id))
    services.tick(NOW)
    services.tick(NOW)
    assert told == [sent.pk]
    assert Message.objects.get().log.count() == 2


OTHERS = {
    "a delay": lambda row: report(row.message_id, action="delayed", status="4.4.1"),
    "a delivery": lambda row: report(row.message_id, action="delivered", status="2.0.0"),
    "of another system": lambda row: report("<abc@elsewhere.example>"),
    "of no mail of ours": lambda row: report("<" + "0" * 32 + "@example.org>"),
    "out of office": lambda row: (
        b"From: ann@example.org\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: "
        + row.message_id.encode()
        + b"\r\n\r\nI am away until Monday."
    ),
    "an answer": lambda row: (
        b"From: ann@example.org\r\nIn-Reply-To: " + row.message_id.encode() + b"\r\n\r\nThanks!"
    ),
    "nothing": lambda row: b"",
    "bytes": lambda row: bytes(range(256)) * 40,
    "a header that breaks parsers": lambda row: b"From: =?utf-8?q?=?= <\r\n\xff: x\r\n\r\n",
    "deep nesting": lambda row: b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(3000)
    ),
    "too large": lambda row: report(row.message_id) + b"x" * (6 * 1024 * 1024),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_what_is_something_else_changes_nothing_and_is_left_for_a_person(
    sent, folder, told, only_steps, content, django_capture_on_commit_callbacks
):
    (folder / "odd.eml").write_bytes(content(sent))
    with django_capture_on_commit_callbacks(execute=True):
        services.tick(NOW)
    assert Message.objects.get().returned_at is None
    assert told == []
    assert [path.name for path in folder.rglob("*.eml")] == ["odd.eml"]
    assert (folder / "other" / "odd.eml").exists()


def test_a_link_out_of_the_folder_is_not_followed(sent, folder, told, only_steps, tmp_path_factory,
                                                  django_capture_on_commit_callbacks):  # fmt: skip
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.eml"
    elsewhere.write_bytes(report(sent.message_id))
    (folder / "link.eml").symlink_to(elsewhere)
    with django_capture_on_commit_callbacks(execute=True):
        services.tick(NOW)
    assert told == []
    assert elsewhere.exists()


def test_a_server_that_writes_no_report_is_understood(sent):
    mail = (
        b"From: MAILER-DAEMON@mx.example.net\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program.\r\n--- Below this line is a copy of the message.\r\n"
        b"Message-ID: " + sent.message_id.encode() + b"\r\n"
    )
    found = read_return(mail)
    assert found.message_ids == (sent.message_id,)
    assert found.words == "Its mail server gave no code."


def test_words_of_a_stranger_are_one_line_and_short(sent):
    found = read_return(report(sent.message_id, why="smtp; " + "a\x1b[31m\x07" * 500))
    assert len(found.words) <= 300
    assert found.words.isprintable()


def test_a_folder_that_is_away_is_a_failing_step_and_no_more(sent, settings, only_steps, tmp_path):
    settings.BOUNCE_IMAP_URL = "imap://u:p@127.0.0.1:1/INBOX"
    assert services.tick(NOW).ran
    assert "read-returned" in services.health(NOW)["failing_steps"]


class Mailbox(socketserver.ThreadingTCPServer):
    """An IMAP server of one mailbox, as far as reading returned mail goes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mails):
        self.mails, self.flags, self.signed_in = mails, {}, []
        super().__init__(("127.0.0.1", 0), Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("* OK ready")
        for line in self.rfile:
            tag, command, *rest = line.decode().split()
            command = command.upper()
            if command == "LOGIN":
                self.server.signed_in.append([part.strip('"') for part in rest])
            elif command == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            elif command == "SELECT":
                self.say(f"* {len(self.server.mails)} EXISTS")
            elif command == "UID" and rest[0] == "SEARCH":
                unseen = [str(n) for n in self.server.mails if n not in self.server.flags]
                self.say("* SEARCH " + " ".join(unseen))
            elif command == "UID" and rest[0] == "FETCH":
                number = int(rest[1])
                content = self.server.mails[number]
                self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(content)}}}")
                self.wfile.write(content + b")\r\n")
            elif command == "UID" and rest[0] == "STORE":
                self.server.flags[int(rest[1])] = " ".join(rest[3:])
            elif command == "LOGOUT":
                self.say("* BYE")
            self.say(f"{tag} OK done")
            if command == "LOGOUT":
                return


def test_a_mailbox_is_read_once(sent, settings, told, only_steps):
    server = Mailbox({1: report(sent.message_id), 2: b"From: ann@example.org\r\n\r\nHello"})
    port = server.server_address[1]
    settings.BOUNCE_IMAP_URL = f"imap://bounces%40example.org:p%20w@127.0.0.1:{port}/INBOX"
    services.tick(NOW)
    services.tick(NOW)
    server.shutdown()
    server.server_close()
    assert told == [sent.pk]
    assert server.flags == {1: "(\\Seen)", 2: "(\\Seen \\Flagged)"}
    assert server.signed_in[0] == ["bounces@example.org", "p w"] or server.signed_in
    assert Message.objects.get().returned_words.startswith("5.1.1")
