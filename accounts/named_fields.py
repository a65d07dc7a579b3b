"""What is missing is named: the forms of the house say which field waits, and for what.

An error is read at its field, in the list above the form, and by who hears the page; some answers
show it alone. So each says by itself which field is meant. Where a form has better words
(`error_messages={"required": …}`) those stand.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

NAMELESS = {
    str(forms.Field.default_error_messages["required"]),
    str(models.Field.default_error_messages["blank"]),
    str(models.Field.default_error_messages["null"]),
    str(forms.MultiValueField.default_error_messages["incomplete"]),
}


def missing(field: forms.Field, label: object) -> str:
    """Say what to do about a field that was left empty."""
    if field.widget.is_hidden:
        return "Open the page again: it did not send all that it should."
    label = str(label).rstrip(" .:")
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”."
    if isinstance(field, forms.FileField):
        return f"Choose the file: “{label}”."
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return f"Choose an answer: “{label}”."
    if isinstance(field, forms.DateField):
        return f"Enter the date: “{label}”."
    return f"Fill in “{label}”."


class NamedFields(forms.BaseForm):
    """For a form: errors that would not say which field is missing say it.

    A service's error by field stands at the fields that the form has, and above the form else.
    """

    def add_error(self, field: str | None, error: Any) -> None:  # Any: whatever Django takes
        if field is None and hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                self.add_error(name if name in self.fields else None, errors)
            return
        super().add_error(field, error)
        for name, found in self.errors.items():
            if name not in self.fields:
                continue
            for number, each in enumerate(found.as_data()):
                if str(each.message) in NAMELESS:
                    words = missing(self.fields[name], self[name].label)
                    found.data[number] = ValidationError(words, code=each.code)

    def refuse(self, error: ValidationError) -> None:
        """Show what a service refused (`accounts.refusals`); a form that can do more does it."""
        self.add_error(None, error)


class Form(NamedFields, forms.Form):
    """A form of the house."""


class ModelForm(NamedFields, forms.ModelForm):  # type: ignore[type-arg]  # none as Django runs
    """A form of the house for one row."""
