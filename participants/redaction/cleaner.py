"""Takes out of a text, for one reader, the names that they may not see, and puts them back."""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from itertools import cycle
from operator import add
from typing import TYPE_CHECKING, TypeVar

from vault.blind import exact

from ..folding import HAS_LONG, small
from ..ordinary import FUNCTION, POINTING, is_ordinary
from ..typed_words import Known, Span, Typed, common, complement, edited, is_known
from .finding import Finding
from .joined import glued, in_pieces, looking, single_letters, split
from .names import NOBODY_STAYS, Names, Staying, given_of, words_of
from .putting_back import Source, placed, replaced, shifted, shown_again
from .vocabulary import (
    ALPHABET,
    MIXED,
    PARTED,
    SAID,
    STANDS,
    WITHHELD,
    Shown,
    Withheld,
    is_common,
    letters_of,
)

if TYPE_CHECKING:
    from ..retention import Removal

Own = Mapping[str, str | None]  # key of a household → what stands for it; None: may be read
OwnWordsOf = Callable[[str], Known | None]
Called = tuple[frozenset[int], frozenset[int], bool]
Told = tuple[bytes, object]  # the place of a text, and of whom it tells
Text = TypeVar("Text", str, str | None)
LETTER = re.compile(r"[^\W\d_]")


class MovedError(ValueError):
    """A name that its writer may not read stood where it would be shown, or hide other words.

    `unknown`: what was typed as if it stood for somebody, and stands for nobody there.
    """

    def __init__(self, unknown: str = "") -> None:
        self.unknown = unknown


