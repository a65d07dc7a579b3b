"""The elements of a review: what is said of a household at each call, each declared here, once.

Source: River Valleys, “Standard Set of Elements to Review”. Notes, pre-work, the last review, prep
lists, minutes, the line of reviews, a guest's page, joined records and retention read this.
A further one needs its declaration, and its columns: `<key>` on `Review` and `PreWork`, and
`<key>_changed` on `Review`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from django.db.models import CharField

from conferencing.barriers import LONGEST_BARRIER, MOST_BARRIERS
from conferencing.models import PreWork, Review

NOT_RECORDED = "Not recorded"
Choices = list[tuple[str, str]]
Clean = Callable[[Any], Any]  # Any: a text, or a list of texts, comes back as what it was
Read = dict[str, Any]  # Any: a text or a list of texts, as the element's kind has it


class Kind(Enum):
    """How an element is said: a kind of place with words to it, a text, or a list of words."""

    PLACE = "place"
    TEXT = "text"
    LIST = "list"


class Sight(Enum):
    """When a guest who is the participant sees it. Nobody else of the guests ever does."""

    ALWAYS = "always"
    AS_SET = "as set"  # by the continuum: `guests_see_<key>`
    HANDED_OVER = "handed over"  # the text that the note taker gave to this guest, and no other


@dataclass(frozen=True)
class Element:
    """One thing that a review says; `longest` in characters, of a text as it is written."""

    key: str
    kind: Kind
    title: str  # over it, on pages
    on_paper: str  # before it, on papers
    own: str  # over it, on a guest's page
    question: str  # what pre-work asks
    hint: str
    longest: int
    sight: Sight

    @property
    def mark(self) -> str:
        """The column that says what the call made of it (`Review.Changed`)."""
        return f"{self.key}_changed"

    @property
    def typed(self) -> str:
        """The column of what was typed."""
        return f"{self.key}_words" if self.kind is Kind.PLACE else self.key

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.key, self.typed) if self.kind is Kind.PLACE else (self.key,)

    @property
    def is_text(self) -> bool:
        return self.kind is Kind.TEXT

    @property
    def is_list(self) -> bool:
        return self.kind is Kind.LIST

    @property
    def is_place(self) -> bool:
        return self.kind is Kind.PLACE


ELEMENTS = (
    Element(
        key="location",
        kind=Kind.PLACE,
        title="Current location",
        on_paper="Location",
        own="Where you stay",
        question="Where they stay now",
        hint="Only what helps to find the household again.",
        longest=500,
        sight=Sight.ALWAYS,
    ),
    Element(
        key="preferences",
        kind=Kind.TEXT,
        title="Preferences",
        on_paper="Preferences",
        own="Your preferences",
        question="Housing preferences",
        hint="What the household wants, if it changed.",
        longest=4000,
        sight=Sight.ALWAYS,
    ),
    Element(
        key="barriers",
        kind=Kind.LIST,
        title="Critical barriers",
        on_paper="Critical barriers",
        own="What stands in the way",
        question="Critical barriers",
        hint="Ticked: what stood in the way at the last review. Untick what is solved.",
        longest=MOST_BARRIERS * (LONGEST_BARRIER + 1),
        sight=Sight.AS_SET,
    ),
    Element(
        key="safety",
        kind=Kind.TEXT,
        title="Current safety",
        on_paper="Safety",
        own="Safety",
        question="Safety",
        hint="Anything that the call must know to keep them safe.",
        longest=4000,
        sight=Sight.HANDED_OVER,
    ),
)


def choices_of(column: str) -> Choices:
    field = Review._meta.get_field(column)
    assert isinstance(field, CharField)
    return cast(Choices, field.choices)  # pairs, as none of ours is in groups


KEYS = tuple(each.key for each in ELEMENTS)
COLUMNS = tuple(column for each in ELEMENTS for column in each.columns)
TEXTS = {each.typed: each.longest for each in ELEMENTS if not each.is_list}
LISTS = tuple(each.key for each in ELEMENTS if each.is_list)
WORDS = tuple(each.typed for each in ELEMENTS)  # every column that holds what was typed
# Which mark a changed value brings along.
MARK_OF = {column: each.mark for each in ELEMENTS for column in each.columns}
CHOICES = {
    **{each.key: choices_of(each.key) for each in ELEMENTS if each.is_place},
    **{each.mark: Review.Changed.choices for each in ELEMENTS},
    "eligibility": Review.Eligibility.choices,
    "target_kind": Review.Target.choices,
}

# What the scripts of a call ask: static/js/call/elements.js.
FOR_SCRIPTS = [
    {"key": each.key, "words": each.typed, "mark": each.mark, "title": each.title}
    for each in ELEMENTS
]


def read(row: Review | PreWork, clean: Clean, *, empty: str = "") -> Read:
    """`{column: words}`: each element of a review, or of pre-work, as its reader may see it."""
    found: Read = {}
    for each in ELEMENTS:
        value = clean(getattr(row, each.typed)) if getattr(row, each.typed) else None
        if each.is_list:
            found[each.key] = value or []
        elif each.is_text:
            found[each.key] = value or empty
        else:
            found[each.key] = getattr(row, f"get_{each.key}_display")() or NOT_RECORDED
            found[each.typed] = value or ""
    return found
