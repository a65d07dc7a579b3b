"""What is typed on one line stays on one line: the one rule for every such field.

A browser sends no line break from such a field; a forged request does, and the text would then make
lines of its own in mails, files, lists and logs. Signs that show nothing, or turn the direction of
what follows, are as unwelcome; the two that join letters in many scripts are taken.
"""

import unicodedata
from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError

JOINERS = "\u200c\u200d"
HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}


def single_line(text: str) -> None:
    """Raise ValidationError for a text with line breaks or signs that show nothing."""
    if any(unicodedata.category(letter) in HIDDEN and letter not in JOINERS for letter in text):
        raise ValidationError(
            "Write this on one line, without line breaks or hidden characters.",
            code="not_one_line",
        )


class SingleLineField(forms.CharField):
    """A field for one line of text."""

    default_validators = [single_line]


def keep_to_one_line(fields: Mapping[str, forms.Field]) -> None:
    """Let each of a form's fields for one line of text take one line alone."""
    for field in fields.values():
        is_line = isinstance(field, forms.CharField) and isinstance(
            field.widget, forms.widgets.Input
        )
        is_hidden = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput)
        if is_line and not is_hidden and single_line not in field.validators:
            field.validators = [*field.validators, single_line]
