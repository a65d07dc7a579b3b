"""Agencies, their people, and the paper that puts them in standing."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from regions.models import Continuum, Region
from vault.fields import EncryptedBinaryField, EncryptedTextField


class AgencyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Agencies of the user's own continuum."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def in_good_standing(self, on):
        """Active agencies whose paper is current on the date `on`.

        Where the continuum asks for a signed agreement: countersigned, in effect,
        not expired, not revoked, and of a version that need not be signed again yet.
        """
        current = AgencyAgreement.objects.filter(agency=OuterRef("pk")).current(on)
        return self.filter(is_active=True).filter(
            Q(continuum__requires_agency_agreement=False) | Exists(current)
        )

    def taking_part_in(self, region):
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

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("agreements:agency_detail", args=[self.pk])


class StaffMemberQuerySet(models.QuerySet):
    def visible_to(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(agency__continuum__in=Continuum.objects.visible_to(user))

    def current(self):
        return self.filter(ended_on__isnull=True, user__is_active=True)

    def in_good_standing(self, on):
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

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        ordering = ["user__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_on__isnull=True),
                name="agreements_staffmember_one_place_at_a_time",
                violation_error_message="This person already has a place in an agency.",
            )
        ]

    def __str__(self):
        return f"{self.user.name}, {self.agency.name}"


class AgreementFormQuerySet(models.QuerySet):
    def visible_to(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def published(self):
        return self.filter(published_at__isnull=False)


@pghistory.track()
class AgreementForm(models.Model):
    """One version of a text to be signed. Never changed once published."""

    class Kind(models.TextChoices):
        AGENCY = "agency", "CES Partner Agreement"
        PERSONAL = "personal", "Confidentiality statement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="agreement_forms")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField()
    text_hash = models.CharField("SHA-256 of the text", max_length=64, editable=False)
    months_valid = models.PositiveSmallIntegerField(default=12)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    sign_again_by = models.DateField(
        null=True,
        blank=True,
        help_text="Until this date a signature on the version before still counts.",
    )

    objects = AgreementFormQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "kind", "version"],
                name="agreements_agreementform_version_once",
            )
        ]

    def __str__(self):
        return f"{self.title}, version {self.version}"


class SignedQuerySet(models.QuerySet):
    """What agency agreements and personal statements have in common."""

    def of_a_version_still_good(self, on):
        """Leaves out versions that a newer one replaced whose signing date has passed."""
        newer = AgreementForm.objects.published().filter(
            continuum=OuterRef("form__continuum"),
            kind=OuterRef("form__kind"),
            version__gt=OuterRef("form__version"),
            sign_again_by__lt=on,
        )
        return self.filter(~Exists(newer))

    def in_effect(self, on):
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on),
            effective_on__lte=on,
            revoked_at__isnull=True,
        )


class AgencyAgreementQuerySet(SignedQuerySet):
    def visible_to(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(agency__in=Agency.objects.visible_to(user))

    def current(self, on):
        return self.filter(countersigned_at__isnull=False).in_effect(on).of_a_version_still_good(on)


@pghistory.track(exclude=["document"])
class AgencyAgreement(models.Model):
    """An agency's signature under one version of the CES Partner Agreement."""

    class Way(models.TextChoices):
        ONLINE = "online", "Signed here"
        PAPER = "paper", "Paper, scanned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="agreements")
    form = models.ForeignKey(AgreementForm, models.PROTECT, related_name="agency_agreements")
    way = models.CharField(max_length=10, choices=Way.choices)
    text_hash = models.CharField(max_length=64)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signer_name = models.CharField(max_length=150)
    signer_title = models.CharField(max_length=150)
    signed_at = models.DateTimeField()
    signed_from = models.GenericIPAddressField("address signed from", null=True, blank=True)
    document = EncryptedBinaryField("PDF as signed", null=True, blank=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    countersigned_at = models.DateTimeField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revocation_reason = models.TextField(blank=True)

    objects = AgencyAgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(countersigned_at__isnull=True) | Q(effective_on__isnull=False),
                name="agreements_agencyagreement_countersigned_has_effect",
                violation_error_message="A countersigned agreement needs its first day.",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("effective_on")),
                name="agreements_agencyagreement_expires_after_effect",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revocation_reason=""),
                name="agreements_agencyagreement_revocation_has_reason",
                violation_error_message="Say why the agreement is revoked.",
            ),
        ]

    def __str__(self):
        return f"{self.agency}: {self.form}"


class PersonalStatementQuerySet(SignedQuerySet):
    def visible_to(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(form__continuum__in=Continuum.objects.visible_to(user))

    def current(self, on):
        return self.in_effect(on).of_a_version_still_good(on)


@pghistory.track(exclude=["document"])
class PersonalStatement(models.Model):
    """One person's signature under the continuum's confidentiality statement."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="statements")
    form = models.ForeignKey(AgreementForm, models.PROTECT, related_name="statements")
    text_hash = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=150)
    signed_at = models.DateTimeField()
    signed_from = models.GenericIPAddressField(null=True, blank=True)
    document = EncryptedBinaryField(null=True, blank=True)
    effective_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = EncryptedTextField(blank=True, default="")

    objects = PersonalStatementQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("effective_on")),
                name="agreements_personalstatement_expires_after_effect",
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.form}"
