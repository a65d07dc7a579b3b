"""Rows that are copied are as rows that are saved: each column, what triggers add, the history."""

from datetime import date

import pghistory
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg2 import IntegrityError as DriversIntegrityError

from participants.hmis.applying import be_quick_with_history
from participants.hmis.copying import copy_rows, drafted
from participants.known_names import names_on_file
from participants.models import Contact, HmisRecord, HouseholdMember, ListPlace, Participant

pytestmark = pytest.mark.django_db
AWKWARD = ["Ana", "Tab\tled", "Back\\slash \\N", "Two\nlines\r", "Zoë Ñandú 名前", '"{a,b}"', "\\."]


def columns(row, *but):
    row = type(row)._base_manager.get(pk=row.pk)
    return {
        each.attname: getattr(row, each.attname)
        for each in row._meta.concrete_fields
        if each.attname not in ("id", "participant_id", "created_at", "changed_at", *but)
    }


@pytest.mark.parametrize("text", AWKWARD)
def test_a_copied_row_is_as_a_saved_one(river, river_agency, region_2, river_provider, text):
    values = {
        "continuum_id": river.pk,
        "agency_id": river_agency.pk,
        "region_id": region_2.pk,
        "name": text,
        "birth_date": date(1980, 1, 2),
        "is_youth": True,
        "is_veteran": False,
        "adults": 2,
        "documents": [text[:12], "id", ""],
    }
    saved = Participant(alias=f"{text}1", hmis_id=f"{text}1", **values)
    saved.save()
    copied = drafted(Participant, alias=f"{text}2", hmis_id=f"{text}2", **values)
    copy_rows([copied])
    ids = ("alias", "hmis_id", "hmis_id_index")
    assert columns(copied, *ids) == columns(saved, *ids)
    read = Participant.objects.get(pk=copied.pk)
    assert (read.alias, read.hmis_id, read.name) == (f"{text}2", f"{text}2", text)
    assert names_on_file([copied.pk]) == {copied.pk: [text]}
    for model, more in (
        (ListPlace, {"listed_on": date(2026, 1, 2), "status_on": date(2026, 1, 3)}),
        (Contact, {"kind": Contact.Kind.SERVICE, "on": date(2026, 1, 2),
                   "by_id": river_provider.pk}),
        (HmisRecord, {"said": {"name": {"value": text, "on": "2026-01-02"}},
                      "as_of": date(2026, 1, 2)}),
        (HouseholdMember, {"continuum_id": river.pk, "hmis_id": text, "relation": "2",
                           "since": date(2026, 1, 2)}),
    ):  # fmt: skip
        one, other = (
            model(participant=saved, **more),
            drafted(model, participant_id=copied.pk, **more),
        )
        one.save(force_insert=True)
        copy_rows([other])
        assert columns(other, "recorded_at") == columns(one, "recorded_at")


def test_copied_rows_are_in_the_history_with_its_context(river, river_agency, region_2):
    with transaction.atomic(), pghistory.context(hmis_import="one"):
        be_quick_with_history()
        copy_rows(
            [
                drafted(
                    Participant,
                    alias=f"Heron-{number}",
                    continuum_id=river.pk,
                    agency_id=river_agency.pk,
                    region_id=region_2.pk,
                )
                for number in range(3)
            ]
        )
    events = Participant.pgh_event_model.objects.filter(alias__startswith="Heron-")
    assert [each.pgh_context.metadata["hmis_import"] for each in events] == ["one"] * 3


def test_what_a_constraint_refuses_is_not_copied(river, river_agency, region_2):
    place = {"continuum_id": river.pk, "agency_id": river_agency.pk, "region_id": region_2.pk}
    twice = [drafted(Participant, alias="Heron-1", **place) for _each in range(2)]
    with pytest.raises((IntegrityError, DriversIntegrityError)), transaction.atomic():
        copy_rows(twice)
    assert connection.is_usable()
    with pytest.raises(ValueError, match="documents"):
        copy_rows([drafted(Participant, alias="Heron-2", documents=[object()], **place)])
