"""Set-up of a continuum: its words and lead time, its regions and their counties."""

import hashlib
import re
import uuid
import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model, ProtectedError

import audit.services
from accounts.models import User
from accounts.single_lines import single_line
from audit import actions
from audit.models import JSON
from regions.closed_days import ClosedDayData
from regions.models import Continuum, County, Region

CONTINUUM_ADDED = actions.register("continuum.added", "Made the continuum")
CONTINUUM_CHANGED = actions.register("continuum.changed", "Changed the continuum's set-up")
WHO_SEES_NAMES_CHOSEN = actions.register(
    "continuum.names_chosen", "Chose whether CE Specialists see all names"
)
REGION_ADDED = actions.register("region.added", "Added a region")
REGION_CHANGED = actions.register("region.changed", "Changed a region")
REGIONS_ORDERED = actions.register("region.ordered", "Changed the order of the regions")
CLOSED_DAY_ADDED = actions.register("closed_day.added", "Added a closed day")
CLOSED_DAY_REMOVED = actions.register("closed_day.removed", "Removed a closed day")
COUNTY_ADDED = actions.register("county.added", "Added a county")
COUNTY_CHANGED = actions.register("county.changed", "Changed a county")
COUNTY_REMOVED = actions.register("county.removed", "Removed a county")

HUD_CODE = re.compile(r"[A-Z]{2}-\d{3}")
STALE = "This was changed meanwhile, by somebody else or in another window. Look at it again."


def state_of(row: Model, fields: Iterable[str]) -> str:
    """A short text that differs when one of the row's fields does: what a form showed."""
    values = [getattr(row, name) for name in fields]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


