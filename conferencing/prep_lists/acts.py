"""The prep list of a meeting: freezing it, holding it, correcting it, and who gets it.

Source: River Valleys, “Preparation”: at least two days before the call a list of the
participants who will be discussed goes to the participating providers, in a
password-protected document by email.
"""

import json
import logging
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

import audit.actions
import audit.services
from accounts.models import User
from conferencing.models import Meeting, PrepList, PrepListDelivery
from conferencing.models.meetings import MeetingQuerySet
from conferencing.prep_lists.mails import lock_for_sending, lock_list
from conferencing.prep_lists.recipients import who_gets_it
from conferencing.roster.acts import open_roster
from participants.own_words import note_typed
from regions.words import clock_words, day_words

from .deliveries import PREP_LIST
from .mails import (
    hold_messages,
    release_messages,
    waiting_messages,
    withdraw,
)
from .snapshots import Snapshot, make_snapshot
from .timing import (
    AHEAD,
    note_time,
    retime_lists,
    time_anew,
)

JSONObject = dict[str, Any]  # Any: as JSON holds it

logger = logging.getLogger(__name__)

LIST_FROZEN = audit.actions.register("prep_list.frozen", "Froze a prep list")
LIST_HELD = audit.actions.register("prep_list.held", "Put a prep list on hold")
LIST_RELEASED = audit.actions.register("prep_list.released", "Took a prep list off hold")


@transaction.atomic
def freeze_list(meeting: Meeting, *, actor: User | None, now: datetime) -> PrepList:
    """Freeze the roster into the first revision and make one delivery per recipient.

    A roster that nobody opened is proposed first; one that nobody settled goes out as proposed,
    and says so. Frozen already: that revision, unchanged. Raises ValidationError once the call
    has begun or is canceled, or while the list is on hold.
    """
    meeting = lock_for_sending(meeting, now=now)
    former = meeting.prep_lists.filter(revision=1).first()
    if former and not meeting.list_was_for:
        return former
    open_roster(meeting, actor=actor, now=now)
    reason = why_moved(meeting) if former else ""
    return make_revision(meeting, actor=actor, now=now, reason=reason)


def why_moved(meeting: Meeting) -> str:
    """What a list corrects whose call was moved, or canceled and restored."""
    zone = ZoneInfo(meeting.continuum.zone)
    was_for = cast(datetime, meeting.list_was_for)  # as of every call that owes another list
    former, new = was_for.astimezone(zone), meeting.starts_at.astimezone(zone)
    if not meeting.shows_former_time:
        return (
            "The call was canceled or moved in the meantime. It is held as first planned, on "
            f"{day_words(new)}, {clock_words(new)}."
        )
    return (
        f"The call was moved from {day_words(former)}, {clock_words(former)}, "
        f"to {day_words(new)}, {clock_words(new)}."
    )


@transaction.atomic
def correct_list(
    meeting: Meeting, *, revision: int, reason: str, actor: User, now: datetime
) -> PrepList:
    """Freeze the roster of today as the next revision, and send that to everybody.

    `revision` is the one that the page showed as the newest: a stale form makes no second
    correction. Mails of the former revision that are still waiting are taken back.
    """
    meeting = lock_for_sending(meeting, now=now)
    newest = meeting.prep_lists.order_by("-revision").first()
    if newest is None:
        raise ValidationError("There is no list yet to correct. Send it first.")
    if newest.revision != revision:
        raise ValidationError(
            f"Revision {newest.revision} of this list was made in the meantime. Look at it first."
        )
    if not reason.strip():
        raise ValidationError({"reason": "Say what is corrected; it is printed on the new list."})
    reason_for_mails = "Replaced by a corrected revision."
    withdraw(waiting_messages(meeting), reason=reason_for_mails, actor=actor, now=now)
    return make_revision(meeting, actor=actor, now=now, reason=reason.strip())


def is_unchanged(meeting: Meeting, prep_list: PrepList, *, now: datetime) -> bool:
    """Whether a correction would say what the list says already, but for how many days passed."""
    snapshots = [make_snapshot(meeting, now=now), prep_list.snapshot]
    return _without_days(snapshots[0]) == _without_days(snapshots[1])


def _without_writers(part: JSONObject) -> JSONObject:
    return {name: each for name, each in part.items() if name != "typed"}


def _without_days(snapshot: Snapshot) -> JSONObject:
    """A snapshot as JSON keeps it, without the days on the list, which grow by themselves.

    Nor with who typed it: two that say the same were noted under two keys, or in two ways.
    """
    kept: JSONObject = json.loads(json.dumps(snapshot, default=str), object_hook=_without_writers)
    for each in kept["participants"]:
        each.pop("days_on_list", None)
        each.setdefault("nothing_by", "")  # of a list from before households were marked
    return kept


