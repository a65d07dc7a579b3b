"""Puts the person's continuum on the request and speaks its time zone."""

from zoneinfo import ZoneInfo

from django.utils import timezone

from .clock import local_day
from .models import Membership


class ContinuumMiddleware:
    """Sets `request.continuum` (or None) and `request.today`, its local date."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.continuum = None
        request.today = timezone.now().date()
        if not request.user.is_authenticated:
            return self.get_response(request)
        membership = membership_of(request.user)
        if membership is None:
            return self.get_response(request)
        request.continuum = membership.continuum
        request.today = local_day(timezone.now(), membership.continuum.zone)
        with timezone.override(ZoneInfo(membership.continuum.zone)):
            return self.get_response(request)


def membership_of(user):
    """The person's membership with its continuum, in one query, kept on the person."""
    membership = Membership.objects.select_related("continuum").filter(user=user.pk).first()
    if membership:
        user.membership = membership
    return membership
