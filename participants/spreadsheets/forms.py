"""What is typed and chosen about a sheet: the file, its columns, its words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms

from accounts.named_fields import Form
from agreements.models import Agency
from participants.forms.imports import AsOfForm, as_of_field
from participants.hmis.reading import shape_of
from participants.models import SheetSource
from regions.models import Continuum, County, Region

from .choices import OUT, SKIP, Kinds
from .comparing import CHOOSABLE
from .kept import KeptTab
from .reading import MOST_BYTES, MOST_ROWS
from .services import Defaults
from .table import Heading, samples
from .targets import BY_KEY, TARGETS, is_heading
from .upload_forms import BroughtForm, table_cells, table_file

Choices = list[tuple[str, Any]]  # Any: a label, or a group of choices


class SheetForm(AsOfForm, BroughtForm):
    nothing = "Choose the spreadsheet, or paste its cells."
    file = table_file(
        "The spreadsheet",
        f"Excel (.xlsx) or CSV, as it comes: at most {MOST_BYTES >> 20} MB and {MOST_ROWS:,} rows. "
        "Kept encrypted, and destroyed when the import is done.",
        accept=".xlsx,.csv,.txt,.tsv",
    )
    text = table_cells("With the headings. Copy the cells in Excel or Google Sheets.", rows=6)
    as_of = as_of_field("The day for which the sheet is right. Leave blank for today.")


class TableForm(Form):
    """Which sheet of the workbook, and which of its lines holds the headings."""

    tab = forms.TypedChoiceField(label="Sheet", coerce=int)
    line = forms.TypedChoiceField(label="The headings are in", coerce=int)

    def __init__(
        self,
        *args: Any,  # as of any form
        tabs: Sequence[KeptTab],
        tab: KeptTab,
        shows: bool,
        place: int,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tab"].choices = [  # type: ignore[attr-defined]  # of a choice
            (
                number,
                f"{each.tab.name if shows else f'Sheet {number + 1}'} ({len(each.tab.rows)} rows)",
            )
            for number, each in enumerate(tabs)
        ]
        lines = tab.tab.lines[:30][:-1]
        self.fields["line"].choices = [  # type: ignore[attr-defined]  # of a choice
            (0, "No line: there are no headings"),
            *((line, f"Line {line}") for line in lines),
        ]
        self.initial = {"tab": place, "line": tab.tab.lines[tab.head - 1] if tab.head else 0}
        if len(tabs) < 2:
            self.fields["tab"].widget = forms.HiddenInput()


class ColumnsForm(Form):
    """What each column of the sheet is, which kind of sheet, where and whose its households are."""

    source = forms.ChoiceField(label="Kind of sheet", required=False)
    name = forms.CharField(
        label="Name of the new kind of sheet",
        max_length=80,
        required=False,
        help_text="Such as “Priority list from our HMIS vendor”. The next one with these headings "
        "is recognized by them.",
    )
    where = forms.ChoiceField(
        label="County or region of new households",
        required=False,
        help_text="Used where their row does not say.",
    )
    agency = forms.ChoiceField(
        label="Agency that keeps the record of new households",
        required=False,
        help_text="Used where their row does not say.",
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        tab: KeptTab,
        guessed: Mapping[str, str],
        source: SheetSource | None,
        shows: bool,
        shapes: Mapping[str, Sequence[str]],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.tab, self.shows, self.shapes = tab, shows, shapes
        self.sources = {str(e.pk): e for e in SheetSource.objects.filter(continuum=continuum)}
        self.regions = {str(e.pk): e for e in continuum.regions.all()}
        counties = County.objects.filter(region__continuum=continuum).select_related("region")
        self.counties = {str(each.pk): each for each in counties}
        agencies = Agency.objects.filter(
            continuum=continuum, is_active=True, is_victim_service_provider=False
        )
        self.agencies = {str(each.pk): each for each in agencies}
        self.set_up(source)
        for heading in tab.headings:
            self.fields[f"column_{heading.letter}"] = forms.ChoiceField(
                label=f"What column {heading.letter} is",
                required=False,
                choices=target_choices(),
                initial=guessed.get(heading.letter, ""),
            )

    def set_up(self, source: SheetSource | None) -> None:
        self.choose("source", [("", "A new kind")] + [(k, e.name) for k, e in self.sources.items()])
        places: Choices = [("", "Choose")]
        places += [(f"r:{key}", str(each)) for key, each in self.regions.items()]
        places += [(f"c:{key}", f"{each.name} County") for key, each in self.counties.items()]
        self.choose("where", places)
        self.choose(
            "agency", [("", "Choose")] + [(key, each.name) for key, each in self.agencies.items()]
        )
        if not self.sources:
            self.fields["source"].widget = forms.HiddenInput()
            self.fields["name"].required = True
            self.fields["name"].label = "Name of this kind of sheet"
        if source:
            self.initial["source"] = str(source.pk)
            self.initial["agency"] = str(source.agency_id or "")
            self.initial["where"] = (
                f"c:{source.county_id}"
                if source.county_id
                else f"r:{source.region_id}"
                if source.region_id
                else ""
            )

    def choose(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # of a choice

    def rows(self) -> Iterator[tuple[Heading, forms.BoundField, Sequence[str]]]:
        """Each column with its field and its first cells, or, for others, their shapes.

        Where the headings were taken from the wrong line they are cells, too: others see those that
        everybody uses.
        """
        body = self.tab.body.rows
        for heading in self.tab.headings:
            cells = samples(body, heading.place) if self.shows else []
            shown = cells or self.shapes.get(heading.letter, [])
            is_none = heading.text == f"Column {heading.letter}"
            if not (self.shows or is_none or is_heading(heading.text)):
                heading = heading._replace(text=shape_of(heading.text))
            yield heading, self[f"column_{heading.letter}"], shown

    def columns(self) -> dict[str, str]:
        return {
            each.letter: self.cleaned_data.get(f"column_{each.letter}", "")
            for each in self.tab.headings
        }

    def values(self) -> dict[str, Any]:  # Any: of each its own
        """As `services.match_columns` takes them."""
        kind, _colon, key = self.cleaned_data["where"].partition(":")
        county = self.counties.get(key) if kind == "c" else None
        region: Region | None = county.region if county else self.regions.get(key)
        defaults: Defaults = {
            "region": region,
            "county": county,
            "agency": self.agencies.get(self.cleaned_data["agency"]),
        }
        return {
            "columns": self.columns(),
            "source": self.sources.get(self.cleaned_data["source"]),
            "name": self.cleaned_data["name"],
            "defaults": defaults,
        }


def target_choices() -> Choices:
    groups = dict.fromkeys(each.group for each in TARGETS)
    return [
        ("", "Not taken"),
        *(
            (group, [(each.key, each.label) for each in TARGETS if each.group == group])
            for group in groups
        ),
    ]


class WordsForm(Form):
    """What the words of a sheet mean that nobody said yet."""

    def __init__(
        self,
        *args: Any,  # as of any form
        asked: Mapping[str, Iterable[str]],
        kinds: Kinds,
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {kind: list(words) for kind, words in asked.items()}
        for kind, words in self.asked.items():
            choices: Choices = [("", "Choose"), *kinds.labels[kind].items()]
            if kind == "agency":
                choices.append((OUT, "A victim service provider: leave these rows out"))
            choices.append((SKIP, "Leave this word out"))
            for number, word in enumerate(words):
                self.fields[f"{kind}_{number}"] = forms.ChoiceField(
                    label=word,
                    choices=choices,
                    error_messages={"required": f"Choose what “{word}” means, or leave it out."},
                )

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for kind, words in self.asked.items():
            yield BY_KEY[kind].label, [self[f"{kind}_{number}"] for number in range(len(words))]

    def meanings(self) -> dict[str, dict[str, str]]:
        return {
            kind: {word: self.cleaned_data[f"{kind}_{number}"] for number, word in enumerate(words)}
            for kind, words in self.asked.items()
        }


class ValuesForm(Form):
    takes_sheet = forms.BooleanField(required=False)


class ValueForm(ValuesForm):
    field = forms.ChoiceField(choices=[(name, name) for name in CHOOSABLE])
