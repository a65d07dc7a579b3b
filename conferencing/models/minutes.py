"""What remains of a call: its minutes as they went out, what was added later, and barriers."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from agreements.models import StaffMember
from outbox.models import Message
from regions.models import Continuum
from vault.fields import EncryptedJSONField, EncryptedTextField

from .lists import Delivery, DeliveryQuerySet
from .meetings import Meeting
from .reviews import Review


class Minutes(models.Model):
    """A call's minutes, frozen when it was closed. Never changed; see `Addendum`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes_frozen")
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    snapshot = EncryptedJSONField()

    class Meta:
        verbose_name_plural = "minutes"

    def __str__(self) -> str:
        return f"Minutes of {self.meeting}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id


class MinutesDeliveryQuerySet(DeliveryQuerySet["MinutesDelivery"]):
    meeting = "minutes__meeting"


class MinutesDelivery(Delivery):
    """One recipient's copy of the minutes."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="minutes_deliveries"
    )
    message = models.OneToOneField(
        Message, models.PROTECT, null=True, blank=True, related_name="minutes_delivery"
    )

    objects = MinutesDeliveryQuerySet.as_manager()

    class Meta(Delivery.Meta):
        verbose_name_plural = "minutes deliveries"
        constraints = [
            *Delivery.Meta.constraints,
            models.UniqueConstraint(
                fields=["minutes", "recipient"],
                name="conferencing_minutesdelivery_once_per_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} for {self.recipient}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.minutes.continuum_id


class Addendum(models.Model):
    """A correction to a closed call, with author and time; the frozen text stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="addenda")
    review = models.ForeignKey(
        Review, models.PROTECT, null=True, blank=True, related_name="addenda"
    )
    words = EncryptedTextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        verbose_name_plural = "addenda"

    def __str__(self) -> str:
        return f"Addendum of {self.at:%Y-%m-%d}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id


class SystemicBarrierQuerySet(models.QuerySet["SystemicBarrier"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Barriers of the user's own continuum: words, owner, strategy, nobody's household."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))


class SystemicBarrier(models.Model):
    """A barrier that stands in many households' way, with who works on it and how.

    Source: River Valleys, “Purpose”: case conferencing identifies systemic barriers.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Nobody works on it yet"
        WORKED_ON = "worked_on", "Being worked on"
        RESOLVED = "resolved", "Resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="systemic_barriers")
    words = EncryptedTextField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(
        StaffMember, models.SET_NULL, null=True, blank=True, related_name="systemic_barriers"
    )
    is_with_specialist = models.BooleanField(
        default=False, help_text="The CE Specialist works on it, whoever that is."
    )
    strategy = EncryptedTextField(max_length=2000, null=True, blank=True)
    first_marked_on = models.DateField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged"
    )

    objects = SystemicBarrierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_with_specialist=False) | Q(owner__isnull=True),
                name="conferencing_systemicbarrier_one_owner",
                violation_error_message="A barrier has one owner.",
            )
        ]

    def __str__(self) -> str:
        return f"Systemic barrier since {self.first_marked_on}"


class SystemicBarrierMark(models.Model):
    """That a review marked the barrier as systemic."""

    barrier = models.ForeignKey(SystemicBarrier, models.CASCADE, related_name="marks")
    review = models.ForeignKey(Review, models.CASCADE, related_name="systemic_marks")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["barrier", "review"], name="conferencing_systemicbarriermark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.barrier} at {self.review}"
