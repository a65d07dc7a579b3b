"""How long ago each household was met, by the rule that its continuum published.

Last contact is the latest of where they stayed, contacts and assessments, as far as the
continuum counts them, and of the day on which they came onto the list or back to it.

An export of HMIS may tell of less than the time until it was made. Who comes from HMIS is judged as
of the day on which the last one ends: nobody is inactive for what it cannot tell.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from participants.models import Participant, ParticipantQuerySet
from regions.models import Continuum

from .models import Contact, HmisImport, HmisRecord, InactivityRule, ListPlace, LivingSituation
from .models.contact import STAY

WARNED_BEFORE = timedelta(days=14)
# What partners promise each other: data in within two days, nothing older than a month.
ENTERED_WITHIN = timedelta(days=2)
PROMISED = timedelta(days=30)
# A stay of these kinds tells that nobody knows where the household is.
NOT_FOUND = (LivingSituation.Kind.MISSING, LivingSituation.Kind.UNKNOWN)

TAKEN = (HmisImport.State.APPLIED, HmisImport.State.SAME)

LOCATION, CONTACT, ASSESSMENT = "location", "contact", "assessment"
AGES = {
    LOCATION: ("Location", "located_on"),
    CONTACT: ("Contact", "met_on"),
    ASSESSMENT: ("Assessment", "assessed_on"),
}
ASSESSED = list(AGES).index(ASSESSMENT)
STATES = {
    "soon": "Inactive within 14 days",
    "past": "Overdue for contact",
    LOCATION: "Location older than 30 days",
    CONTACT: "Contact older than 30 days",
    ASSESSMENT: "Assessment older than 30 days",
}


class LastSeen(Protocol):
    """A household that `with_last_contact` annotated."""

    is_youth: bool | None
    last_contact_on: date
    told_until: date | None


@dataclass(frozen=True)
class Age:
    """How old the newest of one kind is; `days` None: there is none yet, after `listed` days.

    `is_awaited`: whether partners promised it; of a household that left the list they did not.
    """

    words: str
    on: date | None
    days: int | None
    listed: int = 0
    is_awaited: bool = True

    @property
    def is_old(self) -> bool:
        """Whether it is older than partners promised; a household added lately has time."""
        days = self.listed if self.days is None else self.days
        return self.is_awaited and days > PROMISED.days


def rule_of(continuum: Continuum) -> InactivityRule | None:
    """The continuum's rule of inactivity, or None: it published none."""
    return InactivityRule.objects.filter(continuum=continuum).first()


def newest(rows: QuerySet[Contact] | QuerySet[LivingSituation]) -> Subquery:
    found = rows.filter(participant=OuterRef("pk")).order_by("-on")
    return Subquery(found.values("on")[:1])


def newest_stay(column: str) -> Subquery:
    """A column of the newest stay that was recorded, of whichever kind."""
    found = LivingSituation.objects.filter(participant=OuterRef("pk"))
    return Subquery(found.order_by("-on", "-recorded_at").values(column)[:1])


def with_ages(participants: ParticipantQuerySet) -> ParticipantQuerySet:
    """Annotate the days of the newest location, contact and assessment."""
    return participants.annotate(
        located_on=newest(LivingSituation.objects.exclude(kind__in=NOT_FOUND)),
        met_on=newest(Contact.objects.exclude(kind=Contact.Kind.ASSESSED)),
        assessed_on=newest(Contact.objects.filter(kind=Contact.Kind.ASSESSED)),
    )


def with_last_contact(
    participants: ParticipantQuerySet, rule: InactivityRule
) -> ParticipantQuerySet:
    """Annotate `last_contact_on` by what `rule` counts."""
    # Not by the join: judged before it, of one continuum's households, however many others have.
    place = ListPlace.objects.filter(participant=OuterRef("pk"))
    sources = [Subquery(place.values("status_on")[:1])]
    if STAY in rule.sources:
        sources.append(newest(LivingSituation.objects.exclude(kind__in=NOT_FOUND)))
    kinds = [each for each in rule.sources if each != STAY]
    if kinds:
        sources.append(newest(Contact.objects.filter(kind__in=kinds)))
    last = Greatest(*sources) if len(sources) > 1 else sources[0]
    return participants.annotate(last_contact_on=last, told_until=told_until(rule))


def is_of_hmis() -> Exists:
    return Exists(HmisRecord.objects.filter(participant=OuterRef("pk")))


def early_ends(rule: InactivityRule) -> QuerySet[Any, Any]:  # with what it annotates
    """The last import, with the day `ends` on which its data end, if that is before it was made."""
    done = HmisImport.objects.filter(
        continuum=rule.continuum_id, state__in=TAKEN, confirmed_at__isnull=False
    )
    ends = Least("as_of", Coalesce("period_end", "as_of"))
    made = Coalesce("exported_on", "as_of")
    ended = Case(When(ends__lt=made, then=F("ends")), output_field=DateField())
    return done.annotate(ends=ends).annotate(early=ended).order_by("-confirmed_at")


