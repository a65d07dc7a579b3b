"""Browsers in which somebody signed in before, so that a stranger's guesses keep nobody out.

Wrong passwords are counted per address and source; a source is where the request comes from, or the
browser itself where it is known to this person. Beyond a higher bound an address takes passwords
from known browsers alone. (OWASP, "Slow Down Online Guessing Attacks with Device Cookies".)
"""

import secrets

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core import signing
from django.http.response import HttpResponseBase

from .access import Request
from .models import User

SALT = "accounts.known-browser"
KNOWN_FOR = 180 * 24 * 60 * 60
PEOPLE_PER_BROWSER = 5


def number_of(request: Request, email: str) -> str:
    """The number that this browser has with the person of this address; "" for a stranger to it."""
    known = _known_in(request)
    if not known:
        return ""
    user = User.objects.filter(email=email.strip().lower()).first()
    return known.get(str(user.pk), "") if user else ""


def source_of(request: Request, email: str) -> str:
    """By what an attempt to sign in to this address is counted."""
    number = number_of(request, email)
    return f"browser:{number}" if number else f"ip:{get_ip(request)}"


def remember(request: Request, response: HttpResponseBase, user: User) -> None:
    """Let the browser be known to `user`, who signed in there or proved to own the mailbox."""
    known = {key: number for key, number in _known_in(request).items() if key != str(user.pk)}
    known = dict(list(known.items())[-(PEOPLE_PER_BROWSER - 1) :])
    known[str(user.pk)] = _known_in(request).get(str(user.pk)) or secrets.token_urlsafe(16)
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps(known, salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known_in(request: Request) -> dict[str, str]:
    value = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        known = signing.loads(value, salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {}
    return known if isinstance(known, dict) else {}
