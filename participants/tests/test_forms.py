"""Changing what is on file without seeing all of it."""

import pytest
from django.urls import reverse

from participants.models import Participant
from participants.tests.factories import make_participant, make_release

pytestmark = pytest.mark.django_db
NOTES = "Mina Secretname sleeps in a car.\r\nAsk Secretname about the dog."
SHOWN = "Heron-1 sleeps in a car.\r\nAsk Heron-1 about the dog."


@pytest.fixture
def household(river_agency, region_2):
    return make_participant(
        river_agency, region_2, name="Mina Secretname", alias="Heron-1", notes=NOTES
    )


def form_of(client, household):
    page = client.get(reverse("participants:participant_edit", args=[household.pk]))
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


def save(client, household, values):
    response = client.post(reverse("participants:participant_edit", args=[household.pk]), values)
    assert response.status_code == 302
    return Participant.objects.get(pk=household.pk)


def test_participant_edit_shows_notes_without_a_name_that_no_release_covers(
    client, household, river_specialist
):
    client.force_login(river_specialist)
    values = form_of(client, household)
    assert (values["notes"], values["name"]) == (SHOWN, "")


def test_participant_edit_keeps_notes_as_they_were_unless_they_are_changed(
    client, household, river_specialist
):
    client.force_login(river_specialist)
    saved = save(client, household, form_of(client, household) | {"adults": 3})
    assert (saved.adults, saved.notes, saved.name) == (3, NOTES, "Mina Secretname")
    saved = save(client, household, form_of(client, household) | {"notes": "Found again."})
    assert (saved.notes, saved.name) == ("Found again.", "Mina Secretname")


def test_participant_edit_shows_everything_to_whom_a_release_covers(
    client, household, river_specialist
):
    make_release(household)
    client.force_login(river_specialist)
    values = form_of(client, household)
    assert (values["notes"], values["name"]) == (NOTES, "Mina Secretname")


def test_participant_edit_shows_everything_to_the_agency_that_keeps_the_record(
    client, household, river_lead
):
    client.force_login(river_lead)
    values = form_of(client, household)
    assert (values["notes"], values["name"]) == (NOTES, "Mina Secretname")


def test_participant_edit_shows_who_typed_a_name_that_name_alone(
    client, household, river_specialist
):
    """A CE Specialist put the name right: not what others recorded of contact and birth date."""
    Participant.objects.filter(pk=household.pk).update(name=None)
    household = Participant.objects.get(pk=household.pk)
    household.contact, household.birth_date, household.hmis_id = "555-0177", "1981-05-06", "H-9"
    household.save()
    client.force_login(river_specialist)
    save(client, household, form_of(client, household) | {"name": "Mina Typedname"})
    values = form_of(client, household)
    shown = [values[name] for name in ("name", "birth_date", "contact", "hmis_id")]
    assert shown == ["Mina Typedname", "", "", "H-9"]
    saved = save(client, household, form_of(client, household) | {"adults": 2})
    assert (saved.contact, saved.birth_date.isoformat()) == ("555-0177", "1981-05-06")
