"""Who was at the calls of the example, who spoke, who swapped, and what was prepared or added."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from accounts.models import User
from agreements.models import StaffMember
from conferencing.coming.audience import audience_of
from conferencing.models import (
    Addendum,
    Attendance,
    Call,
    Meeting,
    MeetingRole,
    PreWork,
    Review,
    RoleSwap,
)
from regions.clock import local_day
from regions.models import Continuum, Membership

from .barriers import BARRIERS
from .stories import Story

Role = MeetingRole.Role
WALK_INS = (
    ("Dana Brooks", "County housing authority"),
    ("Ines Moua", "School district, family liaison"),
    ("Jorge Ek", "Public health nurse"),
    ("Wilma Krüger", "Landlord liaison"),
)
ADDENDA = (
    "The date of the viewing was written down wrong; it is the Thursday.",
    "The follow-up person was asked after the call and agreed.",
    "The household has two adults, not one.",
)
SWAP_WORDS = "I am away that week; the agenda is settled. Can you take it?"


class Presence:
    """Makes a call's rows around its reviews; kept until `save`."""

    def __init__(
        self,
        continuum: Continuum,
        staff: Mapping[UUID, list[StaffMember]],
        *,
        random: Random,
        now: datetime,
    ) -> None:
        """`staff`: people in standing by agency's key."""
        self.zone = continuum.zone
        self.random = random
        self.now = now
        self.audience = audience_of(continuum, local_day(now, continuum.zone))
        self.places = {person.user_id: person for people in staff.values() for person in people}
        self.staff = staff
        self.default = next(iter(self.places.values()))
        self.specialist = Membership.objects.specialists_of(continuum).order_by("pk")[0].user
        roles = MeetingRole.objects.filter(meeting__continuum=continuum, person__isnull=False)
        self.roles = {
            (role.meeting_id, role.role): role
            for role in roles.select_related("person__user", "person__agency")
        }
        self.calls: list[Call] = []
        self.attendances: list[Attendance] = []
        self.prework: list[PreWork] = []
        self.swaps: list[RoleSwap] = []
        self.addenda: list[Addendum] = []

    def open(self, meeting: Meeting) -> tuple[User, User]:
        """Return who facilitated and who took notes: the named people, or the CE Specialist."""
        return (
            self.serving(self.roles.get((meeting.pk, Role.FACILITATOR))),
            self.serving(self.roles.get((meeting.pk, Role.NOTE_TAKER))),
        )

    def serving(self, role: MeetingRole | None) -> User:
        return role.person.user if role and role.person else self.specialist

    def close(
        self, meeting: Meeting, facilitator: User, *, at: datetime, households: Sequence[object]
    ) -> None:
        random = self.random
        self.calls.append(
            Call(
                meeting=meeting,
                began_at=meeting.starts_at + timedelta(seconds=random.randrange(0, 150)),
                began_by=facilitator,
                closed_at=at + timedelta(seconds=random.randrange(40, 110)),
                closed_by=facilitator,
                version=random.randrange(180, 420),
                frame=random.randrange(40, 90),
            )
        )
        serving = set(self.open(meeting))
        self.attend(meeting, serving, at)
        for role in (Role.FACILITATOR, Role.NOTE_TAKER):
            self.swap(meeting, self.roles.get((meeting.pk, role)))
        if households and random.random() < 0.12:
            self.addenda.append(
                Addendum(
                    meeting=meeting,
                    words=random.choice(ADDENDA),
                    by=self.open(meeting)[1],
                    at=min(meeting.ends_at + timedelta(hours=26), self.now),
                )
            )

    def attend(self, meeting: Meeting, serving: set[User], at: datetime) -> None:
        random = self.random
        expected = [self.places[key] for key in self.audience.of(meeting) if key in self.places]
        for person in sorted(expected, key=lambda each: each.user.email):
            is_serving = person.user in serving
            self.note(
                meeting,
                at,
                kind=Attendance.Kind.EXPECTED,
                is_present=is_serving or random.random() < 0.72,
                is_talker=is_serving,
                user=person.user,
                agency=person.agency,
            )
        here = {person.user_id for person in expected}
        others = [each for key, each in self.places.items() if key not in here]
        if others and random.random() < 0.25:
            person = random.choice(sorted(others, key=lambda each: each.user.email))
            kind = Attendance.Kind.VISITOR
            self.note(meeting, at, kind=kind, user=person.user, agency=person.agency)
        if random.random() < 0.3:
            name, organization = random.choice(WALK_INS)
            kind = Attendance.Kind.WALK_IN
            self.note(meeting, at, kind=kind, name=name, organization=organization)

    def note(
        self,
        meeting: Meeting,
        at: datetime,
        *,
        is_present: bool = True,
        is_talker: bool = False,
        **values: Any,  # columns of the row
    ) -> None:
        random = self.random
        times = 0
        if is_present:
            times = random.randrange(4, 15) if is_talker else random.choice((0, 0, 1, 1, 2, 3, 5))
        self.attendances.append(
            Attendance(
                meeting=meeting,
                is_present=is_present,
                spoke_times=times,
                last_spoke_at=at - timedelta(seconds=random.randrange(5, 900)) if times else None,
                marked_at=meeting.starts_at + timedelta(minutes=2),
                marked_by=self.open(meeting)[0],
                **values,
            )
        )

    def swap(self, meeting: Meeting, role: MeetingRole | None) -> None:
        """Now and then somebody could not come, and a colleague took the role over."""
        if role is None or self.random.random() > 0.06:
            return
        colleagues = [each for each in self.staff[role.agency_id] if each != role.person]
        if not colleagues:
            return
        asked_at = meeting.starts_at - timedelta(days=3, hours=2)
        self.swaps.append(
            RoleSwap(
                role=role,
                proposed_by=self.random.choice(colleagues),
                proposed_at=asked_at,
                to=role.person,
                words=SWAP_WORDS,
                answer=RoleSwap.Answer.ACCEPTED,
                answered_at=asked_at + timedelta(hours=3),
            )
        )

    def prepare(self, meeting: Meeting, story: Story, review: Review) -> None:
        """Some agencies wrote ahead what the call then took over."""
        if story.staff and self.random.random() < 0.12:
            person = self.random.choice(story.staff)
            self.prework.append(
                PreWork(
                    meeting=meeting,
                    participant=story.person,
                    agency=person.agency,
                    location=review.location,
                    location_words=review.location_words,
                    preferences=review.preferences,
                    barriers=review.barriers,
                    safety=review.safety,
                    by=person.user,
                    at=meeting.starts_at - timedelta(days=1, hours=3),
                    revision=1,
                    accepted_at=review.discussed_at,
                    accepted_by=review.saved_by,
                )
            )

    def prepare_ahead(self, meeting: Meeting, story: Story) -> None:
        """Written for a call to come, and not accepted yet."""
        person = story.staff[0]
        new = next(each for each in BARRIERS if each not in story.barriers)
        kind, words = story.stay_on(local_day(self.now, self.zone))
        self.prework.append(
            PreWork(
                meeting=meeting,
                participant=story.person,
                agency=person.agency,
                location=kind,
                location_words=words,
                barriers=[*story.barriers, new],
                notes="Met this week; the papers are nearly complete.",
                by=person.user,
                notes_by=person.user,
                at=self.now - timedelta(hours=20),
                revision=1,
            )
        )

    def save(self) -> None:
        Call.objects.bulk_create(self.calls)
        Attendance.objects.bulk_create(self.attendances)
        PreWork.objects.bulk_create(self.prework)
        RoleSwap.objects.bulk_create(self.swaps)
        Addendum.objects.bulk_create(self.addenda)
