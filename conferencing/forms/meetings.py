"""What is typed about a single call."""

from django import forms
from django.core.exceptions import ValidationError

from conferencing.forms.lists import ReasonForm
from regions.calling import local_instant
from regions.models import Region

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class TimeForm(forms.Form):
    """A date, a local time and a length; `starts_at` is the instant in UTC once valid."""

    on = forms.DateField(
        label="Date",
        widget=DATE,
        error_messages={
            "required": "Enter the date.",
            "invalid": "Enter the date as month, day and year.",
        },
    )
    starts = forms.TimeField(
        label="Start time",
        widget=TIME,
        error_messages={
            "required": "Enter the start time.",
            "invalid": "Enter the time as hours and minutes, such as 10:00 AM.",
        },
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p"],
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

    def __init__(self, *args, zone, zone_words, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["starts"].help_text = zone_words

    def clean(self):
        data = super().clean()
        if data.get("on") and data.get("starts"):
            try:
                data["starts_at"] = local_instant(data["on"], data["starts"], self.zone)
            except OverflowError as error:
                raise ValidationError({"on": "Enter a date of this century."}) from error
        return data


class MoveMeetingForm(TimeForm):
    """The new time of a call, and which state of it the page showed."""

    sequence = forms.IntegerField(widget=forms.HiddenInput)


class AddMeetingForm(TimeForm):
    """A single call beside the rule's."""

    region = forms.ModelChoiceField(
        label="Call of",
        queryset=Region.objects.none(),
        required=False,
        empty_label="CoC-wide",
    )
    link = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        help_text="Leave empty to use the region’s own link.",
        error_messages={"invalid": "Enter a whole web address, such as https://meet.example.org/."},
    )
    field_order = ("region", "on", "starts", "minutes", "link")

    def __init__(self, *args, continuum, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(continuum=continuum)


class CancelMeetingForm(ReasonForm):
    sequence = forms.IntegerField(widget=forms.HiddenInput)


class RestoreMeetingForm(forms.Form):
    sequence = forms.IntegerField(widget=forms.HiddenInput)


class LinkForm(forms.Form):
    """One call's own link."""

    link = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter a whole web address, such as https://meet.example.org/."},
    )
