"""The first page of each role: what needs this person, by day, and what they did today."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, When

from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import Standing, person_standing
from conferencing.coming.pages import answer_tasks
from conferencing.home.list_tasks import agency_tasks, continuum_tasks, duplicate_tasks
from conferencing.models import ActionItem, Meeting, PrepListDelivery, not_over
from conferencing.prework.pages import prepare_tasks
from conferencing.rotation.pages import gap_tasks, swap_tasks
from conferencing.steps.pages import StepRow, record_look, step_rows, with_columns
from conferencing.task import Day, Task, by_day
from regions.clock import local_day
from regions.models import Continuum

from .call_tasks import call_tasks
from .done import Done, done_today
from .housed_tasks import housed_tasks
from .meeting_tasks import meeting_tasks
from .opening_tasks import continuum_referral_tasks, opening_tasks, referral_tasks
from .paper_tasks import administrator_tasks, own_paper
from .rights_tasks import retention_tasks, rights_tasks
from .set_up_tasks import SetUpStep, set_up_steps
from .turn_tasks import answered_tasks, role_tasks

STEPS_SHOWN = 10


class OwnSteps(TypedDict):
    """The agency's open steps, as many as are shown, and how many there are."""

    rows: list[StepRow]
    all: int
    overdue: int


class HomePage(TypedDict):
    """What a person's first page shows; `days`: the tasks under their days, `is_urgent`: by today.

    `done`: what the person did today, the newest first.
    """

    place: StaffMember | None
    standing: Standing | None
    calls_now: list[Task]
    tasks: list[Task]
    days: list[Day]
    is_urgent: bool
    done: list[Done]
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
        tasks += meeting_tasks(continuum, now)
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
        tasks += opening_tasks(place, continuum, on)
        tasks += referral_tasks(place, on)
        tasks += housed_tasks(place)
    if is_in_standing and membership.is_specialist:
        tasks += continuum_tasks(continuum, on)
        tasks += duplicate_tasks(continuum, on)
        tasks += opening_tasks(None, continuum, on)
        tasks += continuum_referral_tasks(continuum, on)
    days = by_day(tasks, on)
    return {
        "place": place,
        "standing": standing,
        "calls_now": call_tasks(user, place, now) if is_in_standing else [],
        "tasks": [job.task for day in days for job in day.jobs],
        "days": days,
        "is_urgent": any(each.by and each.by <= on for each in tasks),
        "done": done_today(user, on, is_in_standing=is_in_standing),
        "set_up": set_up_steps(membership),
        "now": now,
        "calls": calls(continuum, place, now),
        "lists": own_lists(user, now) if is_in_standing else [],
        "steps": own_steps(user, place, now) if is_in_standing and place else None,
        "may_nominate": is_in_standing and place is not None,
    }


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
