"""Calls on a day when offices are closed, moved to their nearest free day, all at once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from conferencing.models import Meeting
from regions.models import Continuum

from .acts import move_meeting
from .rules import CHANGED_MEANWHILE
from .year_pages import CallRow, year_page


def clashing_calls(continuum: Continuum, year: int, *, now: datetime) -> list[CallRow]:
    """The year's calls ahead on a closed day (`year_pages.CallRow`), with a free day or none.

    The proposals avoid each other and the year's other calls, so that all can be taken.
    """
    return year_page(continuum, year, now=now)["clashes"]


def seen_of(rows: Iterable[CallRow]) -> str:
    """A short text that differs when what moving them does differs."""
    told = [
        (row.meeting.pk, row.meeting.sequence, row.proposed and row.proposed.starts_at)
        for row in rows
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@transaction.atomic
def move_clashing(
    continuum: Continuum, year: int, *, seen: str, actor: User, now: datetime
) -> list[Meeting]:
    """Move each clashing call to its nearest free day; returns the calls that were moved.

    ValidationError if what would happen is no longer what was shown (`seen`).
    """
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    rows = clashing_calls(continuum, year, now=now)
    if seen_of(rows) != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    return [
        move_meeting(
            row.meeting,
            starts_at=row.proposed.starts_at,
            minutes=row.minutes,
            sequence=row.meeting.sequence,
            actor=actor,
            now=now,
        )
        for row in rows
        if row.proposed
    ]