class Cleaner:
    """Cleans texts for one reader: `covered` are the keys whose names they may see.

    `typed`: `{key: the name that this reader typed}`: that one they may see, and no other by which
    the same person is or was called. `reader`: bytes that tell this reader from others. `key`:
    under which of the ring's keys, the newest first, what stands for names in fields is made.
    """

    def __init__(
        self,
        names: Names,
        covered: Container[str] = frozenset(),
        staying: Staying = NOBODY_STAYS,
        own_words: OwnWordsOf | None = None,
        reader: bytes = b"",
        key: int = 0,
        typed: Mapping[str, str | None] | None = None,
    ) -> None:
        self.names, self.covered, self.staying = names, covered, staying
        self.own_words, self.reader, self.key = own_words or known_of_typed, reader, key
        self.typed = typed or {}
        self.typed_words: dict[int, frozenset[str]] = {}
        self.hidden: dict[str, Called] = {}
        self.given: dict[tuple[str, frozenset[int]], bool] = {}

    def hides(self, number: int, word: str | None = None) -> bool:
        """Whether this reader may not see the person's name; of one they typed, not this word."""
        key = self.names.keys[number]
        if key is None or key in self.covered:
            return False
        return not (key in self.typed and word is not None and word in self.words_typed(number))

    def is_typed(self, number: int) -> bool:
        """Whether this reader may see but one name of the person: the one that they typed."""
        key = self.names.keys[number]
        return key in self.typed and key not in self.covered

    def words_typed(self, number: int) -> frozenset[str]:
        found = self.typed_words.get(number)
        if found is None:
            name = self.typed.get(self.names.keys[number] or "")
            found = self.typed_words[number] = words_of(name) if name else frozenset()
        return found

    def called_so(self, word: str) -> Called:
        """`(numbers whose name this reader may not see, those whose they may, is it a word)`."""
        found = self.hidden.get(word)
        if found is None:
            numbers = self.names.bearers[word]
            hidden = frozenset(each for each in numbers if self.hides(each, word))
            found = (hidden, frozenset(numbers) - hidden, is_common(word))
            self.hidden[word] = found
        return found

    def is_first_name(self, word: str, hidden: frozenset[int]) -> bool:
        """Whether one of these people has the word as a given name, or as a nickname."""
        found = self.given.get((word, hidden))
        if found is None:
            names = self.names
            found = self.given[word, hidden] = any(
                word in given_of(name) or word in names.nicknames.get(number, ())
                for number in hidden
                for name in names.called[number]
            )
        return found

    def clean(self, text: Text, own: Own | None = None) -> Text:
        """Return the text without names. `own`: `{key: what stands for it; None: may be read}`."""
        return self.clean_all([text], own)[0] if text else text

    def clean_all(self, texts: Sequence[str], own: Own | None = None) -> list[str]:
        """The texts of one list without names: the same number stands for one person in all."""
        found = self.numbered(texts, own)
        return [replaced(text, spans) for text, spans in zip(texts, found, strict=True)]

    def numbered(self, texts: Sequence[str], own: Own | None = None) -> list[list[Shown]]:
        """The spans of each text, where of several people each is told by a number of their own."""
        found = [self.told_apart(text, self.unknown(text, own)) if text else [] for text in texts]
        people = dict.fromkeys(span[3] for spans in found for span in spans if span[2] == WITHHELD)
        written = {each[0] for text in texts if text for each in STANDS.finditer(text)}
        free = [WITHHELD] if len(people) == 1 and WITHHELD not in written else []
        number = 0
        while len(free) < len(people):
            number += 1
            one = f"{WITHHELD[:-1]} {number}]"
            free += [] if one in written else [one]
        stands = dict(zip(people, free, strict=True))
        return [
            [
                (start, end, stands[who] if shown == WITHHELD else shown)
                for start, end, shown, who in spans
            ]
            for spans in found
        ]

    def to_edit(
        self, texts: Sequence[str | None], own: Own | None = None, place: bytes | None = None
    ) -> list[str]:
        """The texts of one list as they stand in a field: what stands for a name tells whose."""
        found, _marks = self.marked(texts, own, place)
        return [replaced(text or "", spans) for text, spans in zip(texts, found, strict=True)]

    def marked(
        self, texts: Sequence[str | None], own: Own | None = None, place: bytes | None = None
    ) -> tuple[list[list[Shown]], dict[str, object]]:
        """The spans of each text, where each person is told by a mark that nobody else has.

        The mark is a number made of who reads, where the text is stored, and of whom it tells. It
        stays the same while the text changes, so that what somebody typed over an older one, or
        took over from another, still tells whom it means. `place`: of a text that is not stored.
        Returns the spans, and `{mark: of whom}`.
        """
        found = [self.unknown(text, own) if text else [] for text in texts]
        people = {
            (self.place_of(text, place), span[3])
            for text, spans in zip(texts, found, strict=True)
            for span in spans
            if span[2] == WITHHELD
        }
        written = {each[0] for text in texts if text for each in STANDS.finditer(text)}
        marks = self.marks_of(people, written)
        spans = [
            [
                (
                    start,
                    end,
                    marks[self.place_of(text, place), who] if shown == WITHHELD else shown,
                )
                for start, end, shown, who in spans
            ]
            for text, spans in zip(texts, found, strict=True)
        ]
        return spans, {mark: who for (_place, who), mark in marks.items()}

    def place_of(self, text: str | None, place: bytes | None) -> bytes:
        return getattr(text, "place", None) or place or b""

    def marks_of(self, people: Set[Told], written: Container[str]) -> dict[Told, str]:
        """`{(place, who): mark}`; of those who would share one, each gets another."""
        marks: dict[Told, str] = {}
        round_ = 0
        while len(marks) < len(people):
            found = defaultdict[str, list[Told]](list)
            for place, who in people - marks.keys():
                told = self.names.keys[who] if isinstance(who, int) else who
                number = exact(
                    "withheld", self.reader, place, str(told).encode(), bytes([round_ % 256])
                )[self.key]
                stands = f"{WITHHELD[:-1]} {1000 + int.from_bytes(number[-4:], 'big') % 9000}]"
                found[stands].append((place, who))
            free = {each: who for each, who in found.items() if each not in written}
            taken = set(marks.values())
            marks |= {
                who[0]: each for each, who in free.items() if len(who) == 1 and each not in taken
            }
            round_ += 1
        return marks

    def unknown(self, text: str, own: Own | None = None) -> list[Withheld]:
        """What goes from the text, but for names that its reader typed there themselves.

        Where they typed a part of a name beside one that they do not see, that one alone goes, and
        stands for whom it would stand for without what they typed.
        """
        spans = self.spans(text, own)
        known = self.own_words(text) if spans else None
        if not known:
            return spans
        typed, saw = known
        unseen, found = complement(saw, len(text)), []
        guesses = common([each[:2] for each in spans], typed)
        alone = self.spans(called_nobody(text, guesses), own) if guesses else spans
        for start, end, shown, who in spans:
            hidden = common([(start, end)], unseen)
            if hidden and common([(start, end)], guesses):
                found += [(*each, shown, who_at(each, alone, who)) for each in hidden]
            elif not is_known(start, end, typed, saw):
                found.append((start, end, shown, who))
        return found

    def told_apart(self, text: str, spans: list[Withheld]) -> list[Withheld]:
        """The spans, of which no two say that they are the same person where the reader wrote.

        Should anything of theirs be withheld from them, no number of somebody else's tells it.
        """
        known = self.own_words(text) if spans else None
        return [(*each[:3], object()) for each in spans] if known and known[0] else spans

    def spans(self, text: str, own: Own | None = None) -> list[Withheld]:
        """What goes from the text: `[(start, end, what stands there instead, of whom)]`, in order.

        The last tells one person from another within the text.
        """
        letters = text.translate(ALPHABET)
        low = small(letters)
        cased = letters.split()
        numbered = {
            self.names.numbers[key]: shown
            for key, shown in (own or {}).items()
            if key in self.names.numbers
        }
        if not self.may_hold_a_name(text, cased, low, numbered):
            return []
        return Finding(self, text, cased, low, numbered).found()

    def put_back(
        self, typed: str, stored: str | None, own: Own | None = None, beside: Iterable[str] = ()
    ) -> str:
        """The typed text with the names that `to_edit` took out of the stored one it was made from.

        Whoever edits a text reads it without names, and must not take them out by saving. Where
        the writer took out what stood for a name, the name goes. `beside`: other stored texts
        that were shown beside, and may have been taken over whole. Raises MovedError where a
        name would come out that the writer may not read, or other words would go with it.
        """
        texts, _again = self.put_back_all([typed], [stored], own, [[each] for each in beside])
        return texts[0]

    def put_back_all(
        self,
        typed: Sequence[str],
        stored: Sequence[str | None],
        own: Own | None = None,
        beside: Iterable[Sequence[str | None]] = (),
        place: bytes | None = None,
    ) -> tuple[list[str], list[str]]:
        """The same for lists: `(texts with the names, as the writer would read what they typed)`.

        What was taken over from another text says another number than it will from now on: the
        second gives the words that were typed with the numbers of now. Of a list, a text that came
        back as it was shown stands for all that were shown so: none is lost. `place`: where the
        typed texts will be stored, if nothing stands there yet.
        """
        place = next(filter(None, (getattr(each, "place", None) for each in stored)), place)
        spans, meant = self.marked(stored, own, place)
        kept: dict[str, list[str]] = {}
        sources: list[Source] = []
        unclear: set[str] = set()
        for text, found in zip(stored, spans, strict=True):
            kept.setdefault(replaced(text or "", found), []).append(text or "")
        for texts in beside:
            all_found, also = self.marked(texts, own)
            unclear |= {mark for mark, who in also.items() if meant.get(mark, who) != who}
            meant |= also
            for text, found in zip(texts, all_found, strict=True):
                shown = replaced(text, found) if text and found else ""
                if text and shown and not any(shown in each for each in kept):
                    sources.append((shown, text, found))
        sources.sort(key=lambda each: -len(each[0]))
        result: list[str] = []
        moved: list[tuple[str, list[Shown]] | None] = []
        for text in typed:
            if text in kept:
                result += kept[text]
                moved += [None] * len(kept[text])
                continue
            news = placed(text, [each or "" for each in stored], spans, sources, unclear)
            self.check_all_placed(text, stored, news)
            former = (stored[0] if len(stored) == 1 else "") or ""
            put = self.checked(text, news, own) if news else text
            secrets = shifted(news)
            # No name stood on the page but what the writer typed, now or before.
            names = [each[:2] for each in self.spans(put, own)] if former else []
            result.append(edited(put, secrets, former, self.own_words(former), names))
            moved.append((text, news))
        again = [
            replaced(text, found) if told is None else shown_again(*told, found)
            for text, told, found in zip(
                result, moved, self.marked(result, own, place)[0], strict=True
            )
        ]
        return result, again

    def check_all_placed(
        self, typed: str, stored: Sequence[str | None], news: Iterable[Shown]
    ) -> None:
        """Refuse what was typed as if it stood for somebody, where it stands for nobody.

        It would be kept as it is, and the name be lost that it stood for.
        """
        placed_at = {start for start, _end, _name in news}
        written = {each[0] for text in stored if text for each in STANDS.finditer(text)}
        for each in STANDS.finditer(typed):
            if each.start() not in placed_at and each[0] not in written:
                raise MovedError(each[0])

    def checked(self, typed: str, news: list[Shown], own: Own | None) -> str:
        """The text with these names, if none of them could be read where it stands now.

        What its writer typed beside has no say in that: names among it are looked at as words that
        nobody is called by. So nobody learns from a refusal whether they guessed one.
        """
        result, secrets = replaced(typed, news), shifted(news)
        spans = [each[:2] for each in self.spans(result, own)]
        guesses = common(spans, complement(secrets, len(result)))
        alone = [each[:2] for each in self.spans(called_nobody(result, guesses), own)]
        for found in (spans, alone):
            bare = common(complement(found, len(result)), secrets)
            if any(LETTER.search(result[start:end]) for start, end in bare):
                raise MovedError
        return result

    def may_hold_a_name(
        self, text: str, cased: list[str], low: list[str], own: Mapping[int, str | None]
    ) -> bool:
        """Whether the text must be looked at closely: quick, for most hold nothing but words."""
        known = self.names.bearers
        if not text.isascii() and (self.names.unspaced or HAS_LONG.search(text)):
            return True
        if any(each in text for each in self.names.literal):
            return True
        has_address = "@" in text or "#" in text or "www" in low or "http" in text
        last = last_big = -2
        for place, word in enumerate(low):
            if word in known:
                if word in FUNCTION:
                    # "He" and "Will" begin sentences; with another part beside them they name.
                    if own and not own.keys().isdisjoint(known[word]):
                        return True
                    if cased[place][0].isupper():
                        after = low[place + 1 : place + 2]
                        is_telling = after and (after[0] in SAID or len(after[0]) == 1)
                        if last_big == place - 1 or (
                            word not in POINTING and (place or is_telling)
                        ):
                            return True
                        last_big = place
                elif cased[place][0].isupper() or not self.called_so(word)[2] or last == place - 1:
                    return True
                else:
                    last = place
            elif (
                len(word) > 3
                and not is_ordinary(word)
                and (
                    split(self.names, word)
                    or glued(self.names, word, anywhere=has_address)
                    or looking(self.names, cased[place], word)
                )
            ):
                return True
        if MIXED.search(text):
            return True
        joined = list(map(add, low, low[1:]))
        joined += map(add, joined, low[2:])
        if not known.keys().isdisjoint(joined) and any(
            each in known and not is_common(each) for each in joined
        ):
            return True
        if any(single_letters(low)):
            return True
        return bool(PARTED.search(text)) and any(
            in_pieces(self.names, letters_of(chunk))
            for chunk in text.split()
            if PARTED.search(chunk)
        )


