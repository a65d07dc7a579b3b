"""Remembers who typed which words, so that nobody learns from a name that they typed themselves.

A service that stores what somebody typed says so: `note_typed` of what they typed as it stands,
`note_edited` of a text in which names were put back (`Label.put_back`). One that stores a text
that stands elsewhere already says `note_carried`: the words stay whose they are. What no service
told of is nobody's own, and is cleaned for everybody.

A mark is bound to the place of its text, never to the text alone: otherwise whoever typed somebody
else's text word for word elsewhere would see whether they guessed right. A former revision is a
place of its own (`at_revision`), for the same reason: typing today what somebody else wrote
yesterday tells nothing of yesterday.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NotRequired, Protocol, Self, TypedDict, cast
from uuid import UUID

from django.db import connection
from django.db.models import Model

from vault.blind import exact
from vault.encrypted import EncryptedField
from vault.sealed import Words

from .models import OwnWords
from .typed_words import Known, Spans, Typed, common, complement, matching, moved, united


class Revised(Protocol):
    revision: int


class Parted(TypedDict):
    """Spans as they are stored: which words of a text somebody typed, and which they saw.

    `mark`: of a text of a frozen document, as it was when it was frozen.
    """

    typed: list[list[int]]
    saw: list[list[int]]
    mark: NotRequired[str]


Values = Mapping[str, Any]  # by column: what was typed; Any: a text or several, among others
Beside = Mapping[str, Sequence[str]]  # by column: stored texts that the page let take over
Found = tuple[list[bytes], str, Sequence[str]]  # its places, the text, and what stood beside
Theirs = tuple[int, UUID, Spans, Spans]  # number of a text, whose words, typed and seen
PURPOSE = "own words"
FROZEN = b"frozen"  # in the place of a text's, where a document says itself who typed it


class Said(str):
    """A text made of pieces: words as they are stored, and words of the system's own."""

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]

    def __new__(cls, *pieces: str) -> Self:
        said = super().__new__(cls, "".join(pieces))
        said.pieces = pieces
        return said

    def __getnewargs__(self) -> tuple[str, ...]:  # type: ignore[override]  # str's is one text
        return self.pieces


class Frozen(str):
    """A text of a document that was frozen, which knows where it stands there: `path`."""

    __slots__ = ("path",)
    path: str

    def __new__(cls, text: str, path: str) -> Self:
        words = super().__new__(cls, text)
        words.path = path
        return words

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # str's has no path
        return str(self), self.path


def parts_of(text: str) -> list[tuple[int, Words]]:
    """`[(where in the text, words as they are stored)]` of one that stands elsewhere already."""
    if type(text) is Words:
        return [(0, text)]
    found: list[tuple[int, Words]] = []
    at = 0
    for piece in text.pieces if type(text) is Said else ():
        found += [(at + start, words) for start, words in parts_of(piece)]
        at += len(piece)
    return found


def joined(separator: str, texts: Iterable[str]) -> str | None:
    """Different texts as one, which stays whose its parts are; None of none."""
    pieces = [piece for text in dict.fromkeys(texts) for piece in (separator, text)][1:]
    return Said(*pieces) if len(pieces) > 1 else next(iter(pieces), None)


def whose(texts: Sequence[str]) -> list[dict[UUID, Known]]:
    """For each text `{person's key: (typed, saw)}`, of those who typed some of it. One query.

    What is the system's own in it everybody saw; what another person typed, nobody but them.
    """
    sources = defaultdict[bytes, list[tuple[int, int, int]]](list)
    found: list[dict[UUID, Known]] = [{} for _text in texts]
    for number, text in enumerate(texts):
        for at, words in parts_of(text):
            for mark in marks_of(words.place, words):
                sources[mark].append((number, at, len(words)))
    # Asked for no text as well, so that an act costs the same for one text and for many.
    marked = OwnWords.objects.filter(mark__in=list(sources) or [b""])
    for token, person, spans in marked.values_list("mark", "person", "spans"):
        for number, at, length in sources[bytes(token)]:
            whole = [(0, length)]
            both = spans_of(spans) if spans else (whole, whole)
            typed, saw = (further_on(each, at) for each in both)
            former = found[number].get(person)
            if former is None:
                stored = [(start, start + len(words)) for start, words in parts_of(texts[number])]
                former = ([], complement(stored, len(texts[number])))
            found[number][person] = united(former[0], typed), united(former[1], saw)
    return found


