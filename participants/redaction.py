"""Keeps names that may not be shown out of the words that people write.

Notes and steps are free text, and whoever wrote them may have used names: of the household, or of
another one. `Names` holds by which words the people of a continuum are called; a `Cleaner` finds
them in a text, in whatever way they are written (`participants.folding`), and puts the alias, or
WITHHELD for somebody else, in their place.

What counts as a name, from sure to doubtful:

- two parts of one person's name near each other, in any order: also in small letters, unless both
  are ordinary words and one of them holds sentences together ("will may");
- one part alone that is no ordinary word; of somebody else's name one of two letters only where it
  is written as a name is ("Bo", neither "bo" nor "BO");
- one part alone that is an ordinary word: of the household's own name wherever it has a capital; of
  somebody else's where it is a first name, has a capital within a sentence and no other word
  with a capital beside it ("met with Hope about rent").

Ordinary words in small letters stay. So do the names of people whose name the reader may see, of
staff (in full), of agencies, counties and places of the continuum, and aliases.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from operator import add

from .aliases import BIRDS
from .folding import HAS_LONG, LONG, TITLES, Table, is_spaced, long_small, small
from .folding import places as places_of
from .ordinary import FUNCTION, MONTHS_AND_DAYS, POINTING, is_ordinary, several
from .typed_words import Typed, edited, is_known

WITHHELD = "[name withheld]"
STANDS = re.compile(r"\[name withheld(?: \d{1,4})?\]")  # WITHHELD, of one or of several people
ALPHABET = Table(digits_part=True)
LONG_ALPHABET = Table(LONG, digits_part=True)
# What may stand between two parts of one name.
CONNECTING = several(
    """
    de la del las los le les du des da do dos das di della van von der den ten ter vander y e
    i o bin bint ben ibn abu umm al el ul as san santa st mc mac ap nic ni jr sr ii iii iv aka
    fka nee alias called known as dr mr mrs ms mx miss
    """
)
TITLED = several(
    """
    mr mrs ms mx miss dr sr sra senor senora don dona aunt uncle auntie
    """
)
DETERMINERS = several(
    """
    the a an this that these those each every no any some my our their
    """
)
SAID = several(
    """
    called said says told asked went came moved left lives stays wants needs agreed reports
    reported met missed texted signed emailed
    """
)
# Of the field, in capitals: these are no names, whoever is called so.
ACRONYMS = several("ADA SAM SOAR SNAP ARC DOC VASH HUD SSI PAT MAC")
NEGATED = several("don won can haven ain")
CONTRACTED = several("t s d m ll re ve")
# What people write on to a name: “Ibarrafamily”, “MsDelgado”.
AFFIXES = several(
    """
    mr mrs ms miss mx dr sr sra the team los las family familia fam clan house home baby mama
    mom mommy mother papa dad daddy father kid kids child son daughter uncle aunt auntie grandma
    grandpa tia tio client case file house household s es jr
    """
)
# Where names of a family stand first, and the last part is what somebody is called.
FAMILY_FIRST = several(
    "nguyen tran pham huynh hoang phan vo vu dang bui duong ngo le ly ho do dinh truong"
)
GLUED = 5  # letters from which a name is found within a longer word
PIECES = 8  # of one name, at most
DISGUISED = re.compile(r"\b(?:[^\W\d]+[\d|]|[\d|]+[^\W\d])[\w|]*")
PARTED = re.compile(r"[^\w\s][^\W\d]|_|\d[^\w\s]*[^\W\d]")  # a sign within what may be a word
MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]|\|")  # a figure beside a letter
AS_LETTERS = [str.maketrans("01345789|", f"o{each}eastbg{each}") for each in "il"]
ADDRESS = re.compile(r"[@#]\w[\w.\-]*|[\w.+\-]+@|\b(?:www\.|https?://)\S+")
NICKNAME = re.compile(r"[\"“”„«»(‘'’]\s*([^\"“”„«»()‘'’]+?)\s*[\"“”«»)’'](?!\w)")
QUOTES = "\"“”„«»‘’'"
ENDS_SENTENCE = re.compile(r"[.!?:;…•]|\n\s*\n|[\"“„«(\[]$|\n\s*[-–—*•]\s*$")
STOPS = re.compile(r"[.!?;…•|]|\n\s*\n")
IN_PLACES = several("in near around downtown outside at north south east west")
PLACE_BEHIND = several(
    """
    county mn ma wi ia street st avenue ave road rd area police city library hospital
    """
)
ONE_LETTER = several("th ae oe ss ng")  # as þ, æ, œ, ß and ŋ are compared
LATIN_WORD = re.compile("[A-Za-z]+")
APART = re.compile(r"[^\s\-‐‑–—'’ʼ‘`]|\n\s*\n")
BRACKET = re.compile(r"[()\[\]{}\"“”«»]")
HUGGING = re.compile(r"[\d\u200b-\u200f\u2060\ufeff\u00ad]*")
ALIAS_BEHIND = re.compile(r"-\d")
OF_ALIASES = frozenset(each.casefold() for each in BIRDS)
OTHER = object()  # stands for people who are not of the household that a text is about


def letters_of(text):
    """The words of a text without digits, folded but for their case."""
    return text.translate(ALPHABET).split()


def spelled(part):
    """The words that tell of this part of a name: itself, and its plurals."""
    yield part
    yield f"{part}s"
    if part.endswith(("s", "x", "z", "ch", "sh")):
        yield f"{part}es"
    elif part.endswith("y"):
        yield f"{part[:-1]}ies"


def is_common(word):
    """Whether the word, or the one of which it may be the plural, is an ordinary one."""
    return is_ordinary(word) or (word.endswith("s") and is_ordinary(word[:-1]))


class MovedError(ValueError):
    """A name that its writer may not read stood where it would be shown, or hide other words."""


class Names:
    """By which words people are called: added to as names become known, asked for each text."""

    def __init__(self):
        self.keys = []  # of the participant, by number; None once the record holds no name
        self.numbers = {}
        self.bearers = {}  # word → numbers of those who are called so
        self.called = []  # by number: the names, each as a tuple of its parts
        self.literal = {}  # a name without words, such as "A+B" → numbers
        self.nicknames = {}  # number → words by which somebody is called besides
        self.unspaced = {}  # first letter → {word of a script that joins words: numbers}
        self.size = 0

    def add(self, key, name):
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
        for parts in {short, long_parts_of(name) or short}:
            for part in {*parts, *given_within(parts)}:
                self.add_part(part, number)

    def add_part(self, part, number):
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
            if not numbers or numbers[-1] != number:
                numbers.append(number)

    def forget(self, key):
        """Let the participant with this key be called nothing."""
        number = self.numbers.get(key)
        if number is not None:
            self.keys[number] = None


def parts_of(name):
    found = small(" ".join(letters_of(name)))
    return tuple([each for each in found if each not in TITLES] or found)


def long_parts_of(name):
    found = long_small(name, LONG_ALPHABET)
    return found and tuple(each for each in found if each not in TITLES)


def given_of(name):
    """The parts of a name by which somebody may be called alone: the first, and second ones."""
    return (*name[:-1], *name[-1:]) if name[0] in FAMILY_FIRST else name[:-1] or name


def follow(name, words):
    """Whether the words stand beside each other in the name, in this order."""
    return any(name[at : at + 2] == words for at in range(len(name) - 1))


def given_within(parts):
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


def syllables_of(part):
    """Korean letters by syllable: each begins with a leading consonant."""
    found = []
    for letter in part:
        if not found or "\u1100" <= letter <= "\u115f":
            found.append("")
        found[-1] += letter
    return found


@dataclass
class Staying:
    """Words that stay, whoever else is called so: of agencies, counties, places and staff."""

    phrases: dict = field(default_factory=lambda: defaultdict(set))  # first word → rest, as tuples
    towns: set = field(default_factory=set)  # of one word, such as counties
    staff: dict = field(default_factory=lambda: defaultdict(set))  # word → whose

    def add_phrase(self, text):
        words = tuple(small(" ".join(letters_of(text))))
        if len(words) > 1:
            self.phrases[words[0]].add(words[1:])

    def add_town(self, text):
        words = tuple(small(" ".join(letters_of(text))))
        if len(words) == 1:
            self.towns.add(words[0])
        else:
            self.add_phrase(text)

    def add_staff(self, name):
        for word in parts_of(name):
            self.staff[word].add(name)


NOBODY_STAYS = Staying()


@dataclass(frozen=True)
class Mark:
    """That a word goes: for whom (a key of `about`, or OTHER), and of which numbers it tells."""

    whose: object
    numbers: frozenset


class Cleaner:
    """Cleans texts for one reader: `covered` are the keys whose names they may see."""

    def __init__(self, names, covered=frozenset(), staying=NOBODY_STAYS, own_words=None):
        self.names, self.covered, self.staying = names, covered, staying
        self.own_words = own_words or known_of_typed
        self.hidden, self.given = {}, {}

    def hides(self, number):
        key = self.names.keys[number]
        return key is not None and key not in self.covered

    def called_so(self, word):
        """`(numbers whose name this reader may not see, those whose they may, is it a word)`."""
        found = self.hidden.get(word)
        if found is None:
            numbers = self.names.bearers[word]
            hidden = frozenset(filter(self.hides, numbers))
            found = (hidden, frozenset(numbers) - hidden, is_common(word))
            self.hidden[word] = found
        return found

    def is_first_name(self, word, hidden):
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

    def clean(self, text, own=None):
        """Return the text without names. `own`: `{key: what stands for it; None: may be read}`."""
        return self.clean_all([text], own)[0] if text else text

    def clean_all(self, texts, own=None):
        """The texts of one list without names: the same number stands for one person in all."""
        found = self.numbered(texts, own)
        return [replaced(text, spans) for text, spans in zip(texts, found, strict=True)]

    def numbered(self, texts, own=None):
        """The spans of each text, where of several people each is told by a number of their own."""
        found = [self.unknown(text, own) if text else [] for text in texts]
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

    def unknown(self, text, own=None):
        """What goes from the text, but for names that its reader typed there themselves."""
        spans = self.spans(text, own)
        known = self.own_words(text) if spans else None
        return [each for each in spans if not known or not is_known(*each[:2], *known)]

    def spans(self, text, own=None):
        """What goes from the text: `[(start, end, what stands there instead, of whom)]`, in order.

        The last tells one person from another within the text.
        """
        letters = text.translate(ALPHABET)
        low = small(letters)
        cased = letters.split()
        own = {
            self.names.numbers[key]: shown
            for key, shown in (own or {}).items()
            if key in self.names.numbers
        }
        if not self.may_hold_a_name(text, cased, low, own):
            return []
        return Finding(self, text, cased, low, own).found()

    def put_back(self, typed, stored, own=None, beside=()):
        """The typed text with the names that `clean` took out of the stored one it was made from.

        Whoever edits a text reads it without names, and must not take them out by saving. Where
        the writer took out what stood for a name, the name goes. `beside`: other stored texts
        that were shown beside, and may have been taken over whole. Raises MovedError where a
        name would come out that the writer may not read, or other words would go with it.
        """
        texts, _again = self.put_back_all([typed], [stored], own, [[each] for each in beside])
        return texts[0]

    def put_back_all(self, typed, stored, own=None, beside=()):
        """The same for lists: `(texts with the names, as the writer would read what they typed)`.

        What was typed may say another number than the text will from now on: the second gives
        the words that were typed with the numbers of now. Of a list, a text that came back as it
        was shown stands for all that were shown so: none is lost.
        """
        spans = self.numbered(stored, own)
        kept, sources = {}, []
        for text, found in zip(stored, spans, strict=True):
            kept.setdefault(replaced(text or "", found), []).append(text)
        for texts in beside:
            for text, found in zip(texts, self.numbered(texts, own), strict=True):
                shown = replaced(text, found) if found else ""
                if shown and not any(shown in each for each in kept):
                    sources.append((shown, text, found))
        sources.sort(key=lambda each: -len(each[0]))
        result, moved = [], []
        for text in typed:
            if text in kept:
                result += kept[text]
                moved += [None] * len(kept[text])
                continue
            news = placed(text, stored, spans, sources)
            former = (stored[0] if len(stored) == 1 else "") or ""
            put = self.checked(text, news, own) if news else text
            secrets = shifted(news)
            # No name stood on the page but what the writer typed, now or before.
            names = [each[:2] for each in self.spans(put, own)] if former else []
            result.append(edited(put, secrets, former, self.own_words(former), names))
            moved.append((text, news))
        again = [
            replaced(text or "", found) if told is None else shown_again(*told, found)
            for text, told, found in zip(result, moved, self.numbered(result, own), strict=True)
        ]
        return result, again

    def checked(self, typed, news, own):
        """The text with these names, if its reader sees for it what they typed, and nothing else.

        Otherwise a name could be read by moving what stands for it to where it is not found.
        """
        result = replaced(typed, news)
        expected, shift, at = [], 0, 0
        own_words = [each[:2] for each in self.spans(typed, own)]
        for start, end, secret in [*news, (len(typed) + 1, len(typed) + 1, "")]:
            while at < len(own_words) and own_words[at][0] < start:
                expected.append((own_words[at][0] + shift, own_words[at][1] + shift))
                at += 1
            if secret:
                expected.append((start + shift, start + shift + len(secret)))
            shift += len(secret) - (end - start)
        if expected != [each[:2] for each in self.spans(result, own)]:
            raise MovedError
        return result

    def may_hold_a_name(self, text, cased, low, own):
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
                    self.split(word)
                    or self.glued(word, anywhere=has_address)
                    or self.looking(cased[place], word)
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
            self.in_pieces(letters_of(chunk)) for chunk in text.split() if PARTED.search(chunk)
        )

    def in_pieces(self, pieces):
        """`(first, behind the last, of whom)` of pieces that are a name once they are joined."""
        pieces = small(" ".join(pieces))
        for start in range(len(pieces) - 1):
            for end in range(min(len(pieces), start + PIECES), start + 1, -1):
                joined = "".join(pieces[start:end])
                if len(joined) < 4 or joined not in self.names.bearers or is_common(joined):
                    continue
                if end - start > 2 or pieces[start + 1] not in CONTRACTED:
                    return start, end, frozenset(self.names.bearers[joined])
        return None

    def glued(self, word, *, anywhere=False):
        """Of whom a longer word tells that holds a name and, unless `anywhere`, an affix alone."""
        known = self.names.bearers
        for size in range(len(word) - 1, GLUED - 1, -1):
            for start in range(len(word) - size + 1):
                part = word[start : start + size]
                if part in known and not is_common(part):
                    rest = {word[:start], word[start + size :]} - {""}
                    if anywhere or rest <= AFFIXES:
                        return frozenset(known[part])
        return frozenset()

    def looking(self, cased, word):
        """Of whom a word tells in which I and l stand for each other, which look the same."""
        others = {f"i{word[1:]}"} if word[0] == "l" else set()
        if "I" in cased[1:] and not cased.isupper():
            others.add(cased.replace("I", "l").casefold())
        for other in others:
            if other in self.names.bearers and not is_common(other):
                return frozenset(self.names.bearers[other])
        return frozenset()

    def split(self, word, among=None, depth=0):
        """Of whom the word tells, taken as parts of one name written together."""
        known = self.names.bearers
        for cut in range(1, len(word) - 1):
            head, tail = word[:cut], word[cut:]
            if cut == 1:
                numbers = self.with_initial(head, known.get(tail, ()) if len(tail) > 3 else ())
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
                both = self.with_initial(tail, numbers) if len(head) > 3 else both
            if not both and depth < 8 and len(tail) > 3:
                both = self.split(tail, numbers, depth + 1)
            if both and head != tail:
                return both
        if len(word) > 4 and among is None:
            return self.with_initial(word[-1], known.get(word[:-1], ()))
        return frozenset()

    def with_initial(self, letter, numbers):
        """Those of the people one of whose names begins with this letter."""
        return frozenset(
            number
            for number in numbers
            if any(part[0] == letter for name in self.names.called[number] for part in name)
        )


class Finding:
    """The names in one text: marked word by word, then replaced."""

    def __init__(self, cleaner, text, cased, low, own):
        self.cleaner, self.names, self.text = cleaner, cleaner.names, text
        self.cased, self.low, self.own = cased, low, own
        self.is_all_capital = text.isupper()
        self.places = (
            [each.span() for each in LATIN_WORD.finditer(text)]
            if text.isascii()
            else places_of(text, ALPHABET)
        )
        self.marks = {}  # position → Mark
        self.hits = {}  # position → (numbers hidden from this reader, numbers that are not)
        self.strong = set()  # positions at which a name was found that is no ordinary word
        self.kept = set()  # positions of names that this reader may see, or that stay

    def found(self):
        self.find_hits()
        self.find_joined()
        if self.hits:
            self.find_staying()
            self.mark_pairs()
            self.mark_singles()
            self.mark_initials()
        spans = self.spans()
        if not self.text.isascii() and self.names.unspaced:
            spans = self.with_unspaced(spans)
        return [(*span, self.who(*span[:2])) for span in self.with_literal(spans)]

    def who(self, start, end):
        """What tells the person of a span: their number; the words, where several are called so."""
        marks = {
            mark.numbers
            for place, mark in self.marks.items()
            if start <= self.places[place][0] < end
        }
        if len(marks) == 1 and len(*marks) == 1:
            return next(iter(*marks))
        return " ".join(small(self.text[start:end].translate(ALPHABET))) or self.text[start:end]

    # What of a text tells of anybody

    def find_hits(self):
        long = long_small(self.text, LONG_ALPHABET)
        for place, word in enumerate(self.low):
            self.hit(place, word)
            if long and long[place] != word:
                self.hit(place, long[place])

    def hit(self, place, word):
        if word not in self.names.bearers or self.is_negated(place):
            return
        hidden, seen, is_word = self.cleaner.called_so(word)
        if not is_word:
            self.strong.add(place)
        for number, shown in self.own.items():
            if number in hidden or number in seen:
                hidden = hidden - {number} if shown is None else hidden | {number}
                seen = seen | {number} if shown is None else seen - {number}
        if place in self.hits:
            former = self.hits[place]
            hidden, seen = hidden | former[0], seen | former[1]
        self.hits[place] = (hidden, seen)

    def to_hide(self, mine):
        return frozenset(each for each in mine if self.own[each] is not None)

    def to_show(self, mine):
        return frozenset(each for each in mine if self.own[each] is None)

    def is_negated(self, place):
        """Whether the word is the first half of "don’t" and its like."""
        if self.low[place] not in NEGATED or self.low[place + 1 : place + 2] != ["t"]:
            return False
        if not self.gap(place).isspace():
            return not BRACKET.search(self.gap(place)) or self.gap(place) in QUOTES
        is_pointed = self.text[self.places[place + 1][1] :][:1] == "."
        is_capital = self.cased[place + 1].isupper() and self.cased[place][:1].isupper()
        return not is_capital or (self.cased[place].isupper() and not is_pointed)

    def find_joined(self):
        """Names written in one word, or in two where the record has one."""
        known, cleaner = self.names.bearers, self.cleaner
        addresses = []
        if "@" in self.text or "#" in self.text or "www" in self.low or "http" in self.low:
            addresses = [each.span() for each in ADDRESS.finditer(self.text)]
        low = self.low
        for place, word in enumerate(low):
            if len(word) > 3 and word not in known and not is_ordinary(word):
                start = self.places[place][0]
                anywhere = any(one <= start < other for one, other in addresses)
                numbers = (
                    cleaner.split(word)
                    or cleaner.glued(word, anywhere=anywhere)
                    or cleaner.looking(self.cased[place], word)
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
            found = cleaner.in_pieces(self.low[start:end])
            while found:
                first, last, numbers = found
                self.found_strong(range(start + first, start + last), numbers)
                start += last
                found = cleaner.in_pieces(self.low[start:end])
        self.find_disguised()
        for start, end in single_letters(self.low):
            joined = "".join(self.low[start:end])
            numbers = frozenset(known.get(joined, ())) or self.cleaner.split(joined)
            self.found_strong(range(start, end), numbers)

    def found_strong(self, places, numbers):
        mine = frozenset(self.own) & numbers
        hidden = frozenset(filter(self.cleaner.hides, numbers)) | self.to_hide(mine)
        hidden -= self.to_show(mine)
        if not hidden or self.to_show(mine):
            return
        mark = Mark(self.whose(hidden), hidden)
        for place in places:
            self.marks[place] = mark
            self.hits[place] = (hidden, self.hits.get(place, ((), frozenset()))[1])
            self.strong.add(place)

    def unparted(self):
        """Runs of words between which no blank stands."""
        start = 0
        if not PARTED.search(self.text):
            return
        for place in range(1, len(self.low) + 1):
            gap = " " if place == len(self.low) else self.gap(place - 1)
            is_end = gap == " " or any(map(str.isspace, gap))
            if is_end and place - start > 1:
                yield start, place
            start = place if is_end else start

    def find_disguised(self):
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

    def reach(self, places, span):
        """Let the words reach from where the span begins to where it ends."""
        if places and places[0] in self.marks:
            self.places[places[0]] = (span[0], self.places[places[0]][1])
            self.places[places[-1]] = (self.places[places[-1]][0], span[1])

    def may_be_piece(self, place):
        word, cased = self.low[place], self.cased[place]
        return not is_ordinary(word) or (cased[:1].isupper() and word not in FUNCTION)

    # What stays

    def find_staying(self):
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

    def is_place(self, place):
        """Whether the name of a town stands for the town: always, unless it is a first name."""
        hidden = self.hits[place][0]
        if not self.cleaner.is_first_name(self.low[place], hidden):
            return True
        before = self.low[place - 1] if place else ""
        after = self.low[place + 1] if place + 1 < len(self.low) else ""
        return before in IN_PLACES or after in PLACE_BEHIND

    # What goes

    def near(self, places):
        """Pairs of these positions, with nothing but a few names between."""
        for index, one in enumerate(places):
            for other in places[index + 1 :]:
                if other - one > 4 or not self.is_connected(one, other):
                    break
                yield one, other

    def is_connected(self, one, other):
        between = range(one + 1, other)
        if len([each for each in between if self.low[each] not in CONNECTING]) > 2:
            return False
        for place in between:
            word, cased = self.low[place], self.cased[place]
            is_name = cased[:1].isupper() and word not in FUNCTION
            if len(word) > 1 and word not in CONNECTING and not is_name:
                return False
        for place in range(one, other):
            gap = self.gap(place)
            if STOPS.search(gap) and not (gap.startswith(".") and self.may_be_cut(place)):
                return False
        return True

    def may_be_cut(self, place):
        """Whether a point behind the word need not end a sentence: an initial, or a title."""
        word = self.low[place]
        return len(word) == 1 or word in CONNECTING or len(self.gap(place)) == 1

    def gap(self, place):
        """What stands between this word and the next."""
        return self.text[self.places[place][1] : self.places[place + 1][0]]

    def mark_pairs(self):
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
                    if former is None or former.whose is not mark.whose:
                        self.marks[place] = mark

    def is_name_written(self, one, other, numbers):
        """Whether the two words, parts of one name, are written as a name is."""
        words = (self.low[one], self.low[other])
        if words[0] == words[1]:
            return False
        if {one, other} <= self.strong:
            return True
        is_next = other == one + 1
        is_own = not numbers.isdisjoint(self.own)
        # Where all letters are capitals, they tell nothing of whether a word is a name.
        capital = [self.cased[each][0].isupper() for each in (one, other)]
        if self.is_all_capital and not is_own:
            capital = [False, False]
        if one in self.strong or other in self.strong:
            common = 1 if one in self.strong else 0
            return capital[common] or (is_next and words[common] not in FUNCTION)
        if all(capital):
            return True
        called = [name for number in numbers for name in self.names.called[number]]
        if self.is_all_capital and not is_own:
            return self.is_in_capitals(one, other, words, called)
        if not is_next or not FUNCTION.isdisjoint(words):
            return False
        return any(capital) or is_own or any(name == words for name in called)

    def is_in_capitals(self, one, other, words, called):
        """The same of two ordinary words where all letters are capitals: by their order alone."""
        if not POINTING.isdisjoint(words):
            return False
        between = self.low[one + 1 : other]
        if any(len(each) > 1 for each in between) or other - one > 2:
            return False
        if any(follow(name, words) for name in called):
            return True
        # “YOUNG, HOPE”: behind a comma, or of words that hold no sentence together.
        return FUNCTION.isdisjoint(words) and any(follow(name, words[::-1]) for name in called)

    def whose(self, numbers):
        """The own household of whom the numbers tell, or OTHER."""
        return next((each for each in sorted(numbers) if each in self.own), OTHER)

    def mark_singles(self):
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

    def is_own_written(self, place):
        """Whether an ordinary word that is part of the household's name stands for it here."""
        if not self.cased[place][:1].isupper():
            return False
        return self.low[place] not in POINTING or not self.begins_sentence(place)

    def is_strong_written(self, place):
        cased = self.cased[place]
        if len(cased) > 2:
            return True
        return cased[:1].isupper() and (not cased.isupper() or self.is_all_capital)

    def is_first_name_written(self, place, hidden):
        """Whether an ordinary word, part of somebody else's name, stands for them here."""
        word, cased = self.low[place], self.cased[place]
        before = self.low[place - 1] if place else ""
        if not cased[:1].isupper() or (cased.isupper() and not self.is_all_capital):
            return False
        if before in TITLED and self.cased[place - 1][:1].isupper():
            return True
        if word in MONTHS_AND_DAYS:
            return False
        for beside in (place - 1, place + 1):
            if self.is_pointed_initial(beside) and self.cleaner.with_initial(
                self.low[beside], hidden
            ):
                return True
        if not self.cleaner.is_first_name(word, hidden):
            return False
        after = self.low[place + 1] if place + 1 < len(self.low) else ""
        if self.is_all_capital:
            return word not in FUNCTION and after in SAID and self.begins_sentence(place)
        if self.is_quoted(place) and word not in FUNCTION:
            return True
        if self.begins_sentence(place):
            return word not in POINTING and after in SAID
        if before in DETERMINERS or before in IN_PLACES or len(word) < 3:
            return False
        beside = [each for each in (place - 1, place + 1) if 0 <= each < len(self.low)]
        return not any(
            self.cased[each][:1].isupper()
            and self.low[each] not in FUNCTION
            and not STOPS.search(self.gap(min(each, place)))
            and not (each < place and self.begins_sentence(each))
            for each in beside
        )

    def is_quoted(self, place):
        """Whether the word stands in quotes or parentheses by itself."""
        start, end = self.places[place]
        return (
            (
                self.text[start - 1 : start] in (*QUOTES, "(")
                and self.text[end : end + 1] in (*QUOTES, ")")
            )
            if start
            else False
        )

    def is_pointed_initial(self, place):
        return (
            0 <= place < len(self.low)
            and len(self.low[place]) == 1
            and self.cased[place].isupper()
            and self.text[self.places[place][1] :][:1] == "."
        )

    def begins_sentence(self, place):
        return place == 0 or bool(ENDS_SENTENCE.search(self.gap(place - 1)))

    def mark_initials(self):
        """An initial beside a name that goes, goes with it: "J. Whitcombe"."""
        for place, mark in list(self.marks.items()):
            for beside in (place - 1, place + 1):
                if beside in self.marks or not 0 <= beside < len(self.low):
                    continue
                if self.is_initial(beside, self.gap(min(place, beside)), mark.numbers):
                    self.marks[beside] = mark

    def is_initial(self, place, gap, numbers):
        letter = self.low[place]
        if 1 < len(letter) < 4 and self.cased[place].isupper() and not self.is_all_capital:
            # “MG Delgado”
            return gap == " " and all(self.cleaner.with_initial(each, numbers) for each in letter)
        if len(letter) != 1 or not self.cleaner.with_initial(letter, numbers):
            return False
        if len(gap) == 1 and not gap.isspace():
            return letter != "s"
        has_point = self.text[self.places[place][1] :][:1] == "."
        if letter in "ia" and not has_point:
            return False
        return self.cased[place].isupper() and not re.search(r"[!?;\n]", gap)

    # Putting something else in its place

    def spans(self):
        """`[(start, end, what stands there instead)]`, in order, one for words of one name."""
        found, last = [], None
        for place in sorted(self.marks):
            mark = self.marks[place]
            start, end = self.places[place]
            end = HUGGING.match(self.text, end).end()
            shown = WITHHELD if mark.whose is OTHER else self.own[mark.whose]
            is_joined = (
                last is not None and place == last[0] + 1 and self.is_one_name(last, mark, place)
            )
            if is_joined:
                found[-1] = (found[-1][0], end, found[-1][2])
            else:
                found.append((start, end, shown))
            last = (place, mark)
        return found

    def is_one_name(self, last, mark, place):
        """Whether this word and the one before it stand for one person: nothing parts them."""
        apart = BRACKET if mark is last[1] else APART
        return mark.whose is last[1].whose and not apart.search(self.gap(place - 1))

    def with_literal(self, spans):
        """The spans, and those of names that hold no word."""
        for name, numbers in self.names.literal.items():
            shown = self.shown_for(frozenset(numbers))
            place = self.text.find(name) if shown is not None else -1
            while place >= 0:
                end = place + len(name)
                if all(end <= former[0] or former[1] <= place for former in spans):
                    spans.append((place, end, shown))
                place = self.text.find(name, end)
        return sorted(spans)

    def shown_for(self, numbers):
        """What stands for people who are all called so; None if this reader may see the name."""
        mine = numbers & self.own.keys()
        hidden = frozenset(filter(self.cleaner.hides, numbers)) | self.to_hide(mine)
        if not hidden or self.to_show(mine):
            return None
        whose = self.whose(hidden)
        return WITHHELD if whose is OTHER else self.own[whose]

    # Scripts that join words

    def with_unspaced(self, spans):
        """The spans, and those of names in scripts whose letters join what follows."""
        stream = [
            (each, start, end)
            for word, (start, end) in zip(self.low, self.places, strict=True)
            if not is_spaced(word)
            for each, start, end in letters_within(self.text, start, end)
        ]
        folded = "".join(each for each, _start, _end in stream)
        place = 0
        while place < len(folded):
            found = self.longest_at(folded, place)
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

    def longest_at(self, folded, place):
        """`(length, what stands for it)` of the longest hidden name that begins here, or None."""
        of_letter = self.names.unspaced.get(folded[place])
        if not of_letter:
            return None
        for part in sorted(of_letter, key=len, reverse=True):
            if folded.startswith(part, place):
                shown = self.shown_for(frozenset(of_letter[part]))
                if shown is not None:
                    return len(part), shown
        return None


