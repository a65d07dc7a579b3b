"""On the first page: records that may be of one person."""

from django.urls import reverse

from participants.merges.pages import waiting_count
from regions.words import plural

from .task import Task


def duplicate_tasks(continuum, on):
    """Pairs of records that wait for a decision, for the CE Specialist."""
    count = waiting_count(continuum, on)
    if not count:
        return []
    return [
        Task(
            plural(count, "possible duplicate"),
            reverse("participants:duplicates"),
            "Compare them: one person twice on the list waits, and is counted, twice.",
            "To decide",
            "warn",
        )
    ]
