"""Taking back what was removed or reordered in a continuum's set-up."""

import uuid
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.undo import refuse_changed
from regions import services
from regions.models import Continuum, Region
from regions.review_criteria import change_criteria, criteria_of

PLAN = "regions.plan_calls"
ORDER, COUNTY, CRITERIA = "regions-order", "county", "review-criteria"


CriterionRow = list[Any]  # as JSON holds it: kind, whether it is used, number


class OfRegion(TypedDict):
    region: str


class Order(OfRegion):
    before: list[str]
    after: list[str]


class RemovedCounty(OfRegion):
    name: str


class Criteria(OfRegion):
    before: list[CriterionRow]
    after: list[CriterionRow]


def region_of(data: OfRegion, actor: User) -> Region:
    """The region that was changed, for whoever still may; PermissionDenied for others."""
    region = Region.objects.visible_to(actor).filter(pk=data["region"]).first()
    if region is None or not actor.has_perm(PLAN, region):
        raise PermissionDenied
    return region


def order_of(continuum: uuid.UUID) -> list[str]:
    """The regions of a continuum in their order, by key."""
    return [str(region.pk) for region in Region.objects.filter(continuum=continuum)]


@transaction.atomic
def undo_order(data: Order, *, actor: User, now: datetime) -> None:
    """Put the regions back in the order they had."""
    region = region_of(data, actor)
    Continuum.objects.select_for_update(no_key=True).get(pk=region.continuum_id)
    refuse_changed(order_of(region.continuum_id) == data["after"])
    services.order_regions(region, keys=data["before"], actor=actor, now=now)


@transaction.atomic
def undo_county(data: RemovedCounty, *, actor: User, now: datetime) -> None:
    """Give a removed county back to its region; refused where it is kept elsewhere by now."""
    services.add_county(region_of(data, actor), name=data["name"], actor=actor, now=now)


def rows_of(region: Region) -> list[CriterionRow]:
    """A region's reasons as plain data, in order."""
    return [[each.kind, each.is_used, each.number] for each in criteria_of(region)]


@transaction.atomic
def undo_criteria(data: Criteria, *, actor: User, now: datetime) -> None:
    """Give a region back the review criteria it had, in their order."""
    region = region_of(data, actor)
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    refuse_changed(rows_of(region) == data["after"])
    change_criteria(region, rows=data["before"], actor=actor, now=now)
