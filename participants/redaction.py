"""Keeps a name that may not be shown out of the words written about a household.

Notes and steps are free text, and whoever wrote them may have used the name. A reader whom
no release covers gets the alias there too. A name is found with and without its accents, as
written, in capitals, and in small letters unless it is then a word of every day's English.
"""

import re
import unicodedata
from functools import lru_cache

SHORTEST_PART = 3
BETWEEN_WORDS = re.compile(r"[\s\-’'.,]+")
# Names that in small letters are words: "she will call in may" tells of nobody.
ORDINARY = frozenset(
    re.findall(
        r"\w+",
        """
    able art banks barber bell berry best bill bishop black blue bond brook brooks brown
    buck bush carpenter carter case chance chase church clay cole cook cross dale daisy dawn
    day dean drew duke dusty earl faith farmer fields fisher ford forest fox frank free
    friend gay gene glen gold good grace grant gray green grove guy hall harmony heath hill
    hope hunter iris ivy jack jay joy june king knight lance lane law lee lily long love
    major mark marsh mason may mays melody miles miller misty moon moss north olive page
    park parks patience pearl penny pierce pond poole porter price prince queen ray reed
    rice rich river rivers rob robin rock rose ruby rush rusty sage sandy savage sharp
    shepherd short skip sky smart smith snow son star stone storm strong sue summer swan
    taylor trip van von wade wall ward waters weaver web wells west white will wise wood
    woods young
        """,
    )
)
# Where letters join what follows without a space or a hyphen, a name is one inside a word too:
# Burmese writes particles behind it, Arabic "and" before it.
SPACED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "CHEROKEE")


def forms(name):
    """The name as a whole, and its parts of three letters and more, longest first.

    Of several names, a line each, the forms of all.
    """
    wholes = {each.strip() for each in name.split("\n")}
    parts = [part for part in BETWEEN_WORDS.split(name) if len(part) >= SHORTEST_PART]
    return sorted({*wholes, *parts} - {""}, key=len, reverse=True)


def plain(text):
    """The text without the marks above and below its Latin, Greek and Cyrillic letters."""
    kept = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", kept)


def spellings(part):
    """The ways in which people write this name or part of one."""
    small = part.lower()
    large = part[:1].upper() + part[1:]
    ways = {part, plain(part), large, plain(large), part.upper(), plain(part).upper()}
    if small not in ORDINARY:
        ways |= {small, plain(small)}
    return {unicodedata.normalize(form, way) for form in ("NFC", "NFD") for way in ways}


def is_spaced(form):
    """Whether words in this script stand apart from each other."""
    letters = [letter for letter in form if letter.isalpha()]
    return all(unicodedata.name(letter, "").startswith(SPACED) for letter in letters)


@lru_cache(maxsize=512)
def pattern_for(name):
    """A pattern that finds `name` and its parts; None for a name without letters.

    Held in memory for the names of a page or list, which come up once for each of its texts.
    """
    apart, joined = set(), set()
    for form in forms(name):
        (apart if is_spaced(form) else joined).update(spellings(form))
    pieces = []
    if apart:
        pieces.append(rf"(?<!\w)(?:{any_of(apart)})(?![\w\u0300-\u036f])")
    if joined:
        pieces.append(any_of(joined))
    return re.compile("|".join(pieces)) if pieces else None


def any_of(spellings):
    return "|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True))


def without_name(text, name, alias):
    """Return `text` with the name and its parts replaced by the alias.

    `name`: as `Participant.every_name` gives it, where records were joined.
    """
    if not text or not name:
        return text
    pattern = pattern_for(name)
    return pattern.sub(lambda _: alias, text) if pattern else text