def letters_within(text, start, end):
    """Each letter as it is compared, with the place in the text from which it comes."""
    found = []
    for place in range(start, end):
        folded = ALPHABET[ord(text[place])].casefold()
        if not folded and found:
            found[-1] = (*found[-1][:2], place + 1)
        found.extend((each, place, place + 1) for each in folded if not each.isspace())
    return found


def single_letters(low):
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


def replaced(text, spans):
    for start, end, shown in reversed(spans):
        text = f"{text[:start]}{shown}{text[end:]}"
    return text


def placed(typed, stored, spans, sources):
    """Where in `typed` which name belongs: `[(start, end, name)]`, in order.

    `sources`: `(as it was shown, as it is stored, spans)` of texts that may stand in it whole.
    """
    news, taken = [], []
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
    mine, secrets = [], defaultdict(list)  # what stands for somebody → `(name, what is around it)`
    for text, found in zip(stored, spans, strict=True):
        for before, after, (start, end, stands) in around(text, found):
            secrets[stands].append((text[start:end], before, after))
    for stands, known in secrets.items():
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
    found = []
    for start, end, secret in sorted(news):
        if not found or found[-1][1] <= start:
            found.append((start, end, secret))
    return found


def shifted(news):
    """Where the names stand in the text in which they were put back."""
    found, shift = [], 0
    for start, end, secret in news:
        found.append((start + shift, start + shift + len(secret)))
        shift += len(secret) - (end - start)
    return found


