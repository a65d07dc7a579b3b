"""What is typed when somebody cannot come."""

from typing import Any, cast

from django import forms

from accounts.single_lines import SingleLineField
from agreements.models import Agency, StaffMember
from participants.careful import CarefulForm


class ProposeSwapForm(CarefulForm):
    """Who is asked to take a role over, and a line to them."""

    careful = ("words",)

    to = forms.ChoiceField(
        label="Who can do it in your place?",
        error_messages={
            "required": "Choose the person to ask.",
            "invalid_choice": "Choose one of the people in the list.",
        },
        help_text="People whose paperwork is current: your own agency’s first. Then come the other "
        "agencies of the rotation, but not the one that has the other role.",
    )
    words = SingleLineField(
        label="Message",
        required=False,
        max_length=300,
        help_text="They read it where they answer, not in the mail. Do not include "
        "client information.",
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        groups: list[tuple[Agency, list[StaffMember]]],
        **kwargs: Any,  # as of any form
    ) -> None:
        """`groups`: `[(agency, [StaffMember, …]), …]`."""
        super().__init__(*args, **kwargs)
        self.people = {str(each.pk): each for _agency, people in groups for each in people}
        to = cast(forms.ChoiceField, self.fields["to"])
        to.choices = [("", "Choose a person")] + [
            (agency.name, [(str(each.pk), each.user.name) for each in people])
            for agency, people in groups
        ]

    def clean_to(self) -> StaffMember:
        return self.people[self.cleaned_data["to"]]
