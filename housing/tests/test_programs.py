"""Programs and openings: entered, changed, settled, and what is never kept of a place."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing
from audit.models import AuditEntry
from housing import openings, programs
from housing.answers import give_answers
from housing.models import EligibilityRule, HousingAnswers, Opening, Program
from housing.programs import Rule
from participants.tests.factories import make_participant
from regions.tests.factories import make_region, make_user, today_in

from .factories import make_answers, make_opening, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(river):
    return make_agency_in_standing(river, name="Housing First")


@pytest.fixture
def region(river):
    return make_region(river)


@pytest.fixture
def county(region):
    return region.counties.first()


@pytest.fixture
def actor(river_specialist):
    return river_specialist


def now():
    return timezone.now()


def test_add_program_twice_adds_it_once(agency, county, actor):
    values = {"name": "Elm House", "kind": "psh", "counties": [county]}
    rules = [Rule("veteran", "required", True)]
    first = programs.add_program(agency, rules=rules, actor=actor, now=now(), **values)
    again = programs.add_program(agency, rules=rules, actor=actor, now=now(), pk=first.pk, **values)
    assert again == first
    assert Program.objects.count() == EligibilityRule.objects.count() == 1
    assert AuditEntry.objects.filter(action="program.added").count() == 1


def test_change_program_changes_rules_and_refuses_a_stale_page(agency, county, actor):
    program = make_program(
        agency,
        counties=[county],
        rules=[("veteran", "required", True), ("youth", "required", True)],
    )
    values = {"counties": [county], "name": program.name, "kind": program.kind}
    rules = [
        Rule("veteran", "preferred", True),
        Rule("days", "required", {"least": 90, "most": None}),
    ]
    seen = program.changed_at
    programs.change_program(program, changed_at=seen, rules=rules, actor=actor, now=now(), **values)
    found = {each.fact: (each.weight, each.asks) for each in program.rules.all()}
    assert found == {
        "veteran": ("preferred", True),
        "days": ("required", {"least": 90, "most": None}),
    }
    with pytest.raises(ValidationError, match="Somebody changed this"):
        programs.change_program(
            program, changed_at=seen, rules=[], actor=actor, now=now(), **values
        )


def test_a_program_takes_counties_of_its_own_continuum_alone(agency, three, actor):
    elsewhere = make_region(three).counties.first()
    with pytest.raises(ValidationError, match="this continuum"), transaction.atomic():
        programs.add_program(
            agency, name="Elm", kind="psh", counties=[elsewhere], rules=[], actor=actor, now=now()
        )
    assert not Program.objects.exists()


def test_of_a_victim_service_providers_program_no_place_is_kept(river, county, actor):
    shelter = make_agency_in_standing(river, name="Safe", vsp=True)
    program = make_program(shelter, kind="shelter", counties=[county], is_confidential=False)
    assert program.is_confidential
    day = today_in()
    with pytest.raises(ValidationError, match="nothing but the county"):
        openings.enter_opening(
            program,
            actor=actor,
            now=now(),
            county=county,
            unit="12 Elm St",
            free_from=day,
            fill_by=day,
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        make_opening(program, actor, unit="12 Elm St")
    assert not Opening.objects.exists()


def test_where_a_place_becomes_confidential_its_words_go(agency, county, actor):
    program = make_program(agency, counties=[county])
    opening = make_opening(program, actor, unit="12 Elm St")
    programs.change_program(
        program,
        changed_at=program.changed_at,
        counties=[county],
        rules=[],
        actor=actor,
        now=now(),
        is_confidential=True,
    )
    opening.refresh_from_db()
    assert opening.unit == ""
    history = Opening.pgh_event_model.objects.filter(pgh_obj=opening.pk)
    assert history.exists()
    assert not hasattr(history.first(), "unit")


def test_an_opening_is_entered_once_and_not_of_a_closed_program(agency, county, actor):
    program, day = make_program(agency, counties=[county]), today_in()
    values = {"county": county, "free_from": day, "fill_by": day + timedelta(days=7), "units": 2}
    first = openings.enter_opening(program, actor=actor, now=now(), **values)
    assert openings.enter_opening(program, actor=actor, now=now(), pk=first.pk, **values) == first
    programs.close_program(program, actor=actor, now=now())
    assert not Opening.objects.on_offer(day).exists()
    with pytest.raises(ValidationError, match="takes nobody"):
        openings.enter_opening(program, actor=actor, now=now(), **values)
    programs.reopen_program(program, actor=actor, now=now())
    assert list(Opening.objects.on_offer(day)) == [first]


def test_the_state_of_an_opening_follows_the_day(agency, county, actor):
    day = today_in()
    one = make_opening(make_program(agency, counties=[county]), actor, on=day + timedelta(days=3))
    assert one.state(day) == "upcoming"
    assert one.state(day + timedelta(days=3)) == "open"
    openings.hold_opening(one, until=day + timedelta(days=5), actor=actor, now=now())
    one.refresh_from_db()
    assert [one.state(day + timedelta(days=n)) for n in (4, 5, 6)] == ["held", "held", "open"]
    assert not Opening.objects.on_offer(day + timedelta(days=5)).exists()
    assert Opening.objects.on_offer(day + timedelta(days=6)).exists()


def test_units_are_filled_one_by_one_and_never_more(agency, county, actor):
    one = make_opening(make_program(agency, counties=[county]), actor, units=2)
    openings.fill_unit(one, actor=actor, now=now())
    done = openings.fill_unit(one, actor=actor, now=now())
    with pytest.raises(ValidationError, match="No unit"):
        openings.fill_unit(one, actor=actor, now=now())
    one.refresh_from_db()
    assert (one.filled, one.state(today_in())) == (2, "filled")
    openings.undo_settled(done, actor=actor, now=now())
    one.refresh_from_db()
    assert (one.filled, one.state(today_in()), one.settled_on) == (1, "open", None)


def test_an_undo_is_refused_where_somebody_changed_it_since_and_to_others(
    agency, county, actor, river
):
    one = make_opening(make_program(agency, counties=[county]), actor, units=3)
    done = openings.fill_unit(one, actor=actor, now=now())
    stranger = make_user(river)
    with pytest.raises(PermissionDenied):
        openings.undo_settled(done, actor=stranger, now=now())
    openings.withdraw_opening(one, actor=actor, now=now())
    with pytest.raises(ValidationError):
        openings.undo_settled(done, actor=actor, now=now())
    one.refresh_from_db()
    assert one.state(today_in()) == "withdrawn"


def test_past_its_day_is_what_is_not_filled_by_it(agency, county, actor):
    day = today_in()
    program = make_program(agency, counties=[county])
    one = make_opening(program, actor, on=day - timedelta(days=30))
    make_opening(program, actor, on=day)
    assert list(Opening.objects.past_their_day(day)) == [one]
    openings.withdraw_opening(one, actor=actor, now=now())
    assert not Opening.objects.past_their_day(day).exists()


def test_answers_are_sealed_kept_once_and_none_of_a_victim_service_providers(
    agency, region, river, actor
):
    household = make_participant(agency, region)
    give_answers(household, given={"income": 900, "pets": "none"}, actor=actor, now=now())
    give_answers(household, given={"income": None, "owed": False}, actor=actor, now=now())
    give_answers(household, given={"owed": False}, actor=actor, now=now())
    row = HousingAnswers.objects.get()
    assert row.given == {"pets": "none", "owed": False}
    told = AuditEntry.objects.filter(action="housing_answers.changed").order_by("sequence")
    assert [each.detail["changed"] for each in told] == [["income", "pets"], ["income", "owed"]]
    shelter = make_agency_in_standing(river, name="Safe", vsp=True)
    confidential = make_participant(shelter, region)
    with pytest.raises(ValidationError, match="victim service provider"):
        give_answers(confidential, given={"pets": "none"}, actor=actor, now=now())
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        make_answers(confidential, pets="none")


@pytest.mark.parametrize(
    ("text", "is_address"),
    [
        ("Call 507-555-0101, ask for Ann", False),
        ("Safe Housing", False),
        ("24 beds, state funds", False),
        ("12 Elm St", True),
        ("1204B North Maple Avenue", True),
        ("P.O. Box 12", True),
    ],
)
def test_no_address_of_a_confidential_place_is_kept(river, county, actor, text, is_address):
    shelter = make_agency_in_standing(river, name="Safe", vsp=True)
    program = make_program(shelter, kind="shelter", counties=[county])
    day, failed = today_in(), {}
    values = {"county": county, "free_from": day, "fill_by": day, "contact": text}
    try:
        openings.enter_opening(program, actor=actor, now=now(), **values)
    except ValidationError as error:
        failed = error.message_dict
    assert set(failed) == ({"contact"} if is_address else set())
    assert Opening.objects.exists() != is_address
    add = {"name": text, "kind": "th", "counties": [county], "rules": []}
    if is_address:
        with pytest.raises(ValidationError, match="reads like an address"), transaction.atomic():
            programs.add_program(shelter, actor=actor, now=now(), **add)
