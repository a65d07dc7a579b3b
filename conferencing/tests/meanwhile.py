"""Two at once, in a known order: what one act does while another waits for its row."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.db import connection, transaction

PATIENCE = 20  # seconds
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple'))
"""


def meanwhile(change, act):
    """Run `act`; while it waits for a row that `change` has locked, let that be committed."""
    has_locked = Event()

    def change_first():
        try:
            with transaction.atomic():
                change()
                has_locked.set()
                wait_for_the_other()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(change_first)
        assert has_locked.wait(PATIENCE)
        try:
            return act()
        finally:
            running.result()


def wait_for_the_other():
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(SOMEBODY_WAITS)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("The other act waited for nothing.")
