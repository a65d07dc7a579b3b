"""By which words the people of a continuum are called, and which words stay all the same."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..folding import TITLES, is_spaced, long_small, small
from .vocabulary import FAMILY_FIRST, LONG_ALPHABET, NICKNAME, letters_of

Parts = tuple[str, ...]  # of a name, as they are compared


class Names:
    """By which words people are called: added to as names become known, asked for each text."""

    def __init__(self) -> None:
        # Of the participant, by number; None once the record holds no name.
        self.keys: list[str | None] = []
        self.numbers: dict[str, int] = {}
        self.bearers: dict[str, list[int]] = {}  # word → numbers of those who are called so
        self.longest = 0  # letters of the longest of these words
        self.called: list[tuple[Parts, ...]] = []  # by number: the names
        self.literal: dict[str, list[int]] = {}  # a name without words, such as "A+B" → numbers
        # Number → words by which somebody is called besides.
        self.nicknames: dict[int, set[str]] = {}
        # First letter → {word of a script that joins words: numbers}.
        self.unspaced: dict[str, dict[str, list[int]]] = {}
        self.size = 0

    def add(self, key: str, name: str) -> None:
        """Let `name` be one of the participant with this key."""
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.keys)
            self.keys.append(key)
            self.called.append(())
        self.keys[number] = key
        short = parts_of(name)
        if short in self.called[number]:
            return
        if all(len(part) == 1 for part in short) and name.strip():
            self.literal.setdefault(name.strip(), []).append(number)
        self.called[number] += (short,)
        for nickname in NICKNAME.findall(name):
            self.nicknames.setdefault(number, set()).update(parts_of(nickname))
        self.size += 1
        for part in parts_said(name):
            self.add_part(part, number)

    def add_part(self, part: str, number: int) -> None:
        if len(part) == 1 and is_spaced(part):
            return
        if not is_spaced(part):
            if len(part) > 1:
                of_letter = self.unspaced.setdefault(part[0], {})
                numbers = of_letter.setdefault(part, [])
                if number not in numbers:
                    numbers.append(number)
            return
        for word in spelled(part):
            numbers = self.bearers.setdefault(word, [])
            self.longest = max(self.longest, len(word))
            if not numbers or numbers[-1] != number:
                numbers.append(number)

    def forget(self, key: str) -> None:
        """Let the participant with this key be called nothing."""
        number = self.numbers.get(key)
        if number is not None:
            self.keys[number] = None


def parts_said(name: str) -> Iterator[str]:
    """The parts of a name in each way of writing it, and what is said of them alone."""
    short = parts_of(name)
    for parts in {short, long_parts_of(name) or short}:
        yield from {*parts, *given_within(parts)}


def words_of(name: str) -> frozenset[str]:
    """Every word by which a name is found in a text; of one without words, the name itself."""
    found = {name.strip()}
    for part in parts_said(name):
        found.update(spelled(part) if is_spaced(part) else (part,))
    return frozenset(found)


def spelled(part: str) -> Iterator[str]:
    """The words that tell of this part of a name: itself, and its plurals."""
    yield part
    yield f"{part}s"
    if part.endswith(("s", "x", "z", "ch", "sh")):
        yield f"{part}es"
    elif part.endswith("y"):
        yield f"{part[:-1]}ies"


def parts_of(name: str) -> Parts:
    found = small(" ".join(letters_of(name)))
    return tuple([each for each in found if each not in TITLES] or found)


def long_parts_of(name: str) -> Parts | None:
    found = long_small(name, LONG_ALPHABET)
    return tuple(each for each in found if each not in TITLES) if found else None


def given_of(name: Parts) -> Parts:
    """The parts of a name by which somebody may be called alone: the first, and second ones."""
    return (*name[:-1], *name[-1:]) if name[0] in FAMILY_FIRST else name[:-1] or name


def follow(name: Parts, words: Parts) -> bool:
    """Whether the words are two parts of the name in this order: neighbors, or first and last."""
    ends = (name[0], name[-1])
    return ends == words or any(name[at : at + 2] == words for at in range(len(name) - 1))


def given_within(parts: Iterable[str]) -> Iterator[str]:
    """The given name, or names, of somebody whose name is written as one word without blanks.

    Chinese, Japanese and Korean: the family name comes first, and the rest is used alone.
    """
    for part in parts:
        if is_spaced(part):
            continue
        if "\u4e00" <= part[0] <= "\u9fff" and 3 <= len(part) <= 4:
            yield part[1:]
            yield part[2:]
            yield part[:2]
        elif "\u1100" <= part[0] <= "\u11ff":
            syllables = syllables_of(part)
            if len(syllables) == 3:
                yield "".join(syllables[1:])


def syllables_of(part: str) -> list[str]:
    """Korean letters by syllable: each begins with a leading consonant."""
    found: list[str] = []
    for letter in part:
        if not found or "\u1100" <= letter <= "\u115f":
            found.append("")
        found[-1] += letter
    return found


@dataclass
class Staying:
    """Words that stay, whoever else is called so: of agencies, counties, places and staff."""

    phrases: dict[str, set[Parts]] = field(default_factory=lambda: defaultdict(set))  # by the first
    towns: set[str] = field(default_factory=set)  # of one word, such as counties
    staff: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # word → whose

    def add_phrase(self, text: str) -> None:
        words = tuple(small(" ".join(letters_of(text))))
        if len(words) > 1:
            self.phrases[words[0]].add(words[1:])

    def add_town(self, text: str) -> None:
        words = tuple(small(" ".join(letters_of(text))))
        if len(words) == 1:
            self.towns.add(words[0])
        else:
            self.add_phrase(text)

    def add_staff(self, name: str) -> None:
        for word in parts_of(name):
            self.staff[word].add(name)


NOBODY_STAYS = Staying()
