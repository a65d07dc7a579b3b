"""Turns by rotation as agencies come and go, people named, stand-ins."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from guardian.shortcuts import assign_perm, remove_perm

from agreements.tests.factories import make_agency, make_agency_in_standing, make_staff, revoke
from audit.models import AuditEntry
from conferencing.call.acts import begin_call
from conferencing.call.closing import close_call
from conferencing.models import Call, Meeting, MeetingRole
from conferencing.rotation.roles import (
    assign_roles,
    change_role,
    name_person,
    state_of,
)
from conferencing.schedule.acts import cancel_meeting, change_link, restore_meeting
from conferencing.schedule.years import plan_year
from regions.tests.factories import make_rule, today_in

# Later than the factories' agreements begin, which is a hundred days before today.
NOW = datetime.now(UTC)


@pytest.fixture
def calls(river, region_2):
    """Region 2's coming calls, planned over two years."""
    make_rule(river, region_2, week=2, weekday=3, starts=time(10, 0))
    for year in (NOW.year, NOW.year + 1):
        plan_year(river, year, actor=None, now=NOW, with_past=False)
    return Meeting.objects.filter(region=region_2).order_by("starts_at")


def make_agencies(river, region, *names):
    return [make_agency_in_standing(river, name=name, regions=[region]) for name in names]


def duties(meetings):
    """(facilitator, note taker) of each call by agency's name, "–" where it is open."""
    found = []
    for meeting in meetings:
        by_role = {role.role: role.agency.name for role in meeting.roles.all()}
        found.append((by_role.get("facilitator", "–"), by_role.get("note_taker", "–")))
    return found


def go_on(river, calls, *, past):
    """Hold the first `past` calls, then give the next ones their roles."""
    now = NOW if past == 0 else calls[past - 1].ends_at + timedelta(hours=1)
    calls.filter(ends_at__lt=now).update(state=Meeting.State.CLOSED)
    assign_roles(river, now=now)
    return now


def test_assign_roles_gives_the_next_three_calls_two_agencies_each(river, region_2, calls):
    make_agencies(river, region_2, "cedar", "Ábaco", "Bridge", "Delta", "Elm")
    make_agency_in_standing(river, name="Elsewhere")
    make_agency(river, name="Unsigned", regions=[region_2])
    make_agency_in_standing(river, name="Watches", regions=[region_2], is_in_rotation=False)
    given = assign_roles(river, now=NOW)
    assert len(given) == 6
    assert duties(calls[:4]) == [
        ("Ábaco", "Bridge"),
        ("cedar", "Delta"),
        ("Elm", "Ábaco"),
        ("–", "–"),
    ]


def test_assign_roles_again_changes_nothing(river, region_2, calls):
    make_agencies(river, region_2, "Alder", "Bridge", "Cedar")
    assign_roles(river, now=NOW)
    before = list(MeetingRole.objects.order_by("pk").values())
    assert assign_roles(river, now=NOW + timedelta(minutes=1)) == []
    assert list(MeetingRole.objects.order_by("pk").values()) == before


def test_assign_roles_goes_on_after_the_last_agency_used(river, region_2, calls):
    make_agencies(river, region_2, "A", "B", "C", "D", "E")
    for past in range(5):
        go_on(river, calls, past=past)
    assert duties(calls[:7]) == [
        ("A", "B"),
        ("C", "D"),
        ("E", "A"),
        ("B", "C"),
        ("D", "E"),
        ("A", "B"),
        ("C", "D"),
    ]


def test_assign_roles_meets_agencies_joining_leaving_and_renamed(river, region_2, calls):
    _a, _b, c, d = make_agencies(river, region_2, "A", "B", "C", "D")
    go_on(river, calls, past=0)
    assert duties(calls[:3]) == [("A", "B"), ("C", "D"), ("B", "A")]
    make_agencies(river, region_2, "Aspen")
    remove_perm("regions.take_part_in_region", c.group, region_2)
    d.name = "Zebra"
    d.save()
    go_on(river, calls, past=2)
    # After B comes Zebra, which was D; C has left; Aspen joined and had no turn yet, so it comes
    # first. A served at the call before, and is passed over while another can serve.
    assert duties(calls[2:5]) == [("B", "A"), ("Aspen", "Zebra"), ("A", "B")]


