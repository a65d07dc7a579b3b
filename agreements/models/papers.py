"""The paper that puts agencies and people in standing: their signatures."""

import uuid
from datetime import date
from typing import Self, TypeVar, cast

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from regions.models import Continuum, ContinuumQuerySet
from vault.fields import EncryptedBinaryField, EncryptedTextField

from .texts import AgreementForm, any_change_of

Signed = TypeVar("Signed", bound=models.Model)


class SignedQuerySet(models.QuerySet[Signed]):
    """What agency agreements and personal statements have in common."""

    def of_a_version_still_good(self, on: date) -> Self:
        """Leaves out versions that a newer one replaced whose signing date has passed."""
        newer = AgreementForm.objects.published().filter(
            continuum=OuterRef("form__continuum"),
            kind=OuterRef("form__kind"),
            version__gt=OuterRef("form__version"),
            sign_again_by__lt=on,
        )
        return self.filter(~Exists(newer))

    def in_effect(self, on: date) -> Self:
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on),
            effective_on__lte=on,
            revoked_at__isnull=True,
        )

    def current(self, on: date) -> Self:
        """Those that count on the date `on`."""
        raise NotImplementedError


def continuums_run_by(user: User) -> ContinuumQuerySet:
    """The continuum in which `user` is administrator or CE Specialist."""
    return Continuum.objects.filter(
        Q(memberships__is_administrator=True) | Q(memberships__is_specialist=True),
        memberships__user=user,
        memberships__user__is_active=True,
    )


