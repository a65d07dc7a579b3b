"""One recipient's mail of a list: made at the moment of sending, sent again, its password shown."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse

import audit.actions
import audit.services
import outbox.services
from agreements.models import StaffMember
from agreements.standing import person_standing
from conferencing.deliveries.acts import (
    LEFT_AGENCY,
    basis_of,
    keep_what_went_out,
    refuse_out_of_standing,
    shown_in,
)
from conferencing.models import ActionItem, Meeting, PrepListDelivery
from conferencing.words import meeting_words
from outbox.kinds import OnHold, Prepared, Withheld
from regions.clock import local_day
from regions.models import Membership

from .acts import (
    deliver_to,
    left_out_because,
    lock_for_sending,
    subject,
    unwanted_because,
)
from .copies import disclosed, prep_list_data
from .document import locked_prep_list
from .mails import CALL_BACK, CALL_MOVED

LIST_SENT = audit.actions.declare("prep_list.sent", "Mailed a prep list")
LIST_POSSIBLY_SENT = audit.actions.declare(
    "prep_list.possibly_sent", "May have mailed a prep list: the mail server did not answer"
)
LIST_SENT_AGAIN = audit.actions.declare("prep_list.sent_again", "Had a prep list sent again")
PASSWORD_REVEALED = audit.actions.declare(
    "password.revealed", "Looked at the password of their own list"
)
PASSWORD_READ_OUT = audit.actions.declare(
    "password.read_out", "Looked at a list's password to read it to its recipient"
)
LATE_KIND = "list-late"


def delivery_of(message):
    return PrepListDelivery.objects.select_related(
        "prep_list__meeting__continuum",
        "prep_list__meeting__region",
        "recipient__membership__continuum",
        "agency__continuum",
    ).get(pk=message.about_id)


def prepare_prep_list(message, now):
    """Make the mail of one delivery by the rules of this moment (see outbox.kinds.register).

    Withheld when the call is cancelled or has begun, when there is a newer revision, or when
    the recipient is no longer in standing, follows the region no more, or takes no list. Waits
    while the list is on hold. Names follow the releases as they are now.
    """
    delivery = delivery_of(message)
    meeting = delivery.prep_list.meeting
    refuse_prep_list(delivery, now)
    data = prep_list_data(delivery, now=now)
    pdf = locked_prep_list(data, password=delivery.password)
    keep_what_went_out(delivery, pdf, disclosed(delivery, now=now))
    context = mail_context(delivery, meeting)
    on_local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return Prepared(
        subject=subject(meeting),
        text=render_to_string("emails/prep_list.txt", context),
        html=render_to_string("emails/prep_list.html", context),
        attachments=[
            (
                f"prep-list-{on_local:%Y-%m-%d}-revision-{delivery.prep_list.revision}.pdf",
                pdf,
                "application/pdf",
            )
        ],
        basis=basis_of(data),
    )


def recheck_prep_list(message, now):
    """Say what a copy may show now, before one that was kept is repeated (outbox.kinds.register).

    Withheld as at the first attempt. Anything else than then, and the kept copy is replaced.
    """
    delivery = delivery_of(message)
    refuse_prep_list(delivery, now)
    return basis_of(prep_list_data(delivery, now=now))


def refuse_prep_list(delivery, now):
    meeting = delivery.prep_list.meeting
    refuse_overtaken(delivery, meeting, now)
    if meeting.list_held_at:
        raise OnHold("The list is on hold.")
    refuse_out_of_standing(delivery, zone=meeting.continuum.zone, now=now)
    refuse_unwanted(delivery, meeting)


def note_replaced(message, new, now):
    """Let the delivery follow the mail that took the place of one that may no longer go out."""
    delivery = delivery_of(message)
    delivery.message = new
    delivery.save(update_fields=["message"])


def refuse_unwanted(delivery, meeting):
    """Withhold a copy whose recipient follows the region no more, or takes no list by mail."""
    place = StaffMember.objects.current().filter(user=delivery.recipient_id).first()
    if why := place and unwanted_because(meeting, place):
        raise Withheld(why)


def refuse_overtaken(delivery, meeting, now):
    if meeting.state != Meeting.State.PLANNED:
        raise Withheld(f"The call is {meeting.get_state_display().lower()}.")
    if meeting.has_begun(now):
        raise Withheld("The call has begun.")
    if meeting.list_was_for:
        raise Withheld(CALL_MOVED if meeting.shows_former_time else CALL_BACK)
    if newest_revision(meeting) > delivery.prep_list.revision:
        raise Withheld("A corrected revision has replaced this list.")


def newest_revision(meeting):
    """The number of the call's newest list: the only one that goes out to anybody.

    Also to somebody who gets none of that: left out of it, or none of its recipients any more.
    """
    return meeting.prep_lists.aggregate(newest=Max("revision"))["newest"]


def newer_delivery(delivery):
    """The same person's delivery of the newest later revision, if it was mailed."""
    return (
        PrepListDelivery.objects.filter(
            prep_list__meeting=delivery.prep_list.meeting_id,
            prep_list__revision__gt=delivery.prep_list.revision,
            recipient=delivery.recipient_id,
            message__isnull=False,
        )
        .select_related("prep_list")
        .order_by("-prep_list__revision")
        .first()
    )


def mail_context(delivery, meeting):
    return {
        "recipient": delivery.recipient,
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "revision": delivery.prep_list.revision,
        "link": settings.SITE_URL + reverse("conferencing:delivery_reveal", args=[delivery.pk]),
        "own_steps": ActionItem.objects.open()
        .filter(agency=delivery.agency, follow_up_person__user=delivery.recipient)
        .count(),
        "steps_link": settings.SITE_URL + reverse("conferencing:step_list"),
        "notice": meeting.continuum.non_disclosure_words,
    }


