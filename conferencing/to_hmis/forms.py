"""What is asked about a fact on its way to HMIS, of which time, and why a file is taken."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypedDict, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import User
from accounts.named_fields import Form
from accounts.single_lines import SingleLineField
from conferencing.models import Meeting
from conferencing.shared_forms import DATE
from participants.careful import CarefulForm
from participants.models import HmisProject
from regions.models import Continuum
from regions.words import day_words

from . import layout
from .checking import FORMULA, ID
from .facts import Fact, Kind, Scope, is_refused
from .rows import asked_of

LONGEST = timedelta(days=400)
USUAL = timedelta(days=30)
CHOOSE = "Choose one of the list."
A_DATE = {"invalid": "Enter the date as month, day and year.", "required": "Enter the date."}
Answers = dict[str, str]


def choices(words: dict[str, str], empty: str) -> list[tuple[str, str]]:
    return [("", empty), *words.items()]


class Chosen(TypedDict):
    meeting: Meeting | None
    since: date
    until: date


class ScopeForm(Form):
    """A call, or a time, by GET; what is none counts as the last 30 days."""

    meeting = forms.ChoiceField(
        label="Call", required=False, error_messages={"invalid_choice": CHOOSE}
    )
    since = forms.DateField(label="From", required=False, widget=DATE, error_messages=A_DATE)
    until = forms.DateField(label="Through", required=False, widget=DATE, error_messages=A_DATE)

    def __init__(
        self, data: QueryDict, *, continuum: Continuum, meetings: Iterable[Meeting], today: date
    ) -> None:
        usual = {"since": f"{today - USUAL}", "until": f"{today}", "meeting": ""}
        super().__init__({name: data.get(name) or value for name, value in usual.items()})
        self.continuum, self.today = continuum, today
        self.meetings = {str(each.pk): each for each in meetings}
        cast(forms.ChoiceField, self.fields["meeting"]).choices = [
            ("", "All calls and days"),
            *(
                (key, f"{each.scope_words}, {day_words(each.on)}")
                for key, each in self.meetings.items()
            ),
        ]

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        values = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", ValidationError("Choose a day that is not before the first."))
        elif since and until and until - since > LONGEST:
            self.add_error("since", ValidationError("Choose a time of at most 400 days."))
        return values

    def scope(self) -> Scope:
        """What was chosen; the usual time where it cannot be read."""
        self.is_valid()
        values = self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since is None or until is None:
            since, until = self.today - USUAL, self.today
        meeting = self.meetings.get(values.get("meeting", ""))
        return Scope(self.continuum, since, until, meeting)

    @property
    def words(self) -> str:
        scope = self.scope()
        if scope.meeting:
            return f"The call of {scope.meeting.scope_words}, {day_words(scope.meeting.on)}"
        return f"{day_words(scope.since)} through {day_words(scope.until)}"


class EventForm(Form):
    """Which event of 4.20 it was, and how it ended as far as that is known."""

    Event = forms.ChoiceField(
        label="Kind of event",
        choices=choices(layout.EVENTS, "Choose the kind of event"),
        error_messages={"required": "Choose the kind of event.", "invalid_choice": CHOOSE},
    )
    LocationCrisisOrPHHousing = forms.ChoiceField(
        label="Project it refers to",
        required=False,
        help_text="For a referral to a bed, a unit or a voucher.",
        error_messages={"invalid_choice": CHOOSE},
    )
    ReferralResult = forms.ChoiceField(
        label="Result of the referral",
        required=False,
        choices=choices(layout.RESULTS, "Not known yet"),
        help_text="For a referral to a bed, a unit or a voucher.",
        error_messages={"invalid_choice": CHOOSE},
    )
    ResultDate = forms.DateField(
        label="Date of the result", required=False, widget=DATE, error_messages=A_DATE
    )
    ProbSolDivRRResult = forms.ChoiceField(
        label="Housed or rehoused in a safe place?",
        required=False,
        choices=choices(layout.YES_NO, "Not known"),
        help_text="For problem solving, diversion or rapid resolution.",
        error_messages={"invalid_choice": CHOOSE},
    )
    ReferralCaseManageAfter = forms.ChoiceField(
        label="Enrolled in aftercare?",
        required=False,
        choices=choices(layout.YES_NO, "Not known"),
        help_text="For post-placement or follow-up case management.",
        error_messages={"invalid_choice": CHOOSE},
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        on: date,
        today: date,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on, self.today = on, today
        projects = HmisProject.objects.filter(continuum=continuum).select_related("agency")
        cast(forms.ChoiceField, self.fields["LocationCrisisOrPHHousing"]).choices = [
            ("", "Not known"),
            *(
                (each.key, f"{each.name} ({each.kind})" if each.kind else each.name)
                for each in projects
                if not is_refused(each)
            ),
        ]

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        values = super().clean() or self.cleaned_data
        result, on = values.get("ReferralResult"), values.get("ResultDate")
        if "ReferralResult" in asked_of(values.get("Event") or ""):
            if result and not on and "ResultDate" not in self.errors:
                self.add_error("ResultDate", ValidationError("Enter the date of the result."))
            if on and not result:
                self.add_error("ReferralResult", ValidationError("Choose the result of that day."))
            if on and on < self.on:
                words = f"Enter a date from {day_words(self.on)} on, the day of the event."
                self.add_error("ResultDate", ValidationError(words))
            if on and on > self.today:
                self.add_error("ResultDate", ValidationError("Enter a date that has come."))
        return values

    @property
    def answers(self) -> Answers:
        """`{HUD's column: code}` of what belongs to this kind of event."""
        wanted = ("Event", *asked_of(self.cleaned_data["Event"]))
        return {name: str(self.cleaned_data[name] or "") for name in wanted}


class SituationForm(Form):
    """Where the household stayed that day, by HUD's list."""

    CurrentLivingSituation = forms.ChoiceField(
        label="Where they stayed that day",
        choices=choices(layout.SITUATIONS, "Choose where they stayed"),
        error_messages={"required": "Choose where they stayed.", "invalid_choice": CHOOSE},
    )

    @property
    def answers(self) -> Answers:
        return dict(self.cleaned_data)


