"""What is typed for several households at once: as for one, made for those that were checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts import named_fields
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting
from conferencing.words import call_words, when_words
from participants.careful import CarefulForm
from participants.forms.fields import in_words
from participants.forms.participants import PlaceForm as OnePlaceForm
from participants.forms.participants import navigators
from participants.forms.places import ContactForm
from participants.forms.releases import ManyReleasesForm
from participants.models import Participant
from participants.services.places import flows_for


@dataclass(frozen=True)
class Chosen:
    """The households that were checked, by whom, and the moment."""

    people: Sequence[Participant]
    user: User
    now: datetime


class Form(Protocol):
    """What a page asks of its form."""

    cleaned_data: dict[str, Any]  # Any: of each field its own

    def is_valid(self) -> bool: ...

    def refuse(self, error: ValidationError) -> None: ...


class Make(Protocol):
    """Makes the form for them, of what was sent, if anything was."""

    def __call__(self, *sent: Any, chosen: Chosen) -> Form: ...  # Any: as of any form


def contact_form(*sent: Any, chosen: Chosen) -> Form:  # Any: as of any form
    return ContactForm(*sent)


def release_form(*sent: Any, chosen: Chosen) -> Form:  # Any: as of any form
    return ManyReleasesForm(*sent, continuum=chosen.user.membership.continuum)


class PlaceForm(OnePlaceForm):
    """Moves that fit all of them."""

    def __init__(self, *sent: Any, chosen: Chosen) -> None:  # Any: as of any form
        each = [flows_for(person) for person in chosen.people]
        common = [flow for flow in (each[0] if each else []) if all(flow in one for one in each)]
        super().__init__(*sent, flows=common)
        self.about(*chosen.people)
        if chosen.people and not common:
            self.fields["flow"].help_text = (
                "No move fits all of them: some are on the list and some are not. Go back and "
                "check households of one status."
            )


class NavigatorForm(named_fields.Form):
    navigator = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Navigator",
        empty_label="Choose a navigator",
        help_text="Takes the place of whoever is named now.",
    )

    def __init__(self, *sent: Any, chosen: Chosen) -> None:  # Any: as of any form
        super().__init__(*sent)
        field = cast("forms.ModelChoiceField[StaffMember]", self.fields["navigator"])
        field.queryset = navigators(chosen.user.membership.continuum)
        in_words(self.fields)


class MeetingField(forms.ModelChoiceField):  # type: ignore[type-arg]  # none as Django runs
    def label_from_instance(self, meeting: Any) -> str:  # a Meeting, typed as any model
        return f"{call_words(meeting)}, {when_words(meeting)}"


class RosterForm(CarefulForm):
    careful = ("reason",)
    meeting = MeetingField(Meeting.objects.none(), label="Call", empty_label="Choose a call")
    reason = forms.CharField(
        label="Why they should be reviewed",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="Printed on the list beside the other reasons. Do not use names.",
    )

    def __init__(self, *sent: Any, chosen: Chosen) -> None:  # Any: as of any form
        super().__init__(*sent)
        self.about(*chosen.people)
        field = cast("forms.ModelChoiceField[Meeting]", self.fields["meeting"])
        if not chosen.user.has_perm("conferencing.settle_roster"):
            field.help_text = "Your agency nominates them. The CE Specialist sees it on the roster."
        coming = Meeting.objects.visible_to(chosen.user).filter(
            state=Meeting.State.PLANNED, starts_at__gt=chosen.now
        )
        regions = {person.region_id for person in chosen.people}
        if len(regions) == 1:
            coming = coming.filter(Q(region__in=regions) | Q(region=None))
        field.queryset = coming.select_related("region", "continuum").order_by("starts_at")
        in_words(self.fields)
