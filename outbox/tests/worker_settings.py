"""Settings of a process that a test starts: the test's database, broker and kind of mail.

The outbox alone, which starts sooner, unless `OUTBOX_TEST_WHOLE` asks for every room.
"""

import os

from conferencing.config.settings import *  # noqa: F403
from conferencing.config.settings import CELERY_BROKER_URL, DATABASES, INSTALLED_APPS

DATABASES["default"]["NAME"] = os.environ.get("OUTBOX_TEST_DATABASE", DATABASES["default"]["NAME"])
CELERY_BROKER_URL = os.environ.get("OUTBOX_TEST_BROKER", CELERY_BROKER_URL)
if not os.environ.get("OUTBOX_TEST_WHOLE"):
    INSTALLED_APPS = [
        "vault",
        "outbox",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "pgtrigger",
    ]
    AUTH_USER_MODEL = "auth.User"
    ROOT_URLCONF, urlpatterns, MIDDLEWARE = __name__, [], []
    CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
INSTALLED_APPS = [*INSTALLED_APPS, "outbox.tests.pausing.PausingConfig"]
