"""What is typed about an HMIS import: the files, the projects, that one looked."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.named_fields import Form
from agreements.models import Agency
from participants.hmis.projects import Choice
from participants.hmis.uploads import MOST_BYTES, is_wanted
from participants.models import HmisLine, HmisProject
from regions.models import Continuum, County

from .fields import DateInput

TOO_LARGE = (
    f"The upload is larger than {MOST_BYTES >> 20} MB. Upload the zip in place of single "
    "files, or ask whoever runs this system to import it there."
)


Bound = forms.BoundField | None


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # as of any field
        found = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(each, initial) for each in found or [None]]


def as_of_field(help_text: str) -> forms.DateField:
    return forms.DateField(
        label="As of",
        required=False,
        help_text=help_text,
        widget=DateInput(),
        error_messages={"invalid": "Enter a date."},
    )


class AsOfForm(Form):
    """The day for which what is imported is right, today at the latest: `as_of`."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_as_of(self) -> date | None:
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of and as_of > self.today:
            raise ValidationError("Enter today or an earlier day.")
        return as_of


class ImportForm(AsOfForm):
    files = FilesField(  # type: ignore[assignment]  # Django takes fields out of the class
        label="The export",
        help_text="HMIS CSV, FY2024 or FY2026: the zip as it comes, or its files together "
        f"(at most {MOST_BYTES >> 20} MB). Kept encrypted, and destroyed when the import is done.",
        widget=FilesInput(attrs={"accept": ".zip,.csv"}),
        error_messages={
            "required": "Choose the zip of the export, or its files.",
            "empty": "A file is empty. Export again.",
            "invalid": "The file did not arrive. Choose it again.",
        },
    )
    as_of = as_of_field("The day that the list is brought to. Leave blank for the export date.")

    def __init__(self, *args: Any, is_too_large: bool = False, **kwargs: Any) -> None:  # as any
        super().__init__(*args, **kwargs)
        if is_too_large:
            self.fields["files"].error_messages["required"] = TOO_LARGE

    def clean_files(self) -> list["UploadedFile[bytes]"]:
        files: list[UploadedFile[bytes]] = self.cleaned_data["files"]
        if not any(is_wanted(each.name) for each in files):
            raise ValidationError(
                "None of these is a zip or a file of an HMIS CSV export, such as Client.csv."
            )
        return files


class ProjectsForm(Form):
    """One row per project: on the list or not, its county or region, its agency."""

    def __init__(
        self,
        *args: Any,  # as of any form
        continuum: Continuum,
        projects: Iterable[HmisProject],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.projects = list(projects)
        self.regions = {str(each.pk): each for each in continuum.regions.all()}
        counties = County.objects.filter(region__continuum=continuum).select_related("region")
        self.counties = {str(each.pk): each for each in counties}
        self.agencies = {
            str(each.pk): each
            for each in Agency.objects.filter(
                continuum=continuum, is_active=True, is_victim_service_provider=False
            )
        }
        for project in self.projects:
            if not project.is_refused:
                self.add_project(project)

    def add_project(self, project: HmisProject) -> None:
        places = [("", "Choose"), *((f"r:{key}", each) for key, each in self.regions.items())]
        for region in self.regions.values():
            of_region = [
                (f"c:{key}", f"{each} County")
                for key, each in self.counties.items()
                if each.region_id == region.pk
            ]
            if of_region:
                places.append((f"Counties of {region}", of_region))
        agencies = [("", "Choose"), *((key, each) for key, each in self.agencies.items())]
        where = f"c:{project.county_id}" if project.county_id else ""
        where = where or (f"r:{project.region_id}" if project.region_id else "")
        name = project.name
        self.fields[f"listed_{project.pk}"] = forms.BooleanField(
            label=f"{name}: on the list", required=False, initial=project.is_listed
        )
        self.fields[f"where_{project.pk}"] = forms.ChoiceField(
            label=f"{name}: region or county", required=False, choices=places, initial=where
        )
        self.fields[f"agency_{project.pk}"] = forms.ChoiceField(
            label=f"{name}: agency",
            required=False,
            choices=agencies,
            initial=str(project.agency_id or ""),
        )

    def rows(self) -> Iterator[tuple[HmisProject, Bound, Bound, Bound]]:
        """Each project with its fields; without any where it is refused."""

        def bound(name: str, project: HmisProject) -> Bound:
            key = f"{name}_{project.pk}"
            return self[key] if key in self.fields else None

        for each in self.projects:
            yield each, bound("listed", each), bound("where", each), bound("agency", each)

    def clean(self) -> dict[str, Any]:  # Any: of each field its own
        data = super().clean() or self.cleaned_data
        for project in self.projects:
            if data.get(f"listed_{project.pk}"):
                for name, words in (("where", "its region or county"), ("agency", "its agency")):
                    field = f"{name}_{project.pk}"
                    if not data.get(field) and field not in self.errors:
                        self.add_error(field, f"Choose {words}, or take it off the list.")
        return data

    def choices(self) -> dict[str, Choice]:
        """`{project key: {is_listed, region, county, agency}}`."""
        found: dict[str, Choice] = {}
        for project in self.projects:
            if project.is_refused:
                continue
            kind, _colon, key = self.cleaned_data[f"where_{project.pk}"].partition(":")
            county = self.counties[key] if kind == "c" else None
            found[project.key] = {
                "is_listed": self.cleaned_data[f"listed_{project.pk}"],
                "county": county,
                "region": county.region if county else self.regions.get(key),
                "agency": self.agencies.get(self.cleaned_data[f"agency_{project.pk}"]),
            }
        return found


class DecisionForm(Form):
    decision = forms.ChoiceField(choices=HmisLine.Decision.choices, required=False)


class ConfirmForm(Form):
    accepts = forms.BooleanField(
        label="I looked at what is unusual, and it is right",
        required=False,
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        stops: Sequence[object],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        if not stops:
            del self.fields["accepts"]

    def refuse(self, error: forms.ValidationError) -> None:
        """Say it at the tick, where there is one."""
        self.add_error("accepts" if "accepts" in self.fields else None, error.messages)
