"""What is typed about contacts, corrections of moves, inactivity and last attempts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.named_fields import ModelForm
from participants.careful import CarefulForm
from participants.models import Contact, InactivityRule, LastAttempt

from .fields import DatedForm, OnceForm, PastDay, in_words

RIGHT, NEVER = "right", "never"


class ContactForm(DatedForm, OnceForm):
    kind = forms.ChoiceField(
        label="What happened", choices=Contact.Kind.choices, widget=forms.RadioSelect
    )
    on = PastDay(label="On", initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)


class CorrectionForm(CarefulForm, DatedForm):
    careful = ("reason",)
    what = forms.ChoiceField(
        label="What is wrong",
        choices=[(RIGHT, "It was on another day"), (NEVER, "It never happened")],
        widget=forms.RadioSelect,
    )
    on = PastDay(label="The right day", required=False)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="The mistake stays in the household’s history, with this reason beside it.",
        error_messages={"required": "Say why; it is kept in the history."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean()
        if data.get("what") == RIGHT and not data.get("on") and "on" not in self.errors:
            self.add_error("on", "Enter the right day.")
        return data

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        data = self.cleaned_data
        return {
            "happened_on": data["on"] if data["what"] == RIGHT else None,
            "reason": data["reason"],
        }


class InactivityForm(ModelForm):
    sources = forms.MultipleChoiceField(
        label="What counts as contact",
        choices=InactivityRule.SOURCES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Coming onto the list, or back to it, always counts.",
        error_messages={
            "required": "Tick at least one thing that counts as contact.",
            "invalid_choice": "Choose from the list.",
        },
    )

    class Meta:
        model = InactivityRule
        fields = ["days", "youth_days", "sources"]
        labels = {
            "days": "Days without contact",
            "youth_days": "Days without contact, youth",
        }
        help_texts = {
            "days": "Many communities publish 90.",
            "youth_days": "For heads of household under 25. Many communities publish 30.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        for name in ("days", "youth_days"):
            field = self.fields[name]
            field.widget.attrs.update(min=21, max=730)
            field.error_messages = {
                "required": "Enter a number of days.",
                "invalid": "Enter a whole number of days.",
            }

    def _post_clean(self) -> None:
        # The service judges and saves the row; here only the fields are cleaned.
        pass

    def clean_days(self) -> int:
        return self.days("days")

    def clean_youth_days(self) -> int:
        return self.days("youth_days")

    def days(self, name: str) -> int:
        days: int = self.cleaned_data[name]
        if not 21 <= days <= 730:
            raise ValidationError(
                "Enter 21 to 730 days: agencies are warned 14 days before the last."
            )
        return days


class AttemptForm(CarefulForm, DatedForm, OnceForm):
    careful = ("words",)
    how = forms.ChoiceField(
        label="What was done", choices=LastAttempt.How.choices, widget=forms.RadioSelect
    )
    on = PastDay(label="On", initial=timezone.localdate)
    is_reached = forms.ChoiceField(
        label="Was the household reached?",
        choices=[("no", "No"), ("yes", "Yes: it stays on the list")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="In a line",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        help_text="What the next person should know. No names.",
    )

    def __init__(self, *args: Any, is_confidential: bool, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        if is_confidential:
            del self.fields["words"]
        in_words(self.fields)

    def clean_is_reached(self) -> bool:
        return bool(self.cleaned_data["is_reached"] == "yes")
