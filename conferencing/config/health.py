"""Is the system alive, can it answer requests, does its mail go out? For balancers and alarms.

Answered ahead of sessions and sign-in, so that a probe tells of the database and the cache what
they do, whatever cookie it carries.
"""

import logging
from collections.abc import Callable, Mapping

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from outbox.services.health import health as outbox_health

log = logging.getLogger(__name__)

PREFIX = "/health/"
Check = Callable[[], str]  # "ok", or what is wrong


class HealthMiddleware:
    """Answers the addresses of health before anything that asks the database or the cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PREFIX):
            try:
                found = resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            answer: HttpResponseBase = found.func(request)
            return answer
        return self.get_response(request)


@require_safe
@login_not_required
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 when what every request needs works, else 503 and what does not: for balancers.

    Mail is not among it: lists that wait are no reason to take the pages away.
    """
    return _answer({"database": check_database, "cache": check_cache})


@require_safe
@login_not_required
@never_cache
def mail(request: HttpRequest) -> HttpResponse:
    """200 while the tick runs and what is due is being sent, else 503: for alarms."""
    return _answer({"mail": check_mail})


def _answer(checks: Mapping[str, Check]) -> JsonResponse:
    found = {name: _try(name, check) for name, check in checks.items()}
    good = all(answer == "ok" for answer in found.values())
    return JsonResponse(found, status=200 if good else 503)


def _try(name: str, check: Check) -> str:
    try:
        return check()
    except Exception as error:
        log.error("health: %s fails (%s)", name, type(error).__name__)
        return "fails"


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def check_cache() -> str:
    cache.set("health", "ok", 60)
    if cache.get("health") != "ok":
        return "forgets"
    return "ok"


def check_mail() -> str:
    """The watchdog: is the tick running, and is what is due being sent?"""
    found = outbox_health()
    for problem in found["problems"]:
        log.warning("health: %s", problem)
    return "ok" if found["ok"] else "late"
