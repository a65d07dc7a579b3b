"""Remembers who typed which words, so that nobody learns from a name that they typed themselves.

A service that stores what somebody typed says so: `note_typed` of what they typed as it stands,
`note_edited` of a text in which names were put back (`Label.put_back`). What no service told of is
nobody's own, and is cleaned for everybody.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import connection

from vault.blind import exact
from vault.fields import Words

from .models import OwnWords
from .typed_words import Typed, matching, moved

PURPOSE = "own words"


class Said(str):
    """A text that is made of what somebody typed (`words`) and of words of the system's own."""

    __slots__ = ("words",)

    def __new__(cls, text, words):
        said = super().__new__(cls, text)
        said.words = words
        return said

    def __getnewargs__(self):
        return str(self), self.words


def say_who_typed(rows):
    """Give each row of a document that is being frozen its `typed`: `{person's key: [texts]}`.

    Those that one person typed, all of it, as the row has them; a text that stands there twice is
    nobody's, for it would tell who guesses it that they are right. One query.
    """
    sources = defaultdict(list)
    for row in rows:
        row["typed"] = {}
        found = list(texts_in(row))
        often = Counter(found)
        for text in found:
            words = text.words if type(text) is Said else text
            if often[text] == 1 and type(words) is Words:
                for mark in marks_of(words.place, words):
                    sources[mark].append((row, str(text)))
    # Asked for no row as well, so that each document costs the same.
    whole = OwnWords.objects.filter(mark__in=list(sources) or [b""], spans__isnull=True)
    for mark, person in whole.values_list("mark", "person"):
        for row, text in sources[bytes(mark)]:
            row["typed"].setdefault(str(person), []).append(text)


def texts_in(value):
    """The texts in plain data that was made of stored ones."""
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield from [value] if value else []
    elif isinstance(value, Iterable):
        for each in value:
            yield from texts_in(each)


def marks_of(place, text):
    """The marks of a text where it is stored, under each key, the newest first."""
    return exact(PURPOSE, place, text.encode("utf-8", "surrogatepass"))


def note_typed(row, *columns, actor):
    """Note that `actor` typed what is about to be saved in these columns of the row, as it is.

    What stands there unchanged is not taken for typed.
    """
    keep(row, columns, actor, lambda text: type(text) is str)


def note_edited(row, *columns, actor):
    """The same, of texts from `Label.put_back`: what was put back is not `actor`’s own."""
    keep(row, columns, actor, lambda text: type(text) is Typed)


def keep(row, columns, actor, is_new):
    found = []
    for column in columns:
        value = getattr(row, column)
        for text in value if isinstance(value, list) else [value]:
            if text and is_new(text):
                field = row._meta.get_field(column)
                found.append((field.associated(getattr(row, field.bound_pk_attname)), text))
    if found and actor is not None:
        write(found, actor)


def write(found, actor):
    """Store whose words these are; `found`: `[(place, text)]`."""
    formers = {
        mark: (place, text)
        for place, text in found
        if type(text) is Typed and text.former
        for mark in marks_of(place, text.former)
    }
    rows = []
    for mark, person, spans in taken_out(formers) if formers else ():
        if person == actor.pk:
            continue
        place, text = formers[bytes(mark)]
        whole = [(0, len(text.former))]
        typed, saw = spans_of(spans) if spans else (whole, whole)
        same = matching(text.former, text)
        typed, saw = moved(typed, same), moved(saw, same)
        if typed:
            rows.append(own(person, place, text, typed, saw))
    rows += [
        own(actor.pk, place, text, text.typed, text.saw)
        if type(text) is Typed
        else own(actor.pk, place, text, None, None)
        for place, text in found
    ]
    unique = {(bytes(each.mark), each.person_id): each for each in rows}
    OwnWords.objects.bulk_create(
        unique.values(),
        update_conflicts=True,
        unique_fields=["mark", "person"],
        update_fields=["spans"],
    )


def taken_out(marks):
    """`[(mark, person's key, spans)]` of texts that are no more, which the table forgets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM participants_ownwords WHERE mark = ANY(%s)"
            " RETURNING mark, person_id, spans::text",
            [list(marks)],
        )
        rows = cursor.fetchall()
    return [(mark, person, spans and json.loads(spans)) for mark, person, spans in rows]


def own(person, place, text, typed, saw):
    whole = [(0, len(text))]
    spans = None if typed is None or typed == saw == whole else {"typed": typed, "saw": saw}
    return OwnWords(person_id=person, mark=marks_of(place, text)[0], spans=spans)


def spans_of(spans):
    return tuple([tuple(each) for each in spans[name]] for name in ("typed", "saw"))


__all__ = ["Said", "note_edited", "note_typed", "say_who_typed"]
