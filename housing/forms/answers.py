"""What programs ask beyond what is on the list; each may stay not known."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.named_fields import Form
from housing.facts import NEEDS, PETS, SCREENS
from participants.forms.fields import PastDay, in_words

NOT_KNOWN = ("", "Not known")
YES, NO = "yes", "no"


def asked(label: str, choices: Mapping[str, str], help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[NOT_KNOWN, *choices.items()],
        required=False,
        help_text=help_text,
    )


class AnswersForm(Form):
    """`given()` tells every answer; None where it is not known."""

    income = forms.IntegerField(
        label="Income a month, in dollars", required=False, min_value=0, max_value=99_999
    )
    access = asked("Needs a place", NEEDS)
    pets = asked("Animals", PETS)
    sex = asked(
        "Sex of the head of household",
        {"female": "Female", "male": "Male"},
        "Only for programs that the law lets take women or men alone.",
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        given: Mapping[str, Any],  # Any: of each its own
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        for key, words in SCREENS.items():
            self.fields[key] = asked(words[:1].upper() + words[1:], {NO: "No", YES: "Yes"})
            if key in given:
                self.initial[key] = YES if given[key] else NO
        self.initial.update({name: given[name] for name in given if name not in SCREENS})
        in_words(self.fields)

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        screens = [self[name] for name in SCREENS]
        rest = [self[name] for name in self.fields if name not in SCREENS]
        return [("", "", rest), ("What background checks ask", "", screens)]

    def given(self) -> dict[str, Any]:  # Any: of each question its own
        data = self.cleaned_data
        plain = {name: data[name] for name in ("access", "pets", "sex")}
        return (
            {name: value or None for name, value in plain.items()}
            | {"income": data["income"]}
            | {name: data[name] == YES if data[name] else None for name in SCREENS}
        )


MOST_SCORE = 999


class ScoreForm(Form):
    """What an assessment gave, where HMIS does not tell it."""

    tool = forms.CharField(
        label="Assessment tool",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    score = forms.IntegerField(label="Score", min_value=0, max_value=MOST_SCORE)
    happened_on = PastDay(label="Assessed on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        in_words(self.fields)
