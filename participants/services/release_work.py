"""The work on releases: households without one, releases that expire, releases without proof."""

from collections.abc import Container, Iterable
from datetime import date, datetime
from typing import Any, TypedDict, cast

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator

import audit.actions
import audit.services
from accounts.models import User
from participants.disclosures import shown_to
from participants.models import (
    ENDS_SOON,
    Participant,
    ParticipantQuerySet,
    Release,
    ReleaseQuerySet,
)
from participants.naming import Label, labels
from regions.clock import Moment

ENDING_VIEWED = audit.actions.register("releases.ending_viewed", "Looked at releases that end soon")
MISSING_VIEWED = audit.actions.register(
    "releases.missing_viewed", "Looked at households without a release"
)
UNPROVEN_VIEWED = audit.actions.register(
    "releases.unproven_viewed", "Looked at releases without proof"
)
MISSING, ENDING, UNPROVEN = "missing", "ending", "unproven"
VIEWED = {MISSING: MISSING_VIEWED, ENDING: ENDING_VIEWED, UNPROVEN: UNPROVEN_VIEWED}
PER_PAGE = 50
GONE = (
    "Some of the households you chose are no longer kept by your agency, or no longer on file. "
    "Nothing was recorded. Look at what is still checked and record again."
)


class WorkRow(TypedDict):
    """A household, and its release where that is what the work is about."""

    participant: Participant
    label: Label
    release: Release | None
    days: int | None
    listed_days: int | None
    is_chosen: bool


class WorkPage(TypedDict):
    """One page of the work; `counts`: how much there is of each kind."""

    kind: str
    page: Page[Any]  # of households or releases
    rows: list[WorkRow]
    counts: dict[str, int]
    within: int


def rows_for(
    kind: str, viewer: User, visible: ParticipantQuerySet, at: Moment
) -> ParticipantQuerySet | ReleaseQuerySet:
    """Households (MISSING) or releases, of those that the viewer keeps and may know of."""
    if kind == MISSING:
        kept = visible.kept_by(viewer).without_release(at)
        return kept.select_related("region", "agency", "place").order_by(
            "place__listed_on", "alias"
        )
    chosen = Release.objects.ending(at) if kind == ENDING else Release.objects.unproven(at)
    return (
        chosen.with_proof()
        .kept_by(viewer)
        .filter(participant__in=visible)
        .select_related("participant__region", "participant__agency", "participant__place")
        .prefetch_related("agencies")
        .defer("scan")
        .order_by("expires_on", "participant__alias", "pk")
    )


def release_work_page(
    kind: str,
    viewer: User,
    visible: ParticipantQuerySet,
    *,
    number: str | None,
    chosen: Container[str],
    now: datetime,
) -> WorkPage:
    """One page of the work; `chosen`: keys of households that are checked. The look is recorded.

    In a constant number of queries.
    """
    at = Moment.of(now, viewer.membership.continuum.zone)
    page = Paginator(rows_for(kind, viewer, visible, at), PER_PAGE).get_page(number)
    found = cast(list[Participant | Release], list(page))  # as its kind has it
    people = [each.participant if isinstance(each, Release) else each for each in found]
    names = labels({each.pk: each for each in people}.values(), viewer, now)
    if people:
        audit.services.record(
            VIEWED[kind],
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to(names, with_hmis_ids=True),
            now=now,
        )
    return {
        "kind": kind,
        "page": page,
        "rows": [
            row_of(each, person, names[person.pk], chosen, at.on)
            for each, person in zip(found, people, strict=True)
        ],
        "counts": {
            each: page.paginator.count
            if each == kind
            else rows_for(each, viewer, visible, at).count()
            for each in VIEWED
        },
        "within": ENDS_SOON.days,
    }


def row_of(
    found: Participant | Release,
    person: Participant,
    label: Label,
    chosen: Container[str],
    on: date,
) -> WorkRow:
    release = found if isinstance(found, Release) else None
    place = getattr(person, "place", None)
    return {
        "participant": person,
        "label": label,
        "release": release,
        "days": (release.expires_on - on).days if release else None,
        "listed_days": place.days(on) if place else None,
        "is_chosen": str(person.pk) in chosen,
    }


def chosen_households(
    viewer: User, visible: ParticipantQuerySet, keys: Iterable[str]
) -> list[Participant]:
    """The households of the keys that were checked; ValidationError for none, and for others'."""
    keys = set(keys)
    if not keys:
        raise ValidationError("Check at least one household.")
    people = list(visible.kept_by(viewer).filter(pk__in=keys))
    if len(people) != len(keys):
        raise ValidationError(GONE)
    return people


def missing_count(visible: ParticipantQuerySet, viewer: User, at: Moment) -> int:
    """How many of the households that the viewer keeps have no release, for the first page."""
    return visible.kept_by(viewer).without_release(at).count()
