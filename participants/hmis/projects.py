"""The projects of an export, and what the CoC decides about them: list, region, agency."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from participants.models import HmisProject
from regions.models import Continuum, County, Region

from . import codes
from .reading import Export
from .staging import is_key, refuse_key

PROJECTS_CHANGED = audit.actions.register(
    "import.projects_changed", "Decided about the projects of HMIS"
)


class Choice(TypedDict, total=False):
    """What is decided about a project."""

    is_listed: bool
    region: Region | None
    county: County | None
    agency: Agency | None


def sync_projects(
    export: Export, continuum: Continuum
) -> tuple[dict[str, HmisProject], dict[str, set[str]]]:
    """Keep the export's projects; return `({ProjectID: HmisProject}, {ProjectID: CoC codes})`.

    A project of an organisation that is not known to be no victim service provider is refused
    whole. A coordinated-entry project of this CoC is on the list unless somebody decided otherwise.
    """
    organizations = read_organizations(export)
    by_project, towns = read_places(export)
    known = {each.key: each for each in HmisProject.objects.filter(continuum=continuum)}
    agencies = {
        each.name.casefold(): each
        for each in Agency.objects.filter(continuum=continuum, is_active=True)
    }
    regions = list(continuum.regions.all()[:2])
    found: dict[str, HmisProject] = {}
    for line, key, organization, values in read_projects(export):
        if key in found:
            export.refusals.add(
                "Project.csv",
                line,
                "ProjectID",
                "",
                "The project is in the file twice.",
                "The first row counts. Merge them in HMIS.",
                ids=f"ProjectID {key}",
            )
            continue
        name, vsp = organizations.get(organization, ("", ""))
        values |= {"organization": name, "is_refused": vsp != "0", "place": towns.get(key, "")}
        export.why_refused[key] = WHY.get(vsp, UNTOLD) if vsp != "0" else ""
        project = known.get(key) or HmisProject(
            continuum=continuum,
            key=key,
            is_listed=values["type_code"] == codes.COORDINATED_ENTRY
            and is_ours(by_project.get(key), continuum.code),
            agency=agencies.get(name.casefold()),
            region=regions[0] if len(regions) == 1 else None,
        )
        if project.agency and project.agency.is_victim_service_provider:
            values["is_refused"] = True
            export.why_refused[key] = WHY["1"]
        if project._state.adding or any(getattr(project, at) != values[at] for at in values):
            for at, value in values.items():
                setattr(project, at, value)
            project.save()
        found[key] = project
    return found, by_project


WHY = {"1": "of a victim service provider"}
UNTOLD = "HMIS does not say whether a victim service provider runs it (VictimServiceProvider)"


def is_ours(of_project: set[str] | None, code: str) -> bool:
    return not of_project or code in of_project


def read_organizations(export: Export) -> dict[str, tuple[str, str]]:
    """`{OrganizationID: (name, VictimServiceProvider)}`."""
    table = export.table(
        "Organization", ("OrganizationID", "OrganizationName"), ("VictimServiceProvider",)
    )
    key_at, name_at = table.at("OrganizationID"), table.at("OrganizationName")
    return {
        row[key_at].strip(): (row[name_at].strip()[:200], table.get(row, "VictimServiceProvider"))
        for _line, row in table.rows()
    }


def read_projects(export: Export) -> Iterator[tuple[int, str, str, dict[str, object]]]:
    table = export.table("Project", ("ProjectID", "OrganizationID", "ProjectName", "ProjectType"))
    key_at, organization_at, name_at, type_at = (
        table.at(name) for name in ("ProjectID", "OrganizationID", "ProjectName", "ProjectType")
    )
    for line, row in table.rows():
        key = row[key_at].strip()
        if not is_key(key):
            refuse_key(table, line, "ProjectID", key)
            continue
        type_code = row[type_at].strip()[:3]
        yield (
            line,
            key,
            row[organization_at].strip(),
            {
                "name": row[name_at].strip()[:200] or key,
                "type_code": type_code,
                "kind": codes.PROJECT_KINDS.get(type_code, "Kind not known"),
            },
        )


def read_places(export: Export) -> tuple[dict[str, set[str]], dict[str, str]]:
    """`({ProjectID: CoC codes}, {ProjectID: town})`."""
    by_project: dict[str, set[str]] = {}
    towns: dict[str, str] = {}
    if "ProjectCoC" in export:
        table = export.table("ProjectCoC", ("ProjectID", "CoCCode"), ("City", "State"))
        key_at, coc_at = table.at("ProjectID"), table.at("CoCCode")
        for _line, row in table.rows():
            key = row[key_at].strip()
            by_project.setdefault(key, set()).add(row[coc_at].strip())
            town = ", ".join(filter(None, (table.get(row, "City"), table.get(row, "State"))))
            towns.setdefault(key, town[:120])
    return by_project, towns


@transaction.atomic
def change_projects(
    continuum: Continuum, *, choices: Mapping[str, Choice], actor: User | None, now: datetime
) -> int:
    """Keep what was decided: `{project key: {is_listed, region, county, agency}}`.

    Raises ValidationError for a victim service provider's project or agency, and for a county that
    is not of the region. Returns how many projects changed.
    """
    changed = []
    rows = HmisProject.objects.select_for_update(of=("self",)).filter(
        continuum=continuum, key__in=choices
    )
    for project in rows:
        wanted = choices[project.key]
        agency = wanted.get("agency", project.agency)
        if wanted.get("is_listed") and project.is_refused:
            raise ValidationError(
                f"{project}: a victim service provider’s project is skipped entirely."
            )
        if agency and agency.is_victim_service_provider:
            raise ValidationError(
                f"{project}: {agency} is a victim service provider. Its participants never come "
                "from HMIS."
            )
        if county := wanted.get("county"):
            wanted = {**wanted, "region": county.region}
        fresh = {name: each for name, each in wanted.items() if getattr(project, name) != each}
        for name, value in fresh.items():
            setattr(project, name, value)
        if fresh:
            project.save()
            changed.append(project.key)
    if changed:
        audit.services.record(
            PROJECTS_CHANGED,
            actor=actor,
            about=continuum,
            detail={"projects": changed},
            now=now,
        )
    return len(changed)
