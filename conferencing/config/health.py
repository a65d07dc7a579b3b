"""Is the system alive, and can it do its work? For load balancers and monitoring."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from outbox.services.health import health as outbox_health

log = logging.getLogger(__name__)


@require_safe
@login_not_required
@never_cache
def live(request):
    """200 as long as the process answers at all; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
@never_cache
def ready(request):
    """200 when everything that a request or a mail needs works, else 503 and what does not."""
    found = {name: _try(name, check) for name, check in CHECKS.items()}
    good = all(answer == "ok" for answer in found.values())
    return JsonResponse(found, status=200 if good else 503)


def _try(name, check):
    try:
        return check() or "ok"
    except Exception:
        log.exception("health: %s", name)
        return "fails"


def check_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_cache():
    cache.set("health", "ok", 60)
    if cache.get("health") != "ok":
        return "forgets"


def check_mail():
    """The watchdog: is the tick running, and is what is due being sent?"""
    found = outbox_health()
    for problem in found["problems"]:
        log.warning("health: %s", problem)
    return "ok" if found["ok"] else "late"


CHECKS = {"database": check_database, "cache": check_cache, "mail": check_mail}
