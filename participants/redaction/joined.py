"""Names that are written together, in pieces, or with letters that look like theirs."""

from collections.abc import Iterable, Iterator, Sequence

from ..folding import small
from .names import Names
from .vocabulary import AFFIXES, CONTRACTED, GLUED, ONE_LETTER, PIECES, STRETCHED, is_common


def in_pieces(names: Names, pieces: Sequence[str]) -> tuple[int, int, frozenset[int]] | None:
    """`(first, behind the last, of whom)` of pieces that are a name once they are joined."""
    pieces = small(" ".join(pieces))
    for start in range(len(pieces) - 1):
        for end in range(min(len(pieces), start + PIECES), start + 1, -1):
            joined = "".join(pieces[start:end])
            if len(joined) < 4 or joined not in names.bearers or is_common(joined):
                continue
            if end - start > 2 or pieces[start + 1] not in CONTRACTED:
                return start, end, frozenset(names.bearers[joined])
    return None


def glued(names: Names, word: str, *, anywhere: bool = False) -> frozenset[int]:
    """Of whom a longer word tells that holds a name and, unless `anywhere`, an affix alone."""
    known = names.bearers
    for size in range(min(len(word) - 1, names.longest), GLUED - 1, -1):
        for start in range(len(word) - size + 1):
            part = word[start : start + size]
            if part in known and not is_common(part):
                rest = {word[:start], word[start + size :]} - {""}
                if anywhere or rest <= AFFIXES:
                    return frozenset(known[part])
    return frozenset()


def looking(names: Names, cased: str, word: str) -> frozenset[int]:
    """Of whom a word tells in which I and l stand for each other, or letters are stretched."""
    others = {f"i{word[1:]}"} if word[0] == "l" else set()
    if "I" in cased[1:] and not cased.isupper():
        others.update(small(cased.replace("I", "l")))
    if STRETCHED.search(word):
        others |= {STRETCHED.sub(r"\1", word), STRETCHED.sub(r"\1\1", word)}
    for other in others:
        if other in names.bearers and not is_common(other):
            return frozenset(names.bearers[other])
    return frozenset()


def split(
    names: Names, word: str, among: frozenset[int] | None = None, depth: int = 0
) -> frozenset[int]:
    """Of whom the word tells, taken as parts of one name written together."""
    known = names.bearers
    for cut in range(1, min(len(word) - 1, names.longest + 1)):
        head, tail = word[:cut], word[cut:]
        if cut == 1:
            numbers = with_initial(names, head, known.get(tail, ()) if len(tail) > 3 else ())
        else:
            numbers = frozenset(known.get(head, ()))
        if among is not None:
            numbers &= among
        if not numbers:
            continue
        if cut == 1:
            return numbers
        both = numbers & frozenset(known.get(tail, ()))
        if not both and len(tail) == 1:
            both = with_initial(names, tail, numbers) if len(head) > 3 else both
        if not both and depth < 8 and len(tail) > 3:
            both = split(names, tail, numbers, depth + 1)
        if both and head != tail:
            return both
    if len(word) > 4 and among is None:
        return with_initial(names, word[-1], known.get(word[:-1], ()))
    return frozenset()


def with_initial(names: Names, letter: str, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the people one of whose names begins with this letter."""
    return frozenset(
        number
        for number in numbers
        if any(part[0] == letter for name in names.called[number] for part in name)
    )


def single_letters(low: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of three single letters and more: a name that is spelled out."""
    start = None
    for place in range(len(low) + 1):
        is_single = place < len(low) and (len(low[place]) == 1 or low[place] in ONE_LETTER)
        if is_single and start is None:
            start = place
        elif not is_single:
            if start is not None and place - start > 2:
                yield start, place
            start = None
