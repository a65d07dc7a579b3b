"""Answers about what is on file: recorded, few a day, and none to whom it is no business."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing
from audit.models import AuditEntry
from conferencing.tests.meanwhile import meanwhile
from participants.models import Participant
from participants.naming import label_for
from participants.services.disclosures import entries_about, rows_of
from participants.services.on_file import MATCH_TOLD, MOST_A_DAY
from participants.services.participants import add_participant, change_participant
from participants.tests.factories import make_participant, make_release

BORN = date(1980, 2, 3)


@pytest.fixture
def ana(river_other_agency, region_2):
    """Kept by Cedar Outreach, under no release."""
    return make_participant(
        river_other_agency,
        region_2,
        name="Ana Sentinelle",
        birth_date=BORN,
        hmis_id="HX-4242",
        alias="Heron-8",
    )


def attempt(agency, region, actor, *, now=None, **values):
    return add_participant(
        agency.continuum,
        agency=agency,
        region=region,
        actor=actor,
        listed_on=date(2026, 1, 2),
        now=now or timezone.now(),
        **{"alias": "", **values},
    )


def refused(*args, **values):
    with pytest.raises(ValidationError) as caught:
        attempt(*args, **values)
    return caught.value


def told():
    return [each.detail for each in AuditEntry.objects.filter(action=MATCH_TOLD).order_by("at")]


def test_somebody_elses_person_is_told_to_nobody(ana, river_agency, region_2, river_provider):
    added = attempt(river_agency, region_2, river_provider, name=ana.name, birth_date=BORN)
    assert added.place.status == "active"
    assert told() == []


def test_a_possible_duplicate_is_told_to_who_keeps_it_and_recorded(
    ana, river_other_agency, region_2, river_other_provider
):
    typed = {"name": ana.name, "birth_date": BORN}
    error = refused(river_other_agency, region_2, river_other_provider, **typed)
    assert "It may be Heron-8, kept by Cedar Outreach." in error.messages[0]
    assert told() == [
        {"compared": "name and birth date", "participants": [str(ana.pk)], "named_under": {}}
    ]
    (row,) = rows_of(ana, entries_about(ana))
    assert (row.person, row.what) == (
        "Oli Other",
        "That something typed is on file with the household",
    )
    twin = attempt(
        river_other_agency, region_2, river_other_provider, is_different_person=True, **typed
    )
    assert twin.pk != ana.pk
    assert len(told()) == 1


def test_an_hmis_id_in_use_is_refused_without_a_word_of_whose_it_is(
    ana, river_agency, region_2, river_provider
):
    error = refused(river_agency, region_2, river_provider, hmis_id="HX-4242")
    assert error.message_dict == {
        "hmis_id": [
            "This HMIS ID can’t be used here. Check it, or leave it blank and ask the CE "
            "Specialist."
        ]
    }
    assert told() == [{"compared": "hmis_id", "participants": [str(ana.pk)], "named_under": {}}]


def test_an_alias_that_holds_a_hidden_name_is_refused_as_any_other_and_recorded(
    river_other_agency, region_2, river_specialist
):
    person = make_participant(river_other_agency, region_2, name="Ana Heron", alias="Wren-8")
    acting = {"actor": river_specialist, "now": timezone.now()}
    messages = []
    for alias in ("Heron-12", "Sentinelle-12"):
        with pytest.raises(ValidationError) as caught:
            change_participant(person, changed_at=person.changed_at, alias=alias, **acting)
        messages.append(caught.value.message_dict)
    assert messages[0] == messages[1]
    assert told() == [{"compared": "alias", "participants": [str(person.pk)], "named_under": {}}]


IDENTITY = {
    "name": ("Ana Heron", "Ana Heronn"),
    "birth_date": (date(1980, 5, 6), date(1980, 5, 7)),
    "contact": ("555-0100", "555-0101"),
}


@pytest.mark.parametrize("field", IDENTITY)
def test_a_guess_over_what_is_hidden_is_answered_alike_right_or_wrong_and_changes_nothing(
    field, river_other_agency, region_2, river_specialist
):
    on_file = {name: right for name, (right, _wrong) in IDENTITY.items()}
    person = make_participant(river_other_agency, region_2, alias="Wren-8", **on_file)
    answers = []
    for guess in (*IDENTITY[field], None):
        with pytest.raises(ValidationError) as caught:
            change_participant(
                person,
                changed_at=person.changed_at,
                actor=river_specialist,
                now=timezone.now(),
                **{field: guess},
            )
        answers.append(caught.value.message_dict)
        assert not label_for(person, river_specialist, timezone.now()).is_named
    assert answers[0] == answers[1] == answers[2]
    assert list(answers[0]) == [field]
    stands = Participant.objects.get(pk=person.pk)
    assert {name: getattr(stands, name) for name in on_file} == on_file
    assert told() == []
    assert not AuditEntry.objects.filter(action="participant.changed").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guess", ["Ana Heron", "Ana Heronn"])
def test_a_guess_over_a_name_that_is_recorded_at_that_moment_is_refused_too(
    guess, river_other_agency, region_2, river_specialist
):
    person = make_participant(river_other_agency, region_2, name=None, alias="Wren-8")

    def record_name():
        row = Participant.objects.select_for_update().get(pk=person.pk)
        row.name = "Ana Heron"
        row.save(update_fields=["name"])

    with pytest.raises(ValidationError, match="hidden from you"):
        meanwhile(
            record_name,
            lambda: change_participant(
                person,
                changed_at=person.changed_at,
                actor=river_specialist,
                now=timezone.now(),
                name=guess,
            ),
        )
    assert Participant.objects.get(pk=person.pk).name == "Ana Heron"


def test_whoever_typed_a_name_may_put_it_right_and_not_what_others_recorded_beside_it(
    river_agency, region_2, river_specialist
):
    person = make_participant(river_agency, region_2, alias="Wren-8", contact="555-0100")
    acting = {"actor": river_specialist, "now": timezone.now()}
    Participant.objects.filter(pk=person.pk).update(named_by=river_specialist)
    person.refresh_from_db()
    person = change_participant(person, changed_at=person.changed_at, name="Ana Heron", **acting)
    assert person.name == "Ana Heron"
    with pytest.raises(ValidationError, match="hidden from you"):
        change_participant(person, changed_at=person.changed_at, contact="555-0100", **acting)


def test_what_one_reads_anyway_is_no_answer(river_agency, region_2, river_provider):
    person = make_participant(river_agency, region_2, name="Ana Heron", alias="Wren-8")
    change_participant(
        person,
        changed_at=person.changed_at,
        alias="Otter-12",
        actor=river_provider,
        now=timezone.now(),
    )
    assert told() == []


@pytest.mark.parametrize("is_on_file", [True, False])
def test_answers_end_for_the_day_and_then_nothing_is_compared(
    ana, river, river_agency, region_2, river_provider, river_lead, is_on_file
):
    now = timezone.now()
    for _ in range(MOST_A_DAY):
        refused(river_agency, region_2, river_provider, hmis_id="HX-4242", now=now)
    asked = "HX-4242" if is_on_file else "HX-0000"
    error = refused(river_agency, region_2, river_provider, hmis_id=asked, now=now)
    assert "You reached today’s limit of 20 answers" in error.messages[0]
    assert len(told()) == MOST_A_DAY
    assert Participant.objects.count() == 1
    # Without what is compared the household is added; a colleague and the next day have answers.
    assert attempt(river_agency, region_2, river_provider, name="Cy Other", now=now).pk
    refused(river_agency, region_2, river_lead, hmis_id="HX-4242", now=now)
    refused(
        river_agency,
        region_2,
        river_provider,
        hmis_id="HX-4242",
        now=now + timedelta(days=1),
    )
    assert len(told()) == MOST_A_DAY + 2


def test_nothing_is_compared_before_all_else_is_right(ana, river_agency, region_1, region_2,
                                                      river_provider):  # fmt: skip
    """A form that cannot be saved asks nothing: an answer costs a household, or is recorded."""
    county = region_1.counties.first()
    error = refused(river_agency, region_2, river_provider, hmis_id="HX-4242", county=county)
    assert list(error.message_dict) == ["county"]
    assert told() == []


def test_a_release_lets_know_of_a_duplicate(ana, river, river_agency, region_2, river_provider):
    make_release(ana, agencies=[river_agency])
    error = refused(river_agency, region_2, river_provider, name=ana.name, birth_date=BORN)
    assert "It may be Heron-8, kept by Cedar Outreach." in error.messages[0]
    elsewhere = make_agency_in_standing(river, name="Elsewhere", regions=[region_2])
    Participant.objects.filter(pk=ana.pk).update(agency=elsewhere)
    ana.releases.update(revoked_at=timezone.now() - timedelta(seconds=1))
    assert attempt(river_agency, region_2, river_provider, name=ana.name, birth_date=BORN).pk


def test_an_hmis_id_in_use_is_told_to_who_reads_it_there(
    ana, river_other_agency, region_2, river_specialist
):
    error = refused(river_other_agency, region_2, river_specialist, hmis_id="HX-4242")
    assert error.messages == ["Heron-8 has this HMIS ID."]
    assert [each["compared"] for each in told()] == ["hmis_id"]
