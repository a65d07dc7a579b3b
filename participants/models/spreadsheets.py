"""Where spreadsheets come from, what their columns are, and what each said of a household last."""

import uuid
from typing import Self

import pghistory
from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from agreements.models import Agency
from regions.models import Continuum, County, Region
from vault.blind import BlindIndexField
from vault.fields import EncryptedJSONField, EncryptedTextField

from .people import Participant, none_for_confidential


class SheetSourceQuerySet(models.QuerySet["SheetSource"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(continuum__in=Continuum.objects.visible_to(user))


class SheetSource(models.Model):
    """A kind of sheet that comes again, such as a vendor's report: what its columns and words are.

    `column_meanings`: `{heading: key of a target, or ""}`. `word_meanings`: `{kind of choice:
    {word: choice}}`. What is asked once is remembered here, headings and words by their digests
    (`spreadsheets.table.remembered`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="sheet_sources")
    name = models.CharField(max_length=80)
    column_meanings = EncryptedJSONField(default=dict)
    word_meanings = EncryptedJSONField(default=dict)
    region = models.ForeignKey(Region, models.SET_NULL, null=True, blank=True, related_name="+")
    county = models.ForeignKey(County, models.SET_NULL, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    objects = SheetSourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["continuum", "name"],
                name="participants_sheetsource_name_once_per_continuum",
                violation_error_message="Another kind of sheet has this name. Choose another.",
            )
        ]

    def __str__(self) -> str:
        return self.name


# An import adds many at once.
@pghistory.track(pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent())
class SheetRecord(models.Model):
    """What one kind of sheet said of a household last, and by what it knows the household.

    `row_key`: the sheet's own number of the person; where it has none, name and birth date.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(SheetSource, models.CASCADE, related_name="records")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="sheet_records")
    row_key = EncryptedTextField(max_length=400, null=True, blank=True)
    row_key_index = BlindIndexField(purpose="sheet key", of=("row_key",), salt="source_id")
    said = EncryptedJSONField(default=dict)
    as_of = models.DateField()
    absent_on = models.DateField("missing from the sheet of", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "row_key_index"],
                name="participants_sheetrecord_key_once_per_source",
            )
        ]
        triggers = [none_for_confidential("what a spreadsheet says")]

    def __str__(self) -> str:
        return f"{self.source} on {self.participant}"
