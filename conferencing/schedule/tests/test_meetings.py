"""The year's plan: made, made again, changed by rules and by people."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from audit.models import AuditEntry
from conferencing.models import Meeting, PrepList
from conferencing.schedule.acts import (
    add_meeting,
    cancel_meeting,
    change_link,
    move_meeting,
    restore_meeting,
)
from conferencing.schedule.planning import Act
from conferencing.schedule.years import plan_due_years, plan_year
from conferencing.tests.factories import make_meeting, make_role, make_roster
from participants.tests.factories import make_participant
from regions.tests.factories import make_continuum, make_region, make_rule

CHICAGO = ZoneInfo("America/Chicago")
NEW_YEAR = datetime(2026, 1, 1, 6, tzinfo=UTC)


@pytest.fixture
def river_rules(river, region_1, region_2):
    """Monthly per region; CoC-wide on the 4th Friday of January, April, July, October."""
    region_3 = make_region(river, name="Region 3", position=3, counties=("Nicollet",))
    make_rule(river, region_1, week=2, weekday=1, starts=time(9, 0))
    make_rule(river, region_2, week=2, weekday=3, starts=time(10, 0))
    make_rule(river, region_3, week=3, weekday=2, starts=time(13, 30))
    make_rule(river, None, week=4, weekday=4, starts=time(10, 0), months=[1, 4, 7, 10], minutes=90)
    return river


def acts(changes):
    return [change.act for change in changes]


def local_calls(continuum, region, year):
    rows = Meeting.objects.filter(continuum=continuum, region=region, slot__startswith=f"{year}-")
    zone = ZoneInfo(continuum.zone)
    return [f"{row.starts_at.astimezone(zone):%m-%d %H:%M}" for row in rows]


def test_plan_year_makes_what_river_valleys_procedure_says(river_rules, region_2):
    made = plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    assert acts(made) == [Act.MADE] * 28
    assert local_calls(river_rules, None, 2026) == [
        "01-23 10:00",
        "04-24 10:00",
        "07-24 10:00",
        "10-23 10:00",
    ]
    assert local_calls(river_rules, region_2, 2026) == [
        "02-12 10:00",
        "03-12 10:00",
        "05-14 10:00",
        "06-11 10:00",
        "08-13 10:00",
        "09-10 10:00",
        "11-12 10:00",
        "12-10 10:00",
    ]


def test_plan_year_again_makes_nothing_twice(river_rules):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    before = list(Meeting.objects.order_by("pk").values())
    again = plan_year(river_rules, 2026, actor=None, now=NEW_YEAR + timedelta(days=100))
    assert acts(again) == [Act.UNCHANGED] * 28
    assert list(Meeting.objects.order_by("pk").values()) == before


def test_plan_year_makes_past_calls_of_a_year_that_has_none(river_rules):
    """The example's last year is planned whole; a real continuum starts from today."""
    now = NEW_YEAR + timedelta(days=200)
    assert len(plan_year(river_rules, 2025, actor=None, now=now)) == 28
    made = plan_year(river_rules, 2026, actor=None, now=now, with_past=False)
    assert all(change.meeting.starts_at > now for change in made)


def test_plan_due_years_plans_next_year_from_october_on(river_rules):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    plan_due_years(datetime(2026, 9, 30, 23, 0, tzinfo=CHICAGO))
    assert Meeting.objects.filter(slot__startswith="2027").count() == 0
    plan_due_years(datetime(2026, 10, 1, 0, 1, tzinfo=CHICAGO))
    assert Meeting.objects.filter(slot__startswith="2027").count() == 28


def test_plan_year_moves_untouched_calls_to_a_changed_rule(river_rules, region_2):
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    keys = dict(Meeting.objects.filter(region=region_2).values_list("slot", "pk"))
    region_2.calling_rule.starts = time(14, 0)
    region_2.calling_rule.save()
    now = datetime(2026, 6, 1, tzinfo=UTC)
    changes = plan_year(river_rules, 2026, actor=None, now=now)
    moved = [change.meeting for change in changes if change.act == Act.MOVED]
    assert [(row.slot, row.pk, row.sequence) for row in moved] == [
        (slot, keys[slot], 1) for slot in ("2026-06", "2026-08", "2026-09", "2026-11", "2026-12")
    ]
    assert local_calls(river_rules, region_2, 2026)[2:5] == [
        "05-14 10:00",
        "06-11 14:00",
        "08-13 14:00",
    ]


def test_plan_year_removes_what_is_replaced_unless_something_hangs_on_it(
    river, region_2, river_agency, river_provider
):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    by_slot = {row.slot: row for row in Meeting.objects.all()}
    make_roster(by_slot["2026-04"], make_participant(river_agency, region_2))
    place = river_provider.places.get()
    make_role(by_slot["2026-07"], river_agency, person=place)
    make_rule(river, None, week=4, weekday=4, months=[1, 4, 7, 10])
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    left = Meeting.objects.filter(region=region_2, slot__in=["2026-01", "2026-04", "2026-07"])
    assert {row.slot: (row.state, row.cancellation_reason) for row in left} == {
        "2026-04": ("planned", None),
        "2026-07": ("cancelled", "The calling rule no longer plans this call."),
    }


