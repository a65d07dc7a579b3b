"""The pages of programs and openings: whole ways, constant queries, and who sees what is sealed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from housing.models import HousingAnswers, Opening, Program
from participants.naming import label_for
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

from ..pages import household_openings, past_openings
from .factories import make_answers, make_opening, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(river_agency):
    return river_agency


def program_form(county, **more):
    return {
        "name": "Elm House",
        "kind": "psh",
        "counties": [str(county.pk)],
        "funding": "",
        "hmis_project": "",
        **more,
    }


def fresh(client, url):
    """What a page carries in hidden fields."""
    form = client.get(url).context["form"]
    return {name: form[name].value() or "" for name in ("pk", "changed_at") if name in form.fields}


def test_a_program_is_entered_with_its_rules_and_read_back_in_words(
    client, river_provider, agency, region_2
):
    client.force_login(river_provider)
    url = reverse("housing:program_add")
    county = region_2.counties.first()
    data = program_form(
        county,
        agency=str(agency.pk),
        type_weight="required",
        type_asks=["family", "minors"],
        size_weight="preferred",
        size_least="2",
        size_most="5",
        income_weight="required",
        income_1="1850",
        income_3="2375",
        sex_weight="required",
        sex_asks=["female"],
        sex_source="24 CFR 576.400",
        veteran_weight="preferred",
    )
    answer = client.post(url, data | fresh(client, url), follow=True)
    assert answer.status_code == 200
    program = Program.objects.get()
    page = answer.content.decode()
    for words in (
        "Adults with children under 18 or children under 18 alone",
        "2 to 5 people",
        "Income a month of at most $1,850 for 1 and $2,375 for 3",
        "Women (24 CFR 576.400)",
        "A veteran in the household",
    ):
        assert words in page
    edit = reverse("housing:program_edit", args=[program.pk])
    form = client.get(edit).context["form"]
    assert form["type_asks"].value() == ["family", "minors"]
    assert form["income_3"].value() == 2375


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"type_weight": "required"}, "type_asks"),
        ({"size_weight": "required"}, "size_least"),
        ({"size_weight": "required", "size_least": "5", "size_most": "2"}, "size_most"),
        ({"income_weight": "required"}, "income_1"),
        ({"sex_weight": "required", "sex_asks": ["female"]}, "sex_source"),
        ({"background_weight": "required", "background_asks": ["owed"]}, "background_source"),
        ({"name": ""}, "name"),
        ({"counties": []}, "counties"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_changes_nothing(
    client, river_provider, agency, region_2, typed, field
):
    client.force_login(river_provider)
    url = reverse("housing:program_add")
    data = program_form(region_2.counties.first(), agency=str(agency.pk), **typed)
    answer = client.post(url, data | typed | fresh(client, url))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Program.objects.exists()


def test_an_opening_is_entered_with_three_fields_and_copied_from_the_last(
    client, river_provider, agency, region_2
):
    client.force_login(river_provider)
    program = make_program(agency, counties=list(region_2.counties.all()[:1]))
    assert client.get(reverse("housing:opening_choose")).url == reverse(
        "housing:opening_add", args=[program.pk]
    )
    url = reverse("housing:opening_add", args=[program.pk])
    form = client.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(url, given | {"bedrooms": "2", "rent": "900", "contact": "Ann"})
    one = Opening.objects.get()
    assert (one.bedrooms, one.units, one.free_from) == (2, 1, today_in())
    assert one.fill_by == today_in() + timedelta(days=14)
    again = client.get(url).context["form"]
    assert [again[name].value() for name in ("bedrooms", "rent", "contact")] == [2, 900, "Ann"]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_openings_asks_the_database_the_same(
    client, river_provider, agency, region_2, count
):
    client.force_login(river_provider)
    for n in range(count):
        program = make_program(agency, name=f"Elm {n}", counties=[region_2.counties.first()])
        make_opening(program, river_provider)
    client.get(reverse("housing:opening_list"))
    found = {}
    for name in ("opening_list", "program_list"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse(f"housing:{name}"))
        assert answer.status_code == 200
        found[name] = len(queries)
    assert found == QUERIES


QUERIES = {"opening_list": 12, "program_list": 11}


@pytest.mark.parametrize("count", [1, 30])
def test_a_households_openings_ask_the_database_the_same(
    django_assert_num_queries, river_provider, agency, region_2, count
):
    county = region_2.counties.first()
    household = make_participant(agency, region_2)
    rules = [("county", "required", [str(county.pk)]), ("income", "required", [900] * 8)]
    for n in range(count):
        program = make_program(agency, name=f"Elm {n}", counties=[county], rules=rules)
        make_opening(program, river_provider)
    label = label_for(household, river_provider, timezone.now())
    with django_assert_num_queries(8):
        found = household_openings(household, river_provider, label, now=timezone.now())
    assert len(found["fits"] + found["unknown"] + found["does_not"]) == count


def test_who_sees_a_household_by_alias_alone_is_told_nothing_that_is_sealed(
    river_provider, river_other_provider, river_specialist, agency, region_2
):
    """Birth date and answers say nothing to another agency, not even by a match."""
    county = region_2.counties.first()
    household = make_participant(agency, region_2, name="Ana Example", birth_date="1950-01-01")
    make_answers(household, income=5000, pets="pets", owed=True)
    for n, (fact, asks) in enumerate(
        [("age", ["18_24"]), ("income", [900] * 8), ("pets", True), ("background", ["owed"])]
    ):
        program = make_program(
            agency, name=f"Elm {n}", counties=[county], rules=[(fact, "required", asks)]
        )
        make_opening(program, river_provider, bedrooms=9)
    household.bedrooms, household.adults, household.children = 1, 1, 0
    household.is_youth = None
    household.save()

    def answers(viewer):
        label = label_for(household, viewer, timezone.now())
        found = household_openings(household, viewer, label, now=timezone.now())
        return {name: len(found[name]) for name in ("fits", "unknown", "does_not")}

    assert answers(river_provider) == {"fits": 0, "unknown": 0, "does_not": 4}
    assert answers(river_other_provider) == {"fits": 0, "unknown": 4, "does_not": 0}
    make_release(household)
    assert answers(river_other_provider) == {"fits": 0, "unknown": 0, "does_not": 4}


def test_answers_are_typed_shown_again_and_taken_back(client, river_provider, agency, region_2):
    client.force_login(river_provider)
    household = make_participant(agency, region_2)
    url = reverse("housing:answers_edit", args=[household.pk])
    client.post(url, {"income": "700", "pets": "pets", "owed": "no", "registry": ""})
    assert HousingAnswers.objects.get().given == {"income": 700, "pets": "pets", "owed": False}
    form = client.get(url).context["form"]
    assert [form[name].value() for name in ("income", "pets", "owed")] == [700, "pets", "no"]
    client.post(url, {"income": "", "pets": "", "owed": ""})
    assert HousingAnswers.objects.get().given == {}


def test_an_opening_past_its_day_is_asked_of_its_agency_first(
    river_provider, river_other_provider, agency, river, region_2
):
    day = today_in()
    program = make_program(agency, counties=[region_2.counties.first()])
    one = make_opening(program, river_provider, on=day - timedelta(days=16))
    place = StaffMember.objects.get(user=river_provider)
    other = StaffMember.objects.get(user=river_other_provider)
    assert list(past_openings(place, river, day)) == [one]
    assert list(past_openings(other, river, day)) == []
    assert list(past_openings(None, river, day)) == []
    assert list(past_openings(None, river, day + timedelta(days=2))) == [one]


def test_what_was_done_to_an_opening_can_be_undone(client, river_provider, agency, region_2):
    client.force_login(river_provider)
    program = make_program(agency, counties=[region_2.counties.first()])
    one = make_opening(program, river_provider)
    page = client.post(reverse("housing:opening_fill", args=[one.pk]), follow=True)
    assert "Undo" in page.content.decode()
    one.refresh_from_db()
    assert one.filled == 1
    offered = page.context["undo_offered"]()
    client.post(reverse("accounts:undo_act", args=[offered.pk]))
    one.refresh_from_db()
    assert one.filled == 0
