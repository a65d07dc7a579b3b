"""Where in an edited text the names belong that its writer read as withheld."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from ..typed_words import Span
from .vocabulary import STANDS, STOPS, Shown

Around = tuple[str, str, str]  # a name, and what is before and behind it
Source = tuple[str, str, Sequence[Shown]]  # a text as it was shown, as it is stored, its spans


def replaced(text: str, spans: Sequence[Shown]) -> str:
    for start, end, shown in reversed(spans):
        text = f"{text[:start]}{shown}{text[end:]}"
    return text


def placed(
    typed: str,
    stored: Sequence[str],
    spans: Sequence[Sequence[Shown]],
    sources: Sequence[Source],
    unclear: Collection[str] = frozenset(),
) -> list[Shown]:
    """Where in `typed` which name belongs: `[(start, end, name)]`, in order.

    `sources`: `(as it was shown, as it is stored, spans)` of texts that may stand in it, whole or
    in parts. `unclear`: what stands for different people in different texts, and so for nobody.
    """
    news: list[Shown] = []
    taken: list[Span] = []
    for shown, text, found in sources:
        at = typed.find(shown)
        while at >= 0:
            end = at + len(shown)
            if all(end <= former[0] or former[1] <= at for former in taken):
                taken.append((at, end))
                begins, last = at, 0
                for start, stop, stands in found:
                    begins += start - last
                    news.append((begins, begins + len(stands), text[start:stop]))
                    begins, last = begins + len(stands), stop
            at = typed.find(shown, end)
    mine: list[Shown] = []
    secrets = defaultdict[str, list[Around]](list)  # by what stands for somebody
    beside = [(text, found) for _shown, text, found in sources]
    for text, found in [*zip(stored, spans, strict=True), *beside]:
        for before, after, (start, end, stands) in around(text, found):
            secrets[stands].append((text[start:end], before, after))
    for stands, known in secrets.items():
        if stands in unclear:
            continue
        if STANDS.fullmatch(stands):
            for each in re.finditer(re.escape(stands), typed):
                around_it = typed[: each.start()], typed[each.end() :]
                mine.append((*each.span(), likeliest(known, *around_it)))
        else:
            for text, found in zip(stored, spans, strict=True):
                if any(span[2] == stands for span in found):
                    mine += of_own(typed, text, found, stands)
    news += [
        each for each in mine if all(each[1] <= one or other <= each[0] for one, other in taken)
    ]
    placed_once: list[Shown] = []
    for start, end, secret in sorted(news):
        if not placed_once or placed_once[-1][1] <= start:
            placed_once.append((start, end, secret))
    return placed_once


def shifted(news: Iterable[Shown]) -> list[Span]:
    """Where the names stand in the text in which they were put back."""
    found, shift = [], 0
    for start, end, secret in news:
        found.append((start + shift, start + shift + len(secret)))
        shift += len(secret) - (end - start)
    return found


def shown_again(typed: str, news: Iterable[Shown], spans: Iterable[Shown]) -> str:
    """What was typed, where what stood for names stands with the numbers of the text of now."""
    stands, shift, moved = {start: shown for start, _end, shown in spans}, 0, []
    for start, end, secret in news:
        moved.append((start, end, stands.get(start + shift, secret)))
        shift += len(secret) - (end - start)
    return replaced(typed, moved)


def around(text: str, spans: Sequence[Shown]) -> Iterator[tuple[str, str, Shown]]:
    """Each span with what is shown before and behind it."""
    shown, begins, last = replaced(text, spans), 0, 0
    for start, end, stands in spans:
        begins += start - last
        yield shown[:begins], shown[begins + len(stands) :], (start, end, stands)
        begins, last = begins + len(stands), end


def likeliest(known: Iterable[Around], before: str, after: str) -> str:
    """Of one person's names that of which the words around are most like these.

    Those of its sentence first: a sentence may have been moved.
    """

    def likeness(each: Around) -> tuple[int, int]:
        _name, left, right = each
        lefts, rights = (left[::-1], before[::-1]), (right, after)
        within = [
            alike_for(*[STOPS.split(text, maxsplit=1)[0] for text in side])
            for side in (lefts, rights)
        ]
        return sum(within), alike_for(*lefts) + alike_for(*rights)

    return max(known, key=likeness)[0]


def alike_for(one: str, other: str) -> int:
    """How many letters the two begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def of_own(typed: str, stored: str, spans: Sequence[Shown], alias: str) -> list[Shown]:
    """Where the household's alias stands for its name as it was written, and which name."""
    standing = re.compile(rf"{re.escape(alias)}(?!\d)")
    names = {len(before): stored[start:end] for before, _, (start, end, _) in around(stored, spans)}
    shown = replaced(stored, spans)
    meant = [names.get(each.start(), each[0]) for each in standing.finditer(shown)]
    found = list(standing.finditer(typed))
    if len(found) == len(meant):
        paired = dict(enumerate(meant))
    else:
        paired = {other: meant[one] for one, other in alike(standing, shown, typed)}
    return [
        (*found[number].span(), name) for number, name in paired.items() if name != found[number][0]
    ]


def alike(standing: re.Pattern[str], one: str, other: str) -> Iterator[tuple[int, int]]:
    """Which of what `standing` finds in the one text is which of the other: pairs of numbers."""
    word = re.compile(rf"{standing.pattern}|\w+|\W")
    sides = [[each[0] for each in word.finditer(text)] for text in (one, other)]
    numbers = []
    for side in sides:
        order = [place for place, each in enumerate(side) if standing.fullmatch(each)]
        numbers.append({place: number for number, place in enumerate(order)})
    for start, at, length in SequenceMatcher(
        None, sides[0], sides[1], autojunk=False
    ).get_matching_blocks():
        for step in range(length):
            if start + step in numbers[0]:
                yield numbers[0][start + step], numbers[1][at + step]
