"""Views of the by-name list that people keep in the example. Example data only."""

from datetime import datetime

from agreements.models import StaffMember
from participants.listing import Query
from participants.services.saved_views import add_saved_view
from regions.models import Continuum, Membership

SHARED: tuple[tuple[str, Query], ...] = (
    (
        "Unsheltered, longest without contact",
        {
            "need": "unsheltered",
            "sort": "contact",
            "columns": ["where", "days", "needs", "stay", "contact", "agency", "navigator"],
        },
    ),
    ("Youth", {"need": "youth"}),
)
OWN: tuple[str, Query] = (
    "My households",
    {"navigator": "me", "columns": ["where", "days", "needs", "release"]},
)


def keep_views(continuum: Continuum, *, now: datetime) -> None:
    """Two views that the CE Specialist shares, and one of each member of staff."""
    specialists = Membership.objects.filter(continuum=continuum, is_specialist=True)
    specialist = specialists.order_by("pk")[0].user
    for name, query in SHARED:
        add_saved_view(continuum, name=name, query=query, is_shared=True, actor=specialist, now=now)
    name, query = OWN
    for place in StaffMember.objects.current().filter(agency__continuum=continuum):
        add_saved_view(continuum, name=name, query=query, actor=place.user, now=now)