def told_until(rule: InactivityRule) -> Case:
    """The day until which HMIS tells of the household; NULL where that is nothing unusual."""
    return Case(When(is_of_hmis(), then=Subquery(early_ends(rule).values("early")[:1])))


def data_end(rule: InactivityRule) -> date | None:
    """The day as of which households of HMIS are judged; None: as of any day, as all others."""
    found: date | None = early_ends(rule).values_list("early", flat=True).first()
    return found


def told_before(rule: InactivityRule, days: int) -> Coalesce:
    """The last day of contact for whom so many days had passed when the data of HMIS ended."""
    day = Cast(F("early") - Value(timedelta(days=days)), DateField())
    last = early_ends(rule).annotate(day=day).values("day")[:1]
    return Coalesce(Subquery(last), Value(date.max), output_field=DateField())


def days_allowed(participant: Participant | LastSeen, rule: InactivityRule) -> int:
    return rule.youth_days if participant.is_youth else rule.days


def inactive_on(participant: "LastSeen", rule: InactivityRule) -> date:
    """The day on which the annotated household counts as inactive without a new contact."""
    return participant.last_contact_on + timedelta(days=days_allowed(participant, rule))


def counts_by(participant: "LastSeen", rule: InactivityRule, on: date) -> bool:
    """Whether the annotated household counts as inactive on the day, or would without a contact."""
    day = inactive_on(participant, rule)
    return day <= on and (participant.told_until is None or day <= participant.told_until)


def allowed_before(on: date, rule: InactivityRule) -> Case:
    """The last day of contact for whom all days allowed had passed on the day."""
    return Case(
        When(is_youth=True, then=Value(on - timedelta(days=rule.youth_days))),
        default=Value(on - timedelta(days=rule.days)),
    )


def before(on: date, rule: InactivityRule, *, early: timedelta = timedelta()) -> Q:
    """Households whose day of inactivity is `on` or earlier; `early` looks that much ahead."""
    told = Case(
        When(is_youth=True, then=told_before(rule, rule.youth_days)),
        default=told_before(rule, rule.days),
    )
    is_due = Q(last_contact_on__lte=allowed_before(on + early, rule))
    return is_due & (Q(last_contact_on__lte=told) | ~Q(is_of_hmis()))


def without_contact(
    participants: ParticipantQuerySet, rule: InactivityRule, on: date
) -> ParticipantQuerySet:
    """Active households of whose contact within the days allowed nothing is on file."""
    active = participants.filter(place__status=ListPlace.Status.ACTIVE)
    found = with_last_contact(active, rule)
    return found.filter(Q(last_contact_on__lte=allowed_before(on, rule)))


def past(participants: ParticipantQuerySet, rule: InactivityRule, on: date) -> ParticipantQuerySet:
    """Active households that count as inactive by now, or did when the data of HMIS ended."""
    active = participants.filter(place__status=ListPlace.Status.ACTIVE)
    return with_last_contact(active, rule).filter(before(on, rule))


def soon(participants: ParticipantQuerySet, rule: InactivityRule, on: date) -> ParticipantQuerySet:
    """Active households that will count as inactive within 14 days."""
    active = participants.filter(place__status=ListPlace.Status.ACTIVE)
    found = with_last_contact(active, rule).filter(before(on, rule, early=WARNED_BEFORE))
    return found.exclude(before(on, rule))


def older(participants: ParticipantQuerySet, kind: str, on: date) -> ParticipantQuerySet:
    """Active households whose newest `kind` is older than promised, or missing."""
    name = AGES[kind][1]
    active = with_ages(participants.filter(place__status=ListPlace.Status.ACTIVE))
    return active.filter(is_older(name, on))


def is_older(name: str, on: date) -> Q:
    """The condition that the annotated day `name` is longer ago than promised, or never was."""
    never = Q(**{f"{name}__isnull": True}, place__listed_on__lt=on - PROMISED)
    return Q(**{f"{name}__lt": on - PROMISED}) | never


def in_state(
    participants: ParticipantQuerySet, state: str, rule: InactivityRule | None, on: date
) -> ParticipantQuerySet:
    """Narrow to one of STATES; those of inactivity are of nobody without a rule."""
    if state in AGES:
        return older(participants, state, on)
    if rule is None:
        return participants.none()
    return (soon if state == "soon" else past)(participants, rule, on)


def ages_of(participant: Participant, on: date) -> list[Age]:
    """An `Age` for each kind of an annotated household."""
    dates = [(words, getattr(participant, name)) for words, name in AGES.values()]
    place = getattr(participant, "place", None)
    listed = place.days(on) if place else 0
    is_awaited = place is None or place.is_active
    return [
        Age(words, day, (on - day).days if day else None, listed, is_awaited)
        for words, day in dates
    ]
