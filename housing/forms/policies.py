"""What is typed about the prioritization policy."""

from typing import Any

from django import forms

from accounts.named_fields import Form
from housing.criteria import CRITERIA
from housing.models import PrioritizationPolicy
from participants.forms.fields import ChangedAtField, DateInput, PastDay, in_words

PLACES, TIES = 4, 2
NONE = ("", "None")


class PolicyForm(Form):
    """The order is chosen place by place: what weighs most stands first."""

    changed_at = ChangedAtField()
    words = forms.CharField(
        label="The policy in words",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        help_text="As your CoC approved it, or is to approve it.",
    )

    def __init__(self, *args: Any, policy: PrioritizationPolicy, **kwargs: Any) -> None:  # any form
        super().__init__(*args, **kwargs)
        choices = [NONE, *((key, each.label) for key, each in CRITERIA.items())]
        for name, most, label in (
            ("criteria", PLACES, "Criterion {}"),
            ("tie_breaks", TIES, "If they are equal, {}"),
        ):
            now = list(getattr(policy, name))
            for number in range(1, most + 1):
                self.fields[f"{name}_{number}"] = forms.ChoiceField(
                    label=label.format(number),
                    choices=choices,
                    required=False,
                    initial=now[number - 1] if number <= len(now) else "",
                )
        self.initial.update({"words": policy.words, "changed_at": policy.changed_at.isoformat()})
        in_words(self.fields)

    def chosen(self, name: str) -> list[str]:
        most = PLACES if name == "criteria" else TIES
        found = [self.cleaned_data[f"{name}_{number}"] for number in range(1, most + 1)]
        return [each for each in found if each]

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        return {
            "changed_at": self.cleaned_data["changed_at"],
            "words": self.cleaned_data["words"],
            "criteria": self.chosen("criteria"),
            "tie_breaks": self.chosen("tie_breaks"),
        }


class ApproveForm(Form):
    approved_by = forms.CharField(
        label="Approved by",
        max_length=160,
        help_text="Such as “CoC Board”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    approved_on = PastDay(label="Approved on")
    valid_from = forms.DateField(label="Counts from", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
