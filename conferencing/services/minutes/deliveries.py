"""One recipient's mail of the minutes: made at the moment of sending, its password shown."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

import audit.actions
import audit.services
from conferencing.documents.minutes import locked_minutes
from conferencing.models import Meeting, MinutesDelivery
from outbox.kinds import Prepared, Withheld

from ..deliveries import keep_what_went_out, refuse_out_of_standing, shown_in
from ..snapshots import meeting_words
from .copies import Copy
from .freezing import subject

MINUTES_SENT = audit.actions.declare("minutes.sent", "Mailed the minutes of a call")
PASSWORD_REVEALED = audit.actions.declare(
    "minutes.password_revealed", "Looked at the password of their own minutes"
)


def delivery_of(message):
    return MinutesDelivery.objects.select_related(
        "minutes__meeting__continuum",
        "minutes__meeting__region",
        "recipient__membership__continuum",
        "agency__continuum",
    ).get(pk=message.about_id)


def prepare_minutes(message, now):
    """Make the mail of one delivery by the rules of this moment (see outbox.kinds.register).

    Withheld when the recipient is no longer in standing, or no longer in the agency for which
    the copy was made. Names follow the releases as they are now.
    """
    delivery = delivery_of(message)
    meeting = delivery.minutes.meeting
    if meeting.state != Meeting.State.CLOSED:
        raise Withheld("The call is not closed.")
    refuse_out_of_standing(delivery, zone=meeting.continuum.zone, now=now)
    copy = Copy(delivery.minutes, delivery.recipient, now=now)
    pdf = locked_minutes(copy.document(delivery.agency), password=delivery.password)
    keep_what_went_out(delivery, pdf, copy.disclosed)
    context = {
        "recipient": delivery.recipient,
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "link": settings.SITE_URL + reverse("conferencing:minutes_reveal", args=[delivery.pk]),
        "notice": meeting.continuum.non_disclosure_words,
        "reason": "You get this because you were at the call, or are a CE Specialist.",
    }
    return Prepared(
        subject=subject(meeting),
        text=render_to_string("emails/minutes.txt", context),
        html=render_to_string("emails/minutes.html", context),
        attachments=[(file_name(meeting), pdf, "application/pdf")],
    )


def file_name(meeting):
    on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"minutes-{on:%Y-%m-%d}.pdf"


def note_sent(message, now):
    """Record in the audit what went out to whom."""
    delivery = delivery_of(message)
    audit.services.record(
        MINUTES_SENT,
        actor=None,
        continuum_id=message.continuum_id,
        about=delivery,
        detail={
            "recipient": str(delivery.recipient_id),
            "meeting": str(delivery.minutes.meeting_id),
            **shown_in(delivery.disclosed or []),
            "shown": delivery.disclosed or [],
        },
        now=now,
    )


@transaction.atomic
def reveal_password(delivery, *, actor, now):
    """Return the recipient's own password of their copy; the look is recorded."""
    if delivery.password is None:
        raise ValidationError("These minutes were not sent to you, so there is no password.")
    audit.services.record(
        PASSWORD_REVEALED,
        actor=actor,
        continuum_id=delivery.minutes.meeting.continuum_id,
        about=delivery,
        now=now,
    )
    return delivery.password
