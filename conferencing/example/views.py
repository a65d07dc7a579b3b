"""Views of the by-name list that people keep in the example. Example data only."""

from agreements.models import StaffMember
from participants.services.saved_views import add_saved_view
from regions.models import Membership

SHARED = (
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
OWN = ("My households", {"navigator": "me", "columns": ["where", "days", "needs", "release"]})


def keep_views(continuum, *, now):
    """Two views that the CE Specialist shares, and one of each member of staff."""
    specialist = Membership.objects.filter(continuum=continuum, is_specialist=True).first().user
    for name, query in SHARED:
        add_saved_view(continuum, name=name, query=query, is_shared=True, actor=specialist, now=now)
    name, query = OWN
    for place in StaffMember.objects.current().filter(agency__continuum=continuum):
        add_saved_view(continuum, name=name, query=query, actor=place.user, now=now)
