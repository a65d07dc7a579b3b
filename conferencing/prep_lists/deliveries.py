"""The prep list as a paper: whom it refuses, what its copies show, the words of its mail."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse

import audit.actions
import outbox.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.standing import person_standing
from audit.models import JSON
from conferencing import due
from conferencing.deliveries.paper import LEFT_AGENCY, MailTimes, Paper, refuse_out_of_standing
from conferencing.models import ActionItem, Meeting, PrepListDelivery
from conferencing.words import meeting_words
from outbox.kinds import OnHold, Withheld
from outbox.models import Message
from regions.clock import local_day
from regions.models import Membership
from regions.words import full_day_words

from .copies import Copy
from .document import PrepListData, locked_prep_list
from .mails import CALL_BACK, CALL_MOVED, lock_for_sending
from .recipients import left_out_because, unwanted_because

LIST_SENT = audit.actions.register("prep_list.sent", "Mailed a prep list")
LIST_POSSIBLY_SENT = audit.actions.register(
    "prep_list.possibly_sent", "May have mailed a prep list: the mail server did not answer"
)
LIST_SENT_AGAIN = audit.actions.register("prep_list.sent_again", "Had a prep list sent again")
PASSWORD_REVEALED = audit.actions.register(
    "password.revealed", "Looked at the password of their own list"
)
PASSWORD_READ_OUT = audit.actions.register(
    "password.read_out", "Looked at a list's password to read it to its recipient"
)
LATE_KIND = "list-late"
ON_HOLD = (
    "The list is on hold: nothing goes out, and no password is shown, until the CE Specialist "
    "takes it off hold."
)


class PrepListPaper(Paper[PrepListDelivery, PrepListData]):
    kind = "prep-list"
    model = PrepListDelivery
    frozen = "prep_list"
    template = "prep_list"
    actions = {
        "sent": LIST_SENT,
        "possibly_sent": LIST_POSSIBLY_SENT,
        "sent_again": LIST_SENT_AGAIN,
        "revealed": PASSWORD_REVEALED,
        "read_out": PASSWORD_READ_OUT,
    }
    no_password = "This list was not sent to you, so there is no password."

    def refuse(self, delivery: PrepListDelivery, now: datetime) -> None:
        """Withheld when the call is canceled or has begun, when there is a newer revision, or
        when the list is not for the recipient now. Waits while the list is on hold.
        """
        meeting = delivery.prep_list.meeting
        refuse_overtaken(delivery, meeting, now)
        if meeting.list_held_at:
            raise OnHold("The list is on hold.")
        refuse_out_of_standing(delivery, zone=meeting.continuum.zone, now=now)
        refuse_unwanted(delivery, meeting)

    def copy(self, delivery: PrepListDelivery, *, now: datetime) -> Copy:
        return Copy(delivery, now=now)

    def draw(self, data: PrepListData, *, password: str) -> bytes:
        return locked_prep_list(data, password=password)

    def subject(self, meeting: Meeting) -> str:
        """Region or CoC-wide, and the date: all that a mail's subject may say."""
        on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
        return f"Prep list: {meeting.scope_words} call, {full_day_words(on)}"

    def file_name(self, delivery: PrepListDelivery) -> str:
        meeting, revision = delivery.prep_list.meeting, delivery.prep_list.revision
        on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
        return f"prep-list-{on:%Y-%m-%d}-revision-{revision}.pdf"

    def context(self, delivery: PrepListDelivery) -> dict[str, object]:
        meeting = delivery.prep_list.meeting
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

    def detail(self, delivery: PrepListDelivery) -> dict[str, JSON]:
        return {"revision": delivery.prep_list.revision}

    def mail_times(self, meeting: Meeting, *, now: datetime, is_due: bool) -> MailTimes:
        is_promised = is_due and meeting.is_list_promised
        late_after = due.copy_late_at(meeting.list_times, now, is_promised=is_promised)
        return {"late_after": late_after, "not_after": meeting.starts_at}

    def whom_and_why_not(
        self, delivery: PrepListDelivery, *, now: datetime
    ) -> tuple[Agency | None, str]:
        """For which agency, and why not, empty if the list can be sent to them.

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
        return place.agency, reasons or unwanted_because(delivery.prep_list.meeting, place)

    def locked(self, delivery: PrepListDelivery, now: datetime) -> PrepListDelivery:
        """Raises ValidationError when there is a newer revision, the call has begun or was moved,
        or its list is on hold.
        """
        meeting = lock_for_sending(delivery.prep_list.meeting, now=now)
        delivery = super().locked(delivery, now)
        if meeting.list_was_for:
            raise ValidationError(
                "The call was moved or canceled in the meantime. Send everybody a corrected "
                "revision instead."
            )
        newest = newest_revision(meeting)
        if newest > delivery.prep_list.revision:
            raise ValidationError(
                f"Revision {newest} has replaced this list. Send that one instead: open the list’s "
                "page again."
            )
        return delivery

    def record(
        self, action: str, delivery: PrepListDelivery, *, why: str = "", actor: User, now: datetime
    ) -> None:
        """Also keeps when the list was first opened."""
        super().record(action, delivery, why=why, actor=actor, now=now)
        if action in ("revealed", "read_out"):
            first = PrepListDelivery.objects.filter(pk=delivery.pk, opened_at__isnull=True)
            first.update(opened_at=now)

    def why_closed(self, delivery: PrepListDelivery, now: datetime) -> str:
        """A copy that arrived before the hold stays closed, until the call begins or it ends."""
        meeting = delivery.prep_list.meeting
        return ON_HOLD if meeting.list_held_at and not meeting.has_begun(now) else ""


PREP_LIST = PrepListPaper()


def refuse_unwanted(delivery: PrepListDelivery, meeting: Meeting) -> None:
    """Withhold a copy whose recipient follows the region no more, or takes no list by mail."""
    place = StaffMember.objects.current().filter(user=delivery.recipient_id).first()
    if why := place and unwanted_because(meeting, place):
        raise Withheld(why)


def refuse_overtaken(delivery: PrepListDelivery, meeting: Meeting, now: datetime) -> None:
    if meeting.state != Meeting.State.PLANNED:
        raise Withheld(f"The call is {meeting.get_state_display().lower()}.")
    if meeting.has_begun(now):
        raise Withheld("The call has begun.")
    if meeting.list_was_for:
        raise Withheld(CALL_MOVED if meeting.shows_former_time else CALL_BACK)
    if newest_revision(meeting) > delivery.prep_list.revision:
        raise Withheld("A corrected revision has replaced this list.")


def newest_revision(meeting: Meeting) -> int:
    """The number of the call's newest list: the only one that goes out to anybody.

    Also to somebody who gets none of that: left out of it, or none of its recipients any more.
    """
    newest: int = meeting.prep_lists.aggregate(newest=Max("revision"))["newest"]
    return newest


def newer_delivery(delivery: PrepListDelivery) -> PrepListDelivery | None:
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


def tell_late(message: Message, now: datetime) -> None:
    """Tell the CE Specialists, once per list, that it has not all gone out in time."""
    prep_list = PREP_LIST.delivery_of(message).prep_list
    tell_specialists_late(prep_list.meeting, key=str(prep_list.pk), now=now)


def tell_specialists_late(meeting: Meeting, *, key: str, now: datetime) -> None:
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
            subject=f"Late: {PREP_LIST.subject(meeting)}",
            text=render_to_string("emails/list_late.txt", context),
            html=render_to_string("emails/list_late.html", context),
            dedupe_key=f"list-late:{key}:{membership.user_id}",
            not_after=meeting.starts_at,
            continuum_id=meeting.continuum_id,
            about_id=meeting.pk,
            now=now,
        )
