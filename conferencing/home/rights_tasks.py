"""What participants' rights ask of whoever keeps their records, for the first page."""

from datetime import date, datetime

from django.db.models import Count, Min
from django.urls import reverse

from accounts.models import User
from conferencing.task import Task
from participants.models import Participant, Release
from participants.services.release_work import missing_count
from participants.services.retention import due_count
from participants.services.rights import open_requests
from regions.clock import Moment
from regions.models import Continuum
from regions.words import plural


def rights_tasks(user: User, *, now: datetime) -> list[Task]:
    """Requests not answered yet, and releases that end soon, of records that the user keeps.

    For whoever is in standing; counted among the households that they may know of.
    """
    at = Moment.of(now, user.membership.continuum.zone)
    visible = Participant.objects.visible_to(user, at.on)
    asked = (
        open_requests(user)
        .order_by()
        .filter(participant__in=visible)
        .aggregate(count=Count("pk"), first=Min("due_on"))
    )
    ending = (
        Release.objects.ending(at)
        .kept_by(user)
        .filter(participant__in=visible)
        .aggregate(count=Count("pk"), first=Min("expires_on"))
    )
    missing = missing_count(visible, user, at)
    tasks = []
    if asked["count"]:
        tasks.append(
            Task(
                f"Answer {plural(asked['count'], 'request')} to see or correct a record",
                reverse("participants:rights_request_open_list"),
                button="Answer",
                by=asked["first"],
            )
        )
    if missing:
        tasks.append(
            Task(
                f"{plural(missing, 'household has', 'households have')} no release",
                reverse("participants:release_missing_list"),
                "Partners see these by alias until one is signed and recorded.",
                "Record releases",
            )
        )
    if ending["count"]:
        tasks.append(
            Task(
                f"{plural(ending['count'], 'release ends', 'releases end')} within 30 days",
                reverse("participants:release_ending_list"),
                "Ask for a new signature ahead: without it the household appears by alias.",
                "See which",
                ending["first"],
            )
        )
    return tasks


def retention_tasks(continuum: Continuum, on: date) -> list[Task]:
    """Records that nobody changed for seven years, for administrators; no household is named."""
    count = due_count(continuum, on=on)
    if not count:
        return []
    return [
        Task(
            f"De-identify {plural(count, 'record')}, seven years after the last change",
            reverse("participants:deidentify"),
            button="Look at them",
        )
    ]
