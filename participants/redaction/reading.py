"""How the words of a text stand: what is between them, what begins a sentence, what is quoted."""

from collections.abc import Iterator, Sequence

from ..folding import places as places_of
from ..ordinary import FUNCTION, is_ordinary
from .vocabulary import (
    ALPHABET,
    BRACKET,
    CONNECTING,
    ENDS_SENTENCE,
    KIN,
    LATIN_WORD,
    NEGATED,
    PARTED,
    QUOTES,
    STOPS,
)


class Reading:
    """A text as its words stand in it, before it is asked of whom they tell."""

    def __init__(self, text: str, cased: list[str], low: list[str]) -> None:
        self.text, self.cased, self.low = text, cased, low
        self.is_all_capital = text.isupper()
        self.places = (
            [each.span() for each in LATIN_WORD.finditer(text)]
            if text.isascii()
            else places_of(text, ALPHABET)
        )

    def gap(self, place: int) -> str:
        """What stands between this word and the next."""
        return self.text[self.places[place][1] : self.places[place + 1][0]]

    def near(self, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of these positions, with nothing but a few names between."""
        for index, one in enumerate(places):
            for other in places[index + 1 :]:
                if other - one > 4 or not self.is_connected(one, other):
                    break
                yield one, other

    def is_connected(self, one: int, other: int) -> bool:
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

    def may_be_cut(self, place: int) -> bool:
        """Whether a point behind the word need not end a sentence: an initial, or a title."""
        word = self.low[place]
        return len(word) == 1 or word in CONNECTING or len(self.gap(place)) == 1

    def unparted(self) -> Iterator[tuple[int, int]]:
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

    def is_negated(self, place: int) -> bool:
        """Whether the word is the first half of "don’t" and its like."""
        if self.low[place] not in NEGATED or self.low[place + 1 : place + 2] != ["t"]:
            return False
        if not self.gap(place).isspace():
            return not BRACKET.search(self.gap(place)) or self.gap(place) in QUOTES
        is_pointed = self.text[self.places[place + 1][1] :][:1] == "."
        is_capital = self.cased[place + 1].isupper() and self.cased[place][:1].isupper()
        return not is_capital or (self.cased[place].isupper() and not is_pointed)

    def may_be_piece(self, place: int) -> bool:
        word, cased = self.low[place], self.cased[place]
        return not is_ordinary(word) or (cased[:1].isupper() and word not in FUNCTION)

    def is_quoted(self, place: int) -> bool:
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

    def is_pointed_initial(self, place: int) -> bool:
        return (
            0 <= place < len(self.low)
            and len(self.low[place]) == 1
            and self.cased[place].isupper()
            and self.text[self.places[place][1] :][:1] == "."
        )

    def is_initial_beside(self, place: int, name: int) -> bool:
        """Whether a capital letter there stands for a first name: “H. Young”, “H Young”."""
        if self.is_pointed_initial(place):
            return True
        return (
            0 <= place == name - 1
            and len(self.low[place]) == 1
            and self.cased[place].isupper()
            and self.low[place] not in "ai"
            and self.gap(place) == " "
        )

    def is_told_of(self, place: int) -> bool:
        """Whether what follows tells of somebody: “Hope’s voucher”, “Hope and her son”."""
        after, then = [*self.low[place + 1 : place + 3], "", ""][:2]
        if after == "s":
            return not self.gap(place).isspace() and self.low[place] not in FUNCTION
        return after == "and" and then in KIN and self.low[place] not in FUNCTION

    def begins_sentence(self, place: int) -> bool:
        return place == 0 or bool(ENDS_SENTENCE.search(self.gap(place - 1)))
