"""The first page as each role meets it: calls, turns, steps, and how much it asks."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from audit.models import AuditEntry
from conferencing.call.acts import begin_call
from conferencing.home.meeting_tasks import call_words
from conferencing.home.pages import home_page
from conferencing.models import MeetingRole, Nomination, ProgressUpdate
from conferencing.prep_lists.acts import freeze_list, hold_list
from conferencing.prep_lists.reminders import still_open, still_open_of
from conferencing.roster.acts import settle_roster
from conferencing.task import Task, by_day
from conferencing.tests.factories import make_meeting, make_role, make_roster, make_step, make_swap
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant, make_release
from regions.clock import local_day
from regions.tests.factories import make_region

FACILITATOR, NOTE_TAKER = MeetingRole.Role.FACILITATOR, MeetingRole.Role.NOTE_TAKER


def nominate(meeting, participant, user):
    return Nomination.objects.create(
        meeting=meeting,
        participant=participant,
        agency=participant.agency,
        by=user,
        reason="Sleeps outside",
        at=timezone.now(),
    )


def place_of(user):
    return StaffMember.objects.get(user=user)


def test_home_tells_the_specialist_what_each_call_lacks(
    client,
    river,
    river_specialist,
    river_provider,
    river_other_provider,
    river_unsigned_provider,
    region_2,
):
    meeting = make_meeting(river, region_2)
    far = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=60))
    place = place_of(river_provider)
    other = place_of(river_other_provider)
    make_role(meeting, other.agency, FACILITATOR, person=other)
    make_role(meeting, place.agency, NOTE_TAKER)
    listed = make_participant(place.agency, region_2)
    make_roster(meeting, listed)
    nominate(meeting, listed, river_provider)
    withdrawn = nominate(meeting, make_participant(place.agency, region_2), river_provider)
    withdrawn.withdrawn_at = timezone.now()
    withdrawn.save()
    nominate(meeting, make_participant(place.agency, region_2), river_provider)
    tasks = home_page(river_specialist, now=timezone.now())["tasks"]
    call, list_on = f"/meetings/{meeting.pk}", local_day(meeting.list_due_at, river.zone)
    assert [(task.hint, task.button, task.by, task.url) for task in tasks] == [
        ("The roster is not settled.", "Settle the roster", list_on, f"{call}/roster/"),
        (
            "Bridge Housing has not named its note taker.",
            "Name a person",
            list_on,
            f"{call}/roles/note_taker/",
        ),
        (
            "1 person won’t get the list: agreement or statement missing (Bridge Housing).",
            "See who",
            list_on,
            f"{call}/list/",
        ),
        ("", "Look at it", list_on, f"{call}/roster/#nominated"),
        (
            "Partners see these by alias until one is signed and recorded.",
            "Record releases",
            None,
            "/participants/releases/missing/",
        ),
    ]
    assert tasks[3].title.startswith("1 nomination to look at: Region 2 call, ")
    client.force_login(river_specialist)
    page = client.get("/")
    assert f"Settle the roster: {call_words(meeting)}" in text_of(page)
    assert str(far.pk) not in "".join(task.url for task in tasks)


def test_home_asks_nothing_of_the_list_of_a_call_that_was_begun_before_its_time(
    river, river_specialist, region_2
):
    now = timezone.now()
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(minutes=10))
    roster = f"/meetings/{meeting.pk}/list/choose/"
    assert roster in {task.url for task in home_page(river_specialist, now=now)["tasks"]}
    begin_call(meeting, actor=river_specialist, now=now)
    assert roster not in {task.url for task in home_page(river_specialist, now=now)["tasks"]}


def test_home_keeps_a_call_without_note_taker_until_it_begins_and_puts_it_first(
    client, river, river_specialist, river_provider, river_agency, region_2
):
    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(hours=20))
    make_role(call, river_agency, FACILITATOR, person=place_of(river_provider))
    make_meeting(river, region_2, starts_at=now + timedelta(days=20))
    freeze_list(call, actor=river_specialist, now=now)
    tasks = [
        task for task in home_page(river_specialist, now=now)["tasks"] if str(call.pk) in task.url
    ]
    assert [(task.hint, task.url) for task in tasks] == [
        ("No agency has the role.", f"/meetings/{call.pk}/roles/note_taker/"),
        ("There is no link to the call.", f"/meetings/{call.pk}/link/"),
    ]
    assert tasks[1].when == "List is being sent"
    begun = home_page(river_specialist, now=call.starts_at)["tasks"]
    assert f"/meetings/{call.pk}/link/" not in {task.url for task in begun}


def test_home_says_that_a_list_is_on_hold_wherever_it_stands(
    client, river, river_specialist, river_provider, region_2
):
    now = timezone.now()
    call = make_meeting(river, region_2)
    hold_list(call, reason="Roster in dispute", actor=river_specialist, now=now)
    client.force_login(river_specialist)
    tasks = [
        task for task in home_page(river_specialist, now=now)["tasks"] if str(call.pk) in task.url
    ]
    assert tasks
    assert {task.when for task in tasks} == {"List on hold"}
    for page in (
        call.get_absolute_url(),
        reverse("conferencing:meeting_list"),
        reverse("conferencing:list_detail", args=[call.pk]),
    ):
        words = text_of(client.get(page))
        assert "on hold" in words.lower()
        assert "oes out" not in words.replace("Nothing goes out", "")


def test_home_asks_first_who_is_wanted_at_a_call_that_is_on(
    client, river, river_provider, river_other_provider, region_2
):
    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(minutes=5))
    role = make_role(call, place_of(river_other_provider).agency, NOTE_TAKER)
    make_swap(role, place_of(river_provider), by=place_of(river_other_provider))
    step = make_step(
        make_participant(place_of(river_provider).agency, region_2),
        place_of(river_provider).agency,
        person=place_of(river_provider),
        due_in=-3,
    )
    client.force_login(river_provider)
    words = text_of(client.get("/"))
    assert words.index("Can you be the note taker?") < words.index(step.what)
    assert "Nothing is waiting for you." not in words


def test_home_says_of_many_calls_what_is_said_of_each(
    river,
    river_provider,
    river_unsigned_provider,
    river_lapsed_provider,
    region_1,
    region_2,
    river_agency,
):
    quiet = make_staff(river_agency, statement=False, regions=[region_2], gets_list=False)
    nowhere = make_staff(river_agency, statement=False)
    meetings = [
        make_meeting(river, region_1),
        make_meeting(river, region_2, roster_settled_at=timezone.now()),
        make_meeting(river, None, list_held_at=timezone.now()),
    ]
    make_role(meetings[1], river_agency, FACILITATOR)
    now = timezone.now()
    points = still_open_of(meetings, now=now)
    lines = {key: [point.words for point in found] for key, found in points.items()}
    assert lines == {meeting.pk: still_open(meeting, now=now) for meeting in meetings}
    assert "2 people won’t get the list" in lines[meetings[1].pk][-1]
    assert quiet.user.name not in str(lines)
    assert nowhere.user.name not in str(lines)


def test_home_asks_the_lead_to_name_and_tells_the_person_of_their_turn(
    river, region_2, river_agency, river_lead, river_provider
):
    meeting = make_meeting(river, region_2)
    make_role(meeting, river_agency, FACILITATOR, person=place_of(river_provider))
    later = make_meeting(river, region_2, starts_at=meeting.starts_at + timedelta(days=1))
    note_taker = make_role(later, river_agency, NOTE_TAKER)
    now = timezone.now()
    (turn,) = home_page(river_provider, now=now)["tasks"]
    assert turn.title.startswith("You are the facilitator: Region 2 call, ")
    assert turn.url == meeting.get_absolute_url()
    (naming,) = home_page(river_lead, now=now)["tasks"]
    assert naming.title.startswith("Name a note taker: ")
    assert str(note_taker.pk) in naming.url
    assert home_page(river_lead, now=later.starts_at)["tasks"] == []


def test_home_shows_own_steps_first_by_the_release_rules_and_records_it(
    client, river_agency, river_other_agency, river_provider, river_lead, region_2
):
    place = place_of(river_provider)
    hidden = make_participant(river_other_agency, region_2, name="Ana Sentinelle", alias="Heron-1")
    named = make_participant(river_other_agency, region_2, name="Bo Open", alias="Heron-2")
    make_release(named, agencies=[river_agency])
    for _ in range(12):
        make_step(named, river_agency, person=place_of(river_lead), due_in=1)
    make_step(hidden, river_agency, person=place, due_in=20, what="Call Ana Sentinelle")
    make_step(named, river_agency, person=place, due_in=-2, what="Visit Bo Open")
    make_step(named, river_agency, person=place, state="done", closed_at=timezone.now())
    client.force_login(river_provider)
    page = client.get("/")
    steps = page.context["steps"]
    assert [(row.what, row.is_mine, row.is_overdue) for row in steps["rows"]][:2] == [
        ("Visit Bo Open", True, True),
        ("Call Heron-1", True, False),
    ]
    assert (len(steps["rows"]), steps["all"], steps["overdue"]) == (10, 14, 1)
    assert "Sentinelle" not in page.content.decode()
    entry = AuditEntry.objects.get(action="steps.viewed")
    assert entry.actor_id == river_provider.pk
    assert entry.detail == {
        "participants": sorted([str(hidden.pk), str(named.pk)]),
        "named_under": {str(named.pk): str(named.releases.get().pk)},
    }


@pytest.mark.parametrize("person", ["river_lapsed_provider", "river_unsigned_provider"])
def test_home_leads_who_is_out_of_standing_to_what_is_missing(client, request, person):
    client.force_login(request.getfixturevalue(person))
    page = client.get("/")
    assert f'href="{reverse("agreements:my_place")}"' in page.content.decode()
    assert "See what is missing, and who can put it right" in text_of(page)
    assert "Nothing is waiting for you." not in text_of(page)


@pytest.mark.parametrize("person", ["river_unsigned_provider", "river_administrator"])
def test_home_shows_no_steps_to_whom_participants_are_closed(
    client, request, river_agency, region_2, person
):
    participant = make_participant(river_agency, region_2, alias="Heron-1")
    make_step(participant, river_agency)
    client.force_login(request.getfixturevalue(person))
    page = client.get("/")
    assert page.context["steps"] is None
    assert "Heron-1" not in page.content.decode()
    assert not AuditEntry.objects.filter(action="steps.viewed").exists()


def asked(client):
    with CaptureQueriesContext(connection) as seen:
        assert client.get("/").status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("person", "expected"),
    [("river_specialist", 37), ("river_lead", 49), ("river_administrator", 13)],
)
def test_home_asks_the_database_the_same_for_1_and_30(
    client, request, river, river_agency, region_2, river_lead, person, expected
):
    client.force_login(request.getfixturevalue(person))

    def more():
        region = make_region(river)
        meeting = make_meeting(river, region)
        make_role(meeting, river_agency, FACILITATOR)
        participant = make_participant(river_agency, region_2)
        make_release(participant, agencies=[river_agency])
        make_step(participant, river_agency, person=place_of(river_lead))
        nominate(meeting, participant, river_lead)
        make_staff(river_agency, statement=False, regions=[region])

    more()
    client.get("/")
    assert asked(client) == expected
    for _ in range(29):
        more()
    assert asked(client) == expected


def test_home_puts_jobs_under_their_days_and_only_what_is_past_is_late():
    today = date(2026, 12, 8)
    names = {None: "No date", -3: "Late", -1: "Late", 0: "Today", 6: "This week", 7: "Later"}
    tasks = [
        Task(str(days), "/", by=None if days is None else today + timedelta(days=days))
        for days in names
    ]
    days = by_day([*tasks, Task("second", "/", by=today)], today)
    assert [
        (day.name, day.is_late, [(job.task.title, job.day, job.when) for job in day.jobs])
        for day in days
    ] == [
        ("Late", True, [("-3", "Dec 5", "3 days late"), ("-1", "Dec 7", "1 day late")]),
        ("Today", False, [("0", "Today", ""), ("second", "Today", "")]),
        ("This week", False, [("6", "Mon, Dec 14", "")]),
        ("Later", False, [("7", "Dec 15", "")]),
        ("No date", False, [("None", "", "")]),
    ]


def done_by(client, user):
    """What the page ticks for them, but for the statement that they signed to be of the cast."""
    client.force_login(user)
    done = client.get("/").context["done"]
    return [(each.title, each.url) for each in done if not each.title.startswith("Signed")]


def test_home_ticks_what_was_done_today_and_no_longer_what_was_undone(
    client, river, three, river_specialist, river_provider, river_agency, region_2
):
    meeting = make_meeting(river, region_2)
    make_roster(meeting, make_participant(river_agency, region_2, name="Ana Sentinelle"))
    settle_roster(meeting, actor=river_specialist, now=timezone.now())
    assert done_by(client, river_specialist) == [
        ("Settled the roster of the Region 2 call", f"/meetings/{meeting.pk}/roster/")
    ]
    assert "Settled the roster of the Region 2 call" in text_of(client.get("/"))
    assert done_by(client, river_provider) == []
    type(meeting).objects.update(roster_settled_at=timezone.now() - timedelta(days=1))
    assert done_by(client, river_specialist) == []


def test_home_counts_what_was_done_for_steps_and_names_no_household(
    client, river_agency, river_provider, region_2
):
    participant = make_participant(river_agency, region_2, name="Ana Sentinelle")
    for _ in range(2):
        ProgressUpdate.objects.create(
            step=make_step(participant, river_agency),
            progress="under_way",
            by=river_provider,
            at=timezone.now(),
        )
    assert done_by(client, river_provider) == [("Recorded 2 updates on steps", "/steps/")]
    river_provider.statements.update(revoked_at=timezone.now())
    assert done_by(client, river_provider) == []
