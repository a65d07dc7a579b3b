"""A number or date that tells who somebody is gets the same hint, wherever words are typed."""

import importlib
import pkgutil

import pytest
from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import conferencing
import participants
from conferencing.prework.forms import PreWorkForm
from conferencing.roster.acts import open_roster
from conferencing.roster.nominations import nominate_participant
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of
from conferencing.tests.test_held_forms_everywhere import forms_of
from conferencing.tests.test_single_lines_everywhere import forms_in
from conferencing.tests.test_walk import FIXED, ROWS, households_of
from conferencing.tests.walking import last_entry, recorded_after, shown_in
from conferencing.tests.world import MENTION, keep_watchdog_content, prove, signed_in
from participants.careful import CarefulForm
from participants.services.disclosures import entries_about
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db
TELLING = "Her number is 078-05-1120, born 4/12/1988."
SSN_WORDS, BIRTH_WORDS = "looks like a Social Security number", "looks like a date of birth"
AGAIN = "To keep your words as they are, press the button again."

# Fields of text that are not asked about, each with why.
NAME = "what somebody or something is called, on one line"
SEARCH = "what is searched for; kept nowhere"
IDENTITY = "the place for just that, sealed and shown by release"
ELSEWHERE = {
    "conferencing.call.forms.call.RaiseForm.alias": "aliases have a rule of their own",
    "conferencing.call.forms.call.WalkInForm.name": NAME,
    "conferencing.call.forms.call.WalkInForm.organization": NAME,
    "conferencing.call.forms.call.StepForm.what": "asked by services.call_steps.refuse_words",
    "conferencing.schedule.forms.closed_days.ClosedDayForm.name": NAME,
    "conferencing.call.forms.guests.InviteGuestForm.name": NAME,
    "participants.merges.forms.OtherRecordForm.alias": SEARCH,
    "participants.households.forms.JoinForm.alias": SEARCH,
    "participants.forms.releases.ReleaseForm.form_version": NAME,
    "participants.forms.releases.ManyReleasesForm.form_version": NAME,
    "participants.forms.sheets.SheetForm.text": "columns that tell of a person are refused whole",
    "participants.returned.forms.ReturnedForm.text": "read as a list, of which no text is taken",
    "participants.spreadsheets.forms.SheetForm.text": "read as a sheet, of which no text is taken",
    "participants.spreadsheets.forms.ColumnsForm.name": NAME,
}
ELSEWHERE |= {
    f"participants.forms.participants.{form}.{field}": why
    for form in ("ParticipantForm", "AddParticipantForm", "ChangeParticipantForm")
    for field, why in {
        "alias": "aliases have a rule of their own",
        "name": IDENTITY,
        "contact": IDENTITY,
        "hmis_id": IDENTITY,
    }.items()
}
ELSEWHERE |= {
    f"participants.households.forms.{form}.{field}": IDENTITY
    for form in ("NewHeadForm", "HeadForm", "SplitForm")
    for field in ("name", "contact", "hmis_id")
}
# Pre-work asks in its own way, with the words that were found (test_prework).
ASKS_ITSELF = {PreWorkForm}
NO_PAGE = {
    # where it is typed is beside each household that meets no criterion; tested below
    "AddToRosterForm.because",
    "NominateForm.reason",
    "SettleForm.answer",
    "WordForm.notes",  # many on a page, each with its household; tested in prework/tests/test_word
    "ParticipantForm.notes",  # what adding and changing share
    "RosterForm.reason",  # once households are checked; tested in several/tests
    "DeidentifyForm.reason",  # shown once a record is due, which none of the walk's is
    # asked for by a script, or behind a password that is shown once: their forms are ReasonForms
}


def every_form():
    """Each class of form of the rooms that know of households."""
    for room in (conferencing, participants):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "forms" not in found.name.split(".") or "tests" in found.name.split("."):
                continue
            module = importlib.import_module(found.name)
            for each in vars(module).values():
                is_form = isinstance(each, type) and issubclass(each, forms.BaseForm)
                if is_form and each.__module__ == module.__name__:
                    yield each


def texts_of(form):
    """The fields of a class of form into which somebody types words."""
    for name, field in form.base_fields.items():
        is_text = isinstance(field, forms.CharField) and type(field) not in (
            forms.EmailField,
            forms.URLField,
            forms.UUIDField,
        )
        is_typed = isinstance(field.widget, forms.TextInput | forms.Textarea)
        if is_text and is_typed and not isinstance(field, forms.UUIDField):
            yield name


def test_every_field_of_words_is_asked_about_or_says_why_not():
    found = set()
    lacking, careful = set(), 0
    for form in every_form():
        for name in texts_of(form):
            where = f"{form.__module__}.{form.__qualname__}.{name}"
            if form in ASKS_ITSELF or name in getattr(form, "careful", ()):
                careful += 1
            elif where in ELSEWHERE:
                found.add(where)
            else:
                lacking.add(where)
    assert lacking == set()
    assert set(ELSEWHERE) - found == set()
    assert careful >= 25


