"""What real mail servers do to a conversation: every answer ends in a record, none in a crash."""

import ssl
import subprocess
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from conferencing.config.settings import email_settings
from outbox import services
from outbox.emails import build_mail
from outbox.kinds import Prepared
from outbox.models import Attempt, Letter, Message

from .conftest import NOW, use_server
from .post import PostOffice
from .rude import DROP, STAGES, RudeServer

SECOND = timedelta(seconds=1)
STRANGE = {
    "no number": b"hello there\r\n",
    "minus": b"-1 odd\r\n",
    "zero": b"000 zero\r\n",
    "one digit": b"2\r\n",
    "999": b"999 what\r\n",
    "600": b"600 what\r\n",
    "199": b"199 what\r\n",
    "empty line": b"\r\n",
    "nul bytes": b"\x00\x00\x00\x00\r\n",
    "not UTF-8": b"\xff\xfe25\xff\r\n",
    "digits of another script": "٢٥٠ OK\r\n".encode(),
    "a huge line": b"250 " + b"x" * 100_000 + b"\r\n",
    "a line without end": b"2" * 100_000,
    "endless continuation": b"250-more\r\n" * 5000,
    "codes that change": b"250-one\r\n550 two\r\n",
    "HTTP": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
    "no answer": DROP,
}


@pytest.fixture
def rude(settings):
    servers = []

    def start(stage, answer, times=1):
        server = RudeServer(stage, answer, times)
        servers.append(server)
        use_server(settings, server, EMAIL_TIMEOUT=3)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_whatever_a_server_answers_is_recorded_and_tried_again(queue, rude, stage, answer):
    server = rude(stage, answer)
    row = queue()
    attempt = services.send(row.pk, now=NOW)
    row = Message.objects.get()
    assert row.state == "waiting"
    assert attempt.code is None
    # Only once the whole message was written may the server have taken it.
    may_have_arrived = stage == "END"
    assert (attempt.outcome == "possible") == may_have_arrived
    assert (row.possibly_at is not None) == may_have_arrived
    assert len(server.taken) == may_have_arrived
    services.send(row.pk, now=row.next_attempt_at)
    assert Message.objects.get().state == "sent"
    assert len(set(server.taken)) == 1
    assert not Letter.objects.exists()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize("code", [421, 450, 452])
def test_a_refusal_for_now_was_not_taken(queue, rude, stage, code):
    rude(stage, b"%d later\r\n" % code)
    row = queue()
    attempt = services.send(row.pk, now=NOW)
    row = Message.objects.get()
    assert (row.state, row.possibly_at) == ("waiting", None)
    assert (attempt.outcome, attempt.code) == ("temporary", code)


@pytest.mark.parametrize("code", [200, 250, 251, 299])
def test_every_2xx_after_the_message_is_an_acceptance(queue, rude, code):
    rude("END", b"%d fine\r\n" % code)
    row = queue()
    assert services.send(row.pk, now=NOW).outcome == "sent"


@pytest.mark.parametrize("code", [250, 550])
def test_a_reply_of_several_lines_is_read_whole(queue, rude, code):
    rude("END", b"%d-one\r\n%d-two\r\n%d three\r\n" % (code, code, code))
    row = queue()
    attempt = services.send(row.pk, now=NOW)
    assert attempt.outcome == ("sent" if code == 250 else "refused")
    assert code == 250 or attempt.words == "The mail server refused this mail: one two three"


def test_a_server_that_never_answers_ends_within_the_time_out(queue, rude):
    rude("END", b"", times=1)
    row = queue()
    assert services.send(row.pk, now=NOW).outcome == "possible"
    assert Message.objects.get().state == "waiting"


def test_code_is_one_of_smtp_or_none(db):
    field = Attempt._meta.get_field("code")
    assert field.null


WORDS = "Přehled für Ann: 3 households, “ready” — " + "a long line without an end " * 60


def test_no_mail_needs_8_bits(queue, smtp_server, register_kind):
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Přehled\r\nEND:VCALENDAR\r\n"
    register_kind(
        "list",
        prepare=lambda message, now: Prepared(
            "Přehled",
            WORDS,
            f"<p>{WORDS}</p>",
            [("přehled.pdf", b"%PDF-\xff\x00", "application/pdf")],
            [(calendar, "text/calendar; method=REQUEST")],
        ),
    )
    services.send(queue(kind="list", text="").pk, now=NOW)
    (letter,) = smtp_server.received
    assert letter.content.isascii()
    assert max(map(len, letter.content.split(b"\r\n"))) <= 998
    found = {part.get_content_type(): part for part in letter.message.walk()}
    assert found["text/plain"].get_content().strip() == WORDS.strip()
    assert WORDS in found["text/html"].get_content()
    assert found["text/calendar"].get_content().replace("\r\n", "\n") == calendar.replace(
        "\r\n", "\n"
    )
    assert found["application/pdf"].get_content() == b"%PDF-\xff\x00"
    encodings = {part["Content-Transfer-Encoding"] for part in letter.message.walk()}
    assert encodings <= {None, "7bit", "quoted-printable", "base64"}


def test_a_mail_is_made_of_its_row_alone(queue):
    row = queue(text=WORDS)
    made = [build_mail(row, Prepared(row.subject, row.text)).message().as_bytes() for _ in "12"]
    assert made[0] == made[1]


# TLS from the start, by a server that speaks nothing else.


@pytest.fixture
def certificate(tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
        + ["-keyout", str(key), "-out", str(cert), "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True,
        capture_output=True,
    )
    return key, cert


class TlsOffice:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):
        self.received.append(envelope.original_content)
        return "250 OK"


def test_smtps_is_tls_from_the_start(queue, settings, certificate, monkeypatch):
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    office = TlsOffice()
    port = PostOffice().port
    controller = Controller(office, hostname="127.0.0.1", port=port, ssl_context=context)
    controller.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    try:
        for name, value in email_settings(f"smtps://127.0.0.1:{port}").items():
            setattr(settings, name, value)
        settings.EMAIL_TIMEOUT = 10
        row = queue()
        services.send(row.pk, now=NOW)
        assert Message.objects.get().state == "sent"
        assert len(office.received) == 1
    finally:
        controller.stop(no_assert=True)


def test_mail_addresses_mean_what_they_say():
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_SSL", "EMAIL_USE_TLS")

    def read(url):
        found = email_settings(url)
        return tuple(found[name] for name in names)

    assert read("smtps://u:p@mx.example.org") == ("mx.example.org", 465, True, False)
    assert read("smtps://u:p@mx.example.org:8465?tls=true") == ("mx.example.org", 8465, True, False)
    assert read("submission://u:p@mx.example.org") == ("mx.example.org", 587, False, True)
    assert read("smtp://mx.example.org") == ("mx.example.org", 25, False, False)
    assert email_settings("smtps://u%40x:p%2Fw@mx.example.org")["EMAIL_HOST_PASSWORD"] == "p/w"
