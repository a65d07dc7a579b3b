"""Who heads a household, as it is typed; of a victim service provider's nothing is."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form
from participants.models import IDENTITY

from .fields import not_ahead


class IdentityForm(Form):
    """Asks for name, birth date, contact and HMIS ID, by fields of the form that has them."""

    is_different_person = forms.BooleanField(
        label="This is a different person", required=False, widget=forms.HiddenInput
    )

    def leave_out_identity(self) -> None:
        for name in IDENTITY:
            del self.fields[name]

    def clean_name(self) -> str:
        return " ".join((self.cleaned_data["name"] or "").split())

    def clean_birth_date(self) -> date | None:
        day: date | None = self.cleaned_data["birth_date"]
        not_ahead(day)
        return day

    def refuse(self, error: ValidationError) -> None:
        """Offer to say that it is a different person, where that answers it."""
        if "is_different_person" in getattr(error, "error_dict", ()):
            self.fields["is_different_person"].widget = forms.CheckboxInput()
        super().refuse(error)