def known_of_typed(text):
    """Which spans of a text its reader typed, and which they saw: of one just typed only."""
    return (text.typed, text.saw) if isinstance(text, Typed) else None


def shown_again(typed, news, spans):
    """What was typed, where what stood for names stands with the numbers of the text of now."""
    stands, shift, moved = {start: shown for start, _end, shown in spans}, 0, []
    for start, end, secret in news:
        moved.append((start, end, stands.get(start + shift, secret)))
        shift += len(secret) - (end - start)
    return replaced(typed, moved)


def around(text, spans):
    """Each span with what is shown before and behind it."""
    shown, begins, last = replaced(text, spans), 0, 0
    for start, end, stands in spans:
        begins += start - last
        yield shown[:begins], shown[begins + len(stands) :], (start, end, stands)
        begins, last = begins + len(stands), end


def likeliest(known, before, after):
    """Of one person's names that of which the words around are most like these.

    Those of its sentence first: a sentence may have been moved.
    """

    def likeness(each):
        _name, left, right = each
        lefts, rights = (left[::-1], before[::-1]), (right, after)
        within = [
            alike_for(*[STOPS.split(text, maxsplit=1)[0] for text in side])
            for side in (lefts, rights)
        ]
        return sum(within), alike_for(*lefts) + alike_for(*rights)

    return max(known, key=likeness)[0]


