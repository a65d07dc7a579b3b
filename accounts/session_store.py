"""Sessions in PostgreSQL, each read together with its person.

The extension that Django documents ("Extending database-backed session engines"). What is loaded
beside the person is said by `settings.SIGNED_IN_WITH`, as this room knows no upper one.
"""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

if TYPE_CHECKING:
    from .models import Session, User


class SessionStore(db.SessionStore):
    """`owner`: the person of the loaded session, or None."""

    owner: "User | None" = None

    @classmethod
    def get_model_class(cls) -> "type[Session]":
        from .models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":  # Any: as Django keeps it
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        return row

    def load(self) -> dict[str, Any]:  # Any: as Django keeps it
        row = (
            cast("type[Session]", self.model)
            .objects.filter(session_key=self.session_key, expire_date__gt=timezone.now())
            .select_related("user", *(f"user__{each}" for each in settings.SIGNED_IN_WITH))
            .first()
        )
        if row is None:
            self._session_key = None
            return {}
        self.owner = row.user
        return self.decode(row.session_data)
