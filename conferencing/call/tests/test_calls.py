"""The call as it is held: begun, taken up, done, left for the next one, closed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.call import acts as calls
from conferencing.call.closing import close_call
from conferencing.models import (
    ActionItem,
    Attendance,
    Call,
    Meeting,
    Minutes,
    Review,
    RosterEntry,
    SystemicBarrier,
)
from conferencing.prep_lists.acts import freeze_list
from conferencing.roster.acts import open_roster, remove_from_roster, settle_roster
from conferencing.roster.criteria import candidates
from conferencing.rotation.roles import change_role
from conferencing.schedule.acts import cancel_meeting, move_meeting
from conferencing.schedule.years import plan_year
from conferencing.tests.factories import make_meeting, make_roster, make_step, review_of
from outbox.models import Message
from participants.models import LivingSituation, Participant
from participants.tests.factories import make_participant
from regions.tests.factories import make_criteria, make_rule, today_in

pytestmark = pytest.mark.django_db


def refused(act, *args, **kwargs):
    """What the service says against it."""
    with pytest.raises(ValidationError) as error:
        act(*args, **kwargs)
    return error.value.messages


def outcomes(meeting):
    return dict(meeting.reviews.values_list("participant__alias", "outcome"))


def version_of(meeting):
    return Call.objects.get(meeting=meeting).version


def give_step(review, user, what="Call the landlord"):
    place = StaffMember.objects.get(user=user)
    return make_step(review.participant, place.agency, person=place, review=review, what=what)


def finish(review, user, now=None):
    give_step(review, user)
    return calls.discuss(review, actor=user, now=now or timezone.now())


# Begun


def test_begin_call_expects_everybody_and_makes_a_review_per_household(
    meeting,
    ana,
    former_review,
    river_provider,
    river_other_provider,
    river_specialist,
    river_lapsed_provider,
    river_unsigned_provider,
    river_administrator,
    three_provider,
):
    now = timezone.now()
    held_call = calls.begin_call(meeting, actor=river_other_provider, now=now)
    assert (held_call.began_at, held_call.began_by, held_call.is_open, held_call.on_table) == (
        now,
        river_other_provider,
        True,
        None,
    )
    found = Attendance.objects.filter(meeting=meeting).values_list(
        "user__name", "agency__name", "kind", "is_present"
    )
    assert sorted(found) == [
        ("Lou Lapsed", "Lapsed Shelter", "expected", False),
        ("Oli Other", "Cedar Outreach", "expected", False),
        ("Pat Provider", "Bridge Housing", "expected", False),
        ("Sam Specialist", None, "expected", False),
        ("Una Unsigned", "Bridge Housing", "expected", False),
    ]
    assert [each.participant.alias for each in calls.agenda(meeting)] == [
        "Heron-1",
        "Heron-2",
        "Wren-3",
    ]
    carried = (
        "location",
        "location_words",
        "preferences",
        "barriers",
        "systemic",
        "safety",
        "target_kind",
        "target_on",
        "target_words",
    )
    review = review_of(meeting, ana)
    assert {name: getattr(review, name) for name in carried} == {
        name: getattr(former_review, name) for name in carried
    }
    assert (review.notes, review.revision, review.saved_by, review.outcome) == ("", 0, None, "open")
    marks = ("location_changed", "preferences_changed", "barriers_changed", "safety_changed")
    assert {getattr(review, name) for name in marks} == {"not_recorded"}


def test_begin_call_leaves_a_household_without_a_review_blank(held_call, ben):
    review = review_of(held_call.meeting, ben)
    assert (review.location, review.preferences, review.barriers, review.target_on) == (
        "",
        "",
        [],
        None,
    )


def test_begin_call_expects_whoever_has_a_role_though_they_follow_no_region(
    river, region_2, ana, river_other_provider
):
    place = make_staff(make_agency_in_standing(river, name="Aster"), name="Ria Role")
    meeting = make_meeting(river, region_2, starts_at=timezone.now())
    make_roster(meeting, ana)
    now = timezone.now()
    change_role(meeting, "facilitator", agency=place.agency, person=place, actor=None, now=now)
    calls.begin_call(meeting, actor=place.user, now=now)
    found = Attendance.objects.filter(meeting=meeting).values_list("user__name", "agency__name")
    assert sorted(found) == [("Oli Other", "Cedar Outreach"), ("Ria Role", "Aster")]


def test_begin_call_carries_who_navigates_now_not_at_the_last_review(
    meeting, ana, former_review, river_provider, river_other_provider
):
    before, after = (
        StaffMember.objects.get(user=user) for user in (river_provider, river_other_provider)
    )
    Review.objects.filter(pk=former_review.pk).update(navigator=before)
    Participant.objects.filter(pk=ana.pk).update(navigator=after)
    calls.begin_call(meeting, actor=river_provider, now=timezone.now())
    assert review_of(meeting, ana).navigator == after


def test_begin_call_carries_no_navigator_who_has_left(meeting, ana, river_agency, river_provider):
    gone = make_staff(river_agency, name="Gus Gone", ended_on=today_in("America/Chicago"))
    Participant.objects.filter(pk=ana.pk).update(navigator=gone)
    calls.begin_call(meeting, actor=river_provider, now=timezone.now())
    assert review_of(meeting, ana).navigator is None


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(minutes=30), None),
        (
            timedelta(minutes=30, seconds=1),
            "You can begin the call 30 minutes early, not sooner.",
        ),
    ],
)
def test_begin_call_is_open_half_an_hour_before(meeting, river_provider, before, words):
    now = meeting.starts_at - before
    if words:
        assert refused(calls.begin_call, meeting, actor=river_provider, now=now) == [words]
    else:
        assert calls.begin_call(meeting, actor=river_provider, now=now).began_at == now
    assert (Call.objects.exists(), Attendance.objects.exists()) == (not words, not words)


def test_begin_call_twice_is_the_same_call(held_call, river_provider):
    before = Attendance.objects.count()
    again = calls.begin_call(held_call.meeting, actor=river_provider, now=timezone.now())
    assert (again.pk, again.began_by, again.began_at) == (
        held_call.pk,
        held_call.began_by,
        held_call.began_at,
    )
    assert (Attendance.objects.count(), held_call.meeting.reviews.count()) == (before, 3)
    assert AuditEntry.objects.filter(action="call.begun").count() == 1


def test_begin_call_refuses_a_cancelled_one(meeting, river_specialist):
    cancel_meeting(meeting, reason="Snow", actor=river_specialist, now=timezone.now())
    words = refused(calls.begin_call, meeting, actor=river_specialist, now=meeting.starts_at)
    assert words == ["The call is canceled."]
    assert not Call.objects.exists()
    assert meeting.reviews.count() == 0


@pytest.mark.parametrize("late", [timedelta(minutes=-5), timedelta(minutes=5)])
def test_begin_call_proposes_a_roster_that_nobody_opened_also_late(
    river, region_2, ana, river_provider, late
):
    make_criteria(region_2, "longest")
    meeting = make_meeting(river, region_2, starts_at=timezone.now())
    calls.begin_call(meeting, actor=river_provider, now=meeting.starts_at + late)
    assert outcomes(meeting) == {"Heron-1": "open"}
    assert list(meeting.roster.values_list("participant__alias", "source")) == [
        ("Heron-1", "proposed")
    ]


def test_begin_call_does_not_fill_a_roster_that_was_emptied(river, region_2, ana, river_specialist):
    make_criteria(region_2, "longest")
    meeting = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=9))
    (entry,) = open_roster(meeting, actor=river_specialist, now=timezone.now())
    remove_from_roster(entry, actor=river_specialist, now=timezone.now())
    calls.begin_call(meeting, actor=river_specialist, now=timezone.now())
    assert outcomes(meeting) == {}


def test_a_call_that_was_begun_early_is_no_longer_moved_cancelled_or_sent(
    held_call, river, region_2, ana, river_specialist
):
    meeting, now = held_call.meeting, timezone.now()
    later = {"starts_at": now + timedelta(days=3), "minutes": 60}
    act = {"actor": river_specialist, "now": now}
    assert meeting.starts_at > now
    assert refused(move_meeting, meeting, **later, **act) == [
        "This call has begun; it can no longer be moved."
    ]
    assert refused(cancel_meeting, meeting, reason="Snow", **act) == [
        "This call has begun; it can no longer be canceled. Carry over what is open, and close it."
    ]
    assert refused(freeze_list, meeting, **act) == [
        "The call has begun; a list is never sent after that."
    ]
    on_page = ["The call has begun; its roster is changed on the call's page."]
    assert refused(remove_from_roster, meeting.roster.first(), **act) == on_page
    assert refused(settle_roster, meeting, **act) == on_page
    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence, meeting.roster.count()) == ("planned", 0, 3)
    assert not meeting.prep_lists.exists()


def test_plan_year_leaves_a_call_that_was_begun_early(river, region_2, river_specialist):
    make_rule(river, region_2)
    now = timezone.now().replace(month=1, day=2, hour=12)
    plan_year(river, now.year, actor=river_specialist, now=now)
    meeting = Meeting.objects.order_by("starts_at").first()
    begun = meeting.starts_at - timedelta(minutes=9)
    calls.begin_call(meeting, actor=river_specialist, now=begun)
    river.calling_rules.update(week=3)
    plan_year(river, now.year, actor=river_specialist, now=begun)
    starts_at = meeting.starts_at
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.state) == (starts_at, "planned")
    river.calling_rules.all().delete()
    plan_year(river, now.year, actor=river_specialist, now=begun)
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.state) == (starts_at, "planned")


# On the table


def test_put_on_table_counts_the_seconds_of_each_household(held_call, ana, ben, river_provider):
    meeting, at = held_call.meeting, timezone.now()
    first, second = review_of(meeting, ana), review_of(meeting, ben)
    spells = [(first, 0), (second, 100), (second, 130), (first, 150), (None, 155)]
    for review, seconds in spells:
        calls.put_on_table(
            meeting, review, actor=river_provider, now=at + timedelta(seconds=seconds)
        )
    found = dict(meeting.reviews.values_list("participant__alias", "seconds_used"))
    assert found == {"Heron-1": 105, "Heron-2": 50, "Wren-3": 0}
    held_call.refresh_from_db()
    assert (held_call.on_table, held_call.on_table_at) == (None, None)


def test_put_on_table_of_what_lies_there_neither_restarts_its_clock_nor_tells_anybody(
    review, river_provider
):
    held_call = Call.objects.get(meeting=review.meeting)
    calls.put_on_table(
        held_call.meeting,
        review,
        actor=river_provider,
        now=held_call.on_table_at + timedelta(seconds=60),
    )
    again = Call.objects.get(meeting=review.meeting)
    assert (again.on_table_at, again.version) == (held_call.on_table_at, held_call.version)


def test_put_on_table_takes_up_what_was_carried_over(held_call, ana, river_provider):
    review, now = review_of(held_call.meeting, ana), timezone.now()
    calls.carry_over(review, actor=river_provider, now=now)
    calls.put_on_table(held_call.meeting, review, actor=river_provider, now=now)
    assert outcomes(held_call.meeting) == {"Heron-1": "open", "Heron-2": "open", "Wren-3": "open"}


def test_put_on_table_leaves_what_was_discussed_discussed(review, river_provider):
    stale = Review.objects.get(pk=review.pk)
    finish(review, river_provider)
    calls.put_on_table(review.meeting, None, actor=river_provider, now=timezone.now())
    stale.outcome = "carried_over"
    calls.put_on_table(review.meeting, stale, actor=river_provider, now=timezone.now())
    assert outcomes(review.meeting)["Heron-1"] == "discussed"


def test_put_on_table_refuses_a_household_of_another_call(held_call, former_review, river_provider):
    words = refused(
        calls.put_on_table,
        held_call.meeting,
        former_review,
        actor=river_provider,
        now=timezone.now(),
    )
    assert words == ["This household is not on the roster of this call."]
    held_call.refresh_from_db()
    assert held_call.on_table is None


def test_neighbour_skips_what_is_done_and_comes_round(held_call, ana, ben, wren, river_provider):
    meeting, now = held_call.meeting, timezone.now()

    def go(step):
        held_call.refresh_from_db()
        return calls.neighbour(meeting, held_call, step, now=timezone.now()).participant.alias

    def take_up(person):
        calls.put_on_table(meeting, review_of(meeting, person), actor=river_provider, now=now)

    assert go(1) == "Heron-1"
    assert refused(go, -1) == ["No household is being discussed. Start the next one."]
    take_up(ana)
    assert go(1) == "Heron-2"
    assert refused(go, -1) == ["This is the first household."]
    finish(review_of(meeting, ben), river_provider)
    assert go(1) == "Wren-3"
    take_up(wren)
    assert go(-1) == "Heron-2"
    assert go(1) == "Heron-1"
    calls.carry_over(review_of(meeting, ana), actor=river_provider, now=now)
    assert refused(go, 1) == ["No household waits any more."]


@pytest.mark.parametrize(
    ("moves", "order"),
    [
        (["Heron-2 -1"], ["Heron-2", "Heron-1", "Wren-3"]),
        (["Heron-1 1", "Heron-1 1"], ["Heron-2", "Wren-3", "Heron-1"]),
        (["Heron-1 -1"], ["Heron-1", "Heron-2", "Wren-3"]),
        (["Wren-3 1"], ["Heron-1", "Heron-2", "Wren-3"]),
    ],
)
def test_move_on_agenda_changes_places_with_its_neighbour(held_call, river_provider, moves, order):
    for move in moves:
        alias, by = move.split()
        review = held_call.meeting.reviews.get(participant__alias=alias)
        calls.move_on_agenda(
            held_call.meeting, review, by=int(by), actor=river_provider, now=timezone.now()
        )
    assert [each.participant.alias for each in calls.agenda(held_call.meeting)] == order
    assert list(
        held_call.meeting.roster.order_by("position").values_list("position", flat=True)
    ) == [
        1,
        2,
        3,
    ]


# Done, or left


def test_discuss_asks_for_a_step_with_its_person_or_the_reason_for_none(
    review, river_provider, river_agency
):
    now = timezone.now()
    words = ["Assign a step with a follow-up person, or say why no step is needed."]
    assert refused(calls.discuss, review, actor=river_provider, now=now) == words
    make_step(review.participant, river_agency, review=review)
    assert refused(calls.discuss, review, actor=river_provider, now=now) == words
    make_step(review.participant, river_agency, person=StaffMember.objects.get(user=river_provider))
    assert refused(calls.discuss, review, actor=river_provider, now=now) == words
    review.no_step_reason = "  "
    review.save()
    assert refused(calls.discuss, review, actor=river_provider, now=now) == words
    assert outcomes(review.meeting)["Heron-1"] == "open"
    review.no_step_reason = "Moved in last week"
    review.save()
    done = calls.discuss(review, actor=river_provider, now=now)
    assert (done.outcome, done.discussed_at) == ("discussed", now)


def test_discuss_asks_why_an_exception_is_made(review, river_provider):
    give_step(review, river_provider)
    Review.objects.filter(pk=review.pk).update(is_exception=True)
    words = refused(calls.discuss, review, actor=river_provider, now=timezone.now())
    assert words == ["Say why a priority exception is made."]


def test_discuss_twice_keeps_its_time_and_tells_once(review, river_provider):
    first = finish(review, river_provider)
    version = version_of(review.meeting)
    again = calls.discuss(
        review, actor=river_provider, now=first.discussed_at + timedelta(minutes=1)
    )
    assert (again.discussed_at, version_of(review.meeting)) == (first.discussed_at, version)


def test_reopen_takes_it_up_again(review, river_provider):
    finish(review, river_provider)
    calls.reopen(review, actor=river_provider, now=timezone.now())
    review.refresh_from_db()
    assert (review.outcome, review.discussed_at) == ("open", None)


def test_carry_over_takes_it_off_the_table_with_its_time(review, river_provider):
    held_call = Call.objects.get(meeting=review.meeting)
    calls.carry_over(
        review, actor=river_provider, now=held_call.on_table_at + timedelta(seconds=42)
    )
    held_call.refresh_from_db()
    review.refresh_from_db()
    assert (review.outcome, review.seconds_used, held_call.on_table) == ("carried_over", 42, None)


def test_carry_over_of_another_leaves_the_table(review, ben, river_provider):
    calls.carry_over(review_of(review.meeting, ben), actor=river_provider, now=timezone.now())
    assert Call.objects.get(meeting=review.meeting).on_table == review
    assert outcomes(review.meeting)["Heron-2"] == "carried_over"


def test_carry_over_refuses_what_was_discussed(review, river_provider):
    finish(review, river_provider)
    words = refused(calls.carry_over, review, actor=river_provider, now=timezone.now())
    assert words == ["This household was discussed. Open it again to carry it over."]
    assert outcomes(review.meeting)["Heron-1"] == "discussed"
    assert Call.objects.get(meeting=review.meeting).on_table == review


# Raised


def test_raise_participant_puts_it_at_the_end_with_why(
    held_call, river_agency, region_2, river_provider
):
    person = make_participant(river_agency, region_2, alias="Heron-9")
    review = calls.raise_participant(
        held_call.meeting,
        person,
        because=" Evicted today ",
        actor=river_provider,
        now=timezone.now(),
    )
    entry = RosterEntry.objects.get(meeting=held_call.meeting, participant=person)
    assert (entry.position, entry.source, entry.added_because, entry.added_by) == (
        4,
        "raised",
        "Evicted today",
        river_provider,
    )
    assert [each.pk for each in calls.agenda(held_call.meeting)][-1] == review.pk
    assert AuditEntry.objects.filter(action="call.household_raised").count() == 1


def test_raise_participant_that_is_on_the_agenda_is_that_review(held_call, ana, river_provider):
    version = version_of(held_call.meeting)
    found = calls.raise_participant(
        held_call.meeting, ana, because="", actor=river_provider, now=timezone.now()
    )
    assert found == review_of(held_call.meeting, ana)
    assert (held_call.meeting.roster.count(), version_of(held_call.meeting)) == (3, version)


@pytest.mark.parametrize("where", ["other region", "this region"])
def test_raise_participant_refuses_one_off_the_list(
    held_call, river_agency, region_1, region_2, river_provider, where
):
    region = region_1 if where == "other region" else region_2
    person = make_participant(river_agency, region, alias="Heron-9", listed=False)
    words = refused(
        calls.raise_participant,
        held_call.meeting,
        person,
        because="",
        actor=river_provider,
        now=timezone.now(),
    )
    assert words == ["Heron-9 has no active place on the by-name list."]
    assert held_call.meeting.roster.count() == held_call.meeting.reviews.count() == 3


def test_raise_participant_of_any_region_on_a_coc_wide_call(
    river, river_agency, region_1, river_specialist
):
    meeting = make_meeting(river, starts_at=timezone.now())
    make_roster(meeting)
    calls.begin_call(meeting, actor=river_specialist, now=timezone.now())
    person = make_participant(river_agency, region_1, alias="Heron-9")
    calls.raise_participant(meeting, person, because="", actor=river_specialist, now=timezone.now())
    assert outcomes(meeting) == {"Heron-9": "open"}


def raise_new(meeting, agency, region, user, **changes):
    values = {
        "agency": agency,
        "region": region,
        "alias": "Otter-5",
        "adults": 1,
        "children": 2,
        "because": "Came in last night",
        "key": uuid4(),
        "actor": user,
        "now": timezone.now(),
    }
    return calls.raise_alias(meeting, **values | changes)


def test_raise_alias_twice_by_one_key_adds_one_household(
    held_call, river_agency, region_2, river_provider
):
    key = uuid4()
    first = raise_new(held_call.meeting, river_agency, region_2, river_provider, key=key)
    again = raise_new(held_call.meeting, river_agency, region_2, river_provider, key=key)
    assert first == again
    person = Participant.objects.get(alias="Otter-5")
    assert (person.pk, person.name, person.adults, person.children, person.agency) == (
        key,
        None,
        1,
        2,
        river_agency,
    )
    assert person.place.listed_on == today_in("America/Chicago")
    assert held_call.meeting.roster.count() == 4


def test_raise_alias_of_a_victim_service_provider_is_confidential(
    held_call, river_vsp_agency, region_2, river_vsp_provider
):
    review = raise_new(held_call.meeting, river_vsp_agency, region_2, river_vsp_provider, alias="")
    assert review.participant.is_confidential
    assert review.participant.alias


def test_raise_alias_adds_nobody_when_the_call_cannot_have_them(
    held_call, river_agency, region_2, river_provider
):
    close_call(held_call.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    refused(raise_new, held_call.meeting, river_agency, region_2, river_provider)
    assert not Participant.objects.filter(alias="Otter-5").exists()


# Closed


def test_close_call_is_refused_while_a_household_is_open(review, river_provider):
    finish(review, river_provider)
    words = refused(close_call, review.meeting, actor=river_provider, now=timezone.now())
    assert words == ["2 households are still open. Discuss or carry over each one first."]
    held_call = Call.objects.get(meeting=review.meeting)
    assert (held_call.is_open, held_call.on_table, held_call.meeting.state) == (
        True,
        review,
        "planned",
    )
    assert not Minutes.objects.exists()


def test_close_call_is_refused_for_what_lost_its_step_since(review, river_provider):
    step = give_step(review, river_provider)
    calls.discuss(review, actor=river_provider, now=timezone.now())
    ActionItem.objects.filter(pk=step.pk).delete()
    words = refused(
        close_call,
        review.meeting,
        carries_over=True,
        actor=river_provider,
        now=timezone.now(),
    )
    assert words == [
        "Heron-1: Assign a step with a follow-up person, or say why no step is needed."
    ]
    assert outcomes(review.meeting) == {
        "Heron-1": "discussed",
        "Heron-2": "open",
        "Wren-3": "open",
    }


def test_close_call_freezes_mails_notes_and_tells_what_it_did(
    review, river_provider, river_lead, river_specialist
):
    meeting, held_call = review.meeting, Call.objects.get(meeting=review.meeting)
    finish(review, river_provider)
    now = held_call.on_table_at + timedelta(seconds=90)
    closed = close_call(meeting, carries_over=True, actor=river_specialist, now=now)
    held_call.refresh_from_db()
    meeting.refresh_from_db()
    assert (held_call.closed_at, held_call.closed_by, held_call.on_table) == (
        now,
        river_specialist,
        None,
    )
    assert (closed.version, held_call.version) == (held_call.version, closed.version)
    assert meeting.state == Meeting.State.CLOSED
    assert outcomes(meeting) == {
        "Heron-1": "discussed",
        "Heron-2": "carried_over",
        "Wren-3": "carried_over",
    }
    review.refresh_from_db()
    assert review.seconds_used == 90
    assert Minutes.objects.get().meeting == meeting
    told = Message.objects.filter(kind="new-steps").values_list("address", flat=True)
    assert sorted(told) == sorted([river_lead.email, river_provider.email])
    barrier = SystemicBarrier.objects.get()
    assert (barrier.words, barrier.marks.get().review) == ("No photo ID", review)
    entry = AuditEntry.objects.get(action="call.closed")
    assert entry.detail == {
        "discussed": 1,
        "carried_over": 2,
        "nothing_to_discuss": 0,
        "steps": 1,
    }


def test_close_call_twice_changes_nothing_the_second_time(review, river_provider):
    finish(review, river_provider)
    first = close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    mails = Message.objects.count()
    again = close_call(
        review.meeting,
        carries_over=True,
        actor=river_provider,
        now=first.closed_at + timedelta(minutes=1),
    )
    assert (again.closed_at, again.version) == (first.closed_at, first.version)
    assert (Minutes.objects.count(), Message.objects.count()) == (1, mails)
    assert AuditEntry.objects.filter(action="call.closed").count() == 1


def test_nothing_is_done_on_a_closed_call(review, ben, river_provider):
    finish(review, river_provider)
    meeting = review.meeting
    act = {"actor": river_provider, "now": timezone.now()}
    close_call(meeting, carries_over=True, **act)
    closed = [calls.IS_CLOSED]
    other = review_of(meeting, ben)
    assert refused(calls.put_on_table, meeting, other, **act) == closed
    assert refused(calls.discuss, review, **act) == closed
    assert refused(calls.reopen, review, **act) == closed
    assert refused(calls.carry_over, other, **act) == closed
    assert refused(calls.move_on_agenda, meeting, other, by=1, **act) == closed
    assert refused(calls.raise_participant, meeting, ben, because="", **act) == closed
    assert outcomes(meeting) == {
        "Heron-1": "discussed",
        "Heron-2": "carried_over",
        "Wren-3": "carried_over",
    }


def test_nothing_is_done_before_the_call_has_begun(meeting, river_provider):
    act = {"actor": river_provider, "now": timezone.now()}
    not_begun = ["The call has not begun."]
    assert refused(calls.put_on_table, meeting, None, **act) == not_begun
    assert refused(close_call, meeting, **act) == not_begun


@pytest.mark.parametrize(
    ("changed", "stays", "is_unsheltered"),
    [("changed", 1, True), ("unchanged", 0, True), ("not_recorded", 0, False)],
)
def test_close_call_records_where_they_stay_only_when_it_changed(
    review, river_provider, changed, stays, is_unsheltered
):
    Review.objects.filter(pk=review.pk).update(location="unsheltered", location_changed=changed)
    review.refresh_from_db()
    finish(review, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    found = LivingSituation.objects.filter(participant=review.participant)
    assert [(each.kind, each.words, each.by) for each in found] == [
        ("unsheltered", "Main Street", river_provider)
    ] * stays
    assert Participant.objects.get(pk=review.participant_id).is_unsheltered == is_unsheltered


def test_close_call_writes_no_place_in_words_for_a_victim_service_provider(
    held_call, wren, river_provider
):
    review = review_of(held_call.meeting, wren)
    Review.objects.filter(pk=review.pk).update(location="shelter", location_changed="changed")
    finish(review, river_provider)
    close_call(held_call.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    stay = LivingSituation.objects.get(participant=wren)
    assert (stay.kind, stay.words) == ("shelter", None)


def test_close_call_ignores_what_was_written_of_a_household_that_was_carried_over(
    review, river_provider, river_other_provider
):
    navigator = StaffMember.objects.get(user=river_other_provider)
    Review.objects.filter(pk=review.pk).update(
        location="unsheltered", location_changed="changed", navigator=navigator
    )
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    person = Participant.objects.get(pk=review.participant_id)
    assert (person.is_unsheltered, person.navigator) == (False, None)
    assert not LivingSituation.objects.exists()


def test_close_call_lets_the_navigator_take_effect_and_end(
    held_call, ana, ben, river_provider, river_other_provider
):
    navigator = StaffMember.objects.get(user=river_other_provider)
    Participant.objects.filter(pk=ben.pk).update(navigator=navigator)
    for person, value in ((ana, navigator), (ben, None)):
        review = review_of(held_call.meeting, person)
        Review.objects.filter(pk=review.pk).update(
            navigator=value, navigator_said_at=timezone.now()
        )
        finish(review, river_provider)
    close_call(held_call.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    found = dict(Participant.objects.values_list("alias", "navigator"))
    assert found == {"Heron-1": navigator.pk, "Heron-2": None, "Wren-3": None}


def test_the_next_roster_proposes_what_was_carried_over_first(
    review, river, region_2, ben, river_provider, river_specialist
):
    make_criteria(region_2, "carried_over", "longest")
    finish(review, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    following = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=28))
    found = candidates(following, on=today_in(river.zone))
    assert [each.participant.alias for each in found][:2] == ["Heron-2", "Wren-3"]
    reasons = {each.participant.alias: [r["words"] for r in each.reasons] for each in found}
    words = "Carried over: not reached last time"
    assert [alias for alias, said in reasons.items() if words in said] == ["Heron-2", "Wren-3"]
