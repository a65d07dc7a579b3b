"""Finding the facts of a scope: all that was recorded of the households a viewer may know of."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting, Review
from participants.former_heads import Headed, headed_before
from participants.hmis.pages import newest_word
from participants.models import (
    Contact,
    FormerHead,
    HmisEntry,
    HmisImport,
    HmisProject,
    LivingSituation,
    Participant,
    Release,
)
from regions.clock import Moment, local_midnight
from regions.models import Continuum

from .facts import Fact, Kind, Scope, Source, enrollment_of, is_refused, keys_of

# Meeting the household by itself is what 4.12 is recorded for; a bed used is told by its service.
MEETINGS = (Contact.Kind.SEEN, Contact.Kind.SPOKE, Contact.Kind.ANSWERED)
# What is of a day, whatever call was held on it.
OF_DAYS = (Source.CONTACT, Source.STAY, Source.ASSESSED)
# Recorded by somebody, where a file did not tell it.
HERE = {"is_imported": False, "by__isnull": False}


class Met(NamedTuple):
    """A contact or a stay of one day, of which HMIS takes one row."""

    recorded_at: datetime
    source: str
    row: Any  # Contact or LivingSituation


@dataclass
class Gathering:
    """Finds the facts of a scope that `viewer` may know of, in constant queries."""

    scope: Scope
    viewer: User
    now: datetime
    facts: list[Fact] = field(default_factory=list)

    def run(self) -> list[Fact]:
        """All facts, the earliest first."""
        self.at = Moment.of(self.now, self.scope.continuum.zone)
        reviews = self.told_reviews()
        self.people = self.visible({each.household for each in reviews})
        self.providers = set(
            StaffMember.objects.filter(
                agency__continuum=self.scope.continuum, agency__is_victim_service_provider=True
            ).values_list("user", flat=True)
        )
        self.entries = self.entries_of({each.pk for each in reviews})
        self.take_reviews(reviews)
        self.take_met()
        self.take_gone()
        self.know_hmis()
        self.facts.sort(key=lambda each: (each.on, each.person.alias, each.kind, str(each.key)))
        return self.facts

    # What is on file

    def told_reviews(self) -> list[Review]:
        scope, zone = self.scope, self.scope.continuum.zone
        of_calls = Review.objects.filter(
            meeting__continuum=scope.continuum, meeting__state=Meeting.State.CLOSED
        )
        if scope.meeting:
            of_calls = of_calls.filter(meeting=scope.meeting)
        else:
            of_calls = of_calls.filter(
                meeting__starts_at__gte=local_midnight(scope.since, zone),
                meeting__starts_at__lt=local_midnight(scope.until + timedelta(days=1), zone),
            )
        rows = of_calls.told().with_household()
        return list(
            rows.select_related(
                "meeting__continuum", "navigator__user", "navigator__agency", "saved_by"
            ).only(
                *("participant", "is_referred", "referral", "navigator_said_at", "discussed_at"),
                *("saved_by", "saved_at", "navigator__user__name"),
                *("navigator__agency__is_victim_service_provider", "navigator__agency__name"),
                *("meeting__starts_at", "meeting__continuum__zone", "meeting__ends_at"),
            )
        )

    def visible(self, keys: set[UUID]) -> dict[UUID, Participant]:
        """`{key: household}`: of a call its own; of a time all of whom the viewer may know."""
        found = Participant.objects.visible_to(self.viewer, self.at.on).filter(
            deidentified_at__isnull=True
        )
        if self.scope.meeting:
            found = found.filter(pk__in=keys)
        else:
            days = self.days()
            found = found.filter(
                Q(pk__in=keys)
                | Q(pk__in=Contact.objects.filter(**days, **HERE).values("participant"))
                | Q(pk__in=LivingSituation.objects.filter(**days, **HERE).values("participant"))
                | Q(pk__in=HmisEntry.objects.filter(**days).values("participant"))
            )
        return found.select_related("agency", "hmis", "continuum").in_bulk()

    def days(self) -> dict[str, date]:
        """The days of the scope, as a filter of rows that have one."""
        if self.scope.meeting:
            return {"on__gte": self.scope.meeting.on, "on__lte": self.scope.meeting.on}
        return {"on__gte": self.scope.since, "on__lte": self.scope.until}

    def entries_of(self, reviews: set[UUID]) -> dict[UUID, HmisEntry]:
        rows = HmisEntry.objects.filter(participant__in=list(self.people)).select_related(
            "answered_by", "keyed_by"
        )
        of_days = Q(**self.days())
        if self.scope.meeting:
            # Another call of the day says what is its own.
            of_call = Review.objects.filter(meeting=self.scope.meeting)
            of_days &= Q(source__in=OF_DAYS) | Q(source_id__in=of_call.values("pk"))
        return rows.filter(of_days | Q(source=Source.ADDED, source_id__in=reviews)).in_bulk()

    def entry(self, source: str, source_id: UUID) -> HmisEntry | None:
        return self.entries.get(HmisEntry.key_of(source, source_id))

    # Of calls

    def take_reviews(self, reviews: Iterable[Review]) -> None:
        added: dict[UUID, list[HmisEntry]] = defaultdict(list)
        for each in self.entries.values():
            if each.source == Source.ADDED:
                added[each.source_id].append(each)
        for review in reviews:
            person = self.people.get(review.household)
            if person is None:
                continue
            if review.is_referred:
                fact = self.said(review, person, Source.REFERRAL)
                fact.words = review.referral
            if review.navigator_said_at and review.navigator:
                fact = self.said(review, person, Source.NAVIGATOR)
                fact.navigator = review.navigator.user.name
                fact.is_by_provider = review.navigator.agency.is_victim_service_provider
            for entry in added[review.pk]:
                self.said(review, person, Source.ADDED, entry)

    def said(
        self,
        review: Review,
        person: Participant,
        source: HmisEntry.Source,
        entry: HmisEntry | None = None,
    ) -> Fact:
        """A fact of a call, as of its day."""
        meeting = review.meeting
        entry = entry or self.entry(source, review.pk)
        by = review.saved_by_id
        if entry and (source == Source.ADDED or by is None):
            by = entry.answered_by_id
        fact = Fact(
            *(Kind.EVENT, source, review.pk, person, meeting.on),
            recorded_at=review.discussed_at or review.saved_at or meeting.starts_at,
            recorded_by=by,
            entry=entry,
        )
        self.facts.append(fact)
        return fact

    # Of days

    def take_met(self) -> None:
        """Contacts and stays: of one household and day HMIS takes one row."""
        rows = {"participant__in": list(self.people), **HERE}
        contacts = Contact.objects.filter(**rows, **self.days())
        of_day: dict[tuple[UUID, date], list[Met]] = defaultdict(list)
        for contact in contacts.filter(kind__in=(*MEETINGS, Contact.Kind.ASSESSED)):
            if contact.kind == Contact.Kind.ASSESSED:
                self.take_assessment(contact)
            else:
                of_day[contact.participant_id, contact.on].append(
                    Met(contact.recorded_at, Source.CONTACT, contact)
                )
        for stay in LivingSituation.objects.filter(**rows, **self.days()).defer("words"):
            of_day[stay.participant_id, stay.on].append(Met(stay.recorded_at, Source.STAY, stay))
        for (person, on), met in of_day.items():
            self.take_day(self.people[person], on, met)

    def take_assessment(self, contact: Contact) -> None:
        fact = Fact(
            *(Kind.ASSESSMENT, Source.ASSESSED, contact.pk, self.people[contact.participant_id]),
            contact.on,
            recorded_at=contact.recorded_at,
            recorded_by=contact.by_id,
            is_by_provider=contact.by_id in self.providers,
            entry=self.entry(Source.ASSESSED, contact.pk),
        )
        self.facts.append(fact)

    def take_day(self, person: Participant, on: date, met: list[Met]) -> None:
        """One row of a day: under the id that it went by before, else of what came first."""
        told = [each for each in met if each.row.by_id not in self.providers]
        met = sorted(told or met, key=lambda each: (each.recorded_at, str(each.row.pk)))
        known = [each for each in met if self.is_known(each)]
        first = (known or met)[0]
        stays = [each.row.kind for each in met if each.source == Source.STAY]
        heard = [each.row.kind for each in met if each.source == Source.CONTACT]
        fact = Fact(
            *(Kind.SITUATION, first.source, first.row.pk, person, on),
            recorded_at=first.recorded_at,
            recorded_by=first.row.by_id,
            stay=stays[-1] if stays else "",
            heard=heard[0] if heard else "",
            is_by_provider=not told,
            entry=self.entry(first.source, first.row.pk),
        )
        self.facts.append(fact)

    def is_known(self, met: Met) -> bool:
        entry = self.entry(met.source, met.row.pk)
        return entry is not None and (entry.is_out or bool(entry.answers))

    # What is no more

    def take_gone(self) -> None:
        """What HMIS may hold and nobody says here any more, or somebody took out."""
        there = {each.key for each in self.facts}
        for each in self.facts:
            each.is_gone = bool(each.entry and each.entry.is_left_out and each.entry.is_out)
        for key, entry in self.entries.items():
            if key in there or not entry.is_out or entry.participant_id not in self.people:
                continue
            fact = Fact(
                *(entry.kind, entry.source, entry.source_id),
                self.people[entry.participant_id],
                entry.on,
                recorded_at=entry.given_at or entry.keyed_at or self.now,
                recorded_by=None,
                is_gone=True,
                entry=entry,
            )
            self.facts.append(fact)

    # What HMIS knows

    def know_hmis(self) -> None:
        continuum, keys = self.scope.continuum, {each.person.pk for each in self.facts}
        headed = headed_before(keys)
        live = Release.objects.live_for_hmis(self.at).filter(participant__in=keys)
        releases = dict(live.order_by("pk").values_list("participant", "pk"))
        releases_then = self.releases_of(headed.values())
        users = keys_of(continuum)
        projects = HmisProject.objects.filter(continuum=continuum).select_related("agency")
        known = {each.key: each for each in projects}
        last = HmisImport.objects.undoable(continuum, HmisImport.Kind.HMIS)
        for fact in self.facts:
            fact.headed = tuple(headed.get(fact.person.pk, ()))
            then = fact.former_head
            fact.release = releases_then.get(then.head) if then else releases.get(fact.person.pk)
            fact.user_key = users.get(fact.recorded_by) or users.get(None, "")
            fact.enrollment = enrollment_of(fact, known)
            place = fact.answers.get("LocationCrisisOrPHHousing")
            fact.is_place_refused = bool(place) and is_refused(known.get(place or ""))
            fact.told_on = newest_word(fact.record, last) if fact.record else None
            if fact.enrollment:
                fact.project = known.get(fact.enrollment["project"])

    def releases_of(self, headed: Iterable[Iterable[Headed]]) -> dict[UUID | None, UUID]:
        """`{former head: a release that they signed, and that covers their time still}`."""
        signed = FormerHead.releases.through.objects.filter(
            formerhead__in=[each.head for some in headed for each in some if each.head],
            release__in=Release.objects.in_force_for_hmis(self.at).values("pk"),
        )
        return dict(signed.order_by("release").values_list("formerhead", "release"))


def gather(scope: Scope, viewer: User, now: datetime) -> list[Fact]:
    """The facts of the scope of which `viewer` may know, in constant queries."""
    return Gathering(scope, viewer, now).run()


def day_of(source: str, key: UUID, continuum: Continuum) -> date | None:
    """The day of the fact that an address means; None for none of the continuum."""
    entry = HmisEntry.objects.filter(participant__continuum=continuum).filter(
        Q(pk=key if source == Source.ADDED else HmisEntry.key_of(source, key))
    )
    if on := entry.values_list("on", flat=True).first():
        return on
    of_it = {"pk": key, "participant__continuum": continuum}
    if source in (Source.REFERRAL, Source.NAVIGATOR):
        review = Review.objects.filter(**of_it).select_related("meeting__continuum").first()
        return review.meeting.on if review else None
    if source in (Source.CONTACT, Source.ASSESSED):
        return Contact.objects.filter(**of_it).values_list("on", flat=True).first()
    if source == Source.STAY:
        return LivingSituation.objects.filter(**of_it).values_list("on", flat=True).first()
    return None


def fact_at(source: str, key: UUID, continuum: Continuum, viewer: User, now: datetime) -> Fact:
    """The fact that an address means; Http404 for none that `viewer` may know of."""
    on = day_of(source, key, continuum)
    facts = gather(Scope(continuum, on, on), viewer, now) if on else []
    for fact in facts:
        if (fact.source, fact.address) == (source, key):
            return fact
    raise Http404("Nothing for HMIS")
