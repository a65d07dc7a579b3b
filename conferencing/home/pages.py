"""What needs this person now: the first page of each role."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.urls import reverse

from accounts.models import User
from agreements.models import Agency, AgencyAgreement, StaffMember
from agreements.overview import papers_to_sign
from agreements.standing import SOON, Standing, person_standing, standings
from conferencing import due
from conferencing.coming.pages import answer_tasks
from conferencing.home.list_tasks import agency_tasks, continuum_tasks, duplicate_tasks
from conferencing.list_words import list_state
from conferencing.models import (
    ActionItem,
    Meeting,
    MeetingRole,
    Nomination,
    NothingToDiscuss,
    PrepListDelivery,
    RosterEntry,
    not_over,
)
from conferencing.prep_lists.reminders import still_open_of
from conferencing.prework.pages import prepare_tasks
from conferencing.rotation.pages import gap_tasks, swap_tasks
from conferencing.steps.pages import StepRow, record_look, step_rows, with_columns
from conferencing.steps.unreported import last_calls, unreported_of
from conferencing.task import AHEAD, Task, urgent_first
from outbox.models import Message
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.words import day_words, plural

from .call_tasks import call_tasks
from .rights_tasks import retention_tasks, rights_tasks
from .set_up_tasks import SetUpStep, set_up_steps

STEPS_SHOWN = 10


class OwnSteps(TypedDict):
    """The agency's open steps, as many as are shown, and how many there are."""

    rows: list[StepRow]
    all: int
    overdue: int


class HomePage(TypedDict):
    """What a person's first page shows."""

    place: StaffMember | None
    standing: Standing | None
    calls_now: list[Task]
    tasks: list[Task]
    is_urgent: bool
    set_up: list[SetUpStep]
    now: datetime
    calls: QuerySet[Meeting]
    lists: list[PrepListDelivery]
    steps: OwnSteps | None
    may_nominate: bool


def home_page(user: User, *, now: datetime) -> HomePage:
    """Return the context of a person's first page: standing, tasks, calls, lists and steps."""
    membership = user.membership
    continuum = membership.continuum
    on = local_day(now, continuum.zone)
    place = (
        StaffMember.objects.current()
        .filter(user=user)
        .select_related("agency__continuum", "user")
        .first()
    )
    asks_standing = place is not None or membership.is_specialist
    standing = person_standing(user, on) if asks_standing else None
    tasks = own_paper(user, place, on)
    if membership.is_specialist:
        tasks += gap_tasks(continuum, now)
        tasks += specialist_tasks(continuum, now)
    if membership.is_administrator:
        tasks += administrator_tasks(continuum, on)
        tasks += retention_tasks(continuum, on)
    if place:
        tasks += swap_tasks(place, now)
        tasks += role_tasks(place, now)
        tasks += answered_tasks(place, now)
    is_in_standing = bool(standing and standing.is_good)
    if is_in_standing or membership.is_specialist:
        tasks += answer_tasks(user, now)
    if is_in_standing:
        tasks += rights_tasks(user, now=now)
    if is_in_standing and place:
        tasks += prepare_tasks(user, place, now)
        tasks += agency_tasks(place, on)
    if is_in_standing and membership.is_specialist:
        tasks += continuum_tasks(continuum, on)
        tasks += duplicate_tasks(continuum, on)
    return {
        "place": place,
        "standing": standing,
        "calls_now": call_tasks(user, place, now) if is_in_standing else [],
        "tasks": urgent_first(tasks, now),
        "is_urgent": any(each.is_urgent(now) for each in tasks),
        "set_up": set_up_steps(membership),
        "now": now,
        "calls": calls(continuum, place, now),
        "lists": own_lists(user, now) if is_in_standing else [],
        "steps": own_steps(user, place, now) if is_in_standing and place else None,
        "may_nominate": is_in_standing and place is not None,
    }


def own_paper(user: User, place: StaffMember | None, on: date) -> list[Task]:
    """Papers that this person is to sign, for themselves and, as a lead, for the agency."""
    return [
        Task(
            duty.title,
            duty.url,
            duty.hint,
            "To sign" if duty.is_urgent else "Sign again",
            "bad" if duty.is_urgent else "warn",
            f"by {day_words(duty.due_on)}" if duty.due_on else "",
        )
        for duty in papers_to_sign(user, place, on)
    ]


