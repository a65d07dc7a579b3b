"""What a calling rule does to the meetings of a year: compared first, shown, then done.

Pure computation: `compare` reads the rows that it is given and writes none, so that the preview
of a rule and its saving are the same judgement.
"""

import datetime
import hashlib
import uuid
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conferencing.models import Meeting
from regions.calling import Planned

NO_LONGER_PLANNED = "The calling rule no longer plans this call."


class Act(StrEnum):
    """What happens to one call of the year."""

    MADE = "made"
    MOVED = "moved"
    RESTORED = "restored"
    REMOVED = "removed"
    CALLED_OFF = "called_off"
    KEPT = "kept"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """One call of the year: what the rule asks, what is there, what happens to it and why.

    `planned` is None for a call that the rule does not ask for, `meeting` None for one that is
    not there yet. `why` says in words why a call is not as the rule has it.
    """

    act: Act
    planned: Planned | None
    meeting: Meeting | None
    why: str = ""

    @property
    def region_id(self) -> Hashable | None:
        if self.planned:
            return self.planned.key
        assert self.meeting is not None
        return self.meeting.region_id

    @property
    def starts_at(self) -> datetime.datetime:
        """When the call is held once the change is done."""
        if self.act in (Act.MADE, Act.MOVED, Act.RESTORED):
            assert self.planned is not None
            return self.planned.starts_at
        assert self.meeting is not None
        return self.meeting.starts_at


@dataclass(frozen=True)
class Hold:
    """What hangs on a meeting: in words what keeps it; whether that keeps its time too, as a list
    that went out does and a call that was begun; who knows it.

    A meeting that people were invited to, or whose roles were given, is called off and not
    removed: calendars hear of it, and its agencies are owed a turn.
    """

    words: str = ""
    keeps_time: bool = False
    is_known: bool = False


def compare(
    plan: Iterable[Planned],
    meetings: Iterable[Meeting],
    held: Mapping[uuid.UUID, Hold],
    now: datetime.datetime,
    *,
    with_past: bool = False,
) -> list[Change]:
    """Set a year's plan against its meetings; return what happens to each call, in order of time.

    `meetings` are those of the year that a rule made (they have a slot); `held` gives, by primary
    key, the words that say what hangs on a meeting, for those on which something does. Meetings
    that are past, closed or changed by a person stay as they are. With `with_past` calls are made
    for times gone by as well.
    """
    by_slot: dict[tuple[Hashable, str], Meeting] = {
        (meeting.region_id, meeting.slot): meeting for meeting in meetings
    }
    changes = []
    for planned in plan:
        meeting = by_slot.pop((planned.key, planned.slot), None)
        if meeting is not None:
            changes.append(_kept_or_moved(planned, meeting, held, now))
        elif planned.starts_at > now or with_past:
            changes.append(Change(Act.MADE, planned, None))
    changes += [_off_plan(meeting, held, now) for meeting in by_slot.values()]
    return sorted(changes, key=lambda change: (change.starts_at, str(change.region_id)))


def fingerprint(changes: Iterable[Change]) -> str:
    """A short text that differs when what would happen differs: what was previewed is saved."""
    digest = hashlib.sha256()
    for change in changes:
        meeting = change.meeting
        parts = (
            change.act,
            change.region_id,
            change.starts_at.isoformat(),
            meeting and (meeting.pk, meeting.sequence, meeting.state),
        )
        digest.update(repr(parts).encode())
    return digest.hexdigest()[:32]


def _kept_or_moved(
    planned: Planned, meeting: Meeting, held: Mapping[uuid.UUID, Hold], now: datetime.datetime
) -> Change:
    reason = _stays_because(meeting, now)
    if meeting.state == Meeting.State.CANCELLED and not reason:
        if planned.starts_at > now:
            return Change(Act.RESTORED, planned, meeting)
        return Change(Act.UNCHANGED, planned, meeting)
    if (planned.starts_at, planned.ends_at) == (meeting.starts_at, meeting.ends_at):
        return Change(Act.UNCHANGED, planned, meeting)
    if not reason and planned.starts_at <= now:
        reason = "The rule’s day for this month is past."
    hold = held.get(meeting.pk, Hold())
    if not reason and hold.keeps_time:
        reason = hold.words
    if reason:
        return Change(Act.KEPT, planned, meeting, reason)
    return Change(Act.MOVED, planned, meeting)


def _off_plan(meeting: Meeting, held: Mapping[uuid.UUID, Hold], now: datetime.datetime) -> Change:
    reason = _stays_because(meeting, now)
    hold = held.get(meeting.pk, Hold())
    if not reason and meeting.state == Meeting.State.CANCELLED:
        return Change(Act.UNCHANGED, None, meeting)
    if reason or hold.words:
        return Change(Act.KEPT, None, meeting, reason or hold.words)
    if hold.is_known:
        return Change(Act.CALLED_OFF, None, meeting, NO_LONGER_PLANNED)
    return Change(Act.REMOVED, None, meeting)


def _stays_because(meeting: Meeting, now: datetime.datetime) -> str:
    if meeting.state == Meeting.State.CLOSED:
        return "It was held."
    if meeting.starts_at <= now:
        return "It is past."
    if meeting.is_changed_by_hand:
        if meeting.state == Meeting.State.CANCELLED:
            return "It was canceled manually."
        return "It was changed manually."
    return ""
