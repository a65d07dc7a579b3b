"""The year's page and the call's pages: what they show, to whom, and what they change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing, make_staff
from conferencing.models import Meeting
from conferencing.rotation.roles import assign_roles
from conferencing.schedule.year_pages import year_page
from conferencing.schedule.years import plan_year
from conferencing.tests.factories import make_meeting, make_role
from conferencing.tests.pages import hidden, text_of
from regions.calling import Rule, date_in_month
from regions.tests.factories import make_region, make_rule, today_in

YEAR = today_in().year + 1


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def local(meeting, **changes):
    """The move form's values for a meeting."""
    at = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone)) + timedelta(**changes)
    return {
        "on": at.date().isoformat(),
        "starts": f"{at:%H:%M}",
        "minutes": 60,
        "sequence": meeting.sequence,
    }


def test_meeting_list_shows_the_year(client, river, region_2, river_provider):
    make_rule(river, region_2)
    plan_year(river, YEAR, actor=None)
    client.force_login(river_provider)
    page = client.get(reverse("conferencing:meeting_list"), {"year": YEAR})
    assert page.status_code == 200
    rows = [row for month in page.context["coming"] for row in month["rows"]]
    assert [row.meeting.slot[5:] for row in rows] == [f"{month:02}" for month in range(1, 13)]
    assert "Add a call" not in text_of(page)


def test_meeting_list_is_blind_to_the_other_continuum(client, call, three, three_provider):
    mine = make_meeting(three)
    client.force_login(three_provider)
    page = client.get(reverse("conferencing:meeting_list"), {"year": mine.on.year})
    shown = {
        row.meeting for part in ("coming", "past") for m in page.context[part] for row in m["rows"]
    }
    assert shown == {mine}
    assert client.get(call.get_absolute_url()).status_code == 404


def test_meeting_list_flags_a_holiday_and_moves_with_one_press(
    client, river, region_2, river_specialist
):
    """The 4th Thursday of November is Thanksgiving Day, in any year."""
    make_rule(river, region_2, week=4, months=[11])
    plan_year(river, YEAR, actor=None)
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_list")
    page = client.get(address, {"year": YEAR})
    (row,) = page.context["clashes"]
    assert row.clash == "Thanksgiving Day"
    form = {name: hidden(page, name) for name in ("on", "starts", "minutes", "sequence", "step")}
    client.post(reverse("conferencing:meeting_move", args=[row.meeting.pk]), form)
    moved = Meeting.objects.get()
    assert (moved.pk, moved.sequence) == (row.meeting.pk, 1)
    assert (moved.on, moved.on.weekday()) == (row.proposed.on, 2)
    assert client.get(address, {"year": YEAR}).context["clashes"] == []


def test_meeting_list_flags_calls_that_no_rule_plans(client, river, region_2, river_specialist):
    rule = make_rule(river, region_2)
    plan_year(river, YEAR, actor=None)
    rule.delete()
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:meeting_list"), {"year": YEAR})
    assert text_of(page).count("Not in the rule") == 12


@pytest.mark.parametrize("year", ["0", "abc", "99999", "-5"])
def test_meeting_list_knows_no_impossible_years(client, river_provider, year):
    client.force_login(river_provider)
    assert client.get(reverse("conferencing:meeting_list"), {"year": year}).status_code == 404


def test_meeting_list_asks_as_often_for_thirty_calls(river, region_2, django_assert_num_queries):
    agencies = [make_agency_in_standing(river, regions=[region_2]) for _ in range(3)]
    start = datetime(YEAR, 3, 2, 16, tzinfo=UTC)

    def add(number):
        meeting = make_meeting(river, region_2, starts_at=start + timedelta(days=number))
        make_role(meeting, agencies[0], person=make_staff(agencies[0]))
        make_role(meeting, agencies[1], role="note_taker")

    add(0)

    def look():
        page = year_page(river, YEAR, now=start)
        return [
            row.roles["facilitator"].person.user.name for m in page["coming"] for row in m["rows"]
        ]

    with django_assert_num_queries(8):
        assert len(look()) == 1
    for number in range(1, 30):
        add(number)
    with django_assert_num_queries(8):
        assert len(look()) == 30


