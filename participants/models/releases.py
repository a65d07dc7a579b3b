"""What people released: the signed paper, to whom, and how long it counts."""

import uuid
from datetime import timedelta
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Cast

from accounts.models import User
from agreements.models import Agency, StaffMember
from regions.clock import Moment
from vault.fields import EncryptedBinaryField, EncryptedTextField

ENDS_SOON = timedelta(days=30)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def live(self, at: Moment) -> Self:
        """Releases that cover case conferencing at the moment."""
        return self.in_force(at).filter(is_by_former_head=False)

    def in_force(self, at: Moment) -> Self:
        """The same, whoever signed them: one by a former head covers that one's own name on."""
        return self.valid(at).filter(covers_case_conferencing=True)

    def live_for_hmis(self, at: Moment) -> Self:
        """Releases of who heads the household that let what is said here go into HMIS."""
        return self.in_force_for_hmis(at).filter(is_by_former_head=False)

    def in_force_for_hmis(self, at: Moment) -> Self:
        """The same, whoever signed them: one by a former head covers the time when they headed."""
        return self.valid(at).filter(covers_hmis=True, participant__is_confidential=False)

    def valid(self, at: Moment) -> Self:
        """Signed, neither ended nor revoked at the moment; whatever they cover, whoever signed."""
        return self.filter(
            Q(expires_on__isnull=False, expires_on__gte=at.on),
            Q(revoked_at__isnull=True) | Q(revoked_at__gt=at.now),
            signed_on__lte=at.on,
        )

    def of_present_head(self) -> Self:
        """Not revoked, and signed while who heads the household now did; whether ended or not."""
        return self.filter(is_by_former_head=False, revoked_at__isnull=True)

    def with_proof(self) -> Self:
        """Annotate `has_scan`, and `is_own_word`: recorded by the agency that keeps the record."""
        together = Release.objects.filter(
            recorded_with=OuterRef("recorded_with"), scan__isnull=False
        )
        day = Cast(OuterRef("recorded_at"), models.DateField())
        own = StaffMember.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=day),
            user=OuterRef("recorded_by"),
            agency=OuterRef("participant__agency"),
            joined_on__lte=day,
        )
        scanned = Case(
            When(scan__isnull=False, then=Value(True)),
            default=Exists(together),
            output_field=models.BooleanField(),
        )
        return self.annotate(has_scan=scanned, is_own_word=Exists(own))

    def unproven(self, at: Moment) -> Self:
        """Live ones without a scan, or that only the agency that keeps the record has seen."""
        live = self.live(at).filter(participant__is_confidential=False)
        return live.with_proof().filter(Q(has_scan=False) | Q(is_own_word=True))

    def ending(self, at: Moment) -> Self:
        """Live ones that end within ENDS_SOON, and whose place no later one takes.

        A later one takes the place if it is to all partners, or to each agency that is listed.
        """
        later = Release.objects.filter(
            participant=OuterRef("participant"),
            covers_case_conferencing=True,
            revoked_at__isnull=True,
            is_by_former_head=False,
            expires_on__gt=OuterRef("expires_on"),
            to_all_partners=True,
        )
        listed = Release.agencies.through.objects
        again = listed.filter(
            agency=OuterRef("agency"),
            release__participant=OuterRef("release__participant"),
            release__covers_case_conferencing=True,
            release__revoked_at__isnull=True,
            release__is_by_former_head=False,
            release__expires_on__gt=OuterRef("release__expires_on"),
        )
        lost = listed.filter(~Exists(again), release=OuterRef("pk"))
        return self.live(at).filter(
            ~Exists(later),
            Q(to_all_partners=True) | Exists(lost),
            expires_on__lte=at.on + ENDS_SOON,
            participant__is_confidential=False,
        )

    def kept_by(self, user: User) -> Self:
        """Releases of participants whose record `user` keeps, or for whom they are CE Specialist.

        A victim service provider's participants have none that count.
        """
        membership = getattr(user, "membership", None)
        if membership is None:
            return self.none()
        mine = self.filter(participant__continuum=membership.continuum_id)
        if membership.is_specialist:
            return mine
        own = StaffMember.objects.current().filter(user=user)
        return mine.filter(participant__agency__in=own.values("agency"))


@pghistory.track(exclude=["scan"])
class Release(models.Model):
    """A participant's release of information: what, to whom, from when, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey("Participant", models.CASCADE, related_name="releases")
    form_version = models.CharField("form and version", max_length=60)
    covers_case_conferencing = models.BooleanField(default=True)
    covers_referrals = models.BooleanField(default=False)
    covers_hmis = models.BooleanField("covers HMIS data sharing", default=False)
    to_all_partners = models.BooleanField("to all partner agencies", default=False)
    agencies = models.ManyToManyField(Agency, blank=True, related_name="releases")
    signed_on = models.DateField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revocation_reason = EncryptedTextField(blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    scan = EncryptedBinaryField(null=True, blank=True)
    is_by_former_head = models.BooleanField(
        "signed by a former head",
        default=False,
        editable=False,
        help_text="Another person heads the household by now: it does not count until it is "
        "recorded that it holds for them too.",
    )
    recorded_with = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text="One key for releases that were recorded together: one of them holds the scan.",
    )

    # Of rows that `with_proof` annotated.
    has_scan: bool
    is_own_word: bool

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gte=models.F("signed_on")),
                name="participants_release_expires_after_signing",
                violation_error_message="The release cannot expire before it was signed.",
            )
        ]

    def __str__(self) -> str:
        return f"Release of {self.participant}, signed {self.signed_on}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.participant.continuum_id

    @property
    def proof(self) -> list[str]:
        """What its proof lacks, in words: of rows that `with_proof` annotated."""
        words = [] if self.has_scan else ["No scan"]
        return words + (["Recorded by its own agency only"] if self.is_own_word else [])
