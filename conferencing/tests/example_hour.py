"""A call of the example, a year of history behind it, moved to begin now; and who is at it."""

from datetime import timedelta

from django.utils import timezone

from agreements.models import Agency, StaffMember
from conferencing.example.load import load_continuum
from conferencing.example.procedures import PROCEDURES
from conferencing.models import ActionItem, Meeting
from conferencing.prework.acts import keep_prework
from conferencing.reviews.last import last_reviews
from conferencing.roster.acts import number_entries, open_roster, settle_roster
from conferencing.rotation.roles import change_role
from conferencing.rotation.swaps import people_to_ask, propose_swap
from conferencing.schedule.acts import move_meeting
from regions.models import Membership

REGION = "Region 3"


class ExampleHour:
    """River Valleys as `make run` has it, its minutes mailed, and one call of it with its people.

    `facilitator`, `note_taker`, `reader` (a provider without a role), `visitor` (of an agency of
    another region) and `specialist` are users; `swap` asks somebody to take the notes.
    """

    def __init__(self):
        procedure = next(each for each in PROCEDURES if each.code == "MN-502")
        self.continuum = load_continuum(procedure, now=timezone.now())
        self.now = timezone.now()  # loading may have taken minutes
        self.continuum.sends_minutes = True
        self.continuum.save()
        self.specialist = Membership.objects.specialists_of(self.continuum).first().user
        self.call = self.make_call()
        facilitating, writing = self.two_agencies()
        self.facilitator, self.reader = (person.user for person in facilitating[:2])
        self.note_taker = writing[0].user
        self.take("facilitator", facilitating[0])
        self.take("note_taker", writing[0])
        self.swap = self.ask_somebody()
        self.visitor = self.find_visitor()
        self.prework = self.prepare()

    def make_call(self):
        """The region's next call; first comes a household with a review and an open step."""
        coming = Meeting.objects.upcoming(self.now).filter(
            continuum=self.continuum, region__name=REGION
        )
        meeting = move_meeting(
            coming.first(),
            starts_at=self.now + timedelta(minutes=2),
            minutes=60,
            actor=self.specialist,
        )
        act = {"actor": self.specialist, "now": self.now}
        open_roster(meeting, **act)
        entries = list(meeting.roster.select_related("participant").order_by("position"))
        told = set(last_reviews([each.participant for each in entries], before=meeting))
        told &= set(ActionItem.objects.open().values_list("participant", flat=True))
        number_entries(meeting, sorted(entries, key=lambda each: each.participant_id not in told))
        return settle_roster(meeting, **act)

    def two_agencies(self):
        """The people in standing of two agencies of the region that have several."""
        here = Agency.objects.filter(is_victim_service_provider=False).taking_part_in(
            self.call.region
        )
        several = [
            people
            for agency in here.in_good_standing(self.call.on).order_by("name")
            if len(people := list(self.people_of(agency))) > 1
        ]
        return several[:2]

    def people_of(self, agency):
        people = StaffMember.objects.in_good_standing(self.call.on).filter(agency=agency)
        return people.select_related("user", "agency").order_by("user__email")

    def take(self, name, person):
        change_role(self.call, name, agency=person.agency, person=person, actor=None)

    def ask_somebody(self):
        role = self.call.roles.get(role="note_taker")
        _agency, people = people_to_ask(role, self.note_taker, self.call.on)[0]
        act = {"actor": self.note_taker, "now": self.now}
        return propose_swap(role, to=people[0], words="I must leave early", **act)

    def find_visitor(self):
        others = Agency.objects.filter(is_victim_service_provider=False).exclude(
            pk__in=Agency.objects.taking_part_in(self.call.region).values("pk")
        )
        people = StaffMember.objects.in_good_standing(self.call.on).filter(
            agency__in=others.values("pk")
        )
        return people.exclude(regions=self.call.region).order_by("user__email").first().user

    def prepare(self):
        """What the agency that keeps the record of the first household knows of it."""
        participant = self.call.roster.order_by("position").first().participant
        person = self.people_of(participant.agency).first()
        former = participant.prework.filter(meeting=self.call, agency=person.agency).first()
        return keep_prework(
            self.call,
            participant,
            revision=former.revision if former else 0,
            preferences="Two bedrooms, ground floor",
            actor=person.user,
            now=self.now,
        )
