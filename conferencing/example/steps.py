"""Steps given at the calls of the example, and what was reported of them."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from agreements.models import Agency, StaffMember
from conferencing.models import ActionItem, ProgressUpdate, Review
from conferencing.steps.acts import STATE_AFTER
from participants.models import ListPlace

from .barriers import BARRIERS, GENERAL_STEPS, LEFT_LINES, LET_GO_LINE, lines_for
from .stories import Story

Progress = ProgressUpdate.Progress
State = ActionItem.State

FLOWS = (
    (Progress.DONE, 54),
    (Progress.UNDER_WAY, 22),
    (Progress.BLOCKED, 10),
    (Progress.NOT_REACHED, 9),
    (Progress.NOT_NEEDED, 3),
    (Progress.NOT_DONE, 2),
)
STUCK_FLOWS = (
    (Progress.UNDER_WAY, 40),
    (Progress.BLOCKED, 35),
    (Progress.NOT_REACHED, 25),
)
# Of calls so near all steps are reported, some late: nobody is mailed about them after loading.
NEAR = timedelta(days=16)
# A step that is open for so long is let go at the next review.
LET_GO_AFTER = timedelta(days=100)


class Steps:
    """Gives, reports and closes steps; rows are kept until `save`."""

    def __init__(
        self,
        *,
        staff: Mapping[UUID, list[StaffMember]],
        helpers: Mapping[UUID, list[Agency]],
        zone: str,
        random: Random,
        now: datetime,
    ) -> None:
        """`staff`: people by agency's key. `helpers`: agencies in standing by region's key."""
        self.staff = staff
        self.helpers = helpers
        self.zone = ZoneInfo(zone)
        self.random = random
        self.now = now
        self.rates: dict[UUID, float] = {}
        self.barrier_of: dict[UUID, str | None] = {}
        self.given: list[ActionItem] = []
        self.updates: list[ProgressUpdate] = []

    def rate(self, agency: Agency) -> float:
        """How often the agency reports back: each has its own way."""
        if agency.pk not in self.rates:
            self.rates[agency.pk] = self.random.choice((0.4, 0.55, 0.7, 0.8, 0.9, 0.95))
        return self.rates[agency.pk]

    def local(self, on: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(on, time(hour, minute), self.zone)

    def open_of(self, story: Story) -> list[ActionItem]:
        return [step for step in story.steps if step.state == State.OPEN]

    def give(self, story: Story, review: Review, *, due_on: date) -> None:
        """One step, or two, against what stands in the way."""
        busy = {self.barrier_of[step.pk] for step in self.open_of(story)}
        free = [each for each in story.barriers if each not in busy]
        against: list[str | None] = [*free] or [None]
        for barrier in against[: 1 if self.random.random() < 0.75 else 2]:
            texts = BARRIERS[barrier].steps if barrier else GENERAL_STEPS
            self.add(story, review, what=self.random.choice(texts), barrier=barrier, due_on=due_on)

    def add(
        self,
        story: Story,
        review: Review,
        *,
        what: str,
        due_on: date,
        barrier: str | None = None,
        owner: StaffMember | None = None,
        is_critical: bool | None = None,
    ) -> ActionItem:
        random, person = self.random, story.person
        talked_at = cast(datetime, review.discussed_at)  # a step is given where they talk
        agency = owner.agency if owner else person.agency
        if owner is None:
            others = self.helpers[person.region_id]
            if not self.staff[agency.pk] or (not person.is_confidential and random.random() < 0.25):
                agency = random.choice(others)
            owner = random.choice(self.staff[agency.pk])
        step = ActionItem(
            participant=person,
            review=review,
            what=what,
            agency=agency,
            follow_up_person=owner,
            due_on=due_on,
            is_critical=random.random() < 0.12 if is_critical is None else is_critical,
            created_at=talked_at + timedelta(seconds=random.randrange(20, 90)),
        )
        self.barrier_of[step.pk] = barrier
        self.given.append(step)
        story.steps.append(step)
        return step

    def report_before(self, story: Story, on: date) -> None:
        """What the agencies said of the household's open steps in the days before a call."""
        is_near = self.local(on, 12) > self.now - NEAR
        for step in self.open_of(story):
            if step.due_on > on:
                continue
            at = self.random_time_before(on)
            if self.random.random() < self.rate(step.agency):
                self.report(story, step, at)
            elif is_near:
                late = self.local(on + timedelta(days=1), self.random.randrange(8, 17))
                self.report(story, step, late if late < self.now else at, Progress.UNDER_WAY)

    def random_time_before(self, on: date) -> datetime:
        random = self.random
        return self.local(on - timedelta(days=random.randrange(1, 6)), random.randrange(8, 17), 10)

    def report(
        self,
        story: Story,
        step: ActionItem,
        at: datetime,
        progress: ProgressUpdate.Progress | None = None,
    ) -> None:
        at = max(at, step.created_at + timedelta(hours=2))
        if at > self.now:
            return
        if progress is None:
            words, weights = zip(*(STUCK_FLOWS if story.is_stuck else FLOWS), strict=True)
            (progress,) = self.random.choices(words, weights)
        barrier = self.barrier_of[step.pk]
        self.note(step, progress, at, self.random.choice(lines_for(barrier, step.what, progress)))
        if progress == Progress.DONE and barrier and self.random.random() < 0.7:
            story.solved.add(barrier)

    def note(
        self, step: ActionItem, progress: ProgressUpdate.Progress, at: datetime, line: str
    ) -> None:
        last_seen = at.astimezone(self.zone).date() - timedelta(days=self.random.randrange(9, 30))
        self.updates.append(
            ProgressUpdate(
                step=step,
                progress=progress,
                line=line,
                last_seen_on=last_seen if progress == Progress.NOT_REACHED else None,
                by=cast(StaffMember, step.follow_up_person).user,  # each is given to somebody
                at=at,
            )
        )
        if progress in STATE_AFTER:
            step.state = STATE_AFTER[progress]
            step.closed_at = at

    def settle_at_review(self, story: Story, on: date, *, at: datetime, next_on: date) -> None:
        """On the call: what is long overdue is let go, some of the rest gets the next date."""
        for step in self.open_of(story):
            if step.created_at >= at:
                continue
            if step.created_at < at - LET_GO_AFTER:
                self.note(step, Progress.NOT_DONE, at, LET_GO_LINE)
            elif step.due_on <= on and self.random.random() < 0.5:
                step.due_on = next_on

    def settle_left(self, story: Story, on: date) -> None:
        """Close what was open when the household left the list."""
        if story.left_on is None or story.left_on > on:
            return
        is_housed = story.person.place.status == ListPlace.Status.HOUSED
        lines = LEFT_LINES["housed" if is_housed else "inactive"]
        for step in self.open_of(story):
            at = self.local(story.left_on, 12)
            progress = Progress.DONE if is_housed else Progress.NOT_NEEDED
            self.note(step, progress, max(at, step.created_at + timedelta(hours=1)), lines[0])

    def save(self) -> None:
        ActionItem.objects.bulk_create(self.given)
        ProgressUpdate.objects.bulk_create(self.updates)
