"""Recording and revoking releases of information."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import audit.actions
import audit.services
from agreements.documents import check_scan
from participants.models import Release

from .participants import USED_BEFORE
from .places import locked

RELEASE_RECORDED = audit.actions.declare("release.recorded", "Recorded a release of information")
RELEASE_REVOKED = audit.actions.declare("release.revoked", "Revoked a release of information")
SCAN_READ = audit.actions.declare("release.scan_read", "Opened the scan of a release")

LONGEST_DAYS = 3 * 366
SCOPES = ("covers_case_conferencing", "covers_referrals", "covers_hmis")


@transaction.atomic
def record_release(participant, *, agencies, scan, actor, now, pk=None, **values):
    """Record what a participant signed: scope, to whom, from when until when.

    `pk` is made with the form: one that was sent twice records once. Raises ValidationError for a
    victim service provider's participant, for a release of nothing or to nobody, for one that is
    not reasonably time-limited, and for a scan that is no sound PDF.
    """
    if participant.is_confidential:
        raise ValidationError(
            "A victim service provider's participant appears by alias, whatever was signed."
        )
    locked(participant)
    agencies = [] if values["to_all_partners"] else list(agencies)
    former = pk and recorded_before(participant, pk, agencies, values, actor)
    if former:
        return former
    release = Release(participant=participant, recorded_by=actor, **values)
    release.pk = pk or release.pk
    refuse_terms(release, agencies)
    if scan:
        try:
            check_scan(scan)
        except ValidationError as error:
            raise ValidationError({"scan": error.messages}) from error
        release.scan = scan
    release.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            release.save(force_insert=True)
    except IntegrityError:
        # The same form, sent a moment ago, was still being saved when this one looked.
        former = pk and recorded_before(participant, pk, agencies, values, actor)
        if former:
            return former
        raise
    release.agencies.set(agencies)
    note(RELEASE_RECORDED, release, actor=actor, now=now)
    return release


def refuse_terms(release, agencies):
    if not any(getattr(release, scope) for scope in SCOPES):
        raise ValidationError(
            {"covers_case_conferencing": "Tick at least one thing that the signed form covers."}
        )
    if not release.to_all_partners and not agencies:
        raise ValidationError({"agencies": "Choose the agencies, or all partner agencies."})
    if release.expires_on < release.signed_on:
        raise ValidationError(
            {"expires_on": "Enter a last day that is not before the day of signing."}
        )
    if (release.expires_on - release.signed_on).days > LONGEST_DAYS:
        raise ValidationError(
            {
                "expires_on": (
                    "A release is reasonably time-limited: enter a day at most three years after "
                    "signing."
                )
            }
        )


def recorded_before(participant, pk, agencies, values, actor):
    """The release that this very form recorded already, or None; raise if it held other things."""
    former = Release.objects.defer("scan").filter(pk=pk).first()
    if former is None:
        return None
    is_same = (
        former.participant_id == participant.pk
        and former.recorded_by_id == actor.pk
        and all(getattr(former, name) == value for name, value in values.items())
        and set(former.agencies.all()) == set(agencies)
    )
    if not is_same:
        raise ValidationError(USED_BEFORE, code="used_before")
    return former


@transaction.atomic
def revoke_release(release, *, reason, actor, now):
    """End a release at once; return whether it did. Revoked already: nothing changes."""
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("participant")
        .defer("scan")
        .get(pk=release.pk)
    )
    if release.revoked_at is not None:
        return False
    release.revoked_at, release.revoked_by = now, actor
    release.revocation_reason = reason
    release.full_clean(exclude=["scan"], validate_unique=False)
    release.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
    note(RELEASE_REVOKED, release, actor=actor, now=now, why=reason)
    return True


@transaction.atomic
def read_scan(release, *, actor, now):
    """Return the scan as bytes; the look is recorded."""
    note(SCAN_READ, release, actor=actor, now=now)
    return release.scan


def note(action, release, *, actor, now, why=""):
    audit.services.record(
        action,
        actor=actor,
        continuum_id=release.participant.continuum_id,
        about=release,
        why=why,
        detail={"participant": str(release.participant_id)},
        now=now,
    )
