"""What is typed about a release of information."""

from django import forms

from agreements.models import Agency
from participants.models import Release

from .participants import DateInput

MOST_BYTES = 10 * 1024 * 1024


class ReleaseForm(forms.ModelForm):
    agencies = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label="Or only to these agencies",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    scan = forms.FileField(
        label="Scan of the signed form",
        required=False,
        help_text="PDF, 10 MB at most. Kept encrypted.",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
    )

    class Meta:
        model = Release
        fields = [
            "form_version",
            "covers_case_conferencing",
            "covers_referrals",
            "covers_hmis",
            "to_all_partners",
            "signed_on",
            "expires_on",
        ]
        labels = {
            "covers_case_conferencing": "Covers case conferencing by name",
            "covers_referrals": "Covers referrals",
        }
        help_texts = {
            "form_version": "For example: Release of information, version 3.",
            "covers_case_conferencing": "Tick only if the signed form names case conferencing.",
            "expires_on": "The last day on which it counts.",
        }
        widgets = {"signed_on": DateInput(), "expires_on": DateInput()}

    field_order = [
        "form_version",
        "covers_case_conferencing",
        "covers_referrals",
        "covers_hmis",
        "to_all_partners",
        "agencies",
        "signed_on",
        "expires_on",
        "scan",
    ]

    def __init__(self, *args, continuum, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agencies"].queryset = Agency.objects.filter(
            continuum=continuum, is_active=True
        )

    def clean_scan(self):
        scan = self.cleaned_data["scan"]
        if not scan:
            return None
        if scan.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 10 MB. Scan it smaller.")
        return scan.read()

    def clean(self):
        data = super().clean()
        signed, expires = data.get("signed_on"), data.get("expires_on")
        if signed and expires and expires < signed:
            self.add_error("expires_on", "The last day cannot be before the day of signing.")
        return data

    def _post_clean(self):
        # The service makes and judges the row.
        pass


class RevokeReleaseForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the release is revoked."},
    )
