"""People's calendars: the private address of each, and what was mailed to it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from regions.models import Membership
from vault.fields import EncryptedTextField

from .meetings import Meeting


class CalendarFeed(models.Model):
    """A person's private calendar address: the token's hash finds it, the token is encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    token = EncryptedTextField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True),
                name="conferencing_calendarfeed_one_live_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"Calendar feed of {self.user}"

    @property
    def continuum_id(self) -> uuid.UUID | None:
        """The continuum of its person, if they still have one: asked anew each time."""
        own = Membership.objects.filter(user=self.user_id)
        return own.values_list("continuum_id", flat=True).first()


class MeetingInvitation(models.Model):
    """What a person's calendar was last told about a meeting by mail."""

    class Method(models.TextChoices):
        REQUEST = "REQUEST", "Invited"
        CANCEL = "CANCEL", "Called off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="meeting_invitations"
    )
    method = models.CharField(max_length=7, choices=Method.choices)
    sequence = models.PositiveIntegerField(help_text="The meeting's, as it was told last.")
    calendar_sequence = models.PositiveIntegerField(
        default=0, help_text="SEQUENCE as this person's calendar was told last; only grows."
    )
    address = models.CharField("email address told", max_length=320, blank=True)
    told_of = models.CharField(
        max_length=64,
        blank=True,
        help_text="Digest of the link and this person’s roles, as they were told last.",
    )
    told_at = models.DateTimeField()
    times_told = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], name="conferencing_meetinginvitation_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()}: {self.user}, {self.meeting}"


class MeetingAnswerQuerySet(models.QuerySet["MeetingAnswer"]):
    def standing(self) -> Self:
        """Those that were given for the time that the meeting is at now."""
        return self.filter(starts_at=F("meeting__starts_at"))


class MeetingAnswer(models.Model):
    """Whether somebody who is invited will be at a meeting, as they said last.

    For the time that it was at: once it is moved, it is asked anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="answers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="meeting_answers"
    )
    is_coming = models.BooleanField()
    starts_at = models.DateTimeField(help_text="When the meeting was to start, as they answered.")
    answered_at = models.DateTimeField()

    objects = MeetingAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], name="conferencing_meetinganswer_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.meeting}: {'coming' if self.is_coming else 'not coming'}"
