"""What participants ask of what is held on them."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from agreements.models import StaffMember
from vault.fields import EncryptedTextField

from .people import Participant


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def open(self) -> Self:
        return self.filter(answered_on__isnull=True)

    def kept_by(self, user: User) -> Self:
        """Requests whose record `user` keeps: their agency's; for a CE Specialist the continuum's.

        Of a victim service provider's participants, the provider's own alone.
        """
        membership = getattr(user, "membership", None)
        if membership is None:
            return self.none()
        mine = self.filter(participant__continuum=membership.continuum_id)
        own = Q(
            participant__agency__in=StaffMember.objects.current().filter(user=user).values("agency")
        )
        if membership.is_specialist:
            return mine.filter(own | Q(participant__is_confidential=False))
        return mine.filter(own)


class RightsRequest(models.Model):
    """A participant asks to see what is held on them, or to have it corrected.

    Source: HUD 2004 privacy standards, 4.2.5 “Access and Correction”: a denial is explained to
    the person, and request and reason are kept with their record.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", "To see what is on file"
        CORRECTION = "correction", "To have something corrected"

    class Outcome(models.TextChoices):
        GRANTED = "granted", "Done as asked"
        PARTLY = "partly", "Done in part"
        DENIED = "denied", "Denied"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="rights_requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    received_on = models.DateField()
    due_on = models.DateField("to be answered by")
    by_whom = EncryptedTextField("asked by", max_length=200)
    words = EncryptedTextField("what was asked", max_length=2000)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    answer = EncryptedTextField(max_length=2000, null=True, blank=True)
    disagreement = EncryptedTextField(
        "statement of disagreement", max_length=1000, null=True, blank=True
    )
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-recorded_at"]
        verbose_name = "request"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    outcome="",
                    answer__isnull=True,
                    answered_on__isnull=True,
                    answered_by__isnull=True,
                )
                | (~Q(outcome="") & Q(answered_on__isnull=False, answered_by__isnull=False)),
                name="participants_rightsrequest_answered_as_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=models.F("received_on")),
                name="participants_rightsrequest_answered_after_received",
                violation_error_message="An answer cannot be older than the request.",
            ),
        ]
        indexes = [models.Index(fields=["participant", "-received_on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.received_on}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.participant.continuum_id
