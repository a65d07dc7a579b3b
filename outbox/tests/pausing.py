"""An application for worker processes in tests: a kind of mail whose preparing can be paused."""

import os
import time
from pathlib import Path

from django.apps import AppConfig

from outbox import kinds
from outbox.kinds import Prepared

KIND = "pausing"


def prepare(message, now):
    """Say that preparing began, then wait until the file `go` is there, if asked to."""
    folder = os.environ.get("OUTBOX_TEST_PAUSE")
    if folder:
        Path(folder, "reached").touch()
        while not Path(folder, "go").exists():
            time.sleep(0.02)
    return Prepared("Region 2", "In the portal.", "<p>In the portal.</p>")


class PausingConfig(AppConfig):
    name = "outbox.tests"
    label = "outbox_tests"

    def ready(self):
        kinds.register(KIND, prepare=prepare)