def answer_of(client, url, html, sent, user, people):
    """What the page says to the form, and whom it shows unrecorded; nothing is done that lasts."""
    with transaction.atomic():
        last = last_entry()
        answer = client.post(html["action"] or url, html["fields"] | sent, follow=True)
        text = "" if answer.streaming else answer.content.decode(errors="replace")
        shown = shown_in(text.replace(MENTION, ""), people)
        kept = recorded_after(last, shown, user)
        transaction.set_rollback(True)
    unrecorded = [
        f"shows {each.alias} unrecorded"
        for each, by_name in shown.items()
        if each not in kept or (by_name and not kept[each])
    ]
    return answer, unrecorded


def kept_in(answer, name):
    for html in forms_of(answer):
        if name in html["typed"] and "kept" in html["fields"]:
            return html["fields"]["kept"]
    return ""


def ask(client, user, url, page, seen, people):
    """Yield each field of the page that is asked about for the first time, and what was wrong."""
    for form in forms_in(page):
        if not isinstance(form, CarefulForm):
            continue
        for name in form.careful:
            field = f"{type(form).__name__}.{name}"
            for html in forms_of(page):
                if name not in html["typed"] or "kept" not in html["fields"] or field in seen:
                    continue
                asked, unrecorded = answer_of(client, url, html, {name: TELLING}, user, people)
                text, fault = text_of(asked), ", ".join(unrecorded)
                if not (SSN_WORDS in text and BIRTH_WORDS in text and AGAIN in text):
                    fault = f"said nothing: {asked.status_code}"
                kept = kept_in(asked, name)
                sent = {name: TELLING, "kept": kept}
                once, _unrecorded = answer_of(client, url, html, sent, user, people)
                is_page = once["Content-Type"].startswith("text/html")  # or the file itself
                if not fault and is_page and AGAIN in text_of(once):
                    fault = "asked twice"
                yield field, fault


def test_each_page_asks_once_and_takes_the_words_then(river_scene):
    seen, faults = set(), []
    expected = {
        f"{form.__name__}.{name}"
        for form in every_form()
        if issubclass(form, CarefulForm)
        for name in form.careful
        if name in form.base_fields
    }
    for role in ("specialist", "provider", "administrator", "lead"):
        if not expected - seen - NO_PAGE:
            break
        user = river_scene.people[role]
        client, people = signed_in(user), households_of(river_scene)
        for address, (method, answers) in ROWS.items():
            if method == "POST" or answers[role] != "200":
                continue
            keep_watchdog_content()
            prove(client, user)
            url = reverse(address, kwargs=river_scene.keys.get(address, FIXED.get(address, {})))
            page = client.get(url)
            for field, fault in ask(client, user, url, page, seen, people):
                seen.add(field)
                faults += [f"{role} {address} {field}: {fault}"] if fault else []
    assert faults == []
    assert expected - seen - NO_PAGE == set()


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def test_roster_add_asks_about_the_reason_and_keeps_it(
    client, call, river_agency, region_2, river_specialist
):
    household = make_participant(river_agency, region_2, alias="Heron-1")
    open_roster(call, actor=river_specialist, now=timezone.now())
    call.roster.all().delete()
    client.force_login(river_specialist)
    url = reverse("conferencing:roster_add", args=[call.pk])
    sent = {"participant": household.pk, "because": TELLING}
    asked = client.post(url, sent)
    assert SSN_WORDS in text_of(asked)
    assert f'value="{TELLING}"' in asked.content.decode()
    assert entries_about(household).count() == 1
    assert not call.roster.exists()
    client.post(url, sent | {"kept": kept_in(asked, "because")})
    assert call.roster.get().added_because == TELLING


def test_nominating_asks_about_the_reason_and_keeps_it(
    client, call, river_agency, region_2, river_provider
):
    household = make_participant(river_agency, region_2, alias="Heron-1")
    client.force_login(river_provider)
    url = reverse("conferencing:roster_nominate", args=[call.pk])
    sent = {"participant": household.pk, "reason": TELLING}
    asked = client.post(url, sent)
    assert SSN_WORDS in text_of(asked)
    assert BIRTH_WORDS in text_of(asked)
    assert not call.nominations.exists()
    assert client.post(url, sent | {"kept": kept_in(asked, "reason")}).status_code == 302
    assert call.nominations.get().reason == TELLING


def test_settling_asks_about_the_answer(
    client, call, river_agency, region_2, river_specialist, river_provider
):
    household = make_participant(river_agency, region_2, alias="Heron-1")
    open_roster(call, actor=river_specialist, now=timezone.now())
    call.roster.all().delete()
    now = timezone.now()
    nominate_participant(call, household, reason="Ill", actor=river_provider, now=now)
    client.force_login(river_specialist)
    url = reverse("conferencing:roster_settle", args=[call.pk])
    asked = client.post(url, {"answer": TELLING})
    assert SSN_WORDS in text_of(asked)
    client.post(url, {"answer": TELLING, "kept": kept_in(asked, "answer")})
    assert call.nominations.get().answer == TELLING


def test_a_reason_never_tells_where_a_victim_service_providers_household_is(
    client, call, river_vsp_agency, region_2, river_vsp_provider
):
    household = make_participant(river_vsp_agency, region_2, alias="Wren-3")
    client.force_login(river_vsp_provider)
    url = reverse("conferencing:roster_nominate", args=[call.pk])
    sent = {"participant": household.pk, "reason": "Staying at 412 Oak St"}
    for _ in range(2):
        answer = client.post(url, sent)
        assert answer.status_code == 200
        sent["kept"] = kept_in(answer, "reason")
    assert not call.nominations.exists()
