"""What agencies prepared for a call, as plain data for pages and documents."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from conferencing.models import PreWork


@dataclass(frozen=True)
class Row:
    """One agency's pre-work as plain data; the caller redacts for its reader."""

    pk: object
    agency: str
    by: str
    at: datetime
    is_accepted: bool
    location: str
    location_label: str
    location_words: str
    preferences: str
    barriers: list | None
    safety: str
    notes: str


def prework_for(meeting, participants):
    """Return `{participant's key: [Row, …]}`, oldest first. One query."""
    found = defaultdict(list)
    kept = PreWork.objects.filter(meeting=meeting, participant__in=participants)
    for each in kept.select_related("agency", "by").order_by("at"):
        found[each.participant_id].append(row_of(each))
    return found


def row_of(prework):
    return Row(
        pk=prework.pk,
        agency=prework.agency.name,
        by=prework.by.name,
        at=prework.at,
        is_accepted=prework.accepted_at is not None,
        location=prework.location,
        location_label=prework.get_location_display(),
        location_words=prework.location_words or "",
        preferences=prework.preferences or "",
        barriers=prework.barriers,
        safety=prework.safety or "",
        notes=prework.notes or "",
    )
