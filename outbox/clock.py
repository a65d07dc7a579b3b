"""The one clock of all machines: PostgreSQL's. Leases and retries are compared by it alone."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection

Clock = Callable[[], datetime]


def database_now() -> datetime:
    """Return the database's time of this instant, also inside a transaction.

    Two machines whose clocks differ by minutes would take a living worker's lease for one that
    ran out, and send a mail twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
