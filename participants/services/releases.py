"""Recording and revoking releases of information."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

import audit.actions
import audit.services
from accounts.models import User
from agreements.documents import check_scan
from agreements.models import Agency
from audit.models import JSON
from participants import retention
from participants.disclosures import shown_to
from participants.former_heads import note_signer, scans_of
from participants.models import Participant, Release, ReleaseQuerySet
from participants.naming import Label, labels
from participants.own_words import note_typed
from regions.models import Continuum

from .participants import USED_BEFORE
from .places import hold, locked

RELEASE_RECORDED = audit.actions.register("release.recorded", "Recorded a release of information")
RELEASE_REVOKED = audit.actions.register("release.revoked", "Revoked a release of information")
RELEASE_CONFIRMED = audit.actions.register(
    "release.confirmed", "Confirmed that a release holds for the new head of household"
)
SCAN_READ = audit.actions.register("release.scan_read", "Opened the scan of a release")

LONGEST_DAYS = 3 * 366
SCOPES = ("covers_case_conferencing", "covers_referrals", "covers_hmis")


@transaction.atomic
def record_release(
    participant: Participant,
    *,
    agencies: Iterable[Agency],
    scan: bytes | None,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
    **values: Any,  # columns of the row,
) -> Release:
    """Record what a participant signed: scope, to whom, from when until when.

    `pk` is made with the form: one that was sent twice records once. Raises ValidationError for a
    victim service provider's participant, for a release of nothing or to nobody, for one that is
    not reasonably time-limited, and for a scan that is no sound PDF.
    """
    if participant.is_confidential:
        raise ValidationError(
            "A victim service provider's participant is shown by alias, whatever was signed."
        )
    locked(participant)
    agencies = [] if values["to_all_partners"] else list(agencies)
    former = pk and recorded_before(participant, pk, agencies, scan, values, actor)
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
        former = pk and recorded_before(participant, pk, agencies, scan, values, actor)
        if former:
            return former
        raise
    release.agencies.set(agencies)
    if note_signer(release):
        release.is_by_former_head = True
        release.save(update_fields=["is_by_former_head"])
    _record(RELEASE_RECORDED, release, actor=actor, now=now)
    return release


def refuse_terms(release: Release, agencies: Sequence[Agency]) -> None:
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
                    "A release must end after a fair time. Enter a day at most three years after "
                    "signing."
                )
            }
        )


def recorded_before(
    participant: Participant,
    pk: uuid.UUID,
    agencies: Sequence[Agency],
    scan: bytes | None,
    values: Mapping[str, object],
    actor: User,
) -> Release | None:
    """The release that this very form recorded already, or None; raise if it held other things."""
    former = Release.objects.defer("scan").filter(pk=pk).first()
    if former is None:
        return None
    is_same = (
        former.participant_id == participant.pk
        and former.recorded_by_id == actor.pk
        and all(getattr(former, name) == value for name, value in values.items())
        and set(former.agencies.all()) == set(agencies)
        and not (scan and is_unproven(former))
    )
    if not is_same:
        raise ValidationError(USED_BEFORE, code="used_before")
    return former


def is_unproven(release: Release) -> bool:
    return Release.objects.filter(pk=release.pk, scan__isnull=True).exists()


@transaction.atomic
def record_releases(
    participants: Iterable[Participant],
    *,
    pk: uuid.UUID,
    agencies: Iterable[Agency],
    scan: bytes | None,
    actor: User,
    now: datetime,
    **values: Any,  # columns of the row,
) -> int:
    """Record for each of the households what all of them signed; return how many.

    `pk` is made with the form: one that was sent twice records once. The one scan, if any, is
    kept with one of them, and opens for whoever may read all the names on it. All or nothing.
    """
    people = sorted(participants, key=lambda each: str(each.pk))
    together = pk if len(people) > 1 else None
    hold([each.pk for each in people], whole=True)
    for number, person in enumerate(people):
        record_release(
            person,
            agencies=agencies,
            scan=None if number else scan,
            pk=uuid5(pk, str(person.pk)),
            recorded_with=together,
            actor=actor,
            now=now,
            **values,
        )
    return len(people)


@transaction.atomic
def revoke_release(release: Release, *, reason: str, actor: User, now: datetime) -> bool:
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
    note_typed(release, "revocation_reason", actor=actor)
    release.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
    _record(RELEASE_REVOKED, release, actor=actor, now=now, why=reason)
    return True


@transaction.atomic
def confirm_release(release: Release, *, reason: str, actor: User, now: datetime) -> bool:
    """Record that a release that a former head signed holds for the present head; return whether.

    It counts again from now on. Revoked, or confirmed already: nothing changes.
    """
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("participant")
        .defer("scan")
        .get(pk=release.pk)
    )
    if release.revoked_at is not None or not release.is_by_former_head:
        return False
    release.is_by_former_head = False
    release.save(update_fields=["is_by_former_head"])
    _record(RELEASE_CONFIRMED, release, actor=actor, now=now, why=reason)
    return True


def people_on_scan(release: Release) -> list[Participant]:
    """Whose names stand on the scan: of all whose releases were recorded with this one."""
    people = recorded_with(release).values("participant")
    return list(Participant.every.filter(pk__in=people))


def recorded_with(release: Release) -> ReleaseQuerySet:
    """The release, and those that were recorded with it: one of them holds the scan."""
    shares = Q(pk=release.pk)
    if release.recorded_with:
        shares |= Q(recorded_with=release.recorded_with)
    return Release.objects.filter(shares)


def names_on_scan(release: Release, viewer: User, now: datetime) -> dict[UUID, Label] | None:
    """`{key: Label}` of whose names stand on the scan, or None where `viewer` may not open it.

    It opens to whom a release, or keeping the record, lets see every name on it (naming).
    """
    people = people_on_scan(release)
    names = labels(people, viewer, now)
    covered = names[people[0].pk].reader.rights.covered
    signers = set[str]().union(*scans_of(recorded_with(release)).values())
    told = all(each.tells_all for each in names.values())
    return names if told and signers <= covered else None


@transaction.atomic
def read_scan(
    release: Release, names: Mapping[UUID, Label], *, actor: User, now: datetime
) -> bytes | None:
    """Return the scan as bytes, None for none; that it was opened is recorded of all on it."""
    scan: bytes | None = release.scan
    if scan is None and release.recorded_with:
        shared = Release.objects.filter(recorded_with=release.recorded_with, scan__isnull=False)
        holder = shared.first()
        scan = holder.scan if holder else None
    if scan is not None:
        _record(SCAN_READ, release, actor=actor, now=now, shown=shown_to(names))
    return scan


def remove_shared_scans(continuum: Continuum, removals: Iterable[retention.Removal]) -> None:
    """With a record that is de-identified goes the scan that shows its name beside others'."""
    gone = Release.objects.filter(
        participant__in=[each.pk for each in removals], recorded_with__isnull=False
    )
    Release.objects.filter(recorded_with__in=gone.values("recorded_with")).update(scan=None)


retention.register_step(remove_shared_scans)


def _record(
    action: str,
    release: Release,
    *,
    actor: User,
    now: datetime,
    why: str = "",
    shown: Mapping[str, JSON] | None = None,
) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=release,
        why=why,
        detail={"participant": str(release.participant_id), **(shown or {})},
        now=now,
    )
