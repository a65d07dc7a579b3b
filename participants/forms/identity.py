"""Who heads a household, as it is typed; of a victim service provider's nothing is."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form
from participants.models import IDENTITY


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

    def refuse(self, error: ValidationError) -> None:
        """Offer to say that it is a different person, where that answers it."""
        if "is_different_person" in getattr(error, "error_dict", ()):
            self.fields["is_different_person"].widget = forms.CheckboxInput()
        super().refuse(error)
