"""Since when a call's list is due at its time: what keeps a sudden one from going out by itself.

A call comes near in many ways: added, moved, restored, planned by a rule; or its list falls due
earlier because the lead, a closed day or the zone changed. Whatever the way, a list whose time had
passed when it was set waits for the CE Specialist (`Meeting.needs_list_choice`).
"""

from datetime import datetime, timedelta

from django.db import transaction

from conferencing.models import Meeting
from regions.models import Continuum

# No list falls due earlier than this before its call, with 30 days of lead and closed weeks: what
# lies further ahead is looked at once it comes nearer, so that a tick stays quick with many calls.
AHEAD = timedelta(days=90)


def time_anew(meeting: Meeting, now: datetime) -> None:
    """Note on a call that is added, moved or restored at `now` that its list's time is new.

    What was chosen for the former time no longer counts. The caller saves.
    """
    meeting.list_timed_for = meeting.list_times.due_at
    meeting.list_timed_at = now
    meeting.list_choice = ""
    meeting.list_send_at = meeting.list_chosen_at = meeting.list_chosen_by = None


def retime_lists(now: datetime, *, continuum: Continuum | None = None) -> None:
    """Note for each call ahead whose list falls due at another time that this time is new.

    Asked by each act that changes a continuum's lead or closed days, and by every tick before it
    sends, so that a change by any other way is found too.
    """
    meetings = Meeting.objects.planned().awaiting_list()
    meetings = meetings.filter(starts_at__gt=now, starts_at__lt=now + AHEAD)
    if continuum is not None:
        meetings = meetings.filter(continuum=continuum)
    found = [each.pk for each in meetings if is_timed_anew(each)]
    if not found:
        return
    with transaction.atomic():
        rows = Meeting.objects.filter(pk__in=found).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        # Read again behind the lock: what somebody changed meanwhile is not written over.
        for meeting in rows.select_related("continuum", "region"):
            note_time(meeting, now)


def is_timed_anew(meeting: Meeting) -> bool:
    return meeting.list_timed_for != meeting.list_times.due_at


def note_time(meeting: Meeting, now: datetime) -> None:
    """Note that the list of this call, locked by the caller, falls due at another time."""
    if not is_timed_anew(meeting):
        return
    if meeting.list_timed_for is not None:
        meeting.list_timed_at = now
    meeting.list_timed_for = meeting.list_times.due_at
    meeting.save(update_fields=["list_timed_for", "list_timed_at"])