def test_assign_roles_gives_a_lapsed_agencys_turn_to_the_next(river, region_2, calls):
    agencies = make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G")
    go_on(river, calls, past=0)
    assert duties(calls[:3]) == [("A", "B"), ("C", "D"), ("E", "F")]
    revoke(agencies[2].agreements.all(), at=NOW)
    assign_roles(river, now=NOW + timedelta(minutes=1))
    assert duties(calls[:3]) == [("A", "B"), ("G", "D"), ("E", "F")]
    go_on(river, calls, past=1)
    assert duties(calls[3:4]) == [("B", "A")]


def test_assign_roles_keeps_a_named_person_in_standing(river, region_2, calls):
    a, b, *_others = make_agencies(river, region_2, "A", "B", "C", "D")
    go_on(river, calls, past=0)
    role = calls[0].roles.get(role="facilitator")
    name_person(role, person=make_staff(a), actor=None, now=NOW)
    remove_perm("regions.take_part_in_region", a.group, region_2)
    remove_perm("regions.take_part_in_region", b.group, region_2)
    assign_roles(river, now=NOW)
    assert duties(calls[:2]) == [("A", "C"), ("C", "D")]


def test_assign_roles_asks_again_when_the_person_left(river, region_2, calls):
    a, _b = make_agencies(river, region_2, "A", "B")
    go_on(river, calls, past=0)
    role = calls[0].roles.get(role="facilitator")
    person = make_staff(a)
    name_person(role, person=person, actor=None, now=NOW)
    assert person.user.has_perm("conferencing.facilitate_meeting", calls[0])
    person.ended_on = today_in(river.zone)
    person.save()
    assign_roles(river, now=NOW)
    role.refresh_from_db()
    assert (role.agency, role.person) == (a, None)
    fresh = type(person.user).objects.get(pk=person.user_id)
    assert not fresh.has_perm("conferencing.facilitate_meeting", calls[0])


def test_assign_roles_leaves_open_what_nobody_can_take(river, region_2, calls):
    assign_roles(river, now=NOW)
    assert duties(calls[:1]) == [("–", "–")]
    (only,) = make_agencies(river, region_2, "Only")
    assign_roles(river, now=NOW)
    assert duties(calls[:3]) == [("Only", "–")] * 3
    make_agencies(river, region_2, "Second")
    assign_roles(river, now=NOW)
    assert duties(calls[:3]) == [("Only", "Second")] * 3
    only.is_active = False
    only.save()
    assign_roles(river, now=NOW)
    assert duties(calls[:3]) == [("–", "Second")] * 3


def test_assign_roles_owes_the_agencies_of_a_cancelled_call(river, region_2, calls):
    make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G", "H")
    go_on(river, calls, past=0)
    first = calls[0]
    first.state, first.cancellation_reason = Meeting.State.CANCELLED, "Snow"
    first.save()
    assign_roles(river, now=NOW)
    assert duties(calls[1:4]) == [("C", "D"), ("E", "F"), ("A", "B")]


def test_assign_roles_gives_coc_wide_calls_a_circle_of_their_own(river, region_2, region_1):
    make_rule(river, None, week=4, weekday=4, months=[1, 4, 7, 10])
    plan_year(river, NOW.year + 1, actor=None, now=NOW)
    make_agencies(river, region_2, "B", "D")
    make_agencies(river, region_1, "A", "C")
    assign_roles(river, now=NOW)
    wide = Meeting.objects.filter(region=None).order_by("starts_at")
    assert duties(wide[:3]) == [("A", "B"), ("C", "D"), ("B", "A")]


