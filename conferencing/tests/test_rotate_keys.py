"""Key rotation over the rows of every room, frozen ones and history included."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from agreements.models import AgencyAgreement, PersonalStatement
from conferencing import minutes
from conferencing.minutes.addenda import add_addendum
from conferencing.prep_lists import acts as lists
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from participants.tests.factories import make_participant, make_release, make_situation
from vault import rotation
from vault.tests.conftest import key


@pytest.fixture
def rows_of_every_room(river, region_2, river_agency, river_provider, river_specialist):
    participant = make_participant(river_agency, region_2, notes="Call after noon")
    make_release(participant, agencies=[river_agency])
    make_situation(participant)
    meeting = make_meeting(river, region_2)
    make_roster(meeting, participant)
    make_review(meeting, participant, barriers="No papers")
    make_step(participant, river_agency)
    lists.freeze_list(meeting, actor=river_specialist, now=timezone.now())
    meeting.state = "closed"
    meeting.save()
    minutes.freeze_minutes(meeting, actor=river_specialist, now=timezone.now())
    add_addendum(meeting, review=None, words="More", actor=river_specialist, now=timezone.now())
    for paper in (*AgencyAgreement.objects.all(), *PersonalStatement.objects.all()):
        paper.revoked_at, paper.revocation_reason = timezone.now(), "Left"
        paper.save()


def opened():
    """Everything that is sealed in any room, by column, opened."""
    return {
        f"{model._meta.label}.{field.name}": [
            getattr(row, field.attname) for row in model._base_manager.order_by("pk")
        ]
        for model in rotation.models_with_sealed_columns()
        for field in rotation.sealed_fields(model)
    }


def sizes():
    return {
        model._meta.label: model._base_manager.count()
        for model in rotation.models_with_sealed_columns()
    }


def test_rotate_keys_leaves_every_room_as_it_was_on_the_newest_key(rows_of_every_room, settings):
    before, sizes_before = opened(), sizes()
    filled = {label for label, values in before.items() if any(values)}
    assert {
        "agreements.PersonalStatement.revocation_reason",
        "conferencing.Addendum.words",
        "conferencing.Minutes.snapshot",
        "conferencing.PrepList.snapshot",
        "conferencing.Review.barriers",
        "conferencing.ReviewEvent.barriers",
        "participants.Participant.name",
        "participants.ParticipantEvent.name",
    } <= filled

    settings.FIELD_KEYS = f"{key(2)},{settings.FIELD_KEYS}"
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)

    assert "Nothing is left on old keys" in out.getvalue()
    settings.FIELD_KEYS = key(2)
    assert opened() == before
    assert sizes() == sizes_before
    call_command("verify_audit", stdout=out)
    assert "OK: " in out.getvalue()
