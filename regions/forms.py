"""What is typed about a continuum's set-up."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict, cast

from django import forms
from django.http import QueryDict

from accounts.named_fields import Form, ModelForm
from accounts.single_lines import SingleLineField, keep_to_one_line
from regions.models import Continuum, County, Region, ReviewCriterion
from regions.review_criteria import criteria_state
from regions.services import state_of

# What a number means, for the kinds that take one: (label, smallest, largest).
NUMBERS: dict[str, tuple[str, int, int]] = {
    ReviewCriterion.Kind.LONGEST: ("How many households", 1, 200),
    ReviewCriterion.Kind.NOT_REVIEWED: ("For how many months", 1, 36),
}
LINK_ERRORS = {"invalid": "Enter a whole web address, such as https://meet.example.org/."}


class SeenModelForm(ModelForm):
    """A form that knows what it showed, so that a stale one changes nothing."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        keep_to_one_line(self.fields)
        self.fields["seen"].initial = state_of(self.instance, self._meta.fields or ())


class ContinuumForm(SeenModelForm):
    call_link = forms.URLField(
        label="Link to the CoC-wide call",
        required=False,
        assume_scheme="https",
        error_messages=LINK_ERRORS,
    )

    class Meta:
        model = Continuum
        fields = Continuum.SET_UP
        labels = {
            "non_disclosure_words": "Confidentiality notice",
            "purpose": "Purpose of case conferencing",
            "ground_rules": "Ground rules",
            "opening_words": "Opening check",
        }
        help_texts = {
            "non_disclosure_words": "Printed on every page of every list.",
            "purpose": "Shown on each call’s page.",
            "ground_rules": "Shown on each call’s page.",
            "opening_words": "Read aloud when a call opens, and kept in its minutes. "
            "Leave blank for the standard words.",
        }
        error_messages = {
            "non_disclosure_words": {"required": "Enter the words that are printed on every list."},
        }


