"""The way to the call from the first page, and from the meeting's own, while it matters."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call
from conferencing.call.closing import close_call
from conferencing.home.pages import home_page
from conferencing.models import MeetingRole
from conferencing.task import Task
from conferencing.tests.factories import make_attendance, make_meeting, make_role

# Ten in the morning in Minnesota, on a day when everybody of the cast is in standing.
TEN = (datetime.now(ZoneInfo("America/Chicago")) + timedelta(days=1)).replace(
    hour=10, minute=0, second=0, microsecond=0
)


def calls_now(user, at):
    return home_page(user, now=at)["calls_now"]


@pytest.fixture
def call_at_ten(river, region_2):
    return make_meeting(river, region_2, starts_at=TEN)


def page_of(meeting):
    return reverse("conferencing:call_detail", args=[meeting.pk])


def test_call_tasks_lead_whoever_is_expected_to_the_call_from_half_an_hour_before_to_its_close(
    call_at_ten, river_specialist, river_provider
):
    url = page_of(call_at_ten)
    soon = "The Region 2 call begins at 10:00 AM"
    assert calls_now(river_provider, TEN - timedelta(minutes=31)) == []
    assert calls_now(river_provider, TEN - timedelta(minutes=10)) == [
        Task(soon, url, "Join it from its page.", "Go to the call")
    ]
    assert calls_now(river_specialist, TEN - timedelta(minutes=10)) == [
        Task(soon, url, "Its page is ready for you to begin it.", "Go to the call")
    ]
    late = "The Region 2 call was to begin at 10:00 AM"
    assert calls_now(river_provider, TEN + timedelta(minutes=1)) == [
        Task(late, url, "Its page opens when it is begun.", "Go to the call")
    ]
    begin_call(call_at_ten, actor=river_specialist, now=TEN + timedelta(minutes=2))
    on_now = Task(
        "The Region 2 call is on now",
        url,
        "Started at 10:02 AM, planned until 11:00 AM.",
        "Go to the call",
    )
    during = TEN + timedelta(minutes=3)
    assert calls_now(river_provider, during) == [on_now] == calls_now(river_specialist, during)
    close_call(call_at_ten, actor=river_specialist, now=TEN + timedelta(minutes=50))
    after = TEN + timedelta(minutes=51)
    assert calls_now(river_provider, after) == [] == calls_now(river_specialist, after)


def test_call_tasks_ask_to_close_a_call_that_was_left_open(
    call_at_ten, river_specialist, river_provider
):
    begin_call(call_at_ten, actor=river_specialist, now=TEN)
    still = "The Region 2 call is still on"
    assert [task.title for task in calls_now(river_provider, TEN + timedelta(minutes=70))] == [
        still
    ]
    next_day = TEN + timedelta(days=1)
    assert calls_now(river_provider, next_day) == []
    assert calls_now(river_specialist, next_day) == [
        Task(
            "The Region 2 call is still open",
            page_of(call_at_ten),
            "Its time is over. Close it, so that the minutes are frozen and steps are mailed.",
            "Go to the call",
        )
    ]


def test_call_tasks_are_for_followers_role_holders_and_visitors_in_standing_alone(
    call_at_ten,
    river,
    region_1,
    three,
    river_agency,
    river_provider,
    river_other_provider,
    river_lapsed_provider,
    river_unsigned_provider,
    river_administrator,
    river_vsp_provider,
    three_specialist,
):
    during = TEN + timedelta(minutes=5)
    begin_call(call_at_ten, actor=river_other_provider, now=TEN)
    for user in (river_provider, river_other_provider):
        StaffMember.objects.get(user=user).regions.set([region_1])
    call_at_ten.attendances.filter(user__in=[river_provider, river_other_provider]).delete()
    strangers = (
        river_provider,
        river_other_provider,
        river_lapsed_provider,
        river_unsigned_provider,
        river_administrator,
        three_specialist,
    )
    for user in strangers:
        assert calls_now(user, during) == [], user.name
    assert len(calls_now(river_vsp_provider, during)) == 1
    place = StaffMember.objects.get(user=river_provider)
    make_role(call_at_ten, river_agency, MeetingRole.Role.FACILITATOR, person=place)
    make_attendance(call_at_ten, river_other_provider, kind="visitor")
    assert len(calls_now(river_provider, during)) == len(calls_now(river_other_provider, during))
    assert len(calls_now(river_provider, during)) == 1


def test_home_names_the_coc_wide_call_and_the_meeting_leads_to_it(client, river, river_provider):
    now = timezone.now()
    meeting = make_meeting(river, starts_at=now + timedelta(minutes=10))
    url = page_of(meeting)
    client.force_login(river_provider)
    home = client.get("/").content.decode()
    assert home.index(f'href="{url}"') < home.index('class="cc-columns"')
    assert "The CoC-wide call begins at " in home
    assert (
        f'<a href="{url}">Go to the call</a>'
        in client.get(meeting.get_absolute_url()).content.decode()
    )
    later = make_meeting(river, starts_at=now + timedelta(hours=2))
    assert "Go to the call" not in client.get(later.get_absolute_url()).content.decode()


def test_home_asks_the_same_of_the_database_with_one_call_on_and_with_thirty(
    client,
    river,
    region_2,
    river_provider,
    django_assert_max_num_queries,
    django_assert_num_queries,
):
    now = timezone.now()
    client.force_login(river_provider)
    make_meeting(river, region_2, starts_at=now + timedelta(minutes=5))
    client.get("/")
    with django_assert_max_num_queries(36) as first:
        assert len(client.get("/").context["calls_now"]) == 1
    for each in range(29):
        make_meeting(river, region_2, starts_at=now + timedelta(minutes=6, seconds=each))
    with django_assert_num_queries(len(first)):
        assert len(client.get("/").context["calls_now"]) == 30
