"""What pages show of steps and reports, by the rules for who is looking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import ActionItem, ProgressUpdate
from conferencing.models.reviews import ActionItemQuerySet
from conferencing.permissions import permitted_each
from participants.disclosures import shown_to
from participants.naming import Label, labels
from regions.clock import local_day
from regions.models import Continuum

if TYPE_CHECKING:
    from .forms import ReportForm

from .unreported import calls_of, last_calls, unreported_of

STEPS_VIEWED = audit.actions.register("steps.viewed", "Looked at steps")
REPORT = "conferencing.report_step"
CHANGE = "conferencing.change_step"


Reported = tuple[ProgressUpdate, str]  # a report, and its line as this reader may read it


@dataclass
class StepRow:
    """One step as a page shows it; `form` is the view's, for whoever may report on it.

    `is_reported`: somebody reported since the last call. `was_just_reported`: by the form that
    stood in this row a moment ago, which a script replaced.
    """

    step: ActionItem
    label: Label
    what: str
    reports: list[Reported]
    is_overdue: bool
    is_mine: bool
    is_reported: bool
    may_report: bool
    may_change: bool
    form: "ReportForm | None" = None
    was_just_reported: bool = False

    @property
    def newest(self) -> Reported | None:
        """`(update, its line in words for this reader)`, or None."""
        return self.reports[0] if self.reports else None

    @property
    def asks_for_report(self) -> bool:
        """Whether the form stands open: the step is open, and nobody reported since."""
        return self.step.state == ActionItem.State.OPEN and not self.is_reported


def with_columns(steps: QuerySet[ActionItem]) -> QuerySet[ActionItem]:
    updates = ProgressUpdate.objects.select_related("by", "said_by").order_by("-at")
    return steps.select_related(
        "participant", "agency", "follow_up_person__user", "review__meeting__continuum"
    ).prefetch_related(Prefetch("updates", queryset=updates))


def step_rows(steps: Iterable[ActionItem], viewer: User, *, now: datetime) -> list[StepRow]:
    """Rows for `steps` (fetched `with_columns`), in constant queries; records no look."""
    steps = list(steps)
    continuum = viewer.membership.continuum
    on = local_day(now, continuum.zone)
    names = labels([step.participant for step in steps], viewer, now)
    calls = calls_of(continuum)
    may = permitted_each(viewer, [REPORT, CHANGE], steps)
    rows = []
    for step in steps:
        label = names[step.participant_id]
        reports = [(each, label.clean(each.line)) for each in step.updates.all()]
        since = calls.reports_count_since(step.participant.region_id, step.created_at, now)
        person = step.follow_up_person
        rows.append(
            StepRow(
                step=step,
                label=label,
                what=label.clean(step.what),
                reports=reports,
                is_overdue=step.state == ActionItem.State.OPEN and step.due_on < on,
                is_mine=person is not None and person.user_id == viewer.pk,
                is_reported=bool(reports) and reports[0][0].at >= since,
                may_report=step.pk in may[REPORT],
                may_change=step.state == ActionItem.State.OPEN and step.pk in may[CHANGE],
            )
        )
    return rows


def record_look(rows: Sequence[StepRow], viewer: User, *, now: datetime) -> None:
    """Write into the audit whose steps a page showed."""
    if rows:
        audit.services.record(
            STEPS_VIEWED,
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to({row.step.participant_id: row.label for row in rows}),
            now=now,
        )


def steps_of(whose: str, place: StaffMember | None) -> ActionItemQuerySet:
    """The steps of a tab: one's own, those of one's agency, everybody's."""
    if whose == "all":
        return ActionItem.objects.all()
    if place is None:
        return ActionItem.objects.none()
    own = ActionItem.objects.filter(agency=place.agency_id)
    return own.filter(follow_up_person=place.pk) if whose == "mine" else own


def in_state(
    steps: ActionItemQuerySet, state: str, continuum: Continuum, *, now: datetime
) -> ActionItemQuerySet:
    """Narrow to a state of the filter, in its order: overdue first, the newest closed first."""
    if state == "closed":
        return steps.exclude(state=ActionItem.State.OPEN).order_by("-closed_at", "pk")
    if state == "reported":
        return reported_since_last_call(steps, continuum, now=now)
    steps = steps.open()
    if state in AGES or state == CRITICAL:
        steps = steps.filter(is_of_age(state, local_day(now, continuum.zone)))
    if state == "overdue":
        steps = steps.overdue(local_day(now, continuum.zone))
    if state == "unreported":
        found = unreported_of(last_calls(continuum, now)).values()
        steps = steps.filter(pk__in={step.pk for of_call in found for step in of_call})
    return steps.order_by("due_on", "-is_critical", "created_at", "pk")


def reported_since_last_call(
    steps: ActionItemQuerySet, continuum: Continuum, *, now: datetime
) -> ActionItemQuerySet:
    calls, is_new = calls_of(continuum), Q(pk__in=[])
    for region in continuum.regions.values_list("pk", flat=True):
        last = calls.last_ended(region, now)
        since = Q(last_report_at__gte=last) if last else Q(last_report_at__isnull=False)
        is_new |= Q(participant__region=region) & since
    return steps.with_last_report().filter(is_new).order_by("-last_report_at", "pk")


AGES = {
    "not_due": "Not due yet",
    "over_30": "1–30 days over",
    "over_90": "31–90 days over",
    "beyond": "More than 90 days over",
}


CRITICAL = "critical_overdue"


def is_of_age(name: str, on: date) -> Q:
    """Open steps of one of the `AGES`, or critical ones that are overdue, as a `Q`."""
    a_month, a_quarter = on - timedelta(days=30), on - timedelta(days=90)
    due = {
        "not_due": Q(due_on__gte=on),
        "over_30": Q(due_on__lt=on, due_on__gte=a_month),
        "over_90": Q(due_on__lt=a_month, due_on__gte=a_quarter),
        "beyond": Q(due_on__lt=a_quarter),
        CRITICAL: Q(due_on__lt=on, is_critical=True),
    }
    return Q(state=ActionItem.State.OPEN) & due[name]
