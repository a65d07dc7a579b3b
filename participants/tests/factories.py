"""Participants with a place on the list, where they stay, and what they released."""

from datetime import timedelta
from itertools import count

from participants.models import ListPlace, LivingSituation, Participant, Release
from regions.tests.factories import today_in

number = count(1)


def make_participant(agency, region, *, name="Ana Example", days=100, listed=True, **fields):
    """On the by-name list for `days`, kept by `agency`; no release. By alias alone for a VSP."""
    n = next(number)
    if agency.is_victim_service_provider:
        name = None
        fields["is_confidential"] = True
    participant = Participant.objects.create(
        continuum=agency.continuum,
        region=region,
        county=region.counties.first(),
        agency=agency,
        alias=fields.pop("alias", f"Heron-{n:04}"),
        name=name,
        **fields,
    )
    if listed:
        on = today_in(agency.continuum.zone) - timedelta(days=days)
        ListPlace.objects.create(participant=participant, listed_on=on, status_on=on)
    return participant


def make_release(participant, *, agencies=(), days=365, **fields):
    """A live release for case conferencing: to all partners, or to `agencies` if given."""
    today = today_in(participant.continuum.zone)
    release = Release.objects.create(
        participant=participant,
        form_version="ROI 3",
        to_all_partners=fields.pop("to_all_partners", not agencies),
        signed_on=fields.pop("signed_on", today - timedelta(days=30)),
        expires_on=fields.pop("expires_on", today + timedelta(days=days)),
        **fields,
    )
    release.agencies.set(agencies)
    return release


def make_situation(participant, kind=LivingSituation.Kind.SHELTER, *, days_ago=10, **fields):
    return LivingSituation.objects.create(
        participant=participant,
        kind=kind,
        on=today_in(participant.continuum.zone) - timedelta(days=days_ago),
        **fields,
    )
