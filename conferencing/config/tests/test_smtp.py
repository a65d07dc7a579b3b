"""The scripted SMTP server does as it is told; other tests rely on it."""

import smtplib

import pytest
from django.core.mail import EmailMessage


def mail(to="a@example.org"):
    return EmailMessage("Subject", "Body", "from@example.org", [to]).send()


def test_smtp_server_takes_mail_in(smtp_server):
    mail()
    [one] = smtp_server.received
    assert one.recipients == ["a@example.org"]
    assert one.message["Subject"] == "Subject"
    assert one.message.get_content().strip() == "Body"


def test_smtp_server_refuses_an_address(smtp_server):
    smtp_server.refuse("a@example.org", 451, times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="451"):
        mail("a@example.org")
    mail("a@example.org")
    assert [one.recipients for one in smtp_server.received] == [["a@example.org"]]


def test_smtp_server_refuses_content(smtp_server):
    smtp_server.refuse_content(554)
    with pytest.raises(smtplib.SMTPDataError, match="554"):
        mail()
    assert smtp_server.received == []


@pytest.mark.parametrize(("at", "taken"), [("RCPT", 0), ("DATA", 0), ("ACCEPTED", 1)])
def test_smtp_server_drops_the_connection(smtp_server, at, taken):
    smtp_server.drop(at)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        mail()
    assert len(smtp_server.received) == taken


def test_smtp_server_goes_away_and_comes_back(smtp_server):
    smtp_server.stop()
    with pytest.raises(ConnectionRefusedError):
        mail()
    smtp_server.start()
    mail()
    assert len(smtp_server.received) == 1
