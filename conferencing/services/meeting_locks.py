"""A meeting, locked while somebody changes it."""

from django.core.exceptions import ValidationError

from conferencing.models import Meeting


def lock_open(meeting, now, *, while_held=False) -> Meeting:
    """Return the meeting, locked; ValidationError unless it is planned and not over.

    `while_held`: not over either is one past its time whose call nobody has closed yet.
    """
    meeting = lock(meeting)
    is_past = meeting.ends_at < now and not (while_held and meeting.is_held)
    if meeting.state == Meeting.State.CANCELLED:
        raise ValidationError("This call is cancelled. Restore it first.")
    if meeting.state == Meeting.State.CLOSED or is_past:
        raise ValidationError("This call is over; it can no longer be changed.")
    return meeting


def lock(meeting) -> Meeting:
    return (
        Meeting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
