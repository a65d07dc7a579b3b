"""The people under review."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Self, cast

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.standing import is_in_standing
from regions.clock import Moment
from regions.models import Continuum, County, Region
from regions.words import plural
from vault.blind import BlindIndexField
from vault.fields import EncryptedDateField, EncryptedTextField

from .places import ListPlace
from .releases import Release

UNKNOWN = "Empty: not known."
# What tells who heads a household: of a victim service provider's none is stored.
IDENTITY = ("name", "birth_date", "contact", "hmis_id")
# More is a slip of the keyboard, wherever it is typed or read.
MOST_PEOPLE, MOST_BEDROOMS = 50, 10


class Document(models.TextChoices):
    """What a housing provider asks to see, and the household has in hand."""

    ID = "id", "Photo ID"
    SOCIAL_SECURITY = "ss_card", "Social Security card"
    HOMELESSNESS = "homelessness", "Verification of homelessness"
    DISABILITY = "disability", "Verification of disability"


class AssessmentLevel(models.TextChoices):
    """HUD 4.19.4, the level of the coordinated-entry assessment."""

    CRISIS = "1", "Crisis needs assessment"
    HOUSING = "2", "Housing needs assessment"


def household_words(adults: int | None, children: int | None) -> str:
    """2 adults, 1 child; what is not known is said so."""
    if adults is None and children is None:
        return "Size not known"
    if adults is None:
        return f"{plural(children or 0, 'child', 'children')}, adults not known"
    words = plural(adults, "adult")
    if children is None:
        return f"{words}, children not known"
    return f"{words}, {plural(children, 'child', 'children')}" if children else words


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def visible_to(self, user: User | AnonymousUser, on: date) -> Self:
        """Participants that `user` may know of on the local date `on`.

        A CE Specialist in standing: the whole continuum. Agency staff in standing: the
        regions their agency takes part in, those they chose to follow, and their own
        agency's participants. Everybody else: none. Seeing the row is not seeing the
        name: that is asked of `participants.naming`.
        """
        membership = getattr(user, "membership", None)
        if membership is None or not user.is_authenticated or not is_in_standing(user, on):
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

    def kept_by(self, user: User) -> Self:
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

    def without_release(self, at: Moment) -> Self:
        """Those on the list whom no live release covers for case conferencing, to anybody."""
        live = Release.objects.live(at).filter(participant=OuterRef("pk"))
        return self.on_the_list().filter(~Exists(live), is_confidential=False)

    def in_place_of(self, keys: Iterable[uuid.UUID | str]) -> Self:
        """The records that stand for these: themselves, or what they were joined into."""
        records = Participant.every.filter(pk__in=keys)
        return self.filter(pk__in=records.values(stands_for=Coalesce("merged_into", "pk")))

    def on_the_list(self) -> Self:
        """Those with an active place on the by-name list."""
        return self.filter(place__status=ListPlace.Status.ACTIVE)


AllParticipants = models.Manager.from_queryset(ParticipantQuerySet)


class StandingParticipants(AllParticipants["Participant"]):
    """Every record but those that were joined into another: these are found by key alone."""

    def get_queryset(self) -> "ParticipantQuerySet":
        every = cast("ParticipantQuerySet", super().get_queryset())  # as `from_queryset` makes it
        return every.filter(merged_into__isnull=True)


# An import adds many at once: one statement tells of them all.
@pghistory.track(pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent())
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
    adults = models.PositiveSmallIntegerField(null=True, blank=True, help_text=UNKNOWN)
    children = models.PositiveSmallIntegerField(null=True, blank=True, help_text=UNKNOWN)
    is_size_of_members = models.BooleanField(
        default=False,
        editable=False,
        help_text="A person entered who lives with the head: the size follows from the members.",
    )
    is_unsheltered = models.BooleanField("not in a place meant for habitation", default=False)
    is_youth = models.BooleanField("youth (under 25)", null=True, blank=True, help_text=UNKNOWN)
    is_veteran = models.BooleanField("veteran", null=True, blank=True, help_text=UNKNOWN)
    is_chronic = models.BooleanField(
        "chronically homeless",
        null=True,
        blank=True,
        help_text="By HUD's definition (24 CFR 578.3); empty: not known.",
    )
    needs_shelter = models.BooleanField("shelter or diversion need", default=False)
    is_prioritized = models.BooleanField("being prioritized for housing", default=False)
    referral_active_on = models.DateField("active referral since", null=True, blank=True)
    bedrooms = models.PositiveSmallIntegerField(
        "bedrooms needed", null=True, blank=True, help_text=UNKNOWN
    )
    documents = ArrayField(
        models.CharField(max_length=12, choices=Document.choices),
        verbose_name="documents in hand",
        default=list,
        blank=True,
    )
    assessment_level = models.CharField(
        max_length=1, choices=AssessmentLevel.choices, blank=True, default=""
    )
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
                    "A victim service provider's participant is known by alias alone. No name, "
                    "birth date, contact or HMIS ID may be kept."
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
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("name"),  # type: ignore[no-untyped-call]  # pgtrigger's
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

    def __str__(self) -> str:
        return self.alias

    def get_absolute_url(self) -> str:
        return reverse("participants:participant_detail", args=[self.pk])

    @property
    def household_size(self) -> int | None:
        """How many people; None: not known."""
        if self.adults is None or self.children is None:
            return None
        return self.adults + self.children

    @property
    def size_words(self) -> str:
        """2 adults, 1 child."""
        return household_words(self.adults, self.children)

    @property
    def documents_in_words(self) -> list[str]:
        return [str(each.label) for each in Document if each in self.documents]

    @property
    def every_name(self) -> str:
        """The name and those of records joined into this one, a line each: for redaction."""
        return "\n".join(filter(None, (self.name, self.former_names)))


def none_for_confidential(what: str) -> pgtrigger.Trigger:
    """Lets the database refuse a row about a victim service provider's household."""
    return pgtrigger.Trigger(
        name="none_for_confidential",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            IF (SELECT is_confidential FROM participants_participant
                 WHERE id = NEW.participant_id) THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE =
                    '{what} of a victim service provider''s household is not kept';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 (words of ours)
    )
