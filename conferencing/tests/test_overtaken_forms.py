"""Two who edit one record, or one pre-work: each saves what they changed, and wipes nothing."""

from datetime import date
from html import unescape

import pytest
from django.forms import NullBooleanField
from django.urls import reverse
from django.utils import timezone

from conferencing.barriers import WORDS
from conferencing.models import PreWork
from conferencing.prework.acts import keep_prework
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import hidden, text_of
from participants.models import Participant
from participants.services.participants import change_participant
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db
FORMER = {
    "adults": 2,
    "is_veteran": True,
    "is_youth": None,
    "is_chronic": False,
    "needs_shelter": False,
    "notes": "Works nights",
    "referral_active_on": date(2026, 1, 15),
}
LATER = {
    "adults": 3,
    "is_veteran": False,
    "is_youth": True,
    "is_chronic": None,
    "needs_shelter": True,
    "notes": "Her ex is armed.\nCall first.",
    "referral_active_on": None,
}


@pytest.fixture
def ana(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Sentinelle", **FORMER)


def sent(page, **changes):
    """What a browser sends of the form on the page; None: a box that is not ticked."""
    form = page.context["form"]
    assert unescape(hidden(page, "shown")) == form["shown"].value()
    values = {name: form[name].value() for name in form.fields} | changes
    for name, field in form.fields.items():
        if isinstance(field, NullBooleanField):
            answers = {True: "true", False: "false"}
            values[name] = answers.get(values[name], values[name] or "unknown")
    values = {name: "on" if value is True else value for name, value in values.items()}
    kept = {name: value for name, value in values.items() if value not in (None, "", [])}
    return {name: value for name, value in kept.items() if value is not False}


def by_somebody_else(person, actor, **values):
    change_participant(
        person, changed_at=person.changed_at, actor=actor, now=timezone.now(), **values
    )


def told(form):
    return {name: " ".join(words) for name, words in form.errors.items()}


@pytest.mark.parametrize("theirs", LATER)
def test_a_record_keeps_what_others_changed_while_its_page_stood_open(
    client, ana, river_provider, river_lead, theirs
):
    url = reverse("participants:participant_edit", args=[ana.pk])
    client.force_login(river_provider)
    page = client.get(url)
    by_somebody_else(ana, river_lead, **{theirs: LATER[theirs]})
    mine = {"children": 4} if theirs == "adults" else {"adults": 7}
    assert client.post(url, sent(page, **mine)).status_code == 302
    ana.refresh_from_db()
    assert {name: getattr(ana, name) for name in FORMER | mine} == {
        **FORMER,
        theirs: LATER[theirs],
        **mine,
    }


def test_a_field_of_a_record_that_two_changed_is_asked_about(
    client, ana, river_provider, river_lead
):
    url = reverse("participants:participant_edit", args=[ana.pk])
    client.force_login(river_provider)
    page = client.get(url)
    mine = {"notes": "Moved to Mankato", "is_veteran": False, "children": 4}
    by_somebody_else(ana, river_lead, notes=LATER["notes"], adults=3)
    asked = client.post(url, sent(page, **mine))
    assert told(asked.context["form"])["notes"] == (
        "Somebody changed this meanwhile. It says now: “Her ex is armed.\nCall first.”. "
        "To keep yours instead, save again."
    )
    assert "Lee Lead changed notes, adults" in text_of(asked)
    assert Participant.objects.get(pk=ana.pk).notes == LATER["notes"]
    again = sent(asked)
    assert (again["notes"], again["adults"]) == ("Moved to Mankato", "3")
    theirs = {"notes": LATER["notes"]}
    for chosen, notes in (({}, "Moved to Mankato"), (theirs, LATER["notes"])):
        answer = client.post(url, again | chosen)
        assert answer.status_code == 302
        kept = Participant.objects.get(pk=ana.pk)
        assert (kept.notes, kept.adults, kept.children, kept.is_veteran) == (notes, 3, 4, False)
        again = sent(client.get(url))


def test_what_was_recorded_meanwhile_and_is_hidden_is_not_replaced(
    client, ana, river_specialist, river_lead
):
    ana.contact = None
    ana.save()
    url = reverse("participants:participant_edit", args=[ana.pk])
    client.force_login(river_specialist)
    page = client.get(url)
    by_somebody_else(ana, river_lead, contact="555-0100", notes=LATER["notes"])
    answer = client.post(url, sent(page, contact="555-0177"))
    assert "it is on file, but hidden from you" in told(answer.context["form"])["contact"]
    assert Participant.objects.get(pk=ana.pk).contact == "555-0100"


@pytest.fixture
def call(river, region_2, ana):
    call = make_meeting(river, region_2, roster_settled_at=timezone.now())
    make_roster(call, ana)
    return call


PREPARED = {
    "location": "shelter",
    "location_words": "Main Street",
    "preferences": "Two rooms",
    "barriers": [WORDS["phone"], "Owes the landlord"],
    "safety": "He knows where she works",
    "notes": "Calls on Fridays",
}


@pytest.mark.parametrize("begins", [{}, {"notes": "So far"}], ids=["empty", "kept"])
@pytest.mark.parametrize("name", PREPARED)
def test_prework_keeps_what_a_colleague_wrote_while_its_page_stood_open(
    client, call, ana, river_provider, river_lead, name, begins
):
    keeping = {"actor": river_lead, "now": timezone.now()}
    if begins:
        keep_prework(call, ana, revision=0, **begins, **keeping)
    url = reverse("conferencing:prework_edit", args=[call.pk, ana.pk])
    client.force_login(river_provider)
    page = client.get(url)
    theirs = begins | {name: PREPARED[name]}
    if name == "location_words":
        theirs["location"] = "shelter"
    keep_prework(call, ana, revision=len(begins), **theirs, **keeping)
    mine = {"safety": "Safe"} if name != "safety" else {"preferences": "Anywhere"}
    assert client.post(url, sent(page, **mine)).status_code == 302
    kept = PreWork.objects.get()
    assert {each: getattr(kept, each) for each in theirs | mine} == {**theirs, **mine}


def test_prework_of_which_two_wrote_the_same_part_is_asked_about(
    client, call, ana, river_provider, river_lead
):
    url = reverse("conferencing:prework_edit", args=[call.pk, ana.pk])
    client.force_login(river_provider)
    page = client.get(url)
    theirs = {"notes": PREPARED["notes"], "safety": PREPARED["safety"]}
    keep_prework(call, ana, revision=0, **theirs, actor=river_lead, now=timezone.now())
    asked = client.post(url, sent(page, notes="Mine"))
    assert "It says now: “Calls on Fridays”." in told(asked.context["form"])["notes"]
    assert "Saved meanwhile by Lee Lead" in text_of(asked)
    assert client.post(url, sent(asked)).status_code == 302
    kept = PreWork.objects.get()
    assert (kept.notes, kept.safety) == ("Mine", PREPARED["safety"])


@pytest.mark.parametrize("shown", ["", "[]", "{", '{"notes": 1, "adults": null, "x": []}'])
def test_a_page_that_does_not_tell_what_it_showed_is_asked_about(
    client, ana, river_provider, river_lead, shown
):
    url = reverse("participants:participant_edit", args=[ana.pk])
    client.force_login(river_provider)
    data = sent(client.get(url), adults=7)
    by_somebody_else(ana, river_lead, notes=LATER["notes"])
    asked = client.post(url, data | {"shown": shown})
    assert asked.status_code == 200
    assert Participant.objects.get(pk=ana.pk).notes == LATER["notes"]
