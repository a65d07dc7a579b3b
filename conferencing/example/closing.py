"""What closing a call leaves behind: its minutes, its systemic barriers. Example data only."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from conferencing.follow_through.systemic import (
    change_barrier,
    note_systemic_barriers,
    possible_owners,
    version_of,
)
from conferencing.minutes import freeze_minutes
from conferencing.models import Call, SystemicBarrier
from regions.models import Continuum

Status = SystemicBarrier.Status
STRATEGIES = {
    "Landlords refuse the voucher": (
        Status.WORKED_ON,
        "Have breakfast with landlords and the housing office each quarter. Write a letter that "
        "says what the voucher covers. Name one person whom landlords can call.",
    ),
    "No transportation": (
        Status.WORKED_ON,
        "Ask the county for volunteer drivers on two days of the week; viewings on those days.",
    ),
    "Eviction on record": (
        Status.RESOLVED,
        "Legal aid holds a clinic each month; a template letter is in use everywhere.",
    ),
}
TAKEN_ON_AFTER = timedelta(days=150)


def close_calls(
    continuum: Continuum, calls: Iterable[Call], *, random: Random, now: datetime
) -> None:
    """Freeze the minutes of each call and take its barriers over, as of its close.

    No continuum of the example mails its minutes.
    """
    for call in calls:
        if call.closed_by and call.closed_at:
            freeze_minutes(call.meeting, actor=call.closed_by, now=call.closed_at)
            note_systemic_barriers(call.meeting, actor=call.closed_by, now=call.closed_at)
    owners = list(possible_owners(continuum.pk).order_by("user__email"))
    barriers = SystemicBarrier.objects.filter(continuum=continuum)
    for barrier in sorted(barriers, key=lambda each: each.words):
        taken_on_at = barrier.changed_at + TAKEN_ON_AFTER
        if barrier.words in STRATEGIES and taken_on_at < now:
            status, strategy = STRATEGIES[barrier.words]
            owner = random.choice(owners)
            change_barrier(
                barrier,
                status=status,
                owner=owner,
                strategy=strategy,
                seen=version_of(barrier),
                actor=owner.user,
                now=taken_on_at,
            )
