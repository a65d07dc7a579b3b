"""What is typed about a participant's request and its answer."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from participants.careful import CarefulForm
from participants.models import RightsRequest

from .fields import DateInput, OnceForm, in_words, not_ahead


class RightsRequestForm(CarefulForm, OnceForm):
    careful = ("by_whom", "words")
    kind = forms.ChoiceField(
        label="What is asked for", choices=RightsRequest.Kind.choices, widget=forms.RadioSelect
    )
    received_on = forms.DateField(
        label="Received on",
        widget=DateInput(),
        help_text="It is to be answered within 30 days of it.",
    )
    by_whom = forms.CharField(
        label="Asked by",
        max_length=200,
        help_text="For example: the participant in person; a guardian, with a signed letter.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    words = forms.CharField(
        label="What exactly was asked",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text="Kept encrypted.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
        self.fields["received_on"].initial = timezone.localdate

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        not_ahead(day)
        return day


class AnswerForm(CarefulForm):
    careful = ("answer",)
    outcome = forms.ChoiceField(
        label="Outcome", choices=RightsRequest.Outcome.choices, widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label="The answer",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text="What was shown or corrected. Whatever is denied needs its reason, which is "
        "owed to the person.",
    )
    answered_on = forms.DateField(label="Answered on", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
        self.fields["answered_on"].initial = timezone.localdate

    def clean_answered_on(self) -> date:
        day: date = self.cleaned_data["answered_on"]
        not_ahead(day)
        return day

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        cleaned = super().clean()
        is_denied = cleaned.get("outcome") in ("partly", "denied")
        if is_denied and not cleaned.get("answer", "").strip() and "answer" not in self.errors:
            self.add_error(
                "answer", ValidationError("Say why. The reason is owed to the person who asked.")
            )
        return cleaned


class DisagreementForm(CarefulForm):
    careful = ("disagreement",)
    disagreement = forms.CharField(
        label="The person’s statement, in their words",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text="Kept with the request and its answer.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
