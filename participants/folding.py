"""One way in which names, and words that may be names, are compared: everywhere the same.

People write a name as the keyboard lets them: in capitals, without marks, with a plain letter for
one that the keyboard has not, with another apostrophe or hyphen, with letters that only look the
same. Folded, all of these are one. Folded text is for comparing, never for showing: marks that tell
vowels in scripts such as Burmese stay, those that Arabic and Hebrew leave out as a rule go.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

# Letters that have no form without their mark, or none by which Unicode knows it.
PLAIN = {
    **dict(zip("đðłøıħŧəɛɔɩʋĸŀƞ", "ddloihteeoivkln", strict=True)),
    **{"ß": "ss", "ẞ": "SS", "æ": "ae", "þ": "th", "œ": "oe", "ŋ": "ng", "ĳ": "ij", "ʒ": "z"},
    **dict(zip("ĐÐŁØƏƐƆĦŦĿ", "DDLOEEOHTL", strict=True)),
    **{"Æ": "AE", "Þ": "TH", "Œ": "OE", "Ŋ": "NG"},
    # Arabic as it is written in haste, and by Persian and Urdu keyboards.
    **{"ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ک": "ك"},
}
# The other way in which people write such a letter where they have not got it.
LONG = {
    **{"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ə": "a", "ŋ": "n", "ð": "th"},
    **{"đ": "dj", "æ": "a", "œ": "o", "ñ": "ny", "ş": "sh", "š": "sh", "ç": "ch", "č": "ch"},
    **{"ž": "zh", "ý": "i"},
}
LONG |= {letter.upper(): plain.capitalize() for letter, plain in LONG.items()}
# What Unicode calls a letter, and people type for an apostrophe.
APOSTROPHES = frozenset("ʹʺʻʼʽʾʿˈˊˋ˴ꞌꞋՙ՚ߴߵᐟᑊ")
BETWEEN_LETTERS = re.compile(f"(?<=\\w)[{''.join(APOSTROPHES)}'’‘‛`´＇′.](?=\\w)")
DRAWN = re.compile("((?:.* )?LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])")
# Letters that show nothing: fillers, and the line that lengthens an Arabic word.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u0640")
# Letters of Cyrillic, Greek and Armenian that look like Latin ones.
LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝкмтвнαορυνικτβεζημχօսհոզց",
    "aeopcyxijsdhlqwkmtbhaopyviktbezhmxouhnqg",
)
# Where words in these scripts stand apart, a name is a word; elsewhere letters join what follows.
SPACED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "CHEROKEE", "COPTIC", "GLAGOLITIC")
# Behind or before a name, but no part of it.
TITLES = frozenset({"jr", "sr", "ii", "iii", "phd", "dr", "mr", "mrs", "ms", "mx", "aka", "fka"})


class Table(dict[int, str]):
    """For `str.translate`: each character as it is compared, case kept, found when first asked."""

    def __init__(
        self, first: Mapping[str, str] | None = None, *, digits_part: bool = False
    ) -> None:
        super().__init__()
        self.first, self.digits_part = dict(first or {}), digits_part

    def __missing__(self, point: int) -> str:
        folded = self.of(chr(point))
        if self.digits_part:
            folded = without_digits(folded)
        self[point] = folded
        return folded

    def of(self, character: str) -> str:
        if character in self.first:
            return self.first[character]
        if character in PLAIN:
            return PLAIN[character]
        if character in UNSEEN:
            return ""
        return "".join(map(plain_letter, unicodedata.normalize("NFKD", character)))


@lru_cache(maxsize=4096)
def plain_letter(character: str) -> str:
    """A letter or digit of a decomposed text as it is compared; what parts words is a blank."""
    if character in PLAIN:
        return PLAIN[character]
    if character in APOSTROPHES:
        return " "
    kind = unicodedata.category(character)
    if character in UNSEEN or kind == "Cf" or (kind == "Cc" and not character.isspace()):
        return ""
    if kind == "Me":  # a ring or a box around the letter before
        return ""
    if kind[0] == "M":
        return "" if is_left_out(character) else character
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind[0] == "L":
        return hiragana(without_stroke(character))
    return DRAWN.sub(r"\2", unicodedata.name(character, "")) if is_drawn(character) else " "


def is_drawn(character: str) -> bool:
    """Whether a symbol is a letter in a box, or one of a flag's."""
    return DRAWN.fullmatch(unicodedata.name(character, "")) is not None


