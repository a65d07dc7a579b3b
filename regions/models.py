"""The continuum (CoC), its regions and counties, when it calls, and who belongs to it."""

import uuid
from datetime import date
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import User
from regions.calling import Rule
from regions.closed_days import check_closed_days
from regions.holidays import Offices, offices_of


class ContinuumQuerySet(models.QuerySet["Continuum"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The one continuum that `user` belongs to; each is blind to the others."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user, memberships__user__is_active=True)


OPENING_WORDS = (
    "What is said in this meeting is confidential. Talk about a household only with people who "
    "need to know. No one records this meeting. No AI note taker and no transcription app is in "
    "the room. If you see one, say so now."
)


@pghistory.track()
class Continuum(models.Model):
    """A HUD Continuum of Care with its own procedure, for example River Valleys MN-502."""

    class ExportBy(models.TextChoices):
        PARTNERS = "partners", "Everyone whose agreement and statement are current"
        SPECIALISTS = "specialists", "CE Specialists only"

    # What one form changes of it; beside that each setting has its own.
    SET_UP = (
        "call_link",
        "non_disclosure_words",
        "purpose",
        "ground_rules",
        "opening_words",
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField("HUD code", max_length=10, unique=True)
    name = models.CharField(max_length=120)
    zone = models.CharField("time zone", max_length=64, help_text="IANA name")
    is_example = models.BooleanField(default=False)
    lead_days = models.PositiveSmallIntegerField(
        "list sent at least (days before)",
        default=2,
        validators=[MinValueValidator(2), MaxValueValidator(30)],
    )
    closed_days = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        validators=[check_closed_days],
        help_text="Closed days of its own beside the federal holidays (regions.closed_days).",
    )
    requires_agency_agreement = models.BooleanField(default=True)
    non_disclosure_words = models.TextField()
    call_link = models.URLField("link to the CoC-wide call", blank=True)
    purpose = models.TextField(blank=True)
    ground_rules = models.TextField(blank=True)
    opening_words = models.TextField(
        "words read out when a call opens", blank=True, default=OPENING_WORDS
    )
    export_by = models.CharField(
        "who may take the by-name list and minutes out as files",
        max_length=12,
        choices=ExportBy,
        default=ExportBy.PARTNERS,
        db_default=ExportBy.PARTNERS,
    )
    sends_minutes = models.BooleanField(
        "mails the minutes of a call",
        default=False,
        help_text="Once the call is closed, a locked copy goes to everyone who was there and has "
        "current paperwork.",
    )

    specialists_see_names_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when its CE Specialists see all names; empty: they do not.",
    )
    specialists_see_names_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    specialists_see_names_why = models.TextField(
        "words of the continuum's release that say so", blank=True, editable=False
    )
    guests_see_barriers = models.BooleanField(
        "participants who are guests see their barriers", default=False, db_default=False
    )
    guests_see_notes = models.BooleanField(
        "participants who are guests see the notes", default=False, db_default=False
    )

    objects = ContinuumQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "continuums"
        ordering = ["code"]
        permissions = [
            ("plan_calls", "Plan calls, regions and review criteria"),
            ("choose_who_sees_names", "Choose whether CE Specialists see all names"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    specialists_see_names_since__isnull=True,
                    specialists_see_names_by__isnull=True,
                    specialists_see_names_why="",
                )
                | (
                    models.Q(
                        specialists_see_names_since__isnull=False,
                        specialists_see_names_by__isnull=False,
                    )
                    & ~models.Q(specialists_see_names_why="")
                ),
                name="regions_continuum_names_chosen_as_a_whole",
                violation_error_message="Say which words of the release let specialists see names.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.id

    @property
    def words_at_opening(self) -> str:
        """What is read out when a call opens; the standard words where it wrote none."""
        return self.opening_words.strip() or OPENING_WORDS

    @property
    def offices(self) -> Offices:
        """Its working days: what `regions.holidays` asks."""
        return offices_of(self.closed_days)


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(continuum__in=Continuum.objects.visible_to(user))


@pghistory.track()
class Region(models.Model):
    """A group of counties with its own monthly call."""

    SET_UP = ("name", "minutes_per_household", "call_link")  # what its form changes

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="regions")
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=1)
    minutes_per_household = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    call_link = models.URLField("link to the call", blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "name"],
                name="regions_region_name_once_per_continuum",
                violation_error_message="This continuum already has a region of that name.",
            )
        ]
        permissions = [("take_part_in_region", "Take part in the region's calls")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("regions:region_detail", args=[self.pk])


class RegionUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Region, on_delete=models.CASCADE)


