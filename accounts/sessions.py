"""How long a session lasts, and what somebody is told whose session has ended.

The server holds both limits: 30 minutes without activity, 12 hours in all (HUD 2004, 4.3.1 asks
for automatic log-off; NIST SP 800-63B-4, 2.2.3 names the figures for AAL2). The times lie in the
session itself. Requests that a page makes by itself carry the header `X-Background: 1` and do
not count as activity.

One person works at one workstation (HUD 2004, 4.3.1: no concurrent sign-in): a sign-in ends the
others. Why a session ended is kept in the shared cache until the browser asks, or a day.
"""

import hashlib
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db.models import TextChoices
from django.http import HttpRequest
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from .access import Request

SIGNED_IN_AT = "signed_in_at"
ACTIVE_AT = "active_at"
# Activity is written down at most this often (seconds), so that not every page writes.
GRAIN = 30
REMEMBERED_FOR = 86400

logger = logging.getLogger(__name__)


class Ending(TextChoices):
    """Why a session ended otherwise than by signing out; the label is what the person is told."""

    IDLE = "idle", "You were signed out after 30 minutes without activity."
    TOO_LONG = "too_long", "You were signed out: a sign-in lasts 12 hours at most."
    ELSEWHERE = (
        "elsewhere",
        "You were signed out here because you signed in somewhere else. If that was not you, "
        "change your password at once and tell your administrator.",
    )
    PASSWORD = "password", "You were signed out because your password was changed."
    ENDED = "ended", "You were signed out here from another session of yours."
    CLOSED = (
        "closed",
        "You were signed out because your access or your role was removed.",
    )
    RESTARTED = (
        "restarted",
        "You were signed out because an administrator restarted your access. Look for an "
        "invitation in your mail.",
    )


def begin(session: SessionBase, now: float) -> None:
    """Start both clocks. `now`: seconds since the epoch, as in all of this module."""
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = int(now)


def lapsed(session: SessionBase, now: float) -> Ending | None:
    """Why this session is over (an `Ending`), or None. One that has no times is over."""
    idle, whole = seconds_by_limit(session, now)
    if whole <= 0:
        return Ending.TOO_LONG
    return Ending.IDLE if idle <= 0 else None


def seconds_left(session: SessionBase, now: float) -> int:
    """Whole seconds until the session ends if nothing more is done; never negative."""
    return max(0, int(min(seconds_by_limit(session, now))))


def seconds_by_limit(session: SessionBase, now: float) -> tuple[float, float]:
    active_at = session.get(ACTIVE_AT, 0)
    signed_in_at = session.get(SIGNED_IN_AT, 0)
    return (
        active_at + settings.SESSION_IDLE_SECONDS - now,
        signed_in_at + settings.SESSION_COOKIE_AGE - now,
    )


def note_activity(session: SessionBase, now: float, *, exactly: bool = False) -> bool:
    """Restart the idle clock; return whether anything was written."""
    if not exactly and now - session.get(ACTIVE_AT, 0) < GRAIN:
        return False
    session[ACTIVE_AT] = int(now)
    return True


def sign_out(request: "Request", ending: Ending) -> None:
    """Sign the person out because of `ending`, which those who hear of it find on the request."""
    request.session_ending = ending
    logout(request)


def is_background(request: HttpRequest) -> bool:
    """Whether the page made this request by itself, so that it does not count as activity."""
    return request.headers.get("X-Background") == "1"


def remember_ending(session_key: str, ending: Ending) -> None:
    """Keep why a session was ended, so that its browser can be told."""
    cache.set(_cache_key(session_key), str(ending), REMEMBERED_FOR)


def recall_ending(session_key: str) -> Ending | None:
    """Return why this session was ended (an `Ending`) and forget it; None if nobody ended it."""
    try:
        value = cache.get(_cache_key(session_key))
        if value:
            cache.delete(_cache_key(session_key))
    except RedisError as error:
        logger.warning("Why a session ended is not known: the cache failed (%s).", error)
        return None
    return Ending(value) if value in Ending.values else None


def _cache_key(session_key: str) -> str:
    digest = hashlib.sha256(session_key.encode()).hexdigest()
    return f"accounts.session-ending.{digest}"