def test_plan_year_leaves_meetings_of_other_continuums_alone(river_rules, three, three_region):
    other = make_meeting(three, three_region, slot="2026-02")
    plan_year(river_rules, 2026, actor=None, now=NEW_YEAR)
    assert list(Meeting.objects.filter(continuum=three)) == [other]


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_plan_year_keeps_the_wall_clock_through_the_year(river_rules, three, three_region, year):
    """Both procedures, both clock changes: ten o'clock stays ten o'clock, an hour an hour."""
    make_rule(three, three_region, week=1, weekday=1, starts=time(9, 30))
    for continuum, count in ((river_rules, 28), (three, 12)):
        plan_year(continuum, year, actor=None, now=NEW_YEAR - timedelta(days=30))
        rows = Meeting.objects.filter(continuum=continuum)
        zone = ZoneInfo(continuum.zone)
        assert len(rows) == count
        for row in rows:
            local = row.starts_at.astimezone(zone)
            wanted = {"Region 1": (9, 0), "Region 3": (13, 30), "Three County": (9, 30)}
            assert (local.hour, local.minute) == wanted.get(row.scope_words, (10, 0))
            assert row.minutes == (90 if row.is_coc_wide else 60)
    hours = {row.starts_at.astimezone(UTC).hour for row in Meeting.objects.filter(continuum=three)}
    assert hours == {13, 14}


def test_plan_year_reaches_the_leap_day(three, three_region):
    make_rule(three, three_region, week=-1, weekday=1, starts=time(9, 30))
    plan_year(three, 2028, actor=None, now=NEW_YEAR)
    assert Meeting.objects.get(slot="2028-02").on == date(2028, 2, 29)


def test_plan_year_without_rules_makes_nothing(three, three_region):
    assert plan_year(three, 2026, actor=None, now=NEW_YEAR) == []
    plan_due_years(datetime(2026, 11, 1, tzinfo=UTC))
    assert Meeting.objects.count() == 0


def test_plan_year_with_only_a_coc_wide_rule_makes_its_calls(three, three_region):
    make_rule(three, None, week=1, weekday=0, months=[3, 9])
    plan_year(three, 2026, actor=None, now=NEW_YEAR)
    assert [row.slot for row in Meeting.objects.all()] == ["2026-03", "2026-09"]
    assert not Meeting.objects.exclude(region=None).exists()


def test_plan_year_never_undoes_what_a_person_changed(river, region_2, river_specialist):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    by_slot = {row.slot: row for row in Meeting.objects.all()}
    moved_to = datetime(2026, 3, 20, 15, tzinfo=UTC)
    move_meeting(
        by_slot["2026-03"], starts_at=moved_to, minutes=45, actor=river_specialist, now=NEW_YEAR
    )
    cancel_meeting(by_slot["2026-05"], reason="Snow", actor=river_specialist, now=NEW_YEAR)
    added = add_meeting(
        river,
        region=region_2,
        starts_at=datetime(2026, 6, 30, 15, tzinfo=UTC),
        minutes=60,
        actor=river_specialist,
        now=NEW_YEAR,
    )
    region_2.calling_rule.weekday = 0
    region_2.calling_rule.save()
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    after = {row.pk: row for row in Meeting.objects.all()}
    assert len(after) == 13
    kept = after[by_slot["2026-03"].pk]
    assert (kept.starts_at, kept.minutes, kept.sequence) == (moved_to, 45, 1)
    assert after[by_slot["2026-05"].pk].cancellation_reason == "Snow"
    assert after[added.pk].slot == ""
    assert after[by_slot["2026-04"].pk].on == date(2026, 4, 13)


def test_plan_year_leaves_a_call_whose_list_went_out(river, region_2):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    sent = Meeting.objects.get(slot="2026-02")
    PrepList.objects.create(
        meeting=sent, revision=1, frozen_at=NEW_YEAR, was_settled=False, snapshot={}
    )
    region_2.calling_rule.starts = time(14, 0)
    region_2.calling_rule.save()
    changes = plan_year(river, 2026, actor=None, now=NEW_YEAR)
    kept = [change.why for change in changes if change.act == Act.KEPT]
    assert kept == ["Its list has gone out."]
    sent.refresh_from_db()
    assert sent.sequence == 0


def test_plan_year_restores_what_the_rule_itself_called_off(river, region_2, river_agency):
    make_rule(river, region_2, week=2, weekday=3)
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    april = Meeting.objects.get(slot="2026-04")
    make_role(april, river_agency)
    wide = make_rule(river, None, week=4, weekday=4, months=[4])
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    april.refresh_from_db()
    assert (april.state, april.sequence) == (Meeting.State.CANCELLED, 1)
    wide.delete()
    plan_year(river, 2026, actor=None, now=NEW_YEAR)
    april.refresh_from_db()
    assert (april.state, april.sequence) == (Meeting.State.PLANNED, 2)
    assert not Meeting.objects.filter(region=None).exists()


