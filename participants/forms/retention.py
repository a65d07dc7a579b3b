"""Why old records are de-identified now."""

from typing import Any

from django import forms

from participants.careful import CarefulForm

from .fields import in_words


class DeidentifyForm(CarefulForm):
    careful = ("reason",)
    reason = forms.CharField(
        label="Why now?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example: yearly retention, as our policy says. Kept in the audit.",
        error_messages={"required": "Say why the records are de-identified now."},
    )
    is_understood = forms.BooleanField(
        label="I know that this cannot be taken back",
        error_messages={"required": "Tick that you know that this cannot be taken back."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)

    def refuse(self, error: forms.ValidationError) -> None:
        self.add_error("reason", error)
