"""What the pages of outflow rounds show, by the rules for who is looking."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from participants.disclosures import shown_to
from participants.models import LastAttempt, OutflowCase, OutflowRound, Participant
from participants.naming import Label, labels
from participants.quiet import data_end, past, rule_of, soon
from regions.models import Continuum

from .rounds import results, seen_of

VIEWED = audit.actions.register("outflow_round.viewed", "Looked at an outflow round")


@dataclass
class Row:
    case: OutflowCase
    label: Label
    attempts: list[tuple[LastAttempt, str]]
    is_mine: bool


def rounds_page(continuum: Continuum, *, on: date) -> dict[str, object]:
    """The rounds of the continuum, newest first, and how many households wait for the next."""
    rule = rule_of(continuum)
    people = Participant.objects.filter(continuum=continuum)
    counted = continuum.outflow_rounds.annotate(
        households=Count("cases"),
        moved=Count("cases", filter=Q(cases__result=OutflowCase.Result.INACTIVE)),
        reached=Count("cases", filter=Q(cases__result=OutflowCase.Result.REACHED)),
    )
    rounds = list(counted)
    return {
        "rule": rule,
        "rounds": rounds,
        "past": past(people, rule, on).count() if rule else 0,
        "soon": soon(people, rule, on).count() if rule else 0,
        "may_begin": bool(rule)
        and all(each.closed_at and each.month != on.replace(day=1) for each in rounds),
        "open": next((each for each in rounds if each.closed_at is None), None),
        "month": on.replace(day=1),
        "data_end": data_end(rule) if rule else None,
    }


def cases_for(round: OutflowRound, viewer: User) -> QuerySet[OutflowCase]:
    """The cases that `viewer` may see: all for a CE Specialist, else those of their agency."""
    cases = round.cases.select_related("participant__region", "agency")
    if viewer.membership.is_specialist:
        return cases
    place = StaffMember.objects.current().filter(user=viewer)
    return cases.filter(agency__in=place.values("agency"))


def round_page(round: OutflowRound, viewer: User, *, now: datetime) -> dict[str, object]:
    """The households of a round that the viewer may see, with the attempts; recorded."""
    cases = list(
        cases_for(round, viewer)
        .prefetch_related("attempts__by")
        .order_by("agency__name", "last_contact_on", "pk")
    )
    people = [case.participant for case in cases]
    names = labels(people, viewer, now)
    own = set(StaffMember.objects.current().filter(user=viewer).values_list("agency", flat=True))
    audit.services.record(
        VIEWED,
        actor=viewer,
        about=round,
        detail=shown_to(names),
        now=now,
    )
    rows = [row_of(case, names[case.participant_id], own, viewer) for case in cases]
    return {
        "round": round,
        "rows": rows,
        "tried": sum(bool(row.attempts) for row in rows),
        "untried": sum(not row.attempts for row in rows),
    }


def row_of(case: OutflowCase, label: Label, own: Container[UUID], viewer: User) -> Row:
    person = case.participant
    is_mine = case.agency_id in own or (
        viewer.membership.is_specialist and not person.is_confidential
    )
    attempts = [(each, label.clean(each.words)) for each in case.attempts.all()]
    return Row(case, label, attempts, is_mine)


def closing_page(round: OutflowRound, *, on: date) -> dict[str, object]:
    """What closing the round would do, and the text by which it knows that this was seen."""
    found = results(round, on)
    told = list(found.values())
    return {
        "round": round,
        "inactive": told.count(OutflowCase.Result.INACTIVE),
        "reached": told.count(OutflowCase.Result.REACHED),
        "kept": told.count(OutflowCase.Result.KEPT),
        "untold": told.count(OutflowCase.Result.UNTOLD),
        "moved": told.count(""),
        "seen": seen_of(found),
    }


def open_round_of(continuum: Continuum) -> OutflowRound | None:
    return OutflowRound.objects.filter(continuum=continuum, closed_at__isnull=True).first()


def untried_of(round: OutflowRound, agency: Agency) -> int:
    """How many households of the round the agency has not looked for yet."""
    tried = LastAttempt.objects.filter(case__round=round).values("case")
    return round.cases.filter(agency=agency).exclude(pk__in=tried).count()
