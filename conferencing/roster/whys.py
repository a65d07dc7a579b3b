"""A household's line on the roster in short: why today, as marks, and what the last call did."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from conferencing.models import ActionItem, Meeting
from conferencing.reviews.line import Entry
from participants.models import Participant
from participants.naming import Label
from regions.clock import local_day

from .criteria import Kind, Reason

# Beside the kinds of the criteria: somebody put the household on; it is of another region by now.
ADDED, MOVED = "added", "moved"

# A short word, and of which sort the reason is: each sort has a shape and a colour.
OWED, NEED, HOUSING, WAIT, ASKED = "owed", "need", "housing", "wait", "asked"
MARKS = {
    Kind.CARRIED_OVER: ("Carried over", OWED),
    Kind.OVERDUE_STEP: ("Step due", OWED),
    Kind.NOT_REVIEWED: ("Not reviewed", OWED),
    Kind.UNSHELTERED: ("Unsheltered", NEED),
    Kind.SHELTER_NEED: ("Shelter need", NEED),
    Kind.YOUTH: ("Youth", NEED),
    Kind.VETERAN: ("Veteran", NEED),
    Kind.MINORS: ("Minors", NEED),
    Kind.REFERRAL: ("Referral", HOUSING),
    Kind.PRIORITIZED: ("Prioritized", HOUSING),
    Kind.LONGEST: ("Longest", WAIT),
    Kind.NOMINATED: ("Nominated", ASKED),
    ADDED: ("Added", ASKED),
    MOVED: ("Moved", OWED),
}


@dataclass(frozen=True)
class Why:
    """One reason: its short word, its sort, and all of its words as this reader may read them."""

    short: str
    sort: str
    told: str


def why(kind: str, words: str, label: Label) -> Why:
    short, sort = MARKS.get(kind, ("Other", NEED))
    return Why(short, sort, label.clean(words))


def whys_of(reasons: Iterable[Reason], label: Label) -> list[Why]:
    return [why(each["kind"], each["words"], label) for each in reasons]


def is_elsewhere(participant: Participant, meeting: Meeting) -> bool:
    """Whether a household is of another region than the call, since it was put on its roster."""
    return meeting.region_id not in (None, participant.region_id)


def moved(participant: Participant, meeting: Meeting, label: Label) -> list[Why]:
    """That the household is of another region than the call, what goes with it and what stays."""
    if not is_elsewhere(participant, meeting):
        return []
    words = (
        f"Now in {participant.region}. Its open steps and their updates moved with it. This "
        f"roster, its nominations and what agencies prepared did not: move it to the next call of "
        f"{participant.region}."
    )
    return [why(MOVED, words, label)]


@dataclass(frozen=True)
class Before:
    """What the last call was for one household, and which of its steps are open by now."""

    on: date | None = None
    outcome: str = ""
    is_carried_over: bool = False
    open: int = 0
    overdue: int = 0


class LastCall:
    """The last closed call of a meeting's scope before it, with who was on its roster."""

    def __init__(self, meeting: Meeting, people: Collection[Participant], *, on: date) -> None:
        """Ask all in a constant number of queries; `on` is the continuum's local date."""
        zone = meeting.continuum.zone
        self.day = local_day(meeting.starts_at, zone)
        held = Meeting.objects.filter(
            continuum=meeting.continuum_id,
            region=meeting.region_id,
            state=Meeting.State.CLOSED,
            starts_at__lt=meeting.starts_at,
        )
        last = held.order_by("-starts_at").first()
        self.on = local_day(last.starts_at, zone) if last else None
        self.listed = set(
            Participant.objects.filter(roster_entries__meeting=last).values_list("pk", flat=True)
        )
        steps = ActionItem.objects.open().filter(participant__in=people).order_by()
        counts = steps.values("participant").annotate(
            open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=on))
        )
        self.steps: dict[uuid.UUID, tuple[int, int]] = {
            row["participant"]: (row["open"], row["overdue"]) for row in counts
        }

    def before(self, person: Participant, reviews: Sequence[Entry]) -> Before:
        """`reviews`: the household's line, newest first; a call of another scope may be in it."""
        still, overdue = self.steps.get(person.pk, (0, 0))
        newest = next((each for each in reviews if each.on < self.day), None)
        if newest and (self.on is None or newest.on >= self.on):
            return Before(
                newest.on, words_for(newest), newest.is_carried_over, open=still, overdue=overdue
            )
        if self.on is None:
            return Before(outcome="No call yet", open=still, overdue=overdue)
        words = "On the roster, not recorded" if person.pk in self.listed else "Not on the roster"
        return Before(self.on, words, open=still, overdue=overdue)


def words_for(entry: Entry) -> str:
    if entry.had_nothing:
        return "Nothing to discuss"
    if entry.is_carried_over:
        return "Carried over, not finished" if entry.was_begun else "Carried over"
    return "Call not closed" if entry.was_begun else "Discussed"
