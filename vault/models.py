"""What is kept of each key, so that another one under its id is found before it writes."""

from django.db import models


class KeyCheck(models.Model):
    """A key that this database knows: its check value, and whether something is sealed by it.

    The check value is derived from the key by a purpose of its own (`vault.keys`), tells nothing
    of the key, and is the same each time.
    """

    key_id = models.CharField(primary_key=True, max_length=16)
    value = models.BinaryField(max_length=32)
    has_sealed = models.BooleanField(
        default=False, help_text="It was the newest key of a process, so that values may need it."
    )
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(key_id__regex=r"^[A-Za-z0-9_-]{1,16}$"),
                name="vault_keycheck_id_is_one",
            )
        ]

    def __str__(self) -> str:
        return self.key_id
