"""What is typed about a referral."""

from typing import Any

from django import forms

from accounts.named_fields import Form
from agreements.models import StaffMember
from housing.models import DeclineReason, Referral, ReferralRule
from participants.careful import CarefulForm
from participants.forms.fields import PastDay, RowField, in_words
from regions.models import Continuum

from .catalog import reasons_of

Side = DeclineReason.Side
Ruling = Referral.Ruling


class ReferForm(Form):
    def __init__(self, *args: Any, continuum: Continuum, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        people = StaffMember.objects.current().filter(agency__continuum=continuum)
        self.fields["follow_up"] = RowField(
            people.select_related("user", "agency").order_by("user__name"),
            label="Who follows up",
            empty_label="Choose",
        )
        in_words(self.fields)


class WordsForm(CarefulForm):
    """A line of words beside an act; the household's name has no place in it."""

    careful = ("words",)
    words = forms.CharField(
        label="In a few words",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)


class MoveInForm(WordsForm):
    happened_on = PastDay(label="Moved in on")
    field_order = ("happened_on", "words")


class DeclineForm(WordsForm):
    """`by_program`: the program says no; else the household."""

    field_order = ("reason", "words")

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        by_program: bool,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        side = Side.PROGRAM if by_program else Side.HOUSEHOLD
        found = reasons_of(continuum, side, Side.NEITHER)
        self.fields["reason"] = RowField(
            DeclineReason.objects.filter(pk__in=[each.pk for each in found]),
            label="Reason",
            widget=forms.RadioSelect,
            empty_label=None,
        )
        in_words(self.fields)
        self.order_fields(self.field_order)


class RulingForm(WordsForm):
    ruling = forms.ChoiceField(
        label="What do you say?",
        choices=[
            (Ruling.AGREED, "I agree with the decline"),
            (Ruling.SENT_BACK, "Look at it once more"),
            (Ruling.OVERRIDDEN, "The referral goes on"),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("ruling", "words")


class AppealForm(WordsForm):
    is_won = forms.ChoiceField(
        label="The appeal",
        choices=[("yes", "Is won: the household goes first next time"), ("no", "Is lost")],
        widget=forms.RadioSelect,
    )
    field_order = ("is_won", "words")


MOST_DAYS = 250
WAITS = {
    "household_days": "for the household to say yes or no",
    "acknowledge_days": "for the program to acknowledge it",
    "decide_days": "for the program to decide",
    "move_in_days": "from enrolled to moved in",
    "appeal_days": "to appeal a decline of the program",
}


class WaitsForm(Form):
    """How many working days each wait of a referral may take."""

    def __init__(self, *args: Any, rule: ReferralRule, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        for name, words in WAITS.items():
            self.fields[name] = forms.IntegerField(
                label=f"Working days {words}",
                min_value=1,
                max_value=MOST_DAYS,
                initial=getattr(rule, name),
            )
        in_words(self.fields)


class ReasonForm(Form):
    words = forms.CharField(
        label="Another reason",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    side = forms.ChoiceField(
        label="Whose decision is it?", choices=Side.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
