"""Puts the person's continuum on the request and speaks its time zone."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.access import SignedInRequest

from .clock import local_day
from .models import Continuum


class ContinuumRequest(SignedInRequest):
    """What a view is asked with by somebody who is signed in, perhaps in a continuum."""

    continuum: Continuum | None
    today: date
    sees_participants: bool  # once a page asked for it, its navigation need not ask again


def continuum_of(request: ContinuumRequest) -> Continuum:
    """The continuum of somebody who must belong to one for this page; 404 for others."""
    if request.continuum is None:
        raise Http404("No continuum")
    return request.continuum


class ContinuumMiddleware:
    """Sets `request.continuum` (or None) and `request.today`, its local date."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ContinuumRequest) -> HttpResponseBase:
        request.continuum = None
        request.today = timezone.now().date()
        if not request.user.is_authenticated:
            return self.get_response(request)
        membership = getattr(request.user, "membership", None)
        if membership is None:
            return self.get_response(request)
        request.continuum = membership.continuum
        request.today = local_day(timezone.now(), membership.continuum.zone)
        with timezone.override(ZoneInfo(membership.continuum.zone)):
            return self.get_response(request)
