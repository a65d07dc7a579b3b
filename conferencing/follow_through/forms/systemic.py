"""What is typed about a systemic barrier."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.named_fields import Form
from agreements.models import StaffMember
from conferencing.follow_through.systemic import (
    SPECIALIST,
    owner_key,
    possible_owners,
    version_of,
)
from conferencing.follow_through.systemic_pages import others_to_merge_into
from conferencing.models import SystemicBarrier
from participants.careful import CarefulForm
from participants.texts import Reader
from participants.typed_over import WrittenField


class ChangeBarrierForm(CarefulForm):
    """Status, owner and strategy."""

    careful = ("strategy",)

    status = forms.ChoiceField(
        label="Status",
        choices=SystemicBarrier.Status.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the status.", "invalid_choice": "Choose the status."},
    )
    owner = forms.ChoiceField(
        label="Owner",
        required=False,
        help_text="Who works on it: the CE Specialist, or somebody of any agency.",
        error_messages={"invalid_choice": "Choose somebody who has a place at an agency now."},
    )
    strategy = WrittenField(
        label="Strategy",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="All staff whose paperwork is current read it. "
        "Do not include client information.",
        error_messages={"max_length": "Shorten the strategy to 2000 characters."},
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, barrier: SystemicBarrier, read: Reader
    ) -> None:
        self.read, self.former = read, barrier.strategy or ""
        self.shown = read.to_edit(self.former)
        initial = {
            "status": barrier.status,
            "owner": owner_key(barrier),
            "strategy": self.shown,
            "seen": version_of(barrier),
        }
        super().__init__(data, initial=initial)
        self.owners = {str(each.pk): each for each in possible_owners(barrier.continuum_id)}
        cast(forms.ChoiceField, self.fields["owner"]).choices = [
            ("", "Nobody yet"),
            (SPECIALIST, "The CE Specialist"),
            *((key, f"{each.user.name}, {each.agency}") for key, each in self.owners.items()),
        ]

    def clean_strategy(self) -> str:
        """The words with the names that were withheld from whoever changes them."""
        typed = self.cleaned_data["strategy"].replace("\r\n", "\n")
        if typed.split() == self.shown.split():
            return self.former
        return self.read.put_back(typed, self.former)

    def clean_owner(self) -> StaffMember | str | None:
        """A member of staff, `SPECIALIST`, or None."""
        key = self.cleaned_data["owner"]
        return SPECIALIST if key == SPECIALIST else self.owners.get(key)


class MergeBarrierForm(Form):
    """Under which other barrier this one counts from now on."""

    into = forms.ChoiceField(
        label="Count it under",
        error_messages={
            "required": "Choose the barrier under which it counts.",
            "invalid_choice": "Choose a barrier of the list.",
        },
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        barrier: SystemicBarrier,
        clean: Callable[[str], str],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(each.pk): each for each in others_to_merge_into(barrier)}
        cast(forms.ChoiceField, self.fields["into"]).choices = [
            ("", "Choose a barrier"),
            *((key, clean(each.words)) for key, each in self.others.items()),
        ]

    def clean_into(self) -> SystemicBarrier:
        return self.others[self.cleaned_data["into"]]
