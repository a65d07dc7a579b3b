"""Which call asks about which steps, and which of those nobody reported.

A call asks about the open steps that are due by its date, for the households of its region; a
CoC-wide call, for all. A report counts for a call if it was made after the call before that one
was closed, however long that took, or since the step was given if that is later: each call asks
anew what is still open.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from conferencing.models import ActionItem, Meeting
from regions.models import Continuum


@dataclass(frozen=True)
class OpenStep:
    """An open step as calls ask about it: whose it is, and its dates, no words."""

    pk: uuid.UUID
    agency_id: uuid.UUID
    agency_name: str
    person_id: uuid.UUID | None
    region_id: uuid.UUID | None
    due_on: date
    created_at: datetime
    last_report_at: datetime | None


@dataclass
class Calls:
    """The calls of a continuum that were or will be held: `(region's key, when it is over)`."""

    rows: list[tuple[uuid.UUID | None, datetime]]

    def last_ended(self, region_id: uuid.UUID | None, at: datetime) -> datetime | None:
        """When the last call that concerned the region, and was over at `at`, ended."""
        ends = [over_at for region, over_at in self.rows if region in (region_id, None)]
        return max((each for each in ends if each <= at), default=None)

    def reports_count_since(
        self, step_region_id: uuid.UUID | None, given_at: datetime, at: datetime
    ) -> datetime:
        """From when a report on a step of the region counts at the moment `at`."""
        last = self.last_ended(step_region_id, at)
        return max(given_at, last) if last else given_at


def calls_of(continuum: Continuum) -> Calls:
    held = Meeting.objects.filter(continuum=continuum).exclude(state=Meeting.State.CANCELLED)
    return Calls(list(held.with_over_at().order_by("starts_at").values_list("region", "over_at")))


def unreported_of(
    meetings: Iterable[Meeting], *, calls: Calls | None = None
) -> dict[uuid.UUID, list[OpenStep]]:
    """Return `{meeting's key: [step, …]}` for calls of one continuum, in two queries."""
    meetings = list(meetings)
    if not meetings:
        return {}
    calls = calls or calls_of(meetings[0].continuum)
    rows = (
        ActionItem.objects.open()
        .filter(participant__continuum=meetings[0].continuum_id)
        .with_last_report()
        .order_by("due_on", "created_at")
        .values_list(
            "pk",
            "agency",
            "agency__name",
            "follow_up_person",
            "participant__region",
            "due_on",
            "created_at",
            "last_report_at",
        )
    )
    steps = [OpenStep(*row) for row in rows]
    found = {}
    for meeting in meetings:
        found[meeting.pk] = [step for step in steps if is_unreported(step, meeting, calls)]
    return found


def is_unreported(step: OpenStep, meeting: Meeting, calls: Calls) -> bool:
    if meeting.region_id not in (step.region_id, None):
        return False
    if step.due_on > meeting.on or step.created_at >= meeting.starts_at:
        return False
    since = calls.reports_count_since(step.region_id, step.created_at, meeting.starts_at)
    return step.last_report_at is None or step.last_report_at < since


def last_calls(continuum: Continuum, now: datetime) -> list[Meeting]:
    """The last call that is over, for each region; a CoC-wide one stands for them all."""
    held = (
        Meeting.objects.with_over_at()
        .filter(continuum=continuum, over_at__lte=now)
        .exclude(state=Meeting.State.CANCELLED)
        .select_related("continuum", "region")
        .order_by("region_id", "-starts_at")
        .distinct("region_id")
    )
    newest = list(held)
    wide = next((each for each in newest if each.is_coc_wide), None)
    return [
        each for each in newest if each == wide or wide is None or each.starts_at > wide.starts_at
    ]
