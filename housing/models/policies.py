"""The continuum's prioritization policy, version by version, and scores of assessments."""

import uuid
from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from participants.models import Participant
from participants.models.people import none_for_confidential
from regions.models import Continuum
from vault.fields import EncryptedJSONField


class PolicyQuerySet(models.QuerySet["PrioritizationPolicy"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Versions of the user's own continuum."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def approved(self) -> Self:
        return self.filter(approved_on__isnull=False)

    def in_force(self, continuum: Continuum, on: date) -> "PrioritizationPolicy | None":
        """The version by which households are ordered on a day; None: the CoC approved none."""
        rows = self.approved().filter(continuum=continuum, valid_from__lte=on)
        return rows.order_by("-valid_from", "-version").first()


@pghistory.track()
class PrioritizationPolicy(models.Model):
    """One version of the written policy, with its order as data. An approved one never changes.

    `criteria`: keys of `housing.criteria`, the weightiest first; ties of all of them are broken by
    `tie_breaks`, then by a draw from `seed`, which anybody can repeat. Source: HUD CPD-17-01,
    II.B.3; CPD-16-11 for the order of permanent supportive housing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField(editable=False)
    words = models.TextField("the policy in words", max_length=20_000, blank=True, default="")
    criteria: Any = models.JSONField(default=list, blank=True)  # Any: a list of keys
    tie_breaks: Any = models.JSONField(default=list, blank=True)  # Any: a list of keys
    seed = models.CharField(max_length=32, editable=False)
    approved_by = models.CharField("approved by", max_length=160, blank=True, default="")
    approved_on = models.DateField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "prioritization policies"
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "version"], name="housing_policy_version_once"
            ),
            models.UniqueConstraint(
                fields=["continuum"],
                condition=Q(approved_on__isnull=True),
                name="housing_policy_one_draft",
                violation_error_message="There is a draft already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True, valid_from__isnull=True)
                | Q(approved_on__isnull=False, valid_from__isnull=False),
                name="housing_policy_approved_is_valid_from_a_day",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="approved_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__approved_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Policy version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("housing:policy_detail", args=[self.pk])


class AssessmentScore(models.Model):
    """What an assessment tool gave for a household, when, by which tool; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="assessment_scores")
    tool = models.CharField(max_length=60)
    score = EncryptedJSONField(help_text="A whole number.")
    on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-recorded_at"]
        triggers = [none_for_confidential("a score")]

    def __str__(self) -> str:
        return f"{self.tool}, {self.on}"
