"""Calling rules: shown with the dates they give, then saved, then carried out at once."""

import datetime
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

import audit.services
from accounts.models import User
from accounts.undo import refuse_changed
from audit import actions
from regions.calling import Rule, describe, year_plan
from regions.clock import local_day
from regions.models import CallingRule, Continuum, Region

from .planning import Change, fingerprint
from .years import changes_of_plan, is_planned, plan_year, rules_of, years_to_plan

RULE_CHANGED = actions.register("calling_rule.changed", "Changed a calling rule")
RULE_REMOVED = actions.register("calling_rule.removed", "Removed a calling rule")

KIND = "calling-rule"
PLAN = "regions.plan_calls"

CHANGED_MEANWHILE = (
    "Something changed since the dates were shown. Look at them as they are now, then save."
)


@dataclass(frozen=True)
class YearPreview:
    """What a rule does to one year; `is_made` tells whether its calls are changed on saving."""

    year: int
    is_made: bool
    changes: list[Change]


@dataclass(frozen=True)
class RulePreview:
    """What saving a rule does, and the text by which saving knows that this was seen."""

    years: list[YearPreview]
    seen: str


class RuleData(TypedDict):
    """A calling rule as plain data; `starts` in ISO 8601."""

    week: int
    weekday: int
    months: list[int]
    starts: str
    minutes: int


class ChangedRule(TypedDict):
    """What it takes to undo a change of a region's rule, or of the CoC-wide one (no `region`)."""

    continuum: str
    region: str | None
    before: RuleData | None
    after: RuleData | None
    years: NotRequired[list[int]]


def rule_for(continuum: Continuum, values: dict[str, Any]) -> Rule:  # Any: as `Rule` takes them
    """The rule that a form describes, in the continuum's zone."""
    return Rule(**values, zone=continuum.zone)


def preview_rule(
    continuum: Continuum, region: Region | None, rule: Rule | None, *, now: datetime.datetime
) -> RulePreview:
    """What this and next year look like with `rule` for the region; changes nothing.

    `region` is None for the CoC-wide rule, `rule` None for no rule. Next year's calls are
    changed on saving if they are made already, or if it is time to make them.
    """
    regional, coc_wide = rules_of(continuum)
    if region is None:
        coc_wide = rule
    elif rule is None:
        regional.pop(region.pk, None)
    else:
        regional[region.pk] = rule
    on = local_day(now, continuum.zone)
    due = years_to_plan(on)
    years = []
    for year in (on.year, on.year + 1):
        plan = year_plan(regional, coc_wide, year, continuum.offices)
        changes = changes_of_plan(continuum, year, plan, now=now)
        years.append(YearPreview(year, year in due or is_planned(continuum, year), changes))
    return RulePreview(years, _seen(region, rule, years))


@transaction.atomic
def change_rule(
    continuum: Continuum,
    region: Region | None,
    *,
    rule: Rule | None,
    seen: str,
    actor: User,
    now: datetime.datetime | None = None,
    made: Collection[int] = (),
) -> list[Change]:
    """Save a region's rule, or the CoC-wide one, and change the calls to come accordingly.

    `rule` None removes it. `seen` is the preview's: ValidationError if what would happen is no
    longer what was shown. `made`: years whose calls stood and shall stand again. Returns what was
    done.
    """
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    shown = preview_rule(continuum, region, rule, now=now)
    if shown.seen != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    _keep(continuum, region, rule)
    done = []
    for year in shown.years:
        if year.is_made or year.year in made:
            done += plan_year(continuum, year.year, actor=actor, now=now, with_past=False)
    audit.services.record(
        RULE_REMOVED if rule is None else RULE_CHANGED,
        actor=actor,
        about=region or continuum,
        detail={} if rule is None else {"rule": describe(rule)},
        now=now,
    )
    return done


def kept_rule(continuum: Continuum, region: Region | None) -> RuleData | None:
    """The region's rule, or the CoC-wide one, as plain data; None where there is none."""
    row = CallingRule.objects.filter(continuum=continuum, region=region).first()
    if row is None:
        return None
    return {
        "week": row.week,
        "weekday": row.weekday,
        "months": sorted(row.months),
        "starts": row.starts.isoformat(),
        "minutes": row.minutes,
    }


def years_made(continuum: Continuum, *, now: datetime.datetime) -> list[int]:
    """The years to come whose calls stand; taking back a change of rules makes them again."""
    year = local_day(now, continuum.zone).year
    return [each for each in (year, year + 1) if is_planned(continuum, each)]


@transaction.atomic
def undo_rule(data: ChangedRule, *, actor: User, now: datetime.datetime) -> None:
    """Give a region, or the CoC-wide calls, the rule back that they had; calls follow it again."""
    continuum = Continuum.objects.visible_to(actor).filter(pk=data["continuum"]).first()
    if continuum is None or not actor.has_perm(PLAN, continuum):
        raise PermissionDenied
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    region = None
    if data["region"]:
        region = Region.objects.filter(continuum=continuum, pk=data["region"]).first()
        refuse_changed(region is not None)
    refuse_changed(kept_rule(continuum, region) == data["after"])
    before, rule = data["before"], None
    if before:
        starts = datetime.time.fromisoformat(before["starts"])
        rule = rule_for(continuum, {**before, "starts": starts})
    seen = preview_rule(continuum, region, rule, now=now).seen
    made = data.get("years", [])
    change_rule(continuum, region, rule=rule, seen=seen, actor=actor, now=now, made=made)


def _keep(continuum: Continuum, region: Region | None, rule: Rule | None) -> None:
    row = CallingRule.objects.filter(continuum=continuum, region=region).first()
    if rule is None:
        if row is not None:
            row.delete()
        return
    row = row or CallingRule(continuum=continuum, region=region)
    row.week, row.weekday = rule.week, rule.weekday
    row.months, row.starts, row.minutes = sorted(rule.months), rule.starts, rule.minutes
    row.full_clean()
    row.save()


def _seen(region: Region | None, rule: Rule | None, years: list[YearPreview]) -> str:
    parts = [
        str(region and region.pk),
        rule and (rule.week, rule.weekday, sorted(rule.months), str(rule.starts), rule.minutes),
        [(year.year, year.is_made, fingerprint(year.changes)) for year in years],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
