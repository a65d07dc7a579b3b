"""Finding participants by name or alias, without an index that would give names away.

Names are encrypted each under its own nonce, so the database cannot compare them. The names that
the searcher may see are decrypted in memory and compared there, folded (`participants.folding`):
every word typed must begin a word of the name (or of the alias). A name that no release lets
the searcher see is not searched, so that a search tells nothing that the page would not.
"""

from django.db import connections
from django.db.models import BinaryField, Case, F, Q, When

from vault.fields import decrypt_column

from .folding import words
from .models import Participant
from .naming import covering_releases


def matches(name, wanted):
    """Whether every one of the folded words `wanted` begins a word of `name`."""
    of_name = words(name)
    return all(any(word.startswith(part) for word in of_name) for part in wanted)


def matching_keys(participants, text, viewer, now):
    """Return the primary keys in `participants` whose visible name or alias matches `text`.

    One query for aliases and such names as the viewer may see, and one decryption per name.
    """
    wanted = words(text)
    if not wanted:
        return set()
    found, names = set(), []
    for pk, alias, token in visible_rows(participants, viewer, now):
        if matches(alias, wanted):
            found.add(pk)
        elif token is not None:
            names.append((pk, token))
    for pk, name in decrypt_column(Participant, "name", names):
        if matches(name, wanted):
            found.add(pk)
    return found


def visible_rows(participants, viewer, now):
    """`(primary key, alias, sealed name)`; no name where none may be seen.

    Read past the model: an instance for each of thousands of rows would cost more than
    opening the names.
    """
    may_be_seen = Q(
        is_confidential=False, pk__in=covering_releases(viewer, now).values("participant")
    )
    rows = participants.order_by().values_list(
        "pk", "alias", Case(When(may_be_seen, then=F("name")), output_field=BinaryField())
    )
    with connections[participants.db].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        yield from cursor


def search(participants, text, viewer, now):
    """Narrow the queryset to those whose visible name or alias matches; all for an empty text."""
    if not text.strip():
        return participants
    return participants.filter(pk__in=matching_keys(participants, text, viewer, now))
