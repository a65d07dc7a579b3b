"""A household that moved to another region goes from its former region's roster to the new call's.

Its open steps and their reports are the household's own and go with it anyway. What belongs to a
call, a nomination or what an agency prepared, goes along where that agency may still know of the
household at this moment; who reads it, and by which name, follows from releases as ever.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import undo
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import ActionItem, Meeting, Nomination, PreWork, RosterEntry
from participants.models import Participant
from regions.clock import local_day

from .acts import add_to_roster, lock_roster, number_entries, open_roster, remove_from_roster
from .undo import ChangedRoster, change_roster, undo_roster

KIND = "roster-moved-on"


class MovedOn(TypedDict):
    """What it takes to undo that a household was moved to its new region's call.

    `entry`: its key on the new roster, empty where it was on that roster before.
    """

    roster: ChangedRoster
    participant: str
    to: str
    entry: str
    nominations: list[str]
    prework: list[str]


@dataclass(frozen=True)
class LeftBehind:
    """A household's line on the roster of a region that it left; `to`: its new region's call."""

    entry: RosterEntry
    to: Meeting | None


@dataclass(frozen=True)
class WentAlong:
    """To which call a household went, and in words what of its former one went along or stayed."""

    to: Meeting
    told: str
    data: MovedOn


def next_calls(participants: Sequence[Participant], now: datetime) -> dict[uuid.UUID, Meeting]:
    """`{region's key: its next call}`, of the regions where these households are. One query."""
    regions = {each.region_id for each in participants}
    calls = Meeting.objects.planned().filter(
        region__in=regions, starts_at__gt=now, call__isnull=True
    )
    found: dict[uuid.UUID, Meeting] = {}
    for call in calls.select_related("region", "continuum").order_by("starts_at"):
        if call.region_id:
            found.setdefault(call.region_id, call)
    return found


def left_behind(participant: Participant, now: datetime) -> list[LeftBehind]:
    """The rosters of other regions that a household is on, and where it can go.

    One query; one more where it is on such a roster.
    """
    entries = list(
        RosterEntry.objects.filter(
            participant=participant,
            meeting__state=Meeting.State.PLANNED,
            meeting__starts_at__gt=now,
            meeting__region__isnull=False,
            meeting__roster_settled_at__isnull=True,
            meeting__call__isnull=True,
        )
        .exclude(meeting__region=participant.region_id)
        .select_related("meeting__region", "meeting__continuum")
        .order_by("meeting__starts_at")
    )
    if not entries:
        return []
    to = next_calls([participant], now).get(participant.region_id)
    return [LeftBehind(entry, to) for entry in entries]


@transaction.atomic
def move_to_new_call(entry: RosterEntry, *, actor: User, now: datetime) -> WentAlong:
    """Take a household off this roster and put it on that of its new region's next call.

    ValidationError where it did not move, no call of the new region is planned, or one of the
    two rosters is settled or its call has begun: then nothing changes.
    """
    former = entry.meeting
    person = Participant.objects.select_related("region").get(pk=entry.participant_id)
    if former.region_id in (None, person.region_id):
        raise ValidationError(f"{person.alias} is of the region of this call.")
    to = next_calls([person], now).get(person.region_id)
    if to is None:
        raise ValidationError(f"No call of {person.region} is planned. Plan one first.")
    _lock_both(former, to, now=now)
    roster = change_roster(former, lambda: remove_from_roster(entry, actor=actor, now=now), now=now)
    # What the criteria propose comes first: a roster that somebody began is filled no more.
    open_roster(to, actor=actor, now=now)
    added = None
    if not to.roster.filter(participant=person).exists():
        added = add_to_roster(
            to,
            person,
            because=entry.added_because or f"Moved here from {former.scope_words}.",
            # Words of somebody's own stay theirs.
            actor=entry.added_by if entry.added_because else actor,
            now=now,
        )
    on = local_day(now, former.continuum.zone)
    nominations, left = _take_nominations(former, to, person, on)
    prework, left_prework = _take_prework(former, to, person, on)
    return WentAlong(
        to,
        _words(len(nominations), len(prework), left + left_prework),
        {
            "roster": roster,
            "participant": str(person.pk),
            "to": str(to.pk),
            "entry": str(added.pk) if added else "",
            "nominations": nominations,
            "prework": prework,
        },
    )


@transaction.atomic
def undo_moved_on(data: MovedOn, *, actor: User, now: datetime) -> str:
    """Put the household back on its former roster, with what went along."""
    visible = Meeting.objects.visible_to(actor)
    to = visible.filter(pk=data["to"]).first()
    former = visible.filter(pk=data["roster"]["meeting"]).first()
    for meeting in (to, former):
        if meeting is None or not actor.has_perm("conferencing.settle_roster", meeting):
            raise PermissionDenied
    assert to is not None
    assert former is not None
    _lock_both(former, to, now=now)
    if data["entry"]:
        added = to.roster.filter(pk=data["entry"]).first()
        undo.refuse_changed(added is not None)
        to.roster.filter(pk=data["entry"]).delete()
        number_entries(to)
    for rows, keys in (
        (Nomination.objects, data["nominations"]),
        (PreWork.objects, data["prework"]),
    ):
        for row in rows.filter(pk__in=keys, meeting=to):
            row.meeting = former
            row.full_clean()
            row.save()
    anyway = {uuid.UUID(data["participant"])}
    return undo_roster(data["roster"], actor=actor, now=now, anyway=anyway)


def _lock_both(one: Meeting, other: Meeting, *, now: datetime) -> None:
    """Lock both in the order of their keys, so that two such moves never wait for each other."""
    for meeting in sorted([one, other], key=lambda each: each.pk):
        try:
            lock_roster(meeting, now=now)
        except ValidationError as refused:
            words = f"{meeting.scope_words}: {refused.messages[0]}"
            raise ValidationError(words) from None


def _take_nominations(
    former: Meeting, to: Meeting, person: Participant, on: date
) -> tuple[list[str], int]:
    """`(keys of those that went along, how many stay)`, of the standing ones."""
    there = set(
        Nomination.objects.filter(meeting=to, participant=person).values_list("agency", flat=True)
    )
    rows = Nomination.objects.filter(meeting=former, participant=person, withdrawn_at__isnull=True)
    taken, left = [], 0
    for row in rows.order_by("at"):
        if row.agency_id in there or not _knows(row.agency_id, person, on):
            left += 1
            continue
        row.meeting = to
        row.full_clean()
        row.save()
        taken.append(str(row.pk))
    return taken, left


def _take_prework(
    former: Meeting, to: Meeting, person: Participant, on: date
) -> tuple[list[str], int]:
    """As of nominations; an agency with an open step goes on with it, and so with its words."""
    there = set(
        PreWork.objects.filter(meeting=to, participant=person).values_list("agency", flat=True)
    )
    steps = ActionItem.objects.open().filter(participant=person)
    # Of a victim service provider's household a step alone opens nothing: entries_to_prepare.
    at_work = set() if person.is_confidential else set(steps.values_list("agency", flat=True))
    taken, left = [], 0
    for row in PreWork.objects.filter(meeting=former, participant=person).order_by("at"):
        may = row.agency_id in at_work or _knows(row.agency_id, person, on)
        if row.agency_id in there or not may:
            left += 1
            continue
        row.meeting = to
        row.full_clean()
        row.save()
        taken.append(str(row.pk))
    return taken, left


def _knows(agency: uuid.UUID, person: Participant, on: date) -> bool:
    """Whether anybody of the agency who is in standing now may know of the household now."""
    staff = StaffMember.objects.in_good_standing(on).filter(agency=agency).select_related("user")
    return any(
        Participant.objects.visible_to(each.user, on).filter(pk=person.pk).exists()
        for each in staff
    )


def _words(nominations: int, prework: int, left: int) -> str:
    parts = []
    if nominations or prework:
        parts.append("What agencies nominated and prepared went along.")
    if left:
        parts.append(
            "Some of it stays with the former call: its agency may not see the household in the "
            "new region, or has its own there."
        )
    return " ".join(parts)
