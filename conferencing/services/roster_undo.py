"""Taking back what was removed from a roster, or put in another order on it."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import undo
from conferencing.models import Meeting, RosterEntry

from .roster import lock_roster, number_entries

KIND = "roster"
KEPT = ("participant_id", "source", "reasons", "added_because", "minutes", "added_by_id")


@transaction.atomic
def change_roster(meeting, act, *, now):
    """Do `act()` to the roster and return what it takes to undo it, as plain data."""
    lock_roster(meeting, now=now)
    before = list(meeting.roster.order_by("position"))
    act()
    after = _keys(meeting)
    left = set(after)
    return {
        "meeting": str(meeting.pk),
        "before": [str(entry.pk) for entry in before],
        "after": after,
        "removed": {str(entry.pk): _kept(entry) for entry in before if str(entry.pk) not in left},
    }


@transaction.atomic
def undo_roster(data, *, actor, now):
    """Put the roster back as it was: who was on it, and in which order."""
    meeting = Meeting.objects.visible_to(actor).filter(pk=data["meeting"]).first()
    if meeting is None or not actor.has_perm("conferencing.settle_roster", meeting):
        raise PermissionDenied
    meeting = lock_roster(meeting, now=now)
    undo.refuse_changed(_keys(meeting) == data["after"])
    meeting.roster.exclude(pk__in=data["before"]).delete()
    for key, values in data["removed"].items():
        position = data["before"].index(key) + len(data["after"]) + 1
        entry = RosterEntry(pk=uuid.UUID(key), meeting=meeting, position=position, **values)
        entry.full_clean()
        entry.save(force_insert=True)
    by_key = {str(entry.pk): entry for entry in meeting.roster.all()}
    number_entries(meeting, [by_key[key] for key in data["before"]])


def _keys(meeting):
    keys = meeting.roster.order_by("position").values_list("pk", flat=True)
    return [str(key) for key in keys]


def _kept(entry):
    values = {name: getattr(entry, name) for name in KEPT}
    return {
        name: str(value) if isinstance(value, uuid.UUID) else value
        for name, value in values.items()
    }
