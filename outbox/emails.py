"""From a row to a MIME message, and from a mail server's answer to words for a person."""

import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from .models import Attempt

# 530 authentication required, 534 mechanism too weak, 535 credentials invalid,
# 538 encryption required (RFC 4954, RFC 3207): the sender's settings, not the recipient.
SETTINGS_CODES = {530, 534, 535, 538}


class FolderError(OSError):
    """The folder that mail is written to cannot be used. Its text names it and the remedy."""


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt: outcome, the server's reply code if it gave one, words."""

    outcome: str
    words: str
    code: int | None = None


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
        raise ValidationError("There is no e-mail address. Enter one, then send again.")
    try:
        validate_email(address)
        if not address.rpartition("@")[0].isascii():
            raise ValidationError("not ASCII")
    except ValidationError:
        raise ValidationError(
            "This is not a valid e-mail address. Correct it, then send again."
        ) from None


class OutboxMail(EmailMultiAlternatives):
    """A mail whose MIME boundaries follow from its Message-ID: a retry is the same bytes."""

    def message(self):
        mime = super().message()
        seed = hashlib.sha256(self.extra_headers["Message-ID"].encode()).hexdigest()[:40]
        for number, part in enumerate(mime.walk()):
            if part.get_content_maintype() == "multipart":
                part.set_boundary(f"=_{seed}_{number}")
        return mime


def build_mail(message, prepared) -> OutboxMail:
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
    taken = {name.lower() for name in fixed} | {"to", "cc", "bcc", "subject"}
    extra = {name: value for name, value in prepared.headers.items() if name.lower() not in taken}
    mail = OutboxMail(
        subject=clean_line(prepared.subject, 250),
        body=prepared.text,
        from_email=settings.BOUNCE_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        to=[message.address],
        headers={**extra, **fixed},
        attachments=[tuple(item) for item in prepared.attachments],
    )
    if prepared.html:
        mail.attach_alternative(prepared.html, "text/html")
    for content, media_type in prepared.alternatives:
        mail.attach_alternative(content, media_type)
    return mail


def judge(error: Exception) -> Verdict:
    """Say what a failed delivery means: tried again, given up, or the sender's own settings."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _judge_reply(code, reply, "The mail server refused this address")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _judge_reply(
            error.smtp_code if error.smtp_code < 500 else 535,
            error.smtp_error,
            "The mail server refused the name and password",
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        # 552: too large, announced with the sender; any other refusal concerns every mail.
        code = error.smtp_code
        return _judge_reply(
            code if code < 500 or code == 552 else 530,
            error.smtp_error,
            "The mail server refused this sender" if code != 552 else "The mail is too large",
            said=code,
        )
    if isinstance(error, smtplib.SMTPHeloError | smtplib.SMTPConnectError):
        return Verdict(
            Attempt.Outcome.UNREACHED,
            _with_reply("The mail server turned the connection away", error.smtp_error),
            error.smtp_code,
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
    if isinstance(error, ValueError | TypeError):
        return Verdict(
            Attempt.Outcome.REFUSED,
            f"No mail can be made of this address, subject or text ({type(error).__name__}).",
        )
    return Verdict(
        Attempt.Outcome.TEMPORARY, f"The mail could not be handed over ({type(error).__name__})."
    )


def _judge_reply(code, reply, words, *, said=None):
    if code in SETTINGS_CODES:
        outcome = Attempt.Outcome.CONFIGURATION
    elif 500 <= code < 600:
        outcome = Attempt.Outcome.REFUSED
    else:
        outcome = Attempt.Outcome.TEMPORARY
    return Verdict(outcome, _with_reply(words, reply), code if said is None else said)


def _with_reply(words, reply):
    if isinstance(reply, bytes):
        reply = reply.decode("utf-8", "replace")
    reply = clean_line(reply or "", 180)
    return f"{words}: {reply}" if reply else f"{words}."