def is_left_out(mark: str) -> bool:
    """Whether people write the word without this mark as well.

    So with accents, points of Hebrew and Arabic, and what chooses between forms of one letter;
    not with the vowels and tones of Thai, Burmese and the scripts of India.
    """
    order = unicodedata.combining(mark)
    if order == 0:
        return "VARIATION SELECTOR" in unicodedata.name(mark, "")
    return order in (1, 7) or 10 <= order <= 36 or order >= 200


def without_stroke(letter: str) -> str:
    """The letter of which Unicode says that this is one with a stroke, hook, bar or the like."""
    name = unicodedata.name(letter, "")
    if name.startswith("LATIN LETTER SMALL CAPITAL ") and len(name) == 28:
        return name[-1].lower()
    base, _with, more = name.partition(" WITH ")
    if not more or not base.startswith(("LATIN", "CYRILLIC")):
        return letter
    try:
        return unicodedata.lookup(base)
    except KeyError:
        return letter


def hiragana(letter: str) -> str:
    return chr(ord(letter) - 0x60) if "\u30a1" <= letter <= "\u30f6" else letter


TABLE = Table()
LONG_TABLE = Table(LONG)
HAS_LONG = re.compile(f"[{''.join(LONG)}]")


def cased(text: str) -> str:
    """The text folded but for its case: letters and digits; blanks for all that parts words."""
    return text.translate(TABLE)


def fold(text: str) -> str:
    """The text as it is compared: its words folded, one blank between them."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The words of a text, folded; everything that is no letter, mark or digit parts them."""
    return small(cased(text))


def words_closed(text: str) -> list[str]:
    """The words of a text of which apostrophes and points are no end: O’Brien is obrien."""
    return words(BETWEEN_LETTERS.sub("", text))


def small(text: str) -> list[str]:
    """The words of a text that is folded but for its case."""
    found = text.casefold().split()
    if not text.isascii():
        found = [each if each.isascii() else as_it_looks(each) for each in found]
    return found


def long_words(text: str) -> list[str] | None:
    """The words in the other way of writing ö, ø, å and their like; None where there is none.

    They stand one for one for those of `words`.
    """
    return long_small(text, LONG_TABLE)


def long_small(text: str, table: Table) -> list[str] | None:
    if text.isascii():
        return None
    text = unicodedata.normalize("NFC", text)
    return small(text.translate(table)) if HAS_LONG.search(text) else None


@lru_cache(maxsize=4096)
def as_it_looks(word: str) -> str:
    """A Latin word in which letters of other scripts stand for theirs, as a Latin word."""
    plain = word.translate(LOOK_ALIKE)
    return plain if plain.isascii() and not word.isdigit() and has_latin(word) else word


def has_latin(word: str) -> bool:
    return any("a" <= letter <= "z" for letter in word)


def parts(name: str) -> list[str]:
    """The parts of a name as they are compared, in their order: nicknames too, no titles."""
    found = [each for each in words(without_digits(name)) if each not in TITLES]
    return found or words(without_digits(name))


def without_digits(text: str) -> str:
    return "".join(" " if letter.isdigit() else letter for letter in text)


@lru_cache(maxsize=4096)
def is_spaced(word: str) -> bool:
    """Whether words in the script of this one stand apart from each other."""
    letters = [letter for letter in word if letter.isalpha()]
    return all(unicodedata.name(letter, "").startswith(SPACED) for letter in letters)


def places(text: str, table: Table = TABLE) -> list[tuple[int, int]]:
    """Where each of the words of `text` stands in it: `[(start, end)]`, one for one."""
    found, start, end = [], None, 0
    for place, letter in enumerate(text):
        folded = table[ord(letter)]
        if not folded:
            # An accent, or a character that shows nothing, belongs to the word before it.
            end = place + 1 if start is not None else end
            continue
        for each in folded:
            if not each.isspace():
                start = place if start is None else start
                end = place + 1
            elif start is not None:
                found.append((start, end))
                start = None
    if start is not None:
        found.append((start, end))
    return found
