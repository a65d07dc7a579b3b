"""Checks of the key ring (`manage.py check`)."""

from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from vault import keys


def check_field_keys(app_configs, **kwargs):
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
