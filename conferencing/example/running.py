"""A call that is being held while the example is loaded, so that its page is seen alive.

Its agenda is half done; who signs in with a printed account joins, writes and steers at once.
Example data only.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import cast
from uuid import UUID, uuid4

from django.db.models import QuerySet

from agreements.models import StaffMember
from conferencing.call.acts import (
    agenda,
    begin_call,
    discuss,
    put_on_table,
)
from conferencing.call.attendance import add_walk_in, mark_present, note_heard
from conferencing.call.notes import save_notes
from conferencing.call.nothing import confirm_nothing
from conferencing.call.steps import add_step
from conferencing.models import ActionItem, Attendance, Meeting, Review, RosterEntry
from conferencing.nothing_to_discuss.acts import block_of, mark_nothing_to_discuss
from conferencing.nothing_to_discuss.rules import Why, reasons_to_discuss
from conferencing.prep_lists.acts import freeze_list
from conferencing.prep_lists.copies import Copy
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prework.acts import entries_to_prepare, keep_prework
from conferencing.reviews.last import last_reviews
from conferencing.roster.acts import number_entries, open_roster, settle_roster
from conferencing.rotation.roles import change_role
from outbox.models import Message
from participants.models import LivingSituation, Participant
from participants.own_words import note_typed
from regions.clock import local_day
from regions.models import Continuum, Membership

from .barriers import BARRIERS
from .coming import WORKERS
from .presence import WALK_INS

HELD = {"MN-502": "Region 2"}
LEADING = {"facilitator": "outreach@river.example", "note_taker": "provider@river.example"}
# They are expected and not ticked: whoever signs in as one of them says “I am here”.
NOT_HERE_YET = {"lead@river.example", "vsp@river.example", "specialist@river.example"}
BEGAN_AGO = timedelta(minutes=14)
MINUTES = 60
# Seconds after the beginning at which the first households were taken up; the last is on now.
TAKEN_UP = (110, 365, 610)
# So many at most stand together, as nothing is to be discussed of them.
SET_ASIDE = 3
# What the example itself can answer before the call: each is on its way, and stays where it was.
CAN_SETTLE = {Why.NO_STEP, Why.OVERDUE, Why.MOVED}
NOTES = (
    "The household asked that two agencies share the work, not four.",
    "Good contact; answers texts the same day.",
    "Wants to see the unit before the application is",
)
PREPARED = "Met this week; the papers are nearly complete."


def make_room(continuum: Continuum, *, now: datetime) -> None:
    """Move a call of the region that the rule has at this very hour to the same hour tomorrow."""
    begins = now - BEGAN_AGO
    same_time = Meeting.objects.filter(
        continuum=continuum,
        region__name=HELD.get(continuum.code),
        starts_at__lt=begins + timedelta(minutes=MINUTES),
        ends_at__gt=begins,
    )
    for meeting in same_time:
        meeting.starts_at += timedelta(days=1)
        meeting.ends_at += timedelta(days=1)
        meeting.is_changed_by_hand = True
        meeting.save()


def plan_call(continuum: Continuum, *, now: datetime) -> Meeting | None:
    """Add the call, for which earlier calls gave their steps; None where none is on."""
    region = continuum.regions.filter(name=HELD.get(continuum.code)).first()
    if region is None:
        return None
    begins = now - BEGAN_AGO
    return Meeting.objects.create(
        continuum=continuum,
        region=region,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=MINUTES),
        is_changed_by_hand=True,
        changed_at=begins - timedelta(days=40),
    )


class Running:
    """Takes the call from its roster to the household that is on the table."""

    def __init__(self, meeting: Meeting, *, random: Random, now: datetime) -> None:
        self.meeting = meeting
        self.random = random
        self.now = now
        self.begins = meeting.starts_at
        self.on = local_day(now, meeting.continuum.zone)
        specialists = Membership.objects.specialists_of(meeting.continuum)
        self.specialist = specialists.order_by("pk")[0].user
        people = StaffMember.objects.select_related("user", "agency")
        self.leading = {name: people.get(user__email=address) for name, address in LEADING.items()}
        self.facilitator = self.leading["facilitator"].user
        self.note_taker = self.leading["note_taker"].user
        self.former: dict[UUID, Review] = {}
        self.quiet: set[UUID] = set()

    def make(self) -> None:
        self.send_list(at=self.begins - timedelta(days=3))
        for name, person in self.leading.items():
            at = self.begins - timedelta(days=2)
            change_role(self.meeting, name, agency=person.agency, person=person, actor=None, now=at)
        reviews = self.begin()
        self.come(at=self.begins + timedelta(seconds=70))
        self.read_out(at=self.begins + timedelta(seconds=80))
        for place, (review, seconds) in enumerate(zip(reviews, TAKEN_UP, strict=False)):
            self.talk_about(review, place, at=self.begins + timedelta(seconds=seconds))

    def send_list(self, *, at: datetime) -> None:
        """Settle the roster and send it, as its specialist did days ago; nothing is mailed now."""
        open_roster(self.meeting, actor=self.specialist, now=at)
        entries = list(self.meeting.roster.select_related("participant").order_by("position"))
        self.former = last_reviews([each.participant for each in entries], before=self.meeting)
        self.quiet = {each.pk for each in self.quietest([each.participant for each in entries])}
        entries.sort(
            key=lambda each: (
                each.participant_id in self.quiet,
                each.participant.is_confidential or not self.was_told(each),
            )
        )
        number_entries(self.meeting, entries)
        settle_roster(self.meeting, actor=self.specialist, now=at)
        prep_list = freeze_list(self.meeting, actor=self.specialist, now=at)
        sent_at = at + timedelta(minutes=1)
        mailed = prep_list.deliveries.exclude(message=None).select_related("message")
        for number, delivery in enumerate(mailed):
            delivery.disclosed = Copy(delivery, now=sent_at).disclosed
            if number % 6:
                delivery.opened_at = sent_at + timedelta(minutes=20 * number)
            delivery.save(update_fields=["disclosed", "opened_at"])
            message = cast(Message, delivery.message)  # as asked for
            message.state, message.sent_at = Message.State.SENT, sent_at
            message.attempts = 1
            message.save(update_fields=["state", "sent_at", "attempts"])
            PREP_LIST.note_sent(message, sent_at)
        self.meeting.refresh_from_db()
        self.set_aside([each.participant for each in entries], at=self.begins - timedelta(hours=1))

    def quietest(self, people: Sequence[Participant]) -> list[Participant]:
        """Who can have nothing to discuss at the end of the call, while enough are left before."""
        spare = sum(each.pk in self.former for each in people) - len(TAKEN_UP)
        against = reasons_to_discuss(self.meeting, people, now=self.now)
        # What the printed workers have to report stays as it is.
        kept = ActionItem.objects.open().filter(follow_up_person__user__email__in=WORKERS)
        waits = set(kept.values_list("participant", flat=True))
        fit = [
            each
            for each in people
            if CAN_SETTLE.issuperset(against[each.pk]) and each.pk not in waits
        ]
        fit.sort(key=lambda each: len(against[each.pk]))
        return fit[: max(1, min(SET_ASIDE, spare))]

    def set_aside(self, people: Sequence[Participant], *, at: datetime) -> None:
        """Mark those that the end of the agenda holds for it: their steps are under way."""
        chosen = [each for each in people if each.pk in self.quiet]
        for person in chosen:
            self.settle(person, at=at - timedelta(days=9))
        since = {person.pk: at for person in chosen}
        against = reasons_to_discuss(self.meeting, chosen, since=since, now=self.now)
        mark_nothing_to_discuss(
            self.meeting,
            [each for each in chosen if each.pk not in against],
            actor=self.specialist,
            now=at,
        )

    def settle(self, person: Participant, *, at: datetime) -> None:
        """What was due is due later, and the household was met where the last review says."""
        steps = ActionItem.objects.open().filter(participant=person)
        if not steps.update(due_on=self.next_on()):
            self.keep_going(person, at=at)
        former = self.former[person.pk]
        if former.location:
            stay = LivingSituation.objects.create(
                participant=person,
                kind=former.location,
                words=former.location_words,
                on=self.on - timedelta(days=2),
                by=self.note_taker,
            )
            LivingSituation.objects.filter(pk=stay.pk).update(recorded_at=at + timedelta(days=7))

    def keep_going(self, person: Participant, *, at: datetime) -> None:
        """A step of the agency that keeps the household, on its way."""
        place = self.people_of(person.agency_id).first() or self.leading["note_taker"]
        step = ActionItem(
            participant=person,
            review=self.former[person.pk],
            what="Keep the appointment at the housing authority",
            agency=place.agency,
            follow_up_person=place,
            due_on=self.next_on(),
            created_at=at,
        )
        note_typed(step, "what", actor=self.note_taker)
        step.save(force_insert=True)

    def read_out(self, *, at: datetime) -> None:
        """What stands together is read out first, and confirmed."""
        reviews = agenda(self.meeting)
        block = block_of(self.meeting, reviews, now=at)
        keys = [each.pk for each in reviews if each.participant_id in block]
        if keys:
            confirm_nothing(self.meeting, keys, actor=self.facilitator, now=at)

    def was_told(self, entry: RosterEntry) -> bool:
        return entry.participant_id in self.former

    def begin(self) -> list[Review]:
        self.prepare(at=self.begins - timedelta(days=1, hours=2))
        begin_call(self.meeting, actor=self.facilitator, now=self.begins)
        return agenda(self.meeting)

    def prepare(self, *, at: datetime) -> None:
        """Agencies wrote of two households ahead: the one on the table now, and the next."""
        order = self.meeting.roster.order_by("position").select_related("participant")
        for entry in order[2:4]:
            person = self.people_of(entry.participant.agency_id).first()
            if person and entries_to_prepare(person.user, person, self.on).filter(pk=entry.pk):
                former = self.former.get(entry.participant_id)
                barriers = list(former.barriers) if former else []
                keep_prework(
                    self.meeting,
                    entry.participant,
                    revision=0,
                    barriers=[*barriers, next(each for each in BARRIERS if each not in barriers)],
                    notes=PREPARED,
                    actor=person.user,
                    now=at,
                )

    def people_of(self, *agencies: UUID) -> QuerySet[StaffMember]:
        return (
            StaffMember.objects.in_good_standing(self.on)
            .filter(agency__in=agencies)
            .select_related("agency", "user")
            .order_by("user__email")
        )

    def come(self, *, at: datetime) -> None:
        here = []
        in_standing = StaffMember.objects.in_good_standing(self.on).values("user")
        expected = self.meeting.attendances.filter(user__in=in_standing).select_related("user")
        for row in expected.exclude(user__email__in=NOT_HERE_YET).order_by("user__email"):
            if self.leads(row) or self.random.random() < 0.6:
                mark_present(row, is_present=True, actor=self.facilitator, now=at)
                here.append(row)
        name, organization = WALK_INS[0]
        add_walk_in(
            self.meeting, name=name, organization=organization, actor=self.facilitator, now=at
        )
        for row in here:
            times = 4 if self.leads(row) else self.random.choice((0, 0, 1, 2))
            for time in range(times):
                heard_at = at + timedelta(seconds=60 * time + self.random.randrange(60))
                note_heard(row, actor=self.facilitator, now=heard_at)

    def leads(self, row: Attendance) -> bool:
        return row.user in (self.facilitator, self.note_taker)

    def talk_about(self, review: Review, place: int, *, at: datetime) -> None:
        """The first ones are done with a step each; of the last, half is written."""
        put_on_table(self.meeting, review, actor=self.facilitator, now=at)
        is_last = place == len(TAKEN_UP) - 1
        marks = (
            ("location", "preferences")
            if is_last
            else (
                "location",
                "preferences",
                "barriers",
                "safety",
            )
        )
        values = {"notes": NOTES[place]}
        values |= {f"{name}_changed": Review.Changed.UNCHANGED for name in marks}
        if not is_last and review.target_on and review.target_on <= self.on:
            values["learned"] = "The papers took longest. They come before the unit is looked for."
            values["target_on"] = (self.on + timedelta(days=60)).isoformat()
        saved = save_notes(
            self.meeting.pk,
            review.pk,
            values,
            base=review.revision,
            kept={},
            actor=self.note_taker,
            now=at + timedelta(seconds=100),
        )
        if not is_last:
            self.give(saved.review, at=at + timedelta(seconds=140))
            discuss(saved.review, actor=self.note_taker, now=at + timedelta(seconds=200))

    def give(self, review: Review, *, at: datetime) -> None:
        keeping = list(self.people_of(review.participant.agency_id))
        person = self.random.choice(keeping or list(self.leading.values()))
        barrier = (review.barriers or ["No photo ID"])[0]
        add_step(
            review,
            what=BARRIERS[barrier].steps[0],
            agency=person.agency,
            follow_up_person=person,
            due_on=self.next_on(),
            is_critical=False,
            keep_words=False,
            key=uuid4(),
            actor=self.note_taker,
            now=at,
        )

    def next_on(self) -> date:
        following = Meeting.objects.filter(
            continuum=self.meeting.continuum_id,
            region__in=[self.meeting.region_id],
            starts_at__gt=self.now + timedelta(days=14),
        )
        return following.order_by("starts_at")[0].on
