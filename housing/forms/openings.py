"""An opening: filled in beforehand as far as can be, to be entered in a minute from a phone."""

from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.named_fields import Form
from housing.models import Opening, Program
from housing.models.openings import MOST_BEDROOMS, MOST_UNITS, WITHOUT_ROOMS
from participants.forms.fields import ChangedAtField, DateInput, OnceForm, RowField, in_words
from participants.meanwhile import OvertakenForm
from regions.models import County

FILL_IN = timedelta(days=14)
MOST_RENT = 20_000
ROOMS = [
    ("", "Not known"),
    ("0", "Studio"),
    *((str(n), str(n)) for n in range(1, MOST_BEDROOMS + 1)),
]
COPIED = ("county", "units", "bedrooms", "access", "rent", "contact")


class OpeningForm(OvertakenForm):
    bedrooms = forms.TypedChoiceField(
        label="Bedrooms", choices=ROOMS, required=False, coerce=int, empty_value=None
    )
    units = forms.IntegerField(label="How many alike", min_value=1, max_value=MOST_UNITS, initial=1)
    free_from = forms.DateField(label="Free from", widget=DateInput())
    fill_by = forms.DateField(label="To be filled by", widget=DateInput())
    rent = forms.IntegerField(
        label="Rent a month, in dollars", required=False, min_value=0, max_value=MOST_RENT
    )
    access = forms.ChoiceField(label="Access", choices=Opening.Access.choices, required=False)
    unit = forms.CharField(
        label="Which unit",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Such as “Second floor, near the bus”. No household’s name.",
    )
    contact = forms.CharField(
        label="Whom to call",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("pk", "bedrooms", "units", "county", "free_from", "fill_by")

    def __init__(
        self,
        *args: Any,  # as of any form
        program: Program,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        counties = County.objects.filter(programs=program).select_related("region")
        self.fields["county"] = RowField(counties, label="County", empty_label="Choose")
        if len(counties) == 1:
            self.fields["county"].initial = counties[0].pk
        if program.is_confidential:
            del self.fields["unit"]
        if program.kind in WITHOUT_ROOMS:
            del self.fields["bedrooms"]
        in_words(self.fields)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or {}
        if "free_from" in data and "fill_by" in data and data["fill_by"] < data["free_from"]:
            self.add_error("fill_by", "“To be filled by” must not be before “Free from”.")
        return data

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        """What `enter_opening` and `change_opening` take."""
        data = dict(self.cleaned_data)
        data.pop("shown", None)
        return data


class AddOpeningForm(OnceForm, OpeningForm):
    """`like`: another opening of the program, from which it is copied."""

    def __init__(
        self,
        *args: Any,  # as of any form
        program: Program,
        on: date,
        like: Opening | None = None,
        **kwargs: Any,  # as of any form
    ) -> None:
        initial: dict[str, Any] = {"free_from": on, "fill_by": on + FILL_IN}  # Any: of each its own
        if like:
            initial |= {name: getattr(like, name) for name in COPIED}
            initial["county"] = like.county_id
        super().__init__(*args, program=program, initial=initial, **kwargs)
        self.catch_up()


class ChangeOpeningForm(OpeningForm):
    state = "changed_at"
    changed_at = ChangedAtField()

    def __init__(self, *args: Any, opening: Opening, **kwargs: Any) -> None:  # as of any form
        names = ("bedrooms", "units", "free_from", "fill_by", "rent", "access", "unit", "contact")
        initial = {name: getattr(opening, name) for name in names}
        initial |= {"county": opening.county_id, "changed_at": opening.changed_at.isoformat()}
        super().__init__(*args, program=opening.program, initial=initial, **kwargs)
        self.catch_up()


class HoldForm(Form):
    until = forms.DateField(
        label="Hold it until",
        widget=DateInput(),
        help_text="It is on offer again the day after, by itself.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
