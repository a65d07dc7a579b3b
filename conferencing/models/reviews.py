"""What was said of a household at a call, the steps that follow, and what became of them."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Self, TypeAlias, TypedDict, cast

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import User
from agreements.models import Agency, StaffMember
from housing.models import Referral
from participants.merges.relations import refuse_joined
from participants.models import LivingSituation, Participant
from vault.fields import EncryptedJSONField, EncryptedTextField

from .meetings import Meeting

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    AskedReviews: TypeAlias = "ReviewQuerySet[WithAnnotations[Review, AskedOfReviews]]"


class AskedOfReviews(TypedDict, total=False):
    """What a queryset says of each review beside its columns, once it is asked."""

    household: uuid.UUID
    is_told: bool


class ReviewQuerySet(models.QuerySet["Review"]):
    def with_household(self) -> "AskedReviews":
        """Each with `household`: the key of the record that it stands under, also after a join.

        At a call that was over when two records were joined, what was said stays with each of both.
        """
        found = self.annotate(household=Coalesce("participant__merged_into", "participant"))
        return cast("AskedReviews", found)  # with whatever was asked before

    def of(self, people: Iterable[Participant]) -> "AskedReviews":
        """Those that stand under these participants: their own, and of records joined into theirs.

        Each with `household`. `people`: a list or a queryset.
        """
        if isinstance(people, models.QuerySet):
            keys: Iterable[object] = people.values("pk")
        else:
            keys = [each.pk for each in people]
        records = Participant.every.filter(Q(pk__in=keys) | Q(merged_into__in=keys))
        return self.with_household().filter(participant__in=records.values("pk"))

    def told(self) -> Self:
        """Those in which something was said: discussed, written in, given a step, or referred.

        Also one that was then carried over, or whose call nobody closed: nothing is lost of it.
        """
        steps = ActionItem.objects.filter(review=models.OuterRef("pk"))
        referred = Referral.objects.filter(review=models.OuterRef("pk"))
        return self.filter(
            Q(outcome=Review.Outcome.DISCUSSED)
            | Q(revision__gt=0)
            | models.Exists(steps)
            | models.Exists(referred)
        )

    def with_told(self) -> "AskedReviews":
        """Each with `is_told`: whether it is one of those."""
        told = Review.objects.told().filter(pk=models.OuterRef("pk"))
        found = self.annotate(is_told=models.Exists(told))
        return cast("AskedReviews", found)  # with whatever was asked before

    def with_step(self) -> Self:
        """Each with `has_step`: whether it gave a step that somebody follows up."""
        steps = ActionItem.objects.filter(
            review=models.OuterRef("pk"), follow_up_person__isnull=False
        )
        return self.annotate(has_step=models.Exists(steps))


@pghistory.track()
class Review(models.Model):
    """One participant at one meeting: the standard set of elements, notes, decisions, outcome.

    Written during the call, one accepted save at a time: `revision` grows with each, and a save
    counts only on the revision it was made from. The event table keeps every revision. Elements
    begin as the last review had them; `…_changed` says what the call made of each.
    """

    class Changed(models.TextChoices):
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        NOT_RECORDED = "not_recorded", "Not recorded"

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        DISCUSSED = "discussed", "Discussed"
        CARRIED_OVER = "carried_over", "Carried over"
        NOTHING = "nothing", "Nothing to discuss"

    class Eligibility(models.TextChoices):
        ELIGIBLE = "eligible", "Eligible"
        NOT_ELIGIBLE = "not_eligible", "Not eligible"
        PENDING = "pending", "Not settled yet"

    class Target(models.TextChoices):
        MOVE_IN = "move_in", "Move-in"
        MILESTONE = "milestone", "Milestone"

    # Each is read in the history, by who typed what at it (participants.own_words).
    shows_revisions = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="reviews")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    location = models.CharField(max_length=16, choices=LivingSituation.Kind.choices, blank=True)
    location_words = EncryptedTextField(null=True, blank=True)
    location_changed = models.CharField(
        max_length=12, choices=Changed.choices, default=Changed.NOT_RECORDED
    )
    preferences = EncryptedTextField(blank=True, default="")
    barriers = EncryptedJSONField(default=list, blank=True, help_text="List of words.")
    safety = EncryptedTextField(blank=True, default="")
    notes = EncryptedTextField(blank=True, default="")
    discussed_at = models.DateTimeField(null=True, blank=True)
    preferences_changed = models.CharField(
        max_length=12, choices=Changed.choices, default=Changed.NOT_RECORDED
    )
    barriers_changed = models.CharField(
        max_length=12, choices=Changed.choices, default=Changed.NOT_RECORDED
    )
    safety_changed = models.CharField(
        max_length=12, choices=Changed.choices, default=Changed.NOT_RECORDED
    )
    systemic = EncryptedJSONField(
        null=True,
        blank=True,
        help_text="Those of the barriers that stand in many households’ way.",
    )
    navigator = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="primary housing navigator",
    )
    eligibility = models.CharField(
        "eligibility determination", max_length=12, choices=Eligibility.choices, blank=True
    )
    is_referred = models.BooleanField("referral made", default=False)
    referral = EncryptedTextField(max_length=300, null=True, blank=True)
    is_exception = models.BooleanField("priority exception", default=False)
    exception_reason = EncryptedTextField(max_length=1000, null=True, blank=True)
    target_kind = models.CharField(max_length=10, choices=Target.choices, blank=True)
    target_on = models.DateField("target date", null=True, blank=True)
    target_words = EncryptedTextField(max_length=300, null=True, blank=True)
    learned = EncryptedTextField(
        "what was learned from the date that passed", max_length=1000, null=True, blank=True
    )
    no_step_reason = EncryptedTextField(max_length=500, null=True, blank=True)
    seconds_used = models.PositiveIntegerField(
        default=0, editable=False, help_text="On the table until it was last taken off it."
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(null=True, blank=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    location_said_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the call last said where the household stays.",
    )
    navigator_said_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the call last changed who navigates; empty: it did not.",
    )

    objects = ReviewQuerySet.as_manager()

    household: uuid.UUID  # with_household, of
    is_told: bool  # with_told
    has_step: bool  # with_step
    parts: list["Review"]  # of one that is made of several (reviews.joined)

    class Meta:
        ordering = ["-meeting__starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant"], name="conferencing_review_once_per_meeting"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="discussed") | Q(discussed_at__isnull=False),
                name="conferencing_review_discussed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="nothing") | Q(revision=0, discussed_at__isnull=True),
                name="conferencing_review_nothing_said",
            ),
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
        return f"{self.participant} at {self.meeting}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id

    def clean(self) -> None:
        refuse_joined(self)

    @property
    def located_at(self) -> datetime | None:
        """When it was said where the household stays, as nearly as that is known."""
        return self.location_said_at or self.saved_at or self.discussed_at

    @property
    def was_raised(self) -> bool:
        """Whether the household came on the agenda during the call."""
        return self.meeting.roster.filter(participant=self.participant_id, source="raised").exists()


class LastReport(TypedDict):
    last_report_at: datetime | None


class ActionItemQuerySet(models.QuerySet["ActionItem"]):
    def visible_to(self, user: User, on: date) -> Self:
        """Steps for households that the user may know of, and all that their agency took on."""
        places = StaffMember.objects.in_good_standing(on).filter(user=user)
        return self.filter(
            Q(participant__in=Participant.objects.visible_to(user, on))
            | Q(agency__in=places.values("agency"))
        )

    def open(self) -> Self:
        return self.filter(state=ActionItem.State.OPEN)

    def overdue(self, on: date) -> Self:
        return self.open().filter(due_on__lt=on)

    def with_last_report(self) -> "ActionItemQuerySet[WithAnnotations[ActionItem, LastReport]]":
        """Each with `last_report_at`, None while nobody reported."""
        newest = ProgressUpdate.objects.filter(step=models.OuterRef("pk")).order_by("-at")
        return self.annotate(last_report_at=models.Subquery(newest.values("at")[:1]))


@pghistory.track()
class ActionItem(models.Model):
    """A step that an agency took on for a household, with its follow-up person and date."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        NOT_NEEDED = "not_needed", "Circumstances changed"
        NOT_DONE = "not_done", "Not done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="steps")
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="steps")
    what = EncryptedTextField(max_length=500)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="steps")
    follow_up_person = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="steps"
    )
    due_on = models.DateField()
    is_critical = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ActionItemQuerySet.as_manager()

    last_report_at: datetime | None  # with_last_report

    class Meta:
        ordering = ["due_on", "created_at"]
        verbose_name = "step"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="conferencing_actionitem_closed_has_time",
            )
        ]
        indexes = [models.Index(fields=["participant", "state"])]

    def __str__(self) -> str:
        return f"Step for {self.participant}, due {self.due_on}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.participant.continuum_id


class ProgressUpdate(models.Model):
    """The report-back on a step, in one line and a choice."""

    class Progress(models.TextChoices):
        DONE = "done", "Done"
        UNDER_WAY = "under_way", "Under way"
        BLOCKED = "blocked", "Blocked"
        NOT_REACHED = "not_reached", "Could not reach"
        NOT_NEEDED = "not_needed", "No longer needed: circumstances changed"
        NOT_DONE = "not_done", "Not done: nobody got to it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    step = models.ForeignKey(ActionItem, models.CASCADE, related_name="updates")
    progress = models.CharField(max_length=12, choices=Progress.choices)
    line = EncryptedTextField(max_length=500, blank=True, default="")
    last_seen_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    said_by = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose report it is, where somebody of another agency wrote it down at a call.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.get_progress_display()} {self.at:%Y-%m-%d}"

    @property
    def signed(self) -> str:
        """Who reported: a person, or an agency at a call and who noted it."""
        if self.said_by is None:
            return self.by.name
        return f"{self.said_by.name} at the call, noted by {self.by.name}"
