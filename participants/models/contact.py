"""Who was met when, after how long without contact a household is inactive, and last attempts."""

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from agreements.models import Agency
from regions.models import Continuum
from vault.fields import EncryptedTextField

from .people import Participant


class Contact(models.Model):
    """A household was met or heard of on a day; an assessment is one too. No words are kept."""

    class Kind(models.TextChoices):
        SEEN = "seen", "Seen in person"
        SPOKE = "spoke", "Spoke by phone"
        ANSWERED = "answered", "Answered a message"
        SERVICE = "service", "Used a service or bed"
        ASSESSED = "assessed", "CE assessment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    is_imported = models.BooleanField(
        default=False, editable=False, help_text="A file told it; nobody recorded it here."
    )

    class Meta:
        ordering = ["-on", "-recorded_at"]
        indexes = [models.Index(fields=["participant", "kind", "-on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


STAY = "stay"


def every_source() -> list[str]:
    return [STAY, *Contact.Kind.values]


@pghistory.track(exclude=["warned_on"])
class InactivityRule(models.Model):
    """After how many days without contact a household is inactive, and what counts as contact.

    A continuum without a row has published no rule: nobody is warned of, no round is run.
    """

    SOURCES = [(STAY, "Where they stay was recorded"), *Contact.Kind.choices]

    continuum = models.OneToOneField(
        Continuum, models.CASCADE, related_name="inactivity", primary_key=True
    )
    days = models.PositiveSmallIntegerField(
        "days without contact",
        default=90,
        validators=[MinValueValidator(21), MaxValueValidator(730)],
    )
    youth_days = models.PositiveSmallIntegerField(
        "days without contact, youth",
        default=30,
        validators=[MinValueValidator(21), MaxValueValidator(730)],
    )
    sources = ArrayField(
        models.CharField(max_length=12, choices=SOURCES),
        default=every_source,
        verbose_name="what counts as contact",
    )
    warned_on = models.DateField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.days} days, youth {self.youth_days}"


class OutflowRound(models.Model):
    """A month's households without contact, divided among agencies for a last attempt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="outflow_rounds")
    month = models.DateField(help_text="Its first day.")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "month"],
                name="participants_outflowround_once_a_month",
                violation_error_message="This month's round was begun already.",
            ),
            models.UniqueConstraint(
                fields=["continuum"],
                condition=models.Q(closed_at__isnull=True),
                name="participants_outflowround_one_open",
                violation_error_message="Close the round that is open first.",
            ),
        ]

    def __str__(self) -> str:
        return f"Outflow round of {self.month:%B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("participants:round_detail", args=[self.pk])


class OutflowCase(models.Model):
    """A household in a round; without an agency it is the CE Specialist's to try."""

    class Result(models.TextChoices):
        INACTIVE = "inactive", "Moved to inactive"
        REACHED = "reached", "Reached: stays on the list"
        KEPT = "kept", "Not tried: stays on the list"
        UNTOLD = "untold", "HMIS data end earlier: stays on the list"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(OutflowRound, models.CASCADE, related_name="cases")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="outflow_cases")
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="outflow_cases"
    )
    last_contact_on = models.DateField()
    result = models.CharField(max_length=12, choices=Result.choices, blank=True, default="")

    class Meta:
        ordering = ["last_contact_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "participant"], name="participants_outflowcase_once_per_round"
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_result_display() or 'open'}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.round.continuum_id


class LastAttempt(models.Model):
    """One attempt to reach a household before it is moved to inactive."""

    class How(models.TextChoices):
        VISIT = "visit", "Went to look for them"
        PHONE = "phone", "Called"
        MESSAGE = "message", "Wrote a message or mail"
        PARTNERS = "partners", "Asked partners who may know"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(OutflowCase, models.CASCADE, related_name="attempts")
    how = models.CharField(max_length=12, choices=How.choices)
    on = models.DateField()
    is_reached = models.BooleanField(default=False)
    words = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["on", "recorded_at"]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.on}"
