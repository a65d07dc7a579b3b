"""What is typed about steps: filters of the list, and the report."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypedDict, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from agreements.models import Agency, StaffMember
from conferencing.models import ActionItem, ProgressUpdate
from conferencing.steps.acts import Report
from conferencing.steps.pages import AGES, CRITICAL, StepRow
from participants.careful import CarefulForm
from participants.forms.fields import DateInput, OnceForm, in_words, not_ahead
from regions.models import Region

NOT_REACHED = ProgressUpdate.Progress.NOT_REACHED


class StepFilterForm(Form):
    """Filters of the list, by GET."""

    whose = forms.CharField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label="Show",
        choices=[
            ("open", "Open"),
            ("overdue", "Overdue"),
            (CRITICAL, "Critical and overdue"),
            *AGES.items(),
            ("unreported", "Not reported at the last call"),
            ("reported", "Reported since the last call"),
            ("closed", "Closed"),
        ],
        required=False,
    )
    agency = forms.ModelChoiceField(Agency.objects.none(), required=False, empty_label="All")
    region = forms.ModelChoiceField(Region.objects.none(), required=False, empty_label="All")

    def __init__(
        self,
        data: QueryDict,
        *,
        whose: str,
        agencies: QuerySet[Agency] | None = None,
        regions: QuerySet[Region] | None = None,
    ) -> None:
        super().__init__(data)
        self.fields["whose"].widget.attrs["value"] = whose
        for name, rows in (("agency", agencies), ("region", regions)):
            if rows is None:
                del self.fields[name]
            else:
                field = cast("forms.ModelChoiceField[Agency | Region]", self.fields[name])
                field.queryset = rows

    def chosen(self) -> tuple[str, Agency | None, Region | None]:
        """`(state, agency, region)`; a value that is none of the choices is none."""
        self.is_valid()
        chosen = self.cleaned_data.get
        return chosen("state") or "open", chosen("agency"), chosen("region")


class ReportForm(CarefulForm, OnceForm):
    """What became of a step; one of many on a page, each with the key of its row."""

    use_required_attribute = False
    careful = ("line",)

    progress = forms.ChoiceField(
        label="What happened",
        choices=ProgressUpdate.Progress.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happened."},
    )
    line = SingleLineField(
        label="In one line",
        max_length=500,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "dir": "auto", "class": "form-control"}
        ),
    )
    last_seen_on = forms.DateField(
        label="Last seen on",
        required=False,
        widget=DateInput(attrs={"class": "form-control"}),
    )
    is_not_known = forms.BooleanField(label="Not known", required=False)

    def __init__(self, data: QueryDict | None = None, *, step: ActionItem) -> None:
        super().__init__(data, auto_id=f"report-{step.pk}-%s")
        in_words(self.fields)

    def clean_last_seen_on(self) -> date | None:
        seen_on: date | None = self.cleaned_data["last_seen_on"]
        if seen_on and self.cleaned_data.get("progress") == NOT_REACHED:
            not_ahead(seen_on)
        return seen_on

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        values = super().clean() or self.cleaned_data
        is_missing = not values.get("last_seen_on") and "last_seen_on" not in self.errors
        if values.get("progress") == NOT_REACHED and is_missing and not values["is_not_known"]:
            self.add_error(
                "last_seen_on",
                ValidationError("Enter when they were last seen, or tick “Not known”."),
            )
        return values

    def values(self) -> Report:
        """Keyword arguments for `report_progress`; a date that is not known is none."""
        data = self.cleaned_data
        return {
            "pk": data["pk"],
            "progress": data["progress"],
            "line": data["line"],
            "last_seen_on": None if data["is_not_known"] else data["last_seen_on"],
        }

    def focus_first_wrong(self) -> None:
        """Let a script that puts the form back into a page set the focus where it is wrong."""
        wrong = (name for name in self.errors if name in ("progress", "line", "last_seen_on"))
        self.fields[next(wrong, "progress")].widget.attrs["autofocus"] = True


class Handing(TypedDict):
    """Who has a step from now on, until when, and which state of it was shown."""

    person: StaffMember | None
    due_on: date
    seen: str


class ChangeStepForm(Form):
    """Who has a step, and until when. `people`: who may get it, with their agencies."""

    person = forms.ChoiceField(label="Follow-up person", required=False)
    due_on = forms.DateField(label="Due on", widget=DateInput())
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        step: ActionItem,
        people: Iterable[StaffMember],
        seen: str,
    ) -> None:
        due_on = step.due_on
        initial = {"person": str(step.follow_up_person_id or ""), "due_on": due_on, "seen": seen}
        super().__init__(data, initial=initial)
        self.people = {str(place.pk): place for place in people}
        if (now := step.follow_up_person) and now.ended_on is None:
            self.people.setdefault(str(now.pk), now)
        agencies: dict[str, list[tuple[str, str]]] = {}
        for key, place in self.people.items():
            agencies.setdefault(place.agency.name, []).append((key, place.user.name))
        person = cast(forms.ChoiceField, self.fields["person"])
        person.choices = [
            ("", f"Nobody named yet: {step.agency.name} decides"),
            *agencies.items(),
        ]
        in_words(self.fields)

    def values(self) -> Handing:
        """Keyword arguments for `change_step`."""
        data = self.cleaned_data
        person = self.people.get(data["person"])
        return {"person": person, "due_on": data["due_on"], "seen": data["seen"]}


def give_forms(rows: list[StepRow]) -> list[StepRow]:
    """Give each row whose reader may report on it an empty form."""
    for row in rows:
        if row.may_report and row.form is None:
            row.form = ReportForm(step=row.step)
    return rows
