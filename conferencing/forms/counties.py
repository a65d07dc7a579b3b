"""What is typed about a county."""

from django import forms

from accounts.named_fields import Form
from regions.models import Region


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

    def __init__(self, *args, county, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(
            continuum=county.region.continuum_id
        ).exclude(pk=county.region_id)
