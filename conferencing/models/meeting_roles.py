"""Who facilitates a call and who takes notes, and how a role is handed on."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Self

import pghistory
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from agreements.models import Agency, StaffMember
from vault.fields import EncryptedTextField

from .meetings import Meeting, not_over


class MeetingRoleQuerySet(models.QuerySet["MeetingRole"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Roles at the meetings of the user's own continuum."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def upcoming(self, now: datetime) -> Self:
        """At calls that are still to come or not closed yet, the next one first."""
        return self.filter(
            not_over(now, "meeting__"), meeting__state=Meeting.State.PLANNED
        ).order_by("meeting__starts_at", "role")

    def unnamed(self) -> Self:
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

    TURNS = (Role.FACILITATOR, Role.NOTE_TAKER)  # that every call has
    WRITERS = (Role.NOTE_TAKER,)

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

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.agency}"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.meeting.continuum_id

    @property
    def permission(self) -> str:
        """What its person may do at the meeting, by django-guardian."""
        writes = self.role in self.WRITERS
        return f"conferencing.{'take_notes_in' if writes else 'facilitate'}_meeting"

    @classmethod
    def by_role(cls, given: "Iterable[MeetingRole]") -> "dict[Role, MeetingRole | None]":
        """Who has which role of a call; of those that every call has, also which nobody has."""
        found = {cls.Role(each.role): each for each in given}
        return {role: found.get(role) for role in cls.Role if role in found or role in cls.TURNS}


class RoleSwapQuerySet(models.QuerySet["RoleSwap"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Swaps at the calls of the user's own continuum."""
        return self.filter(role__in=MeetingRole.objects.visible_to(user))

    def waiting(self, now: datetime) -> Self:
        """Not answered yet, of calls that are not over."""
        return self.filter(
            answer=RoleSwap.Answer.WAITING,
            role__meeting__state=Meeting.State.PLANNED,
            role__meeting__ends_at__gte=now,
        )


class RoleSwap(models.Model):
    """Whoever cannot come proposes somebody else for the role; who accepts has it at once.

    Source: River Valleys, “Roles”: whoever cannot serve finds a replacement and informs the
    CE Specialist.
    """

    class Answer(models.TextChoices):
        WAITING = "waiting", "Not answered yet"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"
        OVERTAKEN = "overtaken", "The role was changed meanwhile"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.ForeignKey(MeetingRole, models.CASCADE, related_name="swaps")
    proposed_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    to = models.ForeignKey(StaffMember, models.PROTECT, related_name="swaps_asked")
    words = EncryptedTextField("a message to them", max_length=300, null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = RoleSwapQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["role"],
                condition=Q(answer="waiting"),
                name="conferencing_roleswap_one_waiting_per_role",
                violation_error_message="Somebody is asked already. Take that back first.",
            ),
            models.CheckConstraint(
                condition=Q(answer="waiting", answered_at__isnull=True)
                | (~Q(answer="waiting") & Q(answered_at__isnull=False)),
                name="conferencing_roleswap_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.to}?"

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.role.continuum_id

    def is_waiting(self, now: datetime) -> bool:
        """Whether it can still be answered: the call is planned and not over."""
        meeting = self.role.meeting
        return (
            self.answer == self.Answer.WAITING
            and meeting.state == Meeting.State.PLANNED
            and meeting.ends_at >= now
        )
