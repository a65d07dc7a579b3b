"""What is typed about who is of a household."""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.named_fields import Form
from participants.careful import CarefulForm
from participants.forms.fields import (
    ChangedAtField,
    DatedForm,
    DateInput,
    OnceForm,
    PastDay,
    in_words,
)
from participants.forms.identity import IdentityForm
from participants.models import AgeBand, HouseholdMember, Participant, ParticipantQuerySet

from .acts import Identity
from .members import may_head

Relation = HouseholdMember.Relation
RELATIONS = [each for each in Relation.choices if each[0] not in ("", Relation.HEAD)]
BANDS = [("", "Choose an age"), *AgeBand.choices[:-1], ("unknown", "Not known")]
LEFT = "left"


class MemberForm(Form):
    relation = forms.ChoiceField(
        label="To the head of household", choices=[("", "Choose"), *RELATIONS]
    )
    age_band = forms.ChoiceField(label="Age", choices=BANDS)
    since = PastDay(label="In the household since", initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)

    def clean_age_band(self) -> str:
        chosen: str = self.cleaned_data["age_band"]
        return "" if chosen == "unknown" else chosen


class AddMemberForm(OnceForm, MemberForm):
    field_order = ("pk",)


class ChangeMemberForm(MemberForm):
    until = PastDay(
        label="Left on",
        required=False,
        help_text="Leave blank while they live in the household.",
    )

    def __init__(self, *args: Any, member: HouseholdMember, **kwargs: Any) -> None:  # of any form
        shown = {
            "relation": member.relation,
            "age_band": member.age_band or "unknown",
            "since": member.since,
            "until": member.until,
        }
        super().__init__(*args, initial=shown, **kwargs)
        if member.relation in ("", Relation.HEAD):
            kept = (member.relation, member.get_relation_display())
            relation = cast(forms.ChoiceField, self.fields["relation"])
            relation.choices = [kept, *RELATIONS]
            relation.required = bool(member.relation)


class NewHeadForm(IdentityForm, CarefulForm, DatedForm):
    """Who heads a household from a day on. For a victim service provider without identity."""

    changed_at = ChangedAtField()
    on = PastDay(label="Since", initial=timezone.localdate)
    name = forms.CharField(
        label="Name of the new head of household",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    birth_date = PastDay(
        label="Date of birth", required=False, widget=DateInput(attrs={"autocomplete": "off"})
    )
    contact = forms.CharField(
        label="Contact",
        max_length=500,
        required=False,
        help_text="Phone or another way to reach the household.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    hmis_id = forms.CharField(
        label="HMIS ID",
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, participant: Participant, **kwargs: Any) -> None:  # of any form
        super().__init__(*args, **kwargs)
        self.initial["changed_at"] = participant.changed_at.isoformat()
        self.listed = [each for each in participant.members.all() if not each.until]
        if participant.is_confidential:
            self.leave_out_identity()
        self.about(participant)

    def choices_of_members(self) -> list[tuple[str, str]]:
        return [(str(each.pk), member_words(each)) for each in self.listed]

    def choices_of_heads(self) -> list[tuple[str, str]]:
        return [(str(each.pk), member_words(each)) for each in self.listed if may_head(each)]

    def members_of(self, keys: Collection[str]) -> list[HouseholdMember]:
        return [each for each in self.listed if str(each.pk) in keys]

    def identity(self) -> Identity:
        data = self.cleaned_data
        return {
            "name": data.get("name") or None,
            "birth_date": data.get("birth_date"),
            "contact": data.get("contact") or None,
            "hmis_id": data.get("hmis_id") or None,
        }


class HeadForm(NewHeadForm):
    careful = ("reason",)
    member = forms.ChoiceField(label="Who heads the household now", widget=forms.RadioSelect)
    stays_as = forms.ChoiceField(
        label="The former head",
        choices=[(LEFT, "Left the household, or died")]
        + [(key, f"Stays: {words.lower()}") for key, words in RELATIONS],
        help_text="For who stays: what they are to the new head.",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        help_text="Shown in the household’s history.",
    )
    field_order = ("changed_at", "is_different_person", "on", "member")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        member = cast(forms.ChoiceField, self.fields["member"])
        member.choices = [*self.choices_of_heads(), ("other", "Somebody who is not listed")]
        in_words(self.fields)

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        data = self.cleaned_data
        return {
            "head": self.identity(),
            "member": next(iter(self.members_of([data["member"]])), None),
            "stays_as": "" if data["stays_as"] == LEFT else data["stays_as"],
            "happened_on": data["on"],
            "reason": data["reason"],
            "changed_at": data["changed_at"],
            "is_different_person": data["is_different_person"],
        }


class SplitForm(OnceForm, NewHeadForm):
    members = forms.MultipleChoiceField(
        label="Who leaves",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Check who leaves."},
    )
    member = forms.ChoiceField(label="Who heads the new household", widget=forms.RadioSelect)
    field_order = ("pk", "changed_at", "is_different_person", "on", "members", "member")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["members"]).choices = self.choices_of_members()
        cast(forms.ChoiceField, self.fields["member"]).choices = self.choices_of_heads()
        in_words(self.fields)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean()
        leaving, head = data.get("members"), data.get("member")
        if leaving and head and head not in leaving:
            self.add_error("member", "Choose one of those who leave.")
        return data

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        data = self.cleaned_data
        return {
            "pk": UUID(str(data["pk"])),
            "members": self.members_of(data["members"]),
            "member": self.members_of([data["member"]])[0],
            "head": self.identity(),
            "happened_on": data["on"],
            "changed_at": data["changed_at"],
            "is_different_person": data["is_different_person"],
        }


class JoinForm(DatedForm):
    """With which household this one lives, by its alias, of those that the person keeps."""

    nobody_has_it = "No household that you may change has this alias. Copy it from its page."
    alias = forms.CharField(
        label="Alias of the other household",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="You find it on the other household’s page and on the by-name list.",
    )
    relation = forms.ChoiceField(
        label="What this head is to the other head", choices=[("", "Choose"), *RELATIONS]
    )
    on = PastDay(label="Since", initial=timezone.localdate)

    def __init__(
        self,
        *args: Any,  # as of any form
        people: ParticipantQuerySet,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        in_words(self.fields)

    def clean_alias(self) -> Participant:
        alias = self.cleaned_data["alias"].strip()
        found = self.people.filter(alias__iexact=alias).select_related("agency").first()
        if found is None:
            raise ValidationError(self.nobody_has_it)
        return found


def member_words(member: HouseholdMember) -> str:
    """Child, 5 to 12."""
    return f"{member.get_relation_display()}, {member.get_age_band_display().lower()}"
