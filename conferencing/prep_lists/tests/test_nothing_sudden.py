"""Whatever people do to calls, one act after the other, nothing is mailed that comes too near.

Stories of such acts are drawn; between them the clock ticks, at each list's time and around each
act. What a tick froze is judged by what the decision says, not by what the program thinks of it.
"""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

import outbox.services
from conferencing import due
from conferencing.models import Meeting, PrepList
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.roster import acts as roster
from conferencing.schedule import acts as meetings
from conferencing.schedule import closed_days, lead_days
from outbox.models import Message
from participants.tests.factories import make_participant
from regions.closed_days import ClosedDay, Kind
from regions.models import Continuum

from .test_list_choices import (
    CALL_AT,
    DAY,
    HOUR,
    make_old,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TWO_DAYS = timedelta(hours=48)
ZONES = ["America/Chicago", "America/New_York", "America/Denver", "Pacific/Honolulu"]


class Story:
    """One continuum with some calls, what is done to them, and since when each has its time."""

    def __init__(self, river, region, actor, seed):
        self.river, self.region, self.actor = river, region, actor
        self.draw = random.Random(seed)  # noqa: S311 (the same stories each time)
        self.now = CALL_AT - 9 * DAY
        self.set_at, self.due_at, self.settled_at = {}, {}, {}
        self.told = []
        for days in (0, 1, 3):
            make_old(river, region, CALL_AT + days * DAY)
        self.look(CALL_AT - 60 * DAY)

    def calls(self):
        return Meeting.objects.select_related("continuum").order_by("starts_at")

    def look(self, at, touched=None):
        """Note each call's time, and since when it has that one."""
        for call in self.calls():
            due_at = due.list_times(call).due_at
            if self.due_at.get(call.pk) != due_at or call.pk == touched:
                self.set_at[call.pk], self.due_at[call.pk] = at, due_at
            if call.roster_settled_at is None:
                self.settled_at.pop(call.pk, None)
            else:
                self.settled_at.setdefault(call.pk, at)

    def tick(self, at):
        """Let the clock act at this moment; what it froze must have been promised."""
        self.now = at
        before = set(PrepList.objects.values_list("pk", flat=True))
        outbox.services.tick(at)
        for made in PrepList.objects.exclude(pk__in=before).select_related("meeting__continuum"):
            self.judge(made, at)

    def judge(self, made, at):
        call, story = made.meeting, f"{self.told} at {at}"
        due_at, set_at = self.due_at[call.pk], self.set_at[call.pk]
        assert made.frozen_by_id is None
        assert call.state == Meeting.State.PLANNED, story
        assert call.list_held_at is None, story
        assert set_at < due_at <= at, f"its time had passed when it was set: {story}"
        assert call.starts_at - at >= TWO_DAYS, f"inside the two days: {story}"
        settled_at = self.settled_at.get(call.pk)
        if settled_at is None or settled_at > due_at:
            assert at - set_at >= HOUR, f"not settled, within the hour: {story}"
            assert settled_at is None, f"settled after its time: {story}"

    def act(self):
        """Do one thing, as a person would; what is refused did nothing."""
        name = self.draw.choice(ACTS)
        call = self.draw.choice([each for each in self.calls() if each.starts_at > self.now])
        self.told.append(f"{name} {call.pk.hex[:4]} {self.now:%d %H:%M}")
        known = set(self.due_at)
        before = set(PrepList.objects.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                touched = getattr(self, name)(call)
        except ValidationError:
            self.told[-1] += " (refused)"
            return
        # What is done to a call's time mails nothing in the request either.
        assert set(PrepList.objects.values_list("pk", flat=True)) == before, self.told
        self.look(self.now, touched=touched)
        for key in set(self.due_at) - known:
            self.set_at[key] = self.now

    def moved_to(self, call, starts_at):
        meetings.move_meeting(call, starts_at=starts_at, minutes=60, actor=self.actor, now=self.now)
        return call.pk

    def add(self, call):
        starts_at = self.now + self.draw.choice([2 * HOUR, 30 * HOUR, 50 * HOUR, 80 * HOUR])
        added = meetings.add_meeting(
            self.river,
            region=self.region,
            starts_at=starts_at,
            minutes=60,
            actor=self.actor,
            now=self.now,
        )
        return added.pk

    def move(self, call):
        return self.moved_to(call, call.starts_at + self.draw.choice([-3, -1, 1, 2]) * DAY)

    def bring_near(self, call):
        return self.moved_to(call, self.now + self.draw.choice([20 * MINUTE, 26 * HOUR, 49 * HOUR]))

    def change_hour(self, call):
        return self.moved_to(call, call.starts_at + self.draw.choice([-5, -2, 1, 4]) * HOUR)

    def change_length(self, call):
        minutes = 150 - call.minutes
        meetings.move_meeting(
            call, starts_at=call.starts_at, minutes=minutes, actor=self.actor, now=self.now
        )

    def cancel(self, call):
        meetings.cancel_meeting(call, reason="Snow", actor=self.actor, now=self.now)

    def restore(self, call):
        meetings.restore_meeting(call, actor=self.actor, now=self.now)
        return call.pk

    def hold(self, call):
        lists.hold_list(call, reason="Not yet", actor=self.actor, now=self.now)

    def release(self, call):
        lists.release_list(call, actor=self.actor, now=self.now)

    def settle(self, call):
        roster.open_roster(call, actor=self.actor, now=self.now)
        roster.settle_roster(call, actor=self.actor, now=self.now)

    def unsettle(self, call):
        roster.unsettle_roster(call, actor=self.actor, now=self.now)

    def change_lead(self, call):
        days = self.draw.choice([2, 3, 5, 7])
        river = Continuum.objects.get(pk=self.river.pk)
        _rows, seen = lead_days.preview_lead_days(river, days, now=self.now)
        lead_days.change_lead_days(river, lead_days=days, seen=seen, actor=self.actor, now=self.now)

    def close_a_day(self, call):
        river = Continuum.objects.get(pk=self.river.pk)
        on = (self.now + self.draw.choice([0, 1, 2, 3]) * DAY).date()
        day = ClosedDay(f"Flood {len(self.told)}", Kind.ONCE, on=on)
        kept = [*river.closed_days, day.as_data()]
        seen = closed_days.effect_of(river, kept, now=self.now).seen
        closed_days.add_closed_day(river, day=day, seen=seen, actor=self.actor, now=self.now)

    def open_a_day(self, call):
        river = Continuum.objects.get(pk=self.river.pk)
        kept = closed_days.kept_days(river, now=self.now)
        if kept:
            left = [each for each in river.closed_days if closed_days.key_of(each) != kept[0].key]
            seen = closed_days.effect_of(river, left, now=self.now).seen
            closed_days.remove_closed_day(
                river, key=kept[0].key, seen=seen, actor=self.actor, now=self.now
            )

    def change_zone(self, call):
        Continuum.objects.filter(pk=self.river.pk).update(zone=self.draw.choice(ZONES))

    def moments(self, until):
        """When the clock acts before `until`: at each list's time, around an act, and each day."""
        found = {self.now + MINUTE, self.now + 59 * MINUTE, self.now + 61 * MINUTE}
        found |= {self.now + days * DAY for days in range(1, 4)}
        found |= {at + late for at in self.due_at.values() for late in (0 * MINUTE, MINUTE)}
        return sorted(at for at in found if self.now < at < until)


ACTS = [
    "add",
    "move",
    "bring_near",
    "change_hour",
    "change_length",
    "cancel",
    "restore",
    "hold",
    "release",
    "release",
    "settle",
    "unsettle",
    "change_lead",
    "close_a_day",
    "open_a_day",
    "change_zone",
]


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_mailed_by_itself_that_was_not_promised(
    river, region_2, river_agency, river_provider, river_specialist, seed
):
    make_participant(river_agency, region_2)
    story = Story(river, region_2, river_specialist, seed)
    last = CALL_AT + 3 * DAY
    while story.now < last and len(story.told) < 16:
        next_act = story.now + story.draw.choice([1, 5, 14, 26]) * HOUR
        for at in story.moments(next_act):
            story.tick(at)
        story.now = next_act
        if any(each.starts_at > story.now for each in story.calls()):
            story.act()
    for at in story.moments(last):
        story.tick(at)


def test_the_stories_do_mail_what_was_promised(
    river, region_2, river_agency, river_provider, river_specialist
):
    make_participant(river_agency, region_2)
    story = Story(river, region_2, river_specialist, 0)
    for at in story.moments(CALL_AT + 3 * DAY):
        story.tick(at)
    assert PrepList.objects.count() == 3
    assert Message.objects.filter(kind=PREP_LIST.kind).count() == 3
