"""A household's place on the by-name list, its moves on and off, and where it stays."""

import uuid
from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models

from vault.fields import EncryptedTextField


# An import adds many at once.
@pghistory.track(pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent())
class ListPlace(models.Model):
    """A participant's place on the by-name list. Words of Built for Zero."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Inactive"
        HOUSED = "housed", "Housed"
        NO_LONGER = "no_longer", "No longer meets criteria"

    participant = models.OneToOneField(
        "Participant", models.CASCADE, related_name="place", primary_key=True
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    listed_on = models.DateField("on the list since")
    status_on = models.DateField("in this status since")

    class Meta:
        indexes = [models.Index(fields=["status", "listed_on"])]

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_status_display()}"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    def days(self, on: date) -> int:
        """How many days the household is on the list on `on`; was, if it had left it by then."""
        until = on if self.is_active else min(on, self.status_on)
        return (until - self.listed_on).days


class PlaceChangeQuerySet(models.QuerySet["PlaceChange"]):
    def standing(self) -> Self:
        """Moves that were not taken back by a correction."""
        return self.filter(withdrawn_at__isnull=True)


class PlaceChange(models.Model):
    """One dated move on or off the list: what, when, why, by whom.

    A correction takes a move back, with its reason, and may put another in its place.
    """

    class Flow(models.TextChoices):
        IDENTIFIED = "identified", "Newly identified"
        BACK_FROM_HOUSING = "back_from_housing", "Returned from housing"
        BACK_FROM_INACTIVE = "back_from_inactive", "Returned from inactive"
        HOUSED = "housed", "Housed"
        INACTIVE = "inactive", "Moved to inactive"
        NO_LONGER = "no_longer", "No longer meets criteria"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey("Participant", models.CASCADE, related_name="place_changes")
    flow = models.CharField(max_length=20, choices=Flow.choices)
    on = models.DateField()
    reason = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawal_reason = EncryptedTextField(null=True, blank=True)

    objects = PlaceChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-recorded_at"]
        indexes = [models.Index(fields=["participant", "on"])]

    def __str__(self) -> str:
        return f"{self.get_flow_display()} {self.on}"


class LivingSituation(models.Model):
    """Where a household was staying on a day, in HUD's kinds; the place in words is encrypted.

    For a victim service provider's participant no words are stored, only the kind.
    """

    class Kind(models.TextChoices):
        UNSHELTERED = "unsheltered", "Place not meant for habitation"
        SHELTER = "shelter", "Emergency shelter"
        SAFE_HAVEN = "safe_haven", "Safe haven"
        TRANSITIONAL = "transitional", "Transitional housing"
        DOUBLED_UP = "doubled_up", "Doubled up"
        HOTEL = "hotel", "Hotel or motel"
        INSTITUTION = "institution", "Institution"
        HOUSED = "housed", "Permanent housing"
        MISSING = "missing", "Missing"
        UNKNOWN = "unknown", "Not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey("Participant", models.CASCADE, related_name="situations")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    on = models.DateField()
    words = EncryptedTextField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    is_imported = models.BooleanField(
        default=False, editable=False, help_text="A file told it; nobody recorded it here."
    )

    class Meta:
        ordering = ["-on", "-recorded_at"]
        indexes = [models.Index(fields=["participant", "-on"])]
        triggers = [
            pgtrigger.Trigger(
                name="no_words_for_confidential",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__words__isnull=False),
                func="""
                    IF (SELECT is_confidential FROM participants_participant
                         WHERE id = NEW.participant_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE =
                            'no place in words for a victim service provider''s participant';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


Flow = PlaceChange.Flow
Status = ListPlace.Status
FLOW_TO_STATUS: dict[str, Status] = {
    Flow.IDENTIFIED: Status.ACTIVE,
    Flow.BACK_FROM_HOUSING: Status.ACTIVE,
    Flow.BACK_FROM_INACTIVE: Status.ACTIVE,
    Flow.HOUSED: Status.HOUSED,
    Flow.INACTIVE: Status.INACTIVE,
    Flow.NO_LONGER: Status.NO_LONGER,
}
# Built for Zero counts inflow and outflow by these words: each fits some statuses alone.
FLOWS_FROM: dict[str | None, list[Flow]] = {
    None: [Flow.IDENTIFIED],
    Status.ACTIVE: [Flow.HOUSED, Flow.INACTIVE, Flow.NO_LONGER],
    Status.INACTIVE: [Flow.BACK_FROM_INACTIVE, Flow.HOUSED, Flow.NO_LONGER],
    Status.HOUSED: [Flow.BACK_FROM_HOUSING, Flow.NO_LONGER],
    Status.NO_LONGER: [Flow.IDENTIFIED],
}
