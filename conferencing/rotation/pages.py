"""What the first page says of roles handed on, and of roles that nobody has yet."""

from datetime import datetime, timedelta

from django.db.models import Prefetch, Q
from django.urls import reverse

from agreements.models import StaffMember
from conferencing.models import Meeting, MeetingRole, RoleSwap
from conferencing.task import Task
from regions.clock import local_day
from regions.models import Continuum
from regions.words import day_words

DAY_BEFORE = timedelta(days=1)


def swap_tasks(place: StaffMember, now: datetime) -> list[Task]:
    """What the person is asked, and whose answer they wait for. One query."""
    swaps = (
        RoleSwap.objects.waiting(now)
        .filter(Q(to=place) | Q(proposed_by=place))
        .select_related(
            "role__meeting__region",
            "role__meeting__continuum",
            "proposed_by__user",
            "proposed_by__agency",
            "to__user",
        )
        .order_by("role__meeting__starts_at", "proposed_at")
    )
    return [_swap_task(swap, place) for swap in swaps]


def _swap_task(swap: RoleSwap, place: StaffMember) -> Task:
    url = reverse("conferencing:swap_answer", args=[swap.pk])
    call, role = _call_words(swap.role.meeting), swap.role.get_role_display().lower()
    if swap.to_id == place.pk:
        asker = swap.proposed_by
        return Task(
            f"Can you be the {role}? {call}",
            url,
            f"{asker.user.name} ({asker.agency.name}) asks you.",
            "Answer",
            swap.role.meeting.on - DAY_BEFORE,
        )
    return Task(
        f"{swap.to.user.name} was asked to be the {role}: {call}",
        url,
        "Until they accept, the role stays where it is.",
        "See it",
        swap.role.meeting.on - DAY_BEFORE,
    )


def gap_tasks(continuum: Continuum, now: datetime) -> list[Task]:
    """For CE Specialists, from the day before a call on: its roles that nobody surely has.

    Two queries, three when there are roles, however many calls.
    """
    on = local_day(now, continuum.zone)
    waiting = RoleSwap.objects.filter(answer=RoleSwap.Answer.WAITING).select_related("to__user")
    roles = MeetingRole.objects.select_related("agency").prefetch_related(
        Prefetch("swaps", queryset=waiting)
    )
    meetings = (
        Meeting.objects.upcoming(now)
        .filter(continuum=continuum, starts_at__lt=now + 2 * DAY_BEFORE)
        .select_related("region", "continuum")
        .prefetch_related(Prefetch("roles", queryset=roles))
    )
    tasks = []
    for meeting in meetings:
        if meeting.on - DAY_BEFORE > on:
            continue
        held = {role.role: role for role in meeting.roles.all()}
        for name in MeetingRole.TURNS:
            words = gap_words(name, held.get(name))
            if words:
                url = reverse("conferencing:role_change", args=[meeting.pk, name.value])
                title = f"{_call_words(meeting)}: {words[0]}"
                tasks.append(Task(title, url, words[1], "Assign it", meeting.on - DAY_BEFORE))
    return tasks


def gap_words(name: MeetingRole.Role, role: MeetingRole | None) -> tuple[str, str] | None:
    """(what is missing, who could still fill it) for a role; None when somebody surely has it.

    Of a role whose `swaps` were fetched that wait for an answer.
    """
    if role is None:
        return f"nobody is the {name.label.lower()}", "No agency has the role."
    asked = next(iter(role.swaps.all()), None)
    if asked is not None:
        return (
            f"{asked.to.user.name} was asked to be the {name.label.lower()} and has not answered",
            "Until then the one who cannot come has the role."
            if role.person_id
            else f"{role.agency.name} has not named anybody.",
        )
    if role.person_id is None:
        return (
            f"nobody is named as {name.label.lower()}",
            f"{role.agency.name} has not named anybody.",
        )
    return None


def _call_words(meeting: Meeting) -> str:
    return f"{meeting.scope_words} call, {day_words(meeting.on)}"
