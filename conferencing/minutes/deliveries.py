"""Minutes as a paper: whom they refuse, what their copies show, the words of their mail."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

import audit.actions
from agreements.models import Agency
from conferencing.deliveries.paper import LEFT_AGENCY, Paper, refuse_out_of_standing
from conferencing.models import Meeting, MinutesDelivery
from conferencing.words import call_and_day, meeting_words
from outbox.kinds import Withheld

from .copies import Copy
from .document import MinutesData, locked_minutes
from .recipients import who_gets_them

MINUTES_SENT = audit.actions.register("minutes.sent", "Mailed the minutes of a call")
PASSWORD_REVEALED = audit.actions.register(
    "minutes.password_revealed", "Looked at the password of their own minutes"
)
MINUTES_POSSIBLY_SENT = audit.actions.register(
    "minutes.possibly_sent", "May have mailed minutes: the mail server did not answer"
)
MINUTES_SENT_AGAIN = audit.actions.register("minutes.sent_again", "Had minutes sent again")
PASSWORD_READ_OUT = audit.actions.register(
    "minutes.password_read_out", "Looked at the password of minutes to read it to its recipient"
)
NOT_AMONG_THEM = "Minutes go to whoever was at the call, and to the CE Specialists."


class MinutesPaper(Paper[MinutesDelivery, MinutesData]):
    kind = "minutes"
    model = MinutesDelivery
    frozen = "minutes"
    template = "minutes"
    actions = {
        "sent": MINUTES_SENT,
        "possibly_sent": MINUTES_POSSIBLY_SENT,
        "sent_again": MINUTES_SENT_AGAIN,
        "revealed": PASSWORD_REVEALED,
        "read_out": PASSWORD_READ_OUT,
    }
    no_password = "These minutes were not sent to you, so there is no password."

    def refuse(self, delivery: MinutesDelivery, now: datetime) -> None:
        """Withheld from whoever is out of standing, left the agency for which the copy was made,
        or is none of those who get minutes any more.
        """
        meeting = delivery.minutes.meeting
        if meeting.state != Meeting.State.CLOSED:
            raise Withheld("The call is not closed.")
        refuse_out_of_standing(delivery, zone=meeting.continuum.zone, now=now)
        if self.whom_and_why_not(delivery, now=now)[1] == NOT_AMONG_THEM:
            raise Withheld(NOT_AMONG_THEM)

    def copy(self, delivery: MinutesDelivery, *, now: datetime) -> Copy:
        return Copy(delivery.minutes, delivery.recipient, agency=delivery.agency, now=now)

    def draw(self, data: MinutesData, *, password: str) -> bytes:
        return locked_minutes(data, password=password)

    def subject(self, meeting: Meeting) -> str:
        return f"Minutes: {call_and_day(meeting)}"

    def file_name(self, delivery: MinutesDelivery) -> str:
        return file_name(delivery.minutes.meeting)

    def context(self, delivery: MinutesDelivery) -> dict[str, object]:
        meeting = delivery.minutes.meeting
        return {
            "recipient": delivery.recipient,
            "continuum": meeting.continuum,
            "scope": meeting.scope_words,
            "meeting": meeting_words(meeting),
            "link": settings.SITE_URL + reverse("conferencing:minutes_reveal", args=[delivery.pk]),
            "notice": meeting.continuum.non_disclosure_words,
            "reason": "You get this because you were at the call, or are a CE Specialist.",
        }

    def whom_and_why_not(
        self, delivery: MinutesDelivery, *, now: datetime
    ) -> tuple[Agency | None, str]:
        gets, left_out = who_gets_them(delivery.minutes.meeting, now=now)
        found: dict[uuid.UUID, tuple[Agency | None, str]]
        found = {user.pk: (agency, "") for user, agency in gets}
        found |= {user.pk: (agency, why) for user, agency, why in left_out}
        agency, why = found.get(delivery.recipient_id, (None, NOT_AMONG_THEM))
        if not why and delivery.message_id and delivery.agency_id != (agency and agency.pk):
            return None, LEFT_AGENCY
        return agency, why


MINUTES = MinutesPaper()


def file_name(meeting: Meeting) -> str:
    on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"minutes-{on:%Y-%m-%d}.pdf"
