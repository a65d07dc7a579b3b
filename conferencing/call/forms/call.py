"""What is typed during a call."""

import uuid
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from agreements.models import Agency, StaffMember
from conferencing.models import Attendance, Review
from participants.careful import CarefulForm
from participants.models import Participant
from regions.models import Region


class StepForm(Form):
    """A step: what, which agency, who follows up, until when."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    what = SingleLineField(
        label="What needs to happen",
        max_length=500,
        error_messages={"required": "Say what needs to happen."},
    )
    follow_up_person = forms.ModelChoiceField(
        label="Follow-up person",
        queryset=StaffMember.objects.none(),
        error_messages={
            "required": "Choose who follows up.",
            "invalid_choice": "Choose somebody whose paperwork is current today.",
        },
    )
    due_on = forms.DateField(
        label="Due",
        error_messages={"required": "Say until when.", "invalid": "Enter a date."},
    )
    is_critical = forms.BooleanField(label="Critical", required=False)
    keep_words = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,  # as of any form
        people: QuerySet[StaffMember],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        person = cast("forms.ModelChoiceField[StaffMember]", self.fields["follow_up_person"])
        person.queryset = people


class TableForm(Form):
    """Which household is taken up: one by its review, or the next or the former one."""

    review = forms.ModelChoiceField(queryset=Review.objects.none(), required=False)
    go = forms.ChoiceField(
        choices=[("next", "Next"), ("previous", "Previous"), ("none", "None")], required=False
    )
    # What the page took for the one being discussed, if any; where that one was carried over since,
    # the next comes after it.
    seen = forms.ModelChoiceField(queryset=Review.objects.none(), required=False)

    def __init__(
        self,
        *args: Any,  # as of any form
        reviews: QuerySet[Review],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("review", "seen"):
            cast("forms.ModelChoiceField[Review]", self.fields[name]).queryset = reviews


class RaiseForm(CarefulForm):
    """A household of the list, or a new one by alias alone."""

    careful, household = ("because",), "participant"

    key = forms.UUIDField(widget=forms.HiddenInput)
    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Search for this household again."},
    )
    because = SingleLineField(label="Why now", max_length=300, required=False)
    alias = SingleLineField(
        label="Alias", max_length=40, required=False, help_text="Leave blank to generate one."
    )
    agency = forms.ModelChoiceField(
        label="Agency that keeps the record", queryset=Agency.objects.none(), required=False
    )
    region = forms.ModelChoiceField(label="Region", queryset=Region.objects.none(), required=False)
    adults = forms.IntegerField(label="Adults", min_value=0, max_value=20)
    children = forms.IntegerField(label="Children", min_value=0, max_value=20)

    def __init__(
        self,
        *args: Any,  # as of any form
        participants: QuerySet[Participant],
        agencies: QuerySet[Agency],
        regions: QuerySet[Region],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        participant = cast("forms.ModelChoiceField[Participant]", self.fields["participant"])
        participant.queryset = participants
        cast("forms.ModelChoiceField[Agency]", self.fields["agency"]).queryset = agencies
        cast("forms.ModelChoiceField[Region]", self.fields["region"]).queryset = regions
        for name in ("adults", "children"):
            self.fields[name].required = False


class WalkInForm(Form):
    """Somebody who is here and has no account."""

    name = SingleLineField(
        label="Name",
        max_length=120,
        error_messages={"required": "Say who it is."},
        help_text="For staff and other professionals. Invite clients and their family as guests, "
        "so that others at the call don’t read their names.",
    )
    organization = SingleLineField(label="Organization", max_length=160, required=False)


class OpeningCheckForm(Form):
    """What is confirmed before the first household, and who said that they cannot come."""

    is_read = forms.BooleanField(
        label="The words above were read aloud",
        error_messages={"required": "Read the words aloud, then check this box."},
    )
    nobody_records = forms.BooleanField(
        label="No recorder and no AI note taker is in the room",
        error_messages={"required": "Remove any recorder or AI note taker, then check this box."},
    )
    sent_word = forms.ModelMultipleChoiceField(
        label="Who let us know they can’t come",
        queryset=Attendance.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Someone you checked is here now. Check the list again."},
    )
    shown = forms.CharField(widget=forms.HiddenInput)  # a digest of the words that the page showed
    excused = forms.CharField(widget=forms.HiddenInput, required=False)  # who was, on the page

    def __init__(
        self,
        *args: Any,  # as of any form
        words: str,
        expected: QuerySet[Attendance],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.digest = sha256(words.encode()).hexdigest()
        self.initial["shown"] = self.digest
        field = cast("forms.ModelMultipleChoiceField[Attendance]", self.fields["sent_word"])
        field.queryset = self.expected = expected
        field.initial = [each.pk for each in expected if each.sent_word]
        self.initial["excused"] = " ".join(str(key) for key in field.initial)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or self.cleaned_data
        if data.get("shown") != self.digest:
            again = cast("QueryDict", self.data).copy()
            again["shown"] = self.digest  # the words that are read out next
            self.data = again
            raise ValidationError(
                "Somebody changed the words meanwhile. Read them aloud as they are now."
            )
        return data

    def excuses(self) -> dict[uuid.UUID, bool]:
        """Whether each whom this page changed sent word: of the others somebody else may say so."""
        was = set(self.cleaned_data["excused"].split())
        checked = {each.pk for each in self.cleaned_data["sent_word"]}
        return {
            each.pk: each.pk in checked
            for each in self.expected
            if (each.pk in checked) != (str(each.pk) in was)
        }
