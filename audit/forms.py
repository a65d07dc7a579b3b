"""Choosing entries, and saying why they are exported."""

from typing import Any, cast

from django import forms
from django.http import QueryDict

from audit import actions


class EntryFilterForm(forms.Form):
    person = forms.CharField(required=False, max_length=150, label="Person’s name")
    action = forms.ChoiceField(required=False, label="What was done")
    since = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )
    reference = forms.UUIDField(
        required=False,
        label="About (record’s identifier)",
        error_messages={"invalid": "Copy the whole identifier, as in the file of the audit."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        action = cast(forms.ChoiceField, self.fields["action"])
        action.choices = [("", "Anything"), *actions.choices()]

    def clean(self) -> dict[str, Any]:  # Any: what was typed, as any form's
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "Choose a day on or after the first one.")
        return cleaned

    @property
    def detail(self) -> dict[str, str | bool]:
        """What is chosen, as the audit keeps it: a typed name stays out."""
        chosen = getattr(self, "cleaned_data", {})
        kept = {
            "action": chosen.get("action"),
            "since": chosen.get("since") and chosen["since"].isoformat(),
            "until": chosen.get("until") and chosen["until"].isoformat(),
            "reference": chosen.get("reference") and str(chosen["reference"]),
            "by_person": bool(chosen.get("person")),
        }
        return {name: value for name, value in kept.items() if value}

    @property
    def words(self) -> list[str]:
        """What is chosen, in words."""
        chosen = self.cleaned_data
        said = {
            "Person": chosen["person"],
            "What was done": actions.words(chosen["action"]),
            "From": chosen["since"] and f"{chosen['since']:%B %-d, %Y}",
            "To": chosen["until"] and f"{chosen['until']:%B %-d, %Y}",
            "About": chosen["reference"],
        }
        return [f"{label}: {value}" for label, value in said.items() if value]


class EntryExportForm(forms.Form):
    why = forms.CharField(
        label="Why do you export the audit?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit. Do not include client information.",
        error_messages={"required": "Say why you export the audit."},
    )
    # What the page said the file will hold.
    newest = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    count = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def carry(self, **shown: int) -> None:
        """Let the form bring back what its page shows now."""
        for name, number in shown.items():
            self.fields[name].initial = number
        if self.is_bound:
            data = cast(QueryDict, self.data).copy()
            data.update(shown)  # type: ignore[arg-type]  # numbers, drawn as text
            self.data = data
