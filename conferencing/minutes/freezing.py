"""Freezing the minutes when a call is closed, and who gets a copy.

Source: River Valleys, “Roles”: notes of what was discussed for each participant are kept, “so
they can be reviewed from month to month”.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from conferencing.minutes.recipients import Getting, LeftOut, who_gets_them
from conferencing.models import Meeting, Minutes, MinutesDelivery

from .deliveries import MINUTES
from .snapshots import make_snapshot

MINUTES_FROZEN = audit.actions.register("minutes.frozen", "Froze the minutes of a call")


@transaction.atomic
def freeze_minutes(meeting: Meeting, *, actor: User, now: datetime) -> Minutes:
    """Freeze what was said into the meeting's minutes; make a delivery per recipient.

    Frozen already: those minutes, unchanged. Copies are mailed where the continuum chose so.
    Raises ValidationError while the call is not closed.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    former = Minutes.objects.filter(meeting=meeting).first()
    if former:
        return former
    if meeting.state != Meeting.State.CLOSED:
        raise ValidationError("The call is not closed yet. Its minutes are made when it is.")
    minutes = Minutes(
        meeting=meeting, frozen_at=now, frozen_by=actor, snapshot=make_snapshot(meeting)
    )
    minutes.full_clean()
    minutes.save(force_insert=True)
    gets: list[Getting] = []
    left_out: list[LeftOut] = []
    if meeting.continuum.sends_minutes:
        gets, left_out = who_gets_them(meeting, now=now)
    for user, agency in gets:
        MINUTES.mail(MinutesDelivery(minutes=minutes, recipient=user), agency, actor=actor, now=now)
    MinutesDelivery.objects.bulk_create(
        MinutesDelivery(minutes=minutes, recipient=user, agency=agency, left_out_because=why)
        for user, agency, why in left_out
    )
    audit.services.record(
        MINUTES_FROZEN,
        actor=actor,
        about=minutes,
        detail={
            "meeting": str(meeting.pk),
            "households": len(minutes.snapshot["households"]),
            "recipients": len(gets),
            "left_out": len(left_out),
        },
        now=now,
    )
    return minutes
