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

from .cleaner import Cleaner, MovedError, cleaner_of, known_of_typed, without_name
from .names import Names, Staying, parts_of
from .vocabulary import AS_LETTERS, STANDS, WITHHELD

__all__ = [
    "AS_LETTERS",
    "STANDS",
    "WITHHELD",
    "Cleaner",
    "MovedError",
    "Names",
    "Staying",
    "cleaner_of",
    "known_of_typed",
    "parts_of",
    "without_name",
]
