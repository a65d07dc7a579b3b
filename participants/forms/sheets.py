"""A victim service provider's sheet, typed or as a file."""

from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form
from regions.models import Continuum, Region

from .fields import in_words

MOST_BYTES = 100_000


class SheetForm(Form):
    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    region: "forms.ModelChoiceField[Region]" = forms.ModelChoiceField(
        None, label="Region of households without a county", empty_label="Choose a region"
    )
    file = forms.FileField(
        label="Sheet as a file",
        required=False,
        help_text="CSV, 100 kB at most.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={
            "empty": "This file is empty. Choose the sheet again.",
            "invalid": "The file did not arrive. Choose it again.",
        },
    )
    text = forms.CharField(
        label="Or type it here",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off", "class": "cc-mono"}
        ),
        help_text="The first line names the columns: alias, county, people, children, needs.",
    )

    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = continuum.regions.all()
        if continuum.regions.count() == 1:
            self.initial["region"] = continuum.regions.get()
        in_words(self.fields)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 100 kB. Send the sheet alone.")
        try:
            return str(file.read(), "utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("Save the sheet as CSV in UTF-8, then try again.") from None

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or self.cleaned_data
        text = data.get("file") or data.get("text") or ""
        if not text.strip() and not self.errors:
            self.add_error("text", "Choose a file, or type the sheet.")
        elif "\0" in text or len(text) > MOST_BYTES:
            self.add_error("text", "This is no sheet. Save it as CSV, then try again.")
        data["sheet"] = text
        return data

    def put(self, sheet: str) -> None:
        """Keep what came as a file in the text, so that saving needs no file."""
        self.data = self.data.copy()
        self.data["text"] = sheet
