"""Why referrals are declined: a catalog that comes along, which a continuum may change.

Each reason says whose decision it was, as HUD's ReferralResult asks: 2 client rejected, 3 provider
rejected, or none of both.
"""

from datetime import datetime

from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from housing.models import DeclineReason, ReferralRule
from regions.models import Continuum

WAITS_CHANGED = audit.actions.register(
    "referral_waits.changed", "Changed how long a referral may wait"
)
REASON_ADDED = audit.actions.register("decline_reason.added", "Added a reason for declines")
REASON_CHANGED = audit.actions.register(
    "decline_reason.changed", "Took a reason for declines in or out of use"
)

Side = DeclineReason.Side
DEFAULTS: dict[Side, tuple[str, ...]] = {
    Side.HOUSEHOLD: (
        "Found other housing",
        "Doesn’t want this unit, area or kind of housing",
        "Doesn’t want the program’s services",
        "The place isn’t safe for this person",
        "Solved it themselves",
        "Couldn’t be reached after the agreed tries",
    ),
    Side.PROGRAM: (
        "Not eligible by the program’s own rules",
        "Not eligible by the funder’s rules",
        "Needs more support than the program gives",
        "Screened out by a landlord or background check",
        "The unit is gone",
        "No answer within the agreed days",
    ),
    Side.NEITHER: (
        "Entered by mistake",
        "In hospital or custody for now",
        "The opening was withdrawn",
    ),
}
# HUD FY2026, ReferralResult (4.20.D).
HUD_RESULT: dict[str, int | None] = {Side.HOUSEHOLD: 2, Side.PROGRAM: 3, Side.NEITHER: None}


def reasons_of(continuum: Continuum, *sides: str) -> list[DeclineReason]:
    """The reasons in use, of some sides or all; the default ones come along at the first look."""
    rows = DeclineReason.objects.filter(continuum=continuum)
    if not rows.exists():
        DeclineReason.objects.bulk_create(
            (
                DeclineReason(continuum=continuum, side=side, words=words, position=number)
                for side, texts in DEFAULTS.items()
                for number, words in enumerate(texts)
            ),
            ignore_conflicts=True,
        )
    return [each for each in rows.filter(is_used=True) if not sides or each.side in sides]


def rule_of(continuum: Continuum) -> ReferralRule:
    """How long each wait may be; the default where the continuum said nothing."""
    return ReferralRule.objects.filter(pk=continuum.pk).first() or ReferralRule(continuum=continuum)


@transaction.atomic
def change_waits(continuum: Continuum, *, days: dict[str, int], actor: User, now: datetime) -> None:
    """Set how many working days each wait takes; what waits already keeps its day."""
    rule = ReferralRule.objects.select_for_update().filter(continuum=continuum).first()
    rule = rule or ReferralRule(continuum=continuum)
    changed = sorted(name for name, value in days.items() if getattr(rule, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(rule, name, days[name])
    rule.full_clean()
    rule.save()
    audit.services.record(
        WAITS_CHANGED, actor=actor, about=continuum, detail={"changed": changed}, now=now
    )


@transaction.atomic
def add_reason(
    continuum: Continuum, *, words: str, side: str, actor: User, now: datetime
) -> DeclineReason:
    """Add a reason of the continuum's own."""
    reasons_of(continuum)
    position = DeclineReason.objects.filter(continuum=continuum, side=side).count()
    reason = DeclineReason(continuum=continuum, words=words, side=side, position=position)
    reason.full_clean()
    reason.save()
    audit.services.record(REASON_ADDED, actor=actor, about=reason, now=now)
    return reason


@transaction.atomic
def use_reason(reason: DeclineReason, *, is_used: bool, actor: User, now: datetime) -> None:
    """Offer a reason, or no longer; what was declined for it keeps it."""
    reason = DeclineReason.objects.select_for_update().get(pk=reason.pk)
    if reason.is_used != is_used:
        reason.is_used = is_used
        reason.save()
        audit.services.record(
            REASON_CHANGED, actor=actor, about=reason, detail={"is_used": is_used}, now=now
        )
