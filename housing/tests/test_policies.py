"""The prioritization policy: its order, its draw, its versions, and who stands where for what."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from housing import policies
from housing.criteria import CRITERIA, Standing
from housing.models import AssessmentScore, PrioritizationPolicy
from housing.ordering import moved, ordered, standings_of
from housing.policy_pages import opening_order
from participants.models import Participant
from participants.tests.factories import make_participant
from regions.tests.factories import today_in

from .factories import make_answers, make_opening, make_policy, make_program

standings = st.builds(
    Standing,
    key=st.uuids(),
    days=st.none() | st.integers(0, 3),
    is_chronic=st.none() | st.booleans(),
    is_unsheltered=st.none() | st.booleans(),
    score=st.none() | st.integers(0, 2),
    assessed_on=st.none() | st.sampled_from([date(2026, 1, 1), date(2026, 2, 1)]),
    won_appeal=st.booleans(),
)
lists = st.lists(standings, max_size=12, unique_by=lambda of: of.key)
orders = st.lists(st.sampled_from(sorted(CRITERIA)), min_size=1, max_size=4, unique=True)


def policy(criteria, ties=(), seed="5eed"):
    return PrioritizationPolicy(criteria=list(criteria), tie_breaks=list(ties), seed=seed)


@given(lists, orders, st.randoms(use_true_random=False))
def test_the_order_is_whole_the_same_whoever_asks_and_says_why(found, criteria, random):
    one = policy(criteria)
    places = ordered(one, found)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert ordered(one, shuffled) == places
    assert [each.number for each in places] == list(range(1, len(found) + 1))
    assert {each.standing.key for each in places} == {each.key for each in found}
    assert all(each.by or each.is_drawn for each in places[1:])
    assert all(len(each.said) == len(criteria) for each in places)


@given(lists, orders, st.data())
def test_what_is_not_known_never_helps(found, criteria, data):
    """A household of which something is forgotten stands where it stood, or further back."""
    if not found:
        return
    of = data.draw(st.sampled_from(found))
    name = {"won_appeal": "is_chronic", "assessed": "assessed_on"}.get(criteria[0], criteria[0])
    less = replace(of, **{name: None})
    one = policy([criteria[0]] if criteria[0] != "won_appeal" else ["is_chronic"])
    rest = [each for each in found if each.key != of.key]
    before = {each.standing.key: each.number for each in ordered(one, [*rest, of])}
    after = {each.standing.key: each.number for each in ordered(one, [*rest, less])}
    assert after[of.key] >= before[of.key]


@given(lists, orders)
def test_a_version_moves_nobody_against_itself(found, criteria):
    assert moved(policy(criteria), policy(criteria), found) == []


def test_the_draw_can_be_repeated_and_another_seed_draws_otherwise():
    found = [Standing(key=UUID(int=number)) for number in range(40)]
    one = [each.standing.key for each in ordered(policy(["days"]), found)]
    assert one == [each.standing.key for each in ordered(policy(["days"]), found[::-1])]
    assert one != [each.standing.key for each in ordered(policy(["days"], seed="other"), found)]


def test_no_criterion_is_about_a_protected_class():
    words = " ".join(f"{each.key} {each.label}" for each in CRITERIA.values()).lower()
    never = "race ethnic religio national origin color sex gender age youth child famil veteran"
    for each in never.split():
        assert each not in words.replace("longest", "")
    assert not set(CRITERIA) & {"race", "ethnicity", "sex", "disability"}


@pytest.fixture
def actor(river_specialist):
    return river_specialist


def now():
    return timezone.now()


@pytest.mark.django_db
def test_a_version_is_drafted_changed_approved_and_never_changes_again(river, actor):
    draft = policies.draft_policy(river, actor=actor, now=now())
    assert policies.draft_policy(river, actor=actor, now=now()) == draft
    with pytest.raises(ValidationError, match="Write the policy"):
        approve(draft, actor)
    policies.change_policy(
        draft,
        changed_at=draft.changed_at,
        words="Longest first.",
        criteria=["days"],
        tie_breaks=[],
        actor=actor,
        now=now(),
    )
    approve(draft, actor)
    draft.refresh_from_db()
    assert PrioritizationPolicy.objects.in_force(river, today_in()) == draft
    for act in (
        lambda: approve(draft, actor),
        lambda: policies.discard_policy(draft, actor=actor, now=now()),
    ):
        with pytest.raises(ValidationError, match="stays as it is"):
            act()
    with pytest.raises(DatabaseError), transaction.atomic():
        PrioritizationPolicy.objects.update(words="Shortest first.")
    second = policies.draft_policy(river, actor=actor, now=now())
    assert (second.version, second.criteria) == (2, ["days"])


def approve(draft, actor):
    policies.approve_policy(
        draft,
        approved_by="CoC Board",
        approved_on=today_in(),
        valid_from=today_in(),
        actor=actor,
        now=now(),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("criteria", "ties", "words"),
    [([], [], "at least one"), (["days", "days"], [], "once"), (["days"], ["days"], "once")],
)
def test_an_order_that_is_none_is_refused(river, actor, criteria, ties, words):
    draft = policies.draft_policy(river, actor=actor, now=now())
    with pytest.raises(ValidationError, match=words):
        policies.change_policy(
            draft,
            changed_at=draft.changed_at,
            words="So.",
            criteria=criteria,
            tie_breaks=ties,
            actor=actor,
            now=now(),
        )


@pytest.mark.django_db
def test_a_version_counts_from_its_day(river, actor):
    old = make_policy(river, actor, days_ago=60)
    new = make_policy(river, actor, days_ago=10)
    on = today_in()
    found = PrioritizationPolicy.objects
    assert found.in_force(river, on) == new
    assert found.in_force(river, on - timedelta(days=20)) == old
    assert found.in_force(river, on - timedelta(days=90)) is None


@pytest.mark.django_db
def test_the_newest_score_counts_and_no_score_of_a_confidential_household_is_kept(
    river_agency, river_vsp_agency, region_2, actor
):
    person = make_participant(river_agency, region_2)
    on = today_in()
    for score, days in ((7, 30), (9, 3)):
        AssessmentScore.objects.create(
            participant=person,
            tool="VAT",
            score=score,
            on=on - timedelta(days=days),
            recorded_at=now(),
        )
    people = Participant.objects.filter(pk=person.pk).select_related("place")
    assert standings_of(people, on)[0].score == 9
    assert standings_of(people, on - timedelta(days=10))[0].score == 7
    confidential = make_participant(river_vsp_agency, region_2)
    with pytest.raises(DatabaseError), transaction.atomic():
        AssessmentScore.objects.create(
            participant=confidential, tool="VAT", score=9, on=on, recorded_at=now()
        )


@pytest.mark.django_db
def test_an_opening_shows_who_stands_first_who_fits_and_who_was_passed_over(
    client, river, river_agency, river_provider, river_specialist, region_2
):
    make_policy(river, river_specialist, criteria=["days"])
    first = make_participant(river_agency, region_2, days=300, name="Ana Example")
    second = make_participant(river_agency, region_2, days=200)
    third = make_participant(river_agency, region_2, days=100)
    Participant.objects.update(adults=1, children=0)
    make_answers(first, pets="pets")
    make_answers(third, pets="none")
    program = make_program(
        river_agency, counties=[region_2.counties.first()], rules=[("pets", "required", True)]
    )
    opening = make_opening(program, river_provider)
    found = opening_order(opening, river_provider, now=now())
    assert [(row.participant, row.place.number, row.match.answer) for row in found["rows"]] == [
        (first, 1, "does_not"),
        (second, 2, "not_known"),
        (third, 3, "fits"),
    ]
    client.force_login(river_provider)
    page = client.get(reverse("housing:opening_households", args=[opening.pk])).content.decode()
    for words in ("version 1", "300 days on the list", "has pets", "Whether there are pets"):
        assert words in page


@pytest.mark.django_db
def test_numbers_are_of_the_whole_list_and_nobody_hidden_is_shown(
    river, river_agency, river_provider, river_specialist, river_other_agency, region_1, region_2
):
    """A household of a region that the viewer takes no part in counts, and stays unseen."""
    make_policy(river, river_specialist, criteria=["days"])
    hidden = make_participant(river_other_agency, region_1, days=900)
    seen = make_participant(river_agency, region_2, days=10)
    program = make_program(river_agency, counties=[region_2.counties.first()])
    opening = make_opening(program, river_provider)
    rows = opening_order(opening, river_provider, now=now())["rows"]
    by_key = {row.participant.pk: row.place.number for row in rows}
    if hidden.pk not in by_key:
        assert by_key == {seen.pk: 2}
    every = opening_order(opening, river_specialist, now=now())["rows"]
    assert [row.participant.pk for row in every] == [hidden.pk, seen.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_the_order_asks_the_database_the_same(
    django_assert_num_queries,
    river,
    river_agency,
    river_provider,
    river_specialist,
    region_2,
    count,
):
    make_policy(river, river_specialist)
    for _n in range(count):
        make_participant(river_agency, region_2)
    program = make_program(river_agency, counties=[region_2.counties.first()])
    opening = make_opening(program, river_provider)
    with django_assert_num_queries(QUERIES):
        opening_order(opening, river_specialist, now=now())


QUERIES = 21


@pytest.mark.django_db
def test_a_policy_is_written_on_its_pages(client, river, river_specialist):
    client.force_login(river_specialist)
    page = client.post(reverse("housing:policy_draft"), follow=True)
    draft = PrioritizationPolicy.objects.get()
    form = page.context["form"]
    data = {
        "changed_at": form["changed_at"].value(),
        "words": "Chronic first.",
        "criteria_1": "is_chronic",
        "criteria_2": "days",
        "tie_breaks_1": "assessed",
    }
    client.post(reverse("housing:policy_edit", args=[draft.pk]), data)
    draft.refresh_from_db()
    assert (draft.criteria, draft.tie_breaks) == (["is_chronic", "days"], ["assessed"])
    day = f"{today_in():%Y-%m-%d}"
    approval = {"approved_by": "CoC Board", "approved_on": day, "valid_from": day}
    client.post(reverse("housing:policy_approve", args=[draft.pk]), approval)
    listed = client.get(reverse("housing:policy_list")).content.decode()
    assert "In force" in listed


@pytest.mark.django_db
def test_a_score_is_told_only_to_whom_the_record_is_told(
    river, river_agency, river_provider, river_other_provider, river_specialist, region_2
):
    make_policy(river, river_specialist, criteria=["score", "days"])
    person = make_participant(river_agency, region_2)
    AssessmentScore.objects.create(
        participant=person, tool="VAT", score=13, on=today_in(), recorded_at=now()
    )
    program = make_program(river_agency, counties=[region_2.counties.first()])
    opening = make_opening(program, river_provider)
    told = {
        viewer: opening_order(opening, viewer, now=now())["rows"][0].said[0]
        for viewer in (river_provider, river_other_provider, river_specialist)
    }
    assert told == {
        river_provider: "score 13",
        river_other_provider: "by highest assessment score",
        river_specialist: "score 13",
    }
