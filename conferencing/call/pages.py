"""What the page of the hour shows, to each person by their rights and by the releases."""

import uuid
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

import audit.actions
import audit.services
from accounts.models import User
from conferencing.models import (
    Call,
    CallSight,
    Meeting,
    MeetingRole,
    NothingToDiscuss,
    Review,
    RosterEntry,
)
from conferencing.nothing_to_discuss.acts import block_of, marks_of
from conferencing.words import span_of
from participants.disclosures import shown_to
from participants.naming import Label, labels
from regions.clock import local_day
from regions.words import percent_of

from . import rights as call_rights
from .acts import what_is_lacking
from .room import room_of, who_is_here
from .seat import Seat
from .sights import Shown, keep_sights, record_new_looks
from .standing_in import NotesBy, notes_by
from .steering import steer_page

if TYPE_CHECKING:
    from .seat import SeatedMeeting

AGENDA_VIEWED = audit.actions.register("call.viewed", "Followed a call")

STATES: dict[str, tuple[str, str]] = {
    Review.Outcome.OPEN: ("Waiting", "neutral"),
    Review.Outcome.DISCUSSED: ("Discussed", "good"),
    Review.Outcome.CARRIED_OVER: ("Carried over", "warn"),
    Review.Outcome.NOTHING: ("Nothing to discuss", "neutral"),
}
NOT_READ_OUT = ("Not read out yet", "info")
CAME_BACK = ("Back on the agenda", "warn")


class AgendaRow(TypedDict):
    review: Review
    entry: RosterEntry
    label: Label
    state: str
    tone: str
    is_now: bool
    seconds: int
    minutes: int
    is_over: bool
    share: int | None
    mark: NothingToDiscuss | None  # of one that is read out with others


class BegunRow(AgendaRow):
    lacking: list[str]
    wrong: list[str]  # why it could not be marked discussed, once that was tried


class News(TypedDict):
    version: int
    frame: int
    on_table: UUID | None
    closed_at: datetime | None
    rights: str


class Frame(TypedDict):
    meeting: Meeting
    call: Call
    seat: Seat
    rows: list[AgendaRow]
    together: list[AgendaRow]  # of these, what is read out as one
    together_waits: bool  # it is not confirmed yet
    minutes_freed: int
    to_discuss: int
    count: dict[str, int]
    minutes_planned: int
    now: datetime


class AgendaPage(Frame):
    notes_by: NotesBy
    not_to_share: bool  # somebody who is here may not read every name on the page


class ClosingPage(Frame):
    begun: list[BegunRow]


def opening_page(meeting: Meeting, user: User, seat: Seat, *, now: datetime) -> dict[str, object]:
    """Before the call: who is expected and leads, in one line what it is for, and the link."""
    planned = dict(meeting.roster.values_list("participant", "minutes"))
    aside = marks_of(meeting, now=now).keys() & planned.keys()
    freed = sum(planned[key] for key in aside)
    return {
        "span": span_of(meeting),
        "meeting": meeting,
        "roles": MeetingRole.by_role(meeting.roles.select_related("agency", "person__user")),
        "households": len(planned),
        "aside": len(aside),
        "minutes_planned": sum(planned.values()) - freed,
        "minutes_freed": freed,
        "seat": seat,
        "may_begin": seat.may_tick and meeting.state == Meeting.State.PLANNED,
        "now": now,
    }


def call_page(
    meeting: "SeatedMeeting", call: Call, user: User, seat: Seat, *, now: datetime
) -> dict[str, object]:
    """The page of the running call: frame, and what its scripts need. The look is recorded."""
    page = frame(meeting, call, user, seat, now=now)
    with transaction.atomic():
        shown = shown_on(page)
        keep_sights(shown, user, part=CallSight.Part.AGENDA, now=now)
        record_look(shown, user, meeting=meeting, now=now)
    on = local_day(now, meeting.continuum.zone)
    rights = call_rights.first_part(meeting.newest_changes, on)
    return {
        **page,
        "notes_by": notes_by(meeting, call, user, seat),
        "not_to_share": is_not_to_share(page, user, now=now),
        "roles": MeetingRole.by_role(meeting.roles.select_related("agency", "person__user")),
        "rights": rights,
        "steer": steer_page(meeting, page["rows"]) if seat.may_steer else None,
    }


def frame_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime
) -> AgendaPage:
    """The agenda as a part of the page; recorded where it shows more than it did before."""
    page = frame(meeting, call, user, seat, now=now)
    record_new_looks(
        shown_on(page),
        user,
        part=CallSight.Part.AGENDA,
        record=partial(record_look, meeting=meeting),
        now=now,
    )
    return {
        **page,
        "notes_by": notes_by(meeting, call, user, seat),
        "not_to_share": is_not_to_share(page, user, now=now),
    }


def is_not_to_share(page: Frame, user: User, *, now: datetime) -> bool:
    """Whether the page of whoever leads or writes shows what not everybody here may read.

    A name; and where somebody is here who may see nothing by right, anything of a household.
    """
    if not page["rows"] or not page["seat"].may_tick:
        return False
    if page["call"].checked_at is None:
        return True  # who is here nobody knows yet
    meeting = page["meeting"]
    call = page["call"]
    room = room_of(meeting, call, who_is_here(meeting, call), user, now=now)
    named = (row["label"] for row in page["rows"] if row["label"].is_named)
    return room.has_strangers or not all(room.label(label).is_named for label in named)


