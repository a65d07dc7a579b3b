"""The agency's agreement: signed here or on paper, countersigned, revoked, read."""

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions
from audit.models import JSON
from audit.readers import note_typed
from audit.services import record
from regions.clock import local_day
from regions.words import day_words

from .. import leaving
from ..documents import agreement_pdf, check_scan, hash_of
from ..emails import tell_agency_left, tell_countersigned, tell_revoked, tell_waiting
from ..leaving import Answers
from ..models import Agency, AgencyAgreement, AgreementForm

SIGNED = actions.register("agreement.signed", "Signed an agreement")
UPLOADED = actions.register("agreement.uploaded", "Uploaded a signed paper agreement")
COUNTERSIGNED = actions.register("agreement.countersigned", "Countersigned an agreement")
REVOKED = actions.register("agreement.revoked", "Revoked an agreement")
NOT_ACCEPTED = actions.register("agreement.not_accepted", "Did not accept an agreement")
DOWNLOADED = actions.register("agreement.downloaded", "Downloaded an agreement")
SIGNED_ALREADY = "signed_already"
TEXT_CHANGED = (
    "The text changed after you opened this page, so nothing was signed. Read the new text below, "
    "then sign."
)


def _record(
    action: str,
    agreement: AgencyAgreement,
    *,
    actor: User,
    now: datetime | None = None,
    why: str = "",
    **detail: JSON,
) -> None:
    record(
        action,
        actor=actor,
        about=agreement,
        why=why,
        detail={
            "agency": agreement.agency.name,
            "version": agreement.form.version,
            "text_hash": agreement.text_hash,
            **detail,
        },
        now=now,
    )


def last_day(first: date, months: int) -> date:
    """The last day of a term of so many months that begins on `first`."""
    return first + relativedelta(months=months) - timedelta(days=1)


def right_text(
    form: AgreementForm | None, *, form_id: uuid.UUID | str, text_hash: str
) -> AgreementForm:
    """Return `form`, in use now; raise ValidationError unless it is the text that was shown."""
    if form is None:
        raise ValidationError("There is no published text to sign. Ask the administrator.")
    if str(form.pk) != str(form_id) or form.text_hash != text_hash:
        raise ValidationError(TEXT_CHANGED, code="text_changed")
    return form


@transaction.atomic
def sign_agreement(
    agency: Agency,
    *,
    actor: User,
    form_id: uuid.UUID | str,
    text_hash: str,
    seen: uuid.UUID | str,
    name: str,
    title: str,
    signed_from: str | None = None,
    now: datetime | None = None,
) -> AgencyAgreement:
    """Sign the version in use for the agency; administrators are told to countersign.

    `form_id` and `text_hash` say which text was shown, `seen` (the key of the agency's newest
    agreement, or "") what was signed by then: whoever signs twice, or after somebody else,
    signs nothing and is told so. Raises ValidationError.
    """
    now = now or timezone.now()
    agency = _lock_agency(agency)
    form = AgreementForm.objects.in_use(agency.continuum, AgreementForm.Kind.AGENCY)
    form = right_text(form, form_id=form_id, text_hash=text_hash)
    newest = newest_agreement(agency)
    if newest and str(newest.pk) != str(seen):
        raise ValidationError(
            f"This is signed already: {newest.signer_name} signed version {newest.form.version} "
            f"on {day_words(local_day(newest.signed_at, agency.continuum.zone))}.",
            code=SIGNED_ALREADY,
        )
    agreement = AgencyAgreement(
        id=uuid.uuid4(),
        agency=agency,
        form=form,
        way=AgencyAgreement.Way.ONLINE,
        text_hash=form.text_hash,
        signer=actor,
        signer_name=name.strip(),
        signer_title=title.strip(),
        signed_at=now,
        signed_from=signed_from,
        entered_by=actor,
        entered_at=now,
    )
    agreement.document = agreement_pdf(agreement)
    _save_signed(agreement)
    tell_waiting(agreement, actor=actor, now=now)
    _record(SIGNED, agreement, actor=actor, now=now, signer=agreement.signer_name)
    return agreement


@transaction.atomic
def upload_agreement(
    agency: Agency,
    *,
    actor: User,
    form: AgreementForm,
    seen: uuid.UUID | str,
    name: str,
    title: str,
    signed_on: date,
    scan: bytes,
    now: datetime | None = None,
) -> AgencyAgreement:
    """Put in the scan of an agreement that was signed on paper; it waits for countersignature.

    `scan`: the bytes of the PDF. Raises ValidationError for a file that is no plain PDF, a date
    to come, or an agreement that waits already.
    """
    now = now or timezone.now()
    agency = _lock_agency(agency)
    newest = newest_agreement(agency)
    if newest and str(newest.pk) != str(seen):
        raise ValidationError(
            "Another agreement of this agency was put in after you opened this page. Look at it "
            "first; nothing was saved.",
            code=SIGNED_ALREADY,
        )
    if signed_on > local_day(now, agency.continuum.zone):
        raise ValidationError({"signed_on": "Give the date it was signed: today or earlier."})
    check_scan(scan)
    agreement = AgencyAgreement(
        id=uuid.uuid4(),
        agency=agency,
        form=form,
        way=AgencyAgreement.Way.PAPER,
        text_hash=form.text_hash,
        signer_name=name.strip(),
        signer_title=title.strip(),
        # A paper tells the day alone; noon keeps it the same day in every zone of the country.
        signed_at=datetime.combine(signed_on, time(12), ZoneInfo(agency.continuum.zone)),
        entered_by=actor,
        entered_at=now,
        document=scan,
    )
    _save_signed(agreement)
    _record(UPLOADED, agreement, actor=actor, now=now, signer=agreement.signer_name)
    return agreement


