"""Who belongs to a household over time, and who headed it when."""

import uuid
from datetime import date
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from regions.models import Continuum
from vault.blind import BlindIndexField, normalised
from vault.fields import EncryptedJSONField, EncryptedTextField

from .people import Participant


class AgeBand(models.TextChoices):
    """As much of an age as a case conference asks for."""

    UNDER_5 = "0-4", "Under 5"
    TO_12 = "5-12", "5 to 12"
    TO_17 = "13-17", "13 to 17"
    TO_24 = "18-24", "18 to 24"
    TO_61 = "25-61", "25 to 61"
    FROM_62 = "62+", "62 or older"
    UNKNOWN = "", "Age not known"


class HouseholdMemberQuerySet(models.QuerySet["HouseholdMember"]):
    def of_hmis(self) -> Self:
        """Those of whom HMIS told; the others were entered by hand."""
        return self.filter(hmis_id__isnull=False)

    def forget_ids(self) -> None:
        self.update(hmis_id=None, hmis_id_index=None)

    def of_household(self, household: Participant) -> list["HouseholdMember"]:
        """Each once of the household's record and of those that were joined into it.

        Under a joined record stay those of whom HMIS tells under its id; who is told of under both
        is as the newer word has it.
        """
        rows = self.filter(
            Q(participant=household) | Q(participant__merged_into=household)
        ).select_related("participant__hmis")
        found: dict[str, HouseholdMember] = {}
        for each in sorted(rows, key=newest_told, reverse=True):
            found.setdefault(normalised(each.hmis_id or each.pk), each)
        return sorted(found.values(), key=lambda each: (each.since, str(each.pk)))


def newest_told(member: "HouseholdMember") -> tuple[date, bool]:
    record = getattr(member.participant, "hmis", None)
    return record.as_of if record else date.min, member.participant.merged_into_id is not None


class HouseholdMember(models.Model):
    """Somebody of a household who does not head it: relation and age band, never a name.

    A former head stays as one, from and to when they were of the household. The head's own data
    are the participant's.
    """

    class Relation(models.TextChoices):
        """HUD 3.15, Relationship to Head of Household."""

        HEAD = "1", "Head of household"
        CHILD = "2", "Child"
        PARTNER = "3", "Spouse or partner"
        RELATIVE = "4", "Other relative"
        UNRELATED = "5", "Not related"
        UNKNOWN = "", "Relation not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="members")
    hmis_id = EncryptedTextField("HMIS ID", max_length=32, null=True, blank=True)
    hmis_id_index = BlindIndexField(purpose="hmis id", of=("hmis_id",))
    relation = models.CharField(
        max_length=1, choices=Relation.choices, default=Relation.UNKNOWN, blank=True
    )
    age_band = models.CharField(
        max_length=5, choices=AgeBand.choices, default=AgeBand.UNKNOWN, blank=True
    )
    since = models.DateField("in the household since")
    until = models.DateField("in the household until", null=True, blank=True)

    objects = HouseholdMemberQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["continuum", "hmis_id_index"])]
        triggers = [
            pgtrigger.Trigger(
                name="no_id_for_confidential",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__hmis_id__isnull=False),
                func="""
                    IF (SELECT is_confidential FROM participants_participant
                         WHERE id = NEW.participant_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE =
                            'no HMIS ID in a victim service provider''s household';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} in the household of {self.participant}"


class HouseholdAct(models.Model):
    """What somebody did to who is of a household, and what that changed, exactly: for an undo.

    `journal`: a list of changes in the order in which they were made (participants.merges.journal).
    """

    class Kind(models.TextChoices):
        HEAD = "head", "Another head of household"
        SPLIT = "split", "Part of the household left"
        JOIN = "join", "Moved in with another household"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="household_acts")
    other = models.ForeignKey(
        Participant,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The household of those who left, or with which this one lives.",
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    on = models.DateField()
    journal = EncryptedJSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.on}"


class HeadChange(models.Model):
    """Another person heads the household from a day on: an event on its line, no new household."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="head_changes")
    on = models.DateField()
    reason = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-recorded_at"]

    def __str__(self) -> str:
        return f"New head of {self.participant} from {self.on}"


def age_band(age: int | None) -> AgeBand:
    """The band of an age in years."""
    if age is None:
        return AgeBand.UNKNOWN
    for least, band in (
        (62, AgeBand.FROM_62),
        (25, AgeBand.TO_61),
        (18, AgeBand.TO_24),
        (13, AgeBand.TO_17),
        (5, AgeBand.TO_12),
    ):
        if age >= least:
            return band
    return AgeBand.UNDER_5
