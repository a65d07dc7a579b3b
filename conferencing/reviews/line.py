"""A household's line of reviews: one short row per call, for many households at once.

It holds dates, counts and the words of choices, and nothing that anybody typed: so it shows the
same to every reader who may know of the household.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q

from conferencing.elements import KEYS, TEXTS
from conferencing.models import ActionItem, Review
from participants.folding import fold
from participants.models import LivingSituation, Participant
from regions.clock import local_day, local_midnight

from .joined import one_per_call
from .last import was_carried_over

# What was typed at a review and is neither shown in the line nor compared.
WORDS = (
    *TEXTS,
    "notes",
    "systemic",
    "referral",
    "exception_reason",
    "target_words",
    "no_step_reason",
)
# How far back the line goes where many households stand on one page.
SHORT = relativedelta(months=12)


@dataclass(frozen=True)
class Steps:
    """The steps given at a review, and what became of them by now."""

    given: int = 0
    done: int = 0
    not_needed: int = 0  # circumstances changed
    not_done: int = 0
    open: int = 0
    overdue: int = 0

    @property
    def words(self) -> str:
        """“1 done, 1 not done, 2 open (1 overdue)”: of each that there is."""
        counted = (
            (self.done, "done"),
            (self.not_needed, "overtaken by changed circumstances"),
            (self.not_done, "not done"),
            (self.open, "open"),
        )
        words = ", ".join(f"{number} {what}" for number, what in counted if number)
        return f"{words} ({self.overdue} overdue)" if self.overdue else words


@dataclass(frozen=True)
class Entry:
    """One call in the line: what was recorded of the household, and what changed since before.

    `new_barriers` is None where no earlier review in the line could be compared with. `was_begun`:
    something was said, but the household was carried over, or the call is not closed.
    """

    on: date
    scope: str
    is_carried_over: bool
    was_begun: bool = False
    had_nothing: bool = False  # read out with others: nothing to discuss
    location: str = ""
    changed: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()
    barriers: int = 0
    new_barriers: int | None = None
    steps: Steps = Steps()
    target: str = ""
    target_on: date | None = None
    is_target_passed: bool = False


def same_words(text: str) -> str:
    """The words as barriers are compared: folded, without blanks and points that do not matter."""
    return fold(text)


def review_lines(
    participants: Iterable[Participant], *, on: date, zone: str, since: date | None = None
) -> defaultdict[uuid.UUID, list[Entry]]:
    """Return `{participant's key: [Entry, …]}`, newest first, in two queries.

    `on` is the continuum's local date; `zone` its time zone; `since`: from which date on.
    """
    asked = (
        Review.objects.of(participants)
        .with_told()
        .exclude(outcome=Review.Outcome.OPEN, is_told=False)
        .select_related("meeting__region")
        .defer(*WORDS, "learned")
        .order_by("meeting__starts_at")
    )
    if since:
        asked = asked.filter(meeting__starts_at__gte=local_midnight(since, zone))
    reviews = list(asked)
    steps = steps_by_call(reviews, on)
    found: defaultdict[uuid.UUID, list[Entry]] = defaultdict(list)
    barriers_before: dict[uuid.UUID, set[str]] = {}
    for review in one_per_call(reviews):
        before = barriers_before.get(review.household)
        found[review.household].insert(0, entry(review, before, steps, on=on, zone=zone))
        if review.is_told:
            barriers_before[review.household] = barriers_of(review)
    return found


def short_review_lines(
    participants: Iterable[Participant], *, on: date, zone: str
) -> defaultdict[uuid.UUID, list[Entry]]:
    """The lines of the last twelve months."""
    return review_lines(participants, on=on, zone=zone, since=on - SHORT)


def steps_by_call(reviews: Sequence[Review], on: date) -> dict[tuple[uuid.UUID, uuid.UUID], Steps]:
    """Return `{(household's key, call's key): Steps}`; steps go with a record that is joined."""
    State = ActionItem.State
    is_open = Q(state=State.OPEN)
    rows = (
        ActionItem.objects.filter(review__in=[each.pk for each in reviews])
        .order_by()
        .values("participant", "review__meeting")
        .annotate(
            given=Count("pk"),
            done=Count("pk", filter=Q(state=State.DONE)),
            not_needed=Count("pk", filter=Q(state=State.NOT_NEEDED)),
            not_done=Count("pk", filter=Q(state=State.NOT_DONE)),
            open=Count("pk", filter=is_open),
            overdue=Count("pk", filter=is_open & Q(due_on__lt=on)),
        )
    )
    return {
        (row["participant"], row["review__meeting"]): Steps(
            given=row["given"],
            done=row["done"],
            not_needed=row["not_needed"],
            not_done=row["not_done"],
            open=row["open"],
            overdue=row["overdue"],
        )
        for row in rows
    }


def barriers_of(review: Review) -> set[str]:
    return {same_words(each) for each in review.barriers}


def entry(
    review: Review,
    barriers_before: set[str] | None,
    steps: Mapping[tuple[uuid.UUID, uuid.UUID], Steps],
    *,
    on: date,
    zone: str,
) -> Entry:
    """The `Entry` of one review; `barriers_before` is None for the first of the line."""
    called = Entry(
        on=local_day(review.meeting.starts_at, zone),
        scope=review.meeting.scope_words,
        is_carried_over=review.outcome == Review.Outcome.CARRIED_OVER,
        had_nothing=review.outcome == Review.Outcome.NOTHING,
    )
    if not review.is_told:
        return called
    barriers = barriers_of(review)
    return replace(
        called,
        was_begun=was_carried_over(review),
        location=LivingSituation.Kind(review.location).label if review.location else "",
        changed=elements(review, Review.Changed.CHANGED),
        not_recorded=elements(review, Review.Changed.NOT_RECORDED),
        barriers=len(barriers),
        new_barriers=None if barriers_before is None else len(barriers - barriers_before),
        steps=steps.get((review.household, review.meeting_id), Steps()),
        target=review.get_target_kind_display(),
        target_on=review.target_on,
        is_target_passed=bool(review.target_on and review.target_on < on),
    )


def elements(review: Review, mark: str) -> tuple[str, ...]:
    return tuple(each for each in KEYS if getattr(review, f"{each}_changed") == mark)
