"""What is typed about a list that comes back: the file and its password."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from participants.spreadsheets.upload_forms import BroughtForm, table_cells, table_file


class ReturnedForm(BroughtForm):
    nothing = "Choose the list, or paste its cells."
    file = table_file(
        "The exported list",
        "The workbook that was exported here, with what you changed in it.",
        accept=".xlsx,.csv",
    )
    password = SingleLineField(
        label="Its password",
        required=False,
        max_length=80,
        strip=True,
        help_text="If it is still locked. The password is used once, and not kept.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    text = table_cells("With the headings, and the hidden last column.", rows=4)


class SettleForm(Form):
    takes_file = forms.BooleanField(required=False)
    seen = forms.JSONField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> list[str]:
        seen = self.cleaned_data["seen"] or []
        if not isinstance(seen, list) or not all(isinstance(each, str) for each in seen):
            raise ValidationError("Open the page again: it did not send all that it should.")
        return seen