def called_nobody(text: str, spans: Iterable[Span]) -> str:
    """The text with words of the same shape, by which nobody is called, in these places."""
    letters = cycle("qz")

    def other(letter: re.Match[str]) -> str:
        return next(letters) if letter[0].islower() else next(letters).upper()

    return replaced(text, [(*each, LETTER.sub(other, text[slice(*each)])) for each in spans])


def who_at(place: Span, spans: Iterable[Withheld], otherwise: object) -> object:
    """Of whom the span at the place tells."""
    return next((each[3] for each in spans if common([place], [each[:2]])), otherwise)


def known_of_typed(text: str) -> Known | None:
    """Which spans of a text its reader typed, and which they saw: of one just typed only."""
    return (text.typed, text.saw) if isinstance(text, Typed) else None


def cleaner_of(removals: Iterable["Removal"], staying: Staying) -> Cleaner:
    """A `Cleaner` of the names of these records alone (`retention.Removal`)."""
    names = Names()
    for removal in removals:
        for name in filter(None, (removal.name or "").split("\n")):
            names.add(removal.key, name)
    return Cleaner(names, staying=staying)


def without_name(text: Text, name: str | None, alias: str) -> Text:
    """Return `text` with the names, a line each, and their parts replaced by the alias."""
    if not text or not name:
        return text
    names = Names()
    for each in name.split("\n"):
        names.add("own", each)
    return Cleaner(names).clean(text, {"own": alias})
