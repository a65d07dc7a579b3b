"""The meeting as a thing of its own: roles, roster, prep list, reviews, steps."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from agreements.models import Agency, StaffMember
from agreements.standing import is_in_standing
from conferencing import due
from outbox.models import Message
from participants.models import LivingSituation, Participant
from regions.clock import local_day
from regions.models import Continuum, Region
from vault.fields import EncryptedJSONField, EncryptedTextField


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Meetings of the user's own continuum: dates and roles, nothing of participants."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def planned(self):
        return self.filter(state=Meeting.State.PLANNED)

    def upcoming(self, now):
        return self.planned().filter(ends_at__gte=now).order_by("starts_at")


@pghistory.track()
class Meeting(models.Model):
    """One case conferencing call of a region, or of the whole continuum."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        CANCELLED = "cancelled", "Cancelled"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="meetings")
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        help_text="Empty: the call is CoC-wide.",
    )
    slot = models.CharField(
        max_length=7,
        blank=True,
        default="",
        editable=False,
        help_text="Year and month that the calling rule made it for; empty if added by hand.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    is_changed_by_hand = models.BooleanField(default=False, editable=False)
    cancellation_reason = models.TextField(blank=True)
    link = models.URLField("link to the call", blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="When its time or state was last changed: the stamp of its calendar entry.",
    )
    roster_opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    roster_settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    roster_settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    list_held_at = models.DateTimeField(null=True, blank=True, editable=False)
    list_held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    list_hold_reason = models.TextField(blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "region", "slot"],
                name="conferencing_meeting_slot_once_per_region",
                condition=~Q(slot=""),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="conferencing_meeting_ends_after_start",
                violation_error_message="The call must end after it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancellation_reason=""),
                name="conferencing_meeting_cancelled_has_reason",
                violation_error_message="Say why the call is cancelled.",
            ),
        ]
        permissions = [
            ("plan_meeting", "Plan, move and cancel the meeting"),
            ("settle_roster", "Settle the meeting's roster"),
            ("nominate_participant", "Nominate a participant for the roster"),
            ("send_list", "Send the meeting's prep list"),
            ("facilitate_meeting", "Facilitate the meeting"),
            ("take_notes_in_meeting", "Take notes in the meeting"),
            ("attend_meeting_as_guest", "Attend one's own review as a guest"),
        ]

    def __str__(self):
        return f"{self.scope_words} {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("conferencing:meeting_detail", args=[self.pk])

    @property
    def is_coc_wide(self):
        return self.region_id is None

    @property
    def scope_words(self):
        return "CoC-wide" if self.is_coc_wide else self.region.name

    @property
    def minutes(self):
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def on(self):
        """The date of the call where its people live."""
        return local_day(self.starts_at, self.continuum.zone)

    @property
    def list_due_at(self):
        return due.list_due_at(self.on, self.continuum.zone, self.continuum.lead_days)

    @property
    def list_warning_at(self):
        """When the CE Specialist is told what is still open."""
        return due.warning_at(self.on, self.continuum.zone, self.continuum.lead_days)

    @property
    def list_late_at(self):
        return due.late_at(self.starts_at, self.list_due_at)

    @property
    def join_link(self):
        """Where the call is held: its own link, else the region's or the continuum's."""
        if self.link:
            return self.link
        return self.continuum.call_link if self.is_coc_wide else self.region.call_link


class MeetingUserObjectPermission(UserObjectPermissionBase):
    """A person on a meeting: facilitate, take notes, attend as guest."""

    content_object = models.ForeignKey(Meeting, on_delete=models.CASCADE)


class MeetingRoleQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Roles at the meetings of the user's own continuum."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def upcoming(self, now):
        """At calls that are still to come, the next one first."""
        return self.filter(
            meeting__state=Meeting.State.PLANNED, meeting__ends_at__gte=now
        ).order_by("meeting__starts_at", "role")

    def unnamed(self):
        """For which the agency has not named its person."""
        return self.filter(person__isnull=True)


