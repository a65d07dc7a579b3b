"""Agencies and their people."""

import uuid
from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from regions.models import Continuum, Region, RegionQuerySet

from .papers import AgencyAgreement, PersonalStatement


class AgencyQuerySet(models.QuerySet["Agency"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Agencies of the user's own continuum."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def in_good_standing(self, on: date) -> Self:
        """Active agencies whose paper is current on the date `on`.

        Where the continuum asks for a signed agreement: countersigned, in effect,
        not expired, not revoked, and of a version that need not be signed again yet.
        """
        current = AgencyAgreement.objects.filter(agency=OuterRef("pk")).current(on)
        return self.filter(is_active=True).filter(
            Q(continuum__requires_agency_agreement=False) | Exists(current)
        )

    def with_place_of(self, user: User) -> Self:
        """The agency where the user has a place now; none for the CoC's own people."""
        places = StaffMember.objects.current().filter(user=user)
        return self.filter(pk__in=places.values("agency"))

    def regions_by_agency(self) -> dict[uuid.UUID, list[str]]:
        """{agency's key: the names of the regions it takes part in}, in one query."""
        rows = Region.objects.filter(
            regiongroupobjectpermission__permission__codename="take_part_in_region",
            regiongroupobjectpermission__group__agency__in=self,
        ).values_list("regiongroupobjectpermission__group__agency", "name")
        found: dict[uuid.UUID, list[str]] = {}
        for key, name in rows.order_by("position", "name"):
            found.setdefault(key, []).append(name)
        return found

    def taking_part_in(self, region: Region) -> Self:
        """Agencies whose group holds the permission to take part in the region's calls."""
        return self.filter(
            group__regiongroupobjectpermission__content_object=region,
            group__regiongroupobjectpermission__permission__codename="take_part_in_region",
        )


@pghistory.track()
class Agency(models.Model):
    """A partner agency of a continuum. Its group carries its permissions on regions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="agencies")
    name = models.CharField(max_length=160)
    is_victim_service_provider = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_in_rotation = models.BooleanField(
        "takes its turn as facilitator and note taker", default=True
    )
    phone = models.CharField(max_length=40, blank=True)
    group = models.OneToOneField(Group, models.PROTECT, related_name="agency", editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        constraints = [
            models.UniqueConstraint(
                "continuum",
                models.functions.Lower("name"),
                name="agreements_agency_name_once_per_continuum",
                violation_error_message="This continuum already has an agency of that name.",
            )
        ]
        permissions = [
            ("manage_agencies", "Add and change agencies of the continuum"),
            ("manage_people", "Invite and change the agency's people"),
            ("sign_agreement", "Sign the agreement for the agency"),
            ("countersign_agreement", "Countersign, upload and revoke agreements"),
            ("view_standing", "See the standing of every agency"),
        ]
        triggers = [
            # What was stored for its participants depends on it, so it is fixed when added.
            pgtrigger.ReadOnly(name="victim_services_fixed", fields=["is_victim_service_provider"])
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreements:agency_detail", args=[self.pk])

    def regions(self) -> RegionQuerySet:
        """The regions in whose calls the agency takes part."""
        return Region.objects.filter(
            regiongroupobjectpermission__group=self.group_id,
            regiongroupobjectpermission__permission__codename="take_part_in_region",
        )


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(agency__continuum__in=Continuum.objects.visible_to(user))

    def current(self) -> Self:
        return self.filter(ended_on__isnull=True, user__is_active=True)

    def following(self, region_id: uuid.UUID | None, *, or_else: Q | None = None) -> Self:
        """Those who follow a region's calls; the CoC-wide ones (None): who follow any region."""
        follows = Q(regions=region_id) if region_id else Q(regions__isnull=False)
        return self.filter(follows | (or_else or Q())).distinct()

    def in_good_standing(self, on: date) -> Self:
        """People who may receive, see or do anything about participants (DESIGN, rule 2)."""
        return (
            self.current()
            .filter(agency__in=Agency.objects.in_good_standing(on))
            .filter(Exists(PersonalStatement.objects.filter(user=OuterRef("user")).current(on)))
        )


@pghistory.track()
class StaffMember(models.Model):
    """A user's place and function in an agency."""

    class Function(models.TextChoices):
        ASSESSOR = "assessor", "Assessor"
        HOUSING_PROVIDER = "housing_provider", "Housing provider"
        NAVIGATOR = "navigator", "CE housing navigator"
        OUTREACH = "outreach", "Outreach worker"
        VICTIM_SERVICES = "victim_services", "Victim service provider"
        OTHER = "other", "Other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="places")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="staff")
    function = models.CharField(max_length=20, choices=Function.choices)
    is_lead = models.BooleanField("agency lead", default=False)
    gets_list = models.BooleanField("gets the prep list", default=True)
    regions = models.ManyToManyField(Region, related_name="followers", blank=True)
    joined_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        ordering = ["user__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_on__isnull=True),
                name="agreements_staffmember_one_place_at_a_time",
                violation_error_message="This person already has a place in an agency.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("joined_on")),
                name="agreements_staffmember_ends_after_start",
                violation_error_message="The last day must not be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.agency.name}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:staff_detail", args=[self.pk])

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.agency.continuum_id
