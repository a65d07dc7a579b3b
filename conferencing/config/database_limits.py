"""How long a database connection waits, so that one hung transaction stops nobody else's page.

PostgreSQL itself waits for ever: a laptop that sleeps inside a transaction, or a network that
broke in the middle of one, would hold the audit's lock, and with it every page that records a
look. A page therefore gives up after seconds and says so (503, with Retry-After), and whoever is
idle inside a transaction is put out.
"""

import sys

from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import get_template

RETRY_AFTER_SECONDS = 5


class _Process:
    """Whether this process serves pages; workers and commands may wait longer."""

    serves_pages = False


def serve_pages() -> None:
    """Have the connections of this process keep to the limits of pages."""
    _Process.serves_pages = True


def limit_connection(sender: object, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Set the limits on a new connection."""
    limits = settings.PAGE_LIMITS if _Process.serves_pages else settings.PATIENT_LIMITS
    set_limits(connection, limits)


def set_limits(connection: BaseDatabaseWrapper, limits: dict[str, int]) -> None:
    """Set limits, in seconds (0: none), for the rest of the connection."""
    with connection.cursor() as cursor:
        for name, seconds in limits.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, f"{seconds * 1000}"])


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error; 503 and when to come again if the database could not serve it.

    Django calls it while the error is handled. Without the page's usual context, which asks the
    database.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError):
        response = HttpResponse(get_template("503.html").render(), status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return HttpResponseServerError(get_template("500.html").render())
