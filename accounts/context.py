"""What every page knows about signing in."""

import time

from django.conf import settings

from . import sessions, undo
from .access import Request
from .pages import passkey_problem


def sign_in(request: Request) -> dict[str, object]:
    """For templates.

    `second_factor_required`: False is said on every page. `session_idle_seconds`: how long this
    session lasts from now on if nothing more is done; `session_idle_limit`: how long any lasts
    without activity; both only for somebody who is signed in. `passkey_problem`: why no passkey
    can work at this address, asked only where a page shows it. `undo_offered`: what can be undone
    on this page.
    """
    page: dict[str, object] = {
        "second_factor_required": settings.SECOND_FACTOR_REQUIRED,
        "passkey_problem": lambda: passkey_problem(request),
        "undo_offered": None,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        page["undo_offered"] = lambda: undo.offered(request)
        page["session_idle_limit"] = settings.SESSION_IDLE_SECONDS
        page["session_idle_seconds"] = sessions.seconds_left(request.session, time.time())
    return page
