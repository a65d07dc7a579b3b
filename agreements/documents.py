"""The PDF of what was signed, and the check of a scanned one."""

import hashlib
import json
import subprocess
import sys
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from accounts.models import User
from regions.words import clock_words, day_words
from vault.documents import render

from . import scans
from .models import AgencyAgreement, AgreementForm, PersonalStatement
from .scans import Look
from .standing import Paper

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 200
LOOKED_AT_FOR = 30  # seconds


def agreement_pdf(agreement: AgencyAgreement) -> bytes:
    """Draw the agency's agreement as it stands signed, and countersigned if it is."""
    zone = agreement.agency.continuum.zone
    countersigned = None
    if agreement.countersigned_at:
        by = cast(User, agreement.countersigned_by)
        countersigned = {"name": by.name, "at": moment(agreement.countersigned_at, zone)}
    return render(
        "agreement",
        {
            **facts(agreement),
            "agency": agreement.agency.name,
            "signer": {"name": agreement.signer_name, "title": agreement.signer_title},
            "countersigned": countersigned,
            "effective_on": (
                day_words(agreement.effective_on)
                if agreement.effective_on
                else "the date of countersignature"
            ),
            "expires_on": (
                day_words(agreement.expires_on)
                if agreement.expires_on
                else f"{months(agreement.form)} after it takes effect"
            ),
        },
    )


def statement_pdf(statement: PersonalStatement, *, title: str) -> bytes:
    """Draw a person's confidentiality statement; `title`: their function, in words."""
    return render(
        "agreement",
        {
            **facts(statement),
            "agency": None,
            "signer": {"name": statement.signed_name, "title": title},
            "countersigned": None,
            "effective_on": day_words(statement.effective_on),
            "expires_on": statement.expires_on and day_words(statement.expires_on),
        },
    )


def facts(paper: Paper) -> dict[str, object]:
    """What both documents say of the text and its signing."""
    continuum = paper.form.continuum
    return {
        "continuum": f"{continuum.name} ({continuum.code})",
        "title": paper.form.title,
        "version": str(paper.form.version),
        "text": paper.form.text,
        "text_hash": paper.text_hash,
        "signed_at": moment(paper.signed_at, continuum.zone),
        "signed_from": paper.signed_from,
        "is_example": continuum.is_example,
    }


def months(form: AgreementForm) -> str:
    return "1 month" if form.months_valid == 1 else f"{form.months_valid} months"


def moment(at: datetime, zone: str) -> str:
    """A time in the words of a document: Nov 3, 2026, 2:05 PM CST."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day_words(local)}, {clock_words(local)} {local:%Z}"


def hash_of(pdf: bytes) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(pdf).hexdigest()


def check_scan(data: bytes) -> None:
    """Raise ValidationError, in words that name the remedy, unless `data` is a plain PDF.

    It must open without a password, have pages, and hold nothing that runs or hides: no
    script, no action, no attached file, no form that runs. Looked at in a process of its own with
    bounded memory and time (`agreements.scans`): a file can be made to unpack without end.
    """
    if b"%PDF-" not in data[:1024]:
        raise ValidationError(
            "This file is not a PDF. Scan the signed paper, or save it, as PDF and choose that "
            "file.",
            code="not_a_pdf",
        )
    found = look_at(data)
    if found is None:
        raise ValidationError(
            "This PDF is damaged and cannot be opened. Scan the signed paper again.",
            code="damaged",
        )
    if found["is_locked"]:
        raise ValidationError(
            "This PDF is locked with a password or restrictions. Save it without, and choose "
            "that file.",
            code="locked",
        )
    if not found["pages"]:
        raise ValidationError("This PDF has no pages. Scan the signed paper again.", code="empty")
    if found["pages"] > MOST_PAGES:
        raise ValidationError(
            f"This PDF has {found['pages']} pages; a signed agreement has at most {MOST_PAGES}. "
            "Choose the scan of the agreement alone.",
            code="too_many_pages",
        )
    if found["finding"]:
        raise ValidationError(
            f"This PDF holds {found['finding']}, which a scan never does. Print it to a plain PDF, "
            "or scan the paper, and choose that file.",
            code="active",
        )


def look_at(data: bytes) -> Look | None:
    """What a process of its own finds in a PDF (see `scans.look`); None if it cannot be read."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", scans.__file__],
            input=data,
            capture_output=True,
            timeout=LOOKED_AT_FOR,
            check=True,
        )
        found: scans.Look | None = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None
    return found
