"""Every name that a participant's record has or had, and of which of its heads."""

import uuid

from django.db import models

from regions.models import Continuum
from vault.fields import EncryptedTextField

from .households import HeadChange
from .people import Participant
from .releases import Release


class FormerHead(models.Model):
    """Somebody who headed the household before, or did until an import was undone.

    `releases`: what they signed while they headed it, which covers their own names on. `change`: by
    which another person came to head it; none where an undo took that one back. `hmis_id`: by which
    HMIS knew them then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="former_heads")
    releases = models.ManyToManyField(Release, blank=True, related_name="+")
    change = models.OneToOneField(
        HeadChange, models.SET_NULL, null=True, blank=True, related_name="former_head"
    )
    hmis_id = EncryptedTextField("HMIS ID", max_length=32, null=True, blank=True)

    def __str__(self) -> str:
        return f"A former head of {self.participant}"


class KnownName(models.Model):
    """A name of a participant's record: the present one, or a former one.

    Written by a trigger on the participant's table, whenever a name is recorded. `token` is the
    name as that table held it, sealed for its column and row: it opens as the participant's name.
    NULL once the record was de-identified. `former_head`: who is called so; NULL for the head of
    now. `added_in`: the transaction that wrote the row, by which a process tells what it has not
    read yet (`participants.known_names`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="known_names")
    former_head = models.ForeignKey(
        FormerHead, models.RESTRICT, null=True, blank=True, related_name="names"
    )
    token = models.BinaryField(null=True)
    added_in = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["continuum", "added_in"])]

    def __str__(self) -> str:
        return f"A name of {self.participant}"
