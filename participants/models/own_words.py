"""Which words of a stored text one person typed, so that they read those as they typed them."""

import uuid

from django.conf import settings
from django.db import models


class OwnWords(models.Model):
    """That a person typed a text, or parts of it, at the place where it is stored.

    `mark`: a blind index of the place (model, column and row) and of the text as it stands there.
    A text that was changed by a way that does not know of this table has another mark, so that
    nothing is taken for anybody's own. `spans`: from where to where the person `typed`, and what
    they `saw` when they saved; NULL: all of it. Holds no words. Every page reads the marks of its
    reader's texts as they stand now; `is_former` ones are bound to a revision besides, and read by
    the page that shows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mark = models.BinaryField()
    spans = models.JSONField(null=True)
    is_former = models.BooleanField(
        default=False, help_text="Of one revision of the row: asked for by its history alone."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark", "person"], name="participants_own_words_once_per_person"
            )
        ]
        indexes = [
            models.Index(
                fields=["person"],
                condition=models.Q(is_former=False),
                name="participants_own_words_now",
            )
        ]

    def __str__(self) -> str:
        return "Words of one's own"
