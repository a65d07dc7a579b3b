"""What every page knows."""

from typing import TypedDict

from django.conf import settings
from django.urls import reverse

from agreements.standing import is_in_standing
from regions.middleware import ContinuumRequest


class Entry(TypedDict):
    label: str
    url: str
    is_current: bool


def page(request: ContinuumRequest) -> dict[str, object]:
    """`embedded`: whether the system runs in embedded mode, which every page says.

    `navigation`: the main navigation of this person, `[{label, url, is_current}]`.
    `sees_participants`: whether pages about participants are open to this person today; what
    leads there is shown to nobody else.
    """
    sees = sees_participants(request)
    return {
        "embedded": settings.EMBEDDED,
        "navigation": navigation(request, sees),
        "sees_participants": sees,
    }


def sees_participants(request: ContinuumRequest) -> bool:
    if getattr(request, "continuum", None) is None or getattr(request, "is_guest", False):
        return False
    if getattr(request, "sees_participants", False):
        return True
    return is_in_standing(request.user, request.today)


def navigation(request: ContinuumRequest, sees_participants: bool) -> list[Entry]:
    if getattr(request, "continuum", None) is None or getattr(request, "is_guest", False):
        return []
    membership = request.user.membership
    is_coc_staff = membership.is_specialist or membership.is_administrator
    entries = [
        ("Home", reverse("conferencing:home")),
        ("Meetings", reverse("conferencing:meeting_list")),
    ]
    if sees_participants:
        entries.append(("Participants", reverse("participants:participant_list")))
        entries.append(("Openings", reverse("housing:opening_list")))
        entries.append(("Steps", reverse("conferencing:step_list")))
    if membership.is_administrator and not membership.is_specialist:
        entries.append(("Figures", reverse("conferencing:figures")))
    if sees_participants and membership.is_specialist:
        entries.append(("Follow-through", reverse("conferencing:follow_through")))
    elif sees_participants and not is_coc_staff:
        entries.append(("Systemic barriers", reverse("conferencing:systemic_barrier_list")))
    entries.append(("Agencies", reverse("agreements:agency_list")))
    if is_coc_staff:
        entries.append(("Set-up", reverse("regions:region_list")))
    if membership.is_administrator:
        entries.append(("Audit", reverse("audit:entry_list")))
    return [
        {"label": label, "url": url, "is_current": is_current(request.path, url)}
        for label, url in entries
    ]


# What lies elsewhere and belongs to an entry.
BELONGING = {
    "/meetings/": ("/meetings/", "/lists/", "/minutes/", "/roles/", "/swaps/"),
    "/participants/": ("/participants/", "/to-hmis/"),
    "/openings/": ("/openings/", "/programs/", "/referrals/", "/policy/"),
    "/set-up/": ("/set-up/", "/participants/retention/"),
    "/follow-through/": ("/follow-through/", "/systemic-barriers/"),
}


def is_current(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(BELONGING.get(url, url))
