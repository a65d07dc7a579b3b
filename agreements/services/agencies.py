"""Agencies: add one, change it, say in which regions it takes part."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from audit import actions
from audit.services import record
from regions.models import Continuum, Region

from .. import leaving
from ..emails import tell_agency_left
from ..leaving import Answers
from ..models import Agency, AgreementForm, StaffMember

ADDED = actions.register("agency.added", "Added an agency")
CHANGED = actions.register("agency.changed", "Changed an agency")
TAKE_PART = "regions.take_part_in_region"
STALE = (
    "Somebody changed this in the meantime, and nothing of yours was saved. Open the page again "
    "to see what it says now."
)


def refuse_stale(row: Agency | StaffMember | AgreementForm, revision: int) -> None:
    """Raise ValidationError when the form was made from an older state of the row."""
    if row.revision != revision:
        raise ValidationError(STALE, code="stale")


@transaction.atomic
def add_agency(
    continuum: Continuum,
    *,
    actor: User,
    regions: Collection[Region],
    now: datetime | None = None,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Agency:
    """Add a partner agency, with the group that carries its permissions on regions.

    `values`: name, phone, is_victim_service_provider, is_in_rotation. A victim service
    provider stays one: what is stored for its participants depends on it.
    """
    # The form checked the name; the lock makes the check hold against a second click.
    type(continuum).objects.select_for_update().get(pk=continuum.pk)
    agency = Agency(id=uuid.uuid4(), continuum=continuum, **values)
    agency.group = Group.objects.create(name=f"agency {agency.pk}")
    agency.full_clean()
    agency.save()
    take_part(agency, regions)
    record(
        ADDED,
        actor=actor,
        about=agency,
        detail={"regions": [region.name for region in regions]},
        now=now,
    )
    return agency


@transaction.atomic
def change_agency(
    agency: Agency,
    *,
    actor: User,
    revision: int,
    regions: Collection[Region],
    answers: Answers | None = None,
    now: datetime | None = None,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Agency:
    """Change name, phone, whether it is active and takes turns, and its regions.

    `answers` says what becomes of what its people have open, where it takes part no longer (see
    `leaving.settle_agency`). Raises ValidationError when it was changed since the form with
    `revision` was shown.
    """
    now = now or timezone.now()
    agency = (
        Agency.objects.select_for_update(of=("self",)).select_related("continuum").get(pk=agency.pk)
    )
    refuse_stale(agency, revision)
    ends = agency.is_active and not values.get("is_active", True)
    told = leaving.settle_agency(agency, answers or {}, actor=actor, now=now) if ends else {}
    changed = sorted(name for name, value in values.items() if getattr(agency, name) != value)
    for name, value in values.items():
        setattr(agency, name, value)
    agency.revision += 1
    agency.full_clean()
    agency.save()
    if set(agency.regions()) != set(regions):
        changed.append("regions")
        take_part(agency, regions)
    tell_agency_left(agency, told, actor=actor, now=now)
    record(
        CHANGED,
        actor=actor,
        about=agency,
        detail={"changed": changed, "is_active": agency.is_active},
        now=now,
    )
    return agency


def take_part(agency: Agency, regions: Collection[Region]) -> None:
    """Let the agency's group take part in exactly these regions, all of its continuum."""
    if any(region.continuum_id != agency.continuum_id for region in regions):
        raise ValidationError({"regions": "Choose regions of this continuum."})
    before = set(agency.regions())
    for region in set(regions) - before:
        assign_perm(TAKE_PART, agency.group, region)
    for region in before - set(regions):
        remove_perm(TAKE_PART, agency.group, region)
