"""What is typed about who facilitates and who takes notes."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from agreements.models import Agency, StaffMember
from participants.careful import CarefulForm


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # none as Django runs
    def label_from_instance(self, person: StaffMember) -> str:
        return person.user.name


class NamePersonForm(Form):
    """Which of the agency's people does it."""

    person = PersonChoice(
        label="Person",
        queryset=StaffMember.objects.none(),
        required=False,
        blank=True,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": "Choose one of the people in the list."},
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # as of any form
        people: QuerySet[StaffMember],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonChoice, self.fields["person"]).queryset = people


class ChangeRoleForm(CarefulForm):
    """Which agency does it at this call in place of the one in turn."""

    careful = ("why",)

    agency = forms.ModelChoiceField(
        label="Agency",
        queryset=Agency.objects.none(),
        empty_label="Choose an agency",
        error_messages={
            "required": "Choose the agency.",
            "invalid_choice": "Choose one of the agencies in the list.",
        },
        help_text="Agencies with a current agreement that do not have the other role at this call.",
    )
    why = SingleLineField(
        label="Why",
        required=False,
        max_length=500,
        help_text="Kept in the record. Do not include client information.",
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # as of any form
        agencies: QuerySet[Agency],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Agency]", self.fields["agency"]).queryset = agencies
