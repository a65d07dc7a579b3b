"""Calls held in the last months: rosters, reviews, steps and what became of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db import connection

from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.models import Meeting, Nomination, Review, RosterEntry
from conferencing.roster.criteria import Facts, Reason, candidate, criteria_by_region
from participants.models import LivingSituation, Participant
from regions.clock import local_day
from regions.models import Continuum

from .closing import close_calls
from .coming import Coming
from .presence import Presence
from .steps import Steps
from .stories import NO_STEP_REASONS, Story

RAISED: Reason = {"kind": "raised", "words": "Raised on the call"}
NOMINATED_BECAUSE = (
    "A unit may come free that fits.",
    "The stay ends before the call after next.",
    "Two agencies are not of one mind about the next step.",
)
CARRIES = Review.Outcome.CARRIED_OVER


class History:
    """Closes the continuum's past meetings as if they had been held, and opens the next weeks."""

    def __init__(self, continuum: Continuum, *, random: Random, now: datetime) -> None:
        self.continuum = continuum
        self.random = random
        self.now = now
        self.zone = continuum.zone
        self.today = local_day(now, continuum.zone)
        self.meetings = list(
            Meeting.objects.filter(continuum=continuum)
            .select_related("region", "continuum")
            .order_by("starts_at", "region__position")
        )
        self.held = [each for each in self.meetings if each.ends_at < now]
        self.entries: list[RosterEntry] = []
        self.reviews: list[Review] = []
        self.nominations: list[Nomination] = []
        self.criteria = criteria_by_region(self.meetings[0])
        self.read_people()

    def read_people(self) -> None:
        people = StaffMember.objects.filter(agency__continuum=self.continuum)
        people = people.select_related("user", "agency").order_by("user__email")
        staff = defaultdict[UUID, list[StaffMember]](list)
        for person in people.in_good_standing(self.today):
            staff[person.agency_id].append(person)
        agencies = Agency.objects.filter(pk__in=staff).order_by("name")
        partners = agencies.filter(is_victim_service_provider=False)
        helpers = {
            region.pk: list(partners.taking_part_in(region))
            for region in self.continuum.regions.all()
        }
        self.steps = Steps(
            staff=staff, helpers=helpers, zone=self.zone, random=self.random, now=self.now
        )
        self.presence = Presence(self.continuum, staff, random=self.random, now=self.now)
        stays = defaultdict[UUID, list[LivingSituation]](list)
        situations = LivingSituation.objects.filter(participant__continuum=self.continuum)
        for stay in situations.order_by("on"):
            stays[stay.participant_id].append(stay)
        listed = Participant.objects.filter(continuum=self.continuum, place__isnull=False)
        self.stories = [
            Story(
                person,
                stays[person.pk],
                staff=staff[person.agency_id],
                zone=self.zone,
                random=self.random,
            )
            for person in listed.select_related(
                "place", "region", "agency", "navigator__user", "navigator__agency"
            ).order_by("alias")
        ]

    def make(self) -> None:
        for meeting in self.held:
            self.hold(meeting)
        for story in self.stories:
            self.steps.settle_left(story, self.today)
        Coming(self).make()
        self.save()
        # A minute of closing takes many, while the database takes these tables to be empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        calls = self.presence.calls
        close_calls(self.continuum, calls, random=self.random, now=self.now)

    def save(self) -> None:
        RosterEntry.objects.bulk_create(self.entries)
        Nomination.objects.bulk_create(self.nominations)
        Review.objects.bulk_create(self.reviews)
        self.steps.save()
        self.presence.save()
        Meeting.objects.bulk_update(self.held, ["state", "roster_settled_at", "roster_settled_by"])

    def circle(self, meeting: Meeting) -> list[Story]:
        return [
            story for story in self.stories if meeting.region_id in (None, story.person.region_id)
        ]

    def next_on(self, meeting: Meeting, story: Story) -> date:
        """The day of the household's next call, regional or CoC-wide."""
        return next(
            each.on
            for each in self.meetings
            if each.starts_at > meeting.starts_at
            and each.region_id in (None, story.person.region_id)
        )

    def hold(self, meeting: Meeting) -> None:
        on = meeting.on
        for story in self.circle(meeting):
            story.set_back_to(on)
            self.steps.settle_left(story, on)
            self.steps.report_before(story, on)
        facilitator, note_taker = self.presence.open(meeting)
        chosen = self.choose(meeting, on)
        at = meeting.starts_at + timedelta(seconds=self.random.randrange(180, 330))
        for story, _ in chosen:
            seconds = self.random.randrange(150, 520)
            if at + timedelta(seconds=seconds) > meeting.ends_at - timedelta(minutes=2):
                story.not_reached_on.append(on)
                self.reviews.append(
                    Review(meeting=meeting, participant=story.person, outcome=CARRIES)
                )
                continue
            at += timedelta(seconds=seconds)
            self.talk_about(meeting, story, on, at=at, seconds=seconds, by=note_taker)
        meeting.state = Meeting.State.CLOSED
        meeting.roster_settled_at = meeting.starts_at - timedelta(days=5)
        meeting.roster_settled_by = self.presence.specialist
        self.presence.close(meeting, facilitator, at=at, households=chosen)

    def talk_about(
        self, meeting: Meeting, story: Story, on: date, *, at: datetime, seconds: int, by: User
    ) -> None:
        review = story.review(meeting, at=at, seconds=seconds, by=by)
        story.not_reached_on = []
        self.reviews.append(review)
        next_on = self.next_on(meeting, story)
        self.steps.settle_at_review(story, on, at=at, next_on=next_on)
        if len(self.steps.open_of(story)) > 2:
            review.no_step_reason = NO_STEP_REASONS[0]
        elif self.random.random() < 0.05:
            review.no_step_reason = self.random.choice(NO_STEP_REASONS[1:])
        else:
            self.steps.give(story, review, due_on=next_on)
        self.presence.prepare(meeting, story, review)

    def choose(self, meeting: Meeting, on: date) -> list[tuple[Story, RosterEntry]]:
        """Put on the roster whom the region's criteria name; return `(story, entry)` in order."""
        listed = [story for story in self.circle(meeting) if story.was_listed(on)]
        listed = [story for story in listed if story.in_a_row < 2 or self.random.random() < 0.6]
        facts = self.facts(meeting, listed, on)
        found = [
            (candidate(story.person, self.criteria[story.person.region_id], facts), story)
            for story in listed
        ]
        found.sort(key=lambda pair: (-pair[0].weight, -pair[0].days_on_list))
        found = found[: self.random.randrange(9, 12)]
        chosen = [
            (story, self.enter(meeting, story, place, each.reasons, RosterEntry.Source.PROPOSED))
            for place, (each, story) in enumerate(found, start=1)
        ]
        rest = [story for story in listed if story not in {story for story, _ in chosen}]
        if rest and self.random.random() < 0.2:
            story = self.random.choice(rest)
            place = len(chosen) // 2
            entry = self.enter(meeting, story, len(chosen) + 1, [RAISED], RosterEntry.Source.RAISED)
            chosen.insert(place, (story, entry))
        reviewed = {story for story, _ in chosen}
        for story in listed:
            story.in_a_row = story.in_a_row + 1 if story in reviewed else 0
        return chosen

    def enter(
        self,
        meeting: Meeting,
        story: Story,
        position: int,
        reasons: list[Reason],
        source: RosterEntry.Source,
    ) -> RosterEntry:
        entry = RosterEntry(
            meeting=meeting,
            participant=story.person,
            position=position,
            source=source,
            reasons=reasons,
            minutes=5,
        )
        self.entries.append(entry)
        return entry

    def facts(self, meeting: Meeting, listed: Sequence[Story], on: date) -> Facts:
        longest = defaultdict[UUID, list[UUID]](list)
        for story in sorted(listed, key=lambda each: each.person.place.listed_on):
            longest[story.person.region_id].append(story.person.pk)
        overdue, critical = {}, {}
        for story in listed:
            steps = sorted(self.steps.open_of(story), key=lambda step: step.due_on)
            overdue[story.person.pk] = [step.due_on for step in steps if step.due_on < on]
            critical[story.person.pk] = [step.due_on for step in steps if step.is_critical]
        return Facts(
            on=on,
            longest={
                key: place
                for keys in longest.values()
                for place, key in enumerate(keys[:10], start=1)
            },
            last_reviewed_on={
                story.person.pk: day for story in listed if (day := story.reviewed_on())
            },
            carried_over={
                story.person.pk: [(day, False) for day in story.not_reached_on] for story in listed
            },
            overdue=overdue,
            critical=critical,
            nominated=self.nominate(meeting, listed),
        )

    def nominate(self, meeting: Meeting, listed: Sequence[Story]) -> dict[UUID, list[str]]:
        """One or two households that their own agency asks to be talked about."""
        chosen = self.random.sample(listed, k=min(len(listed), self.random.randrange(0, 3)))
        for story in chosen:
            self.nominations.append(
                Nomination(
                    meeting=meeting,
                    participant=story.person,
                    agency=story.person.agency,
                    by=(story.staff or [self.presence.default])[0].user,
                    reason=self.random.choice(NOMINATED_BECAUSE),
                    at=meeting.starts_at - timedelta(days=9),
                )
            )
        return {story.person.pk: [story.person.agency.name] for story in chosen}
