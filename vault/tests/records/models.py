"""Models with every kind of encrypted field, installed only while the vault's tests run."""

import uuid

import pghistory
from django.db import models

from vault.blind import BlindIndexField
from vault.fields import (
    EncryptedBinaryField,
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedTextField,
)


@pghistory.track()
class Person(models.Model):
    """Tracked, as a participant is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    continuum_id = models.UUIDField(default=uuid.UUID(int=1))
    name = EncryptedTextField(max_length=40)
    alias = EncryptedTextField(max_length=40, null=True, blank=True)
    notes = EncryptedTextField(blank=True)
    born_on = EncryptedDateField(null=True, blank=True)
    needs = EncryptedJSONField(default=dict, blank=True)
    scan = EncryptedBinaryField(null=True, blank=True)
    hmis_id = EncryptedTextField(max_length=32, blank=True, default="")
    hmis_index = BlindIndexField(purpose="hmis", of=["hmis_id"])
    status = models.CharField(max_length=20, default="active")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="alias", born_on__isnull=True)
                | ~models.Q(status="alias"),
                name="vault_records_alias_has_no_birth_date",
                violation_error_message="By alias only: no birth date.",
            )
        ]

    def __str__(self):
        return str(self.pk)


class Note(models.Model):
    """Untracked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    text = EncryptedTextField(default="")

    def __str__(self):
        return str(self.pk)
