"""One recipient's mail of the minutes: made at the moment of sending, its password shown."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

import audit.actions
import audit.services
import outbox.services
from conferencing.deliveries.acts import (
    LEFT_AGENCY,
    basis_of,
    keep_what_went_out,
    refuse_out_of_standing,
    shown_in,
)
from conferencing.models import Meeting, MinutesDelivery
from conferencing.words import meeting_words
from outbox.kinds import Prepared, Withheld

from .copies import Copy
from .document import locked_minutes
from .freezing import deliver_to, subject, who_gets_them

MINUTES_SENT = audit.actions.declare("minutes.sent", "Mailed the minutes of a call")
PASSWORD_REVEALED = audit.actions.declare(
    "minutes.password_revealed", "Looked at the password of their own minutes"
)

MINUTES_POSSIBLY_SENT = audit.actions.declare(
    "minutes.possibly_sent", "May have mailed minutes: the mail server did not answer"
)
MINUTES_SENT_AGAIN = audit.actions.declare("minutes.sent_again", "Had minutes sent again")
PASSWORD_READ_OUT = audit.actions.declare(
    "minutes.password_read_out", "Looked at the password of minutes to read it to its recipient"
)
NOT_AMONG_THEM = "Minutes go to whoever was at the call, and to the CE Specialists."


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
    refuse_minutes(delivery, now)
    copy = Copy(delivery.minutes, delivery.recipient, now=now)
    data = copy.document(delivery.agency)
    pdf = locked_minutes(data, password=delivery.password)
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
        basis=basis_of(data),
    )


def recheck_minutes(message, now):
    """Say what a copy may show now, before one that was kept is repeated (outbox.kinds)."""
    delivery = delivery_of(message)
    refuse_minutes(delivery, now)
    copy = Copy(delivery.minutes, delivery.recipient, now=now)
    return basis_of(copy.document(delivery.agency))


def refuse_minutes(delivery, now):
    meeting = delivery.minutes.meeting
    if meeting.state != Meeting.State.CLOSED:
        raise Withheld("The call is not closed.")
    refuse_out_of_standing(delivery, zone=meeting.continuum.zone, now=now)
    if agency_and_why_not(delivery, now=now)[1] == NOT_AMONG_THEM:
        raise Withheld(NOT_AMONG_THEM)


def note_replaced(message, new, now):
    """Let the delivery follow the mail that took the place of one that may no longer go out."""
    delivery = delivery_of(message)
    delivery.message = new
    delivery.save(update_fields=["message"])


def file_name(meeting):
    on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"minutes-{on:%Y-%m-%d}.pdf"


def note_sent(message, now):
    """Record in the audit what went out to whom."""
    _record_copy(MINUTES_SENT, delivery_of(message), message, now)


def note_possibly_sent(message, now):
    """Record what a mail server may have taken without saying so, as it was when handed over."""
    _record_copy(MINUTES_POSSIBLY_SENT, delivery_of(message), message, now)


def _record_copy(action, delivery, message, now):
    audit.services.record(
        action,
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


def agency_and_why_not(delivery, *, now):
    """The agency for which the recipient would get a copy now, and why not; empty if they do."""
    gets, left_out = who_gets_them(delivery.minutes.meeting, now=now)
    found = {user.pk: (agency, "") for user, agency in gets}
    found |= {user.pk: (agency, why) for user, agency, why in left_out}
    agency, why = found.get(delivery.recipient_id, (None, NOT_AMONG_THEM))
    if not why and delivery.message_id and delivery.agency_id != (agency and agency.pk):
        return None, LEFT_AGENCY
    return agency, why


@transaction.atomic
def send_again(delivery, *, reason, actor, now):
    """Send one person's minutes again, or for the first time to one who was left out.

    The same frozen words and, for one who had them, the same password. Raises ValidationError
    while the former mail is on its way, and when the person may not have them now.
    """
    delivery = (
        MinutesDelivery.objects.select_for_update(of=("self",))
        .select_related("minutes__meeting__continuum", "minutes__meeting__region", "recipient")
        .get(pk=delivery.pk)
    )
    agency, why_not = agency_and_why_not(delivery, now=now)
    if why_not:
        raise ValidationError(f"Not sent: {why_not}")
    if delivery.message is None:
        deliver_to(
            delivery.minutes, delivery.recipient, agency, delivery=delivery, actor=actor, now=now
        )
    else:
        delivery.message = outbox.services.resend(delivery.message, actor=actor, now=now)
        delivery.resent_times += 1
        delivery.save(update_fields=["message", "resent_times"])
    _record(MINUTES_SENT_AGAIN, delivery, why=reason, actor=actor, now=now)
    return delivery


@transaction.atomic
def read_password_out(delivery, *, reason, actor, now):
    """Return a recipient's password for the CE Specialist to read out, with the reason."""
    if not reason.strip():
        raise ValidationError(
            {"reason": "Say why the password is read out, and how you knew them."}
        )
    if delivery.password is None:
        raise ValidationError("This person was left out, so there is no password.")
    _record(PASSWORD_READ_OUT, delivery, why=reason, actor=actor, now=now)
    return delivery.password


def _record(action, delivery, *, why, actor, now):
    audit.services.record(
        action,
        actor=actor,
        continuum_id=delivery.minutes.meeting.continuum_id,
        about=delivery,
        why=why,
        detail={"recipient": str(delivery.recipient_id)},
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
