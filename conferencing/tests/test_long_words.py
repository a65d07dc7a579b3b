"""A text that is longer with the names its writer did not see is in the way of no later act."""

import json

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.named_fields import Form
from agreements.services.people import end_place
from conferencing.barriers import LONGEST_BARRIER
from conferencing.call.views.seat import acted
from conferencing.follow_through.forms.systemic import ChangeBarrierForm
from conferencing.follow_through.systemic import SPECIALIST, merge_barrier, version_of
from conferencing.models import CallGuest, PreWork, Review, SystemicBarrier
from conferencing.prework.acts import mark_prework_accepted
from conferencing.tests.factories import make_barrier, make_guest, make_prework, send_notes
from participants.forms.participants import ChangeParticipantForm
from participants.models import Participant
from participants.naming import label_for
from participants.texts import reader
from regions.tests.factories import today_in
from vault.fields import EncryptedTextField
from vault.sealed import Sealed

TOLD = "Bartholomew Oyelaran-Adeyemi"  # whom the writer could not read, put back behind them

COLUMNS = [
    field
    for model in apps.get_models()
    if not hasattr(model, "pgh_tracked_model")
    for field in model._meta.concrete_fields
    if isinstance(field, EncryptedTextField) and field.max_length
]


@pytest.mark.parametrize("field", COLUMNS, ids=str)
def test_a_text_is_measured_when_it_is_typed_and_never_again(field):
    row = field.model()
    text = "x" * (field.max_length + 26)
    setattr(row, field.attname, Sealed(field.seal(text, row.pk)))
    assert field.clean(getattr(row, field.attname), row) == text
    with pytest.raises(ValidationError) as refused:
        field.clean(f"{text}x", row)
    assert f"it has {field.max_length + 27}" in str(refused.value.messages)


def longer_than(length):
    return f"{TOLD} said {'so ' * length}"[: length + len(TOLD)]


@pytest.mark.django_db
def test_whoever_owns_a_barrier_leaves_and_it_is_merged(
    river, river_provider, river_administrator, river_specialist
):
    place = river_provider.places.get()
    barrier = make_barrier(river, strategy=longer_than(2000), owner=place)
    into = make_barrier(river, words="No units")
    answers = {("barrier", str(barrier.pk)): None}
    on, now = today_in(river.zone), timezone.now()
    end_place(place, actor=river_administrator, ended_on=on, answers=answers, now=now)
    barrier.refresh_from_db()
    assert barrier.owner is None
    merge_barrier(barrier, into=into, actor=river_specialist, now=now)
    assert SystemicBarrier.objects.get(pk=barrier.pk).merged_into == into


@pytest.mark.django_db
def test_a_guest_with_long_words_is_withdrawn(client, meeting, ana, river_specialist):
    guest = make_guest(meeting, ana, by=river_specialist, safety_shown=longer_than(4000))
    client.force_login(river_specialist)
    url = reverse("conferencing:guest_withdraw", args=[meeting.pk, guest.pk])
    assert client.post(url).status_code == 302
    assert CallGuest.objects.get(pk=guest.pk).withdrawn_at


@pytest.mark.django_db
def test_long_prework_is_accepted(meeting, ana, river_lead, river_specialist):
    words = {"location_words": longer_than(500), "notes": longer_than(2000)}
    kept = make_prework(meeting, ana, river_lead.places.get(), **words)
    mark_prework_accepted(kept, actor=river_specialist, now=timezone.now())
    assert PreWork.objects.get(pk=kept.pk).accepted_at


@pytest.mark.django_db
def test_long_words_may_stay_in_their_field_and_not_grow(river, river_specialist):
    """Also for whoever reads every name in them."""
    words = f"Ask the housing authority. {'They said so. ' * 160}".strip()
    barrier = make_barrier(river, strategy=words)
    data = {"status": "open", "owner": SPECIALIST, "seen": version_of(barrier)}
    read = reader(river_specialist, timezone.now())
    form = ChangeBarrierForm({**data, "strategy": words}, barrier=barrier, read=read)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["strategy"] == words
    form = ChangeBarrierForm({**data, "strategy": f"{words} No."}, barrier=barrier, read=read)
    assert not form.is_valid()


@pytest.mark.django_db
def test_long_notes_of_a_record_let_the_rest_be_changed(ana, river_provider):
    ana.notes = f"Walks to work. {'She waits. ' * 500}"
    ana.save()
    person = Participant.objects.get(pk=ana.pk)
    label = label_for(person, river_provider, timezone.now())
    may = dict.fromkeys(("name", "birth_date", "contact", "hmis_id"), True)

    def form(data=None):
        return ChangeParticipantForm(
            data,
            instance=person,
            continuum=person.continuum,
            agency=person.agency,
            shown_as=label,
            may_replace=may,
        )

    shown = {name: form()[name].value() for name in form().fields}
    data = {name: value for name, value in shown.items() if value or value == 0}
    changed = form({**data, "adults": "3"})
    assert changed.is_valid(), changed.errors
    assert not form({**data, "notes": f"{data['notes']}x"}).is_valid()


@pytest.mark.django_db
def test_a_long_barrier_stays_while_others_are_added(review, river_provider):
    long = f"Owes {'rent ' * LONGEST_BARRIER}".strip()
    review.barriers = [long]
    review.save()
    send_notes(review, {"barriers": [long, "No income"]}, river_provider)
    assert Review.objects.get(pk=review.pk).barriers == [long, "No income"]
    with pytest.raises(ValidationError):
        send_notes(review, {"barriers": [f"{long} more"]}, river_provider)


class OneField(Form):
    adults = forms.IntegerField()


BY_FIELD = {"adults": ["Too many."], "strategy": ["Too long."], "__all__": ["Stale."]}


def test_an_error_by_field_stands_where_the_form_has_the_field_and_above_it_else():
    form = OneField({"adults": "2"})
    form.add_error(None, ValidationError(BY_FIELD))
    assert form.errors == {"adults": ["Too many."], "__all__": ["Too long.", "Stale."]}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ValidationError(BY_FIELD),
            {"errors": ["Too many.", "Too long.", "Stale."], "lacks": False},
        ),
        (ValidationError("No.", code="lacks_step"), {"errors": ["No."], "lacks": True}),
    ],
    ids=["by field", "by code"],
)
def test_an_act_of_the_call_tells_the_page_each_kind_of_error(error, told):
    def refuse():
        raise error

    answer = acted(RequestFactory(headers={"X-Call": "1"}).post("/"), None, refuse)
    assert (answer.status_code, json.loads(answer.content)) == (422, told)
