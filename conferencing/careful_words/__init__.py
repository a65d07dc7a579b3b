"""Finds words in a note that do not belong in a shared review, before it is accepted.

For everybody it is a quiet hint, and the writer decides. Where the household belongs to a
victim service provider, what could tell where they are is refused (34 USC 12291(b)(2)). The
rules stand in `rules.py`. They help a careful writer in a hurry; they do not find everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .rule import Kind, Rule
from .rules import RULES

__all__ = ["Hint", "Kind", "hints"]

SAME = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ`´", "'"),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("\t\u00a0\u2007\u2009\u202f", " "),
    }
)


@dataclass(frozen=True)
class Hint:
    """What was found, from `start` up to `end` of the text, and what to tell its writer."""

    kind: Kind
    words: str
    start: int
    end: int
    is_refused: bool


def hints(text: str, *, is_confidential: bool) -> list[Hint]:
    """Return the hints on `text`, in its order; those of one kind never overlap.

    `is_confidential`: the household is a victim service provider's, so that their whereabouts
    are looked for too, and refused. A text with a refused hint must not be kept.
    """
    typed, places = squeezed(text.translate(SAME))
    small = in_small_letters(typed)
    found = [
        Hint(rule.kind, rule.words, places[start], places[end - 1] + 1, is_refused(rule))
        for rule in RULES
        if is_confidential or not is_refused(rule)
        for start, end in rule.spans(small, typed)
    ]
    return joined_where_they_meet(found)


def is_refused(rule: Rule) -> bool:
    return rule.kind is Kind.WHEREABOUTS


def squeezed(text: str) -> tuple[str, Sequence[int]]:
    """The text with one blank for several, and where each of its characters was."""
    if "  " not in text:
        return text, range(len(text))
    places = [
        place
        for place, character in enumerate(text)
        if character != " " or text[place - 1 : place] != " "
    ]
    return "".join(text[place] for place in places), places


def in_small_letters(text: str) -> str:
    """The text in small letters, each character where it was."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def joined_where_they_meet(found: Iterable[Hint]) -> list[Hint]:
    """Hints of one kind that overlap become one, with the words of the first."""
    joined: dict[Kind, list[Hint]] = {}
    for hint in sorted(found, key=lambda each: (each.start, -each.end)):
        of_kind = joined.setdefault(hint.kind, [])
        if of_kind and hint.start < of_kind[-1].end:
            last = of_kind.pop()
            end = max(last.end, hint.end)
            hint = Hint(last.kind, last.words, last.start, end, last.is_refused)
        of_kind.append(hint)
    order = list(Kind)
    return sorted(
        (hint for of_kind in joined.values() for hint in of_kind),
        key=lambda each: (each.start, each.end, order.index(each.kind)),
    )