@pghistory.track()
class MeetingRole(models.Model):
    """Which agency facilitates or takes notes, and whom its lead named.

    `agency` does it. `turn_agency` is whose turn it was by the rotation, which goes on from
    there also when another agency stands in; None for a role that was filled by hand alone.
    """

    class Role(models.TextChoices):
        FACILITATOR = "facilitator", "Facilitator"
        NOTE_TAKER = "note_taker", "Note taker"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=Role.choices)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="meeting_roles")
    turn_agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="turns", editable=False
    )
    agency_name = models.CharField(
        max_length=160,
        blank=True,
        editable=False,
        help_text="The name of the agency whose turn it was, when the turn was given.",
    )
    is_last_used = models.BooleanField(
        default=False,
        editable=False,
        help_text="The rotation goes on after this turn's agency.",
    )
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    person = models.ForeignKey(
        StaffMember, models.SET_NULL, null=True, blank=True, related_name="meeting_roles"
    )
    is_by_rotation = models.BooleanField(default=True)

    objects = MeetingRoleQuerySet.as_manager()

    class Meta:
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "role"], name="conferencing_meetingrole_one_of_each_per_meeting"
            ),
            models.UniqueConstraint(
                fields=["meeting", "agency"],
                name="conferencing_meetingrole_different_agencies",
                violation_error_message=(
                    "Facilitator and note taker come from different agencies."
                ),
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}: {self.agency}"

    @property
    def permission(self):
        """What its person may do at the meeting, by django-guardian."""
        return {
            self.Role.FACILITATOR: "conferencing.facilitate_meeting",
            self.Role.NOTE_TAKER: "conferencing.take_notes_in_meeting",
        }[self.role]


class MeetingInvitation(models.Model):
    """What a person's calendar was last told about a meeting by mail."""

    class Method(models.TextChoices):
        REQUEST = "REQUEST", "Invited"
        CANCEL = "CANCEL", "Called off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="meeting_invitations"
    )
    method = models.CharField(max_length=7, choices=Method.choices)
    sequence = models.PositiveIntegerField()
    told_at = models.DateTimeField()
    times_told = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], name="conferencing_meetinginvitation_once_per_person"
            )
        ]

    def __str__(self):
        return f"{self.get_method_display()}: {self.user}, {self.meeting}"


@pghistory.track()
class RosterEntry(models.Model):
    """A participant on a meeting's roster, with the reasons in words."""

    class Source(models.TextChoices):
        PROPOSED = "proposed", "Proposed by the criteria"
        ADDED = "added", "Added by the CE Specialist"
        NOMINATED = "nominated", "Nominated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="roster")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="roster_entries")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices)
    reasons = models.JSONField(
        default=list,
        blank=True,
        help_text="List of {kind, words}; words name no person.",
    )
    added_because = EncryptedTextField("reason for adding", blank=True, default="")
    minutes = models.PositiveSmallIntegerField(default=5)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "roster entries"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant"],
                name="conferencing_rosterentry_participant_once",
                violation_error_message="This household is already on the roster.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="conferencing_rosterentry_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.participant}"


class Nomination(models.Model):
    """An agency asks that a household be reviewed at a meeting, and says why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="nominations")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="nominations")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="nominations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant", "agency"],
                name="conferencing_nomination_once_per_agency",
                violation_error_message="Your agency has already nominated this household.",
            )
        ]

    def __str__(self):
        return f"{self.agency}: {self.participant}"


class PrepList(models.Model):
    """A frozen revision of a meeting's list. Never changed; a correction is a new revision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="prep_lists")
    revision = models.PositiveSmallIntegerField()
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: by the clock.",
    )
    was_settled = models.BooleanField()
    correction_reason = EncryptedTextField(blank=True, default="")
    snapshot = EncryptedJSONField()

    class Meta:
        ordering = ["-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "revision"], name="conferencing_preplist_revision_once"
            )
        ]

    def __str__(self):
        return f"{self.meeting}, revision {self.revision}"


