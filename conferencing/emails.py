"""The mails of this room: calendar entries, and notices about a call. No participant data, ever."""

import uuid
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from conferencing.models import Meeting
from outbox.kinds import Withheld
from outbox.models import Message
from outbox.services import queue_mail


def notice(
    user: User,
    meeting: Meeting,
    *,
    kind: str,
    subject: str,
    lines: list[str],
    label: str,
    url: str,
    key: str,
    about_id: uuid.UUID,
    reason: str = "",
    now: datetime,
) -> Message:
    """Put one notice about a call to one person into the outbox, once per `key`.

    `url` is a path of this site, `label` the words of the button that leads there. Not sent
    any more once the call's time is over.
    """
    context = {
        "continuum": meeting.continuum,
        "subject": subject,
        "name": user.name,
        "lines": lines,
        "label": label,
        "url": settings.SITE_URL + url,
        "reason": reason or "You get this because you take part in these calls.",
    }
    return queue_mail(
        kind=kind,
        address=user.email,
        user=user,
        subject=subject,
        text=render_to_string("emails/call_notice.txt", context).strip() + "\n",
        html=render_to_string("emails/call_notice.html", context),
        dedupe_key=f"{key}:{user.pk}",
        not_after=meeting.ends_at,
        continuum_id=meeting.continuum_id,
        about_id=about_id,
        now=now,
    )


def recipient_of(message: Message) -> User:
    """The person that a mail is for; Withheld once their account is gone."""
    if message.user is None:
        raise Withheld("The account is closed.")
    return message.user
