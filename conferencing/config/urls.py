"""Every address of the system, room by room."""

from django.urls import include, path

import audit.views
import participants.urls
from accounts.decorators import recently_authenticated

from . import health

# The audit stands above accounts, and so cannot ask for re-authentication itself.
audit_urls = [
    path("", audit.views.entry_list, name="entry_list"),
    path("export/", recently_authenticated(audit.views.entry_export), name="entry_export"),
]

urlpatterns = [
    path("", include("conferencing.urls")),
    path("participants/", include("participants.urls")),
    path("", include("housing.urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/mail", health.mail, name="health_mail"),
    path("account/", include("accounts.sign_in_urls")),
    path("account/", include("accounts.urls")),
    path("", include("agreements.urls")),
    path("audit/", include((audit_urls, "audit"))),
    path("set-up/import/", include((participants.urls.import_urlpatterns, "imports"))),
    path("set-up/", include("regions.urls")),
]

handler500 = "conferencing.config.database_limits.server_error"
