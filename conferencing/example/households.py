"""Invented households on the by-name list."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

from agreements.models import Agency, StaffMember
from participants.aliases import BIRDS
from participants.models import (
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
    Release,
)
from regions.models import Continuum, County, Region

from .names import invented_name
from .people import noon

Kind = LivingSituation.Kind
Status = ListPlace.Status
Flow = PlaceChange.Flow

PLACES = {
    Kind.UNSHELTERED: ("in a car near the fairgrounds", "tent by the river", "bus station"),
    Kind.SHELTER: ("family shelter, second month", "warming center", None),
    Kind.DOUBLED_UP: ("with a sister, until the end of the month", "on a friend's couch", None),
    Kind.HOTEL: ("motel voucher ends Friday", None),
    Kind.TRANSITIONAL: (None, "transitional program, exit planned"),
    Kind.INSTITUTION: (None,),
    Kind.MISSING: ("not seen for two weeks",),
    Kind.UNKNOWN: (None,),
}
STAYS = (Kind.UNSHELTERED,) * 3 + (Kind.SHELTER,) * 3 + tuple(PLACES)
COUNTS = {"MN-502": 260, "MA-507": 180}


class Households:
    """Makes a continuum's participants with places, stays and releases."""

    def __init__(self, continuum: Continuum, *, random: Random, today: date) -> None:
        self.continuum = continuum
        self.random = random
        self.today = today
        self.aliases: set[str] = set()

    def make(self) -> None:
        random = self.random
        agencies = list(Agency.objects.filter(continuum=self.continuum).order_by("name"))
        keepers = {
            region: [each for each in agencies if self.takes_part(each, region)]
            for region in self.continuum.regions.all()
        }
        regions = list(keepers)
        counties = {each: list(each.counties.all()) for each in regions}
        navigators = {
            each.agency_id: each
            for each in StaffMember.objects.filter(agency__continuum=self.continuum)
        }
        people = []
        for number in range(COUNTS[self.continuum.code]):
            region = regions[number % len(regions)]
            agency = random.choice(keepers[region])
            people.append(
                self.make_person(agency, region, random.choice(counties[region]), navigators)
            )
        Participant.objects.bulk_create(people)
        self.make_places(people)
        self.make_stays(people)
        self.make_releases(people, agencies)

    def takes_part(self, agency: Agency, region: Region) -> bool:
        return agency in Agency.objects.taking_part_in(region)

    def new_alias(self) -> str:
        while True:
            alias = f"{self.random.choice(BIRDS)}-{self.random.randrange(100, 1000)}"
            if alias not in self.aliases:
                self.aliases.add(alias)
                return alias

    def make_person(
        self, agency: Agency, region: Region, county: County, navigators: Mapping[UUID, StaffMember]
    ) -> Participant:
        random = self.random
        is_confidential = agency.is_victim_service_provider
        age = random.choice((random.randrange(18, 25), random.randrange(25, 70), 41, 33))
        children = random.choice((0, 0, 0, 0, 1, 2, 3, 5))
        return Participant(
            continuum=self.continuum,
            region=region,
            county=county,
            agency=agency,
            navigator=navigators.get(agency.pk) if random.random() < 0.5 else None,
            alias=self.new_alias(),
            is_confidential=is_confidential,
            name=None if is_confidential else invented_name(random),
            birth_date=(
                None
                if is_confidential
                else date(self.today.year - age, random.randrange(1, 13), random.randrange(1, 28))
            ),
            notes=random.choice(("", "", "Best reached in the morning.", "Prefers texts.")),
            adults=random.choice((1, 1, 1, 2, 2, 3)),
            children=children,
            is_youth=age < 25,
            is_veteran=random.random() < 0.09,
            needs_shelter=random.random() < 0.2,
            is_prioritized=random.random() < 0.15,
            referral_active_on=(
                self.today - timedelta(days=random.randrange(3, 50))
                if random.random() < 0.12
                else None
            ),
        )

    def make_places(self, people: Iterable[Participant]) -> None:
        random = self.random
        places, changes = [], []
        for person in people:
            has_left = random.random() < 0.2
            days = min(int(random.expovariate(1 / 190)) + 3, 1400)
            if has_left:
                days = random.randrange(120, 900)
            listed_on = self.today - timedelta(days=days)
            status, status_on = Status.ACTIVE, listed_on
            changes.append(PlaceChange(participant=person, flow=Flow.IDENTIFIED, on=listed_on))
            if has_left:
                status = random.choice((Status.HOUSED, Status.HOUSED, Status.INACTIVE))
                status_on = listed_on + timedelta(days=random.randrange(60, days - 20))
                changes.append(
                    PlaceChange(participant=person, flow=Flow(str(status)), on=status_on)
                )
            places.append(
                ListPlace(
                    participant=person, status=status, listed_on=listed_on, status_on=status_on
                )
            )
        ListPlace.objects.bulk_create(places)
        PlaceChange.objects.bulk_create(changes)

    def make_stays(self, people: Sequence[Participant]) -> None:
        random = self.random
        stays = []
        for person in people:
            on = self.today - timedelta(days=random.randrange(1, 40))
            last = None
            for _ in range(random.randrange(1, 5)):
                kind = random.choice(STAYS)
                words = None if person.is_confidential else random.choice(PLACES[kind])
                stays.append(LivingSituation(participant=person, kind=kind, on=on, words=words))
                last = last or kind
                on -= timedelta(days=random.randrange(10, 80))
            person.is_unsheltered = last == Kind.UNSHELTERED
        LivingSituation.objects.bulk_create(stays)
        Participant.objects.bulk_update(people, ["is_unsheltered"])

    def make_releases(self, people: Iterable[Participant], agencies: Sequence[Agency]) -> None:
        random = self.random
        for person in people:
            if person.is_confidential or random.random() < 0.22:
                continue
            days = random.randrange(10, 340)
            kind = random.random()
            release = Release(
                participant=person,
                form_version="Release of information, version 3",
                to_all_partners=kind < 0.72,
                covers_case_conferencing=kind < 0.97,
                covers_referrals=random.random() < 0.6,
                covers_hmis=True,
                signed_on=self.today - timedelta(days=days),
                expires_on=self.today - timedelta(days=days) + timedelta(days=365),
            )
            if random.random() < 0.05:
                release.expires_on = self.today - timedelta(days=3)
                release.signed_on = release.expires_on - timedelta(days=365)
            if random.random() < 0.04:
                release.revoked_at = noon(self.today - timedelta(days=2), self.continuum.zone)
                release.revocation_reason = "Asked by the participant."
            release.save()
            if not release.to_all_partners:
                release.agencies.set(
                    {person.agency, *random.sample(agencies, k=min(3, len(agencies)))}
                )
