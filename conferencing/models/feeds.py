"""A person's private calendar."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from vault.fields import EncryptedTextField


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

    def __str__(self):
        return f"Calendar feed of {self.user}"