class AgencyAgreementQuerySet(SignedQuerySet["AgencyAgreement"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Their own agency's for its people; every one for administrators and specialists."""
        if not user.is_authenticated:
            return self.none()
        own = user.places.filter(ended_on__isnull=True, user__is_active=True)
        return self.filter(
            Q(agency__continuum__in=continuums_run_by(user)) | Q(agency__in=own.values("agency"))
        )

    def current(self, on: date) -> Self:
        return self.filter(countersigned_at__isnull=False).in_effect(on).of_a_version_still_good(on)

    def without_documents(self) -> Self:
        """For lists: leaves the PDFs and the long text in the database."""
        return self.defer("document", "countersigned_document", "form__text")

    def waiting_for_countersignature(self) -> Self:
        return self.filter(countersigned_at__isnull=True, revoked_at__isnull=True)


@pghistory.track(exclude=["document", "countersigned_document"])
class AgencyAgreement(models.Model):
    """An agency's signature under one version of the CES Partner Agreement.

    `document` is the PDF as it was signed, or the scan; `countersigned_document` the same
    with the countersignature on it, for what was signed here.
    """

    class Way(models.TextChoices):
        ONLINE = "online", "Signed here"
        PAPER = "paper", "Paper, scanned"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for countersignature"
        NOT_ACCEPTED = "not_accepted", "Not accepted"
        REVOKED = "revoked", "Revoked"
        PLANNED = "planned", "Not yet in effect"
        EXPIRED = "expired", "Expired"
        IN_EFFECT = "in_effect", "In effect"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("agreements.Agency", models.PROTECT, related_name="agreements")
    form = models.ForeignKey(AgreementForm, models.PROTECT, related_name="agency_agreements")
    way = models.CharField(max_length=10, choices=Way.choices)
    text_hash = models.CharField(max_length=64)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signer_name = models.CharField("signer’s name", max_length=150)
    signer_title = models.CharField("signer’s title", max_length=150)
    signed_at = models.DateTimeField()
    signed_from = models.GenericIPAddressField("address signed from", null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    document = EncryptedBinaryField("PDF as signed", null=True, blank=True)
    document_hash = models.CharField("SHA-256 of the PDF as signed", max_length=64, blank=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    countersigned_at = models.DateTimeField(null=True, blank=True)
    countersigned_document = EncryptedBinaryField(
        "PDF with the countersignature", null=True, blank=True
    )
    effective_on = models.DateField("first day", null=True, blank=True)
    expires_on = models.DateField("last day", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revocation_reason = EncryptedTextField("reason", null=True, blank=True)

    objects = AgencyAgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "form"],
                condition=Q(countersigned_at__isnull=True, revoked_at__isnull=True),
                name="agreements_agencyagreement_one_waiting",
                violation_error_message=(
                    "This version is signed already and waits for countersignature."
                ),
            ),
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
                condition=Q(revoked_at__isnull=True) | Q(revocation_reason__isnull=False),
                name="agreements_agencyagreement_revocation_has_reason",
                violation_error_message="Say why the agreement is revoked.",
            ),
        ]
        triggers = [
            # What was signed stays as it was signed; only what happens to it later is added.
            pgtrigger.ReadOnly(
                name="signature_fixed",
                fields=[
                    "agency",
                    "form",
                    "way",
                    "text_hash",
                    "signer",
                    "signer_name",
                    "signer_title",
                    "signed_at",
                    "signed_from",
                    "document_hash",
                ],
            ),
            pgtrigger.Protect(
                name="revocation_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False)
                & any_change_of("revoked_at", "revoked_by"),
            ),
            pgtrigger.Protect(name="agreement_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.form}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement_detail", args=[self.pk])

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.agency.continuum_id

    def state(self, on: date) -> "AgencyAgreement.State":
        """How far this paper has come on the local date `on`; a newer version aside."""
        if self.revoked_at:
            return self.State.REVOKED if self.countersigned_at else self.State.NOT_ACCEPTED
        if not self.countersigned_at:
            return self.State.WAITING
        if cast(date, self.effective_on) > on:  # by constraint, once it is countersigned
            return self.State.PLANNED
        if self.expires_on and self.expires_on < on:
            return self.State.EXPIRED
        return self.State.IN_EFFECT


class PersonalStatementQuerySet(SignedQuerySet["PersonalStatement"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own; every one of the continuum for administrators and specialists."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(form__continuum__in=continuums_run_by(user)) | Q(user=user))

    def current(self, on: date) -> Self:
        return self.in_effect(on).of_a_version_still_good(on)

    def without_documents(self) -> Self:
        """For lists: leaves the PDFs and the long text in the database."""
        return self.defer("document", "form__text")


@pghistory.track(exclude=["document"])
class PersonalStatement(models.Model):
    """One person's signature under the continuum's confidentiality statement."""

    class State(models.TextChoices):
        REVOKED = "revoked", "Revoked"
        PLANNED = "planned", "Not yet in effect"
        EXPIRED = "expired", "Expired"
        IN_EFFECT = "in_effect", "In effect"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="statements")
    form = models.ForeignKey(AgreementForm, models.PROTECT, related_name="statements")
    text_hash = models.CharField(max_length=64)
    signed_name = models.CharField("your name", max_length=150)
    signed_at = models.DateTimeField()
    signed_from = models.GenericIPAddressField(null=True, blank=True)
    document = EncryptedBinaryField(null=True, blank=True)
    document_hash = models.CharField("SHA-256 of the PDF as signed", max_length=64, blank=True)
    effective_on = models.DateField("first day")
    expires_on = models.DateField("last day", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revocation_reason = EncryptedTextField("reason", blank=True, default="")

    objects = PersonalStatementQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("effective_on")),
                name="agreements_personalstatement_expires_after_effect",
                violation_error_message="The last day must not be before the first.",
            )
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="statement_fixed",
                fields=[
                    "user",
                    "form",
                    "text_hash",
                    "signed_name",
                    "signed_at",
                    "signed_from",
                    "document_hash",
                    "effective_on",
                ],
            ),
            pgtrigger.Protect(
                name="statement_revocation_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False)
                & any_change_of("revoked_at", "revoked_by"),
            ),
            pgtrigger.Protect(name="statement_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.form}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.form.continuum_id

    def state(self, on: date) -> "PersonalStatement.State":
        """How far this paper has come on the local date `on`; a newer version aside."""
        if self.revoked_at:
            return self.State.REVOKED
        if self.effective_on > on:
            return self.State.PLANNED
        if self.expires_on and self.expires_on < on:
            return self.State.EXPIRED
        return self.State.IN_EFFECT
