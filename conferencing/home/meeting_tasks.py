"""What each call ahead asks of the CE Specialist, one job a line, until it has begun."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.urls import reverse

from conferencing import due
from conferencing.list_words import list_state
from conferencing.models import (
    Meeting,
    Nomination,
    NothingToDiscuss,
    PrepListDelivery,
    RosterEntry,
)
from conferencing.prep_lists.reminders import Lack, OpenPoint, still_open_of
from conferencing.rotation.pages import DAY_BEFORE
from conferencing.steps.unreported import last_calls, unreported_of
from conferencing.task import AHEAD, Task
from outbox.models import Message
from regions.clock import local_day
from regions.models import Continuum
from regions.words import clock_words, plural


def meeting_tasks(continuum: Continuum, now: datetime) -> list[Task]:
    """For each call until it has begun: what did not arrive, what it lacks, nominations."""
    meetings = list(
        Meeting.objects.upcoming(now)
        .filter(continuum=continuum, starts_at__lt=now + AHEAD)
        .select_related("continuum", "region", "call")
        .with_list_out_at()
    )
    to_come = [each for each in meetings if not each.has_begun(now)]
    lacking = still_open_of(to_come, now=now)
    wrong, nominated = wrong_deliveries(meetings), waiting_nominations(meetings)
    back = back_on_agenda(to_come)
    on = local_day(now, continuum.zone)
    tasks = []
    for meeting in meetings:
        if wrong[meeting.pk]:
            tasks.append(delivery_task(meeting, wrong[meeting.pk]))
        for point in lacking.get(meeting.pk, []):
            # The day before a call the gaps of its roles are said by `gap_tasks`.
            if point.lack is not Lack.ROLE or meeting.on - DAY_BEFORE > on:
                tasks.append(lacking_task(meeting, point, now=now))
        if back[meeting.pk]:
            tasks.append(
                Task(
                    f"{plural(back[meeting.pk], 'household')} back on the agenda: "
                    f"{call_words(meeting)}",
                    reverse("conferencing:nothing_to_discuss", args=[meeting.pk]) + "#pulled",
                    "Marked “nothing to discuss”, and something changed since. Its minutes count "
                    "again.",
                    "See what changed",
                    meeting.on,
                )
            )
        if nominated[meeting.pk]:
            tasks.append(
                Task(
                    f"{plural(nominated[meeting.pk], 'nomination')} to look at: "
                    f"{call_words(meeting)}",
                    reverse("conferencing:roster_detail", args=[meeting.pk]) + "#nominated",
                    button="Look at nominations" if nominated[meeting.pk] > 1 else "Look at it",
                    by=list_day(meeting),
                )
            )
    return tasks + unreported_tasks(continuum, now)


# Of each kind of open point: what to do, on which page, and the words of the button.
JOBS = {
    Lack.OUTDATED: ("Look at the list", "meeting_detail", "Open the call"),
    Lack.HELD: ("Take the list off hold, or leave it", "list_detail", "Open the list"),
    Lack.CHOICE: ("Choose what happens to the list", "list_choose", "Choose"),
    Lack.ROSTER: ("Settle the roster", "roster_detail", "Settle the roster"),
    Lack.ROLE: ("Name the {role}", "role_change", "Name a person"),
    Lack.LINK: ("Add the link", "meeting_link", "Add the link"),
    Lack.PAPER: ("See who won’t get the list", "list_detail", "See who"),
}


def lacking_task(meeting: Meeting, point: OpenPoint, *, now: datetime) -> Task:
    """One thing that a call still lacks, where to put it right, and by when."""
    what, page, button = JOBS[point.lack]
    # What nobody has chosen yet will not mend itself: it is for today.
    is_for_today = point.lack in (Lack.CHOICE, Lack.OUTDATED)
    by = local_day(now, meeting.continuum.zone) if is_for_today else list_day(meeting)
    args: list[object] = [meeting.pk]
    if point.role:
        what = what.format(role=point.role.label.lower())
        args.append(point.role.value)
    return Task(
        f"{what}: {call_words(meeting)}",
        reverse(f"conferencing:{page}", args=args),
        point.words,
        button,
        by,
        list_words(meeting, now=now),
    )


def list_words(meeting: Meeting, *, now: datetime) -> str:
    """Where the list stands, beside the day that the job is for: only the hour, if it goes then."""
    goes_at = None if meeting.list_out_at else meeting.list_goes_at
    if goes_at and goes_at > now:
        return f"list goes out {clock_words(goes_at.astimezone(ZoneInfo(meeting.continuum.zone)))}"
    return list_state(meeting, now=now).words


def list_day(meeting: Meeting) -> date:
    """The day that its list goes out; once it is out, or stays, the day of the call."""
    goes_at = None if meeting.list_out_at else meeting.list_goes_at
    return local_day(goes_at, meeting.continuum.zone) if goes_at else meeting.on


def call_words(meeting: Meeting) -> str:
    return f"{meeting.scope_words} call, {meeting.on:%b} {meeting.on.day}"


def unreported_tasks(continuum: Continuum, now: datetime) -> list[Task]:
    """Steps that nobody reported, a week after the last call that they were due at."""
    told = {each: due.specialist_told_at(continuum, each.on) for each in last_calls(continuum, now)}
    held = [each for each, at in told.items() if at <= now < each.starts_at + AHEAD]
    steps = {step.pk: step for found in unreported_of(held).values() for step in found}
    if not steps:
        return []
    counted = Counter(step.agency_name for step in steps.values())
    return [
        Task(
            f"{plural(len(steps), 'step was', 'steps were')} not reported at the last call",
            reverse("conferencing:step_list") + "?whose=all&state=unreported",
            ", ".join(f"{name}: {number}" for name, number in sorted(counted.items())) + ".",
            "See the steps",
            min(local_day(told[each], continuum.zone) for each in held),
        )
    ]


def wrong_deliveries(meetings: Iterable[Meeting]) -> dict[UUID, Counter[str]]:
    """`{meeting's key: Counter of states}` of mails that did not arrive."""
    counted = defaultdict[UUID, Counter[str]](Counter)
    rows = PrepListDelivery.objects.filter(
        prep_list__meeting__in=meetings,
        message__state__in=[Message.State.FAILED, Message.State.EXPIRED, Message.State.WITHHELD],
    ).order_by("message__state")
    for meeting, state in rows.values_list("prep_list__meeting", "message__state"):
        counted[meeting][state] += 1
    return counted


def back_on_agenda(meetings: Iterable[Meeting]) -> Counter[UUID]:
    """`{meeting's key: number}` of households that a change put back on the agenda by itself."""
    rows = NothingToDiscuss.objects.back_on_agenda().filter(meeting__in=meetings)
    return Counter(each.meeting_id for each in rows if each.pulled_back_by_id is None)


def waiting_nominations(meetings: Iterable[Meeting]) -> Counter[UUID]:
    """`{meeting's key: number}` of nominations of households that are not on the roster."""
    listed = RosterEntry.objects.filter(
        meeting=OuterRef("meeting"), participant=OuterRef("participant")
    )
    waiting = Nomination.objects.filter(
        ~Exists(listed), meeting__in=meetings, withdrawn_at__isnull=True
    )
    return Counter(waiting.values_list("meeting", flat=True))


def delivery_task(meeting: Meeting, counted: Counter[str]) -> Task:
    """Copies of a list that did not arrive: late from the day after it went out."""
    words = ", ".join(
        f"{number} {Message.State(state).label.lower()}" for state, number in counted.items()
    )
    out_at = meeting.list_out_at or meeting.list_due_at
    return Task(
        f"Lists that did not arrive: {call_words(meeting)}",
        reverse("conferencing:list_detail", args=[meeting.pk]),
        words,
        "See which",
        local_day(out_at, meeting.continuum.zone),
    )
