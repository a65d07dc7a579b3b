"""Every name of a continuum's people, held in memory, and never older than the last commit.

Opening the names of twenty thousand people takes a while, and cleaning a text must not. So each
process keeps what it has opened, and asks at each act for what came since: rows of transactions
that were not over when it asked last. Transactions commit in another order than they began, so that
the highest number seen tells nothing; the oldest one that was still running does.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import cast
from uuid import UUID

from django.db import connection, transaction

from vault import keys
from vault.encrypted import EncryptedField, decrypt_column

from .folding import long_words, words
from .models import KnownName, Participant
from .redaction import Names, Staying

MOST = 150_000  # names held in memory, of all continuums

NEW = """
    WITH now AS MATERIALIZED (
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
               pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next,
               pg_current_xact_id_if_assigned()::text::bigint AS own
    )
    SELECT now.oldest, now.own, known.id, known.participant_id, known.former_head_id, known.token,
           known.added_in
      FROM now LEFT JOIN participants_knownname known
        ON known.continuum_id = %s AND known.added_in >= %s
       -- What a database that was restored brought along is no transaction of this one.
       AND (%s = 0 OR known.added_in < now.next OR known.added_in = now.own)
"""


@dataclass
class Held:
    """What was read of one continuum: all that transactions before `oldest` wrote, and more.

    `own`: rows of a transaction that was still ours to take back when they were read.
    """

    names: Names = field(default_factory=Names)
    spelled: dict[UUID, list["Spelled"]] = field(default_factory=dict)  # by participant's key
    headed: dict[UUID, UUID] = field(default_factory=dict)  # row → the former head it is of
    # By participant's key: what their former heads are called, by the key of each.
    former: dict[UUID, dict[str, set[str]]] = field(default_factory=dict)
    oldest: int = 0
    own: set[UUID] = field(default_factory=set)
    own_in: int | None = None


_held: OrderedDict[UUID, Held] = OrderedDict()
_lock = Lock()


class Spelled:
    """A name as it is searched: `closed` is folded, without blanks; `long` the other way of
    writing it, if there is one.
    """

    __slots__ = ("closed", "long", "text")

    def __init__(self, text: str) -> None:
        other = long_words(text)
        self.text, self.closed = text, "".join(words(text))
        self.long = "".join(other) if other else None


def names_of(continuum_id: UUID) -> Names:
    """The `Names` of everybody on file in the continuum, by `str` of their keys; one query."""
    return held_of(continuum_id).names


def spelled_of(continuum_id: UUID) -> dict[UUID, list[Spelled]]:
    """`{participant's key: [Spelled]}`: every name that a record has or had; one query.

    Names that were opened once are not opened again at each search.
    """
    return held_of(continuum_id).spelled


def former_of(continuum_id: UUID) -> dict[UUID, dict[str, set[str]]]:
    """`{participant's key: {key of a former head: what they are called}}`; one query."""
    return held_of(continuum_id).former


def held_of(continuum_id: UUID) -> Held:
    with _lock:
        held = _held.get(continuum_id) or Held()
        if not read_new(held, continuum_id):
            # A transaction of ours was taken back: what was read within it never was. Or a name is
            # of somebody else by now.
            held = Held()
            read_new(held, continuum_id)
        _held[continuum_id] = held
        _held.move_to_end(continuum_id)
        while len(_held) > 1 and sum(each.names.size for each in _held.values()) > MOST:
            _held.popitem(last=False)
        return held


def read_new(held: Held, continuum_id: UUID) -> bool:
    """Read what came since; return whether what was held still stands."""
    with connection.cursor() as cursor:
        cursor.execute(NEW, [continuum_id, held.oldest, held.oldest])
        rows = cursor.fetchall()
    oldest, own, *_row = rows[0]
    found = {key: row for _oldest, _own, key, *row in rows if key is not None}
    if held.own and held.own_in != own:
        if not held.own <= found.keys():
            return False
        held.own, held.own_in = set(), None
    changed = any(held.headed.get(key) != head for key, (_of, head, *_row) in found.items())
    if changed and held.oldest:
        return False  # somebody is a former head by now, or none any more
    for key, (participant, head, token, added_in) in found.items():
        if head is not None:
            held.headed[key] = head
        if token is None:
            held.names.forget(str(head or participant))
            held.spelled.pop(participant, None)
            held.former.pop(participant, None)
        if own is not None and added_in == own:
            held.own.add(key)
            held.own_in = own
    rows = [(participant, head, token) for participant, head, token, _in in found.values() if token]
    opened = decrypt_column(Participant, "name", [(of, token) for of, _head, token in rows])
    for (_participant, head, _token), (participant, name) in zip(rows, opened, strict=True):
        held.names.add(str(head or participant), name)
        held.spelled.setdefault(participant, []).append(Spelled(name))
        if head:
            held.former.setdefault(participant, {}).setdefault(str(head), set()).add(name)
    held.oldest = oldest
    return True


STAYING = """
    SELECT (SELECT string_agg(name, E'\\n' ORDER BY name) FROM agreements_agency
             WHERE continuum_id = %(continuum)s),
           (SELECT string_agg(county.name, E'\\n' ORDER BY county.name)
              FROM regions_county county JOIN regions_region region ON region.id = region_id
             WHERE region.continuum_id = %(continuum)s),
           (SELECT string_agg(name, E'\\n' ORDER BY name) FROM regions_region
             WHERE continuum_id = %(continuum)s),
           (SELECT string_agg(DISTINCT place, E'\\n') FROM participants_hmisproject
             WHERE continuum_id = %(continuum)s AND place <> ''),
           (SELECT string_agg(person.name, E'\\n' ORDER BY person.name)
              FROM accounts_user person JOIN regions_membership place ON place.user_id = person.id
             WHERE place.continuum_id = %(continuum)s AND NOT place.is_guest)
