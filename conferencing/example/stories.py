"""How a household fares from call to call: places, barriers, targets. Example data only."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import ActionItem, Meeting, Review
from participants.models import ListPlace, LivingSituation, Participant
from regions.clock import local_day

from .barriers import BARRIERS

Changed = Review.Changed
Kind = LivingSituation.Kind

PREFERENCES = (
    "One-bedroom near the bus line; ground floor if possible.",
    "Wants to stay in the county so that the children keep their school.",
    "Open to shared housing. No congregate shelter.",
    "Would move for a unit that takes the dog.",
    "Rural, quiet, place to park the truck.",
    "Two bedrooms, no stairs; close to work.",
    "Any town with a bus; wants a door that locks.",
)
SAFETY = (
    "No immediate needs named.",
    "Exposed to cold at night; asked about winter gear.",
    "Does not feel safe where they stay; options talked through.",
    "Needs a check-in twice a week.",
    "Safe for now; the stay ends with the month.",
)
NOTES = (
    "Agreed to meet again before the next call.",
    "The household asked that two agencies share the work, not four.",
    "Two agencies had the same step; one of them drops it.",
    "Good contact; answers texts the same day.",
    "The landlord is open to a second talk.",
    "The household wants to be asked before anything is sent.",
    "Shelter staff sees them daily and passes on messages.",
)
EARLIER = (Kind.UNSHELTERED, Kind.SHELTER, Kind.DOUBLED_UP, Kind.HOTEL)
REFERRALS = (
    "Permanent supportive housing, next opening",
    "Rapid re-housing, two-bedroom",
    "Bridge program; intake is set",
)
EXCEPTIONS = (
    "Loses the current place within days and has small children.",
    "A step-free unit for one person. It fits nobody higher on the list.",
)
MILESTONES = ("Papers complete", "Voucher in hand", "First viewing", "Application handed in")
LEARNED = (
    "The landlord needed three more weeks than thought; ask earlier next time.",
    "The papers took longest. They come before the unit is looked for.",
    "The unit went to somebody else; two applications at once from now on.",
    "The household was not reached in time; two contacts are kept now.",
)
NO_STEP_REASONS = (
    "The open steps go on as agreed; nothing is to be added.",
    "The household asked for a month without appointments.",
    "The answer of the housing authority comes first; nothing to do until then.",
)


class Story:
    """One household through the months. `review` tells a call's review from the former one."""

    def __init__(
        self,
        person: Participant,
        stays: Sequence[LivingSituation],
        *,
        staff: Sequence[StaffMember],
        zone: str,
        random: Random,
    ) -> None:
        self.person = person
        self.stays = stays
        self.staff = staff
        self.zone = zone
        self.random = random
        self.referral_active_on = person.referral_active_on
        self.stuck_for = random.randrange(3, 9) if random.random() < 0.25 else 0
        self.barriers = random.sample(list(BARRIERS), k=random.randrange(1, 4))
        self.preferences = random.choice(PREFERENCES)
        self.safety = random.choice(SAFETY)
        self.earlier = random.choice(EARLIER)
        self.navigator: StaffMember | None = None
        self.eligibility = ""
        self.target: tuple[str, date | None, str | None] = ("", None, None)
        self.solved: set[str] = set()
        self.former: Review | None = None
        self.not_reached_on: list[date] = []
        self.in_a_row = 0
        self.steps: list[ActionItem] = []

    @property
    def left_on(self) -> date | None:
        """When the household left the list; None while it is on it."""
        place = self.person.place
        return None if place.status == ListPlace.Status.ACTIVE else place.status_on

    def was_listed(self, on: date) -> bool:
        return self.person.place.listed_on < on and (self.left_on is None or on < self.left_on)

    def set_back_to(self, on: date) -> None:
        """Show the household to the criteria as it was on a day."""
        self.person.is_unsheltered = self.stay_on(on)[0] == Kind.UNSHELTERED
        since = self.referral_active_on
        self.person.referral_active_on = since if since and since <= on else None

    def stay_on(self, on: date) -> tuple[str, str | None]:
        """Kind and words of the stay: as recorded on the list, else as it was before that."""
        for stay in reversed(self.stays):
            if stay.on <= on:
                return stay.kind, stay.words
        return self.earlier, None

    def reviewed_on(self) -> date | None:
        return local_day(self.former.meeting.starts_at, self.zone) if self.former else None

    @property
    def is_stuck(self) -> bool:
        """For some months nothing that was tried helps."""
        return self.stuck_for > 0

    def go_on(self) -> None:
        """What happened since the last call besides the steps."""
        random = self.random
        self.stuck_for = max(self.stuck_for - 1, 0)
        self.barriers = [each for each in self.barriers if each not in self.solved]
        self.solved.clear()
        others = [each for each in BARRIERS if each not in self.barriers]
        if not self.barriers or (len(self.barriers) < 3 and random.random() < 0.2):
            self.barriers.append(random.choice(others))
        if random.random() < 0.12:
            self.preferences = random.choice(PREFERENCES)
        if random.random() < 0.3:
            self.safety = random.choice(SAFETY)
        if random.random() < 0.15:
            self.earlier = random.choice(EARLIER)

    def review(self, meeting: Meeting, *, at: datetime, seconds: int, by: User) -> Review:
        random, former = self.random, self.former
        if former:
            self.go_on()
        on = local_day(meeting.starts_at, self.zone)
        location, location_words = self.stay_on(on)
        systemic = [
            each
            for each in self.barriers
            if BARRIERS[each].is_systemic
            and ((former and each in (former.systemic or [])) or random.random() < 0.35)
        ]
        made = Review(
            meeting=meeting,
            participant=self.person,
            outcome=Review.Outcome.DISCUSSED,
            discussed_at=at,
            location=location,
            location_words=location_words,
            preferences=self.preferences,
            barriers=list(self.barriers),
            safety=self.safety,
            notes=random.choice(("", *NOTES)),
            systemic=systemic or None,
            seconds_used=seconds,
            revision=random.randrange(3, 16),
            saved_at=at,
            saved_by=by,
        )
        self.mark_changes(made)
        self.decide(made, on)
        self.former = made
        return made

    def mark_changes(self, made: Review) -> None:
        """Set `…_changed` from what the former review has; a first one has nothing to change."""
        former = self.former
        same = former and {
            "location": (made.location, made.location_words)
            == (former.location, former.location_words),
            "preferences": made.preferences == former.preferences,
            "barriers": set(made.barriers) == set(former.barriers),
            "safety": made.safety == former.safety,
        }
        for name, is_same in (same or {}).items():
            word = Changed.UNCHANGED if is_same else Changed.CHANGED
            if is_same and self.random.random() < 0.08:
                word = Changed.NOT_RECORDED
            setattr(made, f"{name}_changed", word)

    def decide(self, made: Review, on: date) -> None:
        random = self.random
        if self.former and self.navigator is None and self.staff and random.random() < 0.6:
            self.navigator = self.person.navigator or random.choice(self.staff)
        if self.eligibility != Review.Eligibility.ELIGIBLE:
            self.eligibility = random.choice(
                (Review.Eligibility.ELIGIBLE, Review.Eligibility.PENDING)
            )
        made.navigator = self.navigator
        made.eligibility = self.eligibility
        since = self.referral_active_on
        made.is_referred = bool(since and since <= on)
        if made.is_referred:
            made.referral = random.choice(REFERRALS)
        if random.random() < 0.04:
            made.is_exception = True
            made.exception_reason = random.choice(EXCEPTIONS)
        self.aim(made, on)

    def aim(self, made: Review, on: date) -> None:
        """Set a target date at the second review; ask what was learned of one that passed."""
        random = self.random
        _, target_on, _ = self.target
        if target_on and target_on <= on:
            made.learned = random.choice(LEARNED)
        if (target_on is None and self.former) or made.learned:
            is_move = self.eligibility == Review.Eligibility.ELIGIBLE and random.random() < 0.5
            target_on = on + timedelta(days=random.randrange(50, 95) if is_move else 35)
            self.target = (
                (Review.Target.MOVE_IN, target_on, None)
                if is_move
                else (Review.Target.MILESTONE, target_on, random.choice(MILESTONES))
            )
        made.target_kind, made.target_on, made.target_words = self.target
