"""A table that somebody brings: as a file, or as cells that they paste."""

from typing import IO, Any, TypedDict

from django import forms

from accounts.named_fields import Form
from participants.hmis.uploads import in_memory

from .reading import MOST_BYTES

TOO_LARGE = (
    f"The file is larger than {MOST_BYTES >> 20} MB. Copy the list into a sheet of its own, and "
    "upload that."
)


class Brought(TypedDict):
    """A table as an act takes it: a file with its name, or else text."""

    file: IO[bytes] | None
    file_name: str
    text: str


def table_file(label: str, help_text: str, *, accept: str) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": accept}),
        error_messages={
            "empty": "The file is empty. Save it again, and upload it.",
            "invalid": "The file did not arrive. Choose it again.",
        },
    )


def table_cells(help_text: str, *, rows: int) -> forms.CharField:
    return forms.CharField(
        label="Or paste its cells here",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": rows, "spellcheck": "false", "autocomplete": "off", "class": "cc-mono"}
        ),
        help_text=help_text,
    )


class BroughtForm(Form):
    """Either the one or the other: `file`, or `text`; `nothing` is said of neither."""

    nothing = ""

    def __init__(self, *args: Any, is_too_large: bool = False, **kwargs: Any) -> None:  # as any
        super().__init__(*args, **kwargs)
        self.is_too_large = is_too_large

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or self.cleaned_data
        file, text = data.get("file"), (data.get("text") or "").strip()
        if self.is_too_large:
            self.add_error("file", TOO_LARGE)
        elif not file and not text and not self.errors:
            self.add_error("file", self.nothing)
        elif file and text:
            self.add_error("text", "Choose a file or paste cells, not both.")
        elif len(text) > MOST_BYTES:
            self.add_error("text", "This is too long. Upload the file.")
        return data

    def table(self) -> Brought:
        file = self.cleaned_data["file"]
        return {
            "file": in_memory(file) if file else None,
            "file_name": file.name if file else "",
            "text": self.cleaned_data["text"],
        }
