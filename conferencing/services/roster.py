"""The roster of a meeting: proposed by the region's criteria, settled by the CE Specialist."""

from django.db import transaction

from conferencing.models import Meeting, Nomination, RosterEntry
from regions.clock import local_day

from .criteria import Kind, candidates

MINUTES_COC_WIDE = 5


def minutes_per_household(meeting):
    return meeting.region.minutes_per_household if meeting.region_id else MINUTES_COC_WIDE


def room_for(meeting):
    """How many households the call has time for."""
    return meeting.minutes // minutes_per_household(meeting)


@transaction.atomic
def open_roster(meeting, *, actor, now):
    """Propose the roster the first time somebody asks for it; later, return it as it is.

    As many households as the call has time for, each with all its reasons in words. A roster
    that a person emptied, or settled, is not filled again.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if meeting.roster_opened_at or meeting.roster_settled_at:
        return list(meeting.roster.all())
    meeting.roster_opened_at = now
    meeting.save(update_fields=["roster_opened_at"])
    on = local_day(now, meeting.continuum.zone)
    chosen = [each for each in candidates(meeting, on=on) if each.weight][: room_for(meeting)]
    nominated = set(
        Nomination.objects.filter(meeting=meeting, withdrawn_at__isnull=True).values_list(
            "participant", flat=True
        )
    )
    return RosterEntry.objects.bulk_create(
        RosterEntry(
            meeting=meeting,
            participant=each.participant,
            position=position,
            source=(
                RosterEntry.Source.NOMINATED
                if each.participant.pk in nominated
                else RosterEntry.Source.PROPOSED
            ),
            reasons=[reason for reason in each.reasons if reason["kind"] != Kind.NOMINATED],
            minutes=minutes_per_household(meeting),
            added_by=actor,
        )
        for position, each in enumerate(chosen, start=1)
    )