@pytest.mark.django_db(transaction=True)
def test_plan_year_twice_at_once_makes_each_call_once():
    continuum = make_continuum()
    make_rule(continuum, make_region(continuum), week=2, weekday=3)
    ready, failures = threading.Barrier(2), []

    def plan():
        try:
            ready.wait(timeout=20)
            plan_year(continuum, 2026, actor=None, now=NEW_YEAR)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Meeting.objects.count() == 12


def test_move_meeting_keeps_the_call_and_counts_its_sequence(river, region_2, river_specialist):
    meeting = make_meeting(river, region_2)
    at = meeting.starts_at + timedelta(days=1)
    for number in (1, 2):
        meeting = move_meeting(
            meeting,
            starts_at=at + timedelta(days=number),
            minutes=60,
            actor=river_specialist,
            sequence=number - 1,
        )
    row = Meeting.objects.get()
    assert (row.pk, row.sequence, row.is_changed_by_hand) == (meeting.pk, 2, True)
    assert (
        AuditEntry.objects.filter(action="meeting.moved", actor_id=river_specialist.pk).count() == 2
    )


def test_move_meeting_refuses_what_cannot_be(river, region_2, region_1, river_specialist):
    meeting = make_meeting(river, region_2)
    now = meeting.starts_at - timedelta(days=5)
    make_meeting(river, region_2, starts_at=meeting.starts_at + timedelta(days=2))
    make_meeting(river, region_1, starts_at=meeting.starts_at + timedelta(days=3))

    def move(days, sequence=0, at=now):
        return move_meeting(
            meeting,
            starts_at=meeting.starts_at + timedelta(days=days),
            minutes=60,
            actor=river_specialist,
            sequence=sequence,
            now=at,
        )

    refused = [
        ("time has passed", -6, 0, now),
        ("at this time already", 0, 0, now),
        ("another call at this time", 2, 0, now),
        ("changed meanwhile", 1, 7, now),
        ("has begun", 1, 0, meeting.starts_at + timedelta(minutes=1)),
        ("is over", 1, 0, meeting.ends_at + timedelta(minutes=1)),
    ]
    for words, days, sequence, at in refused:
        with pytest.raises(ValidationError, match=words):
            move(days, sequence, at)
    assert Meeting.objects.get(pk=meeting.pk).sequence == 0
    assert move(3).sequence == 1


def test_cancel_meeting_then_restore_meeting(river, region_2, river_specialist):
    meeting = make_meeting(river, region_2)
    with pytest.raises(ValidationError):
        cancel_meeting(meeting, reason="  ", actor=river_specialist)
    canceled = cancel_meeting(meeting, reason="Snow", actor=river_specialist)
    assert (canceled.state, canceled.sequence) == (Meeting.State.CANCELLED, 1)
    with pytest.raises(ValidationError):
        cancel_meeting(meeting, reason="Twice", actor=river_specialist)
    with pytest.raises(ValidationError):
        restore_meeting(meeting, actor=river_specialist, now=meeting.starts_at)
    restored = restore_meeting(meeting, actor=river_specialist, sequence=1)
    assert (restored.state, restored.sequence, restored.cancellation_reason) == ("planned", 2, None)


def test_restore_meeting_refuses_when_its_time_was_taken(river, region_2, river_specialist):
    meeting = make_meeting(river, region_2)
    cancel_meeting(meeting, reason="Snow", actor=river_specialist)
    make_meeting(river, region_2, starts_at=meeting.starts_at)
    with pytest.raises(ValidationError, match="another call"):
        restore_meeting(meeting, actor=river_specialist)


def test_change_link_leaves_the_calendar_entry_alone(river, region_2, river_specialist):
    region_2.call_link = "https://meet.example.org/r2"
    region_2.save()
    meeting = make_meeting(river, region_2)
    assert meeting.join_link == "https://meet.example.org/r2"
    link = "https://meet.example.org/once"
    changed = change_link(meeting, link=link, actor=river_specialist)
    assert (changed.join_link, changed.sequence) == (link, 0)


def test_meeting_list_times_follow_the_lead_and_the_holidays(river, region_2):
    """A call on the Tuesday after Memorial Day: two days before is a weekend, so the Friday."""
    meeting = make_meeting(river, region_2, starts_at=datetime(2026, 5, 26, 10, tzinfo=CHICAGO))
    assert meeting.list_due_at == datetime(2026, 5, 22, 8, tzinfo=CHICAGO)
    assert meeting.list_warning_at == datetime(2026, 5, 21, 8, tzinfo=CHICAGO)
    assert meeting.list_late_at == datetime(2026, 5, 24, 10, tzinfo=CHICAGO)
