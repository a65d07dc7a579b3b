"""Agreements and statements: what was typed to sign, put in, countersign or revoke."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField

from ..models import AgencyAgreement, AgreementForm, PersonalStatement
from .scans import ScanField
from .texts import DateInput


class ShownTextForm(Form):
    """What every signature carries along: which text was shown, and what was signed by then."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    text_hash = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    has_read = forms.BooleanField(
        label="I have read the whole text",
        error_messages={"required": "Read the whole text, then tick this box."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        text: AgreementForm | None = None,
        newest: AgencyAgreement | PersonalStatement | None = None,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        if text is not None:
            self.initial.update(
                form_id=text.pk,
                text_hash=text.text_hash,
                seen=newest.pk if newest else "",
            )

    def refuse(self, error: ValidationError) -> None:
        """Show it with the text in use now: what was typed stays, the tick does not."""
        data = cast(QueryDict, self.data).copy()
        data.pop("has_read", None)
        if self.text is not None:
            data["form_id"], data["text_hash"] = str(self.text.pk), self.text.text_hash
        self.data = data
        self.full_clean()
        super().refuse(error)

    @property
    def shown(self) -> dict[str, Any]:  # Any: as the services take them
        """Which text was signed, as the services take it."""
        return {name: self.cleaned_data[name] for name in ("form_id", "text_hash", "seen")}


class SignAgreementForm(ShownTextForm):
    name = SingleLineField(
        label="Your name",
        max_length=150,
        help_text="As you would sign it on paper.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    title = SingleLineField(
        label="Your title",
        max_length=150,
        help_text="For example: Executive Director.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )


class SignStatementForm(ShownTextForm):
    name = SingleLineField(
        label="Your name",
        max_length=150,
        help_text="As you would sign it on paper.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class UploadForm(Form):
    """The scan of a paper agreement."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    form = forms.ModelChoiceField(
        AgreementForm.objects.none(),
        label="Version that was signed",
        empty_label=None,
        help_text="It is printed on the agreement.",
    )
    name = SingleLineField(
        label="Name of the person who signed",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    title = SingleLineField(
        label="Their title",
        max_length=150,
        help_text="For example: Executive Director.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    signed_on = forms.DateField(
        label="Date of the signature", widget=DateInput(), help_text="Today or earlier."
    )
    scan = ScanField(
        label="Scan or photos of the signed agreement",
        help_text="One PDF of at most 10 MB, or photos (JPEG, PNG) of each page in their order. "
        "After an error choose it again: browsers do not keep it.",
        error_messages={"required": "Choose the PDF or the photos of the signed agreement."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        texts: QuerySet[AgreementForm],
        newest: AgencyAgreement | None = None,
        today: date,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        cast("forms.ModelChoiceField[AgreementForm]", self.fields["form"]).queryset = texts
        self.fields["signed_on"].widget.attrs["max"] = today.isoformat()
        self.initial["seen"] = newest.pk if newest else ""

    def clean_signed_on(self) -> date:
        signed_on: date = self.cleaned_data["signed_on"]
        if signed_on > self.today:
            raise ValidationError("Give the date it was signed: today or earlier.")
        return signed_on


class CountersignForm(Form):
    effective_on = forms.DateField(label="First day", widget=DateInput())
    expires_on = forms.DateField(
        label="Last day",
        widget=DateInput(),
        help_text="The agency and its people count up to and including this day.",
    )

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        data = super().clean() or {}
        first, last = data.get("effective_on"), data.get("expires_on")
        if first and last and last < first:
            self.add_error("expires_on", "The last day must not be before the first.")
        return data


class RevokeForm(Form):
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The agency’s people can read it. Nothing about participants, please.",
        error_messages={"required": "Say why."},
    )
