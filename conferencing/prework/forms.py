"""What an agency writes before a call of a household's elements."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.named_fields import Form
from accounts.single_lines import single_line
from conferencing.barriers import GROUPS, LONGEST_BARRIER, MOST_BARRIERS, WORDS
from conferencing.careful_words import hints
from conferencing.elements import CHOICES, ELEMENTS, TEXTS, Element
from participants.careful import CarefulForm
from participants.meanwhile import OvertakenForm
from participants.typed_over import WrittenField, written

from .pages import Reviewed
from .words import WordRow

SLUGS = {words: slug for slug, words in WORDS.items()}
OWN_LENGTH = MOST_BARRIERS * (LONGEST_BARRIER + 1)  # all that may stand there, a line each
TYPED = (*TEXTS, "notes")


def words_field(label: str, *, hint: str = "", rows: int = 3, length: int = 2000) -> WrittenField:
    return WrittenField(
        label=label,
        required=False,
        max_length=length,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto", "autocomplete": "off"}),
    )


def fields_of(element: Element) -> dict[str, forms.Field]:
    """What the form asks of an element: `{column: field}`."""
    if element.is_text:
        return {element.key: words_field(element.question, hint=element.hint)}
    if element.is_list:
        return {
            element.key: forms.MultipleChoiceField(
                label=element.question,
                required=False,
                choices=GROUPS,
                widget=forms.CheckboxSelectMultiple,
                help_text=element.hint,
            )
        }
    return {
        element.key: forms.ChoiceField(
            label=element.question,
            required=False,
            choices=[("", "No change known"), *CHOICES[element.key]],
        ),
        element.typed: WrittenField(
            label="Location details",
            required=False,
            max_length=element.longest,
            validators=[single_line],
            help_text=element.hint,
            widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        ),
    }


FIELDS = {name: field for each in ELEMENTS for name, field in fields_of(each).items()}
ElementsForm = type("ElementsForm", (Form,), dict(FIELDS))


class PreWorkForm(OvertakenForm, ElementsForm):  # type: ignore[valid-type, misc]  # made of fields
    """All optional; the service refuses a form that says nothing.

    Barriers begin as the last review, or the agency, had them; left as the last review had them
    they say nothing new.
    """

    state = "revision"
    own_barriers = words_field(
        "Barriers in your own words", hint="One per line.", rows=2, length=OWN_LENGTH
    )
    notes = words_field("Anything else")
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, label="Revision")
    careful = forms.CharField(
        widget=forms.HiddenInput(attrs={"autocomplete": "off"}), required=False, max_length=64
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        is_confidential: bool,
        kept: Mapping[str, Any] | None = None,  # Any: as `shown` gives it
        review: Reviewed | None = None,
    ) -> None:
        """`kept`, `review`: what the page shows of the agency's pre-work and the last review."""
        self.is_confidential = is_confidential
        self.said = review["said"] if review else None
        self.former: list[str] = review["said"]["barriers"] if review else []
        kept = kept or {"revision": 0, "barriers": None}
        barriers = self.former if kept["barriers"] is None else kept["barriers"]
        initial = {name: kept.get(name, "") for name in self.base_fields} | {
            "revision": kept["revision"],
            "barriers": [SLUGS[each] for each in barriers if each in SLUGS],
            "own_barriers": "\n".join(each for each in barriers if each not in SLUGS),
            "careful": "",
        }
        super().__init__(data, initial=initial)
        self.hints: list[tuple[str, str, str, str]] = []
        if is_confidential:
            del self.fields["location_words"]
        self.catch_up()

    def refuse(self, error: forms.ValidationError) -> None:
        """Say what is about barriers where they are typed."""
        if hasattr(error, "error_dict"):
            named = {"barriers": "own_barriers"}
            error = forms.ValidationError(
                {named.get(name, name): each for name, each in error.error_dict.items()}
            )
        super().refuse(error)

    def clean_own_barriers(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["own_barriers"].splitlines()]
        lines = list(dict.fromkeys(filter(None, lines)))
        new = set(lines) - set(self.initial["own_barriers"].split("\n"))
        if any(written(line) > LONGEST_BARRIER for line in new):
            raise forms.ValidationError(
                f"Write each barrier in a line of at most {LONGEST_BARRIER} characters."
            )
        if new and len(lines) + len(self.cleaned_data.get("barriers", [])) > MOST_BARRIERS:
            raise forms.ValidationError(
                f"Write and tick at most {MOST_BARRIERS} barriers together."
            )
        return lines

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data: dict[str, Any] = super().clean() or self.cleaned_data  # Any: as above
        if not self.errors:
            self.look_for_careful_words(data)
        return data

    def look_for_careful_words(self, data: Mapping[str, Any]) -> None:  # Any: as above
        """Say once what may not belong in a shared review; the writer decides."""
        texts = {name: data.get(name, "") for name in TYPED}
        texts["own_barriers"] = "\n".join(data["own_barriers"])
        found = [
            (name, str(self.fields[name].label), text[hint.start : hint.end], hint.words)
            for name, text in texts.items()
            for hint in hints(text, is_confidential=self.is_confidential)
            if not hint.is_refused
        ]
        seen = hashlib.sha256(json.dumps([each[::2] for each in found]).encode()).hexdigest()
        if found and data.get("careful") != seen:
            self.hints = found
            self.data = self.data.copy()
            self.data["careful"] = seen

    def parts(self) -> Iterator[dict[str, object]]:
        """Each element with its fields, and what the last review said of it, if there was one."""
        for each in ELEMENTS:
            yield {
                "element": each,
                "fields": [self[name] for name in each.columns if name in self.fields],
                "said": self.said and self.said[each.key],
                "details": self.said and each.is_place and self.said[each.typed],
            }

    def values(self) -> dict[str, Any]:  # Any: a text, a list of words, or the revision
        """What `services.prework.keep_prework` takes."""
        data = self.cleaned_data
        barriers = [WORDS[slug] for slug in data["barriers"]] + data["own_barriers"]
        return {
            **{name: data.get(name, "") for name in FIELDS},
            "revision": data["revision"],
            "barriers": None if set(barriers) == set(self.former) else barriers,
            "notes": data["notes"],
        }


class WordForm(OvertakenForm, CarefulForm):
    """One line on a household, from somebody who cannot come."""

    state = "revision"
    careful = ("notes",)
    notes = words_field("Word for the call", rows=2)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, label="Revision")

    def __init__(self, data: QueryDict | None = None, *, row: WordRow) -> None:
        kept = row["kept"] or {"revision": 0, "notes": ""}
        initial = {"notes": kept["notes"], "revision": kept["revision"]}
        super().__init__(data, initial=initial, prefix=str(row["participant"].pk))
        self.row = row
        self.fields["notes"].label = row["label"].text
        said = f". {row['kept']['by']} wrote this." if row["kept"] and kept["notes"] else ""
        alias = "" if row["label"].is_named else "Alias. "
        self.fields["notes"].help_text = f"{alias}{row['household']}{said}"
        self.about(row["participant"])
        self.catch_up()
