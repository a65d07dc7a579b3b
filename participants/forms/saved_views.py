"""How a view of the by-name list is called, who sees it, and why the list is exported."""

from typing import Any

from django import forms

from participants.careful import CarefulForm
from participants.services.list_export import PDF, XLSX
from participants.typed_over import WrittenField

from .fields import in_words

NAME_HELP = (
    "Such as “Unsheltered youth, Region 2”. Do not include client information: a shared "
    "view’s name is read by everybody."
)


class SavedViewForm(CarefulForm):
    careful = ("name",)
    name = WrittenField(
        label="Name of the view",
        max_length=60,
        help_text=NAME_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": "Give the view a name."},
    )
    is_shared = forms.BooleanField(
        label="Share it with the whole CoC",
        required=False,
        help_text="Everyone whose paperwork is current finds it above their list. "
        "Each sees the households and "
        "names that they may see; nobody sees yours.",
    )
    takes_choice = forms.BooleanField(
        label="Keep the filters, order and columns as they are on the list now",
        required=False,
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        may_share: bool,
        is_changed: bool = False,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]
        if not is_changed:
            del self.fields["takes_choice"]
        in_words(self.fields)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class ListExportForm(CarefulForm):
    careful = ("reason",)
    kind = forms.ChoiceField(
        label="As what?",
        choices=[(XLSX, "Excel workbook (XLSX), to sort and count"), (PDF, "PDF, to print")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a workbook or a PDF.",
            "invalid_choice": "Choose a workbook or a PDF.",
        },
    )
    reason = forms.CharField(
        label="Why do you export the list?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="Printed in the file, and kept in the audit and in the record of disclosures of "
        "each household in it. Do not include client information.",
        error_messages={"required": "Say why you export the list."},
    )
    # Which households the page said the file will hold (services.list_export.Extent.seen).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