def test_meeting_detail_says_when_the_list_goes_out(client, river, region_2, river_provider):
    at = datetime(YEAR, 6, 10, 15, tzinfo=UTC)
    meeting = make_meeting(river, region_2, starts_at=at)
    client.force_login(river_provider)
    words = text_of(client.get(meeting.get_absolute_url()))
    due = meeting.list_due_at.astimezone(ZoneInfo(river.zone))
    assert f"Goes out {due:%A, %B} {due.day}, 8:00 AM" in words
    assert "Move" not in words
    assert "List and deliveries" not in words


def test_meeting_detail_shows_roles_and_what_each_may_do(
    client, call, river_lead, river_other_provider, river_specialist
):
    assign_roles(call.continuum, now=timezone.now())
    name = reverse("conferencing:role_name_person", args=[call.roles.get(role="facilitator").pk])
    change = reverse("conferencing:role_change", args=[call.pk, "facilitator"])
    seen = {}
    for user in (river_lead, river_other_provider, river_specialist):
        client.force_login(user)
        page = client.get(call.get_absolute_url()).content.decode()
        seen[user.name] = (name in page, change in page)
    assert seen == {
        "Lee Lead": (True, False),
        "Oli Other": (False, False),
        "Sam Specialist": (True, True),
    }


def test_meeting_move_says_first_what_it_does(client, call, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_move", args=[call.pk])
    form = local(call, days=7)
    page = client.post(address, form | {"step": "look"})
    assert "What this will do" in text_of(page)
    assert "Its list goes out on" in text_of(page)
    call.refresh_from_db()
    assert call.sequence == 0
    client.post(address, form | {"step": "move"})
    call.refresh_from_db()
    assert call.sequence == 1
    again = client.post(address, form | {"step": "move"})
    assert "changed meanwhile" in text_of(again)
    call.refresh_from_db()
    assert call.sequence == 1


def test_meeting_move_keeps_what_was_typed_when_it_is_wrong(client, call, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_move", args=[call.pk])
    page = client.post(address, {"on": "", "starts": "25:99", "minutes": "5", "sequence": 0})
    words = text_of(page)
    for expected in ("Enter the date.", "Enter the time as hours", "at least 15 minutes"):
        assert expected in words
    assert 'value="25:99"' in page.content.decode()
    past = client.post(address, local(call, days=-40))
    assert "This time has passed" in text_of(past)


def test_meeting_move_refuses_the_hour_that_does_not_exist(
    client, river, region_2, river_specialist
):
    """In Chicago clocks go forward at 2 AM on the second Sunday of March."""
    sunday = date_in_month(Rule(2, 6, {3}, time(2, 30), 60, river.zone), YEAR, 3).isoformat()
    meeting = make_meeting(river, region_2, starts_at=datetime(YEAR, 3, 20, 15, tzinfo=UTC))
    client.force_login(river_specialist)
    form = {"on": sunday, "starts": "02:30", "minutes": 60, "sequence": 0, "step": "move"}
    address = reverse("conferencing:meeting_move", args=[meeting.pk])
    words = text_of(client.post(address, form))
    assert "2:30 AM does not exist on" in words
    assert "such as 3:30 AM" in words
    meeting.refresh_from_db()
    assert meeting.starts_at == datetime(YEAR, 3, 20, 15, tzinfo=UTC)
    client.post(address, form | {"starts": "03:30"})
    meeting.refresh_from_db()
    at = meeting.starts_at.astimezone(ZoneInfo(river.zone))
    assert (at.isoformat()[:16], meeting.minutes) == (f"{sunday}T03:30", 60)


@pytest.mark.parametrize(("which", "zone"), [("first", "CDT"), ("second", "CST")])
def test_meeting_add_asks_which_of_an_hour_that_comes_twice(
    client, river, region_2, river_specialist, which, zone
):
    """In Chicago clocks go back at 2 AM on the first Sunday of November."""
    sunday = date_in_month(Rule(1, 6, {11}, time(1, 30), 60, river.zone), YEAR, 11)
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_add")
    form = {"region": region_2.pk, "on": sunday.isoformat(), "starts": "01:30", "minutes": 60}
    page = client.post(address, form)
    assert "1:30 AM comes twice on" in text_of(page)
    assert "The second, 1:30 AM CST" in text_of(page)
    assert not Meeting.objects.exists()
    client.post(address, form | {"which": which})
    meeting = Meeting.objects.get()
    starts = meeting.starts_at.astimezone(ZoneInfo(river.zone))
    assert (starts.hour, starts.minute, f"{starts:%Z}") == (1, 30, zone)
    words = text_of(client.get(meeting.get_absolute_url()))
    spans = {"first": "1:30 AM CDT to 1:30 AM CST", "second": "1:30 AM to 2:30 AM"}
    assert spans[which] in words


def test_meeting_add_has_no_call_chosen_beforehand(client, river, region_2, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_add")
    form = {"on": f"{YEAR}-06-10", "starts": "10:00", "minutes": 60}
    assert "Choose the region, or CoC-wide." in text_of(client.post(address, form))
    assert not Meeting.objects.exists()
    client.post(address, form | {"region": "coc-wide"})
    assert Meeting.objects.get().is_coc_wide
    client.post(address, form | {"region": str(region_2.pk)})
    assert Meeting.objects.filter(region=region_2).count() == 1


def test_meeting_cancel_then_meeting_restore(client, call, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:meeting_cancel", args=[call.pk])
    page = client.post(address, {"reason": "", "sequence": 0})
    assert "Enter the reason" in text_of(page)
    client.post(address, {"reason": "Snow storm", "sequence": 0})
    assert "Snow storm" in text_of(client.get(call.get_absolute_url()))
    restore = reverse("conferencing:meeting_restore", args=[call.pk])
    assert "is held after all" in text_of(client.get(restore))
    client.post(restore, {"sequence": 0})
    call.refresh_from_db()
    assert call.state == Meeting.State.CANCELLED
    client.post(restore, {"sequence": 1})
    call.refresh_from_db()
    assert call.state == Meeting.State.PLANNED


def test_meeting_add_adds_a_call(client, river, region_2, river_specialist):
    client.force_login(river_specialist)
    form = {"region": region_2.pk, "on": f"{YEAR}-05-03", "starts": "10:00", "minutes": 45}
    answer = client.post(reverse("conferencing:meeting_add"), form)
    meeting = Meeting.objects.get()
    assert answer.url == meeting.get_absolute_url()
    assert (meeting.region, meeting.minutes, meeting.slot) == (region_2, 45, "")
    again = client.post(reverse("conferencing:meeting_add"), form)
    assert "another call at this time" in text_of(again)
    assert Meeting.objects.count() == 1


def test_meeting_add_offers_no_region_of_the_other_continuum(
    client, river, three_region, river_specialist
):
    client.force_login(river_specialist)
    form = {"region": three_region.pk, "on": f"{YEAR}-05-03", "starts": "10:00", "minutes": 45}
    assert client.post(reverse("conferencing:meeting_add"), form).status_code == 200
    assert not Meeting.objects.exists()


def test_only_the_specialist_plans(
    client,
    river,
    region_2,
    call,
    river_specialist,
    river_administrator,
    river_lead,
    river_provider,
    three_specialist,
):
    """Others of the continuum may read (403 for acts); of another continuum it is not there."""
    make_rule(river, region_2)
    own = [
        reverse("conferencing:year_plan"),
        reverse("conferencing:meeting_add"),
        reverse("conferencing:coc_wide_rule_edit"),
    ]
    of_row = [
        reverse("conferencing:meeting_move", args=[call.pk]),
        reverse("conferencing:meeting_cancel", args=[call.pk]),
        reverse("conferencing:meeting_restore", args=[call.pk]),
        reverse("conferencing:meeting_link", args=[call.pk]),
        reverse("conferencing:role_change", args=[call.pk, "note_taker"]),
        reverse("conferencing:rule_edit", args=[region_2.pk]),
        reverse("conferencing:rule_remove", args=[region_2.pk]),
        reverse("conferencing:county_move", args=[region_2.counties.first().pk]),
    ]
    client.force_login(river_specialist)
    assert [client.get(url).status_code for url in own + of_row] == [200] * 11
    for user in (river_administrator, river_lead, river_provider):
        client.force_login(user)
        for method in (client.get, client.post):
            assert [method(url).status_code for url in own + of_row] == [403] * 11
    client.force_login(three_specialist)
    assert [client.get(url).status_code for url in of_row] == [404] * 8
    assert client.get(call.get_absolute_url()).status_code == 404
    client.logout()
    assert [client.get(url).status_code for url in own + of_row] == [302] * 11


def test_meeting_detail_without_a_region_of_its_own(client, river, river_provider):
    river.call_link = "https://meet.example.org/all"
    river.save()
    make_region(river, name="Region 9")
    meeting = make_meeting(river, None)
    client.force_login(river_provider)
    words = text_of(client.get(meeting.get_absolute_url()))
    assert "CoC-wide call" in words
    assert "https://meet.example.org/all" in words
