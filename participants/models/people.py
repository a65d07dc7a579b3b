"""The people under review, their place on the by-name list, and what they released."""

import uuid
from datetime import timedelta

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from agreements.models import Agency, StaffMember
from agreements.standing import is_in_standing
from regions.models import Continuum, County, Region
from vault.blind import BlindIndexField
from vault.fields import (
    EncryptedBinaryField,
    EncryptedDateField,
    EncryptedTextField,
)

ENDS_SOON = timedelta(days=30)


class ParticipantQuerySet(models.QuerySet):
    def visible_to(self, user, on):
        """Participants that `user` may know of on the local date `on`.

        A CE Specialist in standing: the whole continuum. Agency staff in standing: the
        regions their agency takes part in, those they chose to follow, and their own
        agency's participants. Everybody else: none. Seeing the row is not seeing the
        name: that is asked of `participants.naming`.
        """
        membership = getattr(user, "membership", None)
        if membership is None or not is_in_standing(user, on):
            return self.none()
        # A key, not a query: the planner then drops the participants it would join to themselves.
        mine = self.filter(continuum=membership.continuum_id)
        if membership.is_specialist:
            return mine
        place = StaffMember.objects.current().filter(user=user)
        taking_part = Region.objects.filter(
            regiongroupobjectpermission__group__agency__staff__in=place,
            regiongroupobjectpermission__permission__codename="take_part_in_region",
        )
        followed = Region.objects.filter(followers__in=place)
        return mine.filter(
            Q(region__in=taking_part)
            | Q(region__in=followed)
            | Q(agency__in=place.values("agency"))
        )

    def kept_by(self, user):
        """Households whose releases `user` records: their agency's; a CE Specialist's continuum's.

        A victim service provider's have none that count; a de-identified record tells of nobody.
        """
        membership = getattr(user, "membership", None)
        if membership is None:
            return self.none()
        mine = self.filter(
            continuum=membership.continuum_id, is_confidential=False, deidentified_at__isnull=True
        )
        if membership.is_specialist:
            return mine
        own = StaffMember.objects.current().filter(user=user)
        return mine.filter(agency__in=own.values("agency"))

    def without_release(self, now, on):
        """Those on the list whom no live release covers for case conferencing, to anybody."""
        live = Release.objects.live(now, on).filter(participant=OuterRef("pk"))
        return self.on_the_list().filter(~Exists(live), is_confidential=False)

    def in_place_of(self, keys):
        """The records that stand for these: themselves, or what they were joined into."""
        records = Participant.every.filter(pk__in=keys)
        return self.filter(pk__in=records.values(stands_for=Coalesce("merged_into", "pk")))

    def on_the_list(self):
        """Those with an active place on the by-name list."""
        return self.filter(place__status=ListPlace.Status.ACTIVE)


class StandingParticipants(models.Manager.from_queryset(ParticipantQuerySet)):
    """Every record but those that were joined into another: these are found by key alone."""

    def get_queryset(self):
        return super().get_queryset().filter(merged_into__isnull=True)


@pghistory.track()
class Participant(models.Model):
    """The head of a household, with the household's size and make-up.

    A victim service provider's participant (`is_confidential`) is known by alias alone:
    the database refuses a name, birth date, HMIS ID or contact for them
    (VAWA, 34 USC 12291(b)(2); FVPSA, 42 USC 11363).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="participants")
    region = models.ForeignKey(Region, models.PROTECT, related_name="participants")
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="participants"
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        related_name="participants",
        help_text="The agency that keeps this record.",
    )
    navigator = models.ForeignKey(
        StaffMember, models.SET_NULL, null=True, blank=True, related_name="navigated"
    )
    alias = models.CharField(max_length=40)
    is_confidential = models.BooleanField(default=False, editable=False)
    name = EncryptedTextField(max_length=300, null=True, blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who typed the name as it is now; empty where a file told it.",
    )
    birth_date = EncryptedDateField(null=True, blank=True)
    contact = EncryptedTextField(max_length=500, null=True, blank=True)
    hmis_id = EncryptedTextField("HMIS ID", max_length=32, null=True, blank=True)
    hmis_id_index = BlindIndexField(purpose="hmis id", of=("hmis_id",))
    identity_index = BlindIndexField(purpose="identity", of=("name", "birth_date"))
    notes = EncryptedTextField(blank=True, default="")
    adults = models.PositiveSmallIntegerField(default=1)
    children = models.PositiveSmallIntegerField(default=0)
    is_unsheltered = models.BooleanField("not in a place meant for habitation", default=False)
    is_youth = models.BooleanField("youth (under 25)", default=False)
    is_veteran = models.BooleanField("veteran", default=False)
    needs_shelter = models.BooleanField("shelter or diversion need", default=False)
    is_prioritized = models.BooleanField("being prioritized for housing", default=False)
    referral_active_on = models.DateField("active referral since", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    deidentified_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    former_names = EncryptedTextField(
        null=True,
        blank=True,
        editable=False,
        help_text="Names of records that were joined into this one, a line each.",
    )

    objects = StandingParticipants()
    every = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["alias"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "alias"],
                name="participants_participant_alias_once_per_continuum",
                violation_error_message="Another participant already has this alias.",
            ),
            models.UniqueConstraint(
                fields=["continuum", "hmis_id_index"],
                name="participants_participant_hmis_id_once_per_continuum",
                violation_error_message="Another participant already has this HMIS ID.",
            ),
            models.CheckConstraint(
                condition=Q(is_confidential=False)
                | Q(
                    name__isnull=True,
                    birth_date__isnull=True,
                    contact__isnull=True,
                    hmis_id__isnull=True,
                    hmis_id_index__isnull=True,
                    identity_index__isnull=True,
                    former_names__isnull=True,
                    merged_into__isnull=True,
                ),
                name="participants_participant_confidential_holds_no_identity",
                violation_error_message=(
                    "A victim service provider's participant is known by alias alone: no name, "
                    "birth date, contact or HMIS ID may be stored."
                ),
            ),
        ]
        indexes = [models.Index(fields=["continuum", "region", "alias"])]
        permissions = [
            ("record_release", "Record and revoke releases of information"),
            ("view_disclosures", "See and hand over what was disclosed to whom"),
            ("answer_request", "Record and answer requests for access or correction"),
            ("deidentify_participants", "De-identify records after seven years"),
            ("merge_participants", "Join two records of one person"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="confidential_follows_agency",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    SELECT is_victim_service_provider INTO STRICT NEW.is_confidential
                      FROM agreements_agency WHERE id = NEW.agency_id;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="keep_every_name",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("name"),
                func="""
                    IF NEW.name IS NOT NULL
                       AND (TG_OP = 'INSERT' OR NEW.name IS DISTINCT FROM OLD.name) THEN
                        INSERT INTO participants_knownname
                                    (id, continuum_id, participant_id, token, added_in)
                             VALUES (gen_random_uuid(), NEW.continuum_id, NEW.id, NEW.name,
                                     pg_current_xact_id()::text::bigint);
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return self.alias

    def get_absolute_url(self):
        return reverse("participants:participant_detail", args=[self.pk])

    @property
    def household_size(self):
        return self.adults + self.children

    @property
    def every_name(self):
        """The name and those of records joined into this one, a line each: for redaction."""
        return "\n".join(filter(None, (self.name, self.former_names)))


