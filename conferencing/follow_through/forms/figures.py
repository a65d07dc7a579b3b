"""Of whom figures of the by-name list are shown."""

from typing import TypedDict, cast

from django import forms
from django.http import QueryDict

from accounts.named_fields import Form
from participants.listing import NEEDS
from regions.models import Continuum, Region


class Chosen(TypedDict):
    region: Region | None
    need: str


class FiguresForm(Form):
    """Region and subpopulation, by GET; what is none of the choices is all."""

    region = forms.ModelChoiceField(
        Region.objects.none(),
        required=False,
        empty_label="All regions",
        error_messages={"invalid_choice": "Choose a region of the list."},
    )
    need = forms.ChoiceField(
        label="Households",
        choices=[("", "All"), *[(key, words) for key, (words, _) in NEEDS.items()]],
        required=False,
        error_messages={"invalid_choice": "Choose one of the list."},
    )

    def __init__(self, data: QueryDict, *, continuum: Continuum) -> None:
        super().__init__(data)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = continuum.regions.all()

    def chosen(self) -> Chosen:
        """`{region, need}` for the services."""
        self.is_valid()
        return {
            "region": self.cleaned_data.get("region"),
            "need": self.cleaned_data.get("need", ""),
        }

    @property
    def words(self) -> str:
        chosen = self.chosen()
        region = chosen["region"].name if chosen["region"] else "All regions"
        need = NEEDS[chosen["need"]][0].lower() if chosen["need"] else "all households"
        return f"{region}, {need}"
