"""Every day that a person types is of our time, so that no sum of days runs off the calendar."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


def refuse_another_time(on: date) -> None:
    if not EARLIEST <= on <= LATEST:
        raise ValidationError("Enter a date between 1900 and 2100.", code="another_time")


def register() -> None:
    """Ask it of every field for a date, those of models too."""
    forms.DateField.default_validators = [refuse_another_time]
