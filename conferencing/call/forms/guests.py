"""What is typed to invite a guest to a review."""

from typing import Any, cast

from django import forms

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from conferencing.models import CallGuest
from participants.models import Participant


class InviteGuestForm(Form):
    """To whose review, who, and where the invitation goes."""

    participant = forms.ChoiceField(
        label="To the review of",
        error_messages={
            "required": "Choose the household.",
            "invalid_choice": "Choose one of the households in the list.",
        },
    )
    relation = forms.ChoiceField(
        label="Who is invited",
        choices=CallGuest.Relation.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose who is invited.",
            "invalid_choice": "Choose one of the three.",
        },
    )
    name = SingleLineField(
        label="What the guest is called",
        max_length=150,
        required=False,
        help_text="Of a family member or close support. Leave it blank for the participant, "
        "whose account is called “Guest”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    email = forms.EmailField(
        label="Email address",
        help_text="The invitation tells the day and the time, and nothing of the household. Make "
        "sure that nobody but the guest reads this mailbox.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Enter the guest’s email address.",
            "invalid": "Enter a whole email address, such as name@example.org.",
        },
    )
    is_released = forms.BooleanField(
        label="The survivor signed a release for this invitation",
        required=False,
        help_text="An address identifies a person. Your household’s stays out of this system "
        "without their informed, written, time-limited release.",
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        people: list[Participant],
        choices: list[tuple[str, str]],
        **kwargs: Any,  # as of any form
    ) -> None:
        """`people`: the participants; `choices`: their keys and labels."""
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        participant = cast(forms.ChoiceField, self.fields["participant"])
        participant.choices = [("", "Choose a household"), *choices]
        confidential = [person.is_confidential for person in people]
        if not any(confidential):
            del self.fields["is_released"]
        elif all(confidential):
            del self.fields["name"]

    def clean_participant(self) -> Participant:
        return self.people[self.cleaned_data["participant"]]

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or self.cleaned_data
        participant, relation = data.get("participant"), data.get("relation")
        is_confidential = participant and participant.is_confidential
        data["name"] = data.get("name", "")
        if is_confidential and not data.get("is_released"):
            self.add_error("is_released", "Without a release nobody can be invited.")
        if is_confidential or relation == CallGuest.Relation.PARTICIPANT:
            if data["name"]:
                self.add_error("name", "Leave the name blank: this account is called “Guest”.")
        elif participant and relation and not data["name"] and "name" in self.fields:
            self.add_error("name", "Say what the guest is called.")
        data.pop("is_released", None)
        return data


YES_OR_NO = [("yes", "Yes"), ("no", "No")]


def yes_or_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=lambda value: value == "yes",
        choices=YES_OR_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no.", "invalid_choice": "Choose yes or no."},
    )


class GuestSightForm(Form):
    """What participants who attend their own review see of it, besides steps and decisions."""

    barriers = yes_or_no("Do they see their critical barriers?")
    notes = yes_or_no("Do they see the notes?")
