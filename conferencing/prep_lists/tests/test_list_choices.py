"""A call that comes near sends nothing by itself; the specialist chooses."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import outbox.services
from conferencing import due
from conferencing.home.pages import home_page
from conferencing.list_words import list_state
from conferencing.models import Meeting, PrepList, PrepListDelivery
from conferencing.prep_lists import (
    acts as lists,
)
from conferencing.prep_lists import (
    choices as list_choices,
)
from conferencing.prep_lists import (
    pages as delivery_pages,
)
from conferencing.prep_lists import (
    reminders,
)
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.roster import acts as roster
from conferencing.schedule import (
    acts as meetings,
)
from conferencing.schedule import (
    closed_days,
    effects,
    lead_days,
    rules,
)
from conferencing.schedule import (
    pages as meeting_pages,
)
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import text_of
from outbox.models import Message
from participants.tests.factories import make_participant
from regions.calling import local_instant
from regions.clock import local_day
from regions.closed_days import ClosedDay, Kind
from regions.holidays import FEDERAL
from regions.models import Continuum
from regions.tests.factories import today_in

CHICAGO = ZoneInfo("America/Chicago")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def quiet_wednesday():
    """A Wednesday some weeks ahead at 10:00 in Chicago, with no holiday and no other clock near."""
    at = datetime.combine(today_in() + 21 * DAY, time(10), CHICAGO)
    while not (at.weekday() == 2 and is_quiet(at)):
        at += DAY
    return at


def is_quiet(at):
    days = [at + number * DAY for number in range(-12, 8)]
    is_working = all(FEDERAL.closed_name(day.date()) is None for day in days)
    return is_working and len({day.utcoffset() for day in days}) == 1


CALL_AT = quiet_wednesday()
RULE = {
    "week": (CALL_AT.day - 1) // 7 + 1 if CALL_AT.day <= 28 else -1,
    "weekday": 2,
    "months": [CALL_AT.month],
    "starts": time(10),
    "minutes": 60,
}


def mails(kind):
    return Message.objects.filter(kind=kind)


def tick_until(meeting, now, *, steps=8):
    """Ticks from now until the call begins, and one after it."""
    length = (meeting.starts_at - now) / steps
    for number in range(steps + 1):
        outbox.services.tick(now + number * length)


def make_old(continuum, region, starts_at):
    """A call that stood long before its list was due."""
    meeting = make_meeting(continuum, region, starts_at=starts_at)
    Meeting.objects.filter(pk=meeting.pk).update(
        list_timed_at=starts_at - 60 * DAY, list_timed_for=meeting.list_due_at
    )
    meeting.refresh_from_db()
    return meeting


def added(river, region, actor, now):
    return meetings.add_meeting(
        river, region=region, starts_at=CALL_AT, minutes=60, actor=actor, now=now
    )


def moved(river, region, actor, now):
    meeting = make_old(river, region, CALL_AT + 20 * DAY)
    return meetings.move_meeting(meeting, starts_at=CALL_AT, minutes=60, actor=actor, now=now)


def moved_within_the_day(river, region, actor, now):
    meeting = make_old(river, region, CALL_AT + 2 * HOUR)
    lists.hold_list(meeting, reason="Not yet", actor=actor, now=meeting.list_due_at - HOUR)
    meeting = meetings.move_meeting(meeting, starts_at=CALL_AT, minutes=60, actor=actor, now=now)
    return lists.release_list(meeting, actor=actor, now=now)


def restored(river, region, actor, now):
    meeting = make_old(river, region, CALL_AT)
    meetings.cancel_meeting(meeting, reason="Snow", actor=actor, now=now - 20 * DAY)
    return meetings.restore_meeting(meeting, actor=actor, now=now)


def by_a_rule(river, region, actor, now):
    rule = rules.rule_for(river, RULE)
    seen = rules.preview_rule(river, region, rule, now=now).seen
    rules.change_rule(river, region, rule=rule, seen=seen, actor=actor, now=now)
    return Meeting.objects.get(region=region, starts_at=CALL_AT)


def by_more_lead(river, region, actor, now):
    meeting = make_old(river, region, CALL_AT + 3 * DAY)
    _rows, seen = lead_days.preview_lead_days(river, 7, now=now)
    lead_days.change_lead_days(river, lead_days=7, seen=seen, actor=actor, now=now)
    return meeting


def by_a_closed_day(river, region, actor, now):
    """The list of a Friday is due on the Wednesday; that day and the one before are closed."""
    meeting = make_old(river, region, CALL_AT + 2 * DAY)
    on = now.astimezone(CHICAGO).date()
    day = ClosedDay("Flood", Kind.ONCE, on=on, until=meeting.list_due_at.date())
    seen = closed_days.effect_of(river, [day.as_data()], now=now).seen
    closed_days.add_closed_day(river, day=day, seen=seen, actor=actor, now=now)
    return meeting


def by_another_zone(river, region, actor, now):
    """The zone put right in the database: 10:00 in Chicago is 5:00 or 6:00 in Honolulu."""
    meeting = make_old(river, region, CALL_AT + DAY)
    Continuum.objects.update(zone="Pacific/Honolulu")
    return meeting


NEAR = CALL_AT - 30 * HOUR


@pytest.mark.parametrize(
    ("way", "now"),
    [
        (added, NEAR),
        (added, CALL_AT - timedelta(minutes=20)),
        (added, CALL_AT - timedelta(hours=47, minutes=59)),
        (moved, NEAR),
        (moved, CALL_AT - timedelta(minutes=20)),
        (moved_within_the_day, NEAR),
        (restored, NEAR),
        (by_a_rule, NEAR),
        (by_more_lead, NEAR),
        (by_a_closed_day, NEAR - DAY),
        (by_another_zone, CALL_AT - DAY - 4 * HOUR),
    ],
)
def test_a_call_that_comes_near_in_any_way_sends_nothing_until_somebody_chooses(
    river, region_2, river_agency, river_provider, river_specialist, way, now
):
    meeting = way(river, region_2, river_specialist, now)
    meeting = Meeting.objects.get(pk=meeting.pk)
    tick_until(meeting, now)
    assert not PrepList.objects.exists()
    assert list(mails("list-late")) == []
    meeting = Meeting.objects.select_related("continuum").get(pk=meeting.pk)
    assert meeting.needs_list_choice
    later = meeting.starts_at - timedelta(minutes=5)
    choose = reverse("conferencing:list_choose", args=[meeting.pk])
    (task,) = [
        task for task in home_page(river_specialist, now=later)["tasks"] if task.url == choose
    ]
    assert task.by == local_day(later, river.zone)
    assert task.when == "List not sent: choose what happens"
    list_choices.choose_list(meeting, choice="now", actor=river_specialist, now=later)
    prep_list = PrepList.objects.get()
    assert (prep_list.frozen_by, prep_list.was_settled) == (river_specialist, True)
    outbox.services.tick(later + timedelta(minutes=2))
    assert list(mails("list-late")) == []
    assert mails(PREP_LIST.kind).count() == 1


def test_plan_years_by_the_clock_sends_nothing_of_a_call_that_is_near(
    river, region_2, river_provider, river_specialist
):
    river.calling_rules.create(region=region_2, **RULE)
    outbox.services.tick(NEAR)
    (meeting,) = Meeting.objects.filter(starts_at=CALL_AT)
    tick_until(meeting, NEAR)
    assert not PrepList.objects.exists()
    assert list(mails("list-late")) == []


def test_a_list_that_was_promised_goes_out_by_itself_also_after_a_standstill(
    river, region_2, river_provider, river_specialist
):
    meeting = make_old(river, region_2, CALL_AT)
    outbox.services.tick(meeting.list_due_at - timedelta(minutes=1))
    assert not PrepList.objects.exists()
    outbox.services.tick(CALL_AT - 3 * HOUR)
    assert PrepList.objects.get().frozen_by is None
    # The two days were not kept: that is late, and said.
    assert mails("list-late").count() == 1


@pytest.mark.parametrize(
    ("before", "is_settled", "goes"),
    [
        (timedelta(minutes=59), False, False),
        (timedelta(minutes=59), True, True),
        (timedelta(minutes=61), False, True),
    ],
)
def test_a_roster_that_nobody_settled_waits_where_its_call_was_set_within_the_hour(
    river, region_2, river_provider, river_specialist, before, is_settled, goes
):
    due_at = due.list_times(Meeting(continuum=river, starts_at=CALL_AT)).due_at
    meeting = added(river, region_2, river_specialist, due_at - before)
    if is_settled:
        roster.settle_roster(meeting, actor=river_specialist, now=due_at - before)
    outbox.services.tick(due_at)
    outbox.services.tick(due_at + 5 * HOUR)
    assert PrepList.objects.exists() is goes


@pytest.mark.parametrize("choice", ["none", "now"])
def test_a_list_set_within_the_hour_is_warned_of_and_late_only_once_it_is_promised(
    choice, client, river, region_2, river_provider, river_specialist
):
    times = due.list_times(Meeting(continuum=river, starts_at=CALL_AT))
    meeting = added(river, region_2, river_specialist, times.due_at - timedelta(minutes=40))
    outbox.services.tick(times.due_at - timedelta(minutes=10))
    assert list(mails("list-warning")) == []
    later = times.late_at + HOUR
    outbox.services.tick(later)
    meeting.refresh_from_db()
    assert meeting_pages.meeting_page(meeting, river_specialist, now=later)["is_late"] is False
    list_choices.choose_list(meeting, choice=choice, actor=river_specialist, now=later)
    outbox.services.tick(later + timedelta(minutes=59))
    assert list(mails("list-late")) == []
    if choice == "now":
        outbox.services.tick(later + timedelta(minutes=61))
        assert mails("list-late").count() == 1


def test_choose_list_at_a_time_sends_it_then_and_is_not_late(
    river, region_2, river_provider, river_specialist
):
    meeting = added(river, region_2, river_specialist, NEAR)
    soon, later = NEAR + timedelta(minutes=30), NEAR + 6 * HOUR
    act = {"choice": "at", "actor": river_specialist, "now": NEAR}
    with pytest.raises(ValidationError, match="Nobody has settled the roster"):
        list_choices.choose_list(meeting, send_at=soon, **act)
    with pytest.raises(ValidationError, match="has passed"):
        list_choices.choose_list(meeting, send_at=NEAR - HOUR, **act)
    with pytest.raises(ValidationError, match="has begun by then"):
        list_choices.choose_list(meeting, send_at=CALL_AT, **act)
    list_choices.choose_list(meeting, send_at=later, **act)
    outbox.services.tick(later - timedelta(minutes=1))
    assert not PrepList.objects.exists()
    outbox.services.tick(later)
    outbox.services.tick(later + timedelta(minutes=2))
    assert PrepList.objects.get().was_settled is False
    assert list(mails("list-late")) == []


def test_choose_no_list_then_choose_again(river, region_2, river_provider, river_specialist):
    meeting = added(river, region_2, river_specialist, NEAR)
    act = {"actor": river_specialist, "now": NEAR}
    meeting = list_choices.choose_list(meeting, choice="none", **act)
    tick_until(meeting, NEAR)
    assert not PrepList.objects.exists()
    assert list_state(meeting, now=NEAR).words == "No list for this call"
    lines = reminders.still_open(meeting, now=NEAR)
    assert not any("choose" in line or "won’t get the list" in line for line in lines)
    list_choices.choose_list(meeting, choice="now", **act)
    assert PrepList.objects.count() == 1
    with pytest.raises(ValidationError, match="has gone out already"):
        list_choices.choose_list(meeting, choice="none", **act)


def test_choose_list_refuses_one_that_goes_out_by_itself(river, region_2, river_specialist):
    meeting = make_old(river, region_2, CALL_AT)
    with pytest.raises(ValidationError, match="goes out by itself"):
        list_choices.choose_list(
            meeting, choice="none", actor=river_specialist, now=CALL_AT - 20 * DAY
        )


def test_a_choice_does_not_outlive_the_call_it_was_made_for(
    river, region_2, river_provider, river_specialist
):
    meeting = added(river, region_2, river_specialist, NEAR)
    act = {"actor": river_specialist, "now": NEAR}
    meeting = list_choices.choose_list(meeting, choice="at", send_at=NEAR + 6 * HOUR, **act)
    meeting = meetings.move_meeting(meeting, starts_at=CALL_AT + HOUR, minutes=60, **act)
    assert (meeting.list_choice, meeting.list_send_at) == ("", None)
    tick_until(meeting, NEAR)
    assert not PrepList.objects.exists()
    far = meetings.move_meeting(meeting, starts_at=CALL_AT + 20 * DAY, minutes=60, **act)
    assert far.list_goes_at == far.list_due_at


def lengthened_by_hand(meeting, actor, now):
    told = " ".join(effects.effects_of_move(meeting, CALL_AT, 90, now=now)["effects"])
    assert "The call stays on" in told
    assert "Nothing changes about its list." in told
    return meetings.move_meeting(meeting, starts_at=CALL_AT, minutes=90, actor=actor, now=now)


def lengthened_by_a_rule(meeting, actor, now):
    Meeting.objects.filter(pk=meeting.pk).update(slot=f"{CALL_AT:%Y-%m}", is_changed_by_hand=False)
    rule = rules.rule_for(meeting.continuum, RULE | {"minutes": 90})
    seen = rules.preview_rule(meeting.continuum, meeting.region, rule, now=now).seen
    rules.change_rule(meeting.continuum, meeting.region, rule=rule, seen=seen, actor=actor, now=now)
    return Meeting.objects.get(pk=meeting.pk)


@pytest.fixture(params=[lengthened_by_hand, lengthened_by_a_rule])
def lengthen(request):
    return request.param


def test_a_longer_call_keeps_the_time_of_its_list(
    lengthen, river, region_2, river_provider, river_specialist
):
    meeting = make_old(river, region_2, CALL_AT)
    due_at = meeting.list_due_at
    longer = lengthen(meeting, river_specialist, due_at - timedelta(minutes=20))
    assert (longer.minutes, longer.list_goes_at) == (90, due_at)
    outbox.services.tick(due_at + timedelta(minutes=1))
    assert longer.prep_lists.count() == 1


@pytest.mark.parametrize("choice", ["at", "none"])
def test_a_longer_call_keeps_what_was_chosen_about_its_list(
    choice, lengthen, river, region_2, river_provider, river_specialist
):
    meeting = added(river, region_2, river_specialist, NEAR)
    at = NEAR + 6 * HOUR if choice == "at" else None
    act = {"choice": choice, "send_at": at, "actor": river_specialist, "now": NEAR}
    meeting = list_choices.choose_list(meeting, **act)
    longer = lengthen(meeting, river_specialist, NEAR + HOUR)
    assert (longer.minutes, longer.list_choice, longer.list_goes_at) == (90, choice, at)


def test_a_corrected_revision_is_not_late_when_it_is_made(
    river, region_2, river_agency, river_provider, river_specialist
):
    meeting = make_old(river, region_2, CALL_AT)
    make_roster(meeting, make_participant(river_agency, region_2))
    outbox.services.tick(meeting.list_due_at)
    Message.objects.filter(kind=PREP_LIST.kind).update(state="sent", sent_at=meeting.list_due_at)
    make_roster_longer(meeting, river_agency, region_2, river_specialist)
    act = {"revision": 1, "reason": "One more", "actor": river_specialist}
    lists.correct_list(meeting, now=NEAR, **act)
    outbox.services.tick(NEAR + timedelta(minutes=2))
    assert list(mails("list-late")) == []


def make_roster_longer(meeting, agency, region, actor):
    roster.add_to_roster(
        meeting, make_participant(agency, region), because="New", actor=actor, now=NEAR
    )


def test_adding_a_near_call_leads_to_the_choice_and_says_that_nothing_was_sent(
    client, river, region_2, river_provider, river_specialist
):
    soon = (timezone.now() + DAY + 12 * HOUR).astimezone(CHICAGO)
    client.force_login(river_specialist)
    form = {"region": region_2.pk, "on": soon.date().isoformat(), "starts": "10:00", "minutes": 60}
    answer = client.post(reverse("conferencing:meeting_add"), form, follow=True)
    meeting = Meeting.objects.get()
    choose = reverse("conferencing:list_choose", args=[meeting.pk])
    assert answer.redirect_chain[-1][0] == choose
    words = text_of(answer)
    assert "Nothing has been sent, and nothing is sent until you choose." in words
    assert "1 person gets an email with their own protected copy" in words
    # Reachable later: from the call's page, from its list, from the first page.
    for page in (
        meeting.get_absolute_url(),
        reverse("conferencing:list_detail", args=[meeting.pk]),
        reverse("conferencing:home"),
    ):
        assert f'href="{choose}"' in client.get(page).content.decode()
    assert "Choose what happens to the list." in text_of(client.post(choose, {"choice": ""}))
    assert "Enter the date." in text_of(client.post(choose, {"choice": "at"}))
    today = timezone.now().astimezone(CHICAGO).date()
    past = {"choice": "at", "on": (today - DAY).isoformat(), "starts": "10:00"}
    assert "This time has passed." in text_of(client.post(choose, past))
    before = meeting.starts_at - 2 * HOUR
    later = before.astimezone(CHICAGO)
    form = {"choice": "at", "on": later.date().isoformat(), "starts": f"{later:%H:%M}"}
    client.post(choose, form)
    meeting.refresh_from_db()
    assert meeting.list_send_at == before
    assert not PrepList.objects.exists()
    client.post(choose, {"choice": "now"})
    assert PrepList.objects.get().was_settled
    assert "There is nothing to choose" in text_of(client.get(choose))


def test_send_now_of_a_sudden_call_settles_its_roster(
    client, river, region_2, river_provider, river_specialist
):
    meeting = make_meeting(river, region_2, starts_at=timezone.now() + 20 * HOUR)
    client.force_login(river_specialist)
    send = reverse("conferencing:list_send", args=[meeting.pk])
    assert "You settle the roster as it stands." in text_of(client.get(send))
    client.post(send)
    assert PrepList.objects.get().was_settled


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    on=st.integers(60, 150).map(lambda days: today_in() + days * DAY),
    clock=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["America/Chicago", "America/New_York", "Pacific/Honolulu"]),
    lead=st.integers(2, 30),
    has_day_after=st.booleans(),
)
def test_row_page_preview_effects_mails_and_tick_have_the_same_times(
    river, region_2, river_specialist, river_provider, on, clock, zone, lead, has_day_after
):
    day = ClosedDay("Day after", Kind.HOLIDAY, holiday="Thanksgiving Day", offset=1)
    Continuum.objects.update(
        zone=zone, lead_days=lead, closed_days=[day.as_data()] if has_day_after else []
    )
    starts_at = local_instant(on, clock, zone)
    meeting = make_old(Continuum.objects.get(), region_2, starts_at)
    times = due.list_times(meeting)
    now = times.warned_at - DAY
    # The row, the pages, the words.
    assert meeting.list_times == times
    assert meeting.list_goes_at == times.due_at
    assert delivery_pages.list_page(meeting, now=now)["times"] == times
    words = effects.moment(times.due_at, zone)
    assert f"Its list goes out on {words}." in effects.effects_of_restore(meeting, now=now)
    page = meeting_pages.meeting_page(meeting, river_specialist, now=now)
    assert times.due_at.astimezone(ZoneInfo(zone)).strftime("%a, %b ") in page["list_state"].words
    # A preview of another lead.
    other = Continuum(zone=zone, lead_days=lead + 8, closed_days=meeting.continuum.closed_days)
    (row,) = lead_days.due_rows(meeting.continuum, now=now, lead_days=lead + 8)
    assert row.due_at == times.due_at
    assert row.new_due_at == due.list_times(Meeting(continuum=other, starts_at=starts_at)).due_at
    # The tick: not a minute before, and at that minute; the copies are late at the same time.
    minute = timedelta(minutes=1)
    assert lists.due_meetings(times.due_at - minute) == []
    assert lists.due_meetings(times.due_at) == [meeting]
    lists.freeze_due_lists(times.due_at)
    copy = Message.objects.get(kind=PREP_LIST.kind)
    assert (copy.late_after, copy.not_after) == (times.late_at, starts_at)
    assert copy.due_at + timedelta(hours=48) <= starts_at
    undo_all(meeting)


def undo_all(meeting):
    """Leave nothing to the next example."""
    PrepListDelivery.objects.all().delete()
    Message.objects.all().delete()
    PrepList.objects.all().delete()
    meeting.delete()


def test_a_list_whose_copies_wait_is_being_sent_and_then_out(
    smtp_server, river, region_2, river_provider, river_specialist
):
    call = make_old(river, region_2, CALL_AT)
    now = call.list_due_at - 3 * DAY
    lists.freeze_list(call, actor=river_specialist, now=now)
    rows = Meeting.objects.filter(pk=call.pk).with_list_out_at()
    for each in (call, rows.get()):
        assert list_state(each, now=now).words == "List is being sent"
    outbox.services.tick(now, send=True)
    for each in (Meeting.objects.get(pk=call.pk), rows.get()):
        assert list_state(each, now=now).words.startswith("List went out ")


def test_moving_a_call_whose_list_waits_for_a_choice_says_that_it_goes_out_by_itself_again(
    river, region_2, river_specialist
):
    near = make_old(river, region_2, CALL_AT)
    now = near.list_due_at + HOUR
    Meeting.objects.filter(pk=near.pk).update(list_timed_at=now, list_timed_for=None)
    near.refresh_from_db()
    assert near.list_goes_at is None
    told = effects.effects_of_move(near, near.starts_at + 7 * DAY, 60, now=now)["effects"]
    assert any(each.endswith(", by itself again.") for each in told)
