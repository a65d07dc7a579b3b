"""A continuum's own closed days: shown with what they do to the calls ahead, then kept."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

import regions.services
from accounts import undo
from accounts.models import User
from conferencing.models import Meeting
from conferencing.prep_lists.timing import retime_lists
from regions.clock import local_day
from regions.closed_days import ClosedDay, ClosedDayData, check_closed_days, closed_day
from regions.models import Continuum

from .lead_days import DueRow, due_rows, seen_of
from .rules import CHANGED_MEANWHILE

KIND = "closed-day"
YEARS_SHOWN = 3


@dataclass(frozen=True)
class KeptDay:
    """One closed day as the page lists it: its key, when it is, and its next dates."""

    key: str
    day: ClosedDay
    dates: list[date]

    @property
    def is_over(self) -> bool:
        """Whether it was a single day that has passed."""
        return not self.dates


@dataclass(frozen=True)
class Effect:
    """What another set of closed days does to the calls ahead."""

    rows: list[DueRow]
    clashes: list[Meeting]
    seen: str


class ClosedDays(TypedDict):
    """What it takes to undo the removal of a closed day: all of them, before and after."""

    continuum: str
    name: str
    before: list[ClosedDayData]
    after: list[ClosedDayData]


def key_of(data: ClosedDayData) -> str:
    """The short name of a kept closed day in addresses."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def kept_days(continuum: Continuum, *, now: datetime) -> list[KeptDay]:
    """The continuum's closed days with their next dates, the next one first, past ones last."""
    on = local_day(now, continuum.zone)
    found = [
        KeptDay(key_of(data), closed_day(data), next_dates(closed_day(data), on))
        for data in continuum.closed_days
    ]
    return sorted(found, key=lambda each: (each.is_over, each.dates[:1], each.day.name))


def next_dates(day: ClosedDay, on: date) -> list[date]:
    """Its dates from `on` in this year and the next ones."""
    years = range(on.year, on.year + YEARS_SHOWN)
    return [each for year in years for each in day.dates(year) if each >= on]


def effect_of(continuum: Continuum, closed_days: list[ClosedDayData], *, now: datetime) -> Effect:
    """Which lists go out at another time, and which calls would newly be on a closed day."""
    check_closed_days(closed_days)
    rows = due_rows(continuum, now=now, closed_days=closed_days)
    changed = Continuum(zone=continuum.zone, closed_days=closed_days)
    ahead = Meeting.objects.planned().filter(continuum=continuum, starts_at__gt=now)
    clashes = [
        each
        for each in ahead.select_related("continuum", "region").order_by("starts_at")
        if changed.offices.closed_name(each.on) and not continuum.offices.closed_name(each.on)
    ]
    seen = seen_of(rows, (closed_days, continuum.closed_days, [each.pk for each in clashes]))
    return Effect(rows, clashes, seen)


@transaction.atomic
def add_closed_day(
    continuum: Continuum, *, day: ClosedDay, seen: str, actor: User, now: datetime | None = None
) -> Continuum:
    """Keep another closed day; ValidationError if what it does is no longer what was shown."""
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    closed_days = [*continuum.closed_days, day.as_data()]
    return _change(continuum, closed_days, day, seen=seen, actor=actor, now=now)


@transaction.atomic
def remove_closed_day(
    continuum: Continuum, *, key: str, seen: str, actor: User, now: datetime | None = None
) -> Continuum:
    """Forget a closed day; ValidationError if what it does is no longer what was shown."""
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    removed = next((each for each in continuum.closed_days if key_of(each) == key), None)
    if removed is None:
        raise ValidationError("This closed day was removed meanwhile.")
    closed_days = [each for each in continuum.closed_days if each != removed]
    day = closed_day(removed)
    return _change(continuum, closed_days, day, seen=seen, actor=actor, now=now)


def _change(
    continuum: Continuum,
    closed_days: list[ClosedDayData],
    day: ClosedDay,
    *,
    seen: str,
    actor: User,
    now: datetime,
) -> Continuum:
    if effect_of(continuum, closed_days, now=now).seen != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    continuum = regions.services.change_closed_days(
        continuum, closed_days=closed_days, about=day.name, actor=actor, now=now
    )
    retime_lists(now, continuum=continuum)
    return continuum


@transaction.atomic
def undo_closed_day(data: ClosedDays, *, actor: User, now: datetime) -> None:
    """Put the closed days back as they were before one was removed."""
    continuum = Continuum.objects.visible_to(actor).filter(pk=data["continuum"]).first()
    if continuum is None or not actor.has_perm("regions.plan_calls", continuum):
        raise PermissionDenied
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    undo.refuse_changed(continuum.closed_days == data["after"])
    continuum = regions.services.change_closed_days(
        continuum, closed_days=data["before"], about=data["name"], actor=actor, now=now
    )
    retime_lists(now, continuum=continuum)
