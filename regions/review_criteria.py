"""A region's review criteria: its reasons for putting a household on the roster, in order."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.services
from accounts.models import User
from audit import actions
from regions.models import Region, ReviewCriterion
from regions.services import STALE

CRITERIA_CHANGED = actions.register("review_criteria.changed", "Changed a region's review criteria")


def criteria_of(region: Region) -> list[ReviewCriterion]:
    """Every kind of reason in the region's order; kinds it never had come last, not used."""
    kept = list(region.criteria.order_by("position"))
    kinds = {each.kind for each in kept}
    missing = [kind for kind in ReviewCriterion.Kind.values if kind not in kinds]
    return kept + [
        ReviewCriterion(region=region, kind=kind, position=position, is_used=False)
        for position, kind in enumerate(missing, start=len(kept) + 1)
    ]


def criteria_state(criteria: Iterable[ReviewCriterion]) -> str:
    """A short text that differs when the order, the use or a number does."""
    rows = [(each.kind, each.is_used, each.number) for each in criteria]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]


@transaction.atomic
def change_criteria(
    region: Region,
    *,
    rows: Sequence[Sequence[Any]],  # of kind, is_used, number
    actor: User,
    seen: str | None = None,
    now: datetime | None = None,
) -> list[ReviewCriterion]:
    """Keep a region's reasons as given: rows of (kind, is_used, number or None), in order.

    ValidationError when they changed since the form showed them (`seen`: `criteria_state`), or
    when a kind stands twice.
    """
    region = Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    if seen is not None and seen != criteria_state(criteria_of(region)):
        raise ValidationError(STALE)
    if len({kind for kind, _is_used, _number in rows}) != len(rows):
        raise ValidationError("Each reason stands in the order once.")
    kept = {each.kind: each for each in region.criteria.all()}
    for position, (kind, is_used, number) in enumerate(rows, start=1):
        criterion = kept.get(kind) or ReviewCriterion(region=region, kind=kind)
        criterion.position = position
        criterion.is_used = is_used
        criterion.number = number
        criterion.clean_fields()
        criterion.save()
    used = [kind for kind, is_used, _number in rows if is_used]
    audit.services.record(
        CRITERIA_CHANGED,
        actor=actor,
        about=region,
        detail={"used": used},
        now=now,
    )
    return list(region.criteria.order_by("position"))
