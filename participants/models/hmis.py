"""An import of HMIS CSV, what it found, and what HMIS said of each household last."""

import uuid
from datetime import date
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from agreements.models import Agency
from regions.models import Continuum, County, Region
from vault.fields import EncryptedBinaryField, EncryptedJSONField, EncryptedTextField

from .people import Participant, none_for_confidential
from .spreadsheets import SheetSource


@pghistory.track()
class HmisProject(models.Model):
    """A project of the CoC's HMIS, and what the CoC decided about its households."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="hmis_projects")
    key = models.CharField("ProjectID", max_length=32)
    name = models.CharField(max_length=200)
    organization = models.CharField(max_length=200, blank=True)
    type_code = models.CharField("ProjectType", max_length=3, blank=True)
    kind = models.CharField("kind of project", max_length=80, blank=True)
    place = models.CharField("where it is", max_length=120, blank=True)
    is_refused = models.BooleanField(
        default=False, help_text="Of a victim service provider, or not known to be of none."
    )
    is_listed = models.BooleanField("puts its households on the by-name list", default=False)
    region = models.ForeignKey(Region, models.SET_NULL, null=True, blank=True, related_name="+")
    county = models.ForeignKey(County, models.SET_NULL, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "key"], name="participants_hmisproject_once_per_continuum"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_mapped(self) -> bool:
        return bool(self.region_id and self.agency_id)


class HmisImportQuerySet(models.QuerySet["HmisImport"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(continuum__in=Continuum.objects.visible_to(user))

    def unfinished(self) -> Self:
        return self.filter(state__in=HmisImport.UNFINISHED)

    def undoable(self, continuum: Continuum, kind: str | None = None) -> "HmisImport | None":
        """The import applied last, of this kind or of any, unless it was undone."""
        done = self.filter(continuum=continuum, applied_at__isnull=False)
        done = done.filter(kind=kind) if kind else done
        last = done.order_by("-applied_at").first()
        return last if last and last.state == HmisImport.State.APPLIED else None


class HmisImport(models.Model):
    """One export of HMIS, or one spreadsheet, on its way into the by-name list."""

    class Kind(models.TextChoices):
        HMIS = "hmis", "HMIS export"
        SHEET = "sheet", "Spreadsheet"

    class State(models.TextChoices):
        MATCHING = "matching", "Columns to match"
        WAITING = "waiting", "Waiting to be read"
        READING = "reading", "Being read"
        READY = "ready", "Ready to review"
        CONFIRMED = "confirmed", "Being applied"
        APPLIED = "applied", "Applied"
        SAME = "same", "Nothing to change"
        UNDONE = "undone", "Undone"
        DISCARDED = "discarded", "Discarded"
        FAILED = "failed", "Not imported"

    UNFINISHED = (State.MATCHING, State.WAITING, State.READING, State.READY, State.CONFIRMED)
    MOVING = (State.WAITING, State.READING, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="hmis_imports")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.HMIS)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    sheet_source = models.ForeignKey(
        SheetSource, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sheet_settings = EncryptedJSONField(
        "of a spreadsheet: which rows and columns are read", null=True, blank=True
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)
    as_of = models.DateField("as of", null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    software = models.CharField(max_length=120, blank=True)
    csv_version = models.CharField(max_length=40, blank=True)
    exported_on = models.DateField(null=True, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    progress_file = models.CharField(max_length=60, blank=True)
    progress_rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    stops = models.JSONField(default=list, blank=True)
    failure = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HmisImportQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum"],
                condition=Q(state__in=("matching", "waiting", "reading", "ready", "confirmed")),
                name="participants_hmisimport_one_unfinished",
                violation_error_message=(
                    "Another import is not finished. Apply it or discard it first."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, import of {self.started_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("imports:import_detail", args=[self.pk])

    @property
    def brought_to(self) -> date:
        """The day that the list is brought to, once the export was read."""
        if self.as_of is None:
            raise ValueError("not read yet")
        return self.as_of

    @property
    def is_sheet(self) -> bool:
        return self.kind == self.Kind.SHEET

    @property
    def is_moving(self) -> bool:
        return self.state in self.MOVING


class HmisUploadPart(models.Model):
    """A piece of an uploaded file, sealed; destroyed when the import is done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hmis_import = models.ForeignKey(HmisImport, models.CASCADE, related_name="parts")
    file_name = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    content = EncryptedBinaryField()

    class Meta:
        ordering = ["file_name", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["hmis_import", "file_name", "number"],
                name="participants_hmisuploadpart_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, part {self.number}"


class HmisLine(models.Model):
    """One household of an import that needs something done, and afterward what was done."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        ABSENT = "absent", "Not in this export"
        DUPLICATE = "duplicate", "Possible duplicate"
        HOUSED = "housed", "Perhaps housed"

    class Decision(models.TextChoices):
        WAIT = "", "Leave it out for now"
        JOIN = "join", "The same person: join them"
        ADD = "add", "Somebody else: add them"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hmis_import = models.ForeignKey(HmisImport, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    participant = models.ForeignKey(
        Participant, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(
        max_length=8, choices=Decision.choices, blank=True, default=Decision.WAIT
    )
    said = EncryptedJSONField(default=dict)
    changes = EncryptedJSONField(default=list)
    former = EncryptedJSONField(default=dict)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["hmis_import", "kind", "number"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, line {self.number}"


class HmisRefusal(models.Model):
    """A row, or a file, that was not taken: where and why, never what it says of a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hmis_import = models.ForeignKey(HmisImport, models.CASCADE, related_name="refusals")
    number = models.PositiveIntegerField()
    file_name = models.CharField(max_length=60)
    line = models.PositiveIntegerField(null=True, blank=True)
    column = models.CharField(max_length=60, blank=True)
    shape = models.CharField(max_length=60, blank=True)
    ids = EncryptedTextField("ids in HMIS", max_length=200, null=True, blank=True)
    problem = models.CharField(max_length=200)
    remedy = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.file_name}, line {self.line}"


# An import adds many at once.
@pghistory.track(pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent())
class HmisRecord(models.Model):
    """What HMIS said of a participant last, field by field, and as of when."""

    participant = models.OneToOneField(
        Participant, models.CASCADE, related_name="hmis", primary_key=True
    )
    said = EncryptedJSONField(default=dict)
    as_of = models.DateField()
    absent_on = models.DateField("missing from the export of", null=True, blank=True)
    left_on = models.DateField("without an open enrollment since", null=True, blank=True)
    perhaps_housed_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["absent_on"]), models.Index(fields=["left_on"])]
        triggers = [none_for_confidential("what HMIS says")]

    def __str__(self) -> str:
        return f"HMIS on {self.participant}"
