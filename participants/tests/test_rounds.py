"""The outflow round: divided fairly, looked for, and nobody moved who was not."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.tests.factories import make_agency_in_standing
from participants.models import LastAttempt, ListPlace, OutflowCase, OutflowRound
from participants.services.rounds import (
    begin_round,
    close_round,
    divide,
    record_attempt,
    results,
    seen_of,
)
from participants.tests.factories import (
    make_attempt,
    make_case,
    make_contact,
    make_inactivity,
    make_participant,
    make_release,
)
from regions.tests.factories import today_in


@given(st.integers(0, 60), st.integers(1, 7))
def test_divide_gives_everybody_as_many_as_the_others(households, agencies):
    given_to = divide({number: list(range(agencies)) for number in range(households)})
    load = Counter(dict.fromkeys(range(agencies), 0)) + Counter(given_to.values())
    counts = [load[agency] for agency in range(agencies)]
    assert len(given_to) == households
    assert max(counts) - min(counts) <= 1


@given(
    st.dictionaries(
        st.integers(0, 40), st.lists(st.integers(0, 5), unique=True, max_size=6), max_size=40
    )
)
def test_divide_gives_only_to_who_may_be_asked(candidates):
    given_to = divide(candidates)
    assert set(given_to) == set(candidates)
    for household, agency in given_to.items():
        assert agency in candidates[household] or (agency is None and not candidates[household])


@pytest.fixture
def rule(river):
    return make_inactivity(river)


def begin(river, actor):
    return begin_round(river, actor=actor, now=timezone.now())


def test_begin_round_asks_only_whom_a_release_or_the_record_lets_know_the_household(
    rule,
    river,
    region_2,
    river_agency,
    river_other_agency,
    river_vsp_agency,
    river_lapsed_agency,
    river_specialist,
):
    third = make_agency_in_standing(river, name="Third House", regions=[region_2])
    unknown = [make_participant(river_agency, region_2, days=200) for _ in range(2)]
    listed = make_participant(river_agency, region_2, days=200)
    make_release(listed, agencies=[third])
    shared = [make_participant(river_lapsed_agency, region_2, days=200) for _ in range(4)]
    for person in shared:
        make_release(person)
    confidential = make_participant(river_vsp_agency, region_2, days=200)
    orphan = make_participant(river_lapsed_agency, region_2, days=200)
    make_contact(make_participant(river_agency, region_2, days=200), days_ago=5)
    round = begin(river, river_specialist)
    given_to = dict(round.cases.values_list("participant", "agency"))
    assert [given_to[each.pk] for each in unknown] == [river_agency.pk] * 2
    assert given_to[listed.pk] == third.pk
    assert given_to[confidential.pk] == river_vsp_agency.pk
    assert given_to[orphan.pk] is None
    assert {given_to[each.pk] for each in shared} <= {
        river_agency.pk,
        river_other_agency.pk,
        third.pk,
    }
    assert len(given_to) == 9
    with pytest.raises(ValidationError):
        begin(river, river_specialist)
    assert OutflowRound.objects.count() == 1


def test_begin_round_without_a_rule_or_households_begins_none(river, river_specialist):
    with pytest.raises(ValidationError):
        begin(river, river_specialist)
    make_inactivity(river)
    with pytest.raises(ValidationError):
        begin(river, river_specialist)
    assert not OutflowRound.objects.exists()


def test_close_round_moves_whoever_was_looked_for_and_nobody_else(
    client, rule, river, region_2, river_agency, river_provider, river_specialist
):
    tried, untried, reached, left = (
        make_participant(river_agency, region_2, days=200, alias=alias)
        for alias in ("Tried-1", "Untried-1", "Reached-1", "Left-1")
    )
    round = begin(river, river_specialist)
    today, now = today_in(river.zone), timezone.now()
    attempt = {
        "how": "phone",
        "happened_on": today,
        "words": "",
        "actor": river_provider,
        "now": now,
    }
    record_attempt(round.cases.get(participant=tried), is_reached=False, **attempt)
    record_attempt(round.cases.get(participant=reached), is_reached=True, **attempt)
    ListPlace.objects.filter(participant=left).update(status="housed")
    assert reached.contacts.get().kind == "spoke"
    client.force_login(river_specialist)
    url = reverse("participants:round_close", args=[round.pk])
    page = client.get(url)
    assert [page.context[name] for name in ("inactive", "reached", "kept", "moved")] == [1] * 4
    client.post(url, {"seen": "stale"})
    round.refresh_from_db()
    assert round.closed_at is None
    for _ in range(2):
        client.post(url, {"seen": page.context["seen"]})
    assert dict(round.cases.values_list("participant__alias", "result")) == {
        "Tried-1": "inactive",
        "Untried-1": "kept",
        "Reached-1": "reached",
        "Left-1": "",
    }
    assert dict(ListPlace.objects.values_list("participant__alias", "status")) == {
        "Tried-1": "inactive",
        "Untried-1": "active",
        "Reached-1": "active",
        "Left-1": "housed",
    }
    move = tried.place_changes.get()
    assert (move.flow, move.on, move.by) == ("inactive", today, river_specialist)
    assert move.reason == (
        "No contact for more than 90 days, and one last attempt in the outflow round of "
        f"{today:%B %Y} by Bridge Housing."
    )
    assert not untried.place_changes.exists()


def test_close_round_stops_for_what_happened_since(
    rule, river, region_2, river_agency, river_specialist
):
    person = make_participant(river_agency, region_2, days=200)
    round = begin(river, river_specialist)
    case = round.cases.get()
    make_attempt(case, by=river_specialist)
    seen = seen_of(results(round, today_in(river.zone)))
    make_contact(person, days_ago=0)
    with pytest.raises(ValidationError):
        close_round(round, seen=seen, actor=river_specialist, now=timezone.now())
    assert ListPlace.objects.get().status == "active"


def test_attempt_add_records_once_and_never_by_another_agency(
    client, river, region_2, river_agency, river_provider, river_other_provider, river_specialist
):
    person = make_participant(river_agency, region_2, days=200)
    case = make_case(person, river_agency, by=river_specialist)
    url = reverse("participants:attempt_add", args=[case.pk])
    client.force_login(river_other_provider)
    assert client.get(url).status_code == 403
    page = client.get(case.round.get_absolute_url())
    assert page.context["rows"] == []
    client.force_login(river_provider)
    pk = str(client.get(url).context["form"]["pk"].initial)
    data = {"pk": pk, "how": "visit", "on": today_in(river.zone), "is_reached": "no"}
    partners = client.post(url, data | {"how": "partners", "is_reached": "yes"})
    assert list(partners.context["form"].errors) == ["is_reached"]
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    attempt = LastAttempt.objects.get()
    assert (attempt.how, attempt.is_reached, attempt.by) == ("visit", False, river_provider)
    assert not person.contacts.exists()


def test_round_page_hides_the_name_from_whom_no_release_covers(
    client, river, region_2, river_agency, river_provider, river_specialist
):
    person = make_participant(river_agency, region_2, days=200, name="Ana Sentinelle")
    case = make_case(person, river_agency, by=river_specialist)
    make_attempt(case, by=river_specialist, words="Sentinelle had moved")
    client.force_login(river_specialist)
    page = client.get(case.round.get_absolute_url()).content.decode()
    assert "Sentinelle" not in page
    assert f"{person.alias} had moved" in page
    client.force_login(river_provider)
    assert "Sentinelle had moved" in client.get(case.round.get_absolute_url()).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_round_page_asks_the_same_of_1_and_30(
    client,
    django_assert_num_queries,
    river,
    region_2,
    river_agency,
    river_specialist,
    number,
):
    for _ in range(number):
        case = make_case(
            make_participant(river_agency, region_2), river_agency, by=river_specialist
        )
        make_attempt(case, by=river_specialist)
    client.force_login(river_specialist)
    client.get(case.round.get_absolute_url())
    with django_assert_num_queries(ROUND_QUERIES):
        client.get(case.round.get_absolute_url())
    assert OutflowCase.objects.count() == number


ROUND_QUERIES = 22


def test_home_tells_the_agency_whom_to_look_for(
    client, rule, river, region_2, river_agency, river_provider, river_specialist
):
    make_case(make_participant(river_agency, region_2, days=80), river_agency, by=river_specialist)
    titles = {}
    for user in (river_provider, river_specialist):
        client.force_login(user)
        titles[user] = [task.title for task in client.get("/").context["tasks"]]
    assert "Look for 1 household once more" in titles[river_provider]
    assert "1 household will become inactive within 14 days" in titles[river_provider]
    assert "1 household will become inactive within 14 days" in titles[river_specialist]
    assert any(title.startswith("Outflow round of") for title in titles[river_specialist])


def test_attempt_add_keeps_no_words_about_a_victim_service_providers_household(
    client, region_2, river_vsp_agency, river_vsp_provider, river_specialist
):
    person = make_participant(river_vsp_agency, region_2, days=200)
    case = make_case(person, river_vsp_agency, by=river_specialist)
    url = reverse("participants:attempt_add", args=[case.pk])
    client.force_login(river_vsp_provider)
    assert "words" not in client.get(url).context["form"].fields
    with pytest.raises(ValidationError) as caught:
        record_attempt(
            case,
            how="visit",
            happened_on=today_in(person.continuum.zone),
            is_reached=False,
            words="412 Oak Street",
            actor=river_vsp_provider,
            now=timezone.now(),
        )
    assert list(caught.value.error_dict) == ["words"]
    assert not LastAttempt.objects.exists()
    client.force_login(river_specialist)
    assert client.get(url).status_code == 403
