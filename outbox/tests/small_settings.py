"""Settings of a small system with a database of its own, which a test may restart."""

from conferencing.config.settings import *  # noqa: F403

INSTALLED_APPS = ["outbox", "django.contrib.auth", "django.contrib.contenttypes", "pgtrigger"]
AUTH_USER_MODEL = "auth.User"
MIDDLEWARE = []
