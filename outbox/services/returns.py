"""Reading what came back, from a folder and from a mailbox, and noting it on the mail."""

import contextlib
import imaplib
import logging
import ssl
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.db import transaction

from ..emails import Verdict, clean_line
from ..kinds import tell_returned
from ..models import Attempt, Message
from ..returns import LARGEST, read_return
from .attempts import log, place_of

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 100
IMAP_SECONDS = 15
OTHERS = "other"  # the folder's folder for what is no mail of ours that came back


def read_returns(now: datetime) -> Exception | None:
    """Step of the tick: note every mail that came back since, where the settings say."""
    failure = None
    for place, read in (
        (settings.BOUNCE_FOLDER, read_folder),
        (settings.BOUNCE_IMAP_URL, read_mailbox),
    ):
        if not place:
            continue
        try:
            with transaction.atomic():
                read(place, now=now)
        except (OSError, imaplib.IMAP4.error) as error:
            logger.error("Returned mail cannot be read: %s", place_of(error))
            failure = error
    return failure


def read_folder(folder: str | Path, *, now: datetime) -> int:
    """Note what lies in a folder as `.eml` files; return how many mails of ours came back.

    A file that was understood is removed; what is something else moves into `other`, for a
    person to look at.
    """
    folder, noted = Path(folder), 0
    found = sorted(folder.glob("*.eml"))[:MOST_AT_ONCE]
    for path in found:
        is_ours = (
            not path.is_symlink()
            and path.is_file()
            and path.stat().st_size <= LARGEST
            and note_return(path.read_bytes(), now=now)
        )
        noted += is_ours
        transaction.on_commit(partial(_put_away, path, is_ours))
    return noted


def _put_away(path: Path, is_ours: bool) -> None:
    if is_ours:
        path.unlink(missing_ok=True)
        return
    others = path.parent / OTHERS
    others.mkdir(mode=0o700, exist_ok=True)
    path.replace(others / path.name)


def read_mailbox(url: str, *, now: datetime) -> int:
    """Note what lies unread in a mailbox (`imaps://user:password@host/INBOX`).

    What was understood is marked as read; what is something else, as read and flagged, for a
    person to look at.
    """
    parts = urlsplit(url)
    tls = parts.scheme == "imaps"
    mailbox = _opened(parts, tls)
    noted = 0
    try:
        mailbox.login(unquote(parts.username or ""), unquote(parts.password or ""))
        _asked(mailbox.select(f'"{unquote(parts.path.strip("/")) or "INBOX"}"'))
        (numbers,) = _asked(mailbox.uid("SEARCH", "UNSEEN"))
        for number in (numbers or b"").split()[:MOST_AT_ONCE]:
            content = _fetched(mailbox, number.decode())
            is_ours = content is not None and note_return(content, now=now)
            noted += is_ours
            flags = "(\\Seen)" if is_ours else "(\\Seen \\Flagged)"
            _asked(mailbox.uid("STORE", number.decode(), "+FLAGS.SILENT", flags))
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            mailbox.logout()
    return noted


def _opened(parts: SplitResult, tls: bool) -> imaplib.IMAP4:
    if tls:
        return imaplib.IMAP4_SSL(
            parts.hostname or "",
            parts.port or 993,
            ssl_context=ssl.create_default_context(),
            timeout=IMAP_SECONDS,
        )
    return imaplib.IMAP4(parts.hostname or "", parts.port or 143, timeout=IMAP_SECONDS)


def _asked(answer: tuple[str, list[Any]]) -> list[Any]:  # Any: imaplib does not say
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error("The mailbox refused.")
    return data


def _fetched(mailbox: imaplib.IMAP4, number: str) -> bytes | None:
    """Return a mail without marking it, or None if it is too large to be looked at."""
    data = _asked(mailbox.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST + 1}>)"))
    for part in data:
        if isinstance(part, tuple) and len(part[1]) <= LARGEST:
            return bytes(part[1])
    return None


@transaction.atomic
def note_return(content: bytes, *, now: datetime) -> bool:
    """Note on its row that a mail came back, and tell its kind; whether it was one of ours."""
    found = read_return(content)
    if found is None:
        return False
    rows = Message.objects.select_for_update(of=("self",)).filter(message_id__in=found.message_ids)
    ours = [row for row in rows if row.state == Message.State.SENT or row.possibly_at]
    for row in ours:
        if row.returned_at is None:
            row.returned_at = now
            row.returned_words = clean_line(found.words, 300)
            row.save(update_fields=["returned_at", "returned_words"])
            log(row, Verdict(Attempt.Outcome.RETURNED, row.returned_words), now=now)
            tell_returned(row, now)
    return bool(ours)
