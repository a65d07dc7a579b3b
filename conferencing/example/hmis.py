"""Who lives with the heads of invented households, what they have in hand, what HMIS says."""

from datetime import date, timedelta
from random import Random

from participants.models import (
    AgeBand,
    AssessmentLevel,
    Document,
    HmisProject,
    HmisRecord,
    HmisUser,
    HouseholdMember,
    Participant,
)
from regions.models import Continuum

Relation = HouseholdMember.Relation
CHILDREN = (AgeBand.UNDER_5, AgeBand.TO_12, AgeBand.TO_12, AgeBand.TO_17)
FRONT_DOOR, USER = "CE-1", "cc-import"
IN_HMIS = 0.4


def tell_of_hmis(continuum: Continuum, *, random: Random, today: date) -> None:
    """Members, bedrooms, documents and assessments; for some, an open enrollment in HMIS."""
    people = list(
        Participant.objects.filter(continuum=continuum).select_related("place").order_by("alias")
    )
    HouseholdMember.objects.bulk_create(
        member for person in people for member in members_of(person, random)
    )
    for person in people:
        person.is_size_of_members = (person.adults or 0) + (person.children or 0) > 1
        person.bedrooms = min(((person.household_size or 1) + 1) // 2, 4)
        person.documents = [each.value for each in Document if random.random() < 0.5]
        if random.random() < 0.7:
            person.assessment_level = AssessmentLevel.HOUSING
    enrolled = [
        person for person in people if not person.is_confidential and random.random() < IN_HMIS
    ]
    for number, person in enumerate(enrolled, start=1):
        person.hmis_id = f"P{continuum.code[:2]}{number:05}"
    for person in people:
        person.save()
    HmisProject.objects.create(
        continuum=continuum,
        key=FRONT_DOOR,
        name="Front door",
        organization=continuum.name,
        type_code="14",
        kind="Coordinated entry",
        is_listed=True,
        region=continuum.regions.first(),
    )
    HmisUser.objects.create(continuum=continuum, key=USER)
    HmisRecord.objects.bulk_create(record_of(person, today) for person in enrolled)


def members_of(person: Participant, random: Random) -> list[HouseholdMember]:
    adults, children = (person.adults or 1) - 1, person.children or 0
    kinds = [(Relation.PARTNER, AgeBand.TO_61)][:adults]
    kinds += [(Relation.RELATIVE, AgeBand.TO_61)] * (adults - len(kinds))
    kinds += [(Relation.CHILD, random.choice(CHILDREN)) for _ in range(children)]
    return [
        HouseholdMember(
            continuum_id=person.continuum_id,
            participant=person,
            relation=relation,
            age_band=band,
            since=person.place.listed_on,
        )
        for relation, band in kinds
    ]


def record_of(person: Participant, today: date) -> HmisRecord:
    """What the last export said: an enrollment at the front door, open since they are listed."""
    on = today - timedelta(days=10)
    key = person.hmis_id or ""
    enrollment = {
        "id": f"E{key[1:]}",
        "person": key,
        "household": f"H{key[1:]}",
        "project": FRONT_DOOR,
        "kind": "14",
        "from": person.place.listed_on.isoformat(),
        "to": None,
        "by": USER,
    }
    said = {"enrollments": {"value": [enrollment], "on": on.isoformat()}}
    return HmisRecord(participant=person, said=said, as_of=on)