@transaction.atomic
def add_continuum(
    *,
    code: str,
    name: str,
    zone: str,
    actor: User | None,
    now: datetime | None = None,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Continuum:
    """Make a new continuum, on nobody's behalf: none belongs to it yet.

    `values`: non_disclosure_words, requires_agency_agreement. ValidationError for a code, name or
    zone that is none, or a code that is taken.
    """
    code, name = code.strip().upper(), name.strip()
    if not HUD_CODE.fullmatch(code):
        raise ValidationError(f"{code or 'An empty text'} is no HUD code, such as MN-502.")
    if zone not in zoneinfo.available_timezones() or "/" not in zone:
        raise ValidationError(
            f"{zone or 'An empty text'} is no time zone, such as America/Chicago."
        )
    if Continuum.objects.filter(code=code).exists():
        raise ValidationError(f"There is a continuum {code} already.")
    single_line(name)
    continuum = Continuum(
        code=code,
        name=name,
        zone=zone,
        **values,
    )
    continuum.full_clean()
    continuum.save()
    audit.services.record(
        CONTINUUM_ADDED, actor=actor, about=continuum, detail={"code": code}, now=now
    )
    return continuum


@transaction.atomic
def change_continuum(
    continuum: Continuum,
    *,
    actor: User,
    seen: str | None = None,
    now: datetime | None = None,
    **values: object,
) -> Continuum:
    """Change what a continuum set up for itself (`Continuum.SET_UP`).

    `seen` is `state_of` the row as the form showed it; ValidationError if it changed since.
    """
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    changed = _changed(continuum, Continuum.SET_UP, values, seen)
    audit.services.record(
        CONTINUUM_CHANGED, actor=actor, about=continuum, detail={"changed": changed}, now=now
    )
    return continuum


@transaction.atomic
def change_setting(
    continuum: Continuum, *, actor: User, now: datetime | None = None, **values: JSON
) -> Continuum:
    """Change a setting that has a page of its own; `values` are columns of the row."""
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    _changed(continuum, values, values, None)
    audit.services.record(CONTINUUM_CHANGED, actor=actor, about=continuum, detail=values, now=now)
    return continuum


@transaction.atomic
def change_closed_days(
    continuum: Continuum,
    *,
    closed_days: list[ClosedDayData],
    about: str,
    actor: User,
    now: datetime | None = None,
) -> Continuum:
    """Change the days on which the continuum's offices are closed; `about` names the one."""
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    is_added = len(closed_days) > len(continuum.closed_days)
    _changed(continuum, ("closed_days",), {"closed_days": closed_days}, None)
    action = CLOSED_DAY_ADDED if is_added else CLOSED_DAY_REMOVED
    audit.services.record(
        action, actor=actor, about=continuum, detail={"closed_day": about}, now=now
    )
    return continuum


@transaction.atomic
def choose_who_sees_names(
    continuum: Continuum, *, specialists_see: bool, why: str, actor: User, now: datetime
) -> Continuum:
    """Let the CE Specialists see all names, or no longer. Takes effect immediately.

    `why`: the words of the continuum's own release that say so; ValidationError without them.
    Who chose and when stays with it, and in the audit with the words.
    """
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    why = " ".join(why.split())
    if specialists_see and not why:
        raise ValidationError({"why": "Quote the words of your release that say so."})
    if bool(continuum.specialists_see_names_since) == specialists_see and (
        why == continuum.specialists_see_names_why or not specialists_see
    ):
        return continuum
    since, by, words = (now, actor, why) if specialists_see else (None, None, "")
    continuum.specialists_see_names_since = since
    continuum.specialists_see_names_by = by
    continuum.specialists_see_names_why = words
    continuum.full_clean()
    continuum.save()
    audit.services.record(
        WHO_SEES_NAMES_CHOSEN,
        actor=actor,
        about=continuum,
        why=words,
        detail={"specialists_see_names": specialists_see},
        now=now,
    )
    return continuum


@transaction.atomic
def add_region(
    continuum: Continuum,
    *,
    actor: User,
    now: datetime | None = None,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Region:
    """Add a region, last in order."""
    Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    last = continuum.regions.aggregate(last=Max("position"))["last"] or 0
    region = Region(continuum=continuum, position=last + 1, **values)
    region.full_clean()
    region.save()
    audit.services.record(REGION_ADDED, actor=actor, about=region, now=now)
    return region


@transaction.atomic
def change_region(
    region: Region,
    *,
    actor: User,
    seen: str | None = None,
    now: datetime | None = None,
    **values: object,
) -> Region:
    """Change a region's name, minutes per household or link. ValidationError if stale."""
    region = Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    changed = _changed(region, Region.SET_UP, values, seen)
    audit.services.record(
        REGION_CHANGED, actor=actor, about=region, detail={"changed": changed}, now=now
    )
    return region


@transaction.atomic
def move_region(region: Region, *, up: bool, actor: User, now: datetime | None = None) -> None:
    """Move a region one place up or down; at the end of the order nothing happens."""
    Continuum.objects.select_for_update(no_key=True).get(pk=region.continuum_id)
    order = list(Region.objects.filter(continuum=region.continuum_id))
    place = order.index(region)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    keys = [each.pk for each in order]
    order_regions(region, keys=keys, actor=actor, now=now)


@transaction.atomic
def order_regions(
    region: Region,
    *,
    keys: Iterable[uuid.UUID | str],
    actor: User,
    now: datetime | None = None,
) -> None:
    """Put the regions of a continuum in the order of `keys`; `region` is the one that moved."""
    by_key = {str(each.pk): each for each in Region.objects.filter(continuum=region.continuum_id)}
    for position, key in enumerate(keys, start=1):
        each = by_key[str(key)]
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    audit.services.record(REGIONS_ORDERED, actor=actor, about=region, now=now)


@transaction.atomic
def add_county(region: Region, *, name: str, actor: User, now: datetime | None = None) -> County:
    """Add a county to a region. ValidationError if the continuum has it already."""
    Continuum.objects.select_for_update(no_key=True).get(pk=region.continuum_id)
    county = County(region=region, name=name.strip())
    _refuse_second(county, region.continuum_id)
    county.full_clean()
    county.save()
    audit.services.record(COUNTY_ADDED, actor=actor, about=county, now=now)
    return county


@transaction.atomic
def add_counties(
    region: Region, *, names: Iterable[str], actor: User, now: datetime | None = None
) -> list[County]:
    """Add several counties at once, all or none. ValidationError as `add_county`."""
    return [add_county(region, name=name, actor=actor, now=now) for name in names]


@transaction.atomic
def rename_county(county: County, *, name: str, actor: User, now: datetime | None = None) -> County:
    """Correct a county's name."""
    Continuum.objects.select_for_update(no_key=True).get(pk=county.region.continuum_id)
    county.name = name.strip()
    _refuse_second(county, county.region.continuum_id)
    county.full_clean()
    county.save()
    audit.services.record(COUNTY_CHANGED, actor=actor, about=county, now=now)
    return county


@transaction.atomic
def remove_county(county: County, *, actor: User, now: datetime | None = None) -> None:
    """Remove a county that nobody lives in. ValidationError if participants are kept in it."""
    continuum_id = county.region.continuum_id
    about = ("regions.county", county.pk)
    try:
        with transaction.atomic():
            county.delete()
    except ProtectedError:
        raise ValidationError(
            f"Participants are kept in {county.name}. Move the county, or change their place first."
        ) from None
    audit.services.record(
        COUNTY_REMOVED, actor=actor, about=about, continuum_id=continuum_id, now=now
    )


def _changed(
    row: Model, fields: Iterable[str], values: Mapping[str, object], seen: str | None
) -> list[str]:
    """Set the values on the locked row and save; return the names of the fields that changed."""
    if seen is not None and seen != state_of(row, fields):
        raise ValidationError(STALE)
    changed = [name for name in fields if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    row.full_clean()
    row.save()
    return changed


def _refuse_second(county: County, continuum_id: uuid.UUID) -> None:
    others = County.objects.filter(region__continuum=continuum_id, name__iexact=county.name)
    other = others.exclude(pk=county.pk).select_related("region").first()
    if other is not None:
        raise ValidationError(
            {"name": f"{other.name} is a county of {other.region} already. Move it from there."}
        )
