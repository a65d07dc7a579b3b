"""Agencies: what was typed when one is added or changed."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.named_fields import Form, ModelForm
from accounts.single_lines import keep_to_one_line
from regions.models import Continuum, Region

from ..models import Agency

VICTIM_SERVICES = (
    "Its participants are known by alias alone, everywhere. This is settled now and cannot be "
    "changed later: what is stored for its participants depends on it."
)


class AgencyForm(ModelForm):
    """Name, telephone, turns and regions; `for_agency` carries the continuum."""

    regions = forms.ModelMultipleChoiceField(
        Region.objects.none(),
        required=False,
        label="Takes part in the calls of",
        widget=forms.CheckboxSelectMultiple,
        help_text="Its people see the participants of these regions, and the agency takes turns "
        "there.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Agency
        fields = ("name", "phone", "is_in_rotation", "is_active")
        labels = {
            "name": "Name of the agency",
            "phone": "Telephone",
            "is_in_rotation": "Takes its turn as facilitator and note taker",
            "is_active": "Takes part in case conferencing",
        }
        help_texts = {
            "is_active": "Without this tick, none of its people gets a list or sees participants "
            "from now on.",
        }

    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        keep_to_one_line(self.fields)
        self.continuum = continuum
        self.instance.continuum = continuum
        self.fields["phone"].widget.attrs |= {"type": "tel", "autocomplete": "off"}
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        regions = cast("forms.ModelMultipleChoiceField[Region]", self.fields["regions"])
        regions.queryset = Region.objects.filter(continuum=continuum)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["regions"] = self.instance.regions()
            self.initial["revision"] = self.instance.revision
        else:
            self.initial["is_active"] = True

    def clean_name(self) -> str:
        """One agency of a name per continuum; the constraint knows no continuum in the form."""
        name = " ".join(self.cleaned_data["name"].split())
        namesakes = Agency.objects.filter(continuum=self.continuum, name__iexact=name)
        if namesakes.exclude(pk=self.instance.pk).exists():
            raise ValidationError("This continuum already has an agency of that name.")
        return name

    @property
    def values(self) -> dict[str, Any]:  # Any: as the services take them
        """What the services take: the agency's own columns."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class NewAgencyForm(AgencyForm):
    """Also asks what can be said only once."""

    field_order = ("name", "phone", "regions", "is_in_rotation", "is_victim_service_provider")

    class Meta(AgencyForm.Meta):
        fields = ("name", "phone", "is_in_rotation", "is_victim_service_provider")
        labels = AgencyForm.Meta.labels | {
            "is_victim_service_provider": "Is a victim service provider"
        }
        help_texts = {"is_victim_service_provider": VICTIM_SERVICES}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        del self.fields["revision"]


class AgencyFilterForm(Form):
    """Which lines of the page of standings are shown."""

    class Show:
        ALL = ""
        NOT_GOOD = "not_in_standing"
        ENDING = "ending"
        WAITING = "waiting"

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[
            (Show.ALL, "Everybody"),
            (Show.NOT_GOOD, "Not current"),
            (Show.ENDING, "Ending within 30 days"),
            (Show.WAITING, "To countersign"),
        ],
    )
    region = forms.ModelChoiceField(
        Region.objects.none(), label="Region", required=False, empty_label="All regions"
    )

    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = Region.objects.filter(continuum=continuum)

    @property
    def chosen(self) -> tuple[str, Region | None]:
        """What was chosen; a value that is no choice counts as none."""
        self.is_valid()
        data = self.cleaned_data
        return data.get("show") or "", data.get("region")
