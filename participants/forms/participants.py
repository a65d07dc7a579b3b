"""What is typed about a participant."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.named_fields import ModelForm
from agreements.models import Agency, StaffMember
from participants.careful import CarefulForm
from participants.meanwhile import OvertakenForm
from participants.models import (
    IDENTITY,
    MOST_BEDROOMS,
    MOST_PEOPLE,
    AssessmentLevel,
    LivingSituation,
    Participant,
    PlaceChange,
)
from participants.naming import Label
from participants.services.participants import ask_keeper
from participants.typed_over import WrittenField, as_sent, put_back_over
from regions.models import Continuum, Region

from .fields import (
    ChangedAtField,
    CountyField,
    DatedForm,
    DateInput,
    DocumentsField,
    Group,
    OnceForm,
    PastDay,
    in_words,
)
from .identity import IdentityForm

NOT_KNOWN = "Leave blank if you don’t know."
LONGEST_NOTES = 5000


def navigators(continuum: Continuum, *, or_pk: UUID | None = None) -> QuerySet[StaffMember]:
    """Who may be named as navigator: staff of the continuum's agencies, and who is named now."""
    current = StaffMember.objects.current().values("pk")
    return (
        StaffMember.objects.filter(Q(pk__in=current, agency__continuum=continuum) | Q(pk=or_pk))
        .select_related("user", "agency")
        .order_by("user__name")
    )


class ParticipantForm(IdentityForm, CarefulForm, ModelForm):
    """A household. For a victim service provider the identifying fields are not there at all."""

    careful = ("notes", "stay_words")

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
            "bedrooms",
            "assessment_level",
            "documents",
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
            "bedrooms": "Bedrooms needed",
            "assessment_level": "Last assessment",
            "name": "Name of the head of household",
            "birth_date": "Date of birth",
        }
        widgets = {
            "birth_date": DateInput(attrs={"autocomplete": "off"}),
            "notes": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            "name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "contact": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "hmis_id": forms.TextInput(attrs={"autocomplete": "off"}),
            "alias": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        }
        field_classes = {
            "notes": WrittenField,
            "documents": DocumentsField,
            "birth_date": PastDay,
            "referral_active_on": PastDay,
        }
        help_texts = {
            "alias": "Shown to whoever no release covers. Leave blank to generate one.",
            "contact": "Phone or another way to reach the household.",
            "notes": "Only what matters for housing. No diagnosis, no Social Security number.",
            "referral_active_on": "Leave blank if no referral is active.",
            **dict.fromkeys(("adults", "children", "bedrooms"), NOT_KNOWN),
            **dict.fromkeys(("is_youth", "is_veteran"), ""),
            "is_chronic": "By HUD’s definition (24 CFR 578.3).",
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
        navigator.queryset = navigators(continuum, or_pk=self.instance.navigator_id)
        navigator.empty_label = "None yet"
        for name in ("adults", "children"):
            self.fields[name].widget.attrs.update(min=0, max=MOST_PEOPLE)
        self.fields["bedrooms"].widget.attrs.update(min=0, max=MOST_BEDROOMS)
        for name in ("is_youth", "is_veteran", "is_chronic"):
            answers = [("unknown", "Not known"), ("true", "Yes"), ("false", "No")]
            cast(forms.NullBooleanSelect, self.fields[name].widget).choices = answers
        levels = cast(forms.ChoiceField, self.fields["assessment_level"])
        levels.choices = [("", "Not recorded"), *AssessmentLevel.choices]
        cast(WrittenField, self.fields["notes"]).max_length = LONGEST_NOTES
        if self.is_by_alias_alone:
            self.leave_out_identity()
        in_words(self.fields)

    def _post_clean(self) -> None:
        # The service judges and saves the whole row; here only the fields are cleaned.
        pass

    def clean_adults(self) -> int | None:
        return self.number("adults")

    def clean_children(self) -> int | None:
        return self.number("children")

    def clean_bedrooms(self) -> int | None:
        return self.number("bedrooms", MOST_BEDROOMS)

    def number(self, name: str, most: int = MOST_PEOPLE) -> int | None:
        number: int | None = self.cleaned_data[name]
        if number is not None and number > most:
            raise ValidationError(f"Enter a number from 0 to {most}.")
        return number

    def groups(self) -> list[Group]:
        """`(legend, css class, fields)` in the order of the page; what is not here is left out."""
        layout = [
            ("", "", ["pk", "changed_at", "shown", "kept", "is_different_person", "agency"]),
            ("Who", "", ["name", "birth_date", "contact", "hmis_id", "alias"]),
            ("Where", "cc-fieldset--columns", ["region", "county", "stay", "stay_words"]),
            (
                "Household",
                "cc-fieldset--columns",
                ["adults", "children", "is_youth", "is_veteran", "is_chronic"],
            ),
            ("Needs", "cc-fieldset--checks", ["needs_shelter", "is_prioritized"]),
            (
                "Housing",
                "cc-fieldset--columns",
                ["listed_on", "referral_active_on", "bedrooms", "assessment_level"],
            ),
            ("", "", ["documents"]),
            ("Who helps", "", ["navigator", "notes"]),
        ]
        return [
            (legend, css, [self[name] for name in names if name in self.fields])
            for legend, css, names in layout
        ]


class AddParticipantForm(OnceForm, ParticipantForm):
    listed_on = PastDay(label="On the list since", initial=timezone.localdate)
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
    changed_at = ChangedAtField()

    def __init__(
        self,
        *args: Any,  # as of any form
        shown_as: Label,
        may_replace: Mapping[str, bool],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial["changed_at"] = self.instance.changed_at.isoformat()
        self.fields["region"].help_text = (
            "In another region, other agencies see the household. Open steps and their updates "
            "move with it. A roster it is on does not: the CE Specialist moves it to the new "
            "region’s call."
        )
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
        if self.instance.is_size_of_members:
            for name in ("adults", "children"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "Follows from the household members."
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


class StayForm(CarefulForm, DatedForm, OnceForm):
    careful = ("words",)
    kind = forms.ChoiceField(
        label="Where they stay", choices=[("", "Choose")] + LivingSituation.Kind.choices
    )
    on = PastDay(label="On", initial=timezone.localdate)
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


class PlaceForm(CarefulForm, DatedForm):
    careful = ("reason",)
    flow = forms.ChoiceField(
        label="What happened", choices=PlaceChange.Flow.choices, widget=forms.RadioSelect
    )
    on = PastDay(label="On", initial=timezone.localdate)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="Shown in the household’s history to all who see the household.",
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
