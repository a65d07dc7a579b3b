"""What is typed about a participant."""

from django import forms
from django.utils import timezone

from agreements.models import Agency, StaffMember
from participants.models import ListPlace, LivingSituation, Participant, PlaceChange
from participants.redaction import without_name
from participants.services.pages import NEEDS
from regions.models import County, Region

IDENTITY = ("name", "birth_date", "contact", "hmis_id")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class FilterForm(forms.Form):
    """Filters of the by-name list, by GET: no field of it can hold a name."""

    region = forms.ModelChoiceField(Region.objects.none(), required=False, empty_label="All")
    county = forms.ModelChoiceField(County.objects.none(), required=False, empty_label="All")
    status = forms.ChoiceField(
        choices=[("active", "Active"), ("all", "All")] + ListPlace.Status.choices[1:],
        required=False,
    )
    need = forms.ChoiceField(
        choices=[("", "Any")] + [(key, words) for key, (words, _) in NEEDS.items()],
        required=False,
    )

    def __init__(self, data, *, continuum):
        super().__init__(data)
        self.fields["region"].queryset = continuum.regions.all()
        self.fields["county"].queryset = County.objects.filter(region__continuum=continuum)

    def chosen(self):
        """Keyword arguments for `pages.filtered`; a value that is none of the choices is none."""
        self.is_valid()
        values = dict(self.cleaned_data)
        status = values.get("status") or "active"
        values["status"] = "" if status == "all" else status
        return values


class ParticipantForm(forms.ModelForm):
    """A household. For a victim service provider the identifying fields are not there at all."""

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
            "needs_shelter",
            "is_prioritized",
            "referral_active_on",
            "navigator",
            "notes",
        ]
        widgets = {
            "birth_date": DateInput(),
            "referral_active_on": DateInput(),
            "notes": forms.Textarea(attrs={"rows": 4}),
            "name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "contact": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "alias": "Shown to whoever no release covers. Leave empty to have one made.",
            "contact": "Phone or another way to reach the household.",
            "adults": "How many adults are in the household.",
            "children": "How many people under 18.",
            "notes": "Only what matters for housing. No diagnosis, no Social Security number.",
        }

    def __init__(self, *args, continuum, agency, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["alias"].required = self.instance.alias != ""
        self.fields["region"].queryset = continuum.regions.all()
        self.fields["county"].queryset = County.objects.filter(
            region__continuum=continuum
        ).select_related("region")
        self.fields["navigator"].queryset = (
            StaffMember.objects.current()
            .filter(agency__continuum=continuum)
            .select_related("user", "agency")
        )
        if agency and agency.is_victim_service_provider:
            for name in IDENTITY:
                del self.fields[name]

    def _post_clean(self):
        # The service judges and saves the whole row; here only the fields are cleaned.
        pass


class AddParticipantForm(ParticipantForm):
    listed_on = forms.DateField(
        label="On the list since", widget=DateInput(), initial=lambda: timezone.localdate()
    )
    is_different_person = forms.BooleanField(
        label="This is a different person", required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        if len(agencies) > 1:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.filter(pk__in=[each.pk for each in agencies]),
                label="Agency that keeps the record",
            )
            self.order_fields(["agency"])

    def offer_different_person(self):
        self.fields["is_different_person"].widget = forms.CheckboxInput()


class ChangeParticipantForm(ParticipantForm):
    """What this person may not see is not shown: it can be replaced, and stays when left empty."""

    changed_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, hides, **kwargs):
        super().__init__(*args, **kwargs)
        self.hidden_identity = [name for name in IDENTITY if hides and name in self.fields]
        for name in self.hidden_identity:
            if getattr(self.instance, name):
                self.initial[name] = None
                self.fields[name].help_text = (
                    "On file, but hidden: no live release covers you. Leave empty to keep it; "
                    "what you type replaces it."
                )
        if hides:
            self.initial["notes"] = without_name(
                self.instance.notes, self.instance.name, self.instance.alias
            )

    def values(self):
        """What to change, without what was hidden and left as it was shown."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "changed_at"}
        for name in self.hidden_identity:
            if not data[name]:
                del data[name]
        if typed(data["notes"]) == typed(self.initial["notes"]):
            del data["notes"]
        return data


def typed(text):
    """The text as a browser sends it back: its line ends and the space around it do not count."""
    return text.replace("\r\n", "\n").strip()


class StayForm(forms.Form):
    kind = forms.ChoiceField(label="Where they stay", choices=LivingSituation.Kind.choices)
    on = forms.DateField(label="On", widget=DateInput(), initial=lambda: timezone.localdate())
    words = forms.CharField(
        label="The place in words",
        required=False,
        max_length=300,
        help_text="Only what helps to find the household again.",
    )

    def __init__(self, *args, is_confidential, **kwargs):
        super().__init__(*args, **kwargs)
        if is_confidential:
            del self.fields["words"]

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("Enter today’s date or one before.")
        return on


class PlaceForm(forms.Form):
    flow = forms.ChoiceField(label="What happened", choices=PlaceChange.Flow.choices)
    on = forms.DateField(label="On", widget=DateInput(), initial=lambda: timezone.localdate())
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; it stands in the history."},
    )

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("Enter today’s date or one before.")
        return on
