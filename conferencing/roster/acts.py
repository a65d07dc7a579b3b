"""The roster of a meeting: proposed by the region's criteria, settled by the CE Specialist."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from conferencing.models import Meeting, Nomination, RosterEntry
from conferencing.nothing_to_discuss.acts import marks_of, pull_back_listed
from participants.models import Participant
from participants.own_words import note_typed
from regions.clock import local_day

from .criteria import Candidate, Kind, candidates, scope

MINUTES_COC_WIDE = 5


def minutes_per_household(meeting: Meeting) -> int:
    return meeting.region.minutes_per_household if meeting.region else MINUTES_COC_WIDE


def room_for(meeting: Meeting) -> int:
    """How many households the call has time for."""
    return meeting.minutes // minutes_per_household(meeting)


def lock_roster(meeting: Meeting, *, now: datetime, may_be_settled: bool = False) -> Meeting:
    """Lock the meeting and return it, if its roster may still be changed.

    Raises ValidationError for a call that was canceled, closed or has begun, and for a settled
    roster unless `may_be_settled`.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    if meeting.state != Meeting.State.PLANNED:
        raise ValidationError(f"The call is {meeting.get_state_display().lower()}.")
    if meeting.has_begun(now):
        raise ValidationError("The call has begun; its roster is changed on the call's page.")
    if meeting.roster_settled_at and not may_be_settled:
        raise ValidationError("The roster is settled. Open it again to change it.")
    return meeting


