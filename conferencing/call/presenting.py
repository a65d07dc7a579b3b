"""What the window shows that is made to be shared: a household as everybody here may see it.

Nothing else of the call's page is on it: no reasons, no navigator, no prepared words. Notes and
safety are there only while somebody presses for them, and go with the household.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Prefetch

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import ActionItem, Call, CallSight, Meeting, ProgressUpdate, Review
from conferencing.reviews.decisions import decided_in_a_word
from conferencing.reviews.last import last_reviews
from participants.disclosures import shown_as, shown_to
from participants.naming import Label
from regions.clock import local_day
from regions.words import day_words

from . import household_pages, pages
from . import rights as call_rights
from .room import Here, Room, room_of
from .sights import Shown, record_new_looks

if TYPE_CHECKING:
    from .pages import AgendaRow
    from .seat import Seat, SeatedMeeting

PRESENTED = audit.actions.register("call.presented", "Presented a call on a shared screen")
SPELLED_OUT = {
    CallSight.Part.NOTES: audit.actions.register(
        "call.notes_presented", "Showed notes on a shared screen"
    ),
    CallSight.Part.SAFETY: audit.actions.register(
        "call.safety_presented", "Showed the words on safety on a shared screen"
    ),
}
# What fits on the screen without scrolling.
ROWS, BEFORE, BLOCK = 11, 3, 6
FORMER, STEPS, BESIDE_WORDS = 2, 4, 2
TONES: dict[str, str] = {
    ProgressUpdate.Progress.DONE: "good",
    ProgressUpdate.Progress.UNDER_WAY: "info",
}
STATE_TONES: dict[str, str] = {
    ActionItem.State.DONE: "good",
    ActionItem.State.NOT_NEEDED: "neutral",
    ActionItem.State.NOT_DONE: "warn",
}


@dataclass(frozen=True)
class Pressed:
    """Which words somebody pressed for, of the household that is on the table now."""

    notes: bool = False
    safety: bool = False

    @classmethod
    def of(cls, call: Call, asked: Mapping[str, str]) -> "Pressed":
        """`asked`: for each of them the review at which it was pressed; gone with that one."""
        table = str(call.on_table_id) if call.on_table_id else None
        return cls(*(table is not None and asked.get(name) == table for name in PARTS))


PARTS = ("notes", "safety")


class PresentedStep(TypedDict):
    what: str
    who: str
    words: str
    tone: str
    due_on: date
    is_newest: bool


class PresentedHousehold(TypedDict):
    review: Review
    label: Label
    facts: list[str]
    since: str
    former: list[PresentedStep]
    former_more: int
    new: list[PresentedStep]
    new_more: int
    decisions: list[str]
    notes: str | None
    safety: str | None
    why_no_notes: str
    why_no_safety: str


class PresentedPage(TypedDict):
    meeting: Meeting
    call: Call
    stamp: str
    seconds: int  # since the call began
    room: Room
    rows: "list[AgendaRow]"
    together: "list[AgendaRow]"  # what is read out as one, as much of it as fits
    together_more: int
    together_size: int
    together_waits: bool
    before: int
    after: int
    discussed: int
    households: int
    current: "AgendaRow | None"
    household: PresentedHousehold | None


def stamp_of(meeting: "SeatedMeeting", call: Call, here: Here, pressed: Pressed, on: date) -> str:
    """A short text that differs once the window has to be made anew. No query.

    Who is here is part of it by itself, not by what an act counted up: whoever came, by whatever
    way, is in the next frame. What else decides on names is in `rights.newest_changes`.
    """
    first = call_rights.first_part(meeting.newest_changes, on)
    shown = f"{pressed.notes:d}{pressed.safety:d}"
    return f"{call.version}-{first}-{here.stamp}-{shown}-{call.on_table_id or ''}"


def present_page(
    meeting: "SeatedMeeting",
    call: Call,
    user: User,
    seat: "Seat",
    here: Here,
    pressed: Pressed,
    *,
    now: datetime,
) -> PresentedPage:
    """The window, for everybody who is here at this moment; the look is recorded once.

    In a constant number of queries, however many are here and on the agenda.
    """
    on = local_day(now, meeting.continuum.zone)
    room = room_of(meeting, call, here, user, now=now)
    frame = pages.frame(meeting, call, user, seat, now=now)
    rows: list[AgendaRow] = [{**row, "label": room.label(row["label"])} for row in frame["rows"]]
    record_new_looks(
        {row["review"]: row["label"] for row in rows},
        user,
        part=CallSight.Part.PRESENT,
        record=partial(record_presented, meeting=meeting, room=room),
        now=now,
    )
    current = next((row for row in rows if row["is_now"]), None)
    discussed = [row for row in rows if row["mark"] is None]
    seen, before, after = in_sight(discussed, current)
    return {
        "meeting": meeting,
        "call": call,
        "stamp": stamp_of(meeting, call, here, pressed, on),
        "seconds": max(int((now - call.began_at).total_seconds()), 0),
        "room": room,
        "rows": seen,
        "together": [row for row in rows if row["mark"]][:BLOCK],
        "together_more": len(frame["together"][BLOCK:]),
        "together_size": len(frame["together"]),
        "together_waits": frame["together_waits"],
        "before": before,
        "after": after,
        "discussed": frame["count"][Review.Outcome.DISCUSSED],
        "households": len(discussed),
        "current": current,
        "household": presented_household(meeting, current, room, user, pressed, now=now)
        if current
        else None,
    }


def in_sight(
    rows: "list[AgendaRow]", current: "AgendaRow | None"
) -> "tuple[list[AgendaRow], int, int]":
    """The rows around the one on the table that fit, and how many are before and after them."""
    place = rows.index(current) if current else 0
    first = max(min(place - BEFORE, len(rows) - ROWS), 0)
    seen = rows[first : first + ROWS]
    return seen, first, len(rows) - first - len(seen)


def presented_household(
    meeting: Meeting,
    row: "AgendaRow",
    room: Room,
    user: User,
    pressed: Pressed,
    *,
    now: datetime,
) -> PresentedHousehold:
    on = local_day(now, meeting.continuum.zone)
    label = row["label"]
    review = household_pages.find_review(meeting, row["review"].pk)
    shown = {review: label}
    record_new_looks(
        shown, user, part=CallSight.Part.REVIEW, record=household_pages.record_looks, now=now
    )
    former = last_reviews([review.participant], before=meeting).get(review.participant_id)
    steps = steps_of(review, former)
    due = [step for step in steps if step.review_id != review.pk]
    new = sorted(
        (step for step in steps if step.review_id == review.pk), key=lambda step: step.created_at
    )
    no_notes, no_safety = room.why_no_notes(review, meeting), room.why_no_safety()
    pressed = Pressed(pressed.notes and not no_notes, pressed.safety and not no_safety)
    is_pressed_for = pressed.notes or pressed.safety
    tells_who = not is_kept_back(review, room)
    fit = BESIDE_WORDS if is_pressed_for else STEPS - len(due[:FORMER])
    for part, is_pressed in (("notes", pressed.notes), ("safety", pressed.safety)):
        if is_pressed:
            record_spelled_out(shown, user, part=part, room=room, now=now)
    return {
        "review": review,
        "label": label,
        "facts": facts_of(review, room, on),
        "since": day_words(local_day(former.meeting.starts_at, meeting.continuum.zone))
        if former
        else "",
        "former": [presented_step(step, label, on, tells_who=tells_who) for step in due[:FORMER]],
        "former_more": len(due[FORMER:]),
        "new": [
            presented_step(step, label, on, tells_who=tells_who, is_newest=step is new[-1])
            for step in new[-fit:]
        ],
        "new_more": len(new[:-fit]),
        "decisions": decided_in_a_word(review),
        "notes": label.clean(review.notes) if pressed.notes else None,
        "safety": label.clean(review.safety) if pressed.safety else None,
        "why_no_notes": no_notes,
        "why_no_safety": no_safety,
    }


def steps_of(review: Review, former: Review | None) -> list[ActionItem]:
    updates = ProgressUpdate.objects.order_by("-at")
    return list(
        household_pages.steps_at(review, former)
        .select_related("follow_up_person__user", "agency")
        .prefetch_related(Prefetch("updates", queryset=updates))
    )


def presented_step(
    step: ActionItem, label: Label, on: date, *, tells_who: bool, is_newest: bool = False
) -> PresentedStep:
    """A step, who takes it, and in a word how it stands."""
    place: StaffMember | None = step.follow_up_person
    update = next(iter(step.updates.all()), None)
    words, tone = "", ""
    if step.state != ActionItem.State.OPEN:
        words, tone = step.get_state_display(), STATE_TONES[step.state]
    elif update is not None:
        words, tone = update.get_progress_display(), TONES.get(update.progress, "warn")
    elif step.due_on < on:
        words, tone = "Overdue", "warn"
    return {
        "what": label.clean(step.what),
        "who": (place.user.name if place else step.agency.name) if tells_who else "",
        "words": words,
        "tone": tone,
        "due_on": step.due_on,
        "is_newest": is_newest,
    }


def is_kept_back(review: Review, room: Room) -> bool:
    """Whether nothing may tell strangers who works with a victim service provider's household."""
    return review.participant.is_confidential and room.has_strangers


