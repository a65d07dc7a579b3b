"""What the coming calls ask of an agency: its turns, and what came of its nominations."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse

from agreements.models import StaffMember
from conferencing.models import Meeting, MeetingRole, Nomination, RosterEntry
from conferencing.rotation.pages import DAY_BEFORE
from conferencing.task import AHEAD, Task
from regions.words import plural

from .meeting_tasks import call_words


def role_tasks(place: StaffMember, now: datetime) -> list[Task]:
    """Turns of the person's agency as facilitator or note taker in the coming weeks."""
    roles = (
        MeetingRole.objects.filter(
            agency=place.agency,
            meeting__state=Meeting.State.PLANNED,
            meeting__starts_at__gt=now,
            meeting__starts_at__lt=now + AHEAD,
        )
        .select_related("meeting__region", "meeting__continuum", "person__user")
        .order_by("meeting__starts_at")
    )
    tasks = []
    for role in roles:
        meeting = role.meeting
        what = call_words(meeting)
        if role.person_id == place.pk:
            tasks.append(
                Task(
                    f"You are the {role.get_role_display().lower()}: {what}",
                    meeting.get_absolute_url(),
                    button="Open the call",
                    by=meeting.on,
                )
            )
        elif place.is_lead and role.person_id is None:
            tasks.append(
                Task(
                    f"Name a {role.get_role_display().lower()}: {what}",
                    reverse("conferencing:role_name_person", args=[role.pk]),
                    f"It is the turn of {place.agency.name}.",
                    "Name a person",
                    meeting.on - DAY_BEFORE,
                )
            )
    return tasks


def answered_tasks(place: StaffMember, now: datetime) -> list[Task]:
    """Nominations of the person's agency for calls ahead that the roster was settled without."""
    listed = RosterEntry.objects.filter(
        meeting=OuterRef("meeting"), participant=OuterRef("participant")
    )
    answered = Nomination.objects.filter(
        ~Exists(listed),
        agency=place.agency_id,
        withdrawn_at__isnull=True,
        answered_at__isnull=False,
        meeting__state=Meeting.State.PLANNED,
        meeting__starts_at__gt=now,
    ).select_related("meeting__region", "meeting__continuum")
    counted = Counter(each.meeting for each in answered)
    return [
        Task(
            f"{plural(number, 'nomination is', 'nominations are')} not on the roster: "
            f"{call_words(meeting)}",
            reverse("conferencing:roster_nominate", args=[meeting.pk]),
            button="See why",
            by=meeting.on,
        )
        for meeting, number in counted.items()
    ]
