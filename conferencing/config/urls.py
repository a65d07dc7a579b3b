"""Every address of the system, room by room."""

from django.urls import include, path

from . import health

urlpatterns = [
    path("", include("conferencing.urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("account/", include("accounts.sign_in_urls")),
    path("account/", include("accounts.urls")),
    path("agencies/", include("agreements.urls")),
    path("set-up/", include("regions.urls")),
]
