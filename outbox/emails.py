"""From a row to a MIME message, and from a mail server's answer to words for a person."""

import email
import email.policy
import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.charset import QP, Charset
from email.utils import parseaddr
from typing import Protocol, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import SafeMIMEMultipart
from django.core.validators import validate_email

from .kinds import Prepared, answers_to
from .models import Attempt, Message
from .smtp import Garbled

# 530 authentication required, 534 mechanism too weak, 535 credentials invalid,
# 538 encryption required (RFC 4954, RFC 3207): the sender's settings, not the recipient.
SETTINGS_CODES = {530, 534, 535, 538}


class FolderError(OSError):
    """The folder that mail is written to cannot be used. Its text names it and the remedy."""


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt: outcome, words, the server's reply code if it gave one.

    `is_replaced`: a new mail takes the place of this one. `wait`: how long one that is kept back
    waits before it is tried again; never given up for that.
    """

    outcome: str
    words: str
    code: int | None = None
    is_replaced: bool = False
    wait: timedelta | None = None


def with_possible(row: Message, words: str) -> str:
    """Return why a mail is not sent, with the word that an earlier attempt may have arrived."""
    if row.possibly_at is None:
        return words[:300]
    return f"{words[:250]} An earlier attempt may have arrived."


def clean_line(text: str, length: int) -> str:
    """Return the text on one line: no line breaks or control characters, at most `length` long.

    A header made of it cannot be followed by another one that its author slipped in.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(printable.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def clean_address(address: str) -> str:
    """Return the address as it can be kept, with a mark for what can be part of none."""
    marked = "".join(char if char.isprintable() else "\ufffd" for char in address.strip())
    return marked[:320]


def check_address(address: str) -> None:
    """Raise ValidationError for what no mail can be sent to, or what would add a header."""
    if not address:
        raise ValidationError("There is no email address. Enter one, then send again.")
    try:
        validate_email(address)
        if not address.rpartition("@")[0].isascii():
            raise ValidationError("not ASCII")
    except ValidationError:
        raise ValidationError(
            "This is not a valid email address. Correct it, then send again."
        ) from None


SEVEN_BIT = Charset("utf-8")
SEVEN_BIT.body_encoding = QP


class Mime(Protocol):
    """What a backend asks of a message: a header, and its bytes."""

    def __getitem__(self, name: str) -> str: ...

    def as_bytes(self, *, linesep: str) -> bytes: ...


class KeptBytes:
    """A message that is nothing but its bytes: what every backend hands over."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.headers = email.message_from_bytes(content)

    def __getitem__(self, name: str) -> str:
        return self.headers[name]

    def as_bytes(self, **options: object) -> bytes:
        return self.content

    def as_string(self, **options: object) -> str:
        return self.content.decode("ascii")


class OutboxMail(EmailMultiAlternatives):
    """A mail in 7 bits; once made it is its bytes (`kept`), and every repeat is the same ones.

    8-bit bodies are for servers that announce 8BITMIME (RFC 6152), and no server need.
    """

    kept: bytes | None = None
    basis: str  # what its words rest on, of one that was just made

    def message(self) -> KeptBytes:  # type: ignore[override]  # it has what backends ask of one
        if self.kept is None:
            self.kept = self._made().as_bytes(linesep="\r\n")
        return KeptBytes(self.kept)

    def _made(self) -> SafeMIMEMultipart:
        # As Django 5.2 makes them; the types are those of 6.
        mime = cast(SafeMIMEMultipart, super().message())
        seed = hashlib.sha256(self.extra_headers["Message-ID"].encode()).hexdigest()[:40]
        for number, part in enumerate(mime.walk()):
            if part.get_content_maintype() == "multipart":
                part.set_boundary(f"=_{seed}_{number}")
            elif part["Content-Transfer-Encoding"] == "8bit":
                words = cast(bytes, part.get_payload(decode=True)).decode("utf-8")
                del part["Content-Transfer-Encoding"]
                part.set_payload(words, SEVEN_BIT)
        return mime


def kept_mail(message: Message, content: bytes) -> OutboxMail:
    """Return a mail whose bytes were kept at the first attempt, to be handed over as they are."""
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    text = parsed.get_body(("plain",))
    mail = OutboxMail(
        subject=parsed["Subject"],
        body=text.get_content() if text else "",
        from_email=envelope_sender(),
        to=[message.address],
        headers={"Message-ID": message.message_id, "Date": message.date_header},
    )
    mail.kept = content
    return mail


def envelope_sender() -> str:
    """To whom other servers return a mail that they cannot deliver."""
    return settings.BOUNCE_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def build_mail(message: Message, prepared: Prepared) -> OutboxMail:
    """Return the mail of a row, to one recipient, with the row's Message-ID and Date.

    Its envelope sender, to which other servers return it, is `BOUNCE_ADDRESS`.
    """
    fixed = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": message.message_id,
        "Date": message.date_header,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies
        "X-Auto-Response-Suppress": "All",  # the same, for Exchange
    }
    if answers := answers_to(message):
        fixed["Reply-To"] = ", ".join(answers)
    taken = {name.lower() for name in fixed} | {"to", "cc", "bcc", "subject"}
    extra = {name: value for name, value in prepared.headers.items() if name.lower() not in taken}
    mail = OutboxMail(
        subject=clean_line(prepared.subject, 250),
        body=prepared.text,
        from_email=envelope_sender(),
        to=[message.address],
        headers={**extra, **fixed},
        attachments=[(name, content, kind) for name, content, kind in prepared.attachments],
    )
    if prepared.html:
        mail.attach_alternative(prepared.html, "text/html")
    for content, media_type in prepared.alternatives:
        mail.attach_alternative(content, media_type)
    return mail


MAY_HAVE_ARRIVED = "The mail server broke off after it was given the mail; it may have arrived."
STRANGE_ANSWER = "The mail server gave an answer that is none; the mail may have arrived."


def judge_making(error: Exception) -> Verdict:
    """Say what it means that no message could be made of a row."""
    return Verdict(
        Attempt.Outcome.REFUSED,
        f"No mail can be made of this address, subject or text ({type(error).__name__}).",
    )


def judge(error: Exception, *, handed_over: bool = False) -> Verdict:
    """Say what a failed delivery means: tried again, given up, or the sender's own settings.

    `handed_over`: the whole message was written to the server. Only a refusal in so many words
    (4xx, 5xx) then says that it did not take it; after all else it may have.
    """
    refused = isinstance(error, smtplib.SMTPDataError) and 400 <= error.smtp_code < 600
    if handed_over and not refused:
        is_silent = isinstance(error, OSError) and not isinstance(
            error, Garbled | smtplib.SMTPResponseException
        )
        return Verdict(Attempt.Outcome.POSSIBLE, MAY_HAVE_ARRIVED if is_silent else STRANGE_ANSWER)
    if isinstance(error, Garbled):
        return Verdict(
            Attempt.Outcome.TEMPORARY, "The mail server's answer could not be understood."
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _judge_reply(code, reply, "The mail server refused this address")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _judge_reply(
            535 if 500 <= error.smtp_code < 600 else error.smtp_code,
            error.smtp_error,
            "The mail server refused the name and password",
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        # 552: too large, announced with the sender; any other refusal concerns every mail.
        code = error.smtp_code
        return _judge_reply(
            code if not 500 <= code < 600 or code == 552 else 530,
            error.smtp_error,
            "The mail server refused this sender" if code != 552 else "The mail is too large",
            said=code,
        )
    if isinstance(error, smtplib.SMTPHeloError | smtplib.SMTPConnectError):
        return Verdict(
            Attempt.Outcome.UNREACHED,
            _with_reply("The mail server turned the connection away", error.smtp_error),
            known_code(error.smtp_code),
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return _judge_reply(error.smtp_code, error.smtp_error, "The mail server refused this mail")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Verdict(
            Attempt.Outcome.CONFIGURATION,
            "The mail server does not offer what EMAIL_URL asks of it (TLS or sign-in).",
        )
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Verdict(Attempt.Outcome.UNREACHED, "The mail server broke off the connection.")
    if isinstance(error, FolderError):
        return Verdict(Attempt.Outcome.CONFIGURATION, clean_line(str(error), 300))
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict(
            Attempt.Outcome.CONFIGURATION, "The mail server's certificate is not trusted."
        )
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return Verdict(
            Attempt.Outcome.UNREACHED,
            clean_line(f"The mail server cannot be reached ({reason}).", 300),
        )
    return Verdict(
        Attempt.Outcome.TEMPORARY, f"The mail could not be handed over ({type(error).__name__})."
    )


def _judge_reply(
    code: int, reply: bytes | str | None, words: str, *, said: int | None = None
) -> Verdict:
    if code in SETTINGS_CODES:
        outcome = Attempt.Outcome.CONFIGURATION
    elif 500 <= code < 600:
        outcome = Attempt.Outcome.REFUSED
    else:
        outcome = Attempt.Outcome.TEMPORARY
    return Verdict(outcome, _with_reply(words, reply), known_code(code if said is None else said))


def known_code(code: object) -> int | None:
    """The reply code, if it is one of SMTP's (RFC 5321 4.2)."""
    return code if isinstance(code, int) and 200 <= code < 600 else None


def _with_reply(words: str, reply: bytes | str | None) -> str:
    if isinstance(reply, bytes):
        reply = reply.decode("utf-8", "replace")
    reply = clean_line(reply or "", 180)
    return f"{words}: {reply}" if reply else f"{words}."
