"""What is typed about a systemic barrier."""

from django import forms

from conferencing.models import SystemicBarrier
from conferencing.services.systemic import possible_owners, version_of
from conferencing.services.systemic_pages import others_to_merge_into


class ChangeBarrierForm(forms.Form):
    """Status, owner and strategy."""

    status = forms.ChoiceField(
        label="Status",
        choices=SystemicBarrier.Status.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the status.", "invalid_choice": "Choose the status."},
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        queryset=None,
        required=False,
        empty_label="Nobody yet",
        help_text="Who works on it, of any agency of the continuum.",
        error_messages={"invalid_choice": "Choose somebody who has a place at an agency now."},
    )
    strategy = forms.CharField(
        label="Strategy",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="All staff in standing read it. Write no names of participants.",
        error_messages={"max_length": "Shorten the strategy to 2000 characters."},
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, barrier, **kwargs):
        initial = {
            "status": barrier.status,
            "owner": barrier.owner_id,
            "strategy": barrier.strategy or "",
            "seen": version_of(barrier),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["owner"].queryset = possible_owners(barrier.continuum_id)


class MergeBarrierForm(forms.Form):
    """Under which other barrier this one counts from now on."""

    into = forms.ChoiceField(
        label="Count it under",
        error_messages={
            "required": "Choose the barrier under which it counts.",
            "invalid_choice": "Choose a barrier of the list.",
        },
    )

    def __init__(self, *args, barrier, **kwargs):
        super().__init__(*args, **kwargs)
        self.others = {str(each.pk): each for each in others_to_merge_into(barrier)}
        self.fields["into"].choices = [
            ("", "Choose a barrier"),
            *((key, each.words) for key, each in self.others.items()),
        ]

    def clean_into(self):
        return self.others[self.cleaned_data["into"]]
