"""Who has their list and did not open it: shown, and reminded the evening before the call.

A list is opened with its own password, which its recipient sees in the portal, or has read to
them; who never saw it did not read the list.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from conferencing import due, emails
from conferencing.models import Meeting, PrepListDelivery
from conferencing.words import call_words
from outbox.models import Message
from regions.words import short_weekday_words

from .recipients import who_gets_it

KIND = "list-unopened"
AHEAD = timedelta(days=3)


def unopened_of(meeting: Meeting) -> QuerySet[PrepListDelivery]:
    """The copies of the newest revision that were mailed, and whose password nobody saw."""
    newest = meeting.prep_lists.order_by("-revision").values("pk")[:1]
    return PrepListDelivery.objects.filter(
        prep_list__in=newest, message__state=Message.State.SENT, opened_at__isnull=True
    )


def remind_unopened(now: datetime) -> None:
    """Step of the tick: the evening before a call, remind who has not opened their list.

    Not while the list is on hold or shows a former time, and not who would get no list now.
    """
    ahead = Meeting.objects.planned().filter(
        starts_at__gt=now,
        starts_at__lt=now + AHEAD,
        call__isnull=True,
        list_held_at__isnull=True,
        prep_lists__isnull=False,
    )
    for meeting in ahead.select_related("continuum", "region").distinct():
        if meeting.list_was_for or due.unopened_told_at(meeting.continuum, meeting.on) > now:
            continue
        gets = {place.user_id for place in who_gets_it(meeting, now=now)[0]}
        for delivery in unopened_of(meeting).filter(recipient__in=gets).select_related("recipient"):
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