def say_who_typed(rows: Collection[Any]) -> None:  # Any: a dict, of whatever its document holds
    """Give each row of a document that is being frozen its `typed`.

    `{person's key: {where a text stands in the row: which of its words; None for all}}`, of texts
    as the row has them. One query.
    """
    found = [(row, *each) for row in rows for each in texts_in(row)]
    for row in rows:
        row["typed"] = {}
    for (row, path, text), people in zip(found, whose([each[2] for each in found]), strict=True):
        for person, (typed, saw) in people.items():
            spans = parted(text, typed, saw)
            if spans is not None:
                spans["mark"] = marks_of(FROZEN, text)[0].hex()
            row["typed"].setdefault(str(person), {})[path] = spans


def brings_names(value: object) -> bool:
    """Whether something was put back into a text just typed, or one of a list, from another one."""
    texts = value if isinstance(value, list) else [value]
    return any(type(each) is Typed and each.brings_names for each in texts)


def texts_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """`(where, text)` of the texts in plain data that was made of stored ones."""
    if isinstance(value, str):
        yield from [(path, value)] if value else []
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts_in(each, f"{path}/{name}") if name != "typed" else ()
    elif isinstance(value, Iterable):
        for number, each in enumerate(value):
            yield from texts_in(each, f"{path}/{number}")


