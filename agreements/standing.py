"""Who may receive, see or do anything about participants, and if not, exactly why.

DESIGN, rule 2: staff of an agency with a current signed agreement, who signed the
confidentiality statement themselves; and CE Specialists who signed it. Asked at the
moment of the act, never when it was planned.
"""

from dataclasses import dataclass

from .models import Agency, AgencyAgreement, AgreementForm, PersonalStatement, StaffMember


@dataclass(frozen=True)
class Standing:
    """`reasons` tells in words why not; empty exactly when in good standing."""

    reasons: tuple[str, ...] = ()

    @property
    def is_good(self):
        return not self.reasons


def day(value):
    """A date in the words of a page: Nov 3, 2026."""
    return f"{value:%b} {value.day}, {value.year}"


def paper_reason(papers, on, *, noun):
    """Say why none of `papers` (newest first) counts on `on`; empty text if one does."""
    papers = list(papers)
    if not papers:
        return f"The {noun} was never signed."
    paper = papers[0]
    if paper.revoked_at:
        return f"The {noun} was revoked on {day(paper.revoked_at)}."
    if hasattr(paper, "countersigned_at") and not paper.countersigned_at:
        return f"The {noun} was signed on {day(paper.signed_at)} and waits for countersignature."
    if paper.effective_on > on:
        return f"The {noun} takes effect on {day(paper.effective_on)}."
    if paper.expires_on and paper.expires_on < on:
        return f"The {noun} expired on {day(paper.expires_on)}."
    newer = (
        AgreementForm.objects.published()
        .filter(
            continuum=paper.form.continuum_id,
            kind=paper.form.kind,
            version__gt=paper.form.version,
            sign_again_by__lt=on,
        )
        .order_by("version")
        .first()
    )
    if newer:
        return (
            f"Version {newer.version} of the {noun} had to be signed by {day(newer.sign_again_by)}."
        )
    return ""


def agency_standing(agency, on):
    """Return the agency's `Standing` on the date `on` (the continuum's local date)."""
    reasons = []
    if not agency.is_active:
        reasons.append("The agency no longer takes part.")
    if (
        agency.continuum.requires_agency_agreement
        and not AgencyAgreement.objects.filter(agency=agency).current(on).exists()
    ):
        reasons.append(
            paper_reason(agency.agreements.select_related("form"), on, noun="CES Partner Agreement")
        )
    return Standing(tuple(filter(None, reasons)))


def statement_reason(user, on):
    if PersonalStatement.objects.filter(user=user).current(on).exists():
        return ""
    return paper_reason(
        user.statements.select_related("form"), on, noun="confidentiality statement"
    )


def person_standing(user, on):
    """Return the person's `Standing` on `on`, be they staff of an agency or a CE Specialist."""
    membership = getattr(user, "membership", None)
    if not user.is_active or membership is None:
        return Standing(("The account is closed.",))
    reasons = []
    place = (
        StaffMember.objects.current()
        .filter(user=user)
        .select_related("agency__continuum", "user")
        .first()
    )
    if place:
        reasons += agency_standing(place.agency, on).reasons
    elif not membership.is_specialist:
        reasons.append("This person has no place in an agency.")
    reasons.append(statement_reason(user, on))
    return Standing(tuple(filter(None, reasons)))


def is_in_standing(user, on):
    """Like `person_standing(user, on).is_good`, in at most two queries."""
    if not user.is_authenticated or not user.is_active:
        return False
    if StaffMember.objects.in_good_standing(on).filter(user=user).exists():
        return True
    membership = getattr(user, "membership", None)
    return bool(
        membership
        and membership.is_specialist
        and not StaffMember.objects.current().filter(user=user).exists()
        and PersonalStatement.objects.filter(user=user).current(on).exists()
    )


__all__ = ["Agency", "Standing", "agency_standing", "is_in_standing", "person_standing"]
