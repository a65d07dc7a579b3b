"""What is typed about a calling rule."""

from datetime import time
from typing import Any

from django import forms

from accounts.named_fields import Form
from regions.calling import MONTH_NAMES
from regions.models import CallingRule

MONTHS = [(str(number), name) for number, name in enumerate(MONTH_NAMES, start=1)]
TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class RuleForm(Form):
    """Which weekday of which week, in which months, from when, how long."""

    week = forms.TypedChoiceField(
        label="Week of the month",
        coerce=int,
        choices=CallingRule.Week.choices,
        error_messages={"required": "Choose the week of the month."},
    )
    weekday = forms.TypedChoiceField(
        label="Weekday",
        coerce=int,
        choices=CallingRule.Weekday.choices,
        error_messages={"required": "Choose the weekday."},
    )
    starts = forms.TimeField(
        label="Start time",
        widget=TIME,
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p"],
        error_messages={
            "required": "Enter the start time.",
            "invalid": "Enter the time as hours and minutes, such as 10:00 AM.",
        },
    )
    minutes = forms.IntegerField(
        label="Length in minutes",
        min_value=15,
        max_value=480,
        error_messages={
            "required": "Enter the length in minutes.",
            "invalid": "Enter the length as a whole number of minutes.",
            "min_value": "A call lasts at least 15 minutes.",
            "max_value": "A call lasts at most 480 minutes (8 hours).",
        },
    )
    months = forms.TypedMultipleChoiceField(
        label="Months",
        coerce=int,
        choices=MONTHS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one month."},
    )

    def clean_starts(self) -> time:
        """Not in the hours that clocks skip or repeat, twice a year on a Sunday."""
        starts: time = self.cleaned_data["starts"]
        if 1 <= starts.hour < 3:
            raise forms.ValidationError(
                "Choose a time before 1:00 AM or from 3:00 AM on: the clocks change between them."
            )
        return starts

    def __init__(
        self,
        *args: Any,  # as of any form
        zone_words: str,
        months_hint: str,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts"].help_text = zone_words
        self.fields["months"].help_text = months_hint


class LeadDaysForm(Form):
    """How many days before a call its list goes out."""

    lead_days = forms.IntegerField(
        label="Days before the call, at the least",
        min_value=2,
        max_value=30,
        help_text="The list goes out at 8:00 AM on the last working day that is early enough.",
        error_messages={
            "required": "Enter the number of days.",
            "invalid": "Enter the number of days as a whole number.",
            "min_value": "The list goes out at least two days before.",
            "max_value": "The list can go out at most 30 days before.",
        },
    )
