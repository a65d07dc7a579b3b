"""Which parts of a text its writer typed, and which they saw while they typed.

Whoever types a name and reads it back as “[name withheld]” has learned that it is on file. So
people read their own words as they typed them, wherever anybody else does not. Parts are spans,
`[(start, end)]` in order: what a person *typed*, and what they *saw* of the text when they saved
it. A name shows where its writer typed some of it and saw the rest.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Self, TypedDict

Span = tuple[int, int]
Spans = list[Span]
Known = tuple[Spans, Spans]  # what somebody typed, and what they saw
Same = tuple[int, int, int]
TOKEN = re.compile(r"\w+|\W")
LONGEST = 3_000  # words that are compared one by one


class Kept(TypedDict):
    """What a `Typed` is made of again in another process."""

    typed: Spans
    saw: Spans
    former: str | None


class Typed(str):
    """A text as somebody just left it: `typed` and `saw` are spans, `former` what it was before."""

    __slots__ = ("former", "saw", "typed")
    typed: Spans
    saw: Spans
    former: str | None

    def __new__(cls, text: str, *, typed: "Spans", saw: "Spans", former: str | None = None) -> Self:
        words = super().__new__(cls, text)
        words.typed, words.saw, words.former = typed, saw, former
        return words

    @property
    def brings_names(self) -> bool:
        """Whether more was put back for its writer than stood in what the text was before."""
        former = self.former or ""
        names = [self[start:end] for start, end in complement(self.saw, len(self))]
        return any(self.count(name) > former.count(name) for name in names)

    @property
    def written(self) -> str:
        """What its writer saw of it when they saved it."""
        return "".join(self[start:end] for start, end in self.saw)

    def __getnewargs_ex__(self) -> tuple[tuple[str], "Kept"]:
        return (str(self),), {"typed": self.typed, "saw": self.saw, "former": self.former}


def edited(
    text: str,
    secrets: Iterable[Span],
    former: str = "",
    known: Known | None = None,
    names: Iterable[Span] = (),
) -> Typed:
    """The text as `Typed` by who turned `former` into it; `secrets`: spans that were put back.

    `known`: `(typed, saw)` of the same person in the former text; None for nothing. `names`: spans
    that were on the page as this person typed them, as far as they are no secrets.
    """
    saw = complement(secrets, len(text))
    if not former:
        return Typed(text, typed=saw, saw=saw, former=former)
    same = matching(former, text)
    typed = common(complement([(at, at + size) for _, at, size in same], len(text)), saw)
    typed = united(typed, common(moved(known[0], same), saw) if known else [])
    typed = united(typed, common(names, saw))
    return Typed(text, typed=typed, saw=saw, former=former)


def is_known(start: int, end: int, typed: Spans, saw: Spans) -> bool:
    """Whether a name there is the person's own: typed by them, and no part of it hidden."""
    return any(one <= start and end <= other for one, other in saw) and any(
        one < end and start < other for one, other in typed
    )


def matching(one: str, other: str) -> list[Same]:
    """What stands in both texts, in the same order: `[(place in one, in other, length)]`."""
    sides: list[list[str]] = [TOKEN.findall(text) for text in (one, other)]
    short = min(map(len, sides))
    ahead = next((at for at in range(short) if sides[0][at] != sides[1][at]), short)
    behind = 0
    while behind < short - ahead and sides[0][-1 - behind] == sides[1][-1 - behind]:
        behind += 1
    middle = [side[ahead : len(side) - behind] for side in sides]
    blocks = [(0, 0, ahead)]
    if max(map(len, middle)) <= LONGEST:
        found = SequenceMatcher(None, middle[0], middle[1], autojunk=False).get_matching_blocks()
        blocks += [(a + ahead, b + ahead, size) for a, b, size in found]
    blocks.append((len(sides[0]) - behind, len(sides[1]) - behind, behind))
    begins = [[0, *accumulate(map(len, side))] for side in sides]
    return [
        (begins[0][a], begins[1][b], begins[0][a + size] - begins[0][a])
        for a, b, size in blocks
        if size
    ]


def moved(spans: Spans, same: Iterable[Same]) -> Spans:
    """The spans of the one text where they stand in the other, as far as they are in both."""
    found: Spans = []
    for start, at, size in same:
        kept = common(spans, [(start, start + size)])
        found += [(one - start + at, other - start + at) for one, other in kept]
    return united(found, [])


def complement(spans: Iterable[Span], length: int) -> Spans:
    found: Spans = []
    at = 0
    for start, end in united(spans, []):
        if at < start:
            found.append((at, start))
        at = end
    return [*found, (at, length)] if at < length else found


def common(ones: Iterable[Span], others: Iterable[Span]) -> Spans:
    found = [(max(one[0], other[0]), min(one[1], other[1])) for one in ones for other in others]
    return sorted(each for each in found if each[0] < each[1])


def united(ones: Iterable[Span], others: Iterable[Span]) -> Spans:
    found: Spans = []
    for start, end in sorted((one, other) for one, other in (*ones, *others)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


__all__ = ["Typed", "edited", "is_known", "matching", "moved"]