def test_assign_roles_since_gives_past_calls_theirs(river, region_2):
    make_rule(river, region_2)
    plan_year(river, NOW.year - 1, actor=None, now=NOW)
    make_agencies(river, region_2, "A", "B", "C")
    assign_roles(river, now=NOW, since=datetime(NOW.year - 1, 1, 1, tzinfo=UTC))
    calls = Meeting.objects.order_by("starts_at")
    assert duties(calls)[:4] == [("A", "B"), ("C", "A"), ("B", "C"), ("A", "B")]


def test_change_role_leaves_the_rotation_where_it_was(river, region_2, calls, river_specialist):
    agencies = make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G", "H")
    guest = make_agency_in_standing(river, name="Zoo")
    go_on(river, calls, past=0)
    role = change_role(
        calls[2],
        "note_taker",
        agency=guest,
        person=make_staff(guest),
        actor=river_specialist,
        why="F cannot come",
        now=NOW,
    )
    assert (role.agency, role.turn_agency, role.is_by_rotation) == (guest, agencies[5], False)
    go_on(river, calls, past=1)
    assert duties(calls[2:4]) == [("E", "Zoo"), ("G", "H")]
    entry = AuditEntry.objects.get(action="meeting_role.changed")
    assert (entry.actor_id, entry.object_id) == (river_specialist.pk, str(role.pk))


def test_change_role_fills_an_open_role_without_giving_a_turn(river, region_2, calls):
    assign_roles(river, now=NOW)
    guest = make_agency_in_standing(river, name="Zoo")
    role = change_role(calls[0], "facilitator", agency=guest, actor=None, now=NOW)
    assert (role.turn_agency, role.is_last_used) == (None, False)
    make_agencies(river, region_2, "A", "B")
    assign_roles(river, now=NOW)
    assert duties(calls[:2]) == [("Zoo", "A"), ("B", "A")]


def test_change_role_refuses_who_cannot_and_what_was_not_seen(river, region_2, calls):
    a, b = make_agencies(river, region_2, "A", "B")
    unsigned = make_agency(river, name="Unsigned", regions=[region_2])
    go_on(river, calls, past=0)
    role = calls[0].roles.get(role="facilitator")
    for agency in (b, unsigned):
        with pytest.raises(ValidationError):
            change_role(calls[0], "facilitator", agency=agency, actor=None, now=NOW)
    with pytest.raises(ValidationError):
        change_role(calls[0], "facilitator", agency=a, actor=None, seen="open", now=NOW)
    with pytest.raises(ValidationError):
        change_role(calls[0], "facilitator", agency=a, person=make_staff(b), actor=None, now=NOW)
    role.refresh_from_db()
    assert state_of(role) == f"{a.pk}/"


def test_name_person_moves_the_permission(river, region_2, calls):
    a, _b = make_agencies(river, region_2, "A", "B")
    go_on(river, calls, past=0)
    role = calls[0].roles.get(role="facilitator")
    first, second = make_staff(a), make_staff(a)
    name_person(role, person=first, actor=None, now=NOW)
    name_person(role, person=second, actor=None, now=NOW)
    users = [type(each.user).objects.get(pk=each.user_id) for each in (first, second)]
    asked = [user.has_perm("conferencing.facilitate_meeting", calls[0]) for user in users]
    assert asked == [False, True]
    assert not users[1].has_perm("conferencing.facilitate_meeting", calls[1])
    assert not users[1].has_perm("conferencing.take_notes_in_meeting", calls[0])


def test_name_person_refuses_people_out_of_standing_and_calls_that_are_over(river, region_2, calls):
    a, b = make_agencies(river, region_2, "A", "B")
    go_on(river, calls, past=0)
    role = calls[0].roles.get(role="facilitator")
    for person in (make_staff(a, statement=False), make_staff(b)):
        with pytest.raises(ValidationError):
            name_person(role, person=person, actor=None, now=NOW)
    with pytest.raises(ValidationError):
        name_person(role, person=make_staff(a), actor=None, now=NOW + timedelta(days=90))


