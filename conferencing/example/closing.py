"""What closing a call leaves behind: its minutes, frozen. Example data only."""

from conferencing.services.minutes import freeze_minutes


def close_calls(calls):
    """Freeze the minutes of each call as of its close; no continuum of the example mails them."""
    for call in calls:
        freeze_minutes(call.meeting, actor=call.closed_by, now=call.closed_at)
