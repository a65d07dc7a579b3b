"""Who was met when, who was not for long, and who came back onto the list."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.expressions import CombinedExpression

from agreements.models import StaffMember
from participants.models import (
    Contact,
    InactivityRule,
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
)
from regions.clock import local_day
from regions.models import Continuum

Kind, Flow = Contact.Kind, PlaceChange.Flow
RULES = {"MN-502": (90, 30), "MA-507": (90, 45)}
IN_TIME, LATE = timedelta(hours=30), timedelta(hours=120)


def make_contacts(continuum: Continuum, *, random: Random, now: datetime) -> None:
    """Publish the rule, and give each active household contacts, a few of them long ago."""
    days, youth_days = RULES[continuum.code]
    on = local_day(now, continuum.zone)
    InactivityRule.objects.create(
        continuum=continuum, days=days, youth_days=youth_days, warned_on=on
    )
    active = Participant.objects.filter(continuum=continuum, place__status=ListPlace.Status.ACTIVE)
    people = list(active.select_related("place").order_by("alias"))
    quiet = [each for each in people if (on - each.place.listed_on).days > 160][::9]
    for person in quiet:
        long_ago = timedelta(days=random.randrange(days - 12, days + 25))
        person.situations.update(on=F("on") - long_ago)
    contacts = []
    for person in people:
        if person not in quiet:
            contacts += contacts_of(person, on, random)
    Contact.objects.bulk_create(contacts)
    come_back([each for each in people if each not in quiet][::17], on, random)
    enter_soon_after(continuum, people[::6])


def contacts_of(person: Participant, on: date, random: Random) -> list[Contact]:
    """An assessment near the day of being listed, and what followed."""
    first = person.place.listed_on
    longest = (on - first).days
    kinds = (Kind.SEEN, Kind.SEEN, Kind.SPOKE, Kind.ANSWERED, Kind.SERVICE)
    days = [random.randrange(min(longest, 45) + 1) for _ in range(random.randrange(3))]
    assessed = max(0, min(longest, random.randrange(1, 200)))
    return [
        Contact(participant=person, kind=Kind.ASSESSED, on=on - timedelta(days=assessed)),
        *(
            Contact(participant=person, kind=random.choice(kinds), on=on - timedelta(days=each))
            for each in days
        ),
    ]


def come_back(people: Iterable[Participant], on: date, random: Random) -> None:
    """Some went inactive, or were housed, and returned with their first date."""
    for person in people:
        longest = (on - person.place.listed_on).days
        if longest < 60:
            continue
        back = on - timedelta(days=random.randrange(5, min(longest - 40, 300)))
        left = back - timedelta(days=random.randrange(20, 40))
        gone, returned = random.choice(
            ((Flow.INACTIVE, Flow.BACK_FROM_INACTIVE), (Flow.HOUSED, Flow.BACK_FROM_HOUSING))
        )
        for flow, day in ((gone, left), (returned, back)):
            PlaceChange.objects.create(participant=person, flow=flow, on=day)
        ListPlace.objects.filter(participant=person).update(status_on=back)


def enter_soon_after(continuum: Continuum, late: Iterable[Participant]) -> None:
    """What happened was entered by the agency a day later, of some households days later."""
    staff = StaffMember.objects.current().filter(agency__continuum=continuum).order_by("-pk")
    by = {each.agency_id: each.user_id for each in staff}
    kept = defaultdict[UUID, list[UUID]](list)
    for person, agency in Participant.objects.filter(continuum=continuum).values_list(
        "pk", "agency"
    ):
        kept[agency].append(person)
    moves = PlaceChange.objects.filter(participant__continuum=continuum)
    moves.update(recorded_at=at(IN_TIME))
    for model in (LivingSituation, Contact):
        rows = model.objects.filter(participant__continuum=continuum)
        rows.update(recorded_at=at(IN_TIME))
        rows.filter(participant__in=late).update(recorded_at=at(LATE))
        for agency, people in kept.items():
            # by key: a join in an update is slow while the database knows nothing of its tables
            model.objects.filter(participant__in=people).update(by=by.get(agency))


def at(after: timedelta) -> "ExpressionWrapper[CombinedExpression]":
    return ExpressionWrapper(F("on") + after, output_field=DateTimeField())