def specialist_tasks(continuum: Continuum, now: datetime) -> list[Task]:
    """For each call until it has begun: what it lacks, what did not arrive, nominations."""
    meetings = list(
        Meeting.objects.upcoming(now)
        .filter(continuum=continuum, starts_at__lt=now + AHEAD)
        .select_related("continuum", "region", "call")
        .with_list_out_at()
    )
    to_come = [each for each in meetings if not each.has_begun(now)]
    lacking = still_open_of(to_come, now=now)
    wrong, nominated = wrong_deliveries(meetings), waiting_nominations(meetings)
    tasks = []
    back = back_on_agenda(to_come)
    for meeting in meetings:
        title = f"{meeting.scope_words}, {local_words(meeting.starts_at, continuum)}"
        lines = lacking.get(meeting.pk)
        if lines:
            tasks.append(lacking_task(meeting, title, lines, now))
        if wrong[meeting.pk]:
            tasks.append(delivery_task(meeting, title, wrong[meeting.pk]))
        if back[meeting.pk]:
            tasks.append(
                Task(
                    f"{title}: {plural(back[meeting.pk], 'household')} back on the agenda",
                    reverse("conferencing:nothing_to_discuss", args=[meeting.pk]) + "#pulled",
                    "Marked “nothing to discuss”, and something changed since. Its minutes count "
                    "again.",
                    "Changed",
                    at=meeting.starts_at,
                )
            )
        if nominated[meeting.pk]:
            tasks.append(
                Task(
                    f"{title}: {plural(nominated[meeting.pk], 'nomination')} to look at",
                    reverse("conferencing:roster_detail", args=[meeting.pk]) + "#nominated",
                )
            )
    return tasks + unreported_tasks(continuum, now)


def lacking_task(meeting: Meeting, title: str, lines: Sequence[str], now: datetime) -> Task:
    """What a call still lacks, and where to put it right; first of all what becomes of its list."""
    state = list_state(meeting, now=now)
    if state.needs_choice:
        page = "list_choose"
    elif meeting.list_out_at and not meeting.list_was_for:
        page = "meeting_detail"
    else:
        page = "list_detail" if meeting.roster_settled_at else "roster_detail"
    return Task(
        title,
        reverse(f"conferencing:{page}", args=[meeting.pk]),
        " ".join(lines),
        f"{plural(len(lines), 'thing')} open",
        "bad" if state.needs_choice else "warn",
        state.words,
        at=meeting.starts_at,
    )


