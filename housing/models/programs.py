"""Programs, and whom each takes."""

import uuid
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse

from accounts.models import User
from agreements.models import Agency
from participants.models import HmisProject
from regions.models import Continuum, County


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Programs of the user's own continuum."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def running(self) -> Self:
        """Those that still take households."""
        return self.filter(closed_on__isnull=True)


@pghistory.track()
class Program(models.Model):
    """What an agency offers to live in: a shelter, a building, a subsidy, a landlord.

    Of a program whose place is confidential (`is_confidential`: each of a victim service provider,
    and others that say so) nothing but counties is kept: the database refuses words about a unit.
    Source: 34 USC 12291(b)(2); 42 USC 11363; 24 CFR 578.57.
    """

    class Kind(models.TextChoices):
        SHELTER = "shelter", "Emergency shelter"
        TRANSITIONAL = "th", "Transitional housing"
        JOINT = "th_rrh", "Joint transitional and rapid rehousing"
        RAPID = "rrh", "Rapid rehousing"
        SUPPORTIVE = "psh", "Permanent supportive housing"
        OTHER_PERMANENT = "oph", "Other permanent housing"
        VOUCHER = "voucher", "Housing voucher"
        OUTSIDE = "outside", "Landlord or other housing outside the CoC"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="programs")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="programs")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    counties = models.ManyToManyField(County, related_name="programs")
    is_confidential = models.BooleanField("its place is confidential", default=False)
    funding = models.CharField(max_length=200, blank=True, default="")
    hmis_project = models.ForeignKey(
        HmisProject, models.SET_NULL, null=True, blank=True, related_name="programs"
    )
    closed_on = models.DateField("takes nobody since", null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "agency",
                models.functions.Lower("name"),
                name="housing_program_name_once_per_agency",
                violation_error_message="This agency already has a program with this name.",
            )
        ]
        permissions = [("enter_opening", "Enter openings, and say what happened to them")]
        triggers = [
            pgtrigger.Trigger(
                name="confidential_with_its_agency",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF (SELECT is_victim_service_provider FROM agreements_agency
                         WHERE id = NEW.agency_id) THEN
                        NEW.is_confidential = TRUE;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="no_place_once_confidential",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("is_confidential"),  # type: ignore[no-untyped-call]  # pgtrigger's
                condition=pgtrigger.Q(new__is_confidential=True),
                func="""
                    UPDATE housing_opening SET unit = '' WHERE program_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("housing:program_detail", args=[self.pk])


@pghistory.track()
class EligibilityRule(models.Model):
    """One thing that a program asks of a household; what it says nothing about has no row.

    `fact`: a key of `housing.facts`. `asks`: what is asked of it, as that fact reads it.
    """

    class Weight(models.TextChoices):
        REQUIRED = "required", "Required"
        PREFERRED = "preferred", "Preferred"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="rules")
    fact = models.CharField(max_length=16)
    weight = models.CharField(max_length=10, choices=Weight.choices, default=Weight.REQUIRED)
    asks: Any = models.JSONField()  # Any: of each fact its own
    source = models.CharField("who asks for it", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["fact"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "fact"], name="housing_eligibilityrule_once_per_fact"
            )
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.fact}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.program.continuum_id