def as_frozen(value: object, path: str = "") -> Any:  # of the shape of what is given
    """Plain data of a frozen document in which each text knows where it stands."""
    if isinstance(value, str):
        return Frozen(value, path)
    if isinstance(value, dict):
        return {
            name: each if name == "typed" else as_frozen(each, f"{path}/{name}")
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [as_frozen(each, f"{path}/{number}") for number, each in enumerate(value)]
    return value


def typed_in(
    row: Mapping[str, Any],  # whatever its document holds
    text: str,
    person: str,
) -> Known | None:
    """`(typed, saw)`: which words of a text of a frozen row this person typed; None for none.

    Of a row as `as_frozen` gives it; `person`: their key as text.
    """
    theirs, whole = row.get("typed", {}).get(person), [(0, len(text))]
    if not theirs or type(text) is not Frozen:
        return None
    if isinstance(theirs, list):  # as documents said it at first: texts that were typed whole
        return (whole, whole) if text in theirs else None
    if text.path not in theirs:
        return None
    spans = theirs[text.path]
    if spans is None:
        return whole, whole
    # A text from which names were taken since has its words elsewhere.
    is_same = spans["mark"] in {mark.hex() for mark in marks_of(FROZEN, text)}
    return spans_of(spans) if is_same else None


def marks_of(place: bytes, text: str) -> list[bytes]:
    """The marks of a text where it is stored, under each key, the newest first."""
    return exact(PURPOSE, place, text.encode("utf-8", "surrogatepass"))


def place_at(place: bytes, revision: int) -> bytes:
    """The place of what stood at `place` at one revision of its row."""
    return b"%b\0revision %d" % (place, revision)


def at_revision(text: str, revision: int) -> str:
    """A stored text of a former revision, as its readers are told apart."""
    place = getattr(text, "place", None)
    return text if place is None else Words(text, place_at(place, revision))


def note_typed(
    row: Model, *columns: str, actor: Model | None, values: Values | None = None
) -> None:
    """Note that `actor` typed what is about to be saved in these columns of the row, as it is.

    What stands there unchanged is not taken for typed, unless `values` (`{column: what was typed}`)
    says so: of a column that somebody else may have filled before.
    """
    keep(row, columns, actor, lambda text: type(text) is str, values)


def note_edited(
    row: Model,
    *columns: str,
    actor: Model | None,
    values: Values | None = None,
    beside: Beside | None = None,
) -> None:
    """The same, of texts from `Label.put_back`: what was put back is not `actor`’s own.

    `values`: `{column: what was typed}`, where the row itself cannot say: one that says what stood
    there already. `beside`: `{column: stored texts that the page let take over}`; what was taken
    over whole, names and all, stays whose it was.
    """
    keep(row, columns, actor, lambda text: type(text) is Typed, values, beside)


def note_carried(rows: Iterable[Model], *columns: str) -> None:
    """Let the words that are about to be saved here stay whose they are where they stand already.

    Of texts as another column or row gives them, and of those made of such (`Said`). Two queries
    at most, for any number of rows; none where nothing comes from elsewhere.
    """
    found = []
    for row in rows:
        for column in columns:
            places = places_of(row, column)
            found += [
                (places, text)
                for text in listed(getattr(row, column))
                if any(words.place != places[0] for _at, words in parts_of(text))
            ]
    if found:
        carry(found)


def carry(found: Sequence[tuple[list[bytes], str]]) -> None:
    """Copy the marks of these texts; `found`: `[(places, text)]`."""
    people = whose([text for _places, text in found])
    rows = [
        each
        for (places, text), spans in zip(found, people, strict=True)
        for person, (typed, saw) in spans.items()
        for each in own(person, places, text, typed, saw)
    ]
    store(rows, ignore_conflicts=True)


def listed(value: str | list[str] | None) -> list[str]:
    """The texts of a value: of a list, or the one; none of an empty one."""
    return [text for text in (value if isinstance(value, list) else [value]) if text]


def places_of(row: Model, column: str) -> list[bytes]:
    """Where the column's texts are stored, and where they are as of this revision, if shown."""
    field = cast(EncryptedField, row._meta.get_field(column))  # where words are stored
    place = field.associated(getattr(row, field.bound_pk_attname))
    if getattr(row, "shows_revisions", False):
        return [place, place_at(place, cast(Revised, row).revision)]  # who shows them has them
    return [place]


def keep(
    row: Model,
    columns: Iterable[str],
    actor: Model | None,
    is_new: Callable[[str], bool],
    values: Values | None = None,
    beside: Beside | None = None,
) -> None:
    found = [
        (places_of(row, column), text, (beside or {}).get(column, ()))
        for column in columns
        for text in listed(getattr(row, column) if values is None else values[column])
        if is_new(text)
    ]
    if found and actor is not None:
        write(found, actor)


def write(found: Sequence[Found], actor: Model) -> None:
    """Store whose words these are; `found`: `[(places, text, texts that were shown beside)]`.

    What says the same as something that stood here once is not its writer's: otherwise whoever
    wrote a guess and took it out would see when somebody else writes just that.
    """
    formers = {
        mark: (number, text, text.former)
        for number, (places, text, _beside) in enumerate(found)
        if type(text) is Typed and text.former
        for mark in marks_of(places[0], text.former)
    }
    planted = {mark for places, text, _beside in found for mark in marks_of(places[0], text)}
    others: list[Theirs] = []
    for mark, person, spans in taken_out(formers.keys() | planted):
        if bytes(mark) not in formers:
            continue
        number, now, former = formers[bytes(mark)]
        whole = [(0, len(former))]
        same = matching(former, now)
        typed, saw = spans_of(spans) if spans else (whole, whole)
        others.append((number, person, moved(typed, same), moved(saw, same)))
    others += taken_over(found)
    theirs: dict[tuple[int, UUID], Known] = {}
    for number, person, typed, saw in others:
        if typed and person != actor.pk:
            before = theirs.get((number, person), ([], []))
            theirs[number, person] = united(before[0], typed), united(before[1], saw)
    for number, (_places, text, _beside) in enumerate(found):
        whole = [(0, len(text))]
        theirs[number, actor.pk] = (text.typed, text.saw) if type(text) is Typed else (whole, whole)
    rows = [
        each
        for (number, person), known in theirs.items()
        for each in own(person, *found[number][:2], *known)
    ]
    store(
        rows,
        update_conflicts=True,
        unique_fields=["mark", "person"],
        update_fields=["spans"],
    )


def taken_over(found: Sequence[Found]) -> list[Theirs]:
    """`[(number, person's key, typed, saw)]` of what the texts took over whole from one beside.

    Where a name in it was put back, and stood in nothing that the text was before. What merely
    says the same is not taken over (`typed_over.taken_over_whole`): otherwise who prepares a guess
    would see whether somebody else’s note says so.
    """
    sources = []
    for number, (_places, text, beside) in enumerate(found):
        if type(text) is not Typed:
            continue
        hidden = complement(text.saw, len(text))
        for source in beside if hidden else ():
            at = only_line(text, source)
            block = [(at, at + len(source))]
            if at >= 0 and source not in (text.former or "") and common(hidden, block):
                sources.append((number, at, source))
    people = whose([source for _number, _at, source in sources]) if sources else []
    return [
        (number, person, further_on(typed, at), further_on(saw, at))
        for (number, at, _source), spans in zip(sources, people, strict=True)
        for person, (typed, saw) in spans.items()
    ]


def further_on(spans: Spans, by: int) -> Spans:
    return [(start + by, end + by) for start, end in spans]


def only_line(text: str, source: str) -> int:
    """Where the one line or lines stand that say just that; -1 where none or several do.

    Within other words it is not what was taken over: these may be somebody else's.
    """
    found = [each.start() for each in re.finditer(rf"(?<![^\n]){re.escape(source)}(?![^\n])", text)]
    return found[0] if len(found) == 1 else -1


def store(rows: Iterable[OwnWords], **conflicts: Any) -> None:  # Any: as `bulk_create` has it
    unique = {(bytes(each.mark), each.person_id): each for each in rows}
    OwnWords.objects.bulk_create(unique.values(), **conflicts)


def taken_out(marks: Iterable[bytes]) -> list[tuple[bytes | memoryview, UUID, Parted | None]]:
    """`[(mark, person's key, spans)]` of texts that are no more, which the table forgets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM participants_ownwords WHERE mark = ANY(%s)"
            " RETURNING mark, person_id, spans::text",
            [list(marks)],
        )
        rows = cursor.fetchall()
    return [(mark, person, spans and json.loads(spans)) for mark, person, spans in rows]


def own(
    person: UUID, places: Sequence[bytes], text: str, typed: Spans, saw: Spans
) -> list[OwnWords]:
    """The marks of one text: where it stands, and as of which revision."""
    return [
        OwnWords(
            person_id=person,
            mark=marks_of(place, text)[0],
            spans=parted(text, typed, saw),
            is_former=number > 0,
        )
        for number, place in enumerate(places)
    ]


def parted(text: str, typed: Spans, saw: Spans) -> Parted | None:
    """Spans as plain data; None where they are all of the text."""
    both = [[list(each) for each in spans] for spans in (typed, saw)]
    whole = [[0, len(text)]]
    return None if both == [whole, whole] else {"typed": both[0], "saw": both[1]}


def spans_of(spans: Parted) -> Known:
    typed, saw = ([(one, other) for one, other in each] for each in (spans["typed"], spans["saw"]))
    return typed, saw


__all__ = [
    "Frozen",
    "Said",
    "as_frozen",
    "at_revision",
    "brings_names",
    "joined",
    "listed",
    "note_carried",
    "note_edited",
    "note_typed",
    "say_who_typed",
    "typed_in",
]
