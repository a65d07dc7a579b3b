"""What is typed about a day on which offices are closed."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from conferencing.shared_forms import DATE
from regions.calling import MONTH_NAMES, WEEKDAY_NAMES
from regions.closed_days import FARTHEST, WEEK_NAMES, ClosedDay, Kind
from regions.federal import FEDERAL_NAMES
from regions.models import County, Region

MONTHS = [("", "Choose"), *enumerate(MONTH_NAMES, start=1)]
# The fields that count for each kind; the others are passed over.
FIELDS = {
    Kind.ONCE: ("on", "until"),
    Kind.YEARLY: ("month", "day"),
    Kind.WEEKDAY: ("week", "weekday", "month", "offset"),
    Kind.HOLIDAY: ("holiday", "offset"),
}


def number_field(label: str, choices: Iterable[tuple[object, str]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=int,
        empty_value=0,  # type: ignore[arg-type]  # whatever `clean` shall find, not a text alone
        required=False,
    )


class ClosedDayForm(Form):
    """A closed day; `closed_day` is a `regions.closed_days.ClosedDay` once valid."""

    name = SingleLineField(
        label="Name",
        max_length=80,
        help_text="As people know it, such as Patriots’ Day.",
        error_messages={"required": "Enter the name of the day."},
    )
    kind = forms.ChoiceField(
        label="When it is",
        widget=forms.RadioSelect,
        choices=[
            (Kind.ONCE.value, "Once: one day, or several in a row"),
            (Kind.YEARLY.value, "Every year on the same date"),
            (Kind.WEEKDAY.value, "Every year on a weekday, such as the 3rd Monday of April"),
            (Kind.HOLIDAY.value, "Every year by a federal holiday, such as the day after it"),
        ],
        error_messages={"required": "Choose when it is."},
    )
    on = forms.DateField(
        label="Once: first day",
        widget=DATE,
        required=False,
        error_messages={"invalid": "Enter the date as month, day and year."},
    )
    until = forms.DateField(
        label="Once: last day, if there are several",
        widget=DATE,
        required=False,
        error_messages={"invalid": "Enter the date as month, day and year."},
    )
    week = number_field(
        "Week of the month", [("", "Choose"), *((key, text) for key, text in WEEK_NAMES.items())]
    )
    weekday = forms.TypedChoiceField(
        label="Weekday",
        choices=[("", "Choose"), *enumerate(WEEKDAY_NAMES)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    month = number_field("Month", MONTHS)
    day = number_field("Day of the month", [("", "Choose"), *((n, str(n)) for n in range(1, 32))])
    holiday = forms.ChoiceField(
        label="Federal holiday",
        choices=[("", "Choose"), *((name, name) for name in FEDERAL_NAMES)],
        required=False,
    )
    offset = forms.IntegerField(
        label="Days after that day",
        required=False,
        min_value=-FARTHEST,
        max_value=FARTHEST,
        help_text="1 is the day after, -1 the day before, 0 the day itself.",
    )

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        kind = data["kind"]
        if kind == Kind.WEEKDAY and data["weekday"] is None:
            raise ValidationError({"weekday": "Choose the weekday."})
        values = {name: data[name] for name in FIELDS[kind] if data[name] not in (None, "")}
        data["closed_day"] = ClosedDay(name=data["name"].strip(), kind=kind, **values)
        return data


class MoveCountyForm(Form):
    region = forms.ModelChoiceField(
        label="Move to",
        queryset=Region.objects.none(),
        empty_label="Choose a region",
        error_messages={
            "required": "Choose the region.",
            "invalid_choice": "Choose one of the regions in the list.",
        },
    )

    def __init__(self, *args: Any, county: County, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = Region.objects.filter(continuum=county.region.continuum_id).exclude(
            pk=county.region_id
        )
