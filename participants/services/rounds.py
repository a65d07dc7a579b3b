"""The outflow round: nobody leaves the list unseen.

A month's households without contact are divided among agencies for a last attempt; attempts are
recorded; then the CE Specialist moves to inactive whoever was looked for and not reached. Whoever
nobody looked for stays on the list. (Missoula's practice.)
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from participants.models import (
    Contact,
    InactivityRule,
    LastAttempt,
    ListPlace,
    OutflowCase,
    OutflowRound,
    Participant,
    PlaceChange,
    Release,
)
from participants.own_words import note_typed
from participants.quiet import LastSeen, days_allowed, past, rule_of, without_contact
from regions.clock import Moment, local_day
from regions.models import Continuum

from .contacts import record_contact
from .participants import USED_BEFORE
from .places import change_place, hold

ROUND_BEGUN = audit.actions.register("outflow_round.begun", "Began an outflow round")
ROUND_CLOSED = audit.actions.register("outflow_round.closed", "Closed an outflow round")
ATTEMPT_RECORDED = audit.actions.register(
    "participant.attempt_recorded", "Recorded a last attempt to reach a household"
)
NO_RULE = "Set up first when a household counts as inactive."
How = LastAttempt.How
Kind = Contact.Kind
# What reaching a household in each way is recorded as.
CONTACT_OF = {How.VISIT: Kind.SEEN, How.PHONE: Kind.SPOKE, How.MESSAGE: Kind.ANSWERED}


Household = TypeVar("Household", bound=Hashable)
Place = TypeVar("Place", bound=Hashable)


def divide(candidates: Mapping[Household, Sequence[Place]]) -> dict[Household, Place | None]:
    """`{household: agency or None}` of `{household: [agencies, the keeping one first]}`.

    Each goes to the agency that has fewest so far; those with least choice are placed first.
    """
    given: dict[Household, Place | None] = {}
    load = Counter[Place | None]()
    for household in sorted(candidates, key=lambda each: (len(candidates[each]), str(each))):
        agencies = candidates[household]
        agency = min(agencies, key=lambda each: load[each]) if agencies else None
        given[household] = agency
        load[agency] += 1
    return given


def candidates_for(
    people: Iterable[Participant], continuum: Continuum, *, now: datetime
) -> dict[UUID, list[UUID]]:
    """`{household's key: [agencies' keys]}`: who may be asked to look for each household.

    The keeping agency, and those of its region whom a live release lets know the name. A victim
    service provider's household stays with its provider.
    """
    at = Moment.of(now, continuum.zone)
    standing = set(
        Agency.objects.filter(continuum=continuum)
        .in_good_standing(at.on)
        .values_list("pk", flat=True)
    )
    partners = Agency.objects.filter(
        continuum=continuum, is_victim_service_provider=False, pk__in=standing
    ).order_by("name")
    regions = {
        region.pk: list(partners.taking_part_in(region).values_list("pk", flat=True))
        for region in continuum.regions.all()
    }
    covered = covering(people, at)
    found = {}
    for person in people:
        own = [person.agency_id] if person.agency_id in standing else []
        others = [] if person.is_confidential or not person.name else regions[person.region_id]
        to_all, listed = covered[person.pk]
        found[person.pk] = own + [
            each for each in others if each not in own and (to_all or each in listed)
        ]
    return found


def covering(people: Iterable[Participant], at: Moment) -> dict[UUID, tuple[bool, set[UUID]]]:
    """`{household's key: (whether a release covers all partners, {agencies covered})}`."""
    live = Release.objects.live(at).filter(participant__in=[each.pk for each in people])
    rows = live.values_list("participant", "to_all_partners", "agencies")
    found = defaultdict[UUID, tuple[bool, set[UUID]]](lambda: (False, set()))
    for participant, to_all, agency in rows:
        is_all, listed = found[participant]
        found[participant] = (is_all or to_all, listed | {agency})
    return found


@transaction.atomic
def begin_round(continuum: Continuum, *, actor: User, now: datetime) -> OutflowRound:
    """Begin this month's round: every household past its day, each given to an agency."""
    # One press at a time: the second of two finds the round of the first.
    Continuum.objects.select_for_update(of=("self",)).get(pk=continuum.pk)
    rule = rule_of(continuum)
    if rule is None:
        raise ValidationError(NO_RULE)
    on = local_day(now, continuum.zone)
    round = OutflowRound(continuum=continuum, month=on.replace(day=1), begun_at=now, begun_by=actor)
    round.full_clean()
    people = list(past(Participant.objects.filter(continuum=continuum), rule, on))
    if not people:
        raise ValidationError("No household is overdue: there is nobody to look for.")
    round.save(force_insert=True)
    given = divide(candidates_for(people, continuum, now=now))
    OutflowCase.objects.bulk_create(
        OutflowCase(
            round=round,
            participant=person,
            agency_id=given[person.pk],
            last_contact_on=cast(LastSeen, person).last_contact_on,  # as annotated
        )
        for person in people
    )
    audit.services.record(
        ROUND_BEGUN, actor=actor, about=round, detail={"households": len(people)}, now=now
    )
    return round


