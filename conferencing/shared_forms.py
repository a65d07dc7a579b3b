"""Forms that several acts ask alike: a moment, and a reason."""

from datetime import date, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form
from participants.careful import CarefulForm
from regions.calling import is_repeated, is_skipped, local_instant
from regions.words import clock_words, long_day_words

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


FIRST, SECOND = "first", "second"


class MomentForm(Form):
    """A date and a local time; `starts_at` is the instant in UTC once valid.

    Where clocks change: a time that does not exist that day is refused, and of one that comes
    twice the person says which.
    """

    on = forms.DateField(
        label="Date",
        widget=DATE,
        error_messages={
            "required": "Enter the date.",
            "invalid": "Enter the date as month, day and year.",
        },
    )
    starts = forms.TimeField(
        label="Start time",
        widget=TIME,
        error_messages={
            "required": "Enter the start time.",
            "invalid": "Enter the time as hours and minutes, such as 10:00 AM.",
        },
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p"],
    )
    which = forms.ChoiceField(
        label="Which one",
        required=False,
        widget=forms.RadioSelect,
        help_text="The clocks go back in this hour, so this time comes twice.",
        error_messages={"invalid_choice": "Choose the first or the second."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        zone: str,
        zone_words: str,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["starts"].help_text = zone_words
        on, starts = self._typed("on"), self._typed("starts")
        if on and starts and self._is_repeated(on, starts):
            which = cast(forms.ChoiceField, self.fields["which"])
            which.choices = [
                (name, f"The {name}, {self._zone_words(on, starts, fold)}")
                for fold, name in enumerate((FIRST, SECOND))
            ]
        else:
            del self.fields["which"]

    def _is_repeated(self, on: date, starts: time) -> bool:
        try:
            return is_repeated(on, starts, self.zone)
        except OverflowError:
            return False

    def _typed(self, name: str) -> Any:  # a date, a time, or None
        """What the field holds before the form is cleaned, or None."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        if self.is_bound:
            value = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        try:
            return field.clean(value)
        except ValidationError:
            return None

    def _zone_words(self, on: date, at: time, fold: int) -> str:
        local = local_instant(on, at, self.zone, fold=fold).astimezone(ZoneInfo(self.zone))
        return f"{clock_words(local)} {local:%Z}"

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        data = super().clean() or self.cleaned_data
        on, starts = data.get("on"), data.get("starts")
        if not (on and starts):
            return data
        try:
            if is_skipped(on, starts, self.zone):
                raise ValidationError({"starts": self._skipped_words(on, starts)})
            if "which" in self.fields and "which" not in self.errors and not data["which"]:
                words = f"{clock_words(starts)} comes twice on {long_day_words(on)}."
                raise ValidationError({"which": f"{words} Choose the first or the second."})
            fold = int(data.get("which") == SECOND)
            data["starts_at"] = local_instant(on, starts, self.zone, fold=fold)
        except OverflowError as error:
            raise ValidationError({"on": "Enter a date of this century."}) from error
        return data

    def _skipped_words(self, on: date, starts: time) -> str:
        after = local_instant(on, starts, self.zone).astimezone(ZoneInfo(self.zone))
        return (
            f"{clock_words(starts)} does not exist on {long_day_words(on)}: the "
            f"clocks go forward over it. Choose another time, such as "
            f"{clock_words(after)}."
        )


READ_OUT_HINT = "For example: called from the agency’s known number, cannot sign in today."


class ReasonForm(CarefulForm):
    """A reason that will stand in the record."""

    careful = ("reason",)

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason; it is kept in the record."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        hint: str = "",
        label: str = "",
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint
        if label:
            self.fields["reason"].label = label
