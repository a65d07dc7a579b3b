"""One review per household and call, also where two records, joined since, had one each at it."""

import uuid
from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime

from conferencing import elements
from conferencing.elements import ELEMENTS
from conferencing.models import Review
from participants.own_words import Said, joined

from .decisions import target_words

Changed = Review.Changed
TEXTS = (
    *(each.key for each in ELEMENTS if each.is_text),
    "notes",
    "referral",
    "exception_reason",
    "learned",
    "no_step_reason",
)
LISTS = (*elements.LISTS, "systemic")
EITHER = ("navigator_id", "eligibility", "is_referred", "is_exception", "discussed_at")
MARKS = tuple(each.mark for each in ELEMENTS if not each.is_place)
LOCATION = ("location", "location_words", "location_changed", "location_said_at")
TARGET = ("target_kind", "target_on", "target_words")


def one_per_call(reviews: Iterable[Review]) -> list[Review]:
    """The reviews in their order, what was said of one household at one call as one of them."""
    found: dict[tuple[uuid.UUID, uuid.UUID], Review] = {}
    for review in reviews:
        key = review.household, review.meeting_id
        found[key] = both(found[key], review) if key in found else review
    return list(found.values())


def both(one: Review, other: Review) -> Review:
    """What was said of two records of a household at one call, as one review that is never saved.

    Nothing that was said of either is missing in it: `parts` are the reviews themselves, for what
    was chosen at each. One of which nothing was said tells nothing. Words that were not read from
    the database stay so.
    """
    told = [each for each in (one, other) if getattr(each, "is_told", True)] or [one]
    told = [part for each in told for part in getattr(each, "parts", [each])]
    told.sort(key=lambda each: each.participant_id != each.household)
    review, unread = copy(told[0]), told[0].get_deferred_fields()
    values: dict[str, object] = {name: text_of(told, name) for name in TEXTS if name not in unread}
    values |= {name: list_of(told, name) for name in LISTS if name not in unread}
    values |= {name: first_of(told, name) for name in EITHER}
    values |= {name: mark_of(told, name) for name in MARKS}
    outcomes = {each.outcome for each in (one, other)}
    if any(each.outcome == Review.Outcome.DISCUSSED for each in told):
        values["outcome"] = Review.Outcome.DISCUSSED
    elif Review.Outcome.NOTHING in outcomes:  # of the other one something was to be said
        values["outcome"] = min(outcomes - {Review.Outcome.NOTHING}, default=Review.Outcome.NOTHING)
    located = max(told, key=located_by)
    targeted = next((each for each in told if each.target_on), told[0])
    for whose, names in ((located, LOCATION), (targeted, TARGET)):
        values |= {name: getattr(whose, name) for name in names if name not in unread}
    if not unread.intersection(TEXTS):
        values["location_words"] = with_others(located, told, "location_words", place_words)
        values["target_words"] = with_others(targeted, told, "target_words", target_words)
    for name, value in values.items():
        setattr(review, name, value)
    review.parts = told
    return review


def with_others(
    review: Review, told: list[Review], name: str, in_words: Callable[[Review], str]
) -> str | None:
    """The text of one that counts, and what the others said instead, where only one can count."""
    others = [in_words(each) for each in told if in_words(each) not in ("", in_words(review))]
    texts = [getattr(review, name), *(Said("also ", each) for each in others)]
    return joined("; ", [each for each in texts if each])


def place_words(review: Review) -> Said:
    """Emergency shelter: near the river."""
    pieces = [each for each in (review.get_location_display(), review.location_words) if each]
    return Said(*pieces[:1], *(piece for each in pieces[1:] for piece in (": ", each)))


def text_of(told: list[Review], name: str) -> str | None:
    texts = [getattr(each, name) for each in told]
    return joined("\n", [each for each in texts if each]) or texts[0]


def list_of(told: list[Review], name: str) -> list[str] | None:
    lists = [getattr(each, name) for each in told]
    return list(dict.fromkeys(words for each in lists for words in each or ())) or lists[0]


def first_of(told: list[Review], name: str) -> object:
    values = [getattr(each, name) for each in told]
    return next(filter(None, values), values[0])


def mark_of(told: list[Review], name: str) -> str:
    marks = {getattr(each, name) for each in told}
    order = (Changed.CHANGED, Changed.UNCHANGED, Changed.NOT_RECORDED)
    return next(each for each in order if each in marks)


def located_by(review: Review) -> tuple[bool, bool, datetime]:
    """What a call confirmed counts before what it only began with, the later word before others."""
    is_confirmed = review.location_changed != Changed.NOT_RECORDED
    return bool(review.location), is_confirmed, review.located_at or review.meeting.starts_at