def shown_on(page: Frame) -> dict[Review, Label]:
    """`{review: Label}` of the households that a frame shows."""
    return {row["review"]: row["label"] for row in page["rows"]}


def record_look(shown: Shown, user: User, *, meeting: Meeting, now: datetime) -> None:
    audit.services.record(
        AGENDA_VIEWED,
        actor=user,
        about=meeting,
        detail=shown_to({review.participant_id: label for review, label in shown.items()}),
        now=now,
    )


def frame(meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime) -> Frame:
    """The agenda: each household's state, and minutes used against planned."""
    entries = {
        entry.participant_id: entry
        for entry in meeting.roster.select_related("participant").order_by("position")
    }
    came_back = NothingToDiscuss.objects.filter(
        meeting=meeting,
        participant=OuterRef("participant"),
        pulled_back_at__gt=call.began_at,
        pulled_back_by=None,
    )
    reviews = sorted(
        meeting.reviews.with_told().with_step().annotate(came_back=Exists(came_back)),
        key=lambda each: entries[each.participant_id].position,
    )
    people = [entry.participant for entry in entries.values()]
    names = labels(people, user, now)
    marks = block_of(meeting, reviews, now=now)
    rows: list[AgendaRow] = []
    hour = meeting.minutes * 60
    for review in reviews:
        entry = entries[review.participant_id]
        is_now = call.on_table_id == review.pk
        seconds = review.seconds_used
        if is_now and call.on_table_at:
            seconds += max(int((now - call.on_table_at).total_seconds()), 0)
        is_open_now = is_now and review.outcome == Review.Outcome.OPEN
        mark = marks.get(review.participant_id)
        words, tone = ("Now", "info") if is_open_now else STATES[review.outcome]
        if mark and review.outcome == Review.Outcome.OPEN:
            words, tone = NOT_READ_OUT
        elif review.came_back and review.outcome == Review.Outcome.OPEN and not is_now:
            words, tone = CAME_BACK
        rows.append(
            {
                "review": review,
                "entry": entry,
                "label": names[review.participant_id],
                "state": words,
                "tone": tone,
                "is_now": is_now,
                "seconds": seconds,
                "minutes": round(seconds / 60),
                "is_over": seconds > entry.minutes * 60,
                "share": percent_of(seconds, hour),
                "mark": mark,
            }
        )
    count = {
        outcome: sum(row["review"].outcome == outcome for row in rows)
        for outcome in Review.Outcome.values
    }
    together = [row for row in rows if row["mark"]]
    planned = sum(row["entry"].minutes for row in rows)
    freed = sum(row["entry"].minutes for row in together)
    return {
        "meeting": meeting,
        "call": call,
        "seat": seat,
        "rows": rows,
        "together": together,
        "together_waits": any(row["review"].outcome == Review.Outcome.OPEN for row in together),
        "minutes_freed": freed,
        "to_discuss": len(rows) - len(together),
        "count": count,
        "minutes_planned": planned - freed,
        "now": now,
    }


def closing_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime
) -> ClosingPage:
    """Before a call is closed: each household's state, and which open ones have notes already.

    Of each of those also what keeps it from being marked discussed. The look is recorded.
    """
    page = frame(meeting, call, user, seat, now=now)
    record_look(shown_on(page), user, meeting=meeting, now=now)
    begun: list[BegunRow] = [
        {
            **row,
            "lacking": what_is_lacking(row["review"], has_step=row["review"].has_step),
            "wrong": [],
        }
        for row in page["rows"]
        if row["review"].outcome == Review.Outcome.OPEN
        and row["review"].is_told
        and row["mark"] is None
    ]
    return {**page, "begun": begun}


def followed(
    meeting_pk: uuid.UUID, user: User, *, version: int, rights: str | None, on: date
) -> News | None:
    """The call's state for a page that follows it; None while nothing is new.

    `rights`: the first part of the page's stamp (see `call_rights`); None for a page that does
    not know of it. One query while nothing is new. Meeting of another continuum, or not begun:
    Call.DoesNotExist.
    """
    membership = getattr(user, "membership", None)
    row = (
        Call.objects.filter(
            meeting=meeting_pk, meeting__continuum=membership and membership.continuum_id
        )
        .annotate(newest_changes=call_rights.newest_changes())
        .values("version", "frame", "on_table", "closed_at", "newest_changes")
        .get()
    )
    stamp = call_rights.first_part(row["newest_changes"], on)
    if row["version"] == version and rights in (None, stamp):
        return None
    return {
        "version": row["version"],
        "frame": row["frame"],
        "on_table": row["on_table"],
        "closed_at": row["closed_at"],
        "rights": stamp,
    }


def next_meeting_after(meeting: Meeting) -> Meeting | None:
    """The next planned call of the same region, or the next CoC-wide one, whichever is sooner."""
    region = Q(region=meeting.region_id) | Q(region__isnull=True)
    later = Meeting.objects.planned().filter(
        continuum=meeting.continuum_id, starts_at__gt=meeting.starts_at
    )
    if meeting.region_id:
        later = later.filter(region)
    return later.select_related("continuum").order_by("starts_at").first()


def key_or_none(text: str) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
