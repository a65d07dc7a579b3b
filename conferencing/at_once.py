"""Several people at one meeting at once: locked while one changes it, told what another changed."""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F

from conferencing.models import Call, Meeting

IS_CLOSED = "The call is closed. Corrections are added to its minutes."


def tell_followers(meeting_id: uuid.UUID, *, frame: bool = True) -> None:
    """Count the call up, for its page to fetch what is new; with `frame`, the parts around too.

    Raises ValidationError (code "closed") when the call was closed at this very moment.
    """
    if not tell_if_held(meeting_id, frame=frame):
        raise ValidationError(IS_CLOSED, code="closed")


def tell_if_held(meeting_id: uuid.UUID, *, frame: bool = True) -> bool:
    """As `tell_followers`, for what may also be done while no call is held."""
    changes = {"version": F("version") + 1}
    if frame:
        changes["frame"] = F("frame") + 1
    return bool(Call.objects.filter(meeting=meeting_id, closed_at__isnull=True).update(**changes))


def lock_open(meeting: Meeting, now: datetime, *, while_held: bool = False) -> Meeting:
    """Return the meeting, locked; ValidationError unless it is planned and not over.

    `while_held`: not over either is one past its time whose call nobody has closed yet.
    """
    meeting = lock(meeting)
    is_past = meeting.ends_at < now and not (while_held and meeting.is_held)
    if meeting.state == Meeting.State.CANCELLED:
        raise ValidationError("This call is canceled. Restore it first.")
    if meeting.state == Meeting.State.CLOSED or is_past:
        raise ValidationError("This call is over; it can no longer be changed.")
    return meeting


def lock(meeting: Meeting) -> Meeting:
    return (
        Meeting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
