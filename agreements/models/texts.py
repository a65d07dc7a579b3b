"""The versioned texts that are signed."""

import hashlib
import uuid
from functools import reduce
from operator import or_
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from regions.models import Continuum, Membership


def any_change_of(*fields: str) -> pgtrigger.Q:
    """For a trigger: whether an update changes one of these columns."""
    return reduce(or_, (pgtrigger.Q(**{f"old__{f}__df": pgtrigger.F(f"new__{f}")}) for f in fields))


class AgreementFormQuerySet(models.QuerySet["AgreementForm"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published texts of the user's continuum; drafts for its administrators alone."""
        if not user.is_authenticated:
            return self.none()
        runs_it = Membership.objects.filter(
            user=user, is_administrator=True, continuum=OuterRef("continuum")
        )
        return self.filter(continuum__in=Continuum.objects.visible_to(user)).filter(
            Q(published_at__isnull=False) | Exists(runs_it)
        )

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        return self.filter(published_at__isnull=True)

    def in_use(self, continuum: Continuum, kind: str) -> "AgreementForm | None":
        """The version that is signed now: the newest published one, or None."""
        return self.published().filter(continuum=continuum, kind=kind).order_by("-version").first()


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
    months_valid = models.PositiveSmallIntegerField("valid for (months)", default=12)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    sign_again_by = models.DateField(
        "sign again by",
        null=True,
        blank=True,
        help_text="Until this date a signature on the version before still counts.",
    )
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = AgreementFormQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "kind", "version"],
                name="agreements_agreementform_version_once",
            ),
            models.UniqueConstraint(
                fields=["continuum", "kind"],
                condition=Q(published_at__isnull=True),
                name="agreements_agreementform_one_draft",
                violation_error_message="There is a draft of this text already.",
            ),
            models.CheckConstraint(
                condition=Q(months_valid__gte=1) & Q(months_valid__lte=120),
                name="agreements_agreementform_months_valid",
                violation_error_message="A signature is valid for 1 to 120 months.",
            ),
        ]
        triggers = [
            # Somebody may have signed it: a change of words is a new version.
            pgtrigger.Protect(
                name="published_text_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False)
                & any_change_of(
                    "continuum",
                    "kind",
                    "version",
                    "title",
                    "text",
                    "text_hash",
                    "months_valid",
                    "published_at",
                    "published_by",
                ),
            ),
            pgtrigger.Protect(
                name="published_text_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:form_detail", args=[self.pk])

    @staticmethod
    def hash_of(text: str) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
