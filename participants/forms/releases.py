"""What is typed about a release of information."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.named_fields import ModelForm
from agreements.forms.scans import ScanField
from agreements.models import Agency
from participants.careful import CarefulForm
from participants.models import Release
from regions.models import Continuum

from .fields import DateInput, Group, OnceForm, PastDay, in_words


def as_before(release: Release, on: date) -> dict[str, object]:
    """What a renewal begins with: the terms of `release`, signed `on`, for as many days again."""
    days = release.expires_on - release.signed_on
    return {
        "form_version": release.form_version,
        "covers_case_conferencing": release.covers_case_conferencing,
        "covers_referrals": release.covers_referrals,
        "covers_hmis": release.covers_hmis,
        "to_all_partners": release.to_all_partners,
        "agencies": [each.pk for each in release.agencies.all() if each.is_active],
        "signed_on": on,
        "expires_on": on + days,
    }


class ReleaseForm(OnceForm, ModelForm):
    agencies = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label="Or only to these agencies",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    scan = ScanField(
        label="Scan or photos of the signed form",
        required=False,
        help_text="One PDF of at most 10 MB, or photos (JPEG, PNG) of each page in their order. "
        "Kept encrypted.",
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
            "form_version": "Form and version",
            "covers_case_conferencing": "Case conferencing by name",
            "covers_referrals": "Referrals",
            "covers_hmis": "HMIS data sharing",
            "to_all_partners": "To all partner agencies of the CoC",
            "signed_on": "Signed on",
            "expires_on": "Valid through",
        }
        help_texts = {
            "form_version": "For example: Release of information, version 3.",
            "covers_case_conferencing": "Tick only if the signed form names case conferencing.",
        }
        widgets = {"expires_on": DateInput()}
        field_classes = {"signed_on": PastDay}

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        renews: Release | None = None,
        on: date | None = None,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        # What the paper says is ticked by whoever has read it.
        self.initial["covers_case_conferencing"] = False
        if renews and on:
            self.initial.update(as_before(renews, on))
        agencies = cast("forms.ModelMultipleChoiceField[Agency]", self.fields["agencies"])
        agencies.queryset = Agency.objects.filter(continuum=continuum, is_active=True).order_by(
            "name"
        )
        in_words(self.fields)
        if self.files:
            self.fields["scan"].help_text += " A browser forgets the file: choose it again."

    def groups(self) -> list[Group]:
        """`(legend, css class, fields)` in the order of the page."""
        layout = [
            ("", "", ["pk", "form_version"]),
            (
                "What it covers",
                "cc-fieldset--checks",
                ["covers_case_conferencing", "covers_referrals", "covers_hmis"],
            ),
            ("To whom", "", ["to_all_partners", "agencies"]),
            ("How long", "cc-fieldset--columns", ["signed_on", "expires_on"]),
            ("The paper", "", ["scan"]),
        ]
        return [(legend, css, [self[name] for name in names]) for legend, css, names in layout]

    def keep(self, typed: QueryDict) -> None:
        """Show again what was typed, without judging it."""
        for name in self.fields:
            if name == "agencies":
                self.initial[name] = typed.getlist(name)
            elif name in typed and name != "scan":
                self.initial[name] = typed[name]

    def _post_clean(self) -> None:
        # The service makes and judges the row.
        pass


class ManyReleasesForm(ReleaseForm):
    """What the households that were checked have signed, each on a form of its own or on one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        self.fields["scan"].label = "One scan for all of them"
        hint = (
            "PDF, 10 MB at most, or none. Kept encrypted. It opens only for somebody who may read "
            "every name on it."
        )
        again = " A browser forgets the file: choose it again." if self.files else ""
        self.fields["scan"].help_text = hint + again


class ConfirmReleaseForm(CarefulForm):
    careful = ("reason",)
    reason = forms.CharField(
        label="How you know",
        help_text="For example: they read it and said so on the phone on March 3.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": "Say how you know that it holds for them."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)


class RevokeReleaseForm(CarefulForm):
    careful = ("reason",)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": "Say why the release is revoked."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
