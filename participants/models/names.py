"""Every name that a participant's record has or had."""

import uuid

from django.db import models

from regions.models import Continuum

from .people import Participant


class KnownName(models.Model):
    """A name of a participant's record: the present one, or a former one.

    Written by a trigger on the participant's table, whenever a name is recorded. `token` is the
    name as that table held it, sealed for its column and row: it opens as the participant's name.
    NULL once the record was de-identified. `added_in`: the transaction that wrote the row, by
    which a process tells what it has not read yet (`participants.known_names`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="known_names")
    token = models.BinaryField(null=True)
    added_in = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["continuum", "added_in"])]

    def __str__(self) -> str:
        return f"A name of {self.participant}"