def unreported_tasks(continuum: Continuum, now: datetime) -> list[Task]:
    """Steps that nobody reported, a week after the last call that they were due at."""
    held = [
        each
        for each in last_calls(continuum, now)
        if due.specialist_told_at(continuum, each.on) <= now < each.starts_at + AHEAD
    ]
    steps = {step.pk: step for found in unreported_of(held).values() for step in found}
    if not steps:
        return []
    counted = Counter(step.agency_name for step in steps.values())
    return [
        Task(
            f"{plural(len(steps), 'step was', 'steps were')} not reported at the last call",
            reverse("conferencing:step_list") + "?whose=all&state=unreported",
            ", ".join(f"{name}: {number}" for name, number in sorted(counted.items())) + ".",
            "Not reported",
            "warn",
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


def delivery_task(meeting: Meeting, title: str, counted: Counter[str]) -> Task:
    words = ", ".join(
        f"{number} {Message.State(state).label.lower()}" for state, number in counted.items()
    )
    return Task(
        f"{title}: lists that did not arrive",
        reverse("conferencing:list_detail", args=[meeting.pk]),
        words,
        "Look at it",
        "bad",
        at=meeting.starts_at,
    )


def administrator_tasks(continuum: Continuum, on: date) -> list[Task]:
    """Agreements to countersign, agencies out of standing, agreements that end soon."""
    agencies = Agency.objects.filter(continuum=continuum, is_active=True)
    lines = standings(agencies.select_related("continuum"), on)
    papers = [each.waiting for each in lines if isinstance(each.waiting, AgencyAgreement)]
    waiting = sorted(papers, key=lambda each: each.signed_at)
    names = {each.agency.pk: each.agency.name for each in lines}
    tasks = [
        Task(
            f"Countersign the agreement of {names[each.agency_id]}",
            reverse("agreements:agreement_countersign", args=[each.pk]),
            state="To countersign",
            tone="warn",
            due=f"signed {day_words(local_day(each.signed_at, continuum.zone))}",
        )
        for each in waiting
    ]
    if Membership.objects.administrators_of(continuum).count() == 1:
        tasks.append(
            Task(
                "Make a second person administrator",
                reverse("agreements:team_list"),
                "With one administrator nobody can restart access while that person is away.",
                "Only one",
                "warn",
            )
        )
    url = reverse("agreements:standing_list")
    without = sum(not each.standing.is_good for each in lines)
    if without:
        tasks.append(
            Task(
                f"{plural(without, 'agency has', 'agencies have')} no current agreement",
                f"{url}?show=not_in_standing",
                "Their people get no list and see nothing of participants.",
                "Not current",
                "warn",
            )
        )
    ending = sum(each.standing.is_good and each.ends_soon for each in lines)
    if ending:
        tasks.append(
            Task(
                f"{plural(ending, 'agreement ends', 'agreements end')} within {SOON.days} days",
                f"{url}?show=ending",
                state="Ends soon",
                tone="warn",
            )
        )
    return tasks


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
        what = f"{meeting.scope_words} call, {local_words(meeting.starts_at, meeting.continuum)}"
        if role.person_id == place.pk:
            tasks.append(
                Task(
                    f"You are the {role.get_role_display().lower()}: {what}",
                    meeting.get_absolute_url(),
                    state="Your turn",
                )
            )
        elif place.is_lead and role.person_id is None:
            tasks.append(
                Task(
                    f"Name a {role.get_role_display().lower()}: {what}",
                    reverse("conferencing:role_name_person", args=[role.pk]),
                    f"It is the turn of {place.agency.name}.",
                    "To name",
                    "warn",
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
            f"{meeting.scope_words} call, {local_words(meeting.starts_at, meeting.continuum)}",
            reverse("conferencing:roster_nominate", args=[meeting.pk]),
            state="Answered",
        )
        for meeting, number in counted.items()
    ]


def calls(continuum: Continuum, place: StaffMember | None, now: datetime) -> QuerySet[Meeting]:
    """The next calls that concern the person: of the regions they follow, or all of them."""
    meetings = (
        Meeting.objects.upcoming(now)
        .filter(continuum=continuum)
        .select_related("region", "continuum")
    )
    if place:
        meetings = meetings.filter(
            Q(region__isnull=True) | Q(region__in=place.regions.values("pk"))
        )
    return meetings[:4]


def own_lists(user: User, now: datetime) -> list[PrepListDelivery]:
    """The person's lists for calls that are not over, the newest revision of each."""
    found = (
        PrepListDelivery.objects.filter(
            not_over(now, "prep_list__meeting__"),
            recipient=user,
            message__isnull=False,
        )
        .select_related("prep_list__meeting__region", "prep_list__meeting__continuum", "message")
        .defer("prep_list__snapshot")
        .order_by("prep_list__meeting__starts_at", "-prep_list__revision")
    )
    newest: dict[UUID, PrepListDelivery] = {}
    for delivery in found:
        newest.setdefault(delivery.prep_list.meeting_id, delivery)
    return list(newest.values())


def own_steps(user: User, place: StaffMember, now: datetime) -> OwnSteps:
    """The agency's open steps, one's own and overdue ones first, and how many there are."""
    on = local_day(now, user.membership.continuum.zone)
    steps = ActionItem.objects.open().filter(agency=place.agency)
    is_other = Case(When(follow_up_person=place, then=0), default=1)
    first = with_columns(steps).order_by(is_other, "due_on", "created_at")[:STEPS_SHOWN]
    shown = step_rows(first, user, now=now)
    record_look(shown, user, now=now)
    counted = steps.aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=on)))
    return {"rows": shown, "all": counted["all"], "overdue": counted["overdue"]}


def local_words(at: datetime, continuum: Continuum) -> str:
    return day_words(local_day(at, continuum.zone))
