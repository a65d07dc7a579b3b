"""Puts the person's continuum on the request and speaks its time zone."""

from zoneinfo import ZoneInfo

from django.utils import timezone

from .clock import local_day


class ContinuumMiddleware:
    """Sets `request.continuum` (or None) and `request.today`, its local date."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
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
