"""What of a text is there to be read: without what is random in it.

A key, a token or a password is drawn by chance, and chance writes "Ana" or "1990" sooner or
later. So a test that looks for a short word which must not be there looks in `readable(…)`, and
one that looks into sealed or packed bytes looks for eight bytes at least. When something was done
is as random below the second: "1980" stands in 12:00:07.198042.
"""

import re

LEAST_BYTES = 8
LEAST_LETTERS = 4
# Keys of rows, signed values, session keys, hashes, tokens in links: long, and without a blank.
TOKEN = r"[A-Za-z0-9_:=-]{22,}"
GROUPED = r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3,}\b"  # the passwords of lists and minutes
FRACTION = r"(?<=:[0-9]{2})\.[0-9]+"  # of a second
RANDOM = re.compile(f"{GROUPED}|{TOKEN}|{FRACTION}")


class readable(str):
    """A text in which short words are looked for where nothing is random, long ones anywhere."""

    def __contains__(self, word: str) -> bool:
        return word in (without_drawn(str(self)) if may_be_drawn(word) else str(self))


def without_drawn(text: str) -> str:
    """The text with all that may be random in it taken out; what people wrote stays.

    A run of small letters is no token, however long.
    """
    return RANDOM.sub(lambda found: "" if is_drawn(found[0]) else found[0], text)


def is_drawn(run: str) -> bool:
    return bool(re.search(r"[0-9]", run)) or (run != run.lower() and not run.istitle())


def may_be_drawn(word: str | bytes) -> bool:
    """Whether chance may well write the word into a key, a token or sealed bytes."""
    if isinstance(word, bytes):
        return len(word) < LEAST_BYTES
    return bool(
        re.fullmatch(r"[0-9a-f-]{1,11}", word)
        or re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LEAST_LETTERS - 1}}}", word)
    )
