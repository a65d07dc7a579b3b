"""What is typed about a roster."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from participants.careful import CarefulForm
from participants.models import Participant


class HouseholdForm(CarefulForm):
    """A household, by its primary key."""

    household = "participant"

    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choose a household.",
            "invalid_choice": "This household cannot be added here. Search for it again.",
        },
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        participants: QuerySet[Participant],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        participant = cast("forms.ModelChoiceField[Participant]", self.fields["participant"])
        participant.queryset = participants


class AddToRosterForm(HouseholdForm):
    """And why it is on the roster."""

    careful = ("because",)

    because = SingleLineField(
        label="Reason in your own words",
        max_length=300,
        required=False,
        help_text="Printed on the list beside the other reasons. Do not use names.",
    )


class NominateForm(HouseholdForm):
    """An agency's nomination."""

    careful = ("reason",)

    reason = forms.CharField(
        label="Why this household should be reviewed",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The CE Specialist and everyone who gets the list see it. Do not use names.",
        error_messages={"required": "Say why the household should be reviewed."},
    )


class SettleForm(CarefulForm):
    """What agencies are told whose households are not on the roster."""

    careful = ("answer",)

    answer = forms.CharField(
        label="Answer to these agencies",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: first on next month’s roster. Do not use names.",
    )


class MoveForm(Form):
    to = forms.IntegerField(label="Position", min_value=1, max_value=10_000)
