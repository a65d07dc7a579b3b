"""How early lists go out: shown with what it does to the calls ahead."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import regions.services
from conferencing import due
from conferencing.models import Meeting
from conferencing.services.rules import CHANGED_MEANWHILE
from regions.models import Continuum


@dataclass(frozen=True)
class DueRow:
    """When a call's list goes out now, and when it would; at once if that time has passed."""

    meeting: Meeting
    due_at: datetime
    new_due_at: datetime
    is_at_once: bool


def preview_lead_days(continuum, lead_days, *, now) -> tuple[list[DueRow], str]:
    """The calls ahead whose list would go out at another time, and a text that tells this view."""
    rows = []
    meetings = (
        Meeting.objects.filter(continuum=continuum, prep_lists__isnull=True, starts_at__gt=now)
        .planned()
        .select_related("continuum", "region")
        .order_by("starts_at")
    )
    for meeting in meetings:
        new_due_at = due.list_due_at(meeting.on, continuum.zone, lead_days)
        if new_due_at != meeting.list_due_at:
            rows.append(DueRow(meeting, meeting.list_due_at, new_due_at, new_due_at <= now))
    told = [(row.meeting.pk, row.new_due_at, row.is_at_once) for row in rows]
    return rows, hashlib.sha256(repr((lead_days, told)).encode()).hexdigest()[:32]


@transaction.atomic
def change_lead_days(continuum, *, lead_days, seen, actor, now=None) -> Continuum:
    """Change the lead; ValidationError if what it does is no longer what was shown (`seen`)."""
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    if preview_lead_days(continuum, lead_days, now=now)[1] != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    return regions.services.change_lead_days(continuum, lead_days=lead_days, actor=actor, now=now)