class AssessmentForm(Form):
    """What HUD asks of an assessment beside its day; what is not known stays empty."""

    AssessmentLevel = forms.ChoiceField(
        label="Level",
        required=False,
        choices=choices(layout.ASSESSMENT_LEVELS, "Not known"),
        error_messages={"invalid_choice": CHOOSE},
    )
    AssessmentType = forms.ChoiceField(
        label="How it was done",
        required=False,
        choices=choices(layout.ASSESSMENT_TYPES, "Not known"),
        error_messages={"invalid_choice": CHOOSE},
    )
    PrioritizationStatus = forms.ChoiceField(
        label="What followed",
        required=False,
        choices=choices(layout.PRIORITIZATION, "Not known"),
        error_messages={"invalid_choice": CHOOSE},
    )

    @property
    def answers(self) -> Answers:
        return dict(self.cleaned_data)


AnswerForm = EventForm | SituationForm | AssessmentForm


def form_of(fact: Fact, data: QueryDict | None, *, continuum: Continuum, today: date) -> AnswerForm:
    """The form of a fact's kind, with what was said of it before."""
    initial = dict(fact.answers)
    if fact.kind == Kind.EVENT:
        return EventForm(data, initial=initial, continuum=continuum, on=fact.on, today=today)
    if fact.kind == Kind.SITUATION:
        return SituationForm(data, initial=initial)
    return AssessmentForm(data, initial=initial)


class AddEventForm(EventForm):
    """An event that was agreed at a call: of whom, and which."""

    household = forms.ChoiceField(
        label="Household",
        error_messages={"required": "Choose the household.", "invalid_choice": CHOOSE},
    )
    field_order = ("household",)

    def __init__(
        self,
        *args: Any,  # as of any form
        households: Iterable[tuple[str, str]],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["household"]).choices = [
            ("", "Choose the household"),
            *households,
        ]


class TakeForm(CarefulForm):
    """Why the file is taken; `seen` are the rows that the page named."""

    careful = ("reason",)
    reason = forms.CharField(
        label="Why do you take this file?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit. Do not include client information.",
        error_messages={"required": "Say why you take the file."},
    )
    seen = forms.CharField(widget=forms.HiddenInput)


class HmisUsersForm(Form):
    """The UserID of each person in HMIS, and the one for whoever has none."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        people: Iterable[tuple[User, str]],
        keys: dict[Any, str],  # {key of a user, or None: UserID}
    ) -> None:
        super().__init__(data)
        self.people: dict[str, User | None] = {"coc": None}
        self.fields["coc"] = self.field("The CoC’s own, for whoever has none", keys.get(None, ""))
        self.fields[
            "coc"
        ].help_text = "Ask your HMIS administrator for a UserID for what comes from this system."
        for user, words in people:
            name = f"person-{user.pk}"
            self.people[name] = user
            self.fields[name] = self.field(words, keys.get(user.pk, ""))

    def field(self, label: str, initial: str) -> SingleLineField:
        return SingleLineField(
            label=label,
            initial=initial,
            required=False,
            max_length=layout.LONGEST_ID,
            error_messages={"max_length": "Enter a UserID of at most 32 characters."},
        )

    def clean(self) -> dict[str, Any]:  # Any: texts
        values = super().clean() or self.cleaned_data
        for name, value in list(values.items()):
            if value and (not ID.fullmatch(value) or FORMULA.match(value)):
                words = "Enter the UserID as HMIS has it: letters and digits, without blanks."
                self.add_error(name, ValidationError(words))
        return values

    @property
    def keys(self) -> dict[User | None, str]:
        return {user: self.cleaned_data[name] for name, user in self.people.items()}
