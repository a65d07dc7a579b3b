"""What was recorded here and goes to HMIS: what a person said of it, and how far it came."""

import uuid
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from regions.models import Continuum
from vault.fields import EncryptedJSONField

from .people import Participant

# Under it each fact has one id for good: a second upload changes the row of the first.
NAMESPACE = uuid.UUID("6f0b9d52-5a0e-4d0e-9c53-0d6c7a4f8e11")


class HmisEntryQuerySet(models.QuerySet["HmisEntry"]):
    def out(self) -> Self:
        """What HMIS may hold: what was in a file, or keyed."""
        return self.filter(Q(given_at__isnull=False) | Q(keyed_at__isnull=False))


@pghistory.track()
class HmisEntry(models.Model):
    """One row for HMIS, made of one fact on file: `source_id` is the key of the fact's own row.

    `given`: the row as it was handed out, or keyed, last, by the names of HUD's columns; `answers`
    what a person said where the fact alone has no code.
    """

    class Kind(models.TextChoices):
        EVENT = "event", "Event"
        SITUATION = "situation", "Current living situation"
        ASSESSMENT = "assessment", "Assessment"

    class Source(models.TextChoices):
        REFERRAL = "referral", "Referral made on the call"
        NAVIGATOR = "navigator", "Navigator named on the call"
        ADDED = "added", "Added from the call"
        CONTACT = "contact", "Contact"
        STAY = "stay", "Where they stay"
        ASSESSED = "assessed", "CE assessment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="hmis_entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    source_id = models.UUIDField()
    on = models.DateField()
    answers = EncryptedJSONField(default=dict, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_left_out = models.BooleanField("stays out of HMIS", default=False)
    given = EncryptedJSONField(default=dict, blank=True)
    given_at = models.DateTimeField("in a file since", null=True, blank=True)
    keyed_at = models.DateTimeField(null=True, blank=True)
    keyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField("taken back since", null=True, blank=True)

    objects = HmisEntryQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~Q(source="added"),
                name="participants_hmisentry_once_per_fact",
            ),
            models.CheckConstraint(
                condition=Q(keyed_at__isnull=True) | Q(keyed_by__isnull=False),
                name="participants_hmisentry_keyed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["participant", "on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"

    @staticmethod
    def key_of(source: str, source_id: uuid.UUID) -> uuid.UUID:
        """The id that a fact has in HMIS: the same at every time."""
        return uuid.uuid5(NAMESPACE, f"{source}:{source_id}")

    @property
    def is_out(self) -> bool:
        """Whether HMIS may hold it: it was in a file, or somebody keyed it."""
        return self.given_at is not None or self.keyed_at is not None


@pghistory.track()
class HmisUser(models.Model):
    """The UserID that a person has in the CoC's HMIS; without a person, the one of the CoC."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.CASCADE, related_name="hmis_users")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="hmis_user",
        help_text="Empty: what is entered by whoever has none of their own.",
    )
    key = models.CharField("UserID", max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["continuum"],
                condition=Q(user__isnull=True),
                name="participants_hmisuser_one_for_the_coc",
            )
        ]

    def __str__(self) -> str:
        return self.key
