"""What is typed about a list."""

from typing import Any, cast

from django import forms

from conferencing.shared_forms import MomentForm, ReasonForm


class CorrectListForm(ReasonForm):
    """Says what is corrected, of which revision."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    all_the_same = forms.BooleanField(
        label="Send it all the same",
        error_messages={"required": "Nothing has changed. Tick this to send it all the same."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        is_unchanged: bool = False,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        if not is_unchanged:
            del self.fields["all_the_same"]


class ChooseListForm(MomentForm):
    """What becomes of a list that does not go out by itself; a day and a time for one of them."""

    choice = forms.ChoiceField(
        label="What happens to the list",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happens to the list."},
    )
    field_order = ("choice", "on", "starts", "which")

    def __init__(
        self,
        *args: Any,  # as of any form
        choices: list[dict[str, str]],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["choice"])
        choice.choices = [(each["value"], each["label"]) for each in choices]
        # Asked only where the list goes out at a time of its own.
        is_at = self.is_bound and self.data.get(self.add_prefix("choice")) == "at"
        self.fields["on"].required = self.fields["starts"].required = is_at
        self.fields["on"].label = "Day, if you choose one"
        self.fields["starts"].label = "Time, if you choose one"
