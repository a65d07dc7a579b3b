"""A mail server's answer, in words for a person."""

import smtplib
import ssl

import pytest

from outbox.emails import clean_line, judge


@pytest.mark.parametrize(
    ("error", "outcome", "code", "words"),
    [
        (
            smtplib.SMTPAuthenticationError(454, b"4.7.0 Try later"),
            "temporary",
            454,
            "The mail server refused the name and password: 4.7.0 Try later",
        ),
        (
            smtplib.SMTPRecipientsRefused({"ann@example.org": (421, b"Closing")}),
            "temporary",
            421,
            "The mail server refused this address: Closing",
        ),
        (
            smtplib.SMTPRecipientsRefused({"ann@example.org": (530, b"Sign in first")}),
            "configuration",
            530,
            "The mail server refused this address: Sign in first",
        ),
        (
            smtplib.SMTPConnectError(554, b"No service here"),
            "unreached",
            554,
            "The mail server turned the connection away: No service here",
        ),
        (
            smtplib.SMTPHeloError(501, b""),
            "unreached",
            501,
            "The mail server turned the connection away.",
        ),
        (
            smtplib.SMTPNotSupportedError("STARTTLS not supported"),
            "configuration",
            None,
            "The mail server does not offer what EMAIL_URL asks of it (TLS or sign-in).",
        ),
        (
            ssl.SSLCertVerificationError("self-signed"),
            "configuration",
            None,
            "The mail server's certificate is not trusted.",
        ),
        (
            TimeoutError("timed out"),
            "unreached",
            None,
            "The mail server cannot be reached (TimeoutError).",
        ),
        (
            ConnectionRefusedError(111, "Connection refused"),
            "unreached",
            None,
            "The mail server cannot be reached (Connection refused).",
        ),
        (
            UnicodeEncodeError("ascii", "ä", 0, 1, "no"),
            "temporary",
            None,
            "The mail could not be handed over (UnicodeEncodeError).",
        ),
        (
            LookupError("Mary"),
            "temporary",
            None,
            "The mail could not be handed over (LookupError).",
        ),
    ],
)
def test_judge_tells_what_an_error_means(error, outcome, code, words):
    verdict = judge(error)
    assert (verdict.outcome, verdict.code, verdict.words) == (outcome, code, words)


def test_judge_shortens_what_a_server_says():
    verdict = judge(smtplib.SMTPDataError(554, b"no\r\n" * 500 + b"\xff"))
    assert len(verdict.words) <= 300
    assert "\n" not in verdict.words


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("  a \t b\x00\x7f ", "a b"),
        ("Přehled — ရန်ကုန်", "Přehled — ရန်ကုန်"),
        ("abcdefghijk", "abcdefghi…"),
    ],
)
def test_clean_line_is_one_line(text, line):
    assert clean_line(text, 10 if line.endswith("…") else 50) == line
