"""Invitations by mail: each person's calendar is told what changed, once.

Sent by the tick alone, which compares what each calendar was told last with what is true now.
"""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from agreements.standing import is_in_standing
from conferencing.coming.audience import Audience, audience_of
from conferencing.models import Meeting, MeetingInvitation, MeetingRole
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from outbox.services import queue_mail
from regions.clock import local_day
from regions.models import Continuum

from .mail import farewell_mail, invitation_mail, subject

KIND = "conferencing-invitation"
MOVED_KIND = "conferencing-invitation-moved"  # what a former address is told
REQUEST = MeetingInvitation.Method.REQUEST
CANCEL = MeetingInvitation.Method.CANCEL
# A call's invitations go out this long before it, so that a year's plan floods no mailbox.
HORIZON = timedelta(days=45)
Parts = defaultdict[uuid.UUID, list[str]]
# At most so many in one tick, so that a list that is due does not wait for invitations.
BATCH = 300


def invite_due(now: datetime) -> None:
    """The tick's step: tell calendars about the calls ahead, and what changed since."""
    for continuum in Continuum.objects.filter(meetings__starts_at__gt=now).distinct():
        send_invitations(continuum, now=now)


def send_invitations(continuum: Continuum, *, now: datetime) -> int:
    """Queue what calendars in the continuum have not been told yet; return how many mails.

    Invited to a planned call at most `HORIZON` ahead are those whom it concerns; told again
    when its sequence grew; called off when it is canceled, or concerns them no longer. Calls
    that have begun are left alone.
    """
    audience = audience_of(continuum, local_day(now, continuum.zone))
    meetings = (
        Meeting.objects.filter(continuum=continuum, starts_at__gt=now)
        .filter(Q(starts_at__lte=now + HORIZON) | Q(invitations__isnull=False))
        .distinct()
        .select_related("continuum", "region")
    )
    told: dict[uuid.UUID, dict[uuid.UUID, MeetingInvitation]] = {}
    invitations = MeetingInvitation.objects.filter(meeting__in=meetings).select_related("user")
    for invited in invitations:
        told.setdefault(invited.meeting_id, {})[invited.user_id] = invited
    parts = parts_of(meetings)
    note_what_was_told(meetings, told, parts)
    news = [
        (meeting, invited, method)
        for meeting in meetings
        for invited, method in _news(
            meeting, audience, told.get(meeting.pk, {}), parts[meeting.pk], now
        )
    ]
    for meeting, invited, method in news[:BATCH]:
        invited.told_of = told_of(meeting, parts[meeting.pk][invited.user_id])
        _queue(meeting, invited, method, now)
    return len(news[:BATCH])


def parts_of(meetings: Iterable[Meeting]) -> defaultdict[uuid.UUID, Parts]:
    """`{meeting's key: {person's key: their roles}}`. One query."""
    found: defaultdict[uuid.UUID, Parts] = defaultdict(lambda: defaultdict(list))
    roles = MeetingRole.objects.filter(meeting__in=meetings, person__isnull=False)
    for key, user, role in roles.order_by("role").values_list("meeting", "person__user", "role"):
        found[key][user].append(role)
    return found


def told_of(meeting: Meeting, roles: list[str]) -> str:
    """A digest of what an invitation says beside the time: where the call is, one's own part."""
    return hashlib.sha256(json.dumps([meeting.join_link, roles]).encode()).hexdigest()


def note_what_was_told(
    meetings: Iterable[Meeting],
    told: Mapping[uuid.UUID, Mapping[uuid.UUID, MeetingInvitation]],
    parts: Mapping[uuid.UUID, Parts],
) -> None:
    """Take it of invitations older than this is kept that they told what is so now.

    Nobody is told again for it, and everybody of what changes after it.
    """
    earlier = []
    for meeting in meetings:
        for user, invited in told.get(meeting.pk, {}).items():
            if not invited.told_of:
                invited.told_of = told_of(meeting, parts[meeting.pk][user])
                earlier.append(invited)
    if earlier:
        MeetingInvitation.objects.bulk_update(earlier, ["told_of"], batch_size=500)


def _news(
    meeting: Meeting,
    audience: Audience,
    told: Mapping[uuid.UUID, MeetingInvitation],
    parts: Parts,
    now: datetime,
) -> Iterator[tuple[MeetingInvitation, MeetingInvitation.Method]]:
    """What calendars have to be told about one meeting, as (invitation, method)."""
    is_on = meeting.state == Meeting.State.PLANNED
    concerned: set[uuid.UUID] = audience.of(meeting) if is_on else set()
    is_near = meeting.starts_at <= now + HORIZON
    for key in sorted(concerned):
        invited = told.get(key)
        if invited is None and is_near:
            yield MeetingInvitation(user=audience.users[key], times_told=0), REQUEST
        elif invited and (
            invited.method == CANCEL
            or invited.sequence < meeting.sequence
            or invited.address != invited.user.email
            or invited.told_of != told_of(meeting, parts[key])
        ):
            yield invited, REQUEST
    for key, invited in told.items():
        if key not in concerned and invited.method == REQUEST:
            yield invited, CANCEL


