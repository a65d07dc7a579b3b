"""What the CE Specialist's page says about a list and its deliveries."""

import copy
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from conferencing.deliveries.rows import (
    URGENCY,
    Row,
    counts,
    delivery_row,
    possibly_arrived,
)
from conferencing.due import unopened_told_at
from conferencing.list_words import list_state
from conferencing.models import Meeting, PrepListDelivery
from conferencing.nothing_to_discuss.acts import marks_of
from conferencing.prep_lists.recipients import who_gets_it
from conferencing.roster.acts import proposal
from regions.words import plural

NOT_OPENED = "Not opened yet: they haven’t looked up the password."


def list_page(meeting: Meeting, *, now: datetime) -> dict[str, object]:
    """Return what the page shows: the newest revision's rows, or who would get the list."""
    revisions = list(
        meeting.prep_lists.select_related("frozen_by").defer("snapshot").order_by("-revision")
    )
    meeting.list_out_at = revisions[-1].frozen_at if revisions else None
    meeting.list_is_waiting = False
    context = {
        "meeting": meeting,
        "revisions": revisions,
        "newest": revisions[0] if revisions else None,
        "times": meeting.list_times,
        "has_begun": meeting.has_begun(now),
    }
    if revisions:
        deliveries = (
            PrepListDelivery.objects.filter(prep_list=revisions[0])
            .select_related("recipient", "agency", "message")
            .order_by("recipient__name")
        )
        possibly = possibly_arrived(deliveries)
        rows = [list_row(each, now, possibly) for each in deliveries]
        mails = [each.message for each in deliveries if each.message]
        meeting.list_is_waiting = not all(each.is_settled for each in mails)
    else:
        gets, left_out = who_gets_it(meeting, now=now)
        rows = [
            Row(None, place.user.name, place.agency.name, "Will get it", "info") for place in gets
        ] + [
            Row(None, place.user.name, place.agency.name, "Will be left out", "warn", why)
            for place, why in left_out
        ]
    rows.sort(key=lambda row: URGENCY.index(row.tone))
    return context | {
        "state": list_state(meeting, now=now),
        "rows": rows,
        "counts": counts(rows),
        "unopened": sum(row.detail == NOT_OPENED for row in rows),
        "reminds": reminds_of(meeting, now),
    }


def reminds_of(meeting: Meeting, now: datetime) -> bool:
    """Whether who has not opened their list will be reminded, as things stand."""
    is_off = meeting.state != Meeting.State.PLANNED or meeting.list_held_at or meeting.list_was_for
    return not is_off and unopened_told_at(meeting.continuum, meeting.on) > now


def list_row(delivery: PrepListDelivery, now: datetime, possibly: Collection[uuid.UUID]) -> Row:
    """One person's line; of a list that arrived also whether they opened it."""
    row = delivery_row(delivery, now, possibly)
    message = delivery.message
    if message is None or message.state != message.State.SENT or message.returned_at or row.detail:
        return row
    if delivery.opened_at is None:
        return replace(row, detail=NOT_OPENED)
    return row


def effects_of_sending_again(delivery: PrepListDelivery) -> list[str]:
    """What sending one person's list, first or again, will do: texts."""
    name, revision = delivery.recipient.name, delivery.prep_list.revision
    effects = [f"{name} gets an email with revision {revision}, at once."]
    if delivery.password:
        effects.append("The password stays the same.")
    return [*effects, "Paperwork and releases are checked again before it goes out."]


def effects_of_release(meeting: Meeting, *, now: datetime) -> str:
    """What taking the list off hold will do: when it goes out, or that somebody has to choose."""
    if meeting.prep_lists.exists() and not meeting.list_was_for:
        return "What is not sent yet goes out within minutes."
    if needs_choice_off_hold(meeting, now=now):
        return "Nothing goes out by itself: you choose next what happens to the list."
    return "The list goes out at its time."


def needs_choice_off_hold(meeting: Meeting, *, now: datetime) -> bool:
    """Whether the list, taken off hold, waits for a choice: it has no time, or that has passed."""
    if meeting.prep_lists.exists() and not meeting.list_was_for:
        return False
    released = copy.copy(meeting)
    released.list_held_at = None
    goes_at = released.list_goes_at
    return goes_at is None or goes_at <= now


def nothing_lines(meeting: Meeting, *, now: datetime) -> list[str]:
    """How many households of the list are read out together; empty for none."""
    number = len(marks_of(meeting, now=now))
    if not number:
        return []
    words = plural(number, "household has", "households have")
    return [f"{words} nothing to discuss: they stand together, before the others."]


def effects_of_sending(meeting: Meeting, *, now: datetime) -> list[str]:
    """What “send now” or a correction will do, said before: texts."""
    gets, left_out = who_gets_it(meeting, now=now)
    people = "1 person gets" if len(gets) == 1 else f"{len(gets)} people get"
    left = "1 person is" if len(left_out) == 1 else f"{len(left_out)} people are"
    settled = "The roster is not settled: the list will say that it is as proposed."
    if meeting.roster_settled_at:
        settled = "The roster is settled."
    elif meeting.needs_list_choice:
        settled = "You settle the roster as it stands."
    households = meeting.roster.count()
    frozen = "The roster as it stands"
    if not meeting.roster_opened_at:
        households += len(proposal(meeting, now=now))
        frozen = "Nobody opened the roster yet: what the criteria propose"
    lines = [
        f"{frozen} is frozen ({plural(households, 'household')}).",
        settled,
        *nothing_lines(meeting, now=now),
        f"{people} an email with their own protected copy, at once.",
    ]
    if left_out:
        lines.append(f"{left} left out; the page says why.")
    return lines