def note_sent(message, now):
    """Record in the audit what went out to whom."""
    _record_copy(LIST_SENT, delivery_of(message), message, now)


def note_possibly_sent(message, now):
    """Record what a mail server may have taken without saying so, as it was when handed over."""
    _record_copy(LIST_POSSIBLY_SENT, delivery_of(message), message, now)


def _record_copy(action, delivery, message, now):
    audit.services.record(
        action,
        actor=None,
        continuum_id=message.continuum_id,
        about=delivery,
        detail={
            "recipient": str(delivery.recipient_id),
            "meeting": str(delivery.prep_list.meeting_id),
            "revision": delivery.prep_list.revision,
            **shown_in(delivery.disclosed or []),
            "shown": delivery.disclosed or [],
        },
        now=now,
    )


def tell_late(message, now):
    """Tell the CE Specialists, once per list, that it has not all gone out in time."""
    prep_list = delivery_of(message).prep_list
    tell_specialists_late(prep_list.meeting, key=str(prep_list.pk), now=now)


def tell_specialists_late(meeting, *, key, now):
    context = {
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "is_held": meeting.list_held_at is not None,
        "meeting": meeting_words(meeting),
        "link": settings.SITE_URL + reverse("conferencing:list_detail", args=[meeting.pk]),
    }
    for membership in Membership.objects.specialists_of(meeting.continuum).select_related("user"):
        outbox.services.queue_mail(
            kind=LATE_KIND,
            address=membership.user.email,
            user=membership.user,
            subject=f"Late: {subject(meeting)}",
            text=render_to_string("emails/list_late.txt", context),
            html=render_to_string("emails/list_late.html", context),
            dedupe_key=f"list-late:{key}:{membership.user_id}",
            not_after=meeting.starts_at,
            continuum_id=meeting.continuum_id,
            about_id=meeting.pk,
            now=now,
        )


def place_and_why_not(delivery, *, now):
    """The recipient's place now, and why the list cannot be sent to them, empty if it can.

    A copy that was made is for one agency and its households, and goes to nobody of another.
    """
    places = (
        StaffMember.objects.current()
        .filter(user=delivery.recipient_id)
        .select_related("user__membership__continuum", "agency__continuum")
    )
    place = places.filter(agency=delivery.agency_id).first() or places.first()
    if place is None:
        return None, "This person is no longer with an agency."
    if delivery.message_id and delivery.agency_id not in (None, place.agency_id):
        return None, f"{LEFT_AGENCY} A corrected list goes to them at their new agency."
    on = local_day(now, place.agency.continuum.zone)
    reasons = left_out_because(place, person_standing(place.user, on))
    return place, reasons or unwanted_because(delivery.prep_list.meeting, place)


@transaction.atomic
def send_again(delivery, *, reason, actor, now):
    """Send one person's list again, or for the first time to one who was left out.

    The same revision and, for one who had it, the same password. Raises ValidationError when
    it is still on its way, there is a newer revision, the call has begun, its list is on hold,
    or the person is not in standing.
    """
    meeting = lock_for_sending(delivery.prep_list.meeting, now=now)
    delivery = PrepListDelivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if meeting.list_was_for:
        raise ValidationError(
            "The call was moved or cancelled in the meantime. Send everybody a corrected revision "
            "instead."
        )
    newest = newest_revision(meeting)
    if newest > delivery.prep_list.revision:
        raise ValidationError(
            f"Revision {newest} has replaced this list. Send that one instead: open the list’s "
            "page again."
        )
    place, why_not = place_and_why_not(delivery, now=now)
    if why_not:
        raise ValidationError(f"Not sent: {why_not}")
    if delivery.message is None:
        deliver_to(delivery.prep_list, place, now=now, actor=actor)
    else:
        delivery.message = outbox.services.resend(delivery.message, actor=actor, now=now)
        delivery.resent_times += 1
        delivery.save(update_fields=["message", "resent_times"])
    audit.services.record(
        LIST_SENT_AGAIN,
        actor=actor,
        continuum_id=meeting.continuum_id,
        about=delivery,
        why=reason,
        detail={"recipient": str(delivery.recipient_id)},
        now=now,
    )
    return delivery


@transaction.atomic
def reveal_password(delivery, *, actor, now):
    """Return the recipient's own password of their list; the look is recorded.

    Not while the list is on hold.
    """
    refuse_password_on_hold(delivery, now)
    if delivery.password is None:
        raise ValidationError("This list was not sent to you, so there is no password.")
    audit.services.record(
        PASSWORD_REVEALED,
        actor=actor,
        continuum_id=delivery.prep_list.meeting.continuum_id,
        about=delivery,
        now=now,
    )
    return delivery.password


def refuse_password_on_hold(delivery, now):
    """A copy that arrived before the hold stays closed, until the call begins or the hold ends."""
    meeting = delivery.prep_list.meeting
    if meeting.list_held_at and not meeting.has_begun(now):
        raise ValidationError(
            "The list is on hold: nothing goes out, and no password is shown, until the CE "
            "Specialist takes it off hold."
        )


@transaction.atomic
def read_password_out(delivery, *, reason, actor, now):
    """Return a recipient's password for the CE Specialist to read out, with the reason."""
    if not reason.strip():
        raise ValidationError(
            {"reason": "Say why the password is read out, and how you knew them."}
        )
    refuse_password_on_hold(delivery, now)
    if delivery.password is None:
        raise ValidationError("This person was left out, so there is no password.")
    audit.services.record(
        PASSWORD_READ_OUT,
        actor=actor,
        continuum_id=delivery.prep_list.meeting.continuum_id,
        about=delivery,
        why=reason,
        detail={"recipient": str(delivery.recipient_id)},
        now=now,
    )
    return delivery.password