@transaction.atomic
def open_roster(meeting: Meeting, *, actor: User | None, now: datetime) -> list[RosterEntry]:
    """Propose the roster the first time somebody asks for it; later, return it as it is.

    As many households as the call has time for, each with all its reasons in words. A roster
    that a person emptied, or settled, is not filled again.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    is_over = meeting.state != Meeting.State.PLANNED or meeting.starts_at <= now
    if not (meeting.roster_opened_at or meeting.roster_settled_at or is_over):
        meeting.roster_opened_at = now
        meeting.save(update_fields=["roster_opened_at"])
        fill(meeting, actor=actor, now=now)
    return list(meeting.roster.all())


@transaction.atomic
def propose_again(
    meeting: Meeting, *, actor: User | None, now: datetime, seen: str | None = None
) -> list[RosterEntry]:
    """Replace what the criteria proposed by what they propose now; what people added stays.

    `seen` is `Proposal.seen` of what the page showed: ValidationError if it is no longer so.
    """
    meeting = lock_roster(meeting, now=now)
    if seen is not None and seen != proposed_again(meeting, now=now).seen:
        raise ValidationError("Something changed meanwhile. This is what would happen now.")
    proposed = meeting.roster.filter(source=RosterEntry.Source.PROPOSED)
    stay = set(proposed.values_list("participant", flat=True))
    proposed.delete()
    number_entries(meeting)
    fill(meeting, actor=actor, now=now, stay=stay)
    return list(meeting.roster.all())


@dataclass(frozen=True)
class Proposal:
    """What applying the criteria again does: the new order, who is added to it, who goes."""

    order: list[Participant]
    added: list[Participant]
    removed: list[Participant]

    @property
    def seen(self) -> str:
        """A short text that differs when what it does differs."""
        keys = [[str(each.pk) for each in each_list] for each_list in (self.order, self.removed)]
        return hashlib.sha256(repr(keys).encode()).hexdigest()[:32]


def proposed_again(meeting: Meeting, *, now: datetime) -> Proposal:
    """What `propose_again` would do to the roster as it stands."""
    entries = list(meeting.roster.select_related("participant").order_by("position"))
    stays = [each.participant for each in entries if each.source != RosterEntry.Source.PROPOSED]
    found = [each.participant for each in proposal(meeting, now=now, listed={p.pk for p in stays})]
    order, now_on = stays + found, {each.participant_id for each in entries}
    wanted = {each.pk for each in order}
    return Proposal(
        order=order,
        added=[each for each in found if each.pk not in now_on],
        removed=[each.participant for each in entries if each.participant_id not in wanted],
    )


def proposal(
    meeting: Meeting, *, now: datetime, listed: set[uuid.UUID] | None = None
) -> list[Candidate]:
    """The best candidates that are not on the roster yet, while the call has time.

    `listed`: whom to count as on it already, in place of those who are.
    """
    on = local_day(now, meeting.continuum.zone)
    if listed is None:
        listed = set(meeting.roster.values_list("participant", flat=True))
    found = [
        each
        for each in candidates(meeting, on=on)
        if each.weight and each.participant.pk not in listed
    ]
    discussed = listed - marks_of(meeting, now=now).keys()  # what is read out takes no time
    return found[: max(room_for(meeting) - len(discussed), 0)]


def fill(
    meeting: Meeting,
    *,
    actor: User | None,
    now: datetime,
    stay: Collection[uuid.UUID] = (),
) -> None:
    """Add what the criteria propose, after those who are on the roster.

    `stay`: who was on it a moment ago; of whom is added, nothing that was marked holds any more.
    """
    found = proposal(meeting, now=now)
    added = [each.participant for each in found if each.participant.pk not in stay]
    pull_back_listed(meeting, added, now=now)
    RosterEntry.objects.bulk_create(
        new_entry(meeting, each, position, actor=actor, source=RosterEntry.Source.PROPOSED)
        for position, each in enumerate(found, start=meeting.roster.count() + 1)
    )


def new_entry(
    meeting: Meeting,
    found: Candidate,
    position: int,
    *,
    actor: User | None,
    source: RosterEntry.Source,
    because: str = "",
) -> RosterEntry:
    return RosterEntry(
        meeting=meeting,
        participant=found.participant,
        position=position,
        source=source,
        # Nominations stand beside the roster with their own words, and can be withdrawn.
        reasons=[reason for reason in found.reasons if reason["kind"] != Kind.NOMINATED],
        added_because=because,
        minutes=minutes_per_household(meeting),
        added_by=actor,
    )


def number_entries(meeting: Meeting, ordered: list[RosterEntry] | None = None) -> None:
    """Number the entries 1, 2, 3 … in their order, or in the order given."""
    entries = list(meeting.roster.order_by("position")) if ordered is None else ordered
    for position, entry in enumerate(entries, start=1):
        entry.position = position
    RosterEntry.objects.bulk_update(entries, ["position"])


@transaction.atomic
def add_to_roster(
    meeting: Meeting,
    participant: Participant,
    *,
    because: str,
    found: Candidate | None = None,
    actor: User | None,
    now: datetime,
) -> RosterEntry:
    """Add a household at the end, with the reasons it meets and, if given, one in words.

    `found`: with these reasons, asked of the region already for many at once.

    A roster that somebody began in this way is theirs: the clock does not fill it.
    Raises ValidationError when it is listed already, has no active place on the by-name list,
    or is not of the meeting's region.
    """
    meeting = lock_roster(meeting, now=now)
    if meeting.roster.filter(participant=participant).exists():
        raise ValidationError({"participant": f"{participant.alias} is on the roster already."})
    if not scope(meeting).filter(pk=participant.pk).exists():
        raise ValidationError(
            {
                "participant": f"{participant.alias} has no active place on the by-name list of "
                f"{meeting.scope_words}. Give it one first."
            }
        )
    on = local_day(now, meeting.continuum.zone)
    found = found or next(
        each for each in candidates(meeting, on=on) if each.participant.pk == participant.pk
    )
    was_nominated = Nomination.objects.filter(
        meeting=meeting, participant=participant, withdrawn_at__isnull=True
    ).exists()
    if not (found.reasons or because.strip()):
        raise ValidationError(
            {"because": "No criterion of the region is met. Say why the household is reviewed."}
        )
    source = RosterEntry.Source.NOMINATED if was_nominated else RosterEntry.Source.ADDED
    last = meeting.roster.aggregate(last=Max("position"))["last"] or 0
    entry = new_entry(meeting, found, last + 1, actor=actor, source=source, because=because.strip())
    entry.full_clean()
    note_typed(entry, "added_because", actor=actor)
    entry.save()
    pull_back_listed(meeting, [participant], now=now)
    if not meeting.roster_opened_at:
        meeting.roster_opened_at = now
        meeting.save(update_fields=["roster_opened_at"])
    return entry


@transaction.atomic
def remove_from_roster(entry: RosterEntry, *, actor: User | None, now: datetime) -> None:
    """Take a household off the roster. Gone already: nothing happens."""
    meeting = lock_roster(entry.meeting, now=now)
    meeting.roster.filter(pk=entry.pk).delete()
    number_entries(meeting)


@transaction.atomic
def move_on_roster(entry: RosterEntry, *, to: int, actor: User | None, now: datetime) -> None:
    """Put a household at position `to` (1 is first), the others keeping their order."""
    meeting = lock_roster(entry.meeting, now=now)
    entries = list(meeting.roster.order_by("position"))
    moved = next((each for each in entries if each.pk == entry.pk), None)
    if moved is None:
        raise ValidationError("This household was taken off the roster in the meantime.")
    entries.remove(moved)
    entries.insert(max(0, min(to - 1, len(entries))), moved)
    number_entries(meeting, entries)


@transaction.atomic
def settle_roster(meeting: Meeting, *, actor: User | None, now: datetime) -> Meeting:
    """Say that the roster is as it should go out. Settled already: nothing changes."""
    meeting = lock_roster(meeting, now=now, may_be_settled=True)
    if not meeting.roster_settled_at:
        meeting.roster_opened_at = meeting.roster_opened_at or now
        meeting.roster_settled_at, meeting.roster_settled_by = now, actor
        meeting.save(update_fields=["roster_opened_at", "roster_settled_at", "roster_settled_by"])
    return meeting


@transaction.atomic
def unsettle_roster(meeting: Meeting, *, actor: User | None, now: datetime) -> Meeting:
    """Open a settled roster again. A list that went out stays; a change needs a correction."""
    meeting = lock_roster(meeting, now=now, may_be_settled=True)
    meeting.roster_settled_at = meeting.roster_settled_by = None
    meeting.save(update_fields=["roster_settled_at", "roster_settled_by"])
    return meeting
