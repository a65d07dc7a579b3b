"""A victim service provider's list, replaced by a new one after looking at what that changes."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from participants.models import ListPlace, Participant, PlaceChange
from participants.sheets.reading import NEEDS, SheetError, SheetRow, read_sheet
from regions.clock import local_day
from regions.models import Continuum, County, Region

from .participants import add_participant, change_participant
from .places import change_place, hold

SHEET_REPLACED = audit.actions.register(
    "sheet.replaced", "Replaced a victim service provider's list by a sheet"
)
Flow = PlaceChange.Flow
Status = ListPlace.Status
RETURNS = {
    Status.INACTIVE: Flow.BACK_FROM_INACTIVE,
    Status.HOUSED: Flow.BACK_FROM_HOUSING,
    Status.NO_LONGER: Flow.IDENTIFIED,
}
LABELS = {
    "county": "county",
    "adults": "adults",
    "children": "children",
    "is_unsheltered": "unsheltered",
    "is_youth": "youth",
    "is_veteran": "veteran",
    "needs_shelter": "shelter need",
    "is_prioritized": "prioritized",
}
CHANGED_MEANWHILE = (
    "Something changed since the preview was shown. Look at it as it is now, then replace the list."
)


class Doing(TypedDict):
    actor: User
    now: datetime


Values = dict[str, Any]  # of fields of a participant


@dataclass
class Plan:
    """What a sheet does: rows that are new, `(household, {field: value}, is back)`, who is gone."""

    new: list[tuple[SheetRow, Values]] = field(default_factory=list)
    changed: list[tuple[Participant, Values, bool]] = field(default_factory=list)
    same: int = 0
    gone: list[Participant] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.gone)

    @property
    def seen(self) -> str:
        """A text by which replacing knows that this was looked at."""
        told = [
            [row.alias for row, _values in self.new],
            [[str(person.pk), sorted(values), back] for person, values, back in self.changed],
            [str(person.pk) for person in self.gone],
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def counties_of(continuum: Continuum) -> dict[str, County]:
    counties = County.objects.filter(region__continuum=continuum).select_related("region")
    return {county.name.lower(): county for county in counties}


def plan_sheet(agency: Agency, text: str, *, region: Region) -> Plan:
    """Return the `Plan` of a sheet for `agency`; households without a county go to `region`.

    Raises ValidationError with a line for each thing that may not come in.
    """
    counties = counties_of(agency.continuum)
    own = {
        person.alias.lower(): person
        for person in Participant.objects.filter(agency=agency).select_related(
            "place", "county", "region"
        )
    }
    names = {key: each.name for key, each in counties.items()}
    try:
        rows = read_sheet(text, counties=names, known=frozenset(own))
    except SheetError as error:
        raise ValidationError({"text": error.lines}) from None
    refuse_others_aliases(agency, rows, own)
    plan = Plan()
    for row in rows:
        county = counties.get(row.county.lower()) if row.county else None
        values = values_of(row, county, region)
        person = own.get(row.alias.lower())
        if person is None:
            plan.new.append((row, values))
            continue
        compare(plan, person, values)
    listed = {row.alias.lower() for row in rows}
    plan.gone = [
        person for alias, person in sorted(own.items()) if alias not in listed and is_listed(person)
    ]
    return plan


def values_of(row: SheetRow, county: County | None, region: Region) -> Values:
    return {
        "county": county,
        "region": county.region if county else region,
        "adults": row.adults,
        "children": row.children,
        **{name: name in row.needs for name in NEEDS.values()},
    }


def compare(plan: Plan, person: Participant, values: Values) -> None:
    if values["county"] is None and person.county_id is None:
        # Where no county is told, the region that was chosen before stays.
        values = values | {"region": person.region}
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    is_back = not is_listed(person)
    if changed or is_back:
        plan.changed.append((person, changed, is_back))
    else:
        plan.same += 1


def is_listed(person: Participant) -> bool:
    place = getattr(person, "place", None)
    return place is not None and place.status == Status.ACTIVE


def refuse_others_aliases(agency: Agency, rows: Collection[SheetRow], own: Iterable[str]) -> None:
    new = {row.alias.lower() for row in rows} - set(own)
    others = Participant.objects.filter(continuum=agency.continuum).exclude(agency=agency)
    taken = {alias.lower() for alias in others.values_list("alias", flat=True)} & new
    if taken:
        raise ValidationError(
            {
                "text": [
                    f"Another agency’s household has the alias {row.alias}. Choose another."
                    for row in rows
                    if row.alias.lower() in taken
                ]
            }
        )


@transaction.atomic
def replace_sheet(
    agency: Agency, text: str, *, region: Region, seen: str, actor: User, now: datetime
) -> Plan:
    """Make the agency's list what the sheet says, all of it or nothing; return the `Plan`.

    `seen` is that of the preview: when something changed since, nothing is done.
    """
    agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    plan = plan_sheet(agency, text, region=region)
    if plan.seen != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    changed = [person for person, _values, _is_back in plan.changed]
    hold([each.pk for each in [*changed, *plan.gone]], whole=True)
    on = local_day(now, agency.continuum.zone)
    act: Doing = {"actor": actor, "now": now}
    for row, values in plan.new:
        add_participant(
            agency.continuum,
            agency=agency,
            listed_on=on,
            alias=row.alias,
            stay="unsheltered" if values.pop("is_unsheltered") else "",
            **values,
            **act,
        )
    for person, values, is_back in plan.changed:
        if values:
            change_participant(person, changed_at=person.changed_at, **values, **act)
        if is_back:
            place = getattr(person, "place", None)
            flow = RETURNS[Status(place.status)] if place else Flow.IDENTIFIED
            change_place(
                person, flow=flow, happened_on=on, reason="On the provider’s list again.", **act
            )
    for person in plan.gone:
        change_place(
            person,
            flow=Flow.NO_LONGER,
            happened_on=on,
            reason="No longer on the provider’s list.",
            **act,
        )
    if not plan.is_empty:
        audit.services.record(
            SHEET_REPLACED,
            actor=actor,
            about=agency,
            detail={
                "new": len(plan.new),
                "changed": len(plan.changed),
                "gone": len(plan.gone),
                "same": plan.same,
            },
            now=now,
        )
    return plan


def words_of(values: Iterable[str]) -> list[str]:
    """What changes of a household, in words; never what stood there before."""
    return [LABELS[name] for name in values if name in LABELS] or ["region"]
