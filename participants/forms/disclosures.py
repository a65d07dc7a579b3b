"""What a disclosure record is chosen by, and why it is handed over."""

from typing import Any

from django import forms

from accounts.named_fields import Form
from participants.careful import CarefulForm
from participants.disclosures import KINDS
from participants.services.disclosures import Chosen
from regions.words import long_day_words

from .fields import DateInput, in_words


class DisclosureFilterForm(Form):
    since = forms.DateField(required=False, label="From", widget=DateInput())
    until = forms.DateField(required=False, label="To", widget=DateInput())
    kind = forms.ChoiceField(
        required=False, label="What", choices=[("", "Everything"), *KINDS.items()]
    )
    outside = forms.ChoiceField(
        required=False,
        label="To whom",
        choices=[("", "Everybody"), ("yes", "Outside the agency that keeps the record")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "Choose a day on or after the first one.")
        return cleaned

    def chosen(self) -> Chosen:
        """What was chosen, for the service."""
        chosen = self.cleaned_data
        return {
            "since": chosen.get("since"),
            "until": chosen.get("until"),
            "kind": chosen.get("kind") or "",
            "outside": bool(chosen.get("outside")),
        }

    @property
    def words(self) -> str:
        """What is chosen, in words."""
        chosen = self.cleaned_data
        said = [KINDS.get(chosen["kind"], "Everything")]
        for word, day in (("from", chosen["since"]), ("to", chosen["until"])):
            if day:
                said.append(f"{word} {long_day_words(day)}")
        if chosen["outside"]:
            said.append("to people outside the agency that keeps the record")
        return ", ".join(said)


class HandOverForm(CarefulForm):
    careful = ("reason",)
    reason = forms.CharField(
        label="Why do you hand the record over?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="For example: the participant asked for it. Kept in the audit. Do not include "
        "client information.",
        error_messages={"required": "Say why the record is handed over."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
