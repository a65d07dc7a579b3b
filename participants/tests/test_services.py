"""What the services refuse by themselves, and two of the same at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from audit.models import AuditEntry
from participants.models import LivingSituation, Participant, Release
from participants.services.participants import add_participant
from participants.services.places import record_stay
from participants.services.releases import record_release
from participants.tests.factories import make_participant

HOUSEHOLD = {"name": "Ana Example", "birth_date": date(1980, 2, 3), "alias": ""}


def at_once(act):
    """Do `act` four times at the same time; return what each came to."""

    def done(_):
        try:
            return act().pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(done, range(4)))


@pytest.mark.django_db(transaction=True)
def test_add_participant_four_times_at_once_adds_one(river, river_agency, river_provider, region_2):
    pk = uuid4()
    keys = at_once(
        lambda: add_participant(
            river,
            agency=river_agency,
            actor=river_provider,
            listed_on=date(2026, 1, 2),
            now=timezone.now(),
            pk=pk,
            region=region_2,
            **HOUSEHOLD,
        )
    )
    assert keys == [pk] * 4
    person = Participant.objects.get()
    assert (person.name, person.place_changes.count()) == ("Ana Example", 1)
    assert AuditEntry.objects.filter(action="participant.added").count() == 1


@pytest.mark.django_db(transaction=True)
def test_record_release_four_times_at_once_records_one(river_agency, river_provider, region_2):
    person, pk = make_participant(river_agency, region_2), uuid4()
    keys = at_once(
        lambda: record_release(
            person,
            agencies=[river_agency],
            scan=None,
            actor=river_provider,
            now=timezone.now(),
            pk=pk,
            form_version="ROI 3",
            covers_case_conferencing=True,
            to_all_partners=False,
            signed_on=date(2026, 1, 2),
            expires_on=date(2026, 12, 31),
        )
    )
    assert keys == [pk] * 4
    assert list(Release.objects.get().agencies.all()) == [river_agency]
    assert AuditEntry.objects.filter(action="release.recorded").count() == 1


def test_record_stay_refuses_words_for_victim_services(
    river_vsp_agency, river_vsp_provider, region_2
):
    person = make_participant(river_vsp_agency, region_2)
    with pytest.raises(ValidationError) as caught:
        record_stay(
            person,
            kind="shelter",
            happened_on=date(2026, 1, 2),
            words="12 Elm Street",
            actor=river_vsp_provider,
            now=timezone.now(),
        )
    assert list(caught.value.error_dict) == ["words"]
    assert not LivingSituation.objects.exists()


def test_add_participant_refuses_identity_for_victim_services(
    river, river_vsp_agency, river_vsp_provider, region_2
):
    for field, value in [("name", "Ana"), ("contact", "5"), ("hmis_id", "1")]:
        with pytest.raises(ValidationError) as caught:
            add_participant(
                river,
                agency=river_vsp_agency,
                actor=river_vsp_provider,
                listed_on=date(2026, 1, 2),
                now=timezone.now(),
                region=region_2,
                alias="",
                **{field: value},
            )
        assert list(caught.value.error_dict) == [field]
    assert not Participant.objects.exists()
