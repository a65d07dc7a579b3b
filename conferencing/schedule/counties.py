"""Counties that change their region, with the participants kept in them."""

from datetime import datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

import audit.services
from accounts.models import User
from accounts.undo import refuse_changed
from participants.models import Participant
from regions.models import Continuum, County, Region
from regions.services import COUNTY_CHANGED

MOVED = "county-moved"


# What it takes to undo a county's move: its key, and those of the two regions. Made by a call, as
# `from` is no name that a class may give.
MovedCounty = TypedDict("MovedCounty", {"county": str, "from": str, "to": str})


def effects_of_move(county: County) -> list[str]:
    """What moving a county does, in words."""
    count = Participant.objects.filter(county=county, region=county.region_id).count()
    people = "The one participant" if count == 1 else f"The {count} participants"
    if not count:
        return ["No participants are kept in this county."]
    return [
        f"{people} kept in this county go to the other region with it, and are proposed for its "
        "calls from then on.",
        "Open steps and their updates go with them. Rosters and lists that are made already stay "
        "as they are. A roster marks who moved away, with a button to the new region’s call.",
        "People see participants of the regions that their agency takes part in, if they follow "
        "them. Who sees these households changes with the region.",
    ]


@transaction.atomic
def move_county(
    county: County, *, region: Region, actor: User, now: datetime | None = None
) -> County:
    """Put a county into another region of its continuum; its participants go with it."""
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=region.continuum_id)
    county = (
        County.objects.select_for_update(of=("self",)).select_related("region").get(pk=county.pk)
    )
    if county.region.continuum_id != continuum.pk:
        raise ValidationError({"region": "Choose a region of the same continuum."})
    if county.region_id == region.pk:
        raise ValidationError({"region": f"{county} is in {region} already."})
    former = county.region_id
    county.region = region
    county.full_clean()
    county.save()
    moved = Participant.objects.filter(county=county, region=former).update(region=region)
    audit.services.record(
        COUNTY_CHANGED,
        actor=actor,
        about=county,
        detail={"from": str(former), "to": str(region.pk), "participants": moved},
        now=now,
    )
    return county


@transaction.atomic
def undo_move(data: MovedCounty, *, actor: User, now: datetime) -> None:
    """Put a county, with the participants kept in it, back into the region that it came from."""
    regions = Region.objects.visible_to(actor).filter(pk__in=[data["from"], data["to"]])
    found = {str(region.pk): region for region in regions}
    if len(found) < 2 or not all(actor.has_perm("regions.plan_calls", each) for each in regions):
        raise PermissionDenied
    county = County.objects.filter(pk=data["county"]).first()
    refuse_changed(county is not None and str(county.region_id) == data["to"])
    assert county is not None
    move_county(county, region=found[data["from"]], actor=actor, now=now)
