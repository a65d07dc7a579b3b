"""What is typed about a participant."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form, ModelForm
from accounts.refusals import codes_of
from accounts.single_lines import keep_to_one_line
from agreements.models import Agency, StaffMember
from participants.careful import CarefulForm
from participants.meanwhile import OvertakenForm
from participants.models import LivingSituation, Participant, PlaceChange
from participants.naming import Label
from participants.services.participants import ask_keeper
from participants.typed_over import WrittenField, as_sent, put_back_over, written
from regions.models import Continuum, County, Region

IDENTITY = ("name", "birth_date", "contact", "hmis_id")
EARLIEST = date(1900, 1, 1)
MOST_PEOPLE = 50
LONGEST_NOTES = 5000


Group = tuple[str, str, list[forms.BoundField]]  # legend, css class, fields


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:  # as of any field
        super().__init__(format="%Y-%m-%d", **kwargs)


def in_words(fields: Mapping[str, forms.Field]) -> None:
    """Give each field errors that say what to do about it; one line takes one line."""
    keep_to_one_line(fields)
    for field in fields.values():
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        if isinstance(field, forms.DateField):
            field.error_messages["invalid"] = "Enter a date that exists, such as 2026-03-31."
        if chosen:
            field.error_messages["invalid_choice"] = "Choose one of the list."
        longest = getattr(field, "max_length", None)
        if longest:
            field.validators = [
                each for each in field.validators if getattr(each, "code", "") != "max_length"
            ]
            field.validators.append(AtMost(longest))
            # Typed is never cut off silently: the error says how long it may be.
            field.widget.attrs.pop("maxlength", None)


@dataclass(frozen=True)
class AtMost:
    """Refuses a text that is longer, and says by how much."""

    longest: int
    code = "max_length"

    def __call__(self, text: str) -> None:
        if (size := written(text)) > self.longest:
            raise ValidationError(
                f"Shorten this to {self.longest} characters; it has {size}.", code=self.code
            )


def not_ahead(on: date | None) -> None:
    if on and on > timezone.localdate():
        raise ValidationError("Enter today’s date or one before.")
    if on and on < EARLIEST:
        raise ValidationError("Enter a date after 1900.")


class OnceForm(Form):
    """A form that makes a row: sent twice, it makes one, for it carries the row's key."""

    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    pk = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        self.fields["pk"].initial = uuid4()
        self.fields["pk"].error_messages = {
            "required": "Open the page again.",
            "invalid": "Open the page again.",
        }

    def refuse(self, error: ValidationError) -> None:
        """Let what was typed for a row that is there already be saved as one of its own."""
        if "used_before" in codes_of(error):
            self.data = self.data.copy()
            self.data[self.add_prefix("pk")] = str(uuid4())
        super().refuse(error)


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]  # none as Django runs
    """A row of the database; what is no key of one is no choice either, in the same words."""

    def to_python(self, value: Any) -> Any:  # as of the field below
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid_choice"]) from None


class CountyField(RowField):
    """Counties below their regions."""

    def __init__(self, continuum: Continuum, **kwargs: Any) -> None:  # as of any field
        counties = County.objects.filter(region__continuum=continuum).select_related("region")
        super().__init__(counties.order_by("region__position", "region__name", "name"), **kwargs)
        self.choices = self.grouped

    def grouped(self) -> Iterator[tuple[str, str | list[tuple[UUID, str]]]]:
        yield ("", str(self.empty_label))
        rows = cast(QuerySet[County], self.queryset)  # as made above
        for region, counties in groupby(rows, key=lambda county: county.region):
            yield (region.name, [(county.pk, county.name) for county in counties])


