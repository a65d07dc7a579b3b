"""Two households live as one."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants.hmis_ids import is_among
from participants.living_with import brought_along
from participants.merges.journal import Journal
from participants.models import (
    HouseholdAct,
    ListPlace,
    Participant,
    PlaceChange,
    age_band,
)
from participants.youth import age_on
from regions.clock import local_day
from regions.words import long_day_words

from .acts import keep, member_of
from .members import has_left, more

JOINED = audit.actions.register("participant.joined", "Recorded that two households are one now")
PROVIDERS_OWN = (
    "A victim service provider’s household can be joined only with another of the same provider. "
    "Whoever reads both as one would learn where somebody is."
)
# No alias of another household in a text: who may know of both is asked when it is read.
LIVES_WITH_ANOTHER = "Lives with another household now."
# Who came back to the list from there is listed again.
ON_THE_LIST = (ListPlace.Status.ACTIVE, ListPlace.Status.INACTIVE)


@transaction.atomic
def join_households(
    participant: Participant,
    *,
    into: Participant,
    relation: str,
    happened_on: date,
    actor: User,
    now: datetime,
) -> HouseholdAct:
    """Let a household live with another one from `happened_on`: its people are members there.

    `relation`: what its head is to the other head. Its place on the list ends that day; its record,
    with releases, reviews and steps, stays as it is, for whoever moves out again. Raises
    ValidationError for a household of its own, of another CoC, or for one victim service provider's
    with anybody else's.
    """
    rows = Participant.objects.select_for_update(of=("self",)).order_by("pk")
    held = {each.pk: each for each in rows.filter(pk__in=[participant.pk, into.pk])}
    if len(held) < 2:
        raise ValidationError({"alias": "Choose another household."})
    leaving, staying = held[participant.pk], held[into.pk]
    refuse_apart(leaving, staying)
    if standing := lives_with(leaving):
        if standing.other_id == staying.pk:
            return standing
        raise ValidationError("This household lives with another one already. Undo that first.")
    if lives_with(staying):
        raise ValidationError({"alias": "That one lives with another household itself."})
    place = ListPlace.objects.filter(pk=leaving.pk).first()
    is_listed = place is not None and place.status in ON_THE_LIST
    if place and is_listed and happened_on < place.status_on:
        day = long_day_words(place.status_on)
        words = f"Enter a date not before this household’s last change of status, {day}."
        raise ValidationError({"on": words})
    log = Journal()
    age = age_band(age_on(leaving.birth_date, happened_on))
    # HMIS tells of some in both households: nobody is a member twice, or beside themselves.
    listed = staying.members.filter(until__isnull=True)
    there = [staying.hmis_id, *(each.hmis_id for each in listed)]
    if not is_among(leaving.hmis_id, there):
        head_of_it = member_of(staying, relation=relation, age=age, since=happened_on)
        head_of_it.hmis_id = leaving.hmis_id
        log.create(head_of_it)
    # Also who came after that day; who left by now lived there for as long.
    moving = [
        each for each in leaving.members.select_for_update() if not has_left(each, happened_on)
    ]
    # Who lived here until they came back onto the list, and was left there.
    at_home = brought_along(staying.pk)
    for each in moving:
        since, until = max(happened_on, each.since), each.until
        log.change(each, until=since)
        if str(each.pk) in at_home or is_among(each.hmis_id, there):
            continue
        # What they are to the new head, nobody said.
        moved = member_of(
            staying, relation="", age=each.age_band, since=since, hmis_id=each.hmis_id
        )
        moved.until = until
        log.create(moved)
    if place and is_listed:
        move = PlaceChange(
            participant=leaving, flow=PlaceChange.Flow.NO_LONGER, on=happened_on, by=actor
        )
        move.reason = LIVES_WITH_ANOTHER
        log.create(move)
        log.change(place, status=ListPlace.Status.NO_LONGER, status_on=happened_on)
    today = local_day(now, staying.continuum.zone)
    log.change(staying, is_lasting=False, **more(staying, leaving, today))
    for household in (leaving, staying):
        log.stamp(household, "changed_at", now)
    act = keep(HouseholdAct.Kind.JOIN, leaving, staying, happened_on, log, actor, now)
    detail = {"act": str(act.pk), "participant": str(staying.pk)}
    audit.services.record(JOINED, actor=actor, about=leaving, detail=detail, now=now)
    return act


def lives_with(household: Participant) -> HouseholdAct | None:
    """By what a household lives with another one; None also once it came back onto the list."""
    if ListPlace.objects.filter(pk=household.pk, status__in=ON_THE_LIST).exists():
        return None
    joins = household.household_acts.filter(kind=HouseholdAct.Kind.JOIN, undone_at__isnull=True)
    return joins.order_by("-at").first()


def refuse_apart(leaving: Participant, staying: Participant) -> None:
    if leaving.continuum_id != staying.continuum_id:
        raise ValidationError({"alias": "Choose another household."})
    is_providers = leaving.is_confidential or staying.is_confidential
    if is_providers and leaving.agency_id != staying.agency_id:
        raise ValidationError({"alias": PROVIDERS_OWN})
    if leaving.deidentified_at or staying.deidentified_at:
        raise ValidationError("This record was de-identified. It tells of nobody any more.")
