"""What is open, from when, until when, and for how many."""

import uuid
from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse

from accounts.models import User
from regions.models import Continuum, County
from regions.words import plural

from .programs import Program

MOST_UNITS, MOST_BEDROOMS = 200, 10
# The states in which a referral holds a unit.
HOLDING = ("accepted", "acknowledged", "enrolled")
# A bed or a voucher has no bedrooms of its own.
WITHOUT_ROOMS: dict[str, str] = {Program.Kind.SHELTER: "place", Program.Kind.VOUCHER: "voucher"}


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Openings of the user's own continuum."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(program__continuum__in=Continuum.objects.visible_to(user))

    def unsettled(self) -> Self:
        """Those with a unit that nobody has: upcoming, open or held."""
        return self.filter(withdrawn_on__isnull=True, filled__lt=F("units"))

    def with_held(self) -> Self:
        """Each with `held_units`: how many referrals hold that nobody has moved into yet."""
        holding = Q(referrals__state__in=HOLDING)
        counted = self.annotate(held_units=Count("referrals", filter=holding))
        return counted.order_by("fill_by", "free_from", "pk")  # a count forgets the order

    def on_offer(self, on: date) -> Self:
        """Those that a household may be matched with on a day: upcoming ones too, held ones not."""
        free = Q(held_until__isnull=True) | Q(held_until__lt=on)
        rows = self.unsettled().filter(free, program__closed_on__isnull=True)
        return rows.with_held().filter(filled__lt=F("units") - F("held_units"))

    def past_their_day(self, on: date) -> Self:
        """Those that were to be filled before a day, and are not."""
        return self.unsettled().filter(fill_by__lt=on)


# The history keeps no words about a unit: a program's place may become confidential later.
@pghistory.track(exclude=["unit"])
class Opening(models.Model):
    """One or several units alike of a program, that a household may move into.

    `filled`: how many of the units somebody has. `unit`: which one, in words; empty where
    the program's place is confidential, and the database refuses any.
    """

    class State(models.TextChoices):
        UPCOMING = "upcoming", "Upcoming"
        OPEN = "open", "Open"
        HELD = "held", "Held"
        FILLED = "filled", "Filled"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Access(models.TextChoices):
        NOT_KNOWN = "", "Not known"
        NONE = "none", "Stairs, no special features"
        STEP_FREE = "step_free", "No steps"
        WHEELCHAIR = "wheelchair", "Built for a wheelchair"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="openings")
    unit = models.CharField(max_length=120, blank=True, default="")
    county = models.ForeignKey(County, models.PROTECT, related_name="openings")
    units = models.PositiveSmallIntegerField(
        "how many alike",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_UNITS)],
    )
    filled = models.PositiveSmallIntegerField("units filled", default=0, editable=False)
    bedrooms = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_BEDROOMS)]
    )
    access = models.CharField(
        "access", max_length=12, choices=Access.choices, blank=True, default=""
    )
    rent = models.PositiveIntegerField("rent a month, in dollars", null=True, blank=True)
    contact = models.CharField(max_length=120, blank=True, default="")
    free_from = models.DateField()
    fill_by = models.DateField()
    held_until = models.DateField(null=True, blank=True, editable=False)
    withdrawn_on = models.DateField(null=True, blank=True, editable=False)
    settled_on = models.DateField("filled on", null=True, blank=True, editable=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = OpeningQuerySet.as_manager()

    held_units: int  # with_held

    class Meta:
        ordering = ["fill_by", "free_from", "pk"]
        indexes = [models.Index(fields=["program", "fill_by"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(filled__lte=F("units")), name="housing_opening_filled_at_most_units"
            ),
            models.CheckConstraint(
                condition=Q(fill_by__gte=F("free_from")),
                name="housing_opening_filled_after_free",
                violation_error_message="“To be filled by” must not be before “Free from”.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_unit_where_confidential",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=~pgtrigger.Q(new__unit=""),
                func="""
                    IF (SELECT is_confidential FROM housing_program WHERE id = NEW.program_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE =
                            'no words about a unit of a program whose place is confidential';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.program}, {self.in_words}"

    def get_absolute_url(self) -> str:
        return reverse("housing:opening_detail", args=[self.pk])

    @property
    def continuum_id(self) -> uuid.UUID:
        return self.program.continuum_id

    @property
    def left(self) -> int:
        """How many units nobody has."""
        return self.units - self.filled

    @property
    def in_words(self) -> str:
        """2 units, 1 bedroom; 3 places; 1 voucher."""
        if self.program.kind in WITHOUT_ROOMS:
            return plural(self.units, WITHOUT_ROOMS[self.program.kind])
        rooms = {None: "bedrooms not known", 0: "studio"}.get(self.bedrooms)
        what = rooms or plural(self.bedrooms or 0, "bedroom")
        return f"{plural(self.units, 'unit')}, {what}" if self.units > 1 else what

    def state(self, on: date) -> State:
        """What it is on a day: a hold ends by itself, and what is to come opens by itself.

        Of one that was read `with_held`, units that referrals hold are held, too.
        """
        if self.withdrawn_on:
            return self.State.WITHDRAWN
        if not self.left:
            return self.State.FILLED
        is_held = self.held_until is not None and self.held_until >= on
        if is_held or getattr(self, "held_units", 0) >= self.left:
            return self.State.HELD
        return self.State.UPCOMING if self.free_from > on else self.State.OPEN

    def is_past(self, on: date) -> bool:
        """Whether it was to be filled before a day, and is not."""
        return self.fill_by < on and self.left > 0 and not self.withdrawn_on
