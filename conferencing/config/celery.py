"""The Celery application: `celery -A conferencing`."""

import logging
import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conferencing.config.settings")

log = logging.getLogger(__name__)

app = Celery("conferencing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def ask_keys_of_worker(**kwargs: object) -> None:
    """A worker whose keys are not the database's does not start (see `vault.key_checks`)."""
    refuse_wrong_keys()


@beat_init.connect
def begin_beat(**kwargs: object) -> None:
    """Beat asks the keys as well, and has the first tick run at once, not in a minute.

    A beat that is restarted again and again would otherwise never tick.
    """
    refuse_wrong_keys()
    try:
        app.send_task("outbox.tick", retry=False)
    except Exception as error:
        log.warning("The broker took no first tick (%s).", type(error).__name__)


def refuse_wrong_keys() -> None:
    from vault import key_checks, keys

    try:
        key_checks.examine_at_start()
    except keys.KeysRefused as refused:
        raise SystemExit(f"error: {refused}") from None