def make_revision(
    meeting: Meeting, *, actor: User | None, now: datetime, reason: str = ""
) -> PrepList:
    last = meeting.prep_lists.aggregate(last=Max("revision"))["last"] or 0
    is_due = last == 0 or meeting.list_was_for is not None
    if meeting.list_was_for:
        meeting.list_was_for = None
        meeting.save(update_fields=["list_was_for"])
    prep_list = PrepList(
        meeting=meeting,
        revision=last + 1,
        frozen_at=now,
        frozen_by=actor,
        was_settled=meeting.roster_settled_at is not None,
        correction_reason=reason,
        snapshot=make_snapshot(meeting, now=now),
    )
    note_typed(prep_list, "correction_reason", actor=actor)
    prep_list.save(force_insert=True)
    gets, left_out = who_gets_it(meeting, now=now)
    for place in gets:
        delivery = PrepListDelivery(prep_list=prep_list, recipient=place.user)
        PREP_LIST.mail(delivery, place.agency, is_due=is_due, actor=actor, now=now)
    PrepListDelivery.objects.bulk_create(
        PrepListDelivery(
            prep_list=prep_list,
            recipient=place.user,
            agency=place.agency,
            left_out_because=why,
        )
        for place, why in left_out
    )
    audit.services.record(
        LIST_FROZEN,
        actor=actor,
        about=prep_list,
        why=reason,
        detail={
            "revision": prep_list.revision,
            "participants": len(prep_list.snapshot["participants"]),
            "recipients": len(gets),
            "left_out": len(left_out),
        },
        now=now,
    )
    return prep_list


@transaction.atomic
def hold_list(meeting: Meeting, *, reason: str, actor: User, now: datetime) -> Meeting:
    """Keep the list back, with a reason: not frozen at its time, and no mail of it goes out.

    One that is being made at this moment is not handed over any more.
    """
    meeting = lock_list(meeting, now=now)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the list is kept back."})
    if meeting.list_held_at:
        return meeting
    meeting.list_held_at, meeting.list_held_by = now, actor
    meeting.list_hold_reason = reason.strip() or None
    meeting.full_clean()
    note_typed(
        meeting, "list_hold_reason", actor=actor, values={"list_hold_reason": reason.strip()}
    )
    meeting.save()
    hold_messages(meeting, actor=actor, now=now)
    audit.services.record(
        LIST_HELD,
        actor=actor,
        about=meeting,
        why=reason,
        now=now,
    )
    return meeting


@transaction.atomic
def release_list(meeting: Meeting, *, actor: User, now: datetime) -> Meeting:
    """Let the list go at its time; one whose time passed on hold waits for a choice.

    What was frozen already, and not sent yet, goes out.
    """
    meeting = lock_list(meeting, now=now)
    if not meeting.list_held_at:
        return meeting
    meeting.list_held_at = meeting.list_held_by = None
    meeting.list_hold_reason = None
    owes_list = meeting.list_was_for or not meeting.prep_lists.exists()
    if owes_list and meeting.list_goes_at is not None and meeting.list_goes_at <= now:
        time_anew(meeting, now)
    meeting.save()
    release_messages(meeting, actor=actor, now=now)
    audit.services.record(LIST_RELEASED, actor=actor, about=meeting, now=now)
    return meeting


def freeze_due_lists(now: datetime) -> None:
    """Step of the tick: freeze every list whose time has come.

    A list whose time had passed when it was set waits for a person: `Meeting.list_goes_at`. One
    that cannot be frozen keeps no other back; it is logged and tried again by the next tick, and
    the CE Specialist is told when it is late.
    """
    retime_lists(now)
    for meeting in due_meetings(now):
        try:
            freeze_if_due(meeting, now=now)
        except Exception:
            logger.exception("The list of meeting %s could not be frozen.", meeting.pk)


@transaction.atomic
def freeze_if_due(meeting: Meeting, *, now: datetime) -> PrepList | None:
    """Freeze the list, unless what made it due was changed while the row was waited for.

    All of it is asked again behind the lock: the call may have been moved, canceled or begun,
    its list put on hold, chosen otherwise or sent, its roster opened again.
    """
    list(Meeting.objects.select_for_update().filter(pk=meeting.pk).values_list("pk"))
    found = waiting_for_list(now).filter(pk=meeting.pk).first()
    if found is None:
        return None
    note_time(found, now)
    return freeze_list(found, actor=None, now=now) if is_due(found, now) else None


def due_meetings(now: datetime) -> list[Meeting]:
    """Planned meetings ahead whose list goes out by itself by now, and is not frozen yet."""
    return [each for each in waiting_for_list(now) if is_due(each, now)]


def is_due(meeting: Meeting, now: datetime) -> bool:
    return meeting.list_goes_at is not None and meeting.list_goes_at <= now


def waiting_for_list(now: datetime) -> MeetingQuerySet:
    """Planned calls ahead that have no list for the time they are at."""
    return (
        Meeting.objects.planned()
        .awaiting_list()
        .filter(starts_at__gt=now, starts_at__lt=now + AHEAD, call__isnull=True)
        .order_by("starts_at")
    )
