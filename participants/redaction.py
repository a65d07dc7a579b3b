"""Keeps a name that may not be shown out of the words written about a household.

Notes and steps are free text, and whoever wrote them may have used the name. A reader whom
no release covers gets the alias there too.
"""

import re
import unicodedata

SHORTEST_PART = 3
BETWEEN_WORDS = re.compile(r"[\s\-’'.,]+")


def forms(name):
    """The name as a whole, and its parts of three letters and more, longest first."""
    parts = [part for part in BETWEEN_WORDS.split(name) if len(part) >= SHORTEST_PART]
    return sorted({name.strip(), *parts} - {""}, key=len, reverse=True)


def pattern_for(names):
    """A pattern that finds any of `names` as whole words, in their own case; None without names.

    Only as written, or in capitals throughout: "will" is a word where "Will" is a name.
    """
    found = []
    for name in names:
        for form in forms(name):
            for variant in {form, unicodedata.normalize("NFD", form), form.upper()}:
                found.append(re.escape(variant))
    if not found:
        return None
    found.sort(key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)")


def without_name(text, name, alias):
    """Return `text` with the name and its parts replaced by the alias."""
    if not text or not name:
        return text
    pattern = pattern_for([name])
    return pattern.sub(lambda _: alias, text) if pattern else text
