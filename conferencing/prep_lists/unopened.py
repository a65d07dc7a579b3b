"""Who has their list and did not open it: shown, and reminded the evening before the call.

A list is opened with its own password, which its recipient sees in the portal, or has read to
them; who never saw it did not read the list.
"""

import uuid
from datetime import datetime, timedelta
from typing import cast

from django.db.models import QuerySet
from django.urls import reverse

from conferencing import due, emails
from conferencing.models import Meeting, PrepListDelivery
from conferencing.words import call_words
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from regions.words import short_weekday_words

from .recipients import who_gets_it

KIND = "list-unopened"
AHEAD = timedelta(days=3)
NO_MORE = "The list was opened, or is not to be read now."


def unopened_of(meeting: Meeting) -> QuerySet[PrepListDelivery]:
    """The copies of the newest revision that are in a mailbox, and whose password nobody saw."""
    newest = meeting.prep_lists.order_by("-revision").values("pk")[:1]
    return PrepListDelivery.objects.filter(
        prep_list__in=newest,
        message__state=Message.State.SENT,
        message__returned_at__isnull=True,
        opened_at__isnull=True,
    )


def to_remind_of(meeting: Meeting, now: datetime) -> QuerySet[PrepListDelivery]:
    """Whose recipients are reminded from the evening before the call until it begins.

    Not of a copy that was mailed since that evening, not while the list is on hold or shows a
    former time, and not who would get no list now.
    """
    told_at = due.unopened_told_at(meeting.continuum, meeting.on)
    is_ahead = meeting.state == Meeting.State.PLANNED and not meeting.has_begun(now)
    if told_at > now or not is_ahead or meeting.list_held_at or meeting.list_was_for:
        return PrepListDelivery.objects.none()
    gets = {place.user_id for place in who_gets_it(meeting, now=now)[0]}
    return unopened_of(meeting).filter(recipient__in=gets, message__sent_at__lt=told_at)


def remind_unopened(now: datetime) -> None:
    """Step of the tick: the evening before a call, remind who has not opened their list."""
    ahead = Meeting.objects.planned().filter(
        starts_at__gt=now, starts_at__lt=now + AHEAD, prep_lists__isnull=False
    )
    for meeting in ahead.select_related("continuum", "region", "call").distinct():
        for delivery in to_remind_of(meeting, now).select_related("recipient"):
            emails.notice(
                delivery.recipient,
                meeting,
                kind=KIND,
                subject=f"Your list is waiting: {call_words(meeting)}, "
                f"{short_weekday_words(meeting.on)}",
                lines=[
                    "You have the prep list for this call by mail, and you haven’t looked up its "
                    "password yet. Please review the list before the call."
                ],
                label="Get the password",
                url=reverse("conferencing:delivery_reveal", args=[delivery.pk]),
                key=f"{KIND}:{delivery.pk}",
                about_id=delivery.pk,
                now=now,
            )


def prepare_reminder(message: Message, now: datetime) -> Prepared:
    """The reminder as it was queued; withheld once it would say what is not so any more."""
    delivery = (
        PrepListDelivery.objects.select_related(
            "prep_list__meeting__continuum", "prep_list__meeting__region"
        )
        .filter(pk=cast(uuid.UUID, message.about_id))  # as it was queued
        .first()
    )
    if delivery is None:
        raise Withheld(NO_MORE)
    meeting = delivery.prep_list.meeting
    if not to_remind_of(meeting, now).filter(pk=delivery.pk).exists():
        raise Withheld(NO_MORE)
    return Prepared(message.subject, message.text, message.html)