class ParticipantForm(CarefulForm, ModelForm):
    """A household. For a victim service provider the identifying fields are not there at all."""

    careful = ("notes", "stay_words")
    is_different_person = forms.BooleanField(
        label="This is a different person", required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Participant
        fields = [
            "alias",
            *IDENTITY,
            "region",
            "county",
            "adults",
            "children",
            "is_youth",
            "is_veteran",
            "is_chronic",
            "needs_shelter",
            "is_prioritized",
            "referral_active_on",
            "navigator",
            "notes",
        ]
        labels = {
            "children": "Children under 18",
            "is_youth": "Youth (head of household under 25)",
            "is_veteran": "Veteran in the household",
            "is_chronic": "Chronically homeless",
            "needs_shelter": "Needs shelter or diversion",
            "is_prioritized": "Being prioritized for housing",
            "name": "Name of the head of household",
            "birth_date": "Date of birth",
        }
        widgets = {
            "birth_date": DateInput(attrs={"autocomplete": "off"}),
            "referral_active_on": DateInput(),
            "notes": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            "name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "contact": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "hmis_id": forms.TextInput(attrs={"autocomplete": "off"}),
            "alias": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        }
        field_classes = {"notes": WrittenField}
        help_texts = {
            "alias": "Shown to whoever no release covers. Leave blank to generate one.",
            "contact": "Phone or another way to reach the household.",
            "notes": "Only what matters for housing. No diagnosis, no Social Security number.",
            "referral_active_on": "Leave blank if no referral is active.",
        }

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        agency: Agency | None,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_by_alias_alone = agency is not None and agency.is_victim_service_provider
        self.fields["alias"].required = bool(self.instance.alias)
        if self.instance.alias:
            self.fields["alias"].help_text = "Shown to whoever no release covers."
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset, region.empty_label = continuum.regions.all(), "Choose a region"
        self.fields["county"] = CountyField(continuum, required=False, empty_label="Not known")
        self.order_fields(self._meta.fields)
        navigator = cast("forms.ModelChoiceField[StaffMember]", self.fields["navigator"])
        navigator.queryset = (
            StaffMember.objects.filter(
                Q(pk__in=StaffMember.objects.current().values("pk"), agency__continuum=continuum)
                | Q(pk=self.instance.navigator_id)
            )
            .select_related("user", "agency")
            .order_by("user__name")
        )
        navigator.empty_label = "None yet"
        for name in ("adults", "children"):
            self.fields[name].widget.attrs.update(min=0, max=MOST_PEOPLE)
            self.fields[name].error_messages["required"] = "Enter a number, 0 for none."
        cast(WrittenField, self.fields["notes"]).max_length = LONGEST_NOTES
        if self.is_by_alias_alone:
            for name in IDENTITY:
                del self.fields[name]
        in_words(self.fields)

    def _post_clean(self) -> None:
        # The service judges and saves the whole row; here only the fields are cleaned.
        pass

    def clean_name(self) -> str:
        return " ".join((self.cleaned_data["name"] or "").split())

    def clean_adults(self) -> int:
        return self.people("adults")

    def clean_children(self) -> int:
        return self.people("children")

    def people(self, name: str) -> int:
        number: int = self.cleaned_data[name]
        if number > MOST_PEOPLE:
            raise ValidationError(f"Enter a number from 0 to {MOST_PEOPLE}.")
        return number

    def clean_birth_date(self) -> date | None:
        day: date | None = self.cleaned_data["birth_date"]
        not_ahead(day)
        return day

    def clean_referral_active_on(self) -> date | None:
        day: date | None = self.cleaned_data["referral_active_on"]
        not_ahead(day)
        return day

    def refuse(self, error: ValidationError) -> None:
        """Offer to say that it is a different person, where that answers it."""
        if "is_different_person" in getattr(error, "error_dict", ()):
            self.fields["is_different_person"].widget = forms.CheckboxInput()
        super().refuse(error)

    def groups(self) -> list[Group]:
        """`(legend, css class, fields)` in the order of the page; what is not here is left out."""
        layout = [
            ("", "", ["pk", "changed_at", "shown", "kept", "is_different_person", "agency"]),
            ("Who", "", ["name", "birth_date", "contact", "hmis_id", "alias"]),
            ("Where", "cc-fieldset--columns", ["region", "county", "stay", "stay_words"]),
            ("Household", "cc-fieldset--columns", ["adults", "children", "is_chronic"]),
            (
                "Needs",
                "cc-fieldset--checks",
                ["is_youth", "is_veteran", "needs_shelter", "is_prioritized"],
            ),
            ("Housing", "", ["listed_on", "referral_active_on", "navigator", "notes"]),
        ]
        return [
            (legend, css, [self[name] for name in names if name in self.fields])
            for legend, css, names in layout
        ]


class AddParticipantForm(OnceForm, ParticipantForm):
    listed_on = forms.DateField(
        label="On the list since", widget=DateInput(), initial=lambda: timezone.localdate()
    )
    stay = forms.ChoiceField(
        label="Where they stay now",
        choices=[("", "Not recorded yet")] + LivingSituation.Kind.choices,
        required=False,
    )
    stay_words = forms.CharField(
        label="Location details",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        agencies: Sequence[Agency],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        if self.is_by_alias_alone:
            del self.fields["stay_words"]
        if len(agencies) > 1:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.filter(pk__in=[each.pk for each in agencies]).order_by("name"),
                label="Agency that keeps the record",
                empty_label="Choose an agency",
            )
        in_words(self.fields)

    def clean_listed_on(self) -> date:
        day: date = self.cleaned_data["listed_on"]
        not_ahead(day)
        return day

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean()
        if data.get("stay_words") and not data.get("stay"):
            self.add_error("stay", "Choose the kind of place that you described.")
        return data


class ChangeParticipantForm(OvertakenForm, ParticipantForm):
    """What this person may not see is not shown and stays; the agency that keeps it changes it.

    `may_replace`: per field whether they may type over what is on file.
    """

    state = "changed_at"
    changed_at = forms.DateTimeField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(
        self,
        *args: Any,  # as of any form
        shown_as: Label,
        may_replace: Mapping[str, bool],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["changed_at"].error_messages = {
            "required": "Open the page again.",
            "invalid": "Open the page again.",
        }
        self.initial["changed_at"] = self.instance.changed_at.isoformat()
        told = {
            "name": shown_as.is_named,
            "birth_date": shown_as.tells_all,
            "contact": shown_as.tells_all,
            "hmis_id": shown_as.tells_all or bool(shown_as.hmis_id),
        }
        self.hidden_identity = [name for name in IDENTITY if name in self.fields and not told[name]]
        for name in self.hidden_identity:
            if getattr(self.instance, name):
                self.initial[name] = None
                self.fields[
                    name
                ].help_text = (
                    "On file, but hidden. Leave blank to keep it; what you type replaces it."
                )
                if not may_replace[name]:
                    self.fields[name].widget.attrs["disabled"] = True
                    self.fields[name].help_text = (
                        "On file, but hidden: no current release covers you. "
                        f"{ask_keeper(self.instance)}"
                    )
        self.shown_as = shown_as
        self.initial["notes"] = shown_as.to_edit(self.instance.notes)
        self.catch_up()

    def clean_notes(self) -> str:
        """The notes with the names that were withheld from whoever edits them."""
        notes: str = self.cleaned_data["notes"]
        if as_sent(notes) == as_sent(self.initial["notes"]):
            return notes
        typed_now = notes.replace("\r\n", "\n")
        row: Participant = self.instance
        return put_back_over(self.shown_as, typed_now, row, "notes")[0]

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        """What to change, without what was hidden and left as it was shown."""
        data = {**self.cleaned_data}
        del data["changed_at"], data["shown"]
        for name in self.hidden_identity:
            if not data[name]:
                del data[name]
        if as_sent(data["notes"]) == as_sent(self.initial["notes"]):
            del data["notes"]
        return data


class StayForm(CarefulForm, OnceForm):
    careful = ("words",)
    kind = forms.ChoiceField(
        label="Where they stay", choices=[("", "Choose")] + LivingSituation.Kind.choices
    )
    on = forms.DateField(label="On", widget=DateInput(), initial=lambda: timezone.localdate())
    words = forms.CharField(
        label="Location details",
        required=False,
        max_length=300,
        help_text="Only what helps to find the household again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, is_confidential: bool, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        if is_confidential:
            del self.fields["words"]
        in_words(self.fields)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        not_ahead(day)
        return day


class PlaceForm(CarefulForm):
    careful = ("reason",)
    flow = forms.ChoiceField(
        label="What happened", choices=PlaceChange.Flow.choices, widget=forms.RadioSelect
    )
    on = forms.DateField(label="On", widget=DateInput(), initial=lambda: timezone.localdate())
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="Shown in the household’s history to everybody who sees the household.",
        error_messages={"required": "Say why; it is shown in the history."},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        flows: Collection[PlaceChange.Flow],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        # Any move is understood, so that a stale form gets the service's answer.
        if not self.is_bound:
            cast(forms.ChoiceField, self.fields["flow"]).choices = [
                (flow, flow.label) for flow in flows
            ]
        else:
            cast(forms.RadioSelect, self.fields["flow"].widget).choices = [
                choice
                for choice in PlaceChange.Flow.choices
                if choice[0] in flows or choice[0] == self.data.get("flow")
            ]
        in_words(self.fields)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        not_ahead(day)
        return day
