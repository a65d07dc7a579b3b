"""The field for a signed paper: one PDF, or photos of its pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ..documents import MOST_BYTES, check_scan
from ..photos import is_photo, pdf_of_photos, refuse_heic

MOST_UPLOADED = 60 * 1024 * 1024  # photos as they come from the phone, all together


class ScanInput(forms.FileInput):
    allow_multiple_selected = True


class ScanField(forms.FileField):
    """Takes a PDF, or JPEG and PNG photos; gives the bytes of a plain PDF, or None."""

    widget = ScanInput
    default_error_messages = {
        "invalid": "The file did not arrive. Choose it again.",
        "empty": "This file is empty. Choose it again.",
    }

    def __init__(self, **kwargs: Any) -> None:  # as of any form
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {"accept": "application/pdf,image/jpeg,image/png", "multiple": True}
        )

    def clean(self, data: object, initial: object | None = None) -> bytes | None:
        files = data if isinstance(data, list | tuple) else [data]
        taken = [super(ScanField, self).clean(each, initial) for each in files or [None]]
        taken = [each for each in taken if each]
        if not taken:
            return None
        size = sum(each.size for each in taken)
        if size > MOST_UPLOADED:
            raise ValidationError(
                f"These files have {size / 1024 / 1024:.0f} MB together; at most 60 MB can be sent."
            )
        contents = [each.read() for each in taken]
        return self.as_pdf(contents)

    def as_pdf(self, contents: list[bytes]) -> bytes:
        for each in contents:
            refuse_heic(each)
        if all(map(is_photo, contents)):
            contents = [pdf_of_photos(contents)]
        if len(contents) > 1:
            raise ValidationError("Choose one PDF, or photos alone: a page each.")
        (pdf,) = contents
        if b"%PDF-" not in pdf[:1024]:
            raise ValidationError(
                "This file is neither a PDF nor a photo (JPEG, PNG). Scan or photograph the signed "
                "paper and choose that file.",
                code="not_a_pdf",
            )
        if len(pdf) > MOST_BYTES:
            raise ValidationError(
                f"This file has {len(pdf) / 1024 / 1024:.1f} MB; at most 10 MB can be kept. Scan "
                "it in black and white, or at 200 dots per inch."
            )
        check_scan(pdf)
        return pdf
