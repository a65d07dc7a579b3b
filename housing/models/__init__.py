"""Programs that house people, what each asks of a household, and what is open."""

from .answers import HousingAnswers
from .openings import Opening, OpeningQuerySet
from .policies import AssessmentScore, PolicyQuerySet, PrioritizationPolicy
from .programs import EligibilityRule, Program, ProgramQuerySet
from .referrals import DeclineReason, Referral, ReferralNote, ReferralQuerySet, ReferralRule

__all__ = [
    "AssessmentScore",
    "DeclineReason",
    "EligibilityRule",
    "HousingAnswers",
    "Opening",
    "OpeningQuerySet",
    "PolicyQuerySet",
    "PrioritizationPolicy",
    "Program",
    "ProgramQuerySet",
    "Referral",
    "ReferralNote",
    "ReferralQuerySet",
    "ReferralRule",
]
