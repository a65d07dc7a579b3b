"""What housing programs ask of a household beyond what the by-name list holds."""

import uuid

from django.conf import settings
from django.db import models

from participants.models import Participant
from participants.models.people import none_for_confidential
from regions.models import Continuum
from vault.fields import EncryptedJSONField


class HousingAnswers(models.Model):
    """A household's answers to what housing programs ask, sealed; what is missing is not known.

    `given`: `{fact: answer}` by the keys of `housing.facts.ANSWERS`. Of a victim service provider's
    household the database keeps none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="+")
    participant = models.OneToOneField(Participant, models.CASCADE, related_name="housing_answers")
    given = EncryptedJSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "housing answers"
        triggers = [none_for_confidential("answers for housing programs")]

    def __str__(self) -> str:
        return f"Housing answers of {self.participant}"
