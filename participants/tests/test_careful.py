"""The hint of the call's page is given wherever words about a household are typed."""

import re
from datetime import date

import pytest
from django.urls import reverse

from conferencing.tests.pages import text_of
from participants.careful import CarefulForm
from participants.forms import participants as participant_forms
from participants.forms import places as place_forms
from participants.models import Participant
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db
SSN = "Her number is 078-05-1120."


@pytest.fixture
def household(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")


def kept_in(answer):
    return re.search(r'name="kept"[^>]*value="([^"]*)"', answer.content.decode()).group(1)


def fields_of(page):
    """What the page's form would send, as it stands."""
    form = page.context["form"]
    found = {}
    for field in form:
        value = field.value()
        if isinstance(value, date):
            value = value.isoformat()
        if value is not None and value is not False:
            found[field.html_name] = value
    return found


def test_notes_with_a_number_are_asked_about_once(client, household, river_provider):
    url = reverse("participants:participant_edit", args=[household.pk])
    client.force_login(river_provider)
    sent = fields_of(client.get(url)) | {"notes": SSN}
    asked = client.post(url, sent)
    assert "Social Security number" in text_of(asked)
    assert Participant.objects.get(pk=household.pk).notes == household.notes
    other = client.post(url, sent | {"kept": kept_in(asked), "notes": f"{SSN} Or 078-05-1121."})
    assert "press the button again" in text_of(other)
    done = client.post(url, sent | {"kept": kept_in(asked)})
    assert done.status_code == 302, done.context["form"].errors
    assert Participant.objects.get(pk=household.pk).notes == SSN
    # what was kept is not asked about again when something else is changed
    sent = fields_of(client.get(url)) | {"adults": "2"}
    assert client.post(url, sent).status_code == 302


def test_whereabouts_of_a_victim_service_providers_household_are_refused(
    client, river_vsp_agency, region_2, river_vsp_provider
):
    person = make_participant(river_vsp_agency, region_2, alias="Wren-3")
    url = reverse("participants:participant_edit", args=[person.pk])
    client.force_login(river_vsp_provider)
    sent = fields_of(client.get(url)) | {"notes": "Staying at 412 Oak St"}
    for _ in range(2):
        answer = client.post(url, sent)
        assert answer.status_code == 200
        sent |= {"kept": kept_in(answer)}
    assert Participant.objects.get(pk=person.pk).notes == person.notes


def test_a_place_in_words_is_asked_about_once(client, household, river_provider):
    url = reverse("participants:stay_add", args=[household.pk])
    client.force_login(river_provider)
    sent = fields_of(client.get(url)) | {"kind": "shelter", "words": SSN}
    asked = client.post(url, sent)
    assert "press the button again" in text_of(asked)
    assert not household.situations.exists()
    assert client.post(url, sent | {"kept": kept_in(asked)}).status_code == 302
    assert household.situations.get().words == SSN


def test_every_form_about_a_household_with_free_words_is_careful():
    """Words that stand in its file: a form that takes them asks, or says here why it does not."""
    not_about_one = {"CorrectionForm"}  # says what was mistaken in a move
    for module in (participant_forms, place_forms):
        for name, form in vars(module).items():
            is_own = isinstance(form, type) and form.__module__ == module.__name__
            if not is_own or name in not_about_one:
                continue
            words = {"notes", "words", "stay_words", "reason"}
            fields = {*getattr(form, "declared_fields", ()), *getattr(form, "base_fields", ())}
            if words & fields:
                assert issubclass(form, CarefulForm), name
                assert words & fields <= set(form.careful), name
