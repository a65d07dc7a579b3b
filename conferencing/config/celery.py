"""The Celery application: `celery -A conferencing`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conferencing.config.settings")

app = Celery("conferencing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
