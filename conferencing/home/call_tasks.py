"""The call that begins soon or is on now, first of all on the first page of whoever is expected."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from agreements.models import StaffMember
from conferencing.due import EARLY
from conferencing.models import Attendance, Meeting, MeetingRole
from conferencing.task import Task
from regions.words import clock_words

GO = "Go to the call"
# A call that nobody closed stays on the first page of those who run it; of the others not so long.
LEFT_OPEN = timedelta(hours=1)


def call_tasks(user: User, place: StaffMember | None, now: datetime) -> list[Task]:
    """Calls that begin within half an hour, wait to be begun, or are on, the earliest first.

    For CE Specialists all of the continuum's; for others those of the regions they follow, CoC-wide
    ones, those they have a role at, and those they were added to. Standing is the caller's to ask.
    """
    membership = user.membership
    has_role = MeetingRole.objects.filter(meeting=OuterRef("pk"), person__user=user)
    on_it = Attendance.objects.filter(meeting=OuterRef("pk"), user=user)
    meetings = (
        Meeting.objects.planned()
        .filter(continuum=membership.continuum_id)
        .filter(
            Q(call__isnull=True, starts_at__lte=now + EARLY, ends_at__gte=now)
            | Q(call__isnull=False, call__closed_at__isnull=True)
        )
        .annotate(is_leading=Exists(has_role), is_on_it=Exists(on_it))
        .select_related("continuum", "region", "call")
        .order_by("starts_at")
    )
    if not membership.is_specialist:
        concerns = Q(is_leading=True) | Q(is_on_it=True)
        if place:
            concerns |= Q(region__isnull=True) | Q(region__in=place.regions.values("pk"))
        meetings = meetings.filter(concerns)
    tasks = (task_of(each, membership.is_specialist or each.is_leading, now) for each in meetings)
    return [task for task in tasks if task]


def task_of(meeting: Meeting, may_begin: bool, now: datetime) -> Task | None:
    """What the person does about the call: go to it, begin it, or close it; None: nothing."""
    name = f"The {meeting.scope_words} call"
    url = reverse("conferencing:call_detail", args=[meeting.pk])
    begins, ends = clock(meeting.starts_at, meeting), clock(meeting.ends_at, meeting)
    call = getattr(meeting, "call", None)
    if call is None and now < meeting.starts_at:
        hint = "Its page is ready for you to begin it." if may_begin else "Join it from its page."
        return Task(f"{name} begins at {begins}", url, hint, GO)
    if call is None:
        hint = "Begin it on its page." if may_begin else "Its page opens when it is begun."
        return Task(f"{name} was to begin at {begins}", url, hint, GO)
    if now < meeting.ends_at:
        hint = f"Started at {clock(call.began_at, meeting)}, planned until {ends}."
        return Task(f"{name} is on now", url, hint, GO)
    if may_begin:
        hint = "Its time is over. Close it, so that the minutes are frozen and steps are mailed."
        return Task(f"{name} is still open", url, hint, GO)
    if now < meeting.ends_at + LEFT_OPEN:
        hint = f"It was planned until {ends}."
        return Task(f"{name} is still on", url, hint, GO)
    return None


def clock(at: datetime, meeting: Meeting) -> str:
    """`10:00 AM`, in the continuum's zone."""
    return clock_words(at.astimezone(ZoneInfo(meeting.continuum.zone)))
