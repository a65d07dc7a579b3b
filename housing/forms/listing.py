"""What the list of openings is narrowed to."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import F

from accounts.named_fields import Form
from housing.models import Opening, OpeningQuerySet, Program
from participants.forms.fields import CountyField
from regions.models import Continuum

ON_OFFER, PAST, SETTLED, ALL = "", "past", "settled", "all"
SHOWN = [
    (ON_OFFER, "On offer"),
    (PAST, "Overdue"),
    (SETTLED, "Filled or withdrawn"),
    (ALL, "All"),
]


class OpeningListForm(Form):
    shown = forms.ChoiceField(label="Show", choices=SHOWN, required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("", "All"), *Program.Kind.choices], required=False
    )

    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # of any form
        super().__init__(*args, **kwargs)
        self.fields["county"] = CountyField(
            continuum, label="County", required=False, empty_label="All"
        )

    def narrowed(self, rows: OpeningQuerySet, on: date) -> OpeningQuerySet:
        """The openings that were asked for; of what is no choice, as if nothing was asked."""
        self.is_valid()
        chosen = self.cleaned_data
        shown = chosen.get("shown", ON_OFFER)
        if shown == PAST:
            rows = rows.past_their_day(on)
        elif shown == SETTLED:
            rows = rows.exclude(pk__in=Opening.objects.unsettled().values("pk"))
            rows = rows.order_by(F("changed_at").desc())
        elif shown != ALL:
            rows = rows.unsettled().filter(program__closed_on__isnull=True)
        if chosen.get("kind"):
            rows = rows.filter(program__kind=chosen["kind"])
        if chosen.get("county"):
            rows = rows.filter(county=chosen["county"])
        return rows
