"""What is typed about a single call."""

from typing import Any, cast

from django import forms

from accounts.named_fields import Form
from conferencing.shared_forms import MomentForm, ReasonForm
from regions.models import Continuum, Region

COC_WIDE = "coc-wide"


class TimeForm(MomentForm):
    """A date, a local time and a length; `starts_at` is the instant in UTC once valid."""

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


class MoveMeetingForm(TimeForm):
    """The new time of a call, and which state of it the page showed."""

    sequence = forms.IntegerField(widget=forms.HiddenInput)


class AddMeetingForm(TimeForm):
    """A single call beside the rule's."""

    region = forms.ChoiceField(
        label="Which call",
        error_messages={"required": "Choose the region, or CoC-wide."},
    )
    link = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        help_text="Leave blank to use the region’s own link.",
        error_messages={"invalid": "Enter a whole web address, such as https://meet.example.org/."},
    )
    field_order = ("region", "on", "starts", "which", "minutes", "link")

    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        self.regions = {str(each.pk): each for each in Region.objects.filter(continuum=continuum)}
        region = cast(forms.ChoiceField, self.fields["region"])
        region.choices = [
            ("", "Choose"),
            *((key, each.name) for key, each in self.regions.items()),
            (COC_WIDE, "CoC-wide, of all regions"),
        ]

    def clean_region(self) -> Region | None:
        """The region, or None for a CoC-wide call."""
        return self.regions.get(self.cleaned_data["region"])


class CancelMeetingForm(ReasonForm):
    sequence = forms.IntegerField(widget=forms.HiddenInput)


class RestoreMeetingForm(Form):
    sequence = forms.IntegerField(widget=forms.HiddenInput)


class LinkForm(Form):
    """One call's own link."""

    link = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter a whole web address, such as https://meet.example.org/."},
    )
