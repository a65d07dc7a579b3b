"""Agreement texts: what was typed for a draft, and when it must be signed again."""

from typing import Any, cast

from django import forms

from accounts.named_fields import Form, ModelForm
from accounts.single_lines import SingleLineField

from ..models import AgreementForm

TEXT_HINT = (
    "Plain text. A blank line begins a new paragraph; a line that begins with “# ” is a heading, "
    "one that begins with “- ” an item of a list."
)


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:  # as of any form
        super().__init__(format="%Y-%m-%d", **kwargs)


class DraftForm(ModelForm):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = AgreementForm
        fields = ("title", "text", "months_valid")
        field_classes = {"title": SingleLineField}
        labels = {"months_valid": "A signature is valid for (months)"}
        help_texts = {"text": TEXT_HINT}
        widgets = {"text": forms.Textarea(attrs={"rows": 24})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        cast(forms.IntegerField, self.fields["months_valid"]).min_value = 1
        self.fields["months_valid"].widget.attrs |= {"min": 1, "max": 120}
        self.initial["revision"] = self.instance.revision


class SignAgainForm(Form):
    """Until when earlier signatures count."""

    sign_again_by = forms.DateField(
        label="Sign again by",
        required=False,
        widget=DateInput(),
        help_text="Until this day signatures on earlier versions count. Without a date they count "
        "until they expire.",
    )


class PublishForm(SignAgainForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_earlier: bool, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        if not has_earlier:
            del self.fields["sign_again_by"]
