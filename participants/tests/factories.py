"""Participants with a place on the list, where they stay, and what they released."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from participants.models import (
    Contact,
    InactivityRule,
    LastAttempt,
    ListPlace,
    LivingSituation,
    OutflowCase,
    OutflowRound,
    Participant,
    PlaceChange,
    Release,
    RightsRequest,
    SavedView,
)
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


def make_contact(participant, kind=Contact.Kind.SEEN, *, days_ago=10, **fields):
    return Contact.objects.create(
        participant=participant,
        kind=kind,
        on=today_in(participant.continuum.zone) - timedelta(days=days_ago),
        **fields,
    )


def make_move(participant, flow, *, on, **fields):
    """A move as it stands in the history; the place on the list is set by the caller."""
    return PlaceChange.objects.create(participant=participant, flow=flow, on=on, **fields)


def make_inactivity(continuum, **fields):
    """The rule of 90 days, 30 for youth, with everything counted."""
    return InactivityRule.objects.create(continuum=continuum, **fields)


def make_case(participant, agency, *, by, **fields):
    """A household in this month's round, given to `agency`."""
    today = today_in(participant.continuum.zone)
    round, _ = OutflowRound.objects.get_or_create(
        continuum=participant.continuum,
        month=today.replace(day=1),
        defaults={"begun_at": timezone.now(), "begun_by": by},
    )
    return OutflowCase.objects.create(
        round=round,
        participant=participant,
        agency=agency,
        last_contact_on=fields.pop("last_contact_on", today - timedelta(days=100)),
        **fields,
    )


def make_attempt(case, how=LastAttempt.How.PHONE, *, by, **fields):
    today = today_in(case.participant.continuum.zone)
    return LastAttempt.objects.create(case=case, how=how, on=today, by=by, **fields)


def make_request(participant, *, by, days_ago=10, kind="access", outcome="", answer=None, **fields):
    """A request for access that came ten days ago; with an `outcome`, answered today."""
    today = today_in(participant.continuum.zone)
    received = today - timedelta(days=days_ago)
    return RightsRequest.objects.create(
        participant=participant,
        kind=kind,
        received_on=received,
        due_on=received + timedelta(days=30),
        by_whom=fields.pop("by_whom", "The participant, in person"),
        words=fields.pop("words", "Everything that is on file"),
        outcome=outcome,
        answer=answer,
        answered_on=today if outcome else None,
        answered_by=by if outcome else None,
        recorded_by=by,
        recorded_at=fields.pop("recorded_at", timezone.now()),
        **fields,
    )


def make_saved_view(owner, *, name, query=None, is_shared=False):
    now = timezone.now()
    return SavedView.objects.create(
        continuum=owner.membership.continuum,
        owner=owner,
        name=name,
        query=query or {},
        is_shared=is_shared,
        made_at=now,
        changed_at=now,
    )
