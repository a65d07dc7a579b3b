"""Households that do not move: the same barrier again and again, a target date that passed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import Max

from conferencing.models import ActionItem, Review
from conferencing.reviews.joined import one_per_call
from conferencing.reviews.line import WORDS, same_words
from participants.models import Participant, ParticipantQuerySet
from regions.clock import local_day

from .periods import Period

# How many reviews in a row with the same barrier, and no step done since the first of them.
TIMES = 3
# A row of reviews is followed back so far, also where the period begins later.
REMEMBERED = relativedelta(months=24)
# What is not read of a household, nor of the record that stays of it.
UNREAD = [
    f"{record}__{name}"
    for record in ("participant", "participant__merged_into")
    for name in ("notes", "contact")
]


@dataclass(frozen=True)
class Standstill:
    """A barrier that stood in the last `times` reviews of a household, since the date `since`."""

    words: str
    times: int
    since: date


@dataclass
class Stuck:
    participant: Participant
    barriers: list[Standstill]
    last_on: date
    open: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class PassedTarget:
    """A target date in the past that no later review replaced."""

    participant: Participant
    kind: str
    target_on: date
    days: int
    is_learned: bool


@dataclass
class History:
    """A household's reviews, the earliest first, and when a step was last done."""

    participant: Participant
    reviews: list[Review] = field(default_factory=list)
    last_done_at: datetime | None = None


def histories(people: ParticipantQuerySet, *, period: Period) -> list[History]:
    """The `History` of each of `people` (a queryset) that was reviewed, in two queries."""
    reviews = (
        Review.objects.told()
        .of(people.on_the_list())
        .filter(meeting__starts_at__lt=period.ends_at)
        .select_related("participant__merged_into", "meeting")
        .defer(*WORDS, *UNREAD)
        .order_by("meeting__starts_at")
    )
    found: dict[UUID, History] = {}
    for review in one_per_call(reviews):
        person = review.participant.merged_into or review.participant
        found.setdefault(review.household, History(person)).reviews.append(review)
    done = (
        ActionItem.objects.filter(participant__in=found, state=ActionItem.State.DONE)
        .order_by()
        .values_list("participant")
        .annotate(last=Max("closed_at"))
    )
    for participant, last in done:
        found[participant].last_done_at = last
    return list(found.values())


def stuck_households(found: Iterable[History], *, period: Period) -> list[Stuck]:
    """Those reviewed in `period` and, lately, TIMES and more with one barrier and no step done.

    The longest standstill first. One query.
    """
    stuck: list[Stuck] = []
    for history in found:
        last = history.reviews[-1]
        if last.meeting.starts_at < period.begins_at:
            continue
        barriers = standstills(history, period)
        if barriers:
            on = local_day(last.meeting.starts_at, period.zone)
            stuck.append(Stuck(history.participant, barriers, on))
    add_open_steps(stuck, period.until)
    stuck.sort(key=lambda each: (-each.barriers[0].times, each.participant.alias))
    return stuck


def standstills(history: History, period: Period) -> list[Standstill]:
    """The barriers of the last reviews, each with how many in a row had it, most first."""
    earliest = period.begins_at - REMEMBERED
    rows = [
        review
        for review in history.reviews
        if review.meeting.starts_at >= earliest
        and not (history.last_done_at and review.meeting.starts_at <= history.last_done_at)
    ]
    if len(rows) < TIMES:
        return []
    had = [{same_words(each) for each in review.barriers} for review in rows]
    found = []
    for words in dict.fromkeys(rows[-1].barriers):
        key, times = same_words(words), 0
        while times < len(rows) and key in had[-1 - times]:
            times += 1
        if times >= TIMES:
            since = local_day(rows[-times].meeting.starts_at, period.zone)
            found.append(Standstill(words, times, since))
    return sorted(found, key=lambda each: -each.times)


def add_open_steps(stuck: Sequence[Stuck], on: date) -> None:
    counted = defaultdict[UUID, list[int]](lambda: [0, 0])
    keys = [each.participant.pk for each in stuck]
    rows = ActionItem.objects.open().filter(participant__in=keys)
    for participant, due_on in rows.values_list("participant", "due_on"):
        counted[participant][0] += 1
        counted[participant][1] += due_on < on
    for each in stuck:
        each.open, each.overdue = counted[each.participant.pk]


def passed_targets(found: Iterable[History], *, on: date) -> list[PassedTarget]:
    """Target dates before `on` without a new one since, the longest passed first."""
    passed: list[PassedTarget] = []
    for history in found:
        review = next((each for each in reversed(history.reviews) if each.target_on), None)
        if review is None or review.target_on is None or review.target_on >= on:
            continue
        later = history.reviews[history.reviews.index(review) + 1 :]
        passed.append(
            PassedTarget(
                history.participant,
                review.get_target_kind_display() or "Target",
                review.target_on,
                (on - review.target_on).days,
                is_learned=any(each.learned for each in later),
            )
        )
    passed.sort(key=lambda each: (each.target_on, each.participant.alias))
    return passed