class WhoSeesNamesForm(Form):
    """Whether CE Specialists see all names, and which words of the release say so."""

    specialists_see = forms.TypedChoiceField(
        label="CE Specialists read",
        coerce=lambda value: value == "yes",
        choices=[
            ("no", "The alias and the HMIS ID, unless a release covers them"),
            ("yes", "All names but those of victim service providers’ households"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what CE Specialists read.",
            "invalid_choice": "Choose what CE Specialists read.",
        },
    )
    why = forms.CharField(
        label="The words of your CoC’s release that say so",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed to show names. Quote the form and its version, and the sentence.",
        error_messages={"max_length": "Use at most 1,000 characters."},
    )


class RegionForm(SeenModelForm):
    call_link = forms.URLField(
        label="Link to the call",
        required=False,
        assume_scheme="https",
        error_messages=LINK_ERRORS,
    )

    class Meta:
        model = Region
        fields = Region.SET_UP
        labels = {"minutes_per_household": "Minutes per household"}
        help_texts = {"minutes_per_household": "The roster proposes what the call has time for."}
        error_messages = {
            "name": {"required": "Enter the region’s name."},
            "minutes_per_household": {
                "required": "Enter the minutes per household.",
                "invalid": "Enter the minutes as a whole number.",
                "min_value": "Plan at least one minute per household.",
                "max_value": "Plan at most 120 minutes per household.",
            },
        }


COUNTY_LENGTH = County._meta.get_field("name").max_length or 0
BETWEEN = re.compile(r"[,;\n]")


class CountyForm(Form):
    """One county's name."""

    name = SingleLineField(
        label="County",
        max_length=COUNTY_LENGTH,
        error_messages={"required": "Enter the county’s name."},
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if BETWEEN.search(name):
            raise forms.ValidationError("Enter one county. Add the others on the region’s page.")
        return name


class CountiesForm(Form):
    """Counties picked from those of the state, or typed: one, or several with commas between."""

    picked = forms.MultipleChoiceField(
        label="Counties of your state",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Those that no region of your CoC has yet.",
        error_messages={"invalid_choice": "Pick from the counties on this page."},
    )
    name = forms.CharField(
        label="County or counties",
        required=False,
        max_length=4000,
        help_text="Several at once: put commas between them.",
    )

    def __init__(self, *args: Any, choices: Sequence[str] = (), **kwargs: Any) -> None:  # any form
        super().__init__(*args, **kwargs)
        if choices:
            picked = cast(forms.MultipleChoiceField, self.fields["picked"])
            picked.choices = [(name, name) for name in choices]
            self.fields["name"].label = "Others"
        else:
            del self.fields["picked"]

    def clean_name(self) -> list[str]:
        """The names, picked and typed, each once."""
        names = [each.strip() for each in BETWEEN.split(self.cleaned_data["name"])]
        names = [*self.cleaned_data.get("picked", ()), *names]
        names = list(dict.fromkeys(filter(None, names)))
        if not names:
            raise forms.ValidationError(
                "Pick a county, or enter its name."
                if "picked" in self.fields
                else "Enter the county’s name."
            )
        if any(len(each) > COUNTY_LENGTH for each in names):
            raise forms.ValidationError(
                f"A county’s name has at most {COUNTY_LENGTH} letters. Put commas between them."
            )
        return names


class CriterionRow:
    """One reason on the page, with what was typed for it."""

    def __init__(self, criterion: ReviewCriterion, data: QueryDict | None = None) -> None:
        self.kind = criterion.kind
        self.label = criterion.get_kind_display()
        self.error = ""
        self.number_label, self.least, self.most = NUMBERS.get(criterion.kind, ("", 0, 0))
        if data is None:
            self.is_used = criterion.is_used
            self.number = "" if criterion.number is None else str(criterion.number)
        else:
            self.is_used = f"used_{self.kind}" in data
            self.number = data.get(f"number_{self.kind}", "").strip()

    def clean(self) -> int | None:
        """The number as an integer or None; `error` says what is wrong with it."""
        if not self.number_label or (not self.number and not self.is_used):
            return None
        if not self.number.isdecimal() or not self.least <= int(self.number) <= self.most:
            self.error = f"Enter a whole number from {self.least} to {self.most}."
            return None
        return int(self.number)


class Moved(TypedDict):
    """Which reason a button moved, and the place it has now, from 1."""

    kind: str
    up: bool
    place: int


class CriteriaForm:
    """A region's reasons in order; a button moves one up or down before anything is saved."""

    def __init__(self, criteria: Sequence[ReviewCriterion], data: QueryDict | None = None) -> None:
        by_kind = {each.kind: each for each in criteria}
        self.seen = criteria_state(criteria) if data is None else data.get("seen", "")
        order = [each.kind for each in criteria]
        if data is not None:
            typed = [kind for kind in data.getlist("order") if kind in by_kind]
            order = list(dict.fromkeys(typed)) + [kind for kind in order if kind not in typed]
        self.rows = [CriterionRow(by_kind[kind], data) for kind in order]
        self.moved: Moved | None = None
        self.refused: list[str] = []

    def move(self, kind: str, *, up: bool) -> None:
        """Put one reason a place further up or down."""
        kinds = [row.kind for row in self.rows]
        if kind not in kinds:
            return
        place = kinds.index(kind)
        other = place - 1 if up else place + 1
        if 0 <= other < len(kinds):
            self.rows[place], self.rows[other] = self.rows[other], self.rows[place]
        self.moved = {"kind": kind, "up": up, "place": min(max(other, 0), len(kinds) - 1) + 1}

    def is_valid(self) -> bool:
        self.cleaned = [(row.kind, row.is_used, row.clean()) for row in self.rows]
        return not self.errors

    @property
    def errors(self) -> list[str]:
        return [f"{row.label}: {row.error}" for row in self.rows if row.error] + self.refused

    def refuse(self, error: forms.ValidationError) -> None:
        self.refused += error.messages


class ExportByForm(Form):
    """Who may take the by-name list and the minutes out of the system as files."""

    export_by = forms.ChoiceField(
        label="Who may export the by-name list and the minutes of a call?",
        choices=Continuum.ExportBy.choices,
        widget=forms.RadioSelect,
        help_text="Each file is locked, holds only what the person may see, and is recorded.",
        error_messages={
            "required": "Choose who may export.",
            "invalid_choice": "Choose who may export.",
        },
    )