class RegionGroupObjectPermission(GroupObjectPermissionBase):
    """An agency's group on a region: the agency takes part in its calls."""

    content_object = models.ForeignKey(Region, on_delete=models.CASCADE)


class County(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="counties")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "counties"
        constraints = [
            models.UniqueConstraint(
                fields=["region", "name"], name="regions_county_once_per_region"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.region.continuum_id


def every_month() -> list[int]:
    return list(range(1, 13))


@pghistory.track()
class CallingRule(models.Model):
    """When a region calls each month; without a region, when the whole continuum calls.

    A CoC-wide rule replaces the regional calls of its months (River Valleys, “Frequency”).
    """

    class Week(models.IntegerChoices):
        FIRST = 1, "1st"
        SECOND = 2, "2nd"
        THIRD = 3, "3rd"
        FOURTH = 4, "4th"
        LAST = -1, "last"

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="calling_rules")
    region = models.OneToOneField(
        Region, models.CASCADE, null=True, blank=True, related_name="calling_rule"
    )
    week = models.SmallIntegerField("week of the month", choices=Week.choices)
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    months = ArrayField(models.PositiveSmallIntegerField(), default=every_month)
    starts = models.TimeField("start time")
    minutes = models.PositiveSmallIntegerField(
        "length in minutes",
        default=60,
        validators=[MinValueValidator(15), MaxValueValidator(480)],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["continuum"],
                condition=models.Q(region__isnull=True),
                name="regions_callingrule_one_coc_wide_per_continuum",
                violation_error_message="This continuum already has a CoC-wide rule.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_week_display()} {self.get_weekday_display()}"

    def as_rule(self) -> Rule:
        """The rule as `regions.calling` computes with it."""
        return Rule(
            week=self.week,
            weekday=self.weekday,
            months=frozenset(self.months),
            starts=self.starts,
            minutes=self.minutes,
            zone=self.continuum.zone,
        )


class ReviewCriterion(models.Model):
    """One of a region's reasons for putting a household on the roster, in order of weight."""

    class Kind(models.TextChoices):
        UNSHELTERED = "unsheltered", "Not in a place meant for habitation"
        LONGEST = "longest", "Longest on the list"
        YOUTH = "youth", "Youth (under 25)"
        VETERAN = "veteran", "Veteran"
        MINORS = "minors", "Family with minors"
        REFERRAL = "referral", "Active referral"
        SHELTER_NEED = "shelter_need", "Shelter or diversion need"
        PRIORITIZED = "prioritized", "Being prioritized for housing"
        OVERDUE_STEP = "overdue_step", "Overdue or critical action item"
        NOT_REVIEWED = "not_reviewed", "Not reviewed for some months"
        CARRIED_OVER = "carried_over", "Carried over, not reached last time"
        NOMINATED = "nominated", "Nominated by an agency"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.CASCADE, related_name="criteria")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    position = models.PositiveSmallIntegerField()
    is_used = models.BooleanField(default=True)
    number = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="How many households (longest) or how many months (not reviewed).",
    )

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "review criteria"
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind"], name="regions_reviewcriterion_kind_once_per_region"
            ),
            models.UniqueConstraint(
                fields=["region", "position"],
                name="regions_reviewcriterion_position_once_per_region",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def specialists_of(self, continuum: Continuum | uuid.UUID | None) -> Self:
        return self.filter(continuum=continuum, is_specialist=True, user__is_active=True)

    def administrators_of(self, continuum: Continuum | uuid.UUID | None) -> Self:
        return self.filter(continuum=continuum, is_administrator=True, user__is_active=True)


@pghistory.track()
class Membership(models.Model):
    """A person's one continuum, and their role in it. Providers hold neither role."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership", primary_key=True
    )
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="memberships")
    is_specialist = models.BooleanField("CE Specialist", default=False)
    is_administrator = models.BooleanField("administrator", default=False)
    is_guest = models.BooleanField(
        "guest of a call",
        default=False,
        editable=False,
        help_text="Was invited to a review of their own; without a role or place that is all.",
    )
    since = models.DateField(default=date.today)

    objects = MembershipQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} · {self.continuum}"
