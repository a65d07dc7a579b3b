"""What is typed about a participant's request and its answer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from participants.careful import CarefulForm
from participants.models import RightsRequest

from .fields import OnceForm, PastDay, in_words


class RightsRequestForm(CarefulForm, OnceForm):
    careful = ("by_whom", "words")
    kind = forms.ChoiceField(
        label="What is asked for", choices=RightsRequest.Kind.choices, widget=forms.RadioSelect
    )
    received_on = PastDay(
        label="Received on",
        initial=timezone.localdate,
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
    answered_on = PastDay(label="Answered on", initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)

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
