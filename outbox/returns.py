"""Mail that came back: what another server says of a mail of ours (RFC 3464), read with care.

Anybody can write to the address that mail returns to. Nothing here raises, follows a link, or
believes more than that a mail whose Message-ID the writer knows has not arrived.
"""

import email
import re
from dataclasses import dataclass
from email.message import Message as Mail
from email.utils import parseaddr
from typing import cast

from .emails import clean_line

LARGEST = 5 * 1024 * 1024  # bytes
MOST_PARTS = 60
LONGEST_SEARCHED = 200_000  # characters of text in which a Message-ID is looked for
OUR_ID = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,255}>")
ORIGINALS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Return:
    """A mail that did not arrive: the Message-IDs it may have had, and why, in words."""

    message_ids: tuple[str, ...]
    words: str


def read_return(content: bytes) -> Return | None:
    """Return what a mail says of one of ours that failed, or None if it says nothing of that."""
    if len(content) > LARGEST:
        return None
    try:
        return _read(email.message_from_bytes(content))
    except Exception:
        # Whatever a stranger's bytes do to the parser: such a mail is nothing to go by.
        return None


def _read(mail: Mail) -> Return | None:
    parts: list[Mail] = []
    for part in mail.walk():
        parts.append(part)
        if len(parts) >= MOST_PARTS:
            break
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if reports:
        words = _words_of(reports)
    elif _is_from_a_server(mail):
        words = "Its mail server gave no code."
    else:
        return None
    ids = _ids_of(mail, parts)
    return Return(tuple(ids), words) if words and ids else None


def _words_of(reports: list[Mail]) -> str:
    """Return why it failed, or nothing if no recipient's action is “failed”."""
    for report in reports:
        blocks = report.get_payload()
        for block in cast(list[Mail], blocks) if isinstance(blocks, list) else []:
            if str(block.get("Action", "")).strip().lower() != "failed":
                continue
            said = STATUS.search(str(block.get("Status", "")))
            why = str(block.get("Diagnostic-Code", "")).rpartition(";")[2]
            found = " ".join(filter(None, [said and said[0], clean_line(why, 200)]))
            return found or "Its mail server gave no code."
    return ""


def _is_from_a_server(mail: Mail) -> bool:
    """Whether a mail without a report was written by a mail server, not by a person."""
    if str(mail.get("Auto-Submitted", "")).strip().lower().startswith("auto-replied"):
        return False
    sender = parseaddr(str(mail.get("From", "")))[1].partition("@")[0].lower()
    return sender in ("mailer-daemon", "postmaster")


def _ids_of(mail: Mail, parts: list[Mail]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if part.get_content_type() in ORIGINALS:
            inner = part.get_payload()
            if isinstance(inner, list):
                found += [str(each.get("Message-ID", "")) for each in cast(list[Mail], inner)]
            else:
                found.append(str(inner)[:LONGEST_SEARCHED])
    found += [str(mail.get(name, "")) for name in ("In-Reply-To", "References")]
    ids = OUR_ID.findall(" ".join(found))
    if not ids:
        texts = [part for part in parts if part.get_content_maintype() == "text"]
        for part in texts:
            text = cast(bytes, part.get_payload(decode=True) or b"")[:LONGEST_SEARCHED]
            ids += OUR_ID.findall(text.decode("utf-8", "replace"))
    return list(dict.fromkeys(ids))[:20]
