"""What is chosen about two records of one person."""

from typing import Any, TypedDict

from django import forms

from accounts.named_fields import Form
from participants.careful import CarefulForm
from participants.forms.fields import in_words
from participants.models import Participant, ParticipantQuerySet

from .pages import PairPage


class Chosen(TypedDict):
    """What `merge_pair` takes of a form."""

    keeper: str
    choices: dict[str, str]
    why: str
    seen: str


class MergeForm(CarefulForm):
    """Which record stays, and which value where they differ. `page`: services' `pair_page`."""

    careful = ("why",)

    def __init__(
        self,
        *args: Any,  # as of any form
        page: PairPage,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        self.fields["keeper"] = forms.ChoiceField(
            label="Which record stays",
            choices=[(side.key, side.words) for side in page["sides"]],
            widget=forms.RadioSelect,
            initial=page["proposed"]["keeper"],
            help_text="Its alias stays. The other one’s page leads to it from now on.",
        )
        for key, label, choices in page["fields"]:
            self.fields[key] = forms.ChoiceField(
                label=label,
                choices=[
                    (choice, f"{words} · {whose}" if whose else words)
                    for choice, words, whose in choices
                ],
                widget=forms.RadioSelect,
                initial=page["proposed"][key],
            )
        self.fields["why"] = forms.CharField(
            label="How you know that it is one person",
            max_length=500,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        )
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, initial=page["seen"])
        in_words(self.fields)

    def values(self) -> Chosen:
        """Arguments of `merge_pair`."""
        data = self.cleaned_data
        chosen = {key: data[key] for key, *_ in self.page["fields"]}
        return {
            "keeper": data["keeper"],
            "choices": {"place": self.page["proposed"]["place"]} | chosen,
            "why": data["why"],
            "seen": data["seen"],
        }


class WhyForm(CarefulForm):
    careful = ("why",)
    why = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))

    def __init__(
        self,
        *args: Any,  # as of any form
        label: str,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = label
        in_words(self.fields)


class OtherRecordForm(Form):
    """The other record, by its alias, among those that the person may know of."""

    alias = forms.CharField(
        label="Alias of the other record",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="It is shown on the other household’s page and on the by-name list.",
    )

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
            raise forms.ValidationError(
                "No household that you may know of has this alias. Copy it from its page."
            )
        return found
