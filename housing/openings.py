"""Entering openings, and saying what became of them."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from accounts.undo import refuse_changed
from regions.clock import local_day

from .models import Opening, Program
from .places import refuse_addresses
from .programs import ELSEWHERE, STALE, USED_BEFORE

ENTERED = audit.actions.register("opening.entered", "Entered an opening")
CHANGED = audit.actions.register("opening.changed", "Changed an opening")
FILLED = audit.actions.register("opening.filled", "Filled a unit of an opening")
HELD = audit.actions.register("opening.held", "Held an opening")
WITHDRAWN = audit.actions.register("opening.withdrawn", "Withdrew an opening")
REOPENED = audit.actions.register("opening.reopened", "Put an opening on offer again")

SETTLE = "housing.enter_opening"
UNDO = "opening-settled"
CLOSED = "This program takes nobody now. Reopen the program first."
NO_PLACE = "The place of this program is confidential: nothing but the county is kept."
NONE_LEFT = "No unit of it is left."


class Settled(TypedDict):
    """What an opening was before somebody said what became of it, and after."""

    opening: str
    before: list[Any]  # of each column its own, as JSON holds it
    after: list[Any]  # Any: of each its own


@transaction.atomic
def enter_opening(
    program: Program,
    *,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
    **values: Any,  # Any: of each its own
) -> Opening:
    """Enter one or several units alike; sent twice with one `pk` they are entered once.

    `values`: columns of the row, judged by its `full_clean`.
    """
    program = Program.objects.select_for_update().get(pk=program.pk)
    former = Opening.objects.filter(pk=pk).first() if pk else None
    if former:
        if former.program_id != program.pk or former.entered_by_id != actor.pk:
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    if program.closed_on:
        raise ValidationError(CLOSED)
    opening = Opening(program=program, entered_by=actor, entered_at=now, changed_at=now, **values)
    opening.pk = pk or opening.pk
    judge(opening)
    opening.save(force_insert=True)
    record(ENTERED, opening, actor, now)
    return opening


@transaction.atomic
def change_opening(
    opening: Opening,
    *,
    changed_at: datetime,
    actor: User,
    now: datetime,
    **values: Any,  # Any: of each its own
) -> Opening:
    """Change what is said of it. `changed_at` is that of the page: a stale page is refused."""
    opening = locked(opening)
    if opening.changed_at != changed_at:
        raise ValidationError(STALE, code="stale")
    changed = sorted(name for name, value in values.items() if getattr(opening, name) != value)
    if changed:
        for name in changed:
            setattr(opening, name, values[name])
        opening.changed_at = now
        judge(opening)
        opening.save()
        record(CHANGED, opening, actor, now, changed=changed)
    return opening


@transaction.atomic
def fill_unit(opening: Opening, *, actor: User, now: datetime) -> Settled:
    """Somebody has a unit of it."""
    opening = locked(opening)
    before = state_of(opening)
    if not opening.left or opening.withdrawn_on:
        raise ValidationError(NONE_LEFT)
    opening.filled += 1
    opening.held_until = None
    if not opening.left:
        opening.settled_on = today(opening, now)
    return settle(FILLED, opening, before, actor, now)


@transaction.atomic
def hold_opening(opening: Opening, *, until: date, actor: User, now: datetime) -> Settled:
    """Keep it for somebody until the end of a day; then it is free again by itself."""
    opening = locked(opening)
    before = state_of(opening)
    if not opening.left or opening.withdrawn_on:
        raise ValidationError(NONE_LEFT)
    if until < today(opening, now):
        raise ValidationError({"until": "Enter today’s date or a later one."})
    opening.held_until = until
    return settle(HELD, opening, before, actor, now)


@transaction.atomic
def withdraw_opening(opening: Opening, *, actor: User, now: datetime) -> Settled:
    """It is not to be had any more."""
    opening = locked(opening)
    before = state_of(opening)
    if opening.withdrawn_on is None:
        opening.withdrawn_on, opening.held_until = today(opening, now), None
    return settle(WITHDRAWN, opening, before, actor, now)


@transaction.atomic
def offer_again(opening: Opening, *, actor: User, now: datetime) -> Settled:
    """It is to be had again: no longer held or withdrawn; of one that is filled, one unit."""
    opening = locked(opening)
    before = state_of(opening)
    if opening.withdrawn_on or opening.held_until:
        opening.withdrawn_on = opening.held_until = None
    elif opening.filled and not opening.left:
        opening.filled, opening.settled_on = opening.filled - 1, None
    return settle(REOPENED, opening, before, actor, now)


@transaction.atomic
def undo_settled(data: Settled, *, actor: User, now: datetime) -> None:
    """Put back what an opening was; refused where somebody changed it since."""
    opening = Opening.objects.visible_to(actor).filter(pk=data["opening"]).first()
    if opening is None or not actor.has_perm(SETTLE, opening):
        raise PermissionDenied
    opening = locked(opening)
    refuse_changed(state_of(opening) == data["after"])
    filled, *days = data["before"]
    opening.filled = filled
    opening.held_until, opening.withdrawn_on, opening.settled_on = (
        date.fromisoformat(each) if each else None for each in days
    )
    settle(REOPENED, opening, data["after"], actor, now)


def settle(
    action: str,
    opening: Opening,
    before: list[Any],  # Any: of each column its own
    actor: User,
    now: datetime,
) -> Settled:
    after = state_of(opening)
    if after != before:
        opening.changed_at = now
        opening.save()
        record(action, opening, actor, now)
    return {"opening": str(opening.pk), "before": before, "after": after}


def state_of(opening: Opening) -> list[Any]:  # Any: a number, then days or none
    days = (opening.held_until, opening.withdrawn_on, opening.settled_on)
    return [opening.filled, *(each.isoformat() if each else None for each in days)]


def judge(opening: Opening) -> None:
    """Refuse what an opening cannot be, by field."""
    if opening.program.is_confidential and opening.unit:
        raise ValidationError({"unit": NO_PLACE})
    if opening.program.is_confidential:
        refuse_addresses(contact=opening.contact)
    if opening.county.continuum_id != opening.program.continuum_id:
        raise ValidationError({"county": ELSEWHERE})
    if opening.units < opening.filled:
        raise ValidationError({"units": f"{opening.filled} of them are filled already."})
    opening.full_clean()


def locked(opening: Opening) -> Opening:
    """The row as it is now, held until the end of the act."""
    rows = Opening.objects.select_for_update(of=("self",))
    return rows.select_related("program__continuum", "county__region").get(pk=opening.pk)


def today(opening: Opening, now: datetime) -> date:
    return local_day(now, opening.program.continuum.zone)


def record(
    action: str, opening: Opening, actor: User, now: datetime, *, changed: list[str] | None = None
) -> None:
    audit.services.record(
        action, actor=actor, about=opening, detail={"changed": changed or []}, now=now
    )
