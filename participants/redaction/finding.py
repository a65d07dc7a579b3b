"""Finds the names in one text, and says what stands for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..folding import long_small, small
from ..ordinary import is_ordinary
from ..typed_words import Span
from .joined import glued, in_pieces, looking, single_letters, split
from .unspaced import with_unspaced
from .vocabulary import (
    ACRONYMS,
    ADDRESS,
    ALIAS_BEHIND,
    ALPHABET,
    APART,
    AS_LETTERS,
    BRACKET,
    DISGUISED,
    HUGGING,
    LONG_ALPHABET,
    MIXED,
    OF_ALIASES,
    OTHER,
    WITHHELD,
    Shown,
    Withheld,
    is_common,
)
from .writing import Writing

if TYPE_CHECKING:
    from .cleaner import Cleaner


@dataclass(frozen=True)
class Mark:
    """That a word goes: for whom (a number, or OTHER), and of which numbers it tells."""

    whose: int
    numbers: frozenset[int]


class Finding(Writing):
    """The names in one text: marked word by word, then replaced."""

    def __init__(
        self,
        cleaner: "Cleaner",
        text: str,
        cased: list[str],
        low: list[str],
        own: dict[int, str | None],
    ) -> None:
        super().__init__(cleaner, text, cased, low, own)
        self.marks: dict[int, Mark] = {}  # by position
        self.kept: set[int] = set()  # positions of names that this reader may see, or that stay

    def found(self) -> list[Withheld]:
        self.find_hits()
        self.find_joined()
        if self.hits:
            self.find_staying()
            self.mark_pairs()
            self.mark_singles()
            self.mark_initials()
            self.mark_addresses()
        spans = self.spans()
        if not self.text.isascii() and self.names.unspaced:
            spans = with_unspaced(self, spans)
        return [(*span, self.who(*span[:2])) for span in self.with_literal(spans)]

    def who(self, start: int, end: int) -> int | str:
        """What tells the person of a span: their number; the words, where several are called so."""
        marks = {
            mark.numbers
            for place, mark in self.marks.items()
            if start <= self.places[place][0] < end
        }
        if len(marks) == 1 and len(*marks) == 1:
            return next(iter(*marks))
        return " ".join(small(self.text[start:end].translate(ALPHABET))) or self.text[start:end]

    def find_hits(self) -> None:
        long = long_small(self.text, LONG_ALPHABET)
        for place, word in enumerate(self.low):
            self.hit(place, word)
            if long and long[place] != word:
                self.hit(place, long[place])

    def hit(self, place: int, word: str) -> None:
        if word not in self.names.bearers or self.is_negated(place):
            return
        hidden, seen, is_word = self.cleaner.called_so(word)
        if not is_word:
            self.strong.add(place)
        for number in self.own:
            if number in hidden or number in seen:
                is_shown = self.is_shown(number, word)
                hidden = hidden - {number} if is_shown else hidden | {number}
                seen = seen | {number} if is_shown else seen - {number}
        if place in self.hits:
            former = self.hits[place]
            hidden, seen = hidden | former[0], seen | former[1]
        self.hits[place] = (hidden, seen)

    def is_shown(self, number: int, word: str | None = None) -> bool:
        """Whether the own household's name may be read; if its reader typed it, this word of it."""
        if self.own[number] is not None:
            return False
        return not self.cleaner.is_typed(number) or not self.cleaner.hides(number, word)

    def to_hide(self, mine: Iterable[int], word: str | None = None) -> frozenset[int]:
        return frozenset(each for each in mine if not self.is_shown(each, word))

    def to_show(self, mine: Iterable[int], word: str | None = None) -> frozenset[int]:
        return frozenset(each for each in mine if self.is_shown(each, word))

    def find_joined(self) -> None:
        """Names written in one word, or in two where the record has one."""
        known = self.names.bearers
        addresses = []
        if "@" in self.text or "#" in self.text or "www" in self.low or "http" in self.low:
            addresses = [each.span() for each in ADDRESS.finditer(self.text)]
        low = self.low
        for place, word in enumerate(low):
            if len(word) > 3 and word not in known and not is_ordinary(word):
                start = self.places[place][0]
                anywhere = any(one <= start < other for one, other in addresses)
                numbers = (
                    split(self.names, word)
                    or glued(self.names, word, anywhere=anywhere)
                    or looking(self.names, self.cased[place], word)
                )
                self.found_strong([place], numbers)
            if place + 1 == len(low) or low[place + 1] == "s":
                continue
            if (joined := word + low[place + 1]) in known and not is_common(joined):
                both = [place, place + 1]
                if all(self.may_be_piece(each) for each in both):
                    self.found_strong(both, frozenset(known[joined]))
            if place + 2 == len(low) or (joined := joined + low[place + 2]) not in known:
                continue
            three = range(place, place + 3)
            if not is_common(joined) and not all(is_ordinary(low[each]) for each in three):
                self.found_strong(three, frozenset(known[joined]))
        for start, end in self.unparted():
            found = in_pieces(self.names, self.low[start:end])
            while found:
                first, last, numbers = found
                self.found_strong(range(start + first, start + last), numbers)
                start += last
                found = in_pieces(self.names, self.low[start:end])
        self.find_disguised()
        for start, end in single_letters(self.low):
            joined = "".join(self.low[start:end])
            numbers = frozenset(known.get(joined, ())) or split(self.names, joined)
            self.found_strong(range(start, end), numbers)

    def found_strong(self, places: Iterable[int], numbers: frozenset[int]) -> None:
        mine = frozenset(self.own) & numbers
        hidden = frozenset(filter(self.cleaner.hides, numbers)) | self.to_hide(mine)
        hidden -= self.to_show(mine)
        if not hidden or self.to_show(mine):
            return
        mark = Mark(self.whose(hidden), hidden)
        for place in places:
            self.marks[place] = mark
            self.hits[place] = (hidden, self.hits[place][1] if place in self.hits else frozenset())
            self.strong.add(place)

    def find_disguised(self) -> None:
        """Names in which a figure stands for the letter that it looks like."""
        for found in DISGUISED.finditer(self.text) if MIXED.search(self.text) else ():
            for letters in AS_LETTERS if len(found[0]) > 3 else ():
                words = small(found[0].translate(letters).translate(ALPHABET))
                word = words[0] if len(words) == 1 else ""
                if word in self.names.bearers and not is_common(word):
                    of = [
                        place
                        for place, (start, end) in enumerate(self.places)
                        if found.start() <= start and end <= found.end()
                    ]
                    self.found_strong(of, frozenset(self.names.bearers[word]))
                    self.reach(of, found.span())

    def reach(self, places: Sequence[int], span: Span) -> None:
        """Let the words reach from where the span begins to where it ends."""
        if places and places[0] in self.marks:
            self.places[places[0]] = (span[0], self.places[places[0]][1])
            self.places[places[-1]] = (self.places[places[-1]][0], span[1])

    def find_staying(self) -> None:
        staying = self.cleaner.staying
        for place, word in enumerate(self.low):
            for rest in staying.phrases.get(word, ()):
                if tuple(self.low[place + 1 : place + 1 + len(rest)]) == rest:
                    self.kept.update(range(place, place + 1 + len(rest)))
            if word in OF_ALIASES and ALIAS_BEHIND.match(self.text, self.places[place][1]):
                self.kept.add(place)
            if word in staying.towns and place in self.hits and self.is_place(place):
                self.kept.add(place)
            if self.cased[place] in ACRONYMS and not self.is_all_capital:
                self.kept.add(place)
        staff = [place for place, word in enumerate(self.low) if word in staying.staff]
        for one, other in self.near(staff):
            of_one = staying.staff[self.low[one]]
            if self.low[one] != self.low[other] and of_one & staying.staff[self.low[other]]:
                self.kept.update((one, other))

    def mark_pairs(self) -> None:
        """Two parts of one name near each other: what is seen in full stays, the rest goes."""
        found = list(self.near(sorted(self.hits)))
        for one, other in found:
            seen = self.hits[one][1] & self.hits[other][1]
            if seen and self.is_name_written(one, other, seen):
                self.kept.update((one, other))
                if any(self.own.get(each, 0) is None for each in seen):
                    self.hits[one] = (frozenset(), self.hits[one][1])
                    self.hits[other] = (frozenset(), self.hits[other][1])
        for one, other in found:
            hidden = self.hits[one][0] & self.hits[other][0]
            if any(
                each in self.hits and hidden & self.hits[each][0] for each in range(one + 1, other)
            ):
                continue
            if hidden and self.is_name_written(one, other, hidden):
                mark = Mark(self.whose(hidden), hidden)
                for place in range(one, other + 1):
                    former = self.marks.get(place)
                    if former is None or former.whose != mark.whose:
                        self.marks[place] = mark

    def whose(self, numbers: Iterable[int]) -> int:
        """The own household of whom the numbers tell, if something stands for it, or OTHER."""
        return next((each for each in sorted(numbers) if self.own.get(each) is not None), OTHER)

    def mark_singles(self) -> None:
        for place, (hidden, seen) in self.hits.items():
            if place in self.marks or not hidden:
                continue
            mine = hidden & self.own.keys()
            if mine:
                if place in self.strong or self.is_own_written(place):
                    self.marks[place] = Mark(self.whose(mine), frozenset(mine))
            elif place not in self.kept and not any(self.own.get(each, 0) is None for each in seen):
                is_shown = (
                    self.is_strong_written(place)
                    if place in self.strong
                    else self.is_first_name_written(place, hidden)
                )
                if is_shown:
                    self.marks[place] = Mark(OTHER, hidden)

    def mark_addresses(self) -> None:
        """An address or account that holds a name goes whole, but for the domain."""
        if "@" not in self.text and "#" not in self.text:
            return
        for found in ADDRESS.finditer(self.text):
            start, end = found.span()
            if found[0].startswith(("www", "http")):
                continue
            within = [
                place
                for place, (one, other) in enumerate(self.places)
                if start <= one and other <= end
            ]
            marks = [self.marks[place] for place in within if place in self.marks]
            if marks:
                for place in within:
                    self.marks[place] = marks[0]
                first, last = found[0][0] in "@#", found[0][-1] == "@"
                self.reach(within, (start + first, end - last))

    def mark_initials(self) -> None:
        """An initial beside a name that goes, goes with it: "J. Whitcombe"."""
        for place, mark in list(self.marks.items()):
            for beside in (place - 1, place + 1):
                if beside in self.marks or not 0 <= beside < len(self.low):
                    continue
                if self.is_initial(beside, self.gap(min(place, beside)), mark.numbers):
                    self.marks[beside] = mark

    def spans(self) -> list[Shown]:
        """`[(start, end, what stands there instead)]`, in order, one for words of one name."""
        found: list[Shown] = []
        last: tuple[int, Mark] | None = None
        for place in sorted(self.marks):
            mark = self.marks[place]
            start, end = self.places[place]
            if hugging := HUGGING.match(self.text, end):
                end = hugging.end()
            shown = self.stands_for(mark.whose)
            is_joined = (
                last is not None and place == last[0] + 1 and self.is_one_name(last, mark, place)
            )
            if is_joined:
                found[-1] = (found[-1][0], end, found[-1][2])
            else:
                found.append((start, end, shown))
            last = (place, mark)
        return found

    def is_one_name(self, last: tuple[int, Mark], mark: Mark, place: int) -> bool:
        """Whether this word and the one before it stand for one person: nothing parts them."""
        apart = BRACKET if mark is last[1] else APART
        return mark.whose == last[1].whose and not apart.search(self.gap(place - 1))

    def with_literal(self, spans: list[Shown]) -> list[Shown]:
        """The spans, and those of names that hold no word."""
        for name, numbers in self.names.literal.items():
            shown = self.shown_for(frozenset(numbers), name)
            place = self.text.find(name)
            while shown is not None and place >= 0:
                end = place + len(name)
                if all(end <= former[0] or former[1] <= place for former in spans):
                    spans.append((place, end, shown))
                place = self.text.find(name, end)
        return sorted(spans)

    def shown_for(self, numbers: frozenset[int], word: str) -> str | None:
        """What stands for people who are all called so; None if this reader may see the name."""
        mine = numbers & self.own.keys()
        hidden = frozenset(each for each in numbers if self.cleaner.hides(each, word))
        hidden |= self.to_hide(mine, word)
        if not hidden or self.to_show(mine, word):
            return None
        return self.stands_for(self.whose(hidden))

    def stands_for(self, whose: int) -> str:
        stands = self.own.get(whose)
        return WITHHELD if stands is None else stands