class PrepListDeliveryQuerySet(models.QuerySet):
    def visible_to(self, user, on):
        """One's own deliveries; all of the continuum's for its CE Specialists in standing."""
        if not is_in_standing(user, on):
            return self.none()
        mine = self.filter(prep_list__meeting__continuum__in=Continuum.objects.visible_to(user))
        membership = getattr(user, "membership", None)
        if membership and membership.is_specialist:
            return mine
        return mine.filter(recipient=user)


class PrepListDelivery(models.Model):
    """One recipient's copy of one revision: its password, its mail, or why it was left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prep_list = models.ForeignKey(PrepList, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="prep_list_deliveries"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", null=True, blank=True)
    password = EncryptedTextField(max_length=19, null=True, blank=True)
    message = models.OneToOneField(
        Message, models.PROTECT, null=True, blank=True, related_name="prep_list_delivery"
    )
    left_out_because = models.TextField(blank=True)
    disclosed = EncryptedJSONField(
        null=True,
        blank=True,
        help_text="Per participant what the sent copy showed, and under which release.",
    )
    document_hash = models.CharField("SHA-256 of the PDF as sent", max_length=64, blank=True)
    resent_times = models.PositiveSmallIntegerField(default=0)

    objects = PrepListDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["recipient__name"]
        verbose_name_plural = "prep list deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["prep_list", "recipient"],
                name="conferencing_preplistdelivery_once_per_recipient",
            ),
            models.CheckConstraint(
                condition=Q(message__isnull=False, left_out_because="")
                | (Q(message__isnull=True) & ~Q(left_out_because="")),
                name="conferencing_preplistdelivery_mailed_or_left_out",
            ),
        ]
        permissions = [
            ("reveal_password", "See the password of one's own list"),
            ("read_password_to_recipient", "Read a list's password to its recipient"),
        ]

    def __str__(self):
        return f"{self.prep_list} for {self.recipient}"


@pghistory.track()
class Review(models.Model):
    """One participant at one meeting: the standard set of elements, notes, outcome."""

    class Changed(models.TextChoices):
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        NOT_RECORDED = "not_recorded", "Not recorded"

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        DISCUSSED = "discussed", "Discussed"
        CARRIED_OVER = "carried_over", "Carried over"

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

    def __str__(self):
        return f"{self.participant} at {self.meeting}"


class ActionItemQuerySet(models.QuerySet):
    def visible_to(self, user, on):
        return self.filter(participant__in=Participant.objects.visible_to(user, on))

    def open(self):
        return self.filter(state=ActionItem.State.OPEN)

    def overdue(self, on):
        return self.open().filter(due_on__lt=on)


@pghistory.track()
class ActionItem(models.Model):
    """A step that an agency took on for a household, with its follow-up person and date."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        NOT_NEEDED = "not_needed", "No longer needed"

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

    def __str__(self):
        return f"Step for {self.participant}, due {self.due_on}"


class ProgressUpdate(models.Model):
    """The report-back on a step, in one line and a choice."""

    class Progress(models.TextChoices):
        DONE = "done", "Done"
        UNDER_WAY = "under_way", "Under way"
        BLOCKED = "blocked", "Blocked"
        NOT_REACHED = "not_reached", "Could not reach"
        NOT_NEEDED = "not_needed", "No longer needed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    step = models.ForeignKey(ActionItem, models.CASCADE, related_name="updates")
    progress = models.CharField(max_length=12, choices=Progress.choices)
    line = EncryptedTextField(max_length=500, blank=True, default="")
    last_seen_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return f"{self.get_progress_display()} {self.at:%Y-%m-%d}"


class CalendarFeed(models.Model):
    """A person's private calendar address: the token's hash finds it, the token is encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    token = EncryptedTextField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True),
                name="conferencing_calendarfeed_one_live_per_person",
            )
        ]

    def __str__(self):
        return f"Calendar feed of {self.user}"
