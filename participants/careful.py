"""Hints on words that have no place in a text about a household, wherever it is typed.

What is looked for, the calls' room knows (`conferencing.careful_words`): it registers it here, so
that a form of this room gives the same hint as the page of a call.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, Protocol, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form
from participants.models import Participant


class Hint(Protocol):
    """What is told the writer, of what kind it is, and whether the text is refused for it."""

    @property
    def kind(self) -> str: ...

    @property
    def words(self) -> str: ...

    @property
    def is_refused(self) -> bool: ...


class Finder(Protocol):
    def __call__(self, text: str, *, is_confidential: bool) -> Iterable[Hint]: ...


_finders: list[Finder] = []


def register(find: Finder) -> None:
    """Let `find(text, is_confidential=…)` look through texts; it gives hints, in their order."""
    _finders.append(find)


def hints_on(text: str, *, is_confidential: bool) -> list[Hint]:
    """Every hint on the text: its words for the writer, and whether it is refused."""
    return [hint for find in _finders for hint in find(text, is_confidential=is_confidential)]


class CarefulForm(Form):
    """Asks once where a text looks like what has no place there; the writer decides.

    `careful`: the fields that are looked through. What could tell where a victim service
    provider's participant is, is refused (`is_by_alias_alone`, or of the household that the form
    chooses in `household`; 34 USC 12291(b)(2)).
    """

    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    careful: tuple[str, ...] = ()
    is_by_alias_alone = False
    household = ""
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def about(self, *participants: Participant) -> Self:
        """Let this form be about these households; gives the form."""
        self.is_by_alias_alone = any(each.is_confidential for each in participants)
        return self

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        values = super().clean() or self.cleaned_data
        kept = set(values.pop("kept", "").split())
        if chosen := values.get(self.household):
            self.about(chosen)
        asked = set()
        for name in self.careful:
            text = values.get(name) or ""
            if not text or self.is_as_it_was(name, text):
                continue
            found = hints_on(text, is_confidential=self.is_by_alias_alone)
            refused = dict.fromkeys(hint.words for hint in found if hint.is_refused)
            digest = hashlib.sha256(f"{name}:{text}".encode()).hexdigest()[:32]
            if refused:
                self.add_error(name, ValidationError(list(refused)))
            elif found and digest not in kept:
                words = dict.fromkeys(hint.words for hint in found)
                again = "To keep your words as they are, press the button again."
                self.add_error(name, ValidationError([*words, again], code="hint"))
            if found:
                asked.add(digest)
        if asked:
            self.data = self.data.copy()
            self.data[self.add_prefix("kept")] = " ".join(sorted(asked))
        return values

    def is_as_it_was(self, name: str, text: str) -> bool:
        """Whether the text is the one that stood there before: it was asked about then."""
        before = self.initial.get(name) or ""
        return text.replace("\r\n", "\n").strip() == before.replace("\r\n", "\n").strip()
