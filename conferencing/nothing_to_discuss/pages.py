"""The page on which households are marked and pulled back, for one reader."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from django.db.models import Prefetch

import audit.actions
import audit.services
from accounts.models import User
from conferencing.models import (
    ActionItem,
    Meeting,
    NothingToDiscuss,
    ProgressUpdate,
    RosterEntry,
)
from conferencing.permissions import permitted
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, labels
from regions.clock import local_day

from .acts import MARK, NOT_SETTLED, marks_of, why_not

VIEWED = audit.actions.register(
    "nothing_to_discuss.viewed", "Looked at what is not discussed at a call"
)


@dataclass
class StepLine:
    """An open step: what, who with which agency, by when, and the last report."""

    what: str
    who: str
    due_on: date
    report: str


@dataclass
class Line:
    """One household as the page shows it; `against`: why it is to be discussed."""

    entry: RosterEntry
    label: Label
    steps: list[StepLine] = field(default_factory=list)
    mark: NothingToDiscuss | None = None
    against: list[str] = field(default_factory=list)

    @property
    def participant(self) -> Participant:
        return self.entry.participant


def nothing_page(meeting: Meeting, viewer: User, *, now: datetime) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded.

    Households of the roster that the reader may know of; those that they may mark, and why not.
    """
    on = local_day(now, meeting.continuum.zone)
    entries = list(
        meeting.roster.filter(participant__in=Participant.objects.visible_to(viewer, on))
        .select_related("participant")
        .order_by("position")
    )
    is_settled = meeting.roster_settled_at is not None
    people = [entry.participant for entry in entries] if is_settled else []
    entries = entries if is_settled else []
    names = labels(people, viewer, now)
    marks = marks_of(meeting, now=now)
    own = permitted(viewer, MARK, people)
    against = why_not(meeting, [each for each in people if each.pk in own], actor=viewer, now=now)
    steps = open_steps(people, names)
    lines = [
        Line(
            entry,
            names[entry.participant_id],
            steps[entry.participant_id],
            marks.get(entry.participant_id),
            [why.label for why in against.get(entry.participant_id, ())],
        )
        for entry in entries
    ]
    marked = [line for line in lines if line.mark]
    mine = [line for line in lines if not line.mark and line.participant.pk in own]
    rows = NothingToDiscuss.objects.back_on_agenda().filter(meeting=meeting, participant__in=people)
    pulled = rows.select_related("by", "agency", "pulled_back_by", "pulled_back_agency")
    if people:
        audit.services.record(VIEWED, actor=viewer, about=meeting, detail=shown_to(names), now=now)
    return {
        "meeting": meeting,
        "is_settled": is_settled,
        "not_settled": NOT_SETTLED,
        "is_open": meeting.state == Meeting.State.PLANNED and not meeting.has_begun(now),
        "marked": marked,
        "freed": sum(line.entry.minutes for line in marked),
        "ready": [line for line in mine if not line.against],
        "others": [line for line in mine if line.against],
        "may_mark": bool(own),
        "pulled": [
            (each, names[each.participant_id])
            for each in sorted(pulled, key=pulled_back_at, reverse=True)
        ],
    }


def pulled_back_at(mark: NothingToDiscuss) -> datetime:
    return cast(datetime, mark.pulled_back_at)  # as asked


def open_steps(
    people: Collection[Participant], names: dict[uuid.UUID, Label]
) -> defaultdict[uuid.UUID, list[StepLine]]:
    """`{participant's key: [StepLine]}`, what is due first above."""
    found: defaultdict[uuid.UUID, list[StepLine]] = defaultdict(list)
    updates = ProgressUpdate.objects.order_by("-at")
    steps = (
        ActionItem.objects.open()
        .filter(participant__in=people)
        .select_related("agency", "follow_up_person__user")
        .prefetch_related(Prefetch("updates", queryset=updates))
        .order_by("due_on", "created_at")
    )
    for step in steps:
        clean, newest = names[step.participant_id].clean, next(iter(step.updates.all()), None)
        owner = step.follow_up_person.user.name if step.follow_up_person else ""
        report = ""
        if newest is not None:
            said = (newest.get_progress_display(), clean(newest.line))
            report = ": ".join(filter(None, said))
        found[step.participant_id].append(
            StepLine(
                clean(step.what),
                ", ".join(filter(None, (owner, step.agency.name))),
                step.due_on,
                report,
            )
        )
    return found
