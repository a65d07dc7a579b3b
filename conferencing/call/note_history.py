"""Every accepted revision of a household's notes at a call."""

from collections.abc import Mapping
from typing import Any, cast

from django.db.models import Field

from audit.history import events_of
from conferencing.elements import CHOICES
from conferencing.models import Review
from participants.naming import Reader
from participants.own_words import at_revision, listed
from vault.sealed import Words

from .note_fields import (
    FIELDS,
    FLAGS,
    LABELS,
    LISTS,
    TEXTS,
    Value,
    Values,
    stands,
)

Event = Any  # a row of what pghistory makes of `Review`, with its columns


def revisions(review: Review, reader: Reader) -> list[tuple[Event, list[tuple[str, Value]]]]:
    """The accepted revisions, newest first: what each changed, when and by whom.

    Each text knows at which revision it was written, so that `reader` reads what they typed then
    as they typed it. Whoever wrote in place of a name that they could not read the very name sees
    that they wrote, as they would see of any other name.
    """
    events = (
        events_of(type(review))
        .filter(pgh_obj=review.pk)
        .select_related("saved_by", "navigator__user", "navigator__agency")
        .order_by("pgh_id")
    )
    states: list[tuple[Event, Values]] = []
    last = None
    for event in events:
        if last is None or event.revision != last:
            states.append((event, {name: in_words(event, name) for name in FIELDS}))
        last = event.revision
    texts = (
        at_revision(text, event.revision)
        for event, values in states
        for name in (*TEXTS, *LISTS)
        for text in listed(values[name])
    )
    reader.learn([text for text in texts if isinstance(text, Words)])
    found: list[tuple[Event, list[tuple[str, Value]]]] = []
    former: Values = {}
    since: dict[tuple[str, str], int] = {}
    for event, values in states:
        changed: list[tuple[str, Value]] = []
        wrote: dict[tuple[str, str], int] = {}
        for name, value in values.items():
            is_typed = name in TEXTS or name in LISTS
            for text in listed(value) if is_typed else ():
                own = reader.own_words(at_revision(text, event.revision)) is not None
                is_news = own or text not in listed(former.get(name))
                wrote[name, text] = event.revision if is_news else since[name, text]
            is_again = is_typed and any(
                wrote[name, text] == event.revision for text in listed(value)
            )
            if is_again or (value != former[name] if former else value):
                label = LABELS.get(name) or str(column_of(name).verbose_name)
                changed.append((label, written_at(value, name, wrote) if is_typed else value))
        found.append((event, changed))
        former, since = values, wrote
    return found[::-1]


def column_of(name: str) -> "Field[Value, Value]":
    return cast("Field[Value, Value]", Review._meta.get_field(name))  # each of FIELDS is a column


def written_at(value: Value, name: str, wrote: Mapping[tuple[str, str], int]) -> Value:
    """The texts of a value, each as of the revision at which it was written."""
    texts = [at_revision(text, wrote[name, text]) for text in listed(value)]
    return texts if isinstance(value, list) else texts[0] if texts else value


def in_words(event: Event, name: str) -> Value:
    """A field of a revision as its reader sees it: a text, a list of texts, or a date."""
    if name == "navigator":
        place = event.navigator
        return f"{place.user.name}, {place.agency.name}" if place else ""
    value = stands(event, name)
    if name in CHOICES:
        words = dict(CHOICES[name])
        return "" if value == Review.Changed.NOT_RECORDED else words.get(value, "")
    if name in FLAGS:
        return "Yes" if value else ""
    return value or ""
