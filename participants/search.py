"""Finding participants by name or alias, without an index that would give names away.

Names are encrypted each under its own nonce, so the database cannot compare them. The names that
the searcher may see are decrypted in memory and compared there: case and accents do not matter,
and every word typed must begin a word of the name (or of the alias). A name that no release lets
the searcher see is not searched, so that a search tells nothing that the page would not.
"""

import unicodedata

from django.db.models import Q

from vault.fields import decrypt_column

from .models import Participant
from .naming import nameable


def folded(text):
    """The text as it is compared: without case and without marks above and below letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text):
    """The words of a text, folded; anything that is no letter, mark or digit separates them."""
    spaced = "".join(letter if is_of_word(letter) else " " for letter in folded(text))
    return spaced.split()


def is_of_word(letter):
    return unicodedata.category(letter)[0] in "LMN"


def matches(name, wanted):
    """Whether every one of the folded words `wanted` begins a word of `name`."""
    of_name = words(name)
    return all(any(word.startswith(part) for word in of_name) for part in wanted)


def matching_keys(participants, text, viewer, now):
    """Return the primary keys in `participants` whose visible name or alias matches `text`.

    Two queries and one decryption per visible name.
    """
    wanted = words(text)
    if not wanted:
        return set()
    found = {
        pk
        for pk, alias in participants.order_by().values_list("pk", "alias")
        if matches(alias, wanted)
    }
    rows = nameable(participants.order_by(), viewer, now).values_list("pk", "name")
    found |= {pk for pk, name in decrypt_column(Participant, "name", rows) if matches(name, wanted)}
    return found


def search(participants, text, viewer, now):
    """Narrow the queryset to those whose visible name or alias matches; all for an empty text."""
    if not text.strip():
        return participants
    return participants.filter(Q(pk__in=matching_keys(participants, text, viewer, now)))
