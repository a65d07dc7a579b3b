"""What is typed about a list."""

from django import forms

READ_OUT_HINT = "For example: called from the agency’s known number, cannot sign in today."


class ReasonForm(forms.Form):
    """A reason that will stand in the record."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason; it stands in the record."},
    )

    def __init__(self, *args, hint="", label="", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint
        if label:
            self.fields["reason"].label = label


class CorrectListForm(ReasonForm):
    """Says what is corrected, of which revision."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
