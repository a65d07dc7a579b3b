"""An agency's people: what was typed to invite, change, move or end somebody."""

from typing import Any, TypedDict, cast

from django import forms

from accounts.named_fields import Form, ModelForm
from accounts.single_lines import SingleLineField
from regions.models import Region

from ..models import Agency, StaffMember
from .texts import DateInput

FOLLOWED = (
    "They see the participants of these regions and get their lists, if their paperwork is current."
)


class PlaceForm(ModelForm):
    """Function, lead, regions and list. `may_appoint`: whether the lead's box is shown."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = StaffMember
        fields = ("function", "is_lead", "regions", "gets_list")
        labels = {
            "is_lead": "Is agency lead",
            "regions": "Regions they follow",
            "gets_list": "Gets the prep list by mail",
        }
        help_texts = {
            "is_lead": "Signs the agreement for the agency, invites its people and names who "
            "facilitates and takes notes.",
            "regions": FOLLOWED,
        }
        widgets = {"regions": forms.CheckboxSelectMultiple}

    def __init__(
        self,
        *args: Any,  # as of any form
        agency: Agency,
        may_appoint: bool,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        regions = cast("forms.ModelMultipleChoiceField[Region]", self.fields["regions"])
        regions.queryset = Region.objects.filter(continuum=agency.continuum_id)
        cast(forms.ChoiceField, self.fields["function"]).choices = [
            ("", "Choose a function"),
            *StaffMember.Function.choices,
        ]
        self.initial["revision"] = self.instance.revision
        if self.instance._state.adding:
            self.initial.setdefault("regions", agency.regions())
        if not may_appoint:
            self.fields["is_lead"].disabled = True
            self.fields["is_lead"].help_text += " An administrator decides this."

    @property
    def values(self) -> dict[str, Any]:  # Any: as the services take them
        """What the services take."""
        names = ("function", "is_lead", "regions", "gets_list")
        return {name: self.cleaned_data[name] for name in names}


class InviteForm(PlaceForm):
    field_order = ("name", "email", "function", "is_lead", "regions", "gets_list")

    name = SingleLineField(
        label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="Their own work address; they sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        del self.fields["revision"]

    @property
    def values(self) -> dict[str, Any]:  # Any: as the services take them
        return super().values | {name: self.cleaned_data[name] for name in ("name", "email")}


class ChoiceOfRegionsForm(ModelForm):
    """What the person chooses for themselves."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = StaffMember
        fields = ("regions", "gets_list")
        labels = {
            "regions": "Regions I follow",
            "gets_list": "Send me the prep list by mail before each call",
        }
        help_texts = {
            "regions": "You get the lists of these regions and see their participants. You may "
            "follow other regions than your agency’s.",
        }
        widgets = {"regions": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        continuum = self.instance.agency.continuum_id
        regions = cast("forms.ModelMultipleChoiceField[Region]", self.fields["regions"])
        regions.queryset = Region.objects.filter(continuum=continuum)
        self.initial["revision"] = self.instance.revision


class EndPlaceForm(Form):
    ended_on = forms.DateField(
        label="Last day",
        widget=DateInput(),
        help_text="Today or earlier. Whatever the date, access ends now.",
    )


class MoveForm(Form):
    agency = forms.ModelChoiceField(
        Agency.objects.none(), label="New agency", empty_label="Choose an agency"
    )
    function = forms.ChoiceField(label="Function there", choices=StaffMember.Function.choices)

    def __init__(self, *args: Any, place: StaffMember, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        agency = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agency.queryset = Agency.objects.filter(
            continuum=place.agency.continuum_id, is_active=True
        ).exclude(pk=place.agency_id)
        self.initial["function"] = place.function


class RestartForm(Form):
    reason = forms.CharField(
        label="Why, and how you made sure that it is they who ask",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: lost phone; called back at the agency’s number.",
    )


class Roles(TypedDict):
    """As the services take them."""

    is_specialist: bool
    is_administrator: bool


class RolesForm(Form):
    """The roles of one of the CoC's own people."""

    is_specialist = forms.BooleanField(
        label="CE Specialist",
        required=False,
        help_text="Plans the calls, settles the rosters, sends the lists, sees every participant.",
    )
    is_administrator = forms.BooleanField(
        label="Administrator",
        required=False,
        help_text="Agencies, agreements, people, set-up and the audit.",
    )
    was_specialist = forms.BooleanField(widget=forms.HiddenInput, required=False)
    was_administrator = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        data = super().clean() or {}
        if not (data.get("is_specialist") or data.get("is_administrator")):
            self.add_error(
                "is_specialist",
                "Choose at least one role. To take both away, end the person’s role instead.",
            )
        return data

    @property
    def seen(self) -> tuple[bool, bool]:
        return self.cleaned_data["was_specialist"], self.cleaned_data["was_administrator"]

    @property
    def roles(self) -> Roles:
        data = self.cleaned_data
        return {
            "is_specialist": data["is_specialist"],
            "is_administrator": data["is_administrator"],
        }


class TeamInviteForm(RolesForm):
    field_order = ("name", "email", "is_specialist", "is_administrator")

    name = SingleLineField(
        label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        del self.fields["was_specialist"], self.fields["was_administrator"]


class EndRolesForm(Form):
    was_specialist = forms.BooleanField(widget=forms.HiddenInput, required=False)
    was_administrator = forms.BooleanField(widget=forms.HiddenInput, required=False)

    @property
    def seen(self) -> tuple[bool, bool]:
        return self.cleaned_data["was_specialist"], self.cleaned_data["was_administrator"]
