"""Mail as files."""

import re
from email import message_from_bytes

import pytest

from conferencing.tests.readable import readable
from outbox import services
from outbox.models import Message

from .conftest import NOW


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "outbox.backends.EmlBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_eml_backend_writes_one_whole_file(queue, folder):
    row = queue(html="<p>Your list is ready.</p>")
    services.send(row.pk, now=NOW)
    (file,) = folder.iterdir()
    assert file.name == f"20260520T130000Z-{row.pk.hex}.eml"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    mail = message_from_bytes(file.read_bytes())
    assert (mail["To"], mail["Message-ID"]) == ("ann@example.org", row.message_id)


def test_eml_backend_names_no_person(folder, settings):
    from django.core.mail import EmailMessage

    mail = EmailMessage("Hello", "Text", to=["ann@example.org"])
    mail.extra_headers["Message-ID"] = "<../../etc/x y@example.org>"
    assert mail.send() == 1
    (file,) = folder.iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z-[A-Za-z0-9-]+\.eml", file.name)
    assert "ann" not in readable(file.name)


def test_eml_backend_that_cannot_write_says_so_and_keeps_the_mail(queue, folder):
    folder.write_text("a file where the folder should be")
    row = queue()
    services.send(row.pk, now=NOW)
    row = Message.objects.get()
    assert (row.state, row.last_error) == (
        "waiting",
        "Mail cannot be written into the folder mail (File exists). "
        "Make room there, or let the system write to it.",
    )
    folder.unlink()
    services.send(row.pk, now=row.next_attempt_at)
    assert len(list(folder.iterdir())) == 1
