"""Password-reset tokens that are the same each time the mail is written."""

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Django's generator; with `at`, as if it had been asked at that time.

    The mail is written when it is sent, perhaps more than once, and must then say the same. The
    token depends on the password and the last sign-in, so that it works once.
    """

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__()
        self.at = at

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.at.timestamp()) if self.at else super()._now()
