"""Proposing, changing and settling a roster; nominations."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.models import ActionItem, Meeting, Review, RosterEntry
from conferencing.prep_lists.pages import effects_of_sending
from conferencing.roster import acts as roster
from conferencing.roster import nominations
from conferencing.roster.criteria import candidates
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from participants.models import ListPlace
from participants.services.participants import change_participant
from participants.tests.factories import make_participant, make_release
from regions.models import ReviewCriterion
from regions.tests.factories import make_criteria, today_in

Kind = ReviewCriterion.Kind
pytestmark = pytest.mark.django_db


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def opened(call, actor):
    roster.open_roster(call, actor=actor, now=timezone.now())
    return list(call.roster.order_by("position").select_related("participant"))


def aliases(call):
    return list(call.roster.order_by("position").values_list("participant__alias", flat=True))


def test_candidates_give_every_reason_in_words_in_the_regions_order(
    river, river_agency, river_other_agency, river_other_provider, region_2, call
):
    make_criteria(
        region_2,
        Kind.CARRIED_OVER,
        Kind.UNSHELTERED,
        Kind.LONGEST,
        Kind.YOUTH,
        Kind.VETERAN,
        Kind.MINORS,
        Kind.REFERRAL,
        Kind.SHELTER_NEED,
        Kind.PRIORITIZED,
        Kind.OVERDUE_STEP,
        Kind.NOT_REVIEWED,
        Kind.NOMINATED,
    )
    person = make_participant(
        river_agency,
        region_2,
        days=400,
        children=2,
        is_unsheltered=True,
        is_youth=True,
        is_veteran=True,
        needs_shelter=True,
        is_prioritized=True,
        referral_active_on=today_in() - timedelta(days=5),
    )
    held = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=20))
    Meeting.objects.filter(pk=held.pk).update(state=Meeting.State.CLOSED)
    Review.objects.create(meeting=held, participant=person, outcome=Review.Outcome.CARRIED_OVER)
    step = make_step(person, river_agency, due_in=-4, is_critical=True)
    nominations.nominate_participant(
        call, person, reason="Sick", actor=river_other_provider, now=timezone.now()
    )
    (found,) = candidates(call, on=today_in())

    def words(on):
        return f"{on:%b} {on.day}, {on.year}"

    assert [reason["words"] for reason in found.reasons] == [
        "Carried over: not reached last time",
        "Not in a place meant for habitation",
        "Longest on the list (400 days)",
        "Youth (under 25)",
        "Veteran",
        "Family with minors",
        f"Active referral since {words(person.referral_active_on)}",
        "Shelter or diversion need",
        "Being prioritized for housing",
        f"Step overdue since {words(step.due_on)} and critical step due {words(step.due_on)}",
        "Never reviewed",
        "Nominated by Cedar Outreach",
    ]


def test_candidates_meet_no_criterion_that_the_region_does_not_use(river_agency, region_2, call):
    make_criteria(region_2, Kind.VETERAN)
    make_participant(river_agency, region_2, is_unsheltered=True, is_youth=True)
    (found,) = candidates(call, on=today_in())
    assert (found.reasons, found.weight) == ([], 0)


def test_candidates_not_reviewed_counts_from_the_last_discussed_review(
    river, river_agency, region_2, call
):
    make_criteria(region_2, Kind.NOT_REVIEWED)
    long_ago = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=150))
    lately = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=40))
    old = make_participant(river_agency, region_2, days=300, alias="Old-1")
    fresh = make_participant(river_agency, region_2, days=300, alias="Fresh-1")
    make_participant(river_agency, region_2, days=20, alias="New-1")
    make_review(long_ago, old)
    make_review(long_ago, fresh)
    make_review(lately, fresh)
    met = {each.participant.alias for each in candidates(call, on=today_in()) if each.reasons}
    assert met == {"Old-1"}


def held_call(continuum, region=None, *, days_ago):
    at = timezone.now() - timedelta(days=days_ago)
    return make_meeting(continuum, region, starts_at=at, state=Meeting.State.CLOSED)


def carry_over(meeting, person):
    Review.objects.create(meeting=meeting, participant=person, outcome=Review.Outcome.CARRIED_OVER)


def reasons_of(call):
    return {
        each.participant.alias: [reason["words"] for reason in each.reasons]
        for each in candidates(call, on=today_in())
    }


def test_candidates_stay_carried_over_until_a_call_discusses_them(
    river, river_agency, region_2, call
):
    make_criteria(region_2, Kind.CARRIED_OVER)
    before = held_call(river, region_2, days_ago=90)
    regional = held_call(river, region_2, days_ago=60)
    coc_wide = held_call(river, days_ago=30)

    def household(alias):
        return make_participant(river_agency, region_2, alias=alias)

    once, passed_by, twice, caught_up = map(
        household, ("Once-1", "Passed-1", "Twice-1", "Caught-1")
    )
    carry_over(coc_wide, once)
    carry_over(before, passed_by)
    carry_over(regional, twice)
    carry_over(coc_wide, twice)
    carry_over(regional, caught_up)
    make_review(coc_wide, caught_up)
    again = household("Again-1")
    make_review(before, again)
    for meeting in (regional, coc_wide, held_call(river, region_2, days_ago=5)):
        carry_over(meeting, again)
    on = regional.on
    since = f"not reached since {on:%b} {on.day}, {on.year}"
    assert reasons_of(call) == {
        "Once-1": ["Carried over: not reached last time"],
        "Passed-1": ["Carried over: not reached last time"],
        "Twice-1": [f"Carried over twice: {since}"],
        "Caught-1": [],
        "Again-1": [f"Carried over 3 times: {since}"],
    }


def test_candidates_of_a_coc_wide_call_were_carried_over_at_regional_ones(
    river, river_agency, region_1, region_2
):
    for region in (region_1, region_2):
        make_criteria(region, Kind.CARRIED_OVER)
        person = make_participant(river_agency, region, alias=f"Of-{region.position}")
        carry_over(held_call(river, region, days_ago=20), person)
    words = ["Carried over: not reached last time"]
    assert reasons_of(make_meeting(river)) == {"Of-1": words, "Of-2": words}


def test_candidates_with_a_critical_step_give_its_reason_before_it_is_overdue(
    river_agency, region_2, call
):
    make_criteria(region_2, Kind.OVERDUE_STEP)
    critical = make_participant(river_agency, region_2, alias="Critical-1")
    step = make_step(critical, river_agency, due_in=7, is_critical=True)
    make_step(make_participant(river_agency, region_2, alias="Plain-1"), river_agency, due_in=7)
    on = step.due_on
    assert reasons_of(call) == {
        "Critical-1": [f"Critical step due {on:%b} {on.day}, {on.year}"],
        "Plain-1": [],
    }


def test_open_roster_proposes_up_to_the_calls_length_weightiest_first(
    river_agency, region_2, call, river_specialist
):
    make_criteria(region_2, Kind.UNSHELTERED, Kind.YOUTH)
    for number in range(13):
        make_participant(river_agency, region_2, alias=f"Youth-{number:02}", is_youth=True)
    make_participant(river_agency, region_2, alias="Both-1", is_youth=True, is_unsheltered=True)
    make_participant(river_agency, region_2, alias="Out-1", is_unsheltered=True)
    make_participant(river_agency, region_2, alias="Neither-1")
    entries = opened(call, river_specialist)
    assert len(entries) == 12
    assert [entry.participant.alias for entry in entries][:3] == ["Both-1", "Out-1", "Youth-00"]
    assert [entry.position for entry in entries] == list(range(1, 13))
    assert entries[0].reasons == [
        {"kind": "unsheltered", "words": "Not in a place meant for habitation"},
        {"kind": "youth", "words": "Youth (under 25)"},
    ]


def test_open_roster_proposes_nobody_without_an_active_place_or_of_another_region(
    river_agency, region_1, region_2, call, river_specialist
):
    make_criteria(region_2, Kind.UNSHELTERED)
    make_participant(river_agency, region_2, listed=False, is_unsheltered=True)
    housed = make_participant(river_agency, region_2, is_unsheltered=True)
    ListPlace.objects.filter(participant=housed).update(status=ListPlace.Status.HOUSED)
    make_participant(river_agency, region_1, is_unsheltered=True)
    assert opened(call, river_specialist) == []


def test_open_roster_of_a_coc_wide_call_takes_each_regions_criteria(
    river, river_agency, region_1, region_2, river_specialist
):
    make_criteria(region_1, Kind.VETERAN)
    make_criteria(region_2, Kind.YOUTH)
    call = make_meeting(river)
    make_participant(river_agency, region_1, alias="One-1", is_veteran=True)
    make_participant(river_agency, region_1, alias="One-2", is_youth=True)
    make_participant(river_agency, region_2, alias="Two-1", is_youth=True, days=50)
    assert {entry.participant.alias for entry in opened(call, river_specialist)} == {
        "One-1",
        "Two-1",
    }


def test_open_roster_twice_changes_nothing_and_does_not_fill_an_emptied_one(
    river_agency, region_2, call, river_specialist
):
    make_criteria(region_2, Kind.UNSHELTERED)
    make_participant(river_agency, region_2, is_unsheltered=True)
    (entry,) = opened(call, river_specialist)
    assert opened(call, river_specialist) == [entry]
    roster.remove_from_roster(entry, actor=river_specialist, now=timezone.now())
    assert opened(call, river_specialist) == []


def test_propose_again_keeps_what_people_added(river_agency, region_2, call, river_specialist):
    make_criteria(region_2, Kind.UNSHELTERED)
    first = make_participant(river_agency, region_2, alias="A-1", is_unsheltered=True)
    extra = make_participant(river_agency, region_2, alias="B-1")
    opened(call, river_specialist)
    roster.add_to_roster(
        call, extra, because="New baby", actor=river_specialist, now=timezone.now()
    )
    first.is_unsheltered = False
    first.save()
    make_participant(river_agency, region_2, alias="C-1", is_unsheltered=True)
    roster.propose_again(call, actor=river_specialist, now=timezone.now())
    assert aliases(call) == ["B-1", "C-1"]


def test_add_to_roster_refuses_twice_no_place_and_no_reason(
    river_agency, region_2, call, river_specialist
):
    person = make_participant(river_agency, region_2, alias="A-1")
    unlisted = make_participant(river_agency, region_2, alias="B-1", listed=False)
    now = timezone.now()
    with pytest.raises(ValidationError, match="Say why"):
        roster.add_to_roster(call, person, because=" ", actor=river_specialist, now=now)
    roster.add_to_roster(call, person, because="New baby", actor=river_specialist, now=now)
    with pytest.raises(ValidationError, match="on the roster already"):
        roster.add_to_roster(call, person, because="Again", actor=river_specialist, now=now)
    with pytest.raises(ValidationError, match="no active place"):
        roster.add_to_roster(call, unlisted, because="New", actor=river_specialist, now=now)
    assert aliases(call) == ["A-1"]


def test_move_on_roster_keeps_the_others_in_order(river_agency, region_2, call, river_specialist):
    for letter in "ABCD":
        person = make_participant(river_agency, region_2, alias=letter)
        roster.add_to_roster(call, person, because="x", actor=river_specialist, now=timezone.now())
    entries = {entry.participant.alias: entry for entry in call.roster.all()}
    roster.move_on_roster(entries["D"], to=2, actor=river_specialist, now=timezone.now())
    assert aliases(call) == ["A", "D", "B", "C"]
    roster.move_on_roster(entries["A"], to=99, actor=river_specialist, now=timezone.now())
    assert aliases(call) == ["D", "B", "C", "A"]


def test_settle_roster_closes_it_until_it_is_opened_again(
    river_agency, region_2, call, river_specialist
):
    person = make_participant(river_agency, region_2)
    now = timezone.now()
    first = roster.settle_roster(call, actor=river_specialist, now=now)
    again = roster.settle_roster(call, actor=river_specialist, now=now + timedelta(hours=1))
    assert again.roster_settled_at == first.roster_settled_at == now
    with pytest.raises(ValidationError, match="settled"):
        roster.add_to_roster(call, person, because="x", actor=river_specialist, now=now)
    roster.unsettle_roster(call, actor=river_specialist, now=now)
    roster.add_to_roster(call, person, because="x", actor=river_specialist, now=now)
    assert RosterEntry.objects.count() == 1


def test_lock_roster_refuses_cancelled_and_begun_calls(river, region_2, river_specialist):
    begun = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(minutes=5))
    with pytest.raises(ValidationError, match="has begun"):
        roster.settle_roster(begun, actor=river_specialist, now=timezone.now())
    canceled = make_meeting(
        river, region_2, state=Meeting.State.CANCELLED, cancellation_reason="Snow"
    )
    with pytest.raises(ValidationError, match="canceled"):
        roster.settle_roster(canceled, actor=river_specialist, now=timezone.now())


def test_nominate_participant_once_per_agency_and_again_after_taking_back(
    river_agency, region_2, call, river_provider, river_lead, river_other_provider
):
    person = make_participant(river_agency, region_2)
    now = timezone.now()
    first = nominations.nominate_participant(
        call, person, reason="Lost the car", actor=river_provider, now=now
    )
    with pytest.raises(ValidationError, match="already nominated"):
        nominations.nominate_participant(call, person, reason="x", actor=river_lead, now=now)
    other = nominations.nominate_participant(
        call, person, reason="Ill", actor=river_other_provider, now=now
    )
    assert set(nominations.not_on_the_roster(call)) == {first, other}
    nominations.withdraw_nomination(first, actor=river_lead, now=now)
    nominations.nominate_participant(call, person, reason="Again", actor=river_lead, now=now)
    first.refresh_from_db()
    assert (first.reason, first.withdrawn_at, first.by) == ("Again", None, river_lead)


# pages


def test_roster_detail_shows_names_by_release_and_every_reason(
    client, river_agency, river_other_agency, region_2, call, river_specialist
):
    make_criteria(region_2, Kind.UNSHELTERED, Kind.YOUTH)
    shown = make_participant(
        river_agency, region_2, name="Zoë <b>Ærø</b>", alias="A-1", is_unsheltered=True
    )
    make_release(shown)
    hidden = make_participant(
        river_agency, region_2, name="Hidden Name", alias="B-1", is_youth=True
    )
    make_release(hidden, agencies=[river_other_agency])
    opened(call, river_specialist)
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:roster_detail", args=[call.pk])).content.decode()
    assert "Zoë &lt;b&gt;Ærø&lt;/b&gt;" in page
    assert "Hidden Name" not in page
    assert "B-1" in page
    assert "Not in a place meant for habitation" in page


@pytest.mark.parametrize("count", [1, 30])
def test_roster_detail_asks_the_database_the_same_for_1_and_30(
    client, django_assert_num_queries, river, river_agency, region_2, call, river_specialist, count
):
    make_criteria(region_2, Kind.UNSHELTERED, Kind.LONGEST)
    region_2.minutes_per_household = 2
    region_2.save()
    held = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=20))
    for _ in range(count):
        person = make_participant(river_agency, region_2, is_unsheltered=True)
        make_release(person)
        make_step(person, river_agency, review=make_review(held, person, barriers=["No ID"]))
    opened(call, river_specialist)
    client.force_login(river_specialist)
    url = reverse("conferencing:roster_detail", args=[call.pk])
    client.get(url)
    with django_assert_num_queries(QUERIES_ROSTER):
        client.get(url)


QUERIES_ROSTER = 38


def test_roster_acts_by_stale_or_double_forms_change_nothing_twice(
    client, river_agency, region_2, call, river_specialist
):
    person = make_participant(river_agency, region_2, alias="A-1", is_unsheltered=True)
    make_criteria(region_2, Kind.UNSHELTERED)
    client.force_login(river_specialist)
    url = reverse("conferencing:roster_add", args=[call.pk])
    client.post(url, {"participant": person.pk})
    answer = client.post(url, {"participant": person.pk}, follow=True)
    assert "A-1 is on the roster already." in answer.content.decode()
    assert call.roster.count() == 1
    entry = call.roster.get()
    remove = reverse("conferencing:roster_remove", args=[call.pk, entry.pk])
    client.post(remove)
    assert client.post(remove).status_code == 404
    assert call.roster.count() == 0


def test_roster_acts_are_the_specialists(
    client,
    call,
    river_provider,
    river_lead,
    river_administrator,
    river_lapsed_provider,
    three_specialist,
    three_provider,
):
    url = reverse("conferencing:roster_detail", args=[call.pk])
    settle = reverse("conferencing:roster_settle", args=[call.pk])
    assert client.get(url).status_code == 302
    for user, status in [
        (river_provider, 403),
        (river_lead, 403),
        (river_administrator, 403),
        (river_lapsed_provider, 403),
        (three_specialist, 404),
        (three_provider, 404),
    ]:
        client.force_login(user)
        assert (client.get(url).status_code, client.post(settle).status_code) == (status, status)
    call.refresh_from_db()
    assert call.roster_settled_at is None


def test_roster_nominate_page_finds_by_name_only_what_is_released(
    client, river_agency, river_other_agency, region_2, call, river_other_provider
):
    hidden = make_participant(river_agency, region_2, name="Ana Hidden", alias="Heron-9")
    shown = make_participant(river_agency, region_2, name="Ana Shown", alias="Heron-8")
    make_release(hidden, agencies=[river_agency])
    make_release(shown)
    client.force_login(river_other_provider)
    url = reverse("conferencing:roster_nominate", args=[call.pk])
    page = client.post(url, {"q": "ana"}).content.decode()
    assert "Ana Shown" in page
    assert "Hidden" not in page
    assert "Heron-9" not in page
    # The name leads to the household, the button to the nomination, the focus to what is found.
    assert f'href="{shown.get_absolute_url()}"' in page
    assert f'name="participant" value="{shown.pk}"' in page
    assert 'action="#found"' in page
    assert '<h2 id="found">1 household found</h2>' in page
    assert "Nobody found" in client.post(url, {"q": "zzz"}).content.decode()
    assert "Ana Shown" in client.get(url, {"participant": shown.pk}).content.decode()
    client.post(url, {"participant": shown.pk, "reason": "Lost the car"})
    assert call.nominations.get().agency == river_other_agency


def test_roster_pages_keep_an_unreleased_name_out_of_what_agencies_wrote(
    client, call, river_agency, region_2, river_other_provider, river_specialist
):
    person = make_participant(river_agency, region_2, name="Mina Secretname", alias="Heron-1")
    nominations.nominate_participant(
        call, person, reason="Secretname is ill", actor=river_other_provider, now=timezone.now()
    )
    # Who wrote it knows what they wrote: another answer would tell whose alias it is.
    for reader, name, shown, hidden in [
        (river_specialist, "roster_detail", "Heron-1 is ill", "Secretname"),
        (river_other_provider, "roster_nominate", "Secretname is ill", "Heron-1 is ill"),
    ]:
        client.force_login(reader)
        page = client.get(reverse(f"conferencing:{name}", args=[call.pk])).content.decode()
        assert hidden not in page
        assert shown in page


def test_roster_nominate_of_a_key_that_is_none_shows_the_search(
    client, call, river_agency, river_lead
):
    client.force_login(river_lead)
    url = reverse("conferencing:roster_nominate", args=[call.pk])
    page = client.get(url, {"participant": "x" * 36})
    assert (page.status_code, page.context["chosen"]) == (200, None)


def test_add_to_roster_that_nobody_opened_begins_it_and_the_clock_does_not_fill_it(
    river_agency, region_2, call, river_specialist
):
    make_criteria(region_2, Kind.UNSHELTERED)
    make_participant(river_agency, region_2, alias="B-2", is_unsheltered=True)
    person = make_participant(river_agency, region_2, alias="A-1", is_unsheltered=True)
    roster.add_to_roster(call, person, because="", actor=river_specialist, now=timezone.now())
    opened(call, river_specialist)
    assert aliases(call) == ["A-1"]


def test_effects_of_sending_count_what_would_be_proposed(river_agency, region_2, call):
    make_criteria(region_2, Kind.UNSHELTERED)
    make_participant(river_agency, region_2, is_unsheltered=True)
    make_participant(river_agency, region_2, is_unsheltered=True)
    effects = effects_of_sending(call, now=timezone.now())
    assert effects[0] == (
        "Nobody opened the roster yet: what the criteria propose is frozen (2 households)."
    )


def test_candidates_put_whoever_was_carried_over_before_those_who_meet_more(
    river, river_agency, region_2, call
):
    make_criteria(region_2, Kind.UNSHELTERED, Kind.YOUTH, Kind.VETERAN, Kind.CARRIED_OVER)
    former = make_meeting(
        river, region_2, starts_at=call.starts_at - timedelta(days=28), state="closed"
    )
    promised = make_participant(river_agency, region_2, alias="Heron-8")
    Review.objects.create(meeting=former, participant=promised, outcome="carried_over")
    needs = {"is_unsheltered": True, "is_youth": True, "is_veteran": True}
    make_participant(river_agency, region_2, alias="Heron-9", days=900, **needs)
    found = candidates(call, on=today_in())
    assert [each.participant.alias for each in found] == ["Heron-8", "Heron-9"]


def test_a_household_that_moved_to_another_region_is_marked_until_the_call_is_over(
    river, river_agency, river_provider, river_specialist, region_1, region_2, call, client
):
    def told():
        lines = client.get(address).context["lines"]
        return [(line.participant.alias, [each.told for each in line.whys]) for line in lines]

    stays, goes = (make_participant(river_agency, region_2) for _ in range(2))
    make_roster(call, stays, goes)
    step = make_step(goes, river_agency)
    address = reverse("conferencing:roster_detail", args=[call.pk])
    client.force_login(river_specialist)
    before = told()
    values = {"region": region_1, "county": None}
    change_participant(
        goes, changed_at=goes.changed_at, actor=river_specialist, now=timezone.now(), **values
    )
    words = (
        f"Now in {region_1}. Its open steps and their updates moved with it. This roster, its "
        f"nominations and what agencies prepared did not: move it to the next call of {region_1}."
    )
    assert told() == [before[0], (goes.alias, [words, *before[1][1]])]
    theirs = ActionItem.objects.visible_to(river_provider, today_in(river.zone)).open()
    assert list(theirs) == [step]
    wide = make_meeting(river)
    make_roster(wide, goes)
    address = reverse("conferencing:roster_detail", args=[wide.pk])
    assert all(words not in whys for _, whys in told())
    address = reverse("conferencing:roster_detail", args=[call.pk])
    Meeting.objects.filter(pk=call.pk).update(state=Meeting.State.CLOSED)
    assert told() == before


def test_whoever_moved_is_not_told_off_a_roster_that_they_are_not_on(
    river_agency, river_provider, river_specialist, region_1, region_2, call, client
):
    goes = make_participant(river_agency, region_2)
    nominations.nominate_participant(
        call, goes, reason="Ill", actor=river_provider, now=timezone.now()
    )
    values = {"region": region_1, "county": None}
    change_participant(
        goes, changed_at=goes.changed_at, actor=river_specialist, now=timezone.now(), **values
    )
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:roster_detail", args=[call.pk]))
    (line,) = page.context["nominated"]
    assert [each.short for each in line.whys] == ["Nominated"]
