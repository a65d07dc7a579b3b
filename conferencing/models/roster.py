"""Who is reviewed at a call, and why."""

import uuid
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

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


class NothingToDiscussQuerySet(models.QuerySet["NothingToDiscuss"]):
    def standing(self) -> Self:
        """Those that nobody and nothing pulled back."""
        return self.filter(pulled_back_at__isnull=True)

    def on_roster(self) -> Self:
        """Those of households that are on the roster of their call."""
        entries = RosterEntry.objects.filter(
            meeting=OuterRef("meeting"), participant=OuterRef("participant")
        )
        return self.filter(Exists(entries))

    def back_on_agenda(self) -> Self:
        """Of each household on the roster that is marked no more, what was pulled back last."""
        again = NothingToDiscuss.objects.standing().filter(
            meeting=OuterRef("meeting"), participant=OuterRef("participant")
        )
        return (
            self.on_roster()
            .filter(~Exists(again), pulled_back_at__isnull=False)
            .order_by("meeting_id", "participant_id", "-pulled_back_at")
            .distinct("meeting_id", "participant_id")
        )


class NothingToDiscuss(models.Model):
    """That a household’s step is under way and nothing changed: it is read out with others, as one.

    Kept with who pulled it back, or what did. `by` is of `agency`, or a CE Specialist.
    """

    class Why(models.TextChoices):
        """Why a household is discussed after all; the words name nobody."""

        ASKED = "asked", "Somebody asked to discuss it"
        SAID = "said", "It was discussed on the call"
        FIRST = "first", "It was never reviewed before"
        CARRIED_OVER = "carried_over", "The last call carried it over"
        NO_STEP = "no_step", "It has no open step"
        OVERDUE = "overdue", "A step is overdue"
        CRITICAL = "critical", "A critical step is open"
        NOMINATED = "nominated", "An agency nominated it"
        PREPARED = "prepared", "An agency prepared something for the call"
        REPORTED = "reported", "A report on a step says more than “under way”"
        NEW_REPORT = "new_report", "A step was reported on since"
        MOVED = "moved", "Where it stays or its place on the list changed"
        ADDED = "added", "Something was added to the minutes since"
        GUEST = "guest", "A guest is invited to its review"
        NOBODY = "nobody", "Nobody follows up on a step"
        HOUSEHOLD = "household", "The household or what it needs changed"
        LISTED = "listed", "It was put on the roster again"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="nothing_to_discuss")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="nothing_to_discuss")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    household = models.CharField(
        max_length=32,
        blank=True,
        default="",
        editable=False,
        help_text="A digest of who is of it and what it needed when it was marked.",
    )
    pulled_back_at = models.DateTimeField(null=True, blank=True)
    pulled_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: by itself, as something changed.",
    )
    pulled_back_agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=12, choices=Why.choices, blank=True)

    objects = NothingToDiscussQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        verbose_name = verbose_name_plural = "“nothing to discuss”"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant"],
                condition=Q(pulled_back_at__isnull=True),
                name="conferencing_nothingtodiscuss_stands_once",
                violation_error_message="This household is marked already.",
            ),
            models.CheckConstraint(
                condition=Q(pulled_back_at__isnull=True, pulled_back_by__isnull=True, why="")
                | (Q(pulled_back_at__isnull=False) & ~Q(why="")),
                name="conferencing_nothingtodiscuss_pulled_back_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} at {self.meeting}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id

    @property
    def marked_by(self) -> str:
        """Who said so: a person and their agency."""
        return ", ".join(filter(None, (self.by.name, self.agency.name if self.agency else "")))

    @property
    def pulled_back_because(self) -> str:
        """Who pulled it back, or what did, in words that name no household."""
        if self.pulled_back_by is None:
            return self.get_why_display()
        agency = self.pulled_back_agency.name if self.pulled_back_agency else ""
        return ", ".join(filter(None, (self.pulled_back_by.name, agency)))
