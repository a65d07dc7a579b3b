"""The crowd of the by-name list's bench: copies that are whole, and nobody else's."""

from datetime import timedelta

from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing, make_staff
from bench.crowd import surround
from participants.models import Contact, ListPlace, LivingSituation, Participant, Release
from participants.tests.factories import (
    make_contact,
    make_participant,
    make_release,
    make_situation,
)
from regions.tests.factories import make_continuum, make_region


def small(code):
    """A continuum with two regions, an agency in each, and one person."""
    continuum = make_continuum(code=code)
    regions = [make_region(continuum, name=f"Region {number}") for number in (1, 2)]
    agencies = [make_agency_in_standing(continuum, regions=[region]) for region in regions]
    return continuum, regions, agencies, make_staff(agencies[0], regions=regions)


def test_surround_gives_the_others_the_same_households_under_their_own_keys(db):
    continuum, regions, agencies, navigator = small("MN-950")
    for number in range(3):
        person = make_participant(
            agencies[number % 2],
            regions[number % 2],
            alias=f"Heron-{number}",
            days=number + 1,
            navigator=navigator if number else None,
            hmis_id=f"H-{number}",
        )
        make_release(person)
        make_situation(person)
        make_contact(person, days_ago=number)
    others = [small(f"CR-{number:03}")[0] for number in (1, 2)]
    surround(continuum, others)
    assert Participant.objects.count() == 9
    own = facts(continuum)
    assert len(own) == 3
    for other in others:
        people = Participant.objects.filter(continuum=other)
        assert facts(other) == own
        for person in people.select_related("region", "county", "agency", "navigator__agency"):
            assert person.region.continuum_id == other.pk
            assert person.county.region_id == person.region_id
            assert person.agency.continuum_id == other.pk
            assert person.navigator is None or person.navigator.agency.continuum_id == other.pk
    for model in (ListPlace, LivingSituation, Contact, Release):
        assert (model, model.objects.count()) == (model, 9)


def facts(continuum):
    """What the list shows of each household, without its keys."""
    people = Participant.objects.filter(continuum=continuum).order_by("alias")
    return [
        (
            person.alias,
            person.place.listed_on,
            person.navigator is not None,
            person.situations.get().on,
            person.contacts.get().on,
            person.releases.get().expires_on > (timezone.now() + timedelta(days=300)).date(),
        )
        for person in people
    ]
