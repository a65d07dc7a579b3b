"""Pairs of records that may be of one person, what was decided about them, and what was joined."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from participants.merges.reasons import Reason
from regions.models import Continuum
from vault.fields import EncryptedJSONField, EncryptedTextField

from .people import Participant


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """Pairs of which `user` may know both records on the local date `on`."""
        people = Participant.objects.visible_to(user, on).values("pk")
        return self.filter(one__in=people, other__in=people)

    def waiting(self, on: date) -> Self:
        """Those to decide about on the local date `on`: not decided, not put off beyond it."""
        return self.filter(
            Q(put_off_until__isnull=True) | Q(put_off_until__lte=on),
            state=DuplicatePair.State.WAITING,
            one__merged_into__isnull=True,
            other__merged_into__isnull=True,
        )


class DuplicatePair(models.Model):
    """Two records of one continuum that may be of one person, with the reasons for thinking so.

    `as_was`: the values that mattered when somebody said that they are two people; the pair is
    proposed again only when one of them changes.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Not decided yet"
        DIFFERENT = "different", "Not the same person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="duplicate_pairs")
    one = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    other = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    reasons = ArrayField(models.CharField(max_length=24, choices=Reason.choices), default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    put_off_until = models.DateField(null=True, blank=True)
    why = EncryptedTextField(max_length=500, null=True, blank=True)
    as_was = EncryptedJSONField(null=True, blank=True)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"], name="participants_duplicatepair_once"
            ),
            models.CheckConstraint(
                condition=Q(one__lt=F("other")), name="participants_duplicatepair_in_order"
            ),
        ]
        indexes = [models.Index(fields=["continuum", "state", "found_at"])]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"

    def get_absolute_url(self) -> str:
        return reverse("participants:duplicate_detail", args=[self.pk])

    @property
    def reason_words(self) -> list[str]:
        return [str(Reason(each).label) for each in self.reasons]


class DuplicateSearch(models.Model):
    """When a continuum's records were last compared with each other."""

    continuum = models.OneToOneField(
        Continuum, models.CASCADE, related_name="duplicate_search", primary_key=True
    )
    searched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.continuum} at {self.searched_at}"


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """Merges into records that `user` may know of on the local date `on`."""
        return self.filter(keeper__in=Participant.objects.visible_to(user, on))

    def standing(self) -> Self:
        return self.filter(undone_at__isnull=True)


class Merge(models.Model):
    """That two records were joined into one, and what that changed, exactly: it can be undone.

    `journal`: a list of changes in the order in which they were made (participants.merges.journal).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="merges")
    keeper = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    former = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    reasons = ArrayField(models.CharField(max_length=24, choices=Reason.choices), default=list)
    why = EncryptedTextField(max_length=500, null=True, blank=True)
    journal = EncryptedJSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_because = EncryptedTextField(max_length=500, null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["former"],
                condition=Q(undone_at__isnull=True),
                name="participants_merge_once_at_a_time",
                violation_error_message="This record was joined with another already.",
            ),
            models.CheckConstraint(
                condition=~Q(keeper=F("former")), name="participants_merge_of_two"
            ),
        ]
        indexes = [models.Index(fields=["continuum", "-at"])]

    def __str__(self) -> str:
        return f"{self.former} into {self.keeper}"