def test_name_person_replaces_who_leads_a_call_that_lasts_longer(
    river, region_2, calls, river_specialist
):
    a, _b = make_agencies(river, region_2, "A", "B")
    go_on(river, calls, past=0)
    meeting, person = calls[0], make_staff(a)
    role = meeting.roles.get(role="facilitator")
    late = meeting.ends_at + timedelta(minutes=20)
    with pytest.raises(ValidationError):
        name_person(role, person=person, actor=None, now=late)
    begin_call(meeting, actor=river_specialist, now=meeting.starts_at)
    assert role in MeetingRole.objects.upcoming(late)
    version, frame = Call.objects.values_list("version", "frame").get(meeting=meeting)
    name_person(role, person=person, actor=river_specialist, now=late)
    role.refresh_from_db()
    assert role.person == person
    now_at = Call.objects.values_list("version", "frame").get(meeting=meeting)
    assert now_at == (version + 1, frame + 1)
    with pytest.raises(ValidationError):
        change_link(meeting, link="https://video.example/9", actor=river_specialist, now=late)
    close_call(meeting, carries_over=True, actor=river_specialist, now=late)
    assert role not in MeetingRole.objects.upcoming(late)
    with pytest.raises(ValidationError):
        name_person(role, person=None, actor=river_specialist, now=late)


def test_assign_roles_reads_no_more_for_more_calls(
    river, region_2, calls, django_assert_max_num_queries
):
    make_agencies(river, region_2, "A", "B", "C")
    assign_roles(river, now=NOW)
    with django_assert_max_num_queries(12):
        assign_roles(river, now=NOW)
    other = make_agency_in_standing(river, name="Other")
    assign_perm("regions.take_part_in_region", other.group, region_2)
    assign_roles(river, now=NOW, ahead=12)
    with django_assert_max_num_queries(12):
        assign_roles(river, now=NOW, ahead=12)


def test_restore_meeting_asks_nobody_twice_in_a_row(river, region_2, calls, river_specialist):
    make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G", "H")
    go_on(river, calls, past=0)
    second = calls[1]
    cancel_meeting(second, reason="Snow", actor=river_specialist, now=NOW)
    assign_roles(river, now=NOW)
    assert duties(calls[:4]) == [("A", "B"), ("C", "D"), ("E", "F"), ("C", "D")]
    later = NOW + timedelta(hours=2)
    restore_meeting(second, actor=river_specialist, now=later)
    assign_roles(river, now=later)
    assert duties(calls[:4]) == [("A", "B"), ("C", "D"), ("E", "F"), ("–", "–")]
    go_on(river, calls, past=1)
    assert duties(calls[1:4]) == [("C", "D"), ("E", "F"), ("G", "H")]


def test_restore_meeting_leaves_a_role_for_which_somebody_was_named(
    river, region_2, calls, river_specialist
):
    make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G", "H")
    go_on(river, calls, past=0)
    third = calls[2]
    cancel_meeting(third, reason="Snow", actor=river_specialist, now=NOW)
    assign_roles(river, now=NOW)
    role = calls[3].roles.get(role="note_taker")
    name_person(role, person=make_staff(role.agency), actor=None, now=NOW)
    restore_meeting(third, actor=river_specialist, now=NOW)
    assert duties(calls[2:4]) == [("E", "F"), ("–", "F")]
    go_on(river, calls, past=2)
    assert duties(calls[2:4]) == [("E", "F"), ("G", "F")]


def test_plan_year_that_restores_a_call_asks_nobody_twice_in_a_row(river, region_2):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, NOW.year + 1, actor=None, now=NOW)
    make_agencies(river, region_2, "A", "B", "C", "D", "E", "F", "G", "H")
    assign_roles(river, now=NOW)
    calls = Meeting.objects.filter(region=region_2).order_by("starts_at")
    month = calls[1].starts_at.month
    wide = make_rule(river, None, week=4, weekday=4, months=[month])
    plan_year(river, NOW.year + 1, actor=None, now=NOW)
    assign_roles(river, now=NOW)
    assert duties(calls[1:4]) == [("C", "D"), ("E", "F"), ("C", "D")]
    wide.delete()
    plan_year(river, NOW.year + 1, actor=None, now=NOW)
    assert duties(calls[:4]) == [("A", "B"), ("C", "D"), ("E", "F"), ("–", "–")]
