"""Checks of the key ring (`manage.py check`)."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from vault import key_checks, keys


def check_field_keys(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Refuse to start on a key ring that cannot be read; the message never holds a key."""
    try:
        keys.ring()
    except ImproperlyConfigured as error:
        return [
            Error(
                str(error),
                hint='Each key: python -c "import base64, os; '
                'print(base64.urlsafe_b64encode(os.urandom(32)).decode())"',
                id="vault.E010",
            )
        ]
    return []


def check_keys_of_database(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Compare the key ring with the keys that sealed the database, if it answers."""
    try:
        key_checks.examine()
    except keys.KeysRefused as error:
        return [Error(str(error), id="vault.E011")]
    except (DatabaseError, ImproperlyConfigured):
        return []  # not reachable from here; the first connection of each process asks
    return []
