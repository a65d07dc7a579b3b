"""Entering programs and whom they take; each change is kept in the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from regions.clock import local_day
from regions.models import County

from .models import EligibilityRule, Program
from .places import refuse_addresses

ADDED = audit.actions.register("program.added", "Added a housing program")
CHANGED = audit.actions.register("program.changed", "Changed a housing program")
CLOSED = audit.actions.register("program.closed", "Closed a housing program")
REOPENED = audit.actions.register("program.reopened", "Reopened a housing program")

STALE = (
    "Somebody changed this while you were typing. What you typed is still here. Check it against "
    "how it is now, then save again."
)
ELSEWHERE = "Choose counties of this continuum."
USED_BEFORE = "This was saved already. To save it as another one, press the button again."


@dataclass(frozen=True)
class Rule:
    """One thing that a program asks, as it was typed."""

    fact: str
    weight: str
    asks: Any  # of each fact its own
    source: str = ""


@transaction.atomic
def add_program(
    agency: Agency,
    *,
    counties: Collection[County],
    rules: Sequence[Rule],
    actor: User,
    now: datetime,
    pk: UUID | None = None,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Program:
    """Add a program of an agency; sent twice with one `pk` it is added once."""
    former = Program.objects.filter(pk=pk).first() if pk else None
    if former:
        if (former.agency_id, former.name) != (agency.pk, values.get("name")):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    program = Program(continuum_id=agency.continuum_id, agency=agency, changed_at=now, **values)
    program.pk = pk or program.pk
    judge(program)
    program.save(force_insert=True)
    set_counties(program, counties)
    set_rules(program, rules)
    record(ADDED, program, actor, now)
    return program


@transaction.atomic
def change_program(
    program: Program,
    *,
    changed_at: datetime,
    counties: Collection[County],
    rules: Sequence[Rule],
    actor: User,
    now: datetime,
    **values: Any,  # columns of the row, judged by its `full_clean`
) -> Program:
    """Change a program and what it asks. `changed_at` is that of the page: a stale one is refused.

    Openings keep their program: whoever is matched from now on is matched by the rules of now.
    """
    program = locked(program)
    if program.changed_at != changed_at:
        raise ValidationError(STALE, code="stale")
    changed = sorted(name for name, value in values.items() if getattr(program, name) != value)
    for name in changed:
        setattr(program, name, values[name])
    if set(program.counties.all()) != set(counties):
        set_counties(program, counties)
        changed.append("counties")
    changed += set_rules(program, rules)
    if not changed:
        return program
    program.changed_at = now
    judge(program)
    program.save()
    record(CHANGED, program, actor, now, changed=changed)
    return program


@transaction.atomic
def close_program(program: Program, *, actor: User, now: datetime) -> None:
    """Take nobody from now on; what is open of it is not on offer while it is closed."""
    program = locked(program)
    if program.closed_on is None:
        program.closed_on, program.changed_at = local_day(now, program.continuum.zone), now
        program.save()
        record(CLOSED, program, actor, now)


@transaction.atomic
def reopen_program(program: Program, *, actor: User, now: datetime) -> None:
    """Take households again."""
    program = locked(program)
    if program.closed_on is not None:
        program.closed_on, program.changed_at = None, now
        program.save()
        record(REOPENED, program, actor, now)


def judge(program: Program) -> None:
    """Refuse what a program cannot be, by field."""
    if program.is_confidential or program.agency.is_victim_service_provider:
        refuse_addresses(name=program.name, funding=program.funding)
    program.full_clean()


def locked(program: Program) -> Program:
    rows = Program.objects.select_for_update(of=("self",)).select_related("continuum", "agency")
    return rows.get(pk=program.pk)


def set_counties(program: Program, counties: Collection[County]) -> None:
    if any(each.continuum_id != program.continuum_id for each in counties):
        raise ValidationError({"counties": ELSEWHERE})
    program.counties.set(counties)


def set_rules(program: Program, rules: Sequence[Rule]) -> list[str]:
    """Make the program ask this and nothing else; return the facts of which it asks otherwise."""
    former: Mapping[str, EligibilityRule] = {each.fact: each for each in program.rules.all()}
    wanted = {each.fact: each for each in rules}
    gone = sorted(set(former) - set(wanted))
    program.rules.filter(fact__in=gone).delete()
    changed = gone
    for fact, rule in wanted.items():
        row = former.get(fact) or EligibilityRule(program=program, fact=fact)
        is_new = fact not in former
        if is_new or (row.weight, row.asks, row.source) != (rule.weight, rule.asks, rule.source):
            row.weight, row.asks, row.source = rule.weight, rule.asks, rule.source
            row.full_clean()
            row.save()
            changed = [*changed, fact]
    return changed


def record(
    action: str, program: Program, actor: User, now: datetime, *, changed: Sequence[str] = ()
) -> None:
    audit.services.record(
        action, actor=actor, about=program, detail={"changed": list(changed)}, now=now
    )
