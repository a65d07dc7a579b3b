"""The mail to a guest of a call, without a word of the household."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from conferencing.models import CallGuest
from conferencing.words import NO_RECORDING, day_of, when_words
from outbox.kinds import Prepared


def guest_mail(guest: CallGuest) -> Prepared:
    """What a guest is told, without a word of the household: when the call is, or what is off."""
    meeting = guest.meeting
    subject, last = "Your call is called off", ""
    if meeting.state == meeting.State.CANCELLED:
        first = f"The call of {meeting.continuum.name} to which you were invited is not held:"
    elif guest.is_off:
        first = (
            f"The review to which you were invited will not take place at this call of "
            f"{meeting.continuum.name}:"
        )
        last = "You do not need to come. If this changes, we will email you."
    else:
        subject = f"Your call on {day_of(meeting)}"
        first = f"You are invited to a call of {meeting.continuum.name}:"
        last = (
            "Sign in a few minutes before. Your first page leads to the call. If you have no "
            f"account yet, another mail brings you the link to open it. {NO_RECORDING}"
        )
    lines = [first, f"{when_words(meeting)}, {meeting.minutes} minutes."]
    if last:
        lines.append(last)
    context = {
        "continuum": meeting.continuum,
        "subject": subject,
        "name": guest.user.name,
        "lines": lines,
        "label": "Sign in",
        "url": settings.SITE_URL + reverse("conferencing:home"),
        "reason": "You get this because you were invited to this call.",
    }
    return Prepared(
        subject=subject,
        text=render_to_string("emails/call_notice.txt", context).strip() + "\n",
        html=render_to_string("emails/call_notice.html", context),
    )
