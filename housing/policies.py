"""Drafting, approving and discarding versions of the prioritization policy."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from regions.clock import local_day
from regions.models import Continuum

from .criteria import CRITERIA
from .models import PrioritizationPolicy
from .programs import STALE

DRAFTED = audit.actions.register("policy.drafted", "Drafted a version of the prioritization policy")
CHANGED = audit.actions.register("policy.changed", "Changed the draft of the prioritization policy")
APPROVED = audit.actions.register("policy.approved", "Recorded that a policy was approved")
DISCARDED = audit.actions.register("policy.discarded", "Discarded the draft of a policy")

NO_ORDER = "Choose at least one criterion."
TWICE = "Choose each criterion once."
DONE = "This version was approved. It stays as it is; draft another one."


@transaction.atomic
def draft_policy(continuum: Continuum, *, actor: User, now: datetime) -> PrioritizationPolicy:
    """Begin a version, as the newest one is; there is one draft at a time."""
    Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    rows = PrioritizationPolicy.objects.filter(continuum=continuum)
    draft = rows.filter(approved_on__isnull=True).first()
    if draft:
        return draft
    last = rows.first()
    policy = PrioritizationPolicy(
        continuum=continuum,
        version=last.version + 1 if last else 1,
        words=last.words if last else "",
        criteria=last.criteria if last else [],
        tie_breaks=last.tie_breaks if last else [],
        seed=secrets.token_hex(8),
        recorded_by=actor,
        changed_at=now,
    )
    policy.save(force_insert=True)
    audit.services.record(DRAFTED, actor=actor, about=policy, now=now)
    return policy


@transaction.atomic
def change_policy(
    policy: PrioritizationPolicy,
    *,
    changed_at: datetime,
    words: str,
    criteria: Sequence[str],
    tie_breaks: Sequence[str],
    actor: User,
    now: datetime,
) -> None:
    """Change the draft. `changed_at` is that of the page: a stale page is refused."""
    policy = locked(policy)
    if policy.changed_at != changed_at:
        raise ValidationError(STALE, code="stale")
    chosen = [*criteria, *tie_breaks]
    if not criteria:
        raise ValidationError({"criteria_1": NO_ORDER})
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(CRITERIA):
        raise ValidationError({"criteria_1": TWICE})
    policy.words, policy.criteria, policy.tie_breaks = words, list(criteria), list(tie_breaks)
    policy.changed_at = now
    policy.full_clean()
    policy.save()
    audit.services.record(CHANGED, actor=actor, about=policy, now=now)


@transaction.atomic
def approve_policy(
    policy: PrioritizationPolicy,
    *,
    approved_by: str,
    approved_on: date,
    valid_from: date,
    actor: User,
    now: datetime,
) -> None:
    """Record who approved the draft on what day, and from when it counts: it never changes then."""
    policy = locked(policy)
    if not policy.criteria or not policy.words:
        raise ValidationError("Write the policy and choose its order first.")
    if approved_on > local_day(now, policy.continuum.zone):
        raise ValidationError({"approved_on": "Enter today’s date or one before."})
    if valid_from < approved_on:
        raise ValidationError({"valid_from": "A policy counts from its approval at the earliest."})
    policy.approved_by, policy.approved_on = approved_by, approved_on
    policy.valid_from, policy.changed_at = valid_from, now
    policy.full_clean()
    policy.save()
    audit.services.record(APPROVED, actor=actor, about=policy, now=now)


@transaction.atomic
def discard_policy(policy: PrioritizationPolicy, *, actor: User, now: datetime) -> None:
    """Take the draft away; approved versions stay."""
    policy = locked(policy)
    audit.services.record(DISCARDED, actor=actor, about=policy, now=now)
    policy.delete()


def locked(policy: PrioritizationPolicy) -> PrioritizationPolicy:
    """The draft as it is now; refused once it was approved."""
    rows = PrioritizationPolicy.objects.select_for_update(of=("self",)).select_related("continuum")
    policy = rows.get(pk=policy.pk)
    if policy.approved_on:
        raise ValidationError(DONE)
    return policy
