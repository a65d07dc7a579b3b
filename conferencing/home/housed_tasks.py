"""Steps whose household has moved in since they were given: does each still stand?"""

from django.db.models import F, Q
from django.urls import reverse

from agreements.models import StaffMember
from conferencing.models import ActionItem
from conferencing.task import Task
from participants.models import ListPlace
from regions.words import plural


def housed_tasks(place: StaffMember) -> list[Task]:
    """One line for the person's open steps of households that are housed, until reported on."""
    since = F("participant__place__status_on")
    steps = ActionItem.objects.open().filter(
        follow_up_person=place,
        participant__place__status=ListPlace.Status.HOUSED,
        created_at__date__lte=since,
    )
    waiting = steps.filter(~Q(updates__at__date__gte=since)).distinct().count()
    if not waiting:
        return []
    return [
        Task(
            f"{plural(waiting, 'step')} of households that moved in",
            f"{reverse('conferencing:step_list')}?whose=mine",
            "Does it still stand? Report on it, or say that circumstances changed.",
            "Report",
        )
    ]
