"""The mails of this room that hold a calendar entry. No participant data, ever."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.dateformat import format as format_date

from conferencing.calendar_entries import entry_of
from conferencing.calendar_feed import CANCEL, Party, content_type, invitation
from outbox.kinds import Prepared
from regions.calling import zone_name


def when_words(meeting) -> str:
    """When the call is, where its people live: "Thursday, December 10, 2026, 10:00 AM …"."""
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    words = format_date(local, "l, F j, Y, g:i A")
    return f"{words} {zone_name(meeting.continuum.zone)}"


def call_words(meeting) -> str:
    return "CoC-wide call" if meeting.is_coc_wide else f"{meeting.region.name} call"


def subject(invited) -> str:
    """The subject of an invitation: what happened, which call, which day."""
    meeting = invited.meeting
    if invited.method == CANCEL:
        is_off = meeting.state == meeting.State.CANCELLED
        verb = "Cancelled" if is_off else "No longer on your calendar"
    else:
        verb = "Invitation" if invited.times_told == 1 else "Changed"
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{verb}: {call_words(meeting)}, {format_date(local, 'D, M j, Y')}"


def invitation_mail(invited) -> Prepared:
    """What a person's calendar and eyes are told about a call (`MeetingInvitation`)."""
    meeting = invited.meeting
    context = {
        "continuum": meeting.continuum,
        "meeting": meeting,
        "call": call_words(meeting),
        "when": when_words(meeting),
        "minutes": meeting.minutes,
        "is_cancel": invited.method == CANCEL,
        "is_cancelled": meeting.state == meeting.State.CANCELLED,
        "is_change": invited.times_told > 1,
        "link": settings.SITE_URL + meeting.get_absolute_url(),
        "reason": "You get this because you take part in these calls.",
    }
    entry = entry_of(meeting, stamp=invited.told_at)
    part = invitation(entry, Party(invited.user.email, invited.user.name), invited.method)
    media_type = content_type(invited.method).partition("; charset")[0]
    return Prepared(
        subject=subject(invited),
        text=render_to_string("emails/invitation.txt", context).strip() + "\n",
        html=render_to_string("emails/invitation.html", context),
        alternatives=[(part.decode(), media_type)],
    )
