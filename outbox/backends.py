"""How a mail leaves: by SMTP, or as files, for a system that has no mail server yet."""

import os
import re
import uuid
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from .emails import FolderError, Mime
from .smtp import Client, TlsClient


class SmtpBackend(EmailBackend):
    """Django's, with clients that know whether the server may have taken a mail."""

    @property
    def connection_class(self) -> type[Client | TlsClient]:
        return TlsClient if self.use_ssl else Client

    @property
    def may_have_taken(self) -> bool:
        """Whether the whole message was written to the server of this session."""
        return getattr(self.connection, "was_handed_over", False)


class EmlBackend(BaseEmailBackend):
    """Writes each mail as one `.eml` file into `EMAIL_FILE_PATH`, readable by its owner alone.

    Named by time and Message-ID, never by a person; a retry of the same mail replaces its
    file. A file appears whole or not at all.
    """

    def __init__(
        self,
        *args: Any,  # as of any backend
        file_path: str | None = None,
        **kwargs: Any,  # as of any backend
    ) -> None:
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)
        super().__init__(*args, **kwargs)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        written = 0
        for mail in email_messages:
            if not mail.recipients():
                continue
            try:
                self._write(cast(Mime, mail.message()))
            except OSError as error:
                if not self.fail_silently:
                    raise FolderError(
                        f"Mail cannot be written into the folder {self.folder.name} "
                        f"({error.strerror}). Make room there, or let the system write to it."
                    ) from error
            else:
                written += 1
        return written

    def _write(self, mime: Mime) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sent_at = parsedate_to_datetime(mime["Date"]).astimezone(UTC)
        own = re.sub(r"[^A-Za-z0-9-]", "-", mime["Message-ID"].strip("<> ").partition("@")[0])
        path = self.folder / f"{sent_at:%Y%m%dT%H%M%SZ}-{own}.eml"
        draft = self.folder / f".{uuid.uuid4().hex}.tmp"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mime.as_bytes(linesep="\r\n"))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