"""


def staying_of(continuum_id: UUID) -> Staying:
    """The names that stay in a text, whoever else is called so; one query."""
    with connection.cursor() as cursor:
        cursor.execute(STAYING, {"continuum": continuum_id})
        return staying(*(each or "" for each in cursor.fetchone()))


@lru_cache(maxsize=32)
def staying(agencies: str, counties: str, regions: str, towns: str, people: str) -> Staying:
    found = Staying()
    for name in agencies.split("\n"):
        found.add_phrase(name)
    for name in counties.split("\n"):
        found.add_town(name)
        found.add_phrase(f"{name} County")
    for name in [*regions.split("\n"), *towns.split("\n")]:
        found.add_town(name)
    for name in people.split("\n"):
        found.add_staff(name)
    return found


def names_on_file(keys: Iterable[UUID]) -> dict[UUID, list[str]]:
    """`{participant's key: [every name that the record has or had]}`."""
    rows = KnownName.objects.filter(participant__in=keys, token__isnull=False)
    found: dict[UUID, list[str]] = {}
    tokens = rows.values_list("participant", "token")
    for key, name in decrypt_column(Participant, "name", tokens):
        found.setdefault(key, []).append(name)
    return found


def forget_names(keys: Iterable[UUID]) -> None:
    """Let the records hold no former name any more, in this process and in every other one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE participants_knownname SET token = NULL,"
            " added_in = pg_current_xact_id()::text::bigint WHERE participant_id = ANY(%s)",
            [list(keys)],
        )


def count() -> dict[str, int]:
    """How many of the names each key sealed, for `vault.rotation`."""
    tokens = KnownName.objects.filter(token__isnull=False).values_list("token", flat=True)
    sealed = (bytes(each) for each in tokens.iterator() if each is not None)
    return dict(Counter(keys.key_of(each).id for each in sealed))


@transaction.atomic
def rotate(batch: int) -> int:
    """Seal up to `batch` names of old keys again; return how many."""
    field = cast(EncryptedField, Participant._meta.get_field("name"))  # as the model says
    newest = keys.ring().newest.header
    found = KnownName.objects.raw(
        "SELECT * FROM participants_knownname WHERE substring(token FOR %s) <> %s"
        " ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
        [len(newest), newest, batch],
    )
    rows = list(found)
    for row in rows:
        token = cast(bytes, row.token)  # a column without one has no key, and is not found
        row.token = field.seal(field.unseal(token, row.participant_id), row.participant_id)
    KnownName.objects.bulk_update(rows, ["token"])
    return len(rows)
