"""Meetings as calendar entries, for feeds and invitations: neutral words only."""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from conferencing.models import Meeting

from .calendar_feed import (
    CANCELLED,
    CONFIRMED,
    Entry,
    Party,
    call_summary,
)


def entry_of(
    meeting: Meeting,
    *,
    stamp: datetime | None = None,
    sequence: int | None = None,
    join: str = "",
    part: str = "",
    answer_url: str = "",
) -> Entry:
    """The calendar entry of a meeting; `stamp` (aware) in place of its last change.

    `sequence`: the SEQUENCE of one person's calendar, in place of the meeting's own. `join`,
    `part`, `answer_url`: what one person's invitation says besides.
    """
    region_name = None if meeting.region is None else meeting.region.name
    is_cancelled = meeting.state == Meeting.State.CANCELLED
    return Entry(
        uid=str(meeting.pk),
        sequence=meeting.sequence if sequence is None else sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=call_summary(meeting.continuum.name, region_name),
        url=settings.SITE_URL + meeting.get_absolute_url(),
        status=CANCELLED if is_cancelled else CONFIRMED,
        organizer=organizer(),
        stamp=stamp or meeting.changed_at,
        join=join,
        part=part,
        answer_url=answer_url,
    )


def organizer() -> Party:
    """Who invites: the address that mail comes from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Party(address, name)
