"""The rows that an import adds: whose, where, by whom and why; none is saved here."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError

from agreements.models import Agency
from participants.hmis.kept import RecordSaid, Said
from participants.hmis.said import contacts_said, typed, without_home
from participants.models import (
    Contact,
    HmisImport,
    HmisLine,
    HmisRecord,
    LivingSituation,
    Participant,
    PlaceChange,
)
from regions.models import County, Region
from regions.words import long_day_words

from .comparing import CONTACTS, FIELDS, column_of
from .copying import drafted

Flow = PlaceChange.Flow


class Drafting:
    """What one import writes of a household, in the name of whoever confirmed it."""

    def __init__(self, hmis_import: HmisImport) -> None:
        self.hmis_import = hmis_import
        self.continuum, self.as_of = hmis_import.continuum, hmis_import.brought_to
        self.actor = hmis_import.confirmed_by
        self.reason = f"From HMIS, as of {long_day_words(self.as_of)}"
        regions = Region.objects.filter(continuum=self.continuum)
        counties = County.objects.filter(region__in=regions)
        agencies = Agency.objects.filter(continuum=self.continuum, is_victim_service_provider=False)
        self.regions = set(regions.values_list("pk", flat=True))
        self.counties = dict(counties.values_list("pk", "region_id"))
        self.agencies = {str(each.pk): each for each in agencies}

    def participant_of(self, line: HmisLine) -> Participant:
        said: Said = line.said
        agency = self.agencies.get(said["agency"] or "")
        if agency is None:
            raise ValidationError(
                "An agency of a project was removed, or is a victim service provider. Read the "
                "export again."
            )
        region, county = self.where(said["where"])
        person = drafted(
            Participant,
            continuum_id=self.continuum.pk,
            agency_id=agency.pk,
            region_id=region,
            county_id=county,
            hmis_id=said["hmis_id"] or None,
            is_unsheltered=bool(
                said["stay"] and said["stay"][0] == LivingSituation.Kind.UNSHELTERED
            ),
        )
        for name in FIELDS:
            if (value := said.get(name)) is not None:
                setattr(person, column_of(name), typed(name, value))
        return person

    def where(self, value: list[str | None] | None) -> tuple[UUID, UUID | None]:
        """Region and county as keys; ValidationError when they changed since the preview."""
        region, county = (UUID(each) if each else None for each in value or (None, None))
        if county is not None:
            region = self.counties.get(county)
        if region is None or region not in self.regions:
            raise ValidationError("A region or county was removed. Read the export again.")
        return region, county

    def move_of(self, person: Participant, flow: Flow, on: date) -> PlaceChange:
        return drafted(
            PlaceChange,
            participant_id=person.pk,
            flow=flow,
            on=on,
            reason=self.reason,
            by_id=self.hmis_import.confirmed_by_id,
        )

    def stay_of(self, person: Participant, stay: list[str]) -> LivingSituation:
        return drafted(
            LivingSituation,
            participant_id=person.pk,
            kind=stay[0],
            on=date.fromisoformat(stay[1]),
            by_id=self.hmis_import.confirmed_by_id,
            is_imported=True,
        )

    def contacts_of(
        self, person: Participant, said: Said, names: Collection[str] = CONTACTS
    ) -> list[Contact]:
        return [
            drafted(
                Contact,
                participant_id=person.pk,
                kind=kind,
                on=on,
                by_id=self.hmis_import.confirmed_by_id,
                is_imported=True,
            )
            for kind, on in sorted(contacts_said(said, names))
        ]

    def record_of(self, person: Participant, kept: RecordSaid, said: Said) -> HmisRecord:
        record = drafted(HmisRecord, participant_id=person.pk, said=kept, as_of=self.as_of)
        record.left_on, record.perhaps_housed_on = without_home(said)
        return record
