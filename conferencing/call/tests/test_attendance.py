"""Who is at a call: expected, come by themselves, added, heard."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing, make_staff
from conferencing.call import attendance
from conferencing.call.acts import begin_call
from conferencing.call.closing import close_call
from conferencing.call.seat import meeting_with_seat
from conferencing.models import Attendance, Call
from conferencing.tests.factories import make_meeting, make_roster
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(river, region_1):
    """Staff in standing of an agency that takes part in Region 1 alone."""
    agency = make_agency_in_standing(river, name="Dover Homes", regions=[region_1])
    return make_staff(agency, name="Vic Visitor", regions=[region_1]).user


def lines(meeting):
    found = Attendance.objects.filter(meeting=meeting, is_present=True)
    return sorted((each.shown_name, each.shown_organization, each.kind) for each in found)


def versions(held_call):
    return Call.objects.values_list("version", "frame").get(pk=held_call.pk)


def test_mark_present_ticks_and_unticks(held_call, river_provider, river_other_provider):
    row, now = Attendance.objects.get(user=river_provider), timezone.now()
    version, frame = versions(held_call)
    attendance.mark_present(row, is_present=True, actor=river_other_provider, now=now)
    row.refresh_from_db()
    assert (row.is_present, row.marked_at, row.marked_by) == (True, now, river_other_provider)
    assert versions(held_call) == (version + 1, frame + 1)
    attendance.mark_present(row, is_present=False, actor=river_other_provider, now=now)
    assert lines(held_call.meeting) == []


def test_come_in_ticks_whoever_is_expected_once(held_call, river_provider):
    for _ in range(2):
        attendance.come_in(held_call.meeting, river_provider, now=timezone.now())
    assert lines(held_call.meeting) == [("Pat Provider", "Bridge Housing", "expected")]


def test_come_in_of_one_whose_agency_takes_part_is_no_visitor(held_call, river_agency):
    user = make_staff(river_agency, name="Nel New").user
    attendance.come_in(held_call.meeting, user, now=timezone.now())
    assert lines(held_call.meeting) == [("Nel New", "Bridge Housing", "walk_in")]


def test_come_in_on_a_coc_wide_call_is_no_visitor(river, river_specialist, visitor):
    meeting = make_meeting(river, starts_at=timezone.now())
    make_roster(meeting)
    begin_call(meeting, actor=river_specialist, now=timezone.now())
    late = make_staff(visitor.places.get().agency, name="Lu Late").user
    attendance.come_in(meeting, late, now=timezone.now())
    assert lines(meeting) == [("Lu Late", "Dover Homes", "walk_in")]


def test_add_person_gives_a_visitor_the_call_at_once(held_call, visitor, river_provider):
    on = today_in("America/Chicago")
    with pytest.raises(PermissionDenied) as error:
        meeting_with_seat(held_call.meeting.pk, visitor, on)
    assert str(error.value) == (
        "This call is of another region. The facilitator can add you as a visitor."
    )
    for _ in range(2):
        attendance.add_person(
            held_call.meeting, user=visitor, actor=river_provider, now=timezone.now()
        )
    assert lines(held_call.meeting) == [("Vic Visitor", "Dover Homes", "visitor")]
    _, _, seat = meeting_with_seat(held_call.meeting.pk, visitor, on)
    assert (seat.may_write, seat.may_steer) == (False, False)


def test_add_person_gives_nothing_to_one_out_of_standing(
    held_call, river_unsigned_provider, river_provider
):
    attendance.add_person(
        held_call.meeting, user=river_unsigned_provider, actor=river_provider, now=timezone.now()
    )
    assert lines(held_call.meeting)[0][0] == "Una Unsigned"
    with pytest.raises(PermissionDenied) as error:
        meeting_with_seat(
            held_call.meeting.pk, river_unsigned_provider, today_in("America/Chicago")
        )
    assert str(error.value) == "The confidentiality statement was never signed."


def test_add_walk_in_twice_is_one_and_here_again(held_call, river_provider):
    act = {"actor": river_provider, "now": timezone.now()}
    first = attendance.add_walk_in(
        held_call.meeting, name="Wyn Walker", organization="City Hospital", **act
    )
    attendance.mark_present(first, is_present=False, **act)
    again = attendance.add_walk_in(
        held_call.meeting, name=" wyn walker ", organization="City hospital ", **act
    )
    assert first == again
    attendance.add_walk_in(held_call.meeting, name="Wyn Walker", organization="", **act)
    assert lines(held_call.meeting) == [
        ("Wyn Walker", "", "walk_in"),
        ("Wyn Walker", "City Hospital", "walk_in"),
    ]


@pytest.mark.parametrize("name", ["", "   "])
def test_add_walk_in_asks_for_a_name(held_call, river_provider, name):
    with pytest.raises(ValidationError) as error:
        attendance.add_walk_in(
            held_call.meeting, name=name, organization="", actor=river_provider, now=timezone.now()
        )
    assert error.value.messages == ["Say who it is."]
    assert lines(held_call.meeting) == []


def test_note_heard_counts_and_has_them_here(held_call, river_provider, river_other_provider):
    row, now = Attendance.objects.get(user=river_provider), timezone.now()
    for _ in range(2):
        attendance.note_heard(row, actor=river_other_provider, now=now)
    row.refresh_from_db()
    assert (row.spoke_times, row.last_spoke_at, row.is_present) == (2, now, True)


def test_people_to_add_are_staff_of_the_continuum_not_on_the_list(
    held_call, visitor, river_lapsed_agency, river_administrator, three_provider
):
    def found(text):
        return [each.name for each in attendance.people_to_add(held_call.meeting, text)]

    later = make_staff(river_lapsed_agency, name="Lil Lapsed").user
    assert found("vic") == found("dover") == ["Vic Visitor"]
    assert found("lapsed") == [later.name]
    assert found("Pat Provider") == []
    assert found("Ada") == found("Theo") == found("v") == found("%%") == []


def test_attendance_stays_as_it_was_once_the_call_is_closed(held_call, river_provider, visitor):
    meeting = held_call.meeting
    row = Attendance.objects.get(user=river_provider)
    act = {"actor": river_provider, "now": timezone.now()}
    close_call(meeting, carries_over=True, **act)
    at_close = lines(meeting)
    for attempt in (
        lambda: attendance.mark_present(row, is_present=True, **act),
        lambda: attendance.note_heard(row, **act),
        lambda: attendance.add_person(meeting, user=visitor, **act),
        lambda: attendance.add_walk_in(meeting, name="Wyn", organization="", **act),
        lambda: attendance.come_in(meeting, visitor, now=act["now"]),
    ):
        with pytest.raises(ValidationError) as error:
            attempt()
        assert error.value.messages == ["The call is closed. Its minutes say who attended."]
    assert lines(meeting) == at_close


def test_attendance_begins_with_the_call(meeting, river_provider):
    with pytest.raises(ValidationError) as error:
        attendance.come_in(meeting, river_provider, now=timezone.now())
    assert error.value.messages == ["The call has not begun."]
