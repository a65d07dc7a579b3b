"""The PDF of what was signed, and the check of a scanned one."""

import hashlib
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
from django.core.exceptions import ValidationError

from regions.clock import local_day
from vault.documents import render

from .standing import day

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 200
DEEPEST = 60
# What pikepdf raises for parts that are not what they should be.
BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError, RuntimeError)
# Kinds of action and annotation that run, open or carry something (ISO 32000-2, 12.6 and 12.5).
ACTIVE_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToE",
    "/Rendition",
    "/RichMediaExecute",
    "/Movie",
    "/Sound",
}
ACTIVE_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}


def agreement_pdf(agreement):
    """Draw the agency's agreement as it stands signed, and countersigned if it is."""
    zone = agreement.agency.continuum.zone
    countersigned = agreement.countersigned_at and {
        "name": agreement.countersigned_by.name,
        "at": moment(agreement.countersigned_at, zone),
    }
    return render(
        "agreement",
        {
            **facts(agreement),
            "agency": agreement.agency.name,
            "signer": {"name": agreement.signer_name, "title": agreement.signer_title},
            "countersigned": countersigned or None,
            "effective_on": (
                day(agreement.effective_on)
                if agreement.effective_on
                else "the date of countersignature"
            ),
            "expires_on": (
                day(agreement.expires_on)
                if agreement.expires_on
                else f"{months(agreement.form)} after it takes effect"
            ),
        },
    )


def statement_pdf(statement, *, title):
    """Draw a person's confidentiality statement; `title`: their function, in words."""
    return render(
        "agreement",
        {
            **facts(statement),
            "agency": None,
            "signer": {"name": statement.signed_name, "title": title},
            "countersigned": None,
            "effective_on": day(statement.effective_on),
            "expires_on": statement.expires_on and day(statement.expires_on),
        },
    )


def facts(paper):
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


def months(form):
    return "1 month" if form.months_valid == 1 else f"{form.months_valid} months"


def moment(at, zone):
    """A time in the words of a document: Nov 3, 2026, 2:05 PM CST."""
    local = at.astimezone(ZoneInfo(zone))
    hour = local.hour % 12 or 12
    return f"{day(local_day(at, zone))}, {hour}:{local:%M %p %Z}"


def hash_of(pdf):
    """SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(pdf).hexdigest()


def check_scan(data):
    """Raise ValidationError, in words that name the remedy, unless `data` is a plain PDF.

    It must open without a password, have pages, and hold nothing that runs or hides: no
    script, no action that opens or sends something, no attached file, no form of its own.
    """
    if b"%PDF-" not in data[:1024]:
        raise ValidationError(
            "This file is not a PDF. Scan the signed paper, or save it, as PDF and choose that "
            "file.",
            code="not_a_pdf",
        )
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            count = len(pdf.pages)
            finding = "" if pdf.is_encrypted else active_content(pdf)
            is_locked = pdf.is_encrypted
    except pikepdf.PasswordError:
        is_locked, count, finding = True, 0, ""
    except (pikepdf.PdfError, *BROKEN):
        raise ValidationError(
            "This PDF is damaged and cannot be opened. Scan the signed paper again.",
            code="damaged",
        ) from None
    if is_locked:
        raise ValidationError(
            "This PDF is locked with a password or restrictions. Save it without, and choose "
            "that file.",
            code="locked",
        )
    if not count:
        raise ValidationError("This PDF has no pages. Scan the signed paper again.", code="empty")
    if count > MOST_PAGES:
        raise ValidationError(
            f"This PDF has {count} pages; a signed agreement has at most {MOST_PAGES}. Choose the "
            "scan of the agreement alone.",
            code="too_many_pages",
        )
    if finding:
        raise ValidationError(
            f"This PDF holds {finding}, which a scan never does. Print it to a plain PDF, or scan "
            "the paper, and choose that file.",
            code="active",
        )


def active_content(pdf):
    """Say in words what in this PDF could run, or is hidden in it; empty text for a plain one."""
    seen = set()
    stack = [(found, 0) for found in pdf.objects]
    while stack:
        found, depth = stack.pop()
        if not isinstance(found, pikepdf.Object) or depth > DEEPEST:
            continue
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
        if isinstance(found, pikepdf.Stream):
            found = found.stream_dict
        if isinstance(found, pikepdf.Array):
            stack += [(each, depth + 1) for each in found]
        elif isinstance(found, pikepdf.Dictionary):
            finding = finding_in(found)
            if finding:
                return finding
            stack += [(each, depth + 1) for each in found.as_dict().values()]
    return ""


def finding_in(found):
    def name_at(key):
        value = found.get(key)
        return str(value) if isinstance(value, pikepdf.Name) else ""

    if "/JS" in found or name_at("/S") == "/JavaScript" or "/JavaScript" in found:
        return "a script"
    if name_at("/S") in ACTIVE_ACTIONS:
        return "an action that opens or sends something"
    if "/EF" in found or "/EmbeddedFiles" in found or name_at("/Type") == "/EmbeddedFile":
        return "an attached file"
    if name_at("/Subtype") in ACTIVE_ANNOTATIONS and "/Rect" in found:
        return "an attached file or film"
    if "/XFA" in found:
        return "a form that runs"
    return ""
