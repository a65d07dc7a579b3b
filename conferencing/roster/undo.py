"""Taking back what was removed from a roster, or put in another order on it."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import undo
from accounts.models import User
from conferencing.models import Meeting, RosterEntry
from participants.models import Participant

from .acts import lock_roster, number_entries
from .criteria import Reason, scope

KIND = "roster"


class KeptEntry(TypedDict):
    """A household that was taken off a roster, as it was on it."""

    participant_id: str
    source: str
    reasons: list[Reason]
    added_because: str
    minutes: int
    added_by_id: str | None


Returning = dict[str, dict[str, Any]]  # Any: the columns of an entry, by its key


class ChangedRoster(TypedDict):
    """What it takes to undo a change of a roster: its entries' keys in their order, who went."""

    meeting: str
    before: list[str]
    after: list[str]
    removed: dict[str, KeptEntry]


@transaction.atomic
def change_roster(meeting: Meeting, act: Callable[[], object], *, now: datetime) -> ChangedRoster:
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
def undo_roster(
    data: ChangedRoster, *, actor: User, now: datetime, anyway: Collection[uuid.UUID] = ()
) -> str:
    """Put the roster back as it was: who was on it, and in which order.

    `anyway`: households that come back though they are of another region by now.

    Returns in words who stays off it, as things are by now; ValidationError if that is everybody.
    """
    meeting = Meeting.objects.visible_to(actor).filter(pk=data["meeting"]).first()
    if meeting is None or not actor.has_perm("conferencing.settle_roster", meeting):
        raise PermissionDenied
    meeting = lock_roster(meeting, now=now)
    undo.refuse_changed(_keys(meeting) == data["after"])
    meeting.roster.exclude(pk__in=data["before"]).delete()
    returning, left = _returning(meeting, data["removed"], anyway)
    for key, values in returning.items():
        position = data["before"].index(key) + len(data["after"]) + 1
        entry = RosterEntry(pk=uuid.UUID(key), meeting=meeting, position=position, **values)
        entry.full_clean()
        entry.save(force_insert=True)
    by_key = {str(entry.pk): entry for entry in meeting.roster.all()}
    order = [key for key in data["before"] if key in by_key]
    if order == data["after"]:
        raise ValidationError(left)
    number_entries(meeting, [by_key[key] for key in order])
    return " ".join(left)


def _returning(
    meeting: Meeting, removed: Mapping[str, KeptEntry], anyway: Collection[uuid.UUID]
) -> tuple[Returning, list[str]]:
    """`({entry's key: its values}, [words])`: who comes back, and why others do not.

    A record that was joined into another since comes back as that one, unless it is on the roster;
    a household without an active place on the list of the call's region does not come back.
    """
    keys = [uuid.UUID(values["participant_id"]) for values in removed.values()]
    records = Participant.every.filter(pk__in=keys).select_related("merged_into")
    stands_for = {str(each.pk): each.merged_into or each for each in records}
    may_return = set(scope(meeting).in_place_of(keys).values_list("pk", flat=True))
    may_return.update(anyway)
    listed = set(meeting.roster.values_list("participant", flat=True))
    returning: Returning = {}
    left: list[str] = []
    for key, values in removed.items():
        person = stands_for.get(values["participant_id"])
        if person is None:
            left.append("One record is no longer on file.")
        elif person.pk in listed:
            left.append(f"{person.alias} is on the roster already: two records were joined.")
        elif person.pk not in may_return:
            left.append(
                f"{person.alias} stays off the roster, without an active place on the by-name "
                f"list of {meeting.scope_words}."
            )
        else:
            listed.add(person.pk)
            returning[key] = {**values, "participant_id": person.pk}
    return returning, left


def _keys(meeting: Meeting) -> list[str]:
    keys = meeting.roster.order_by("position").values_list("pk", flat=True)
    return [str(key) for key in keys]


def _kept(entry: RosterEntry) -> KeptEntry:
    return {
        "participant_id": str(entry.participant_id),
        "source": entry.source,
        "reasons": entry.reasons,
        "added_because": entry.added_because,
        "minutes": entry.minutes,
        "added_by_id": str(entry.added_by_id) if entry.added_by_id else None,
    }
