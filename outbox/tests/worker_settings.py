"""Settings of a worker process in a test: the test's database and the test's own broker."""

import os

from conferencing.config.settings import *  # noqa: F403
from conferencing.config.settings import DATABASES, INSTALLED_APPS

DATABASES["default"]["NAME"] = os.environ["OUTBOX_TEST_DATABASE"]
CELERY_BROKER_URL = os.environ["OUTBOX_TEST_BROKER"]
INSTALLED_APPS = [*INSTALLED_APPS, "outbox.tests.pausing.PausingConfig"]
