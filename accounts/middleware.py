"""What holds for every request: headers, sign-in, time limits, second factor."""

import logging
import time
from collections.abc import Callable
from typing import Any, cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from redis.exceptions import RedisError

from . import held_forms, known_browsers, sessions
from .access import Request
from .factors import has_second_factor
from .models import HeldForm, User
from .pages import page_of, send_to
from .session_store import SessionStore
from .sessions import Ending

GetResponse = Callable[[Request], HttpResponseBase]
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "browsing-topics",
                "camera",
                "display-capture",
                "encrypted-media",
                "gamepad",
                "geolocation",
                "gyroscope",
                "hid",
                "idle-detection",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "picture-in-picture",
                "screen-wake-lock",
                "serial",
                "usb",
                "xr-spatial-tracking",
            )
        ),
        "clipboard-write=(self)",
        "fullscreen=(self)",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
# Where somebody without the required second factor may go, besides pages open to all.
ENROLMENT = {
    "accounts:second_factor_add",
    "accounts:session_ping",
    "account_reauthenticate",
    "account_change_password",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
}

logger = logging.getLogger(__name__)


class HeadMiddleware:
    """Answers HEAD as GET is answered, without the body (RFC 9110, 9.3.2).

    Mail servers that look at the links of a mail before they deliver it ask so, and take anything
    but an answer for a broken link.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        if isinstance(response, StreamingHttpResponse):
            response.close()
            response.streaming_content = []
        elif isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


class HeadersMiddleware:
    """Headers on every answer, static files included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PersonMiddleware(AuthenticationMiddleware):
    """Takes the person from the session's own row, where both came in one query."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        lazy: Any = SimpleLazyObject(lambda: person_of(request))  # Any: behaves as the person
        request.user = lazy


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """The person of the request's session, by the same tests as `django.contrib.auth.get_user`.

    Whatever does not pass all of them is left to that function, which ends such a session.
    """
    known: User | AnonymousUser | None = getattr(request, "_cached_user", None)
    if known is None:
        session = cast(SessionStore, request.session)
        key, backend = session.get(auth.SESSION_KEY), session.get(auth.BACKEND_SESSION_KEY)
        owner = session.owner
        is_whole = (
            owner is not None
            and owner.is_active
            and str(owner.pk) == key
            and backend in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(
                session.get(auth.HASH_SESSION_KEY, ""), owner.get_session_auth_hash()
            )
        )
        known = owner if owner is not None and is_whole else auth.get_user(request)
        request._cached_user = known  # type: ignore[attr-defined]  # where Django keeps it
    return known


class SessionLimitsMiddleware:
    """Ends sessions that are over, says why, and keeps what was shown out of caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        now = time.time()
        was_signed_in = request.user.is_authenticated
        ending = self.end_if_over(request, now) if was_signed_in else self.recall(request)
        if ending:
            messages.warning(request, ending.label)
        elif was_signed_in and not sessions.is_background(request):
            note_activity(request, now)
        response = self.get_response(request)
        if user := getattr(request, "becomes_known_to", None):
            known_browsers.remember(request, response, user)
        has_no_token = settings.CSRF_COOKIE_NAME not in request.COOKIES
        if was_signed_in and has_no_token and request.user.is_authenticated:
            held_forms.note_page_owner(request, request.user)
        if was_signed_in:
            response.headers["Cache-Control"] = "no-store, private"
            patch_vary_headers(response, ["Cookie"])
        if ending:
            # Not "storage": what was typed and not yet sent may lie there, encrypted.
            response.headers["Clear-Site-Data"] = '"cache"'
        elif was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def end_if_over(self, request: Request, now: float) -> Ending | None:
        ending = sessions.lapsed(request.session, now)
        if ending:
            sessions.sign_out(request, ending)
        return ending

    def recall(self, request: Request) -> Ending | None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not key or request.session.session_key:
            return None
        return sessions.recall_ending(key)


def note_activity(request: Request, now: float, *, exactly: bool = False) -> None:
    """Restart the idle clock of the person's session, and show it in the list of sessions."""
    if sessions.note_activity(request.session, now, exactly=exactly):
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=timezone.now()
        )


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Denies by default; leads to the sign-in page and from there back to the page.

    What a form held meanwhile waits for the person for whom its page was made.
    """

    def handle_no_permission(  # type: ignore[override]  # it answers scripts, too
        self,
        request: Request,  # type: ignore[override]  # what came through this room
        view_func: Callable[..., HttpResponseBase],
    ) -> HttpResponse:
        held = held_forms.hold(request)
        back = held.path if held else page_of(request)
        return send_to(request, reverse(self.get_login_url(view_func)), next=back)


class SecondFactorMiddleware:
    """Whoever lacks the required second factor can do nothing but add one, or sign out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: Request,
        view_func: Callable[..., object],
        view_args: object,
        view_kwargs: object,
    ) -> HttpResponse | None:
        if (
            not settings.SECOND_FACTOR_REQUIRED
            or not request.user.is_authenticated
            or not getattr(view_func, "login_required", True)
            or (request.resolver_match and request.resolver_match.view_name in ENROLMENT)
            or has_second_factor(request.user)
        ):
            return None
        return send_to(request, reverse("accounts:second_factor_add"))


class HeldFormMiddleware:
    """Fills a form in again with what its sender typed before they were signed out.

    Where the page cannot show it (it takes no GET, or has no such field any more), the words stand
    on a page of their own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.held_form = None
        if not request.user.is_authenticated or request.method not in ("GET", "POST"):
            return self.get_response(request)
        is_part = "HX-Request" in request.headers or sessions.is_background(request)
        is_page = request.method == "GET" and not is_part
        held = held_forms.waiting_for(request) if is_page or request.method == "POST" else None
        if held is None:
            return self.get_response(request)
        return self.give(request, held) if is_page else self.settle(request, held)

    def give(self, request: Request, held: HeldForm) -> HttpResponseBase:
        if held.query and not request.META.get("QUERY_STRING"):
            return redirect(f"{held.path}?{held.query}")
        held_forms.fill_in(request, held)
        with held_forms.nothing_is_done(request):
            response = self.get_response(request)
        if request.was_refused_to_act:
            return self.show_apart(request, held)
        is_shown = (
            response.status_code == 200
            and isinstance(response, HttpResponse)
            and held_forms.shows_all(response, held)
        )
        if is_shown or response.status_code not in (200, 405):
            return response
        if not held.words:
            held_forms.forget(request, held)
            return redirect(held.page)
        return self.show_apart(request, held)

    def show_apart(self, request: Request, held: HeldForm) -> HttpResponse:
        held_forms.stop_offering(request, held.path)
        return redirect("accounts:held_form_detail", pk=held.pk)

    def settle(self, request: Request, held: HeldForm) -> HttpResponseBase:
        """The form comes once more, and is let through: what waited is of no use any more."""
        response = self.get_response(request)
        if not getattr(request, "has_held_form", False):
            held_forms.forget(request, held)
        return response


class CacheFailureMiddleware:
    """Says so when the shared cache is down: without its limits nobody can sign in safely."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RedisError):
            return None
        logger.error("The shared cache failed: %s", type(exception).__name__)
        return render(request, "accounts/cache_failure.html", status=503)
