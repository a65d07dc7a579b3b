"""The call: when, in which state, and when its list is due."""

import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self, TypedDict

import pghistory
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from accounts.models import User
from conferencing import due
from regions.clock import local_day
from regions.models import Continuum, Region
from vault.fields import EncryptedTextField

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# A call that nobody closes in so long a time after its planned end was over by then.
OVERRUNS_FOR = timedelta(hours=3)


def not_over(now: datetime, meeting: str = "") -> Q:
    """Calls that are still to come, or past their time and not closed yet, as a `Q`.

    `meeting`: the way to the call from the model that is asked, as `meeting__`.
    """
    is_held = Q(**{f"{meeting}call__isnull": False, f"{meeting}call__closed_at__isnull": True})
    return Q(**{f"{meeting}ends_at__gte": now}) | is_held


class OverAt(TypedDict):
    over_at: datetime


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Meetings of the user's own continuum: dates and roles, nothing of participants."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def planned(self) -> Self:
        return self.filter(state=Meeting.State.PLANNED)

    def upcoming(self, now: datetime) -> Self:
        return self.planned().filter(ends_at__gte=now).order_by("starts_at")

    def with_over_at(self) -> "MeetingQuerySet[WithAnnotations[Meeting, OverAt]]":
        """Each with `over_at`: when it was closed; its planned end if nobody began it."""
        closed_at = Least("call__closed_at", F("ends_at") + OVERRUNS_FOR)
        return self.annotate(
            over_at=Case(When(call__isnull=False, then=closed_at), default=F("ends_at"))
        )

    def awaiting_list(self) -> Self:
        """Without a list for the time they are at now: none yet, or moved since it was made."""
        lists = apps.get_model("conferencing", "PrepList")._default_manager
        has_list = Exists(lists.filter(meeting=OuterRef("pk")))
        rows = self.select_related("continuum", "region")  # as their lists' times ask
        return rows.filter(~has_list | Q(list_was_for__isnull=False))

    def with_list_out_at(self) -> Self:
        """Each with `list_out_at`, when its first list was made, or None; and `list_is_waiting`."""
        lists = apps.get_model("conferencing", "PrepList").objects
        of_this = lists.filter(meeting=OuterRef("pk"))
        return self.annotate(
            list_out_at=Subquery(of_this.order_by("revision").values("frozen_at")[:1]),
            list_is_waiting=Exists(of_this.with_waiting_copies()),
        )


@pghistory.track()
class Meeting(models.Model):
    """One case conferencing call of a region, or of the whole continuum."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        CANCELLED = "cancelled", "Canceled"
        CLOSED = "closed", "Closed"

    class ListChoice(models.TextChoices):
        """What the CE Specialist chose for a list that does not go out by itself."""

        AT = "at", "At a time of its own"
        NONE = "none", "No list for this call"

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
    cancellation_reason = EncryptedTextField(null=True, blank=True)
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
    list_hold_reason = EncryptedTextField(null=True, blank=True)
    list_timed_for = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When its list was due, when that was looked at last.",
    )
    list_timed_at = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Since when its list is due then: the call was added, moved, restored, or the "
        "rule changed.",
    )
    list_was_for = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="The time that its newest list shows, once the call was moved away from it, or "
        "canceled before everybody had it: another list is due.",
    )
    list_choice = models.CharField(
        max_length=4, choices=ListChoice.choices, blank=True, default="", editable=False
    )
    list_send_at = models.DateTimeField(null=True, blank=True, editable=False)
    list_chosen_at = models.DateTimeField(null=True, blank=True, editable=False)
    list_chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    objects = MeetingQuerySet.as_manager()

    list_out_at: datetime | None  # with_list_out_at
    list_is_waiting: bool  # with_list_out_at

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
                condition=~Q(state="cancelled") | Q(cancellation_reason__isnull=False),
                name="conferencing_meeting_cancelled_has_reason",
                violation_error_message="Say why the call is canceled.",
            ),
            models.CheckConstraint(
                condition=Q(list_choice="at", list_send_at__isnull=False)
                | (~Q(list_choice="at") & Q(list_send_at__isnull=True)),
                name="conferencing_meeting_list_chosen_time",
                violation_error_message="Choose when the list goes out.",
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

    def __str__(self) -> str:
        return f"{self.scope_words} {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("conferencing:meeting_detail", args=[self.pk])

    @property
    def is_coc_wide(self) -> bool:
        return self.region_id is None

    @property
    def scope_words(self) -> str:
        return self.region.name if self.region else "CoC-wide"

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def on(self) -> date:
        """The date of the call where its people live."""
        return local_day(self.starts_at, self.continuum.zone)

    def has_begun(self, now: datetime) -> bool:
        """Whether its time has come, or somebody began it before."""
        return self.starts_at <= now or hasattr(self, "call")

    @property
    def is_held(self) -> bool:
        """Whether its call was begun and is not closed yet."""
        call = getattr(self, "call", None)
        return call is not None and call.is_open

    @property
    def list_times(self) -> due.ListTimes:
        """When its list is warned of, due and late: `conferencing.due.list_times`."""
        return due.list_times(self)

    @property
    def list_due_at(self) -> datetime:
        return self.list_times.due_at

    @property
    def list_warning_at(self) -> datetime:
        """When the CE Specialist is told what is still open."""
        return self.list_times.warned_at

    @property
    def list_late_at(self) -> datetime:
        return self.list_times.late_at

    @property
    def shows_former_time(self) -> bool:
        """Whether its newest list shows a time that the call was moved away from."""
        return self.list_was_for is not None and self.list_was_for != self.starts_at

    @property
    def is_list_promised(self) -> bool:
        """Whether its list goes out by its time without anybody's choice.

        Not for a call that was added, moved or restored after that time, nor where the lead, a
        closed day or the zone changed so that the time had passed. What is not promised is not
        warned of, and not late.
        """
        due_at = self.list_times.due_at
        is_ahead = self.list_timed_at <= due_at
        return self.list_choice == "" and is_ahead and self._may_go_by_itself(due_at)

    @property
    def list_goes_at(self) -> datetime | None:
        """When its list goes out by itself as things stand; None: never, somebody has to act."""
        if self.list_held_at or self.list_choice == self.ListChoice.NONE:
            return None
        if self.list_choice == self.ListChoice.AT:
            sends_at = self.list_send_at
            return sends_at if sends_at and self._may_go_by_itself(sends_at) else None
        return self.list_times.due_at if self.is_list_promised else None

    def _may_go_by_itself(self, goes_at: datetime) -> bool:
        """Whether a list may go out then without anybody's act.

        A roster that nobody settled never goes out within an hour of its call being set; one that
        was settled only after that time waits for a choice, as settling it must send nothing.
        """
        was_settled = self.roster_settled_at and self.roster_settled_at <= goes_at
        return bool(was_settled) or goes_at >= self.list_timed_at + due.NOTICE

    @property
    def needs_list_choice(self) -> bool:
        """Whether the CE Specialist has to choose what becomes of its list, while it has none."""
        is_chosen = self.list_held_at or self.list_choice == self.ListChoice.NONE
        return not is_chosen and self.list_goes_at is None

    @property
    def join_link(self) -> str:
        """Where the call is held: its own link, else the region's or the continuum's."""
        if self.link:
            return self.link
        return self.region.call_link if self.region else self.continuum.call_link


class MeetingUserObjectPermission(UserObjectPermissionBase):
    """A person on a meeting: facilitate, take notes, attend as guest."""

    content_object = models.ForeignKey(Meeting, on_delete=models.CASCADE)