def _queue(
    meeting: Meeting, invited: MeetingInvitation, method: MeetingInvitation.Method, now: datetime
) -> None:
    former = invited.address if invited.method == REQUEST else ""
    has_moved = former not in ("", invited.user.email)
    invited.meeting = meeting
    invited.method = method
    invited.sequence = meeting.sequence
    # A number of calendars look at SEQUENCE alone, whatever the method: it only ever grows.
    grown = invited.calendar_sequence + 1 if invited.times_told else 0
    invited.calendar_sequence = max(grown, meeting.sequence)
    invited.address = invited.user.email
    invited.told_at = now
    invited.times_told += 1
    invited.save()
    if has_moved and method == REQUEST:
        _queue_farewell(invited, former, now)
    queue_mail(
        kind=KIND,
        address=former if has_moved and method == CANCEL else invited.user.email,
        user=invited.user,
        subject=subject(invited),
        dedupe_key=f"invite:{invited.pk}:{meeting.sequence}:{method}:{invited.times_told}",
        not_after=meeting.starts_at,
        continuum_id=meeting.continuum_id,
        about_id=meeting.pk,
        now=now,
    )


def _queue_farewell(invited: MeetingInvitation, former: str, now: datetime) -> None:
    """Take the call off the calendar of the address that the person had before."""
    queue_mail(
        kind=MOVED_KIND,
        address=former,
        user=invited.user,
        subject=subject(invited, CANCEL),
        dedupe_key=f"invite-moved:{invited.pk}:{invited.times_told}",
        not_after=invited.meeting.starts_at,
        continuum_id=invited.meeting.continuum_id,
        about_id=invited.meeting_id,
        now=now,
    )


def prepare_farewell(message: Message, now: datetime) -> Prepared:
    """Write what a former address is told; withheld when it is the person's again."""
    invited = (
        MeetingInvitation.objects.filter(meeting=message.about_id, user=message.user_id)
        .select_related("meeting__continuum", "meeting__region", "user__membership")
        .first()
    )
    if invited is None:
        raise Withheld("The call is no longer planned.")
    if invited.address == message.address:
        raise Withheld("The address is the person's again.")
    return farewell_mail(invited, message.address)


def prepare_invitation(message: Message, now: datetime) -> Prepared:
    """Write one invitation when it is sent; withheld when it would no longer be true.

    An invitation asks standing again; what takes a call off a calendar goes to everybody.
    """
    invited = (
        MeetingInvitation.objects.filter(meeting=message.about_id, user=message.user_id)
        .select_related("meeting__continuum", "meeting__region", "user__membership")
        .first()
    )
    if invited is None:
        raise Withheld("The call is no longer planned.")
    meeting = invited.meeting
    if message.created_at < invited.told_at or invited.sequence != meeting.sequence:
        raise Withheld("The call was changed since; a newer message follows.")
    if invited.method == REQUEST:
        if meeting.state == Meeting.State.CANCELLED:
            raise Withheld("The call was canceled since.")
        roles = parts_of([meeting])[meeting.pk][invited.user_id]
        if invited.told_of != told_of(meeting, roles):
            raise Withheld("The call’s link or the person’s part in it changed since.")
        _refuse_out_of_standing(invited, now)
    return invitation_mail(invited, message.address)


def _refuse_out_of_standing(invited: MeetingInvitation, now: datetime) -> None:
    membership = getattr(invited.user, "membership", None)
    if invited.user.is_active and membership and membership.is_specialist:
        return
    on = local_day(now, invited.meeting.continuum.zone)
    if not is_in_standing(invited.user, on):
        raise Withheld("The person’s paperwork is not current.")


def forget_withheld(message: Message, now: datetime) -> None:
    """Let a person who never got a call's invitation be invited once they may be.

    One that may have arrived is not forgotten: their calendar may hold the call.
    """
    if message.possibly_at is not None:
        return
    MeetingInvitation.objects.filter(
        meeting=message.about_id, user=message.user_id, told_at=message.created_at, times_told=1
    ).delete()


def count_told(meeting: Meeting) -> int:
    """How many calendars hold the call, and are told when it is moved or canceled."""
    return meeting.invitations.filter(method=REQUEST).count()
