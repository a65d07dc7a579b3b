"""Referrals of households to openings, why some were declined, and how long each wait may be."""

import uuid
from datetime import date
from typing import Self

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import User
from agreements.models import StaffMember
from participants.models import Participant
from regions.models import Continuum
from vault.fields import EncryptedTextField

from .openings import HOLDING, Opening


class ReferralRule(models.Model):
    """How many working days each wait of a referral may take in a continuum.

    Source of the defaults: acknowledge in 3 working days, appeal within 2 (CoCs in PRACTICE).
    """

    continuum = models.OneToOneField(
        Continuum, models.CASCADE, primary_key=True, related_name="referral_rule"
    )
    household_days = models.PositiveSmallIntegerField(
        "for the household to say yes or no",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    acknowledge_days = models.PositiveSmallIntegerField(
        "for the program to acknowledge it",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    decide_days = models.PositiveSmallIntegerField(
        "for the program to decide",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    move_in_days = models.PositiveSmallIntegerField(
        "from enrolled to moved in",
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    appeal_days = models.PositiveSmallIntegerField(
        "to appeal a decline of the program",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )

    def __str__(self) -> str:
        return f"Waits of referrals in {self.continuum}"


class DeclineReason(models.Model):
    """Why a referral came to nothing, and whose it was: HUD's ReferralResult 2, 3, or neither."""

    class Side(models.TextChoices):
        HOUSEHOLD = "household", "The household declined"
        PROGRAM = "program", "The program declined"
        NEITHER = "neither", "Neither of them"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.CASCADE, related_name="decline_reasons")
    words = models.CharField(max_length=120)
    side = models.CharField(max_length=10, choices=Side.choices)
    is_used = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["side", "position", "words"]
        constraints = [
            models.UniqueConstraint(
                "continuum",
                models.functions.Lower("words"),
                name="housing_declinereason_once_per_continuum",
                violation_error_message="This reason is in the catalog already.",
            )
        ]

    def __str__(self) -> str:
        return self.words


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User, on: date) -> Self:
        """Referrals of households that the user may know of, and to their agency's programs.

        Where a victim service provider's household goes is for its provider, the program and the
        CE Specialists alone: a place is told of it to nobody else, not even by alias.
        """
        own = StaffMember.objects.in_good_standing(on).filter(user=user).values("agency")
        known = Q(participant__in=Participant.objects.visible_to(user, on))
        if not user.membership.is_specialist:
            known &= Q(participant__is_confidential=False) | Q(participant__agency__in=own)
        return self.filter(known | Q(opening__program__agency__in=own))

    def under_way(self) -> Self:
        return self.filter(state__in=Referral.UNDER_WAY)

    def holding(self) -> Self:
        """Those that hold a unit until it is moved into or given back."""
        return self.filter(state__in=Referral.HOLDING)

    def overdue(self, on: date) -> Self:
        return self.under_way().filter(due_on__lt=on)


@pghistory.track()
class Referral(models.Model):
    """One household, referred to one opening: proposed, accepted, acknowledged, enrolled, moved in.

    `due_on`: by when what comes next is to be done. `review`: the key of the review at which it
    was made, empty where it was made elsewhere. `ruling`: what the CE Specialist said of the
    program's decline.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ACCEPTED = "accepted", "Accepted by the household"
        ACKNOWLEDGED = "acknowledged", "Acknowledged by the program"
        ENROLLED = "enrolled", "Enrolled"
        MOVED_IN = "moved_in", "Moved in"
        HOUSEHOLD_DECLINED = "household_declined", "Declined by the household"
        PROGRAM_DECLINED = "program_declined", "Declined by the program"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    class Ruling(models.TextChoices):
        NONE = "", "Not looked at yet"
        AGREED = "agreed", "Agreed"
        SENT_BACK = "sent_back", "Sent back"
        OVERRIDDEN = "overridden", "Overridden"

    class Appeal(models.TextChoices):
        NONE = "", "No appeal"
        OPEN = "open", "Appealed"
        WON = "won", "Appeal won: goes first"
        LOST = "lost", "Appeal lost"

    UNDER_WAY = (State.PROPOSED, State.ACCEPTED, State.ACKNOWLEDGED, State.ENROLLED)
    HOLDING = HOLDING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="referrals")
    opening = models.ForeignKey(Opening, models.PROTECT, related_name="referrals")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="referrals")
    review = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    follow_up_person = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="referrals", verbose_name="who follows up"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.PROPOSED)
    since = models.DateTimeField("in this state since")
    due_on = models.DateField(null=True, blank=True)
    reason = models.ForeignKey(
        DeclineReason, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ruling = models.CharField(max_length=12, choices=Ruling.choices, blank=True, default="")
    was_sent_back = models.BooleanField(default=False, editable=False)
    appeal = models.CharField(max_length=6, choices=Appeal.choices, blank=True, default="")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    moved_in_on = models.DateField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "proposed_at"]
        indexes = [
            models.Index(fields=["continuum", "state", "due_on"]),
            models.Index(fields=["participant", "state"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="moved_in", moved_in_on__isnull=False)
                | (~Q(state="moved_in") & Q(moved_in_on__isnull=True)),
                name="housing_referral_moved_in_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral of {self.participant} to {self.opening.program}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    def is_overdue(self, on: date) -> bool:
        return self.is_under_way and self.due_on is not None and self.due_on < on

    @property
    def is_own_agency(self) -> bool:
        """Whether the agency that would house the household also keeps its record."""
        return self.opening.program.agency_id == self.participant.agency_id


class ReferralNote(models.Model):
    """What somebody did about a referral, when, with their words: its story, line by line."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="notes")
    what = models.CharField(max_length=40)
    reason = models.ForeignKey(
        DeclineReason, models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = EncryptedTextField(max_length=500, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d}"
