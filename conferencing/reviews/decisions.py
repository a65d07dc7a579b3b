"""What was decided at a review, in words: what was typed counts, its box checked or not."""

from typing import TypeVar

from conferencing.elements import Clean
from conferencing.models import Review
from participants.own_words import Said
from regions.words import day_words

Text = TypeVar("Text")

REFERRAL = {True: "Referral made", False: "Referral, not marked as made"}
EXCEPTION = {True: "Priority exception", False: "Priority exception, not marked as made"}
NO_DATE = "no date set"


def as_stored(text: Text) -> Text:
    return text


def decisions_said(review: Review, clean: Clean = as_stored) -> list[str]:
    """What was decided, a line each; `clean` gives a text as its reader may see it.

    Of records that were joined since, and had a review each at the call: the lines of both.
    """
    parts = getattr(review, "parts", [review])
    return list(dict.fromkeys(line for part in parts for line in decisions_of(part, clean)))


def decisions_of(review: Review, clean: Clean) -> list[str]:
    found = []
    if review.navigator:
        found.append(
            f"Primary housing navigator: {review.navigator.user.name}, "
            f"{review.navigator.agency.name}"
        )
    if review.eligibility:
        found.append(f"Eligibility: {review.get_eligibility_display().lower()}")
    if review.is_referred or review.referral:
        found.append(with_words(REFERRAL[review.is_referred], review.referral, clean))
    if review.is_exception or review.exception_reason:
        found.append(with_words(EXCEPTION[review.is_exception], review.exception_reason, clean))
    if target := target_words(review, clean):
        found.append(target)
    if review.learned:
        found.append(Said("Learned from the date that passed: ", clean(review.learned)))
    if review.no_step_reason:
        found.append(Said("No step needed: ", clean(review.no_step_reason)))
    return found


def decided_in_a_word(review: Review) -> list[str]:
    """What was decided, without a word that was typed and without a person: for a shared screen."""
    found = []
    if review.eligibility:
        found.append(f"Eligibility: {review.get_eligibility_display().lower()}")
    if review.is_referred or review.referral:
        found.append(REFERRAL[review.is_referred])
    if target := target_words(review, lambda text: ""):
        found.append(target)
    if review.no_step_reason:
        found.append("No step needed")
    return found


def target_words(review: Review, clean: Clean = as_stored) -> str:
    """The target with its date and words; empty without one."""
    if not (review.target_kind or review.target_on or review.target_words):
        return ""
    when = f" by {day_words(review.target_on)}" if review.target_on else f", {NO_DATE}"
    words = f"{review.get_target_kind_display() or 'Target'}{when}"
    return with_words(words, review.target_words, clean)


def with_words(fact: str, typed: str | None, clean: Clean) -> str:
    words = clean(typed) if typed else ""
    return Said(f"{fact}: ", words) if words else fact
