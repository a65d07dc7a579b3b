"""What the next weeks hold for the people whose accounts are printed. Example data only."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from agreements.models import StaffMember
from conferencing.models import ActionItem, Meeting, ProgressUpdate, Review
from participants.models import ListPlace
from regions.models import Region

from .stories import Story

Progress = ProgressUpdate.Progress

WORKERS = ("provider@river.example", "outreach@river.example", "provider@three.example")


if TYPE_CHECKING:
    from .history import History


class Coming:
    """Gives the printed workers steps of the last two calls, and prepares the next ones."""

    def __init__(self, history: "History") -> None:
        self.history = history
        self.steps = history.steps
        self.stories = {story.person.pk: story for story in history.stories}

    def make(self) -> None:
        self.report_early()
        people = {person.user.email: person for person in self.history.presence.places.values()}
        for address in WORKERS:
            if address in people:
                self.give_to(people[address])
        for region in self.history.continuum.regions.all():
            self.prepare(region)

    def report_early(self) -> None:
        """Some have already said how their steps for the next call stand."""
        random, now = self.history.random, self.history.now
        for story in self.history.stories:
            for step in self.steps.open_of(story):
                if step.due_on > self.history.today and random.random() < 0.25:
                    at = now - timedelta(days=random.randrange(1, 8), minutes=random.randrange(300))
                    self.steps.report(story, step, at, Progress.UNDER_WAY)

    def reviews_of(self, region: UUID, *, ago: int) -> list[Review]:
        """Households still listed that the region talked about, the last calls but `ago` first."""
        found: dict[UUID, Review] = {}
        for meeting in self.calls_held(region)[::-1][ago : ago + 6]:
            for review in self.history.reviews:
                person = review.participant
                if (
                    review.meeting == meeting
                    and review.outcome == Review.Outcome.DISCUSSED
                    and person.region_id == region
                    and person.place.status == ListPlace.Status.ACTIVE
                    and not person.is_confidential
                ):
                    found.setdefault(person.pk, review)
        return list(found.values())

    def region_of(self, person: StaffMember) -> UUID:
        return next(
            key for key, agencies in self.steps.helpers.items() if person.agency in agencies
        )

    def give_to(self, person: StaffMember) -> None:
        region = self.region_of(person)
        last, before = self.reviews_of(region, ago=0), self.reviews_of(region, ago=1)
        if len(last) < 3 or len(before) < 2:
            return
        today = self.history.today
        was_due = min(self.calls_held(region)[-1].on, today - timedelta(days=1))
        next_on = self.calls_ahead(region)[0].on
        asked = self.add(person, before[0], "Find out the status of the application", was_due)
        self.say(asked, Progress.UNDER_WAY, "Asked twice; the office looks for it.", was_due)
        unreached = self.add(
            person, before[1], "Bring the household to the intake", was_due, is_critical=True
        )
        self.say(unreached, Progress.NOT_REACHED, "Left two messages.", was_due)
        self.add(
            person,
            last[0],
            "Call the landlord about the open unit",
            today + timedelta(days=2),
            is_critical=True,
        )
        self.add(person, last[1], "Complete the housing assessment", next_on)
        going = self.add(person, last[2], "Gather proof of income", next_on)
        self.say(going, Progress.UNDER_WAY, "First pay stub is here.", today)

    def story(self, review: Review) -> Story:
        return self.stories[review.participant_id]

    def add(
        self,
        person: StaffMember,
        review: Review,
        what: str,
        due_on: date,
        *,
        is_critical: bool = False,
    ) -> ActionItem:
        review.no_step_reason = None
        story = self.story(review)
        return self.steps.add(
            story, review, what=what, due_on=due_on, owner=person, is_critical=is_critical
        )

    def say(self, step: ActionItem, progress: ProgressUpdate.Progress, line: str, on: date) -> None:
        """Report two days before `on`; a step that is younger, soon after it was given."""
        at = self.steps.local(on - timedelta(days=2), 10)
        self.steps.note(step, progress, max(at, step.created_at + timedelta(minutes=5)), line)

    def calls_held(self, region: UUID) -> list[Meeting]:
        return [each for each in self.history.held if each.region_id in (None, region)]

    def calls_ahead(self, region: UUID) -> list[Meeting]:
        calls = [each for each in self.history.meetings if each.region_id in (None, region)]
        return [each for each in calls if each.starts_at > self.history.now]

    def prepare(self, region: Region) -> None:
        """Two households of the last call have something written ahead for the next one."""
        coming = self.calls_ahead(region.pk)
        for review in self.reviews_of(region.pk, ago=0)[:2]:
            if coming and self.story(review).staff:
                self.history.presence.prepare_ahead(coming[0], self.story(review))
