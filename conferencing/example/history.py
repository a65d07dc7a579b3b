"""Calls held in the last months: rosters, reviews, steps and what became of them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from agreements.models import StaffMember
from conferencing.models import (
    ActionItem,
    Meeting,
    ProgressUpdate,
    Review,
    RosterEntry,
)
from participants.models import ListPlace, LivingSituation, Participant

PREFERENCES = (
    "One-bedroom near the bus line; ground floor if possible.",
    "Wants to stay in the county so that the children keep their school.",
    "Open to shared housing. No congregate shelter.",
    "Would move for a unit that takes the dog.",
    "Rural, quiet, place to park the truck.",
)
BARRIERS = (
    "No photo ID",
    "Eviction on record",
    "No income yet",
    "No transportation",
    "Landlords refuse the voucher",
    "No unit of the size needed",
    "Phone out of service",
)
SAFETY = (
    "No immediate needs named.",
    "Exposed to cold at night; asked about winter gear.",
    "Does not feel safe where they stay; options talked through.",
    "Needs a check-in twice a week.",
)
STEPS = (
    "Help order a birth certificate",
    "Complete the housing assessment",
    "Call the landlord about the open unit",
    "Bring the household to the intake at the shelter",
    "Find out what became of the voucher application",
    "Drop off winter gear and update the contact",
    "Gather proof of income",
)
LINES = {
    "done": ("Done; papers are on file.", "Went well, next is the viewing."),
    "under_way": ("Appointment made.", "Waiting for the county's answer."),
    "blocked": ("The office asks for an ID first.",),
    "not_reached": ("Left two messages.",),
}
REASONS = (
    {"kind": "longest", "words": "Longest on the list"},
    {"kind": "unsheltered", "words": "Not in a place meant for habitation"},
    {"kind": "referral", "words": "Active referral"},
)
HOUSEHOLDS_PER_CALL = 9


class History:
    """Closes the continuum's past meetings as if they had been held."""

    def __init__(self, continuum, *, random, now):
        self.continuum = continuum
        self.random = random
        self.now = now
        self.zone = ZoneInfo(continuum.zone)
        self.today = now.astimezone(self.zone).date()

    def make(self):
        held = Meeting.objects.filter(continuum=self.continuum, ends_at__lt=self.now)
        for meeting in held.order_by("starts_at"):
            self.hold(meeting)

    def people_for(self, meeting):
        on_list = Participant.objects.filter(
            continuum=self.continuum,
            place__status=ListPlace.Status.ACTIVE,
            place__listed_on__lt=meeting.starts_at.date(),
        ).select_related("place", "region", "agency")
        if meeting.region_id:
            on_list = on_list.filter(region=meeting.region_id)
        longest = list(on_list.order_by("place__listed_on")[: HOUSEHOLDS_PER_CALL * 3])
        return self.random.sample(longest, k=min(HOUSEHOLDS_PER_CALL, len(longest)))

    def hold(self, meeting):
        random = self.random
        for position, person in enumerate(self.people_for(meeting), start=1):
            RosterEntry.objects.create(
                meeting=meeting,
                participant=person,
                position=position,
                source=RosterEntry.Source.PROPOSED,
                reasons=[random.choice(REASONS)],
                minutes=5,
            )
            was_reached = random.random() < 0.88
            review = self.review(meeting, person, was_reached=was_reached)
            if was_reached:
                self.give_step(meeting, person, review)
        meeting.state = Meeting.State.CLOSED
        meeting.roster_settled_at = meeting.starts_at - timedelta(days=3)
        meeting.save()

    def review(self, meeting, person, *, was_reached):
        random = self.random
        if not was_reached:
            return Review.objects.create(
                meeting=meeting, participant=person, outcome=Review.Outcome.CARRIED_OVER
            )
        stay = random.choice(list(LivingSituation.Kind))
        return Review.objects.create(
            meeting=meeting,
            participant=person,
            outcome=Review.Outcome.DISCUSSED,
            discussed_at=meeting.starts_at + timedelta(minutes=random.randrange(3, 55)),
            location=stay,
            location_words=(
                None
                if person.is_confidential or random.random() < 0.4
                else "As told by the outreach worker."
            ),
            location_changed=random.choice(list(Review.Changed)),
            preferences=random.choice(PREFERENCES),
            barriers=random.sample(BARRIERS, k=random.randrange(1, 4)),
            safety=random.choice(SAFETY),
            notes=random.choice(("", "Agreed to meet again before the next call.")),
        )

    def give_step(self, meeting, person, review):
        random = self.random
        staff = (
            StaffMember.objects.current()
            .filter(agency=person.agency)
            .order_by("user__email")
            .select_related("user")
        )
        owner = random.choice(list(staff))
        due_on = (meeting.starts_at + timedelta(days=28)).astimezone(self.zone).date()
        step = ActionItem(
            participant=person,
            review=review,
            what=random.choice(STEPS),
            agency=person.agency,
            follow_up_person=owner,
            due_on=due_on,
            is_critical=random.random() < 0.15,
            created_at=meeting.ends_at,
        )
        updates = []
        if due_on < self.today - timedelta(days=45) or random.random() < 0.45:
            progress = random.choice(("done", "done", "under_way", "blocked", "not_reached"))
            if due_on < self.today - timedelta(days=45):
                progress = "done"
            at = min(datetime.combine(due_on - timedelta(days=3), time(9, 30), self.zone), self.now)
            if progress == "done":
                step.state = ActionItem.State.DONE
                step.closed_at = at
            updates.append(
                ProgressUpdate(
                    step=step,
                    progress=progress,
                    line=random.choice(LINES[progress]),
                    last_seen_on=due_on - timedelta(days=20) if progress == "not_reached" else None,
                    by=owner.user,
                    at=at,
                )
            )
        step.save()
        ProgressUpdate.objects.bulk_create(updates)
