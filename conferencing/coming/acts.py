"""Who comes to a call and who cannot: said on its page, one click from the invitation.

What a calendar sends back ("Decline") reaches nobody: the invitation comes from an address that
nobody reads, and asks for no answer. So the portal asks, and whoever plans the call sees it.
"""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from conferencing.at_once import lock
from conferencing.models import Meeting, MeetingAnswer
from regions.clock import local_day

from .audience import audience_of


def takes_answers(meeting: Meeting, now: datetime) -> bool:
    """Until the call begins; afterward its page says who is here."""
    is_planned = meeting.state == Meeting.State.PLANNED
    return is_planned and not meeting.is_held and meeting.ends_at > now


def is_invited(meeting: Meeting, user: User, *, now: datetime) -> bool:
    """Whether the call concerns the person, who is in standing or a CE Specialist."""
    on = local_day(now, meeting.continuum.zone)
    return user.pk in audience_of(meeting.continuum, on, of=user).of(meeting)


def sends_word(meeting: Meeting, user: User) -> bool:
    """Whether the person, who cannot come, can send word of an agency's households."""
    return user.has_perm("conferencing.prepare_call", meeting)


def answer_of(meeting: Meeting, user: User) -> MeetingAnswer | None:
    return MeetingAnswer.objects.standing().filter(meeting=meeting, user=user).first()


@transaction.atomic
def keep_answer(meeting: Meeting, *, is_coming: bool, actor: User, now: datetime) -> MeetingAnswer:
    """Keep what somebody says of themselves; ValidationError once the call has begun or is over.

    In the meeting's turn: the call begins with whatever was said before.
    """
    meeting = lock(meeting)
    if not takes_answers(meeting, now):
        raise ValidationError("The call has begun, or is off. Its page says who is here.")
    if not is_invited(meeting, actor, now=now):
        raise ValidationError("This call is not one of yours.")
    kept, _made = MeetingAnswer.objects.update_or_create(
        meeting=meeting,
        user=actor,
        defaults={"is_coming": is_coming, "starts_at": meeting.starts_at, "answered_at": now},
    )
    return kept


def answer_in(sent: str) -> bool:
    """Whether what the page sent says “coming”; ValidationError for anything that is no answer."""
    if sent not in ("coming", "away"):
        raise ValidationError("Say whether you’re coming.")
    return sent == "coming"


def away_at(meeting: Meeting) -> set[uuid.UUID]:
    """Who said that they cannot come."""
    away = MeetingAnswer.objects.standing().filter(meeting=meeting, is_coming=False)
    return set(away.values_list("user", flat=True))
