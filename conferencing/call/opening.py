"""The opening check of a call: what was read out, that nobody records, who is here or sent word."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.db.models import QuerySet

import audit.actions
import audit.services
from accounts.models import User
from conferencing.at_once import tell_followers
from conferencing.models import Attendance, Call, Meeting

from .acts import lock_call
from .people_pages import PersonLine, people_page
from .seat import Seat

CHECKED = audit.actions.register("call.checked", "Confirmed the opening check of a call")


class OpeningCheckPage(TypedDict):
    meeting: Meeting
    call: Call
    words: str
    present: list[PersonLine]


@transaction.atomic
def confirm_opening(
    meeting: Meeting, *, sent_word: Mapping[uuid.UUID, bool], actor: User, now: datetime
) -> Call:
    """Note that the words were read out, that no recorder and no AI note taker is in the room,
    and of those who were expected (keys of `Attendance`) whether they sent word, if it changed.

    Confirmed already: who and when stay, and who sent word is noted as it is said now. From here
    on the shared screen shows what everybody who is checked in may see. Raises ValidationError
    when the call is not being held.
    """
    call = lock_call(meeting, actor=actor, now=now)
    expected = expected_of(meeting)
    for is_sent in (True, False):
        keys = [key for key, said in sent_word.items() if said == is_sent]
        expected.filter(pk__in=keys).update(sent_word=is_sent)
    if call.checked_at is None:
        call.checked_at, call.checked_by = now, actor
        call.checked_words = call.meeting.continuum.words_at_opening
        call.full_clean()
        call.save(update_fields=["checked_at", "checked_by", "checked_words"])
        audit.services.record(CHECKED, actor=actor, about=meeting, detail={}, now=now)
    tell_followers(call.meeting_id)
    return call


def expected_of(meeting: Meeting) -> QuerySet[Attendance]:
    """Those with an account who are expected and not here; of a guest nothing is told."""
    return Attendance.objects.filter(
        meeting=meeting, user__isnull=False, is_present=False
    ).select_related("user", "agency")


def words_of(meeting: Meeting, call: Call) -> str:
    """What is read out; once it was, as it was."""
    return call.checked_words or meeting.continuum.words_at_opening


def opening_check_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime
) -> OpeningCheckPage:
    """What is read out, and who is here by now."""
    people = people_page(meeting, call, user, seat, now=now)
    return {
        "meeting": meeting,
        "call": call,
        "words": words_of(meeting, call),
        "present": people["present"],
    }
