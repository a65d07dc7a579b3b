"""Invitations as mails: what a person's calendar and eyes are told about a call."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from conferencing.models import MeetingInvitation, MeetingRole
from conferencing.words import NO_RECORDING, call_words, when_words
from outbox.kinds import Prepared
from regions.words import short_weekday_words

from .calendar_entries import entry_of
from .calendar_feed import (
    CANCEL,
    Party,
    content_type,
    invitation,
)


def subject(invited: MeetingInvitation, method: str | None = None) -> str:
    """The subject of an invitation: what happened, which call, which day."""
    meeting = invited.meeting
    if (method or invited.method) == CANCEL:
        is_off = meeting.state == meeting.State.CANCELLED
        verb = "Canceled" if is_off else "No longer on your calendar"
    else:
        verb = "Invitation" if invited.times_told == 1 else "Changed"
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{verb}: {call_words(meeting)}, {short_weekday_words(local)}"


def invitation_mail(invited: MeetingInvitation, address: str) -> Prepared:
    """What a person's calendar and eyes are told about a call (`MeetingInvitation`)."""
    return _calendar_mail(invited, method=invited.method, address=address)


def farewell_mail(invited: MeetingInvitation, address: str) -> Prepared:
    """What an address is told that the person no longer has: the call leaves its calendar."""
    return _calendar_mail(invited, method=CANCEL, address=address, has_moved=True)


def part_words(invited: MeetingInvitation) -> str:
    """What this person does at the call beside being there; empty for nothing."""
    roles = MeetingRole.objects.filter(
        meeting=invited.meeting_id, person__user=invited.user_id
    ).order_by("role")
    names = " and ".join(role.get_role_display().lower() for role in roles)
    return f"You are the {names} of this call." if names else ""


def _calendar_mail(
    invited: MeetingInvitation, *, method: str, address: str, has_moved: bool = False
) -> Prepared:
    meeting = invited.meeting
    is_cancel, is_off = method == CANCEL, meeting.state == meeting.State.CANCELLED
    link = settings.SITE_URL + meeting.get_absolute_url()
    if is_cancel and not is_off:
        # The one call may be out of reach for whoever no longer takes part in it.
        membership = getattr(invited.user, "membership", None)
        may_look = invited.user.is_active and membership is not None and not has_moved
        link = settings.SITE_URL + reverse("conferencing:meeting_list") if may_look else ""
    answer_url = settings.SITE_URL + reverse("conferencing:meeting_answer", args=[meeting.pk])
    own_part = "" if is_cancel else part_words(invited)
    join_link = "" if is_cancel else meeting.join_link
    answer_link = "" if is_cancel else answer_url
    context = {
        "continuum": meeting.continuum,
        "meeting": meeting,
        "call": call_words(meeting),
        "when": when_words(meeting),
        "minutes": meeting.minutes,
        "is_cancel": is_cancel,
        "is_cancelled": is_off,
        "is_change": invited.times_told > 1,
        "has_moved": has_moved,
        "link": link,
        "part": own_part,
        "join_link": join_link,
        "answer_link": answer_link,
        "no_recording": NO_RECORDING,
        "reason": "You get this because this call was on your calendar."
        if is_cancel
        else "You get this because you take part in these calls.",
    }
    entry = entry_of(
        meeting,
        stamp=invited.told_at,
        sequence=invited.calendar_sequence,
        join=join_link,
        part=own_part,
        answer_url=answer_link,
    )
    part = invitation(entry, Party(address, invited.user.name), method)
    media_type = content_type(method).partition("; charset")[0]
    return Prepared(
        subject=subject(invited, method),
        text=render_to_string("emails/invitation.txt", context).strip() + "\n",
        html=render_to_string("emails/invitation.html", context),
        alternatives=[(part.decode(), media_type)],
    )
