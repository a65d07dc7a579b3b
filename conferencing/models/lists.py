"""The prep list as it went out, and each recipient's copy."""

import uuid
from datetime import date
from typing import Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from agreements.models import Agency
from agreements.standing import is_in_standing
from outbox.models import Message
from regions.models import Continuum
from vault.fields import EncryptedJSONField, EncryptedTextField

from .meetings import Meeting


class PrepListQuerySet(models.QuerySet["PrepList"]):
    def with_waiting_copies(self) -> Self:
        """Those of which a copy waits to be sent, or is on its way."""
        on_their_way = [Message.State.WAITING, Message.State.SENDING]
        return self.filter(deliveries__message__state__in=on_their_way)


class PrepList(models.Model):
    """A frozen revision of a meeting's list. Never changed; a correction is a new revision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="prep_lists")
    revision = models.PositiveSmallIntegerField()
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: by the clock.",
    )
    was_settled = models.BooleanField()
    correction_reason = EncryptedTextField(blank=True, default="")
    snapshot = EncryptedJSONField()

    objects = PrepListQuerySet.as_manager()

    class Meta:
        ordering = ["-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "revision"], name="conferencing_preplist_revision_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, revision {self.revision}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id


Row = TypeVar("Row", bound="Delivery", covariant=True)


class DeliveryQuerySet(models.QuerySet[Row]):
    """Copies of something frozen; `meeting` is the way from a copy to its call."""

    meeting = ""

    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """One's own deliveries; all of the continuum's for its CE Specialists in standing."""
        if not is_in_standing(user, on):
            return self.none()
        own = Continuum.objects.visible_to(user)
        mine = self.filter(**{f"{self.meeting}__continuum__in": own})
        membership = getattr(user, "membership", None)
        if membership and membership.is_specialist:
            return mine
        return mine.filter(recipient=user)


class PrepListDeliveryQuerySet(DeliveryQuerySet["PrepListDelivery"]):
    meeting = "prep_list__meeting"


class Delivery(models.Model):
    """One recipient's copy of something frozen: its password, its mail, or why it was left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", null=True, blank=True)
    password = EncryptedTextField(max_length=19, null=True, blank=True)
    left_out_because = models.TextField(blank=True)
    disclosed = EncryptedJSONField(
        null=True,
        blank=True,
        help_text="Per participant what the sent copy showed, and under which release.",
    )
    document_hash = models.CharField("SHA-256 of the PDF as sent", max_length=64, blank=True)
    resent_times = models.PositiveSmallIntegerField(default=0)

    # Each kind of copy has them, under related names of its own.
    recipient: "models.ForeignKey[User, User]"
    recipient_id: uuid.UUID
    message: "models.OneToOneField[Message | None, Message | None]"

    class Meta:
        abstract = True
        ordering = ["recipient__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(message__isnull=False, left_out_because="")
                | (Q(message__isnull=True) & ~Q(left_out_because="")),
                name="conferencing_%(class)s_mailed_or_left_out",
            )
        ]


class PrepListDelivery(Delivery):
    """One recipient's copy of one revision."""

    prep_list = models.ForeignKey(PrepList, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="prep_list_deliveries"
    )
    message = models.OneToOneField(
        Message, models.PROTECT, null=True, blank=True, related_name="prep_list_delivery"
    )
    opened_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the password was first seen by the recipient, or read to them.",
    )

    objects = PrepListDeliveryQuerySet.as_manager()

    class Meta(Delivery.Meta):
        verbose_name_plural = "prep list deliveries"
        constraints = [
            *Delivery.Meta.constraints,
            models.UniqueConstraint(
                fields=["prep_list", "recipient"],
                name="conferencing_preplistdelivery_once_per_recipient",
            ),
        ]
        permissions = [
            ("reveal_password", "See the password of one's own list"),
            ("read_password_to_recipient", "Read a list's password to its recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.prep_list} for {self.recipient}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.prep_list.continuum_id
