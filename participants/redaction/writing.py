"""Whether words that are parts of somebody's name are written, in one text, as a name is."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ordinary import FUNCTION, MONTHS_AND_DAYS, POINTING
from .joined import with_initial
from .names import Parts, follow
from .reading import Reading
from .vocabulary import DETERMINERS, IN_PLACES, PLACE_BEHIND, SAID, STOPS, TITLED

if TYPE_CHECKING:
    from .cleaner import Cleaner


class Writing(Reading):
    """A text in which names were found, before it is said which of the words stand for somebody."""

    def __init__(
        self,
        cleaner: "Cleaner",
        text: str,
        cased: list[str],
        low: list[str],
        own: dict[int, str | None],
    ) -> None:
        super().__init__(text, cased, low)
        self.cleaner, self.names, self.own = cleaner, cleaner.names, own
        # Position → (numbers hidden from this reader, numbers that are not).
        self.hits: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
        # Positions at which a name was found that is no ordinary word.
        self.strong: set[int] = set()

    def is_place(self, place: int) -> bool:
        """Whether the name of a town stands for the town, where somebody hidden is called so too.

        The words around it tell. Else whoever names a county after a guess would read the answer.
        """
        if not self.hits[place][0]:
            return True
        before = self.low[place - 1] if place else ""
        after = self.low[place + 1] if place + 1 < len(self.low) else ""
        return before in IN_PLACES or after in PLACE_BEHIND

    def is_name_written(self, one: int, other: int, numbers: frozenset[int]) -> bool:
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
        if any(capital) or is_own:
            return True
        if "," in self.gap(one):
            words = words[::-1]
        return any(words in (name, (name[0], name[-1])) for name in called)

    def is_in_capitals(
        self, one: int, other: int, words: tuple[str, str], called: Sequence[Parts]
    ) -> bool:
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

    def is_own_written(self, place: int) -> bool:
        """Whether an ordinary word that is part of the household's name stands for it here."""
        if not self.cased[place][:1].isupper():
            return False
        return self.low[place] not in POINTING or not self.begins_sentence(place)

    def is_strong_written(self, place: int) -> bool:
        cased = self.cased[place]
        if len(cased) > 2:
            return True
        return cased[:1].isupper() and (not cased.isupper() or self.is_all_capital)

    def is_first_name_written(self, place: int, hidden: frozenset[int]) -> bool:
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
            if self.is_initial_beside(beside, place) and with_initial(
                self.names, self.low[beside], hidden
            ):
                return True
        if not self.cleaner.is_first_name(word, hidden):
            return False
        after = self.low[place + 1] if place + 1 < len(self.low) else ""
        if self.is_all_capital:
            is_subject = after in SAID or self.is_told_of(place)
            return word not in FUNCTION and is_subject and self.begins_sentence(place)
        if self.is_quoted(place) and word not in FUNCTION:
            return True
        if self.begins_sentence(place):
            return word not in POINTING and (after in SAID or self.is_told_of(place))
        if before in DETERMINERS or before in IN_PLACES or len(word) < 3:
            return False
        return not any(
            self.cased[each][:1].isupper()
            and self.low[each] not in FUNCTION
            and not STOPS.search(self.gap(min(each, place)))
            and not (each < place and self.begins_sentence(each))
            for each in (place - 1, place + 1)
            if 0 <= each < len(self.low)
        )

    def is_initial(self, place: int, gap: str, numbers: frozenset[int]) -> bool:
        letter = self.low[place]
        if 1 < len(letter) < 4 and self.cased[place].isupper() and not self.is_all_capital:
            # “MG Delgado”
            return gap == " " and all(with_initial(self.names, each, numbers) for each in letter)
        if len(letter) != 1 or not with_initial(self.names, letter, numbers):
            return False
        if len(gap) == 1 and not gap.isspace():
            return letter != "s" and gap != "@"
        has_point = self.text[self.places[place][1] :][:1] == "."
        if letter in "ia" and not has_point:
            return False
        return self.cased[place].isupper() and not re.search(r"[!?;\n]", gap)
