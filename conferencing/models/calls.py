"""The hour itself: the call as it is held, who is there, and what was prepared for it."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, TypedDict

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.models import Agency
from participants.models import LivingSituation, Participant
from vault.fields import EncryptedJSONField, EncryptedTextField

from .meetings import Meeting
from .reviews import Review
from .roster import RosterEntry

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Call(models.Model):
    """A meeting that is being held, or was: begun, closed, and what is on the table.

    `version` grows with every change that those who follow must see; `frame` only when more
    than the words of the review on the table changed (agenda, attendance, steps).
    """

    meeting = models.OneToOneField(Meeting, models.PROTECT, primary_key=True, related_name="call")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    on_table = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="+")
    on_table_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When the opening check was confirmed."
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_words = models.TextField(
        blank=True, help_text="The continuum’s words, as they were read out."
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who led the call and wrote while the note taker was away.",
    )
    stands_in = models.BooleanField(
        default=False, db_default=False, help_text="Until the notes were handed back."
    )
    version = models.PositiveIntegerField(default=1)
    frame = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(on_table__isnull=True, on_table_at__isnull=True)
                | Q(on_table__isnull=False, on_table_at__isnull=False, closed_at__isnull=True),
                name="conferencing_call_table_has_time_and_is_open",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_by__isnull=False),
                name="conferencing_call_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="conferencing_call_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(stands_in=False) | Q(stand_in__isnull=False),
                name="conferencing_call_somebody_stands_in",
            ),
        ]

    def __str__(self) -> str:
        return f"Call: {self.meeting}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Attendance(models.Model):
    """One person expected or present at a call, and whether they were heard.

    A walk-in without an account is a name and an organization; whoever is not in standing may
    be present and is shown as such, but sees nothing of participants.
    """

    class Kind(models.TextChoices):
        EXPECTED = "expected", "Expected"
        WALK_IN = "walk_in", "Walk-in"
        VISITOR = "visitor", "Visitor from another region"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attendances",
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    name = EncryptedTextField(
        max_length=120, null=True, blank=True, help_text="Of one without an account."
    )
    organization = EncryptedTextField(max_length=160, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who typed the name of one without an account.",
    )
    is_present = models.BooleanField(default=False)
    sent_word = models.BooleanField(
        default=False, db_default=False, help_text="Said beforehand that they cannot come."
    )
    spoke_times = models.PositiveSmallIntegerField(default=0)
    last_spoke_at = models.DateTimeField(null=True, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["agency__name", "user__name", "marked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"],
                name="conferencing_attendance_person_once",
                violation_error_message="This person is on the list of the call already.",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(name__isnull=False),
                name="conferencing_attendance_is_of_somebody",
                violation_error_message="Say who it is.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.user.name if self.user else self.name or ""

    @property
    def shown_organization(self) -> str:
        return self.agency.name if self.agency else self.organization or ""


# A guest's page asks every two seconds; so long after the last time it is thought to be closed.
FOLLOWS_FOR = timedelta(seconds=20)


class OnRoster(TypedDict):
    is_on_roster: bool


class CallGuestQuerySet(models.QuerySet["CallGuest"]):
    def live(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def with_is_on_roster(self) -> "CallGuestQuerySet[WithAnnotations[CallGuest, OnRoster]]":
        """Each with `is_on_roster`: whether the household is on the roster of the call."""
        entries = RosterEntry.objects.filter(
            meeting=models.OuterRef("meeting"), participant=models.OuterRef("participant")
        )
        return self.annotate(is_on_roster=models.Exists(entries))


class CallGuest(models.Model):
    """A participant, family member or close support whom the CoC invited to one review.

    Sees that review while it is on the table, and nothing else (Three County, “the client and
    family members/close supports”); of safety only what was handed over.
    """

    class Relation(models.TextChoices):
        PARTICIPANT = "participant", "The participant"
        FAMILY = "family", "Family member"
        SUPPORT = "support", "Close support"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="guests")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="guests")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="invited_as_guest"
    )
    name = EncryptedTextField(
        max_length=150,
        null=True,
        blank=True,
        help_text="What a family member or close support is called. Their account is called Guest.",
    )
    relation = models.CharField(max_length=12, choices=Relation.choices)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When their page last asked for the call."
    )
    safety_shown = EncryptedTextField(
        max_length=4000,
        null=True,
        blank=True,
        help_text="What the note taker handed over of what is written under safety.",
    )
    safety_shown_at = models.DateTimeField(null=True, blank=True, editable=False)
    safety_shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    objects = CallGuestQuerySet.as_manager()

    is_on_roster: bool  # with_is_on_roster

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"],
                condition=Q(withdrawn_at__isnull=True),
                name="conferencing_callguest_one_review_per_guest",
                violation_error_message="This guest is invited to a review of this call already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} at {self.meeting}"

    @property
    def is_off(self) -> bool:
        """Whether the review is off, though the call is held (asked `with_is_on_roster`)."""
        return self.meeting.state == Meeting.State.PLANNED and not self.is_on_roster

    @property
    def is_participant(self) -> bool:
        """Whether the review is the guest's own: others see nothing of what a member said."""
        return self.relation == self.Relation.PARTICIPANT

    def is_following(self, now: datetime) -> bool:
        """Whether their page asked for the call just now."""
        return self.seen_at is not None and now - self.seen_at < FOLLOWS_FOR


class CallSight(models.Model):
    """That a part of a call's page showed somebody a household: told to the audit once each.

    Once for each thing that it states: `under` is empty by alias, else by what right the name was
    shown (a release's key, or the reason without one). A release that is recorded in mid-call
    makes a second one.
    """

    class Part(models.TextChoices):
        REVIEW = "review", "The review"
        AGENDA = "agenda", "The agenda"
        PRESENT = "present", "The shared screen"
        NOTES = "notes", "Notes on the shared screen"
        SAFETY = "safety", "Safety on the shared screen"

    review = models.ForeignKey(Review, models.CASCADE, related_name="sights")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices, default=Part.REVIEW)
    under = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user", "part", "under"],
                name="conferencing_callsight_once_as_stated",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} saw {self.review}"


class PreWork(models.Model):
    """What an agency knows before the call of a household's elements.

    It waits beside the review and becomes part of it only when the note taker accepts it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="prework")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="prework")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="prework")
    location = models.CharField(max_length=16, choices=LivingSituation.Kind.choices, blank=True)
    location_words = EncryptedTextField(max_length=500, null=True, blank=True)
    preferences = EncryptedTextField(max_length=2000, null=True, blank=True)
    barriers = EncryptedJSONField(null=True, blank=True, help_text="List of words.")
    safety = EncryptedTextField(max_length=2000, null=True, blank=True)
    notes = EncryptedTextField(max_length=2000, null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    notes_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose the notes are: others may have saved the rest since.",
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["at"]
        verbose_name = "pre-work"
        verbose_name_plural = "pre-work"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant", "agency"],
                name="conferencing_prework_once_per_agency",
                violation_error_message="Your agency has prepared this household already.",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_place_for_confidential",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__location_words__isnull=False),
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

    def __str__(self) -> str:
        return f"Pre-work of {self.agency} on {self.participant}"


class OwnKeys(models.Model):
    """The keys of a call's page that a person chose instead of the usual ones."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="own_keys"
    )
    chosen = models.JSONField(default=dict, help_text="{act: key}, of those that differ.")

    def __str__(self) -> str:
        return f"Keys of {self.user}"
