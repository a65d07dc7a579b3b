"""A program, and whom it takes: a row for each thing that it may ask."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agreements.models import Agency
from housing.facts import (
    FACTS,
    MOST_PEOPLE,
    SCREENS,
    Background,
    Fact,
    Income,
    InCounty,
    Number,
    OneOf,
)
from housing.models import EligibilityRule, Program
from housing.programs import Rule
from participants.forms.fields import ChangedAtField, OnceForm, RowField, in_words
from participants.meanwhile import OvertakenForm
from participants.models import HmisProject
from regions.models import Continuum, County

MOST = 99_999
NOTHING = ""
WEIGHTS = [(NOTHING, "Says nothing"), *EligibilityRule.Weight.choices]
TAKES_NONE = "Say what the program asks, or choose “Says nothing”."


class ProgramForm(OvertakenForm):
    """Name, kind, counties, and the rules of its eligibility addendum."""

    name = forms.CharField(
        label="Name of the program",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose"), *Program.Kind.choices])
    is_confidential = forms.BooleanField(
        label="Its place is confidential",
        required=False,
        help_text="Only the county is kept: no words about the place.",
    )
    funding = forms.CharField(
        label="Funding",
        max_length=200,
        required=False,
        help_text="Such as “CoC, HUD-VASH” or “Housing Choice Voucher”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        program: Program | None = None,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.continuum, self.program = continuum, program
        counties = County.objects.filter(region__continuum=continuum)
        self.counties = {str(each.pk): each.name for each in counties.order_by("name")}
        self.fields["counties"] = forms.MultipleChoiceField(
            label="Counties where it has places",
            choices=list(self.counties.items()),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["hmis_project"] = RowField(
            HmisProject.objects.filter(continuum=continuum, is_refused=False),
            label="Project in HMIS",
            required=False,
            empty_label="None",
        )
        for fact in FACTS.values():
            self.fields.update(fields_of(fact, self.counties))
        if program and program.agency.is_victim_service_provider:
            self.lock_confidential()
        in_words(self.fields)
        if program:
            self.initial.update(self.told(program))
        self.order_fields(["agency", "name", "kind", "counties"])
        self.catch_up()

    def lock_confidential(self) -> None:
        field = self.fields["is_confidential"]
        field.disabled, self.initial["is_confidential"] = True, True
        field.help_text = "A victim service provider’s: always. Only the county is kept."

    def told(self, program: Program) -> dict[str, object]:
        """What the program says now, field by field."""
        found: dict[str, object] = {
            "name": program.name,
            "kind": program.kind,
            "is_confidential": program.is_confidential,
            "funding": program.funding,
            "counties": [str(each.pk) for each in program.counties.all()],
            "hmis_project": program.hmis_project_id,
        }
        for rule in program.rules.all():
            fact = FACTS[rule.fact]
            found[f"{fact.key}_weight"] = rule.weight
            found[f"{fact.key}_source"] = rule.source
            found.update(typed_of(fact, rule.asks))
        return found

    def groups(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """The program itself, then each thing that it may ask."""
        asked = {name for fact in FACTS.values() for name in names_of(fact)}
        yield "", "", [self[name] for name in self.fields if name not in asked]
        for fact in FACTS.values():
            yield fact.label, "cc-ask", [self[name] for name in names_of(fact)]

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or {}
        self.rules = list(filter(None, (self.rule_of(fact, data) for fact in FACTS.values())))
        return data

    def rule_of(self, fact: Fact, data: Mapping[str, Any]) -> Rule | None:  # Any: of each its own
        weight = data.get(f"{fact.key}_weight")
        if not weight:
            return None
        asks, wrong = asks_of(fact, data)
        if wrong:
            self.add_error(wrong, asks)
            return None
        source = data.get(f"{fact.key}_source", "")
        if fact.needs_source and not source:
            self.add_error(f"{fact.key}_source", "Say which law or funder asks for it.")
        return Rule(fact.key, weight, asks, source)

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        """What `add_program` and `change_program` take."""
        columns = ("name", "kind", "is_confidential", "funding", "hmis_project")
        keys = self.cleaned_data["counties"]
        return {
            "counties": list(County.objects.filter(pk__in=keys).select_related("region")),
            "rules": self.rules,
            **{name: self.cleaned_data[name] for name in columns},
        }


class AddProgramForm(OnceForm, ProgramForm):
    """The agency is chosen where there is more than one that this person may speak for."""

    def __init__(
        self,
        *args: Any,  # as of any form
        agencies: Iterable[Agency],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        agencies = list(agencies)
        self.fields["agency"] = RowField(
            Agency.objects.filter(pk__in=[each.pk for each in agencies]),
            label="Agency",
            empty_label="Choose",
        )
        if len(agencies) == 1:
            self.fields["agency"].initial = agencies[0].pk
            self.fields["agency"].empty_label = None  # type: ignore[attr-defined]  # of RowField
            if agencies[0].is_victim_service_provider:
                self.lock_confidential()
        in_words(self.fields)
        self.order_fields(["agency", "name", "kind", "counties"])


class ChangeProgramForm(ProgramForm):
    state = "changed_at"
    changed_at = ChangedAtField()

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:  # as of any form
        initial = {"changed_at": program.changed_at.isoformat()}
        super().__init__(*args, program=program, initial=initial, **kwargs)

    def values(self) -> dict[str, Any]:  # Any: of each its own
        return {**super().values(), "changed_at": self.cleaned_data["changed_at"]}


def fields_of(fact: Fact, counties: Mapping[str, str]) -> dict[str, forms.Field]:
    """The fields in which a program says what it asks of one thing."""
    found: dict[str, forms.Field] = {
        f"{fact.key}_weight": forms.ChoiceField(label=fact.label, choices=WEIGHTS, required=False)
    }
    choices = choices_of(fact, counties)
    if choices:
        found[f"{fact.key}_asks"] = forms.MultipleChoiceField(
            label="No" if isinstance(fact, Background) else "Takes",
            choices=choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    elif isinstance(fact, Number):
        found[f"{fact.key}_least"] = whole("At least")
        found[f"{fact.key}_most"] = whole("At most")
    elif isinstance(fact, Income):
        for size in range(1, MOST_PEOPLE + 1):
            people = "1 person" if size == 1 else f"{size} people"
            found[f"{fact.key}_{size}"] = whole(f"{people}, $ a month")
    if fact.needs_source:
        found[f"{fact.key}_source"] = forms.CharField(
            label="Law or funder that asks for it", max_length=200, required=False
        )
    return found


def names_of(fact: Fact) -> list[str]:
    return list(fields_of(fact, {}) if not isinstance(fact, InCounty) else county_names(fact))


def county_names(fact: Fact) -> list[str]:
    return [f"{fact.key}_weight", f"{fact.key}_asks"]


def choices_of(fact: Fact, counties: Mapping[str, str]) -> list[tuple[str, str]]:
    if isinstance(fact, InCounty):
        return list(counties.items())
    if isinstance(fact, Background):
        return [(key, sentence(words)) for key, words in SCREENS.items()]
    if isinstance(fact, OneOf):
        return [(key, sentence(words)) for key, words in fact.choices.items()]
    return []


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def whole(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST)


def asks_of(fact: Fact, data: Mapping[str, Any]) -> tuple[Any, str]:  # Any: of each fact its own
    """What the program asks; or what is wrong with it, and at which field."""
    key = fact.key
    if isinstance(fact, Number):
        least, most = data.get(f"{key}_least"), data.get(f"{key}_most")
        if least is None and most is None:
            return ValidationError(TAKES_NONE), f"{key}_least"
        if least is not None and most is not None and least > most:
            return ValidationError("“At most” must not be less than “At least”."), f"{key}_most"
        return {"least": least, "most": most}, ""
    if isinstance(fact, Income):
        found = [data.get(f"{key}_{size}") for size in range(1, MOST_PEOPLE + 1)]
        if not any(each is not None for each in found):
            return ValidationError(TAKES_NONE), f"{key}_1"
        return found, ""
    if isinstance(fact, OneOf | InCounty | Background):
        asks = data.get(f"{key}_asks")
        return (asks, "") if asks else (ValidationError(TAKES_NONE), f"{key}_asks")
    return True, ""


def typed_of(fact: Fact, asks: Any) -> dict[str, object]:  # Any: of each fact its own
    """What stands in the fields of a thing that is asked."""
    key = fact.key
    if isinstance(fact, Number):
        return {f"{key}_least": asks.get("least"), f"{key}_most": asks.get("most")}
    if isinstance(fact, Income):
        return {f"{key}_{size}": each for size, each in enumerate(asks, 1)}
    if isinstance(fact, OneOf | InCounty | Background):
        return {f"{key}_asks": asks}
    return {}