def facts_of(review: Review, room: Room, on: date) -> list[str]:
    """Who lives together, where, since when; of a confidential one nothing where strangers see."""
    person = review.participant
    if is_kept_back(review, room):
        return []
    days = person.place.days(on) if hasattr(person, "place") else None
    county = f"{person.county.name} County" if person.county else ""
    waited = f"{days:,} days on the list" if days is not None else ""
    return list(filter(None, [person.size_words, county, waited]))


def record_presented(
    shown: Shown, user: User, *, meeting: Meeting, room: Room, now: datetime
) -> None:
    detail = shown_to({review.participant_id: label for review, label in shown.items()})
    audit.services.record(
        PRESENTED,
        actor=user,
        about=meeting,
        detail=detail | {"people": room.people, "guests": len(room.guests)},
        now=now,
    )


def record_spelled_out(shown: Shown, user: User, *, part: str, room: Room, now: datetime) -> None:
    def record(shown: Shown, user: User, *, now: datetime) -> None:
        for review, label in shown.items():
            audit.services.record(
                SPELLED_OUT[CallSight.Part(part)],
                actor=user,
                about=review.participant,
                detail={"review": str(review.pk), "people": room.people, **shown_as(label)},
                now=now,
            )

    record_new_looks(shown, user, part=part, record=record, now=now)
