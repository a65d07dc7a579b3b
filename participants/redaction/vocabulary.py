"""The words and signs by which a name in a text is told from other words."""

import re

from ..aliases import BIRDS
from ..folding import LONG, Table
from ..ordinary import is_ordinary, several

Shown = tuple[int, int, str]  # from where to where in a text, and what stands there instead
Withheld = tuple[int, int, str, object]  # the same, and of whom: a number, or words
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
STRETCHED = re.compile(r"(.)\1\1+")
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
# Behind “and”, these tell of somebody's kin: “Hope and her son”.
KIN = several(
    """
    her his their kids children son daughter baby family mother father mom dad husband wife
    partner boyfriend girlfriend sister brother
    """
)
GLUED = 5  # letters from which a name is found within a longer word
PIECES = 8  # of one name, at most
DISGUISED = re.compile(r"(?<!\w)(?:[^\W\d]+[\d|@$!]|[\d|@$!]+[^\W\d])[\w|@$!]*")
PARTED = re.compile(r"[^\w\s][^\W\d]|_|\d[^\w\s]*[^\W\d]")  # a sign within what may be a word
MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]|\||[^\W\d_][@$!][^\W\d_]")  # a sign for a letter
AS_LETTERS = [str.maketrans("01345789|@$!", f"o{each}eastbg{each}asi") for each in "il"]
ADDRESS = re.compile(r"(?<![\w.])[@#]\w[\w.\-]*|[\w.+\-]+@|\b(?:www\.|https?://)\S+")
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
OTHER = -1  # nobody's number: people who are not of the household that a text is about


def letters_of(text: str) -> list[str]:
    """The words of a text without digits, folded but for their case."""
    return text.translate(ALPHABET).split()


def is_common(word: str) -> bool:
    """Whether the word, or the one of which it may be the plural, is an ordinary one."""
    return is_ordinary(word) or (word.endswith("s") and is_ordinary(word[:-1]))
