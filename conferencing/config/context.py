"""What every page knows."""

from django.conf import settings


def page(request):
    """`embedded`: whether the system runs in embedded mode, which every page says."""
    return {"embedded": settings.EMBEDDED}