@pghistory.track()
class ListPlace(models.Model):
    """A participant's place on the by-name list. Words of Built for Zero."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Inactive"
        HOUSED = "housed", "Housed"
        NO_LONGER = "no_longer", "No longer meets criteria"

    participant = models.OneToOneField(
        Participant, models.CASCADE, related_name="place", primary_key=True
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    listed_on = models.DateField("on the list since")
    status_on = models.DateField("in this status since")

    class Meta:
        indexes = [models.Index(fields=["status", "listed_on"])]

    def __str__(self):
        return f"{self.participant}: {self.get_status_display()}"

    @property
    def is_active(self):
        return self.status == self.Status.ACTIVE

    def days(self, on):
        """How many days the household is on the list on `on`; was, if it left it."""
        return ((on if self.is_active else self.status_on) - self.listed_on).days


class PlaceChangeQuerySet(models.QuerySet):
    def standing(self):
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
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="place_changes")
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

    def __str__(self):
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
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="situations")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    on = models.DateField()
    words = EncryptedTextField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

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

    def __str__(self):
        return f"{self.get_kind_display()} {self.on}"


class ReleaseQuerySet(models.QuerySet):
    def live(self, now, on):
        """Releases that cover case conferencing at the moment `now` (local date `on`)."""
        return self.filter(
            Q(expires_on__isnull=False, expires_on__gte=on),
            Q(revoked_at__isnull=True) | Q(revoked_at__gt=now),
            covers_case_conferencing=True,
            signed_on__lte=on,
        )

    def with_proof(self):
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

    def unproven(self, now, on):
        """Live ones without a scan, or that only the agency that keeps the record has seen."""
        live = self.live(now, on).filter(participant__is_confidential=False)
        return live.with_proof().filter(Q(has_scan=False) | Q(is_own_word=True))

    def ending(self, now, on):
        """Live ones that end within ENDS_SOON, and whose place no later one takes.

        A later one takes the place if it is to all partners, or to each agency that is listed.
        """
        later = Release.objects.filter(
            participant=OuterRef("participant"),
            covers_case_conferencing=True,
            revoked_at__isnull=True,
            expires_on__gt=OuterRef("expires_on"),
            to_all_partners=True,
        )
        listed = Release.agencies.through.objects
        again = listed.filter(
            agency=OuterRef("agency"),
            release__participant=OuterRef("release__participant"),
            release__covers_case_conferencing=True,
            release__revoked_at__isnull=True,
            release__expires_on__gt=OuterRef("release__expires_on"),
        )
        lost = listed.filter(~Exists(again), release=OuterRef("pk"))
        return self.live(now, on).filter(
            ~Exists(later),
            Q(to_all_partners=True) | Exists(lost),
            expires_on__lte=on + ENDS_SOON,
            participant__is_confidential=False,
        )

    def kept_by(self, user):
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
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="releases")
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
    recorded_with = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text="One key for releases that were recorded together: one of them holds the scan.",
    )

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

    def __str__(self):
        return f"Release of {self.participant}, signed {self.signed_on}"

    @property
    def proof(self):
        """What its proof lacks, in words: of rows that `with_proof` annotated."""
        words = [] if self.has_scan else ["No scan"]
        return words + (["Recorded by its own agency only"] if self.is_own_word else [])