@transaction.atomic
def record_attempt(
    case: OutflowCase,
    *,
    how: str,
    happened_on: date,
    is_reached: bool,
    words: str,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
) -> LastAttempt:
    """Record an attempt; a household that was reached gets a contact of that day.

    `pk` is made with the form: one that was sent twice records once.
    """
    case = (
        OutflowCase.objects.select_for_update(of=("self",))
        .select_related("round", "participant")
        .get(pk=case.pk)
    )
    former = LastAttempt.objects.filter(pk=pk).first() if pk else None
    values = {"how": how, "on": happened_on, "is_reached": is_reached, "words": words}
    if former:
        held = {name: getattr(former, name) for name in values}
        if (held, former.case_id, former.by_id) != (values, case.pk, actor.pk):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    if case.round.closed_at:
        raise ValidationError("The round is closed. Record a contact on the household's page.")
    if case.participant.is_confidential and words:
        raise ValidationError(
            {"words": "For a victim service provider's participant no words are stored."}
        )
    if is_reached and how == How.PARTNERS:
        raise ValidationError(
            {"is_reached": "Choose how the household itself was reached: not by asking partners."}
        )
    attempt = LastAttempt(case=case, by=actor, **values)
    attempt.pk = pk or attempt.pk
    attempt.full_clean()
    note_typed(attempt, "words", actor=actor)
    attempt.save(force_insert=True)
    if is_reached:
        record_contact(
            case.participant,
            kind=CONTACT_OF[How(how)],
            happened_on=happened_on,
            actor=actor,
            now=now,
        )
    audit.services.record(
        ATTEMPT_RECORDED,
        actor=actor,
        about=case.participant,
        detail={"reached": is_reached},
        now=now,
    )
    return attempt


def results(round: OutflowRound, on: date) -> dict[UUID, str]:
    """`{case's key: result}`: what closing the round on the local date `on` makes of each."""
    rule = rule_of(round.continuum)
    cases = round.cases.prefetch_related("attempts")
    people = Participant.objects.filter(outflow_cases__round=round)
    active = people.filter(place__status=ListPlace.Status.ACTIVE)
    quiet, due = set[UUID](), set[UUID]()
    if rule:
        quiet = set(without_contact(people, rule, on).values_list("pk", flat=True))
        due = set(past(people, rule, on).values_list("pk", flat=True))
    still = set(active.values_list("pk", flat=True))
    found: dict[UUID, str] = {}
    for case in cases:
        if case.participant_id not in still:
            found[case.pk] = ""
        elif case.participant_id not in quiet:
            found[case.pk] = OutflowCase.Result.REACHED
        elif case.participant_id not in due:
            found[case.pk] = OutflowCase.Result.UNTOLD
        elif case.attempts.all():
            found[case.pk] = OutflowCase.Result.INACTIVE
        else:
            found[case.pk] = OutflowCase.Result.KEPT
    return found


def seen_of(found: Mapping[UUID, str]) -> str:
    """A text by which closing knows that these results were looked at."""
    counted = Counter(str(result) for result in found.values())
    return " ".join(f"{result or 'moved'}:{counted[result]}" for result in sorted(counted))


@transaction.atomic
def close_round(round: OutflowRound, *, seen: str, actor: User, now: datetime) -> int | None:
    """Move to inactive whoever was looked for and not reached; everybody else stays listed.

    `seen` is that of the page: when something changed since, nothing is done. Returns how many
    were moved, or None for a round that was closed already.
    """
    round = (
        OutflowRound.objects.select_for_update(of=("self",))
        .select_related("continuum")
        .get(pk=round.pk)
    )
    if round.closed_at:
        return None
    on = local_day(now, round.continuum.zone)
    found = results(round, on)
    if seen_of(found) != seen:
        raise ValidationError(
            "Somebody was reached or looked for since this page was opened. Look at the numbers "
            "as they are now, then close the round."
        )
    rule = rule_of(round.continuum)
    cases = list(with_cases(round).filter(pk__in=found).select_for_update(of=("self",)))
    hold([case.participant_id for case in cases], whole=True)
    moved = 0
    for case in cases:
        case.result = found[case.pk]
        if case.result == OutflowCase.Result.INACTIVE:
            # Without a rule nobody becomes inactive.
            move(case, rule=cast(InactivityRule, rule), round=round, actor=actor, now=now)
            moved += 1
    OutflowCase.objects.bulk_update(cases, ["result"])
    round.closed_at, round.closed_by = now, actor
    round.save(update_fields=["closed_at", "closed_by"])
    audit.services.record(
        ROUND_CLOSED, actor=actor, about=round, detail={"moved": moved, "seen": seen}, now=now
    )
    return moved


def with_cases(round: OutflowRound) -> QuerySet[OutflowCase]:
    return round.cases.select_related("participant__place", "agency").order_by(
        "last_contact_on", "pk"
    )


def move(
    case: OutflowCase,
    *,
    rule: InactivityRule,
    round: OutflowRound,
    actor: User,
    now: datetime,
) -> None:
    days = days_allowed(case.participant, rule)
    number = case.attempts.count()
    attempts = "one last attempt" if number == 1 else f"{number} last attempts"
    change_place(
        case.participant,
        flow=PlaceChange.Flow.INACTIVE,
        happened_on=local_day(now, round.continuum.zone),
        reason=(
            f"No contact for more than {days} days, and {attempts} in the outflow round of "
            f"{round.month:%B %Y} by {case.agency or 'the CE Specialist'}."
        ),
        actor=actor,
        now=now,
    )
