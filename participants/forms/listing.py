"""What the by-name list is narrowed to, ordered by and shown with: by GET, and kept in views."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form
from agreements.models import Agency, StaffMember
from participants.listing import (
    COLUMNS,
    LONGEST_FIRST,
    MINE,
    NEEDS,
    NOBODY,
    ORDERS,
    RELEASES,
    SOURCE_CHOICES,
    USUAL_COLUMNS,
    Query,
    words_of_order,
)
from participants.models import ListPlace, Participant
from participants.quiet import STATES
from regions.models import Continuum, Region

from .fields import CountyField, RowField, in_words

MOST_DAYS = 20_000
ACTIVE, ALL = ListPlace.Status.ACTIVE.value, "all"
# Those that stand in the bar; the others are behind “Filters, columns”.
FIRST = ("region", "status", "need")
MORE = ("county", "state", "agency", "navigator", "release", "source", "days")


class ListForm(Form):
    """No field of it can hold a name: it stands in addresses."""

    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    region = RowField(Region.objects.none(), required=False, empty_label="All")
    status = forms.ChoiceField(
        choices=[(ACTIVE, "Active"), (ALL, "All")] + ListPlace.Status.choices[1:],
        required=False,
    )
    need = forms.ChoiceField(
        label="Needs",
        choices=[("", "Any")] + [(key, words) for key, (words, _) in NEEDS.items()],
        required=False,
    )
    state = forms.ChoiceField(
        label="Data age", choices=[("", "Any"), *STATES.items()], required=False
    )
    agency = RowField(Agency.objects.none(), label="Agency", required=False, empty_label="All")
    navigator = forms.ChoiceField(required=False)
    release = forms.ChoiceField(choices=[("", "Any"), *RELEASES.items()], required=False)
    source = forms.ChoiceField(choices=[("", "Any"), *SOURCE_CHOICES.items()], required=False)
    days = forms.IntegerField(
        label="Days on the list, at least",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"Enter a whole number of days from 0 to {MOST_DAYS:,}.",
        ),
    )
    columns = forms.MultipleChoiceField(
        choices=[(key, column.label) for key, column in COLUMNS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Choose columns of the list."},
    )
    sort = forms.ChoiceField(
        label="Order",
        choices=[(key, key) for key in ORDERS],
        widget=forms.HiddenInput,
        required=False,
    )
    view = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: QueryDict, *, continuum: Continuum) -> None:
        super().__init__(data)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = continuum.regions.all()
        agency = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agency.queryset = continuum.agencies.filter(is_active=True).order_by("name")
        self.fields["county"] = CountyField(continuum, required=False, empty_label="All")
        cast(forms.ChoiceField, self.fields["navigator"]).choices = navigators_of(continuum)
        self.fields["days"].widget.attrs.update(min=0, max=MOST_DAYS)
        self.order_fields([*FIRST, *MORE])
        in_words(self.fields)
        self.fields["columns"].error_messages["invalid_choice"] = "Choose columns of the list."
        if "columns" not in self.data:
            # What is shown is what is ticked.
            self.data = self.data.copy()
            self.data.setlist("columns", USUAL_COLUMNS)

    @classmethod
    def of_view(cls, query: Mapping[str, object], *, continuum: Continuum) -> "ListForm":
        """The form as a saved view fills it."""
        return cls(QueryDict(urlencode(query, doseq=True)), continuum=continuum)

    def value(self, name: str) -> Any:  # Any: of each field its own
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    def chosen(self) -> dict[str, Any]:  # Any: of each field its own
        """Keyword arguments for `listing.filtered`; a value that is none of the choices is none."""
        self.is_valid()
        values = {name: self.cleaned_data.get(name) or "" for name in (*FIRST, *MORE)}
        status = values["status"] or ACTIVE
        return values | {"status": "" if status == ALL else status}

    @property
    def order(self) -> str:
        return self.value("sort") or LONGEST_FIRST

    @property
    def shown_columns(self) -> list[str]:
        """The keys of the columns to show, in the order of the page."""
        asked = self.value("columns")
        return [key for key in COLUMNS if key in asked] or USUAL_COLUMNS

    def query(self) -> Query:
        """What was chosen otherwise than usual, as a saved view keeps it."""
        self.is_valid()
        kept: Query = {}
        for name in (*FIRST, *MORE):
            if value := self.cleaned_data.get(name):
                kept[name] = str(getattr(value, "pk", value))
        if kept.get("status") == ACTIVE:
            del kept["status"]
        if self.order != LONGEST_FIRST:
            kept["sort"] = self.order
        if self.shown_columns != USUAL_COLUMNS:
            kept["columns"] = self.shown_columns
        return kept

    @property
    def address(self) -> str:
        """The same as the end of an address, without the question mark."""
        return urlencode(self.query(), doseq=True)

    def page_address(self, number: int) -> str:
        """The end of the address of a page of the list, with the view that is open."""
        more: Query = {}
        if view := self.value("view"):
            more["view"] = str(view)
        if number > 1:
            more["page"] = str(number)
        return urlencode(self.query() | more, doseq=True)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """`(label, value)` of what is chosen, in words: for the eye, and for papers."""
        self.is_valid()
        told = []
        for name in (*FIRST, *MORE):
            if value := self.cleaned_data.get(name):
                told.append((str(self[name].label), self.words_of(name, value)))
        if not self.cleaned_data.get("status"):
            told.insert(0, ("Status", "Active"))
        told.append(("Order", words_of_order(self.order)))
        told.append(("Columns", ", ".join(COLUMNS[key].label for key in self.shown_columns)))
        return told

    def words_of(self, name: str, value: object) -> str:
        choices = dict(getattr(self.fields[name], "choices", [])) if isinstance(value, str) else {}
        return str(choices.get(value, value))

    @property
    def words(self) -> str:
        return "; ".join(f"{label}: {value}" for label, value in self.lines)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """`[(label, what is wrong)]` of what the address asks for and the list does not know."""
        return [
            (str(self[name].label), " ".join(map(str, words)))
            for name, words in self.errors.items()
            if name in self.fields and name != "view"
        ]

    @property
    def complaints(self) -> list[str]:
        return [f"{label}: {words}" for label, words in self.faults]

    @property
    def ignored(self) -> str:
        """Which filters were left out, in one sentence."""
        names = ", ".join(label for label, _words in self.faults)
        if len(self.faults) == 1:
            return f"One filter was not recognized and was ignored: {names}."
        return f"{len(self.faults)} filters were not recognized and were ignored: {names}."

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE]

    @property
    def is_wrong_in_more(self) -> bool:
        """Whether something is wrong among what is asked for."""
        return any(name in self.errors for name in (*MORE, "columns"))

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """`(label, value, address without it)` of each filter that is chosen."""
        query = self.query()
        found = []
        for name in (*FIRST, *MORE):
            if name in query:
                rest = {key: value for key, value in query.items() if key != name}
                words = self.words_of(name, self.cleaned_data[name])
                found.append((str(self[name].label), words, urlencode(rest, doseq=True)))
        return found


def navigators_of(continuum: Continuum) -> list[tuple[str, str]]:
    """Oneself, nobody, and whoever navigates a household of the continuum."""
    navigated = Participant.objects.filter(continuum=continuum, navigator__isnull=False)
    people = (
        StaffMember.objects.filter(pk__in=navigated.order_by().values("navigator"))
        .select_related("user", "agency")
        .order_by("user__name", "pk")
    )
    return [
        ("", "Any"),
        (MINE, "Me"),
        (NOBODY, "Nobody yet"),
        *[(str(each.pk), f"{each.user.name}, {each.agency.name}") for each in people],
    ]
