"""Puts names back into a text that was typed over a stored one, also over one that stands no more.

A page may be hours old when it is saved: somebody else wrote meanwhile, the line was down, a draft
came back. What stands for a name in what was typed then stands for a name of the text that the
writer saw. So what the row held before is asked, too, where what it holds now does not tell.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast, overload

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from participants.naming import Label
from vault.encrypted import EncryptedField

from .own_words import listed
from .redaction import STANDS


@overload
def put_back_over(
    label: Label,
    typed: str,
    row: models.Model,
    column: str,
    beside: Sequence[str | list[str]] = (),
    further: Callable[[], Iterable[str | list[str]]] | None = None,
) -> tuple[str, str]: ...


@overload
def put_back_over(
    label: Label,
    typed: list[str],
    row: models.Model,
    column: str,
    beside: Sequence[str | list[str]] = (),
    further: Callable[[], Iterable[str | list[str]]] | None = None,
) -> tuple[list[str], list[str]]: ...


def put_back_over(
    label: Label,
    typed: Any,  # as one of these
    row: models.Model,
    column: str,
    beside: Sequence[str | list[str]] = (),
    further: Callable[[], Iterable[str | list[str]]] | None = None,
) -> tuple[Any, Any]:  # as one of these
    """`(text with the names, as the page shows it from now on)`; lists of texts likewise.

    `row`: where it is stored, or will be; `beside`: texts that the page let take over, and
    `further`: a function that returns more of them, asked only where they are needed. Raises
    ValidationError as `Label.put_back` does.
    """
    stored = getattr(row, column) or ([] if isinstance(typed, list) else "")
    field = cast(EncryptedField, row._meta.get_field(column))  # where words are stored
    place = field.associated(row.pk)
    try:
        return label.put_back_and_show(typed, stored, beside, place)
    except ValidationError:
        more = [*former_texts(row, column), *(further() if further else ())]
        return label.put_back_and_show(typed, stored, [*beside, *more], place)


def taken_over_whole(
    typed: str | list[str], texts: Iterable[str | list[str]], label: Label
) -> list[str]:
    """Those of the stored texts (and lists) that stand whole in what was typed, as it came.

    With a name that the writer cannot read: what stands for it tells from which text it comes.
    """
    found = []
    for text in [text for each in texts for text in listed(each)]:
        shown = label.to_edit(text)
        if shown != text and any(shown in each for each in listed(typed)):
            found.append(text)
    return found


def former_texts(row: models.Model, column: str) -> list[Any]:  # texts, or lists of them
    """What stood in a column of the row before, the newest first; nothing where no history is."""
    if not hasattr(row, "pgh_event_model"):
        return []
    events = row.pgh_event_model.objects.filter(pgh_obj=row.pk).order_by("-pgh_id")
    found = []
    for event in events.only("pgh_id", "pgh_obj_id", column):
        text = getattr(event, column)
        if text and text not in found:
            found.append(text)
    return found


def written(text: str) -> int:
    """How long a text is without what stands for names: that is longer than many of them are."""
    return len(STANDS.sub("", text))


class LongestWrittenValidator(MaxLengthValidator):
    def clean(self, value: str) -> int:  # type: ignore[override]  # of a field of words
        return written(value)


class WrittenField(forms.CharField):
    """Words in which what stands for names does not count against `max_length`.

    What stood in the field before was judged when it was typed: left as it is, it is taken.
    """

    bound = None

    def __init__(
        self,
        *,
        max_length: int | None = None,
        **kwargs: Any,  # as of any field
    ) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        if max_length:
            self.validators.append(LongestWrittenValidator(max_length))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        self.bound = super().get_bound_field(form, field_name)
        return self.bound

    def run_validators(self, value: str) -> None:
        former = self.bound and self.bound.initial
        if not former or as_sent(value) != as_sent(former):
            super().run_validators(value)


def as_sent(text: str | None) -> str:
    """The text as a browser sends it back: its line ends and the space around it do not count."""
    return (text or "").replace("\r\n", "\n").strip()
