"""How early lists go out: shown with what it does to the calls ahead, then changed."""

import copy
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import regions.services
from accounts.models import User
from conferencing.models import Meeting
from conferencing.prep_lists.timing import retime_lists
from regions.models import Continuum

from .rules import CHANGED_MEANWHILE


@dataclass(frozen=True)
class DueRow:
    """When a call's list goes out now, and when it would; `is_past`: that time has gone by."""

    meeting: Meeting
    due_at: datetime
    new_due_at: datetime
    is_past: bool


def due_rows(continuum: Continuum, *, now: datetime, **changes: object) -> list[DueRow]:
    """The calls ahead whose list would go out at another time if the continuum had `changes`."""
    changed = copy.copy(continuum)
    for name, value in changes.items():
        setattr(changed, name, value)
    meetings = (
        Meeting.objects.awaiting_list()
        .filter(continuum=continuum, starts_at__gt=now)
        .planned()
        .order_by("starts_at")
    )
    rows = []
    for meeting in meetings:
        then = copy.copy(meeting)
        then.continuum = changed
        new_due_at = then.list_times.due_at
        if new_due_at != meeting.list_times.due_at:
            is_past = new_due_at <= now and meeting.list_choice == ""
            rows.append(DueRow(meeting, meeting.list_times.due_at, new_due_at, is_past))
    return rows


def seen_of(rows: Iterable[DueRow], value: object) -> str:
    """A short text that differs when what a change would do differs."""
    told = [(row.meeting.pk, row.new_due_at, row.is_past) for row in rows]
    return hashlib.sha256(repr((value, told)).encode()).hexdigest()[:32]


def preview_lead_days(
    continuum: Continuum, lead_days: int, *, now: datetime
) -> tuple[list[DueRow], str]:
    """The calls ahead whose list would go out at another time, and a text that tells this view."""
    rows = due_rows(continuum, now=now, lead_days=lead_days)
    return rows, seen_of(rows, lead_days)


@transaction.atomic
def change_lead_days(
    continuum: Continuum, *, lead_days: int, seen: str, actor: User, now: datetime | None = None
) -> Continuum:
    """Change the lead; ValidationError if what it does is no longer what was shown (`seen`)."""
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    if preview_lead_days(continuum, lead_days, now=now)[1] != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    continuum = regions.services.change_setting(
        continuum, lead_days=lead_days, actor=actor, now=now
    )
    retime_lists(now, continuum=continuum)
    return continuum
