"""Names in scripts whose letters join what follows: no blank tells where one ends."""

from typing import TYPE_CHECKING

from ..folding import is_spaced
from .vocabulary import ALPHABET, Shown

if TYPE_CHECKING:
    from .finding import Finding


def with_unspaced(finding: "Finding", spans: list[Shown]) -> list[Shown]:
    """The spans, and those of names in scripts whose letters join what follows."""
    stream = [
        (each, start, end)
        for word, (start, end) in zip(finding.low, finding.places, strict=True)
        if not is_spaced(word)
        for each, start, end in letters_within(finding.text, start, end)
    ]
    folded = "".join(each for each, _start, _end in stream)
    place = 0
    while place < len(folded):
        found = longest_at(finding, folded, place)
        if found is None:
            place += 1
            continue
        length, shown = found
        start, end = stream[place][1], stream[place + length - 1][2]
        if spans and spans[-1][2] == shown and 0 <= start - spans[-1][1] <= 1:
            spans[-1] = (spans[-1][0], end, shown)
        else:
            spans.append((start, end, shown))
        place += length
    return sorted(spans)


def longest_at(finding: "Finding", folded: str, place: int) -> tuple[int, str] | None:
    """`(length, what stands for it)` of the longest hidden name that begins here, or None."""
    of_letter = finding.names.unspaced.get(folded[place])
    if not of_letter:
        return None
    for part in sorted(of_letter, key=len, reverse=True):
        if folded.startswith(part, place):
            shown = finding.shown_for(frozenset(of_letter[part]), part)
            if shown is not None:
                return len(part), shown
    return None


def letters_within(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Each letter as it is compared, with the place in the text from which it comes."""
    found: list[tuple[str, int, int]] = []
    for place in range(start, end):
        folded = ALPHABET[ord(text[place])].casefold()
        if not folded and found:
            found[-1] = (*found[-1][:2], place + 1)
        found.extend((each, place, place + 1) for each in folded if not each.isspace())
    return found