def alike_for(one, other):
    """How many letters the two begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def of_own(typed, stored, spans, alias):
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


def alike(standing, one, other):
    """Which of what `standing` finds in the one text is which of the other: pairs of numbers."""
    word = re.compile(rf"{standing.pattern}|\w+|\W")
    sides = [[each[0] for each in word.finditer(text)] for text in (one, other)]
    numbers = []
    for side in sides:
        order = [place for place, each in enumerate(side) if standing.fullmatch(each)]
        numbers.append({place: number for number, place in enumerate(order)})
    for start, at, length in SequenceMatcher(None, *sides, autojunk=False).get_matching_blocks():
        for step in range(length):
            if start + step in numbers[0]:
                yield numbers[0][start + step], numbers[1][at + step]


def cleaner_of(removals, staying):
    """A `Cleaner` of the names of these records alone (`retention.Removal`)."""
    names = Names()
    for removal in removals:
        for name in filter(None, (removal.name or "").split("\n")):
            names.add(removal.key, name)
    return Cleaner(names, staying=staying)


def without_name(text, name, alias):
    """Return `text` with the names, a line each, and their parts replaced by the alias."""
    if not text or not name:
        return text
    names = Names()
    for each in name.split("\n"):
        names.add("own", each)
    return Cleaner(names).clean(text, {"own": alias})


__all__ = [
    "STANDS",
    "WITHHELD",
    "Cleaner",
    "MovedError",
    "Names",
    "Staying",
    "cleaner_of",
    "without_name",
]
