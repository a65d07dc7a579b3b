"""An exported list that came back, and the cells that somebody changed in it."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse

from accounts.models import User
from regions.models import Continuum
from vault.fields import EncryptedJSONField

from .people import Participant


class ReturnedListQuerySet(models.QuerySet["ReturnedList"]):
    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """One's own: what it proposes is by the rights of who brought it back."""
        membership = getattr(user, "membership", None)
        if membership is None or not user.is_authenticated:
            return self.none()
        return self.filter(by=user.pk, continuum=membership.continuum_id)


class ReturnedList(models.Model):
    """A file of the list that somebody brought back; gone two days later.

    `refusals`: `[line, words]` of what cannot be changed this way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="returned_lists")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    exported_at = models.DateTimeField()
    rows = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True)

    objects = ReturnedListQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"Returned list of {self.at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("participants:returned_detail", args=[self.pk])


class ReturnedCell(models.Model):
    """What a person changed of one household in a file: proposed, until it is settled.

    `changed_texts`: `{"exported": texts, "returned": texts}` of the columns that tell of it
    together.
    """

    class State(models.TextChoices):
        OPEN = "open", "Proposed"
        TAKEN = "taken", "Changed"
        LEFT = "left", "Left as it is here"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    returned_list = models.ForeignKey(ReturnedList, models.CASCADE, related_name="cells")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    subject = models.CharField(max_length=24)
    changed_texts = EncryptedJSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Cell {self.number}"
