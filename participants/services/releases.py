"""Recording and revoking releases of information."""

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from agreements.documents import check_scan
from participants.models import Release

RELEASE_RECORDED = audit.actions.declare("release.recorded", "Recorded a release of information")
RELEASE_REVOKED = audit.actions.declare("release.revoked", "Revoked a release of information")
SCAN_READ = audit.actions.declare("release.scan_read", "Opened the scan of a release")

LONGEST_DAYS = 3 * 366


@transaction.atomic
def record_release(participant, *, agencies, scan, actor, now, **values):
    """Record what a participant signed: scope, to whom, from when until when.

    Raises ValidationError for a victim service provider's participant, for a release to nobody,
    for one that is not reasonably time-limited, and for a scan that is no sound PDF.
    """
    if participant.is_confidential:
        raise ValidationError(
            "A victim service provider's participant appears by alias, whatever was signed."
        )
    release = Release(participant=participant, recorded_by=actor, **values)
    if not release.to_all_partners and not agencies:
        raise ValidationError({"agencies": "Choose the agencies, or all partner agencies."})
    if (release.expires_on - release.signed_on).days > LONGEST_DAYS:
        raise ValidationError(
            {"expires_on": "A release is reasonably time-limited: three years at most."}
        )
    if scan:
        try:
            check_scan(scan)
        except ValidationError as error:
            raise ValidationError({"scan": error.messages}) from error
        release.scan = scan
    release.full_clean()
    release.save(force_insert=True)
    release.agencies.set([] if release.to_all_partners else agencies)
    note(RELEASE_RECORDED, release, actor=actor, now=now)
    return release


@transaction.atomic
def revoke_release(release, *, reason, actor, now):
    """End a release at once. Revoked already: nothing changes."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if release.revoked_at is None:
        release.revoked_at, release.revoked_by = now, actor
        release.revocation_reason = reason
        release.full_clean()
        release.save()
        note(RELEASE_REVOKED, release, actor=actor, now=now, why=reason)
    return release


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
