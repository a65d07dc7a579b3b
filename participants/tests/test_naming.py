"""Name or alias, by the releases as they stand for the viewer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from participants.models import Participant
from participants.naming import label_for, nameable
from participants.tests.factories import make_participant, make_release, make_situation
from regions.tests.factories import today_in


def label_text(participant, viewer):
    return label_for(participant, viewer, timezone.now()).text


def test_labels_name_only_to_agencies_that_a_live_release_lists(
    river_agency, region_2, river_provider, river_other_agency, river_other_provider
):
    participant = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    assert label_text(participant, river_provider) == "Heron-1"
    make_release(participant, agencies=[river_agency])
    assert label_text(participant, river_provider) == "Ana Example"
    assert label_text(participant, river_other_provider) == "Heron-1"


def test_labels_alias_when_release_expired_revoked_or_for_something_else(
    river_agency, region_2, river_provider
):
    participant = make_participant(river_agency, region_2, alias="Heron-2")
    today = today_in()
    make_release(participant, expires_on=today - timedelta(days=2))
    make_release(participant, revoked_at=timezone.now())
    make_release(participant, covers_case_conferencing=False)
    make_release(participant, signed_on=today + timedelta(days=2))
    assert label_text(participant, river_provider) == "Heron-2"


def test_labels_alias_to_whoever_is_not_in_standing(
    river_agency, region_2, river_lapsed_provider, river_unsigned_provider, three_provider
):
    participant = make_participant(river_agency, region_2, alias="Heron-3")
    make_release(participant)
    for viewer in (river_lapsed_provider, river_unsigned_provider, three_provider):
        assert label_text(participant, viewer) == "Heron-3"


def test_labels_victim_services_participant_by_alias_in_spite_of_a_release(
    river_vsp_agency, region_2, river_vsp_provider
):
    participant = make_participant(river_vsp_agency, region_2, alias="Heron-4")
    make_release(participant)
    assert label_text(participant, river_vsp_provider) == "Heron-4"
    assert not nameable(Participant.objects.all(), river_vsp_provider, timezone.now()).exists()


def test_participant_database_refuses_identity_for_victim_services(river_vsp_agency, region_2):
    participant = make_participant(river_vsp_agency, region_2)
    for field, value in [("name", "Ana"), ("contact", "555"), ("hmis_id", "1")]:
        setattr(participant, field, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            participant.save()
        participant = Participant.objects.get(pk=participant.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_situation(participant, words="12 Elm Street")


def test_participant_moving_to_victim_services_with_a_name_is_refused(
    river_agency, river_vsp_agency, region_2
):
    participant = make_participant(river_agency, region_2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.filter(pk=participant.pk).update(agency=river_vsp_agency)


def test_visible_to_shows_participants_to_those_in_standing_of_the_continuum(
    river_agency,
    region_2,
    region_1,
    river_provider,
    river_specialist,
    river_administrator,
    river_lapsed_provider,
    river_unsigned_provider,
    three_specialist,
):
    here = make_participant(river_agency, region_2)
    elsewhere = make_participant(river_agency, region_1)
    river_agency_elsewhere = Participant.objects.filter(pk=elsewhere.pk)
    today = today_in()

    def seen(user):
        return set(Participant.objects.visible_to(user, today))

    assert seen(river_specialist) == {here, elsewhere}
    assert seen(river_provider) == {here, elsewhere}
    assert river_agency_elsewhere.exists()
    for user in (
        river_administrator,
        river_lapsed_provider,
        river_unsigned_provider,
        three_specialist,
    ):
        assert seen(user) == set()
