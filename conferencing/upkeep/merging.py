"""What becomes of the meetings' rows when two records of one person are joined."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q

from conferencing import elements
from conferencing.models import (
    ActionItem,
    CallGuest,
    Meeting,
    Nomination,
    NothingToDiscuss,
    PreWork,
    Review,
    RosterEntry,
)
from participants.merges import relations
from participants.merges.acts import Joining
from participants.own_words import joined

TEXTS = (*elements.TEXTS, "notes")
HELD = (
    "One of the two is on the agenda of a call that is being held. Wait until the call is closed."
)


def lock_meetings(keys: Sequence[UUID], now: datetime) -> None:
    """Hold the calls to come that have one of the records; refuse while one is being held.

    Calls before participants: whoever changes a roster holds its call first.
    """
    rows = Meeting.objects.exclude(state=Meeting.State.CLOSED).filter(
        Q(roster__participant__in=keys) | Q(reviews__participant__in=keys)
    )
    chosen = Meeting.objects.filter(pk__in=rows.order_by().values("pk")).order_by("pk")
    meetings = chosen.select_for_update(of=("self",), no_key=True).select_related("call")
    if any(each.is_held for each in meetings):
        raise ValidationError(HELD)


def was_held(meeting: Meeting) -> bool:
    """Whether it was begun; one whose time has come may be yet, one called off may be restored."""
    return meeting.state == Meeting.State.CLOSED or hasattr(meeting, "call")


def is_to_come(meeting: Meeting, now: datetime) -> bool:
    return meeting.state != Meeting.State.CLOSED and not meeting.has_begun(now)


def fold_entry(joining: Joining, former: RosterEntry, kept: RosterEntry) -> None:
    """Both on the roster of a call to come: one entry, with the reasons of both."""
    if was_held(former.meeting):
        return
    reasons = [*kept.reasons, *(each for each in former.reasons if each not in kept.reasons)]
    words = [each for each in (kept.added_because, former.added_because) if each]
    joining.journal.change(
        kept,
        is_lasting=False,
        reasons=reasons,
        added_because=joined("\n", words) or "",
        minutes=max(kept.minutes, former.minutes),
    )
    joining.journal.delete(former)


def is_listed(row: Nomination | PreWork) -> bool:
    """Whether the record that goes keeps its own line at the row's call, which is over."""
    return RosterEntry.objects.filter(
        meeting=row.meeting_id, participant=row.participant_id
    ).exists()


def fold_nomination(joining: Joining, former: Nomination, kept: Nomination) -> None:
    """One agency nominated both for one call: one nomination, with its words of both.

    One that was taken back says nothing beside one that stands.
    """
    if is_listed(former):
        return
    standing = [each for each in (kept, former) if each.withdrawn_at is None]
    said = standing or [kept]
    first = min(said, key=lambda each: each.at)
    joining.journal.change(
        kept,
        is_lasting=False,
        reason=joined("; ", [each.reason for each in said if each.reason]) or "",
        by=first.by,
        at=first.at,
        withdrawn_at=None if standing else kept.withdrawn_at,
    )
    joining.journal.delete(former)


def fold_mark(joining: Joining, former: NothingToDiscuss, kept: NothingToDiscuss) -> None:
    """Both marked for a call to come: one mark. What was pulled back of one is of both."""
    if was_held(former.meeting):
        return
    if former.pulled_back_at and not kept.pulled_back_at:
        joining.journal.change(
            kept,
            is_lasting=False,
            pulled_back_at=former.pulled_back_at,
            pulled_back_by=former.pulled_back_by,
            pulled_back_agency=former.pulled_back_agency,
            why=former.why,
        )
    joining.journal.delete(former)


def fold_prework(joining: Joining, former: PreWork, kept: PreWork) -> None:
    """One agency prepared both for one call: its words of the other are added."""
    if is_listed(former) or kept.accepted_at or former.accepted_at:
        return
    values = {}
    for name in TEXTS:
        words = [each for each in (getattr(kept, name), getattr(former, name)) if each]
        values[name] = joined("\n", words) or getattr(kept, name)
    barriers = dict.fromkeys([*(kept.barriers or []), *(former.barriers or [])])
    joining.journal.change(
        kept,
        is_lasting=False,
        **values,
        barriers=list(barriers) or kept.barriers,
        location=kept.location or former.location,
        notes_by=kept.notes_by or former.notes_by,
        revision=kept.revision + 1,
    )


def nomination_returns(nomination: Nomination, now: datetime) -> bool:
    """One that was folded comes back while its call is to come and its agency takes part."""
    is_theirs = nomination.agency.is_active
    return is_theirs and is_to_come(Meeting.objects.get(pk=nomination.meeting_id), now)


def entry_returns(entry: RosterEntry, now: datetime) -> bool:
    """An entry that was folded comes back while its call is still to come."""
    meeting = Meeting.objects.get(pk=entry.meeting_id)
    if not is_to_come(meeting, now):
        return False
    taken = meeting.roster.filter(position=entry.position).exists()
    last = meeting.roster.order_by("-position").first() if taken else None
    if last:
        entry.position = last.position + 1
    return True


def register() -> None:
    """Say what becomes of each row of this room when two records are joined."""
    relations.register(RosterEntry, "places on rosters", once_per=["meeting"], fold=fold_entry)
    relations.register(
        Nomination, "nominations", once_per=["meeting", "agency"], fold=fold_nomination
    )
    relations.register(
        NothingToDiscuss, "“nothing to discuss”", once_per=["meeting"], fold=fold_mark
    )
    relations.register(Review, "reviews", once_per=["meeting"])
    relations.register(ActionItem, "steps")
    relations.register(PreWork, "pre-work", once_per=["meeting", "agency"], fold=fold_prework)
    relations.register(CallGuest, "guests of calls")
    relations.register_return(RosterEntry, entry_returns)
    relations.register_return(Nomination, nomination_returns)
    relations.register_lock(lock_meetings)
