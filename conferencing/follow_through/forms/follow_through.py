"""What figures are chosen by, and why they are exported."""

from datetime import date
from typing import TypedDict, cast

from django import forms
from django.http import QueryDict

from accounts.named_fields import Form
from conferencing.follow_through.periods import CHOICES, HALF_YEAR, Period, period_named
from participants.careful import CarefulForm
from regions.models import Continuum, Region


class Chosen(TypedDict):
    period: Period
    region: Region | None


class RegionForm(Form):
    """The region, by GET; what is none of the choices is all."""

    region = forms.ModelChoiceField(
        label="Region",
        queryset=Region.objects.none(),
        required=False,
        empty_label="All regions",
        error_messages={"invalid_choice": "Choose a region of the list."},
    )

    def __init__(self, data: QueryDict | dict[str, str], *, continuum: Continuum) -> None:
        super().__init__(data)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = Region.objects.filter(continuum=continuum)
        self.continuum = continuum

    @property
    def chosen_region(self) -> Region | None:
        self.is_valid()
        return self.cleaned_data.get("region")


class FollowThroughForm(RegionForm):
    """The period and the region; what is none of the choices is the usual one."""

    field_order = ("period", "region")

    period = forms.ChoiceField(
        label="Period",
        choices=CHOICES,
        required=False,
        error_messages={"invalid_choice": "Choose a period of the list."},
    )

    def __init__(self, data: QueryDict, *, continuum: Continuum) -> None:
        # Beside what was chosen, so that the page shows what its figures are of.
        chosen = {"region": data.get("region", ""), "period": data.get("period") or HALF_YEAR}
        super().__init__(chosen, continuum=continuum)

    def chosen(self, on: date) -> Chosen:
        """`{period, region}` for the services, with the names of the choices put right."""
        self.is_valid()
        name = self.cleaned_data.get("period")
        period = period_named(name, on=on, zone=self.continuum.zone)
        return {"period": period, "region": self.chosen_region}

    @property
    def words(self) -> str:
        """What is chosen, in words."""
        self.is_valid()
        chosen = self.cleaned_data.get("period") or HALF_YEAR
        named = dict(CHOICES).get(chosen, dict(CHOICES)[HALF_YEAR])
        region = self.cleaned_data.get("region")
        return f"{named}, {region.name if region else 'all regions'}"


class FollowThroughExportForm(CarefulForm):
    careful = ("why",)
    why = forms.CharField(
        label="Why do you export these figures?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit. Do not include client information.",
        error_messages={"required": "Say why you export these figures."},
    )
