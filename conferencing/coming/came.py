"""Who came to a call, whether or not anybody checked them in."""

import uuid
from collections.abc import Iterable

from audit.history import events_of
from conferencing.models import Call, Meeting, Review


def who_took_part(meetings: Iterable[Meeting]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """`{meeting's key: users}` who did something at each call, in two queries.

    Also who wrote what others wrote over later; who led it was noted as they did
    (`attendance.note_here`).
    """
    found: dict[uuid.UUID, set[uuid.UUID]] = {each.pk: set() for each in meetings}
    calls = Call.objects.filter(meeting__in=found)
    for key, *acted in calls.values_list("meeting", "began_by", "closed_by"):
        found[key].update(filter(None, acted))
    wrote = events_of(Review).filter(pgh_obj__meeting__in=found, saved_by__isnull=False)
    for key, user in wrote.values_list("pgh_obj__meeting", "saved_by").distinct():
        found[key].add(user)
    return found
