"""Who is reviewed at a call, and why."""

import uuid

import pghistory
from django.conf import settings
from django.db import models

from agreements.models import Agency
from participants.merges.relations import refuse_joined
from participants.models import Participant
from vault.fields import EncryptedTextField

from .meetings import Meeting


@pghistory.track()
class RosterEntry(models.Model):
    """A participant on a meeting's roster, with the reasons in words."""

    class Source(models.TextChoices):
        PROPOSED = "proposed", "Proposed by the criteria"
        ADDED = "added", "Added by the CE Specialist"
        NOMINATED = "nominated", "Nominated"
        RAISED = "raised", "Raised on the call"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="roster")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="roster_entries")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices)
    reasons = models.JSONField(
        default=list,
        blank=True,
        help_text="List of {kind, words}; words name no person.",
    )
    added_because = EncryptedTextField("reason for adding", blank=True, default="")
    minutes = models.PositiveSmallIntegerField(default=5)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "roster entries"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant"],
                name="conferencing_rosterentry_participant_once",
                violation_error_message="This household is already on the roster.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="conferencing_rosterentry_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.participant}"

    def clean(self) -> None:
        refuse_joined(self)


class Nomination(models.Model):
    """An agency asks that a household be reviewed at a meeting, and says why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="nominations")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="nominations")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="nominations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the roster was settled without the household.",
    )
    answer = EncryptedTextField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant", "agency"],
                name="conferencing_nomination_once_per_agency",
                violation_error_message="Your agency has already nominated this household.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.participant}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id
