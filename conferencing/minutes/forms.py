"""What is typed about minutes: addenda, why they are exported, whether they go out."""

from typing import Any, cast

from django import forms

from accounts.named_fields import Form
from participants.careful import CarefulForm

WHOLE_CALL = "call"


class AddendumForm(CarefulForm):
    """Words added to the minutes: about one household, or the call as a whole."""

    careful = ("words",)

    about = forms.ChoiceField(  # type: ignore[assignment]  # Django takes fields out of the class
        label="About",
        error_messages={
            "required": "Choose what it is about.",
            "invalid_choice": "Choose what it is about.",
        },
    )
    words = forms.CharField(
        label="What to add or correct",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=(
            "Your name and the time are shown. No diagnosis, treatment, criminal detail or "
            "Social Security number."
        ),
        error_messages={
            "required": "Enter what to add or correct.",
            "max_length": "Use at most 2,000 characters.",
        },
    )
    # Set by script: the words are what the call's page kept, and are let go once they are added.
    is_left_over = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # as of any form
        choices: list[tuple[str, str]],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["about"]).choices = choices


class ExportMinutesForm(CarefulForm):
    """Why the minutes leave the system."""

    careful = ("reason",)

    reason = forms.CharField(
        label="Why do you export the minutes?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit. Do not include client information.",
        error_messages={"required": "Say why you export the minutes."},
    )


class MinutesChoiceForm(Form):
    """Whether the continuum mails the minutes of its calls."""

    sends_minutes = forms.TypedChoiceField(
        label="After a call is closed",
        coerce=lambda value: value == "yes",
        choices=[
            (
                "yes",
                "Mail the minutes to the CE Specialists, and to everyone who was there and has "
                "current paperwork",
            ),
            ("no", "Mail nothing; the minutes are read in the portal"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose whether the minutes are mailed.",
            "invalid_choice": "Choose whether the minutes are mailed.",
        },
    )