@transaction.atomic
def countersign_agreement(
    agreement: AgencyAgreement,
    *,
    actor: User,
    effective_on: date,
    expires_on: date,
    now: datetime | None = None,
) -> AgencyAgreement:
    """Make a signed agreement count, from `effective_on` to `expires_on` (the last day).

    The former agreement, if there is one, stands until its own end. Raises ValidationError
    when it was countersigned or refused already.
    """
    now = now or timezone.now()
    agreement = _lock_agreement(agreement)
    zone = agreement.agency.continuum.zone
    if agreement.countersigned_at:
        raise ValidationError(
            f"{agreement.countersigned_by or 'Somebody'} countersigned this already, on "
            f"{day_words(local_day(agreement.countersigned_at, zone))}."
        )
    if agreement.revoked_at:
        raise ValidationError("This agreement was not accepted; it cannot be countersigned.")
    if expires_on < effective_on:
        raise ValidationError({"expires_on": "The last day must not be before the first."})
    agreement.countersigned_by, agreement.countersigned_at = actor, now
    agreement.effective_on, agreement.expires_on = effective_on, expires_on
    if agreement.way == AgencyAgreement.Way.ONLINE:
        agreement.countersigned_document = agreement_pdf(agreement)
    agreement.full_clean()
    agreement.save()
    tell_countersigned(agreement, actor=actor, now=now)
    _record(
        COUNTERSIGNED,
        agreement,
        actor=actor,
        now=now,
        effective_on=effective_on.isoformat(),
        expires_on=expires_on.isoformat(),
    )
    return agreement


@transaction.atomic
def revoke_agreement(
    agreement: AgencyAgreement,
    *,
    actor: User,
    reason: str,
    answers: Answers | None = None,
    now: datetime | None = None,
) -> AgencyAgreement:
    """Take an agreement back at once, or refuse one that waits; the reason is kept.

    `answers` says what becomes of what the agency's people have open, where its access ends with
    it (see `leaving.settle_agency`). Raises ValidationError without a reason, or when that was
    done already.
    """
    now = now or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the agency’s lead reads it."})
    agreement = _lock_agreement(agreement)
    if agreement.revoked_at:
        raise ValidationError("This was done already; nothing was changed.")
    told = {}
    if ends_access(agreement, local_day(now, agreement.agency.continuum.zone)):
        told = leaving.settle_agency(agreement.agency, answers or {}, actor=actor, now=now)
    agreement.revoked_at, agreement.revoked_by = now, actor
    agreement.revocation_reason = reason.strip() or None
    agreement.full_clean()
    note_typed(agreement, "revocation_reason", actor=actor)
    agreement.save()
    tell_revoked(agreement, actor=actor, now=now)
    tell_agency_left(agreement.agency, told, actor=actor, now=now)
    action = REVOKED if agreement.countersigned_at else NOT_ACCEPTED
    _record(action, agreement, actor=actor, now=now, why=reason)
    return agreement


def ends_access(agreement: AgencyAgreement, on: date) -> bool:
    """Whether the agency's people lose their access on `on` if this agreement is revoked."""
    current = AgencyAgreement.objects.filter(agency=agreement.agency_id).current(on)
    keys = set(current.values_list("pk", flat=True))
    agency = agreement.agency
    return (
        agency.is_active and agency.continuum.requires_agency_agreement and keys == {agreement.pk}
    )


@transaction.atomic
def read_agreement(
    agreement: AgencyAgreement, *, actor: User, as_signed: bool = False, now: datetime | None = None
) -> bytes:
    """Return the agreement's PDF, and record who took it.

    With the countersignature on it where there is one, unless `as_signed` is asked for.
    Raises ValidationError when no PDF is kept (for example, of a time before this system).
    """
    pdf: bytes | None = agreement.document if as_signed else None
    pdf = pdf or agreement.countersigned_document or agreement.document
    if not pdf:
        raise ValidationError("No PDF of this agreement is kept here.")
    _record(DOWNLOADED, agreement, actor=actor, now=now, pdf=hash_of(pdf))
    return pdf


def newest_agreement(agency: Agency) -> AgencyAgreement | None:
    """The agreement of the agency that was put in last, or None."""
    # Not by the date of signing: an older paper may be put in later.
    return (
        agency.agreements.select_related("form").without_documents().order_by("-entered_at").first()
    )


def _save_signed(agreement: AgencyAgreement) -> None:
    agreement.document_hash = hash_of(agreement.document)
    agreement.full_clean()
    agreement.save()


def _lock_agency(agency: Agency) -> Agency:
    return (
        Agency.objects.select_for_update(of=("self",)).select_related("continuum").get(pk=agency.pk)
    )


def _lock_agreement(agreement: AgencyAgreement) -> AgencyAgreement:
    return (
        AgencyAgreement.objects.select_for_update(of=("self",))
        .select_related("agency__continuum", "form__continuum", "countersigned_by")
        .get(pk=agreement.pk)
    )
