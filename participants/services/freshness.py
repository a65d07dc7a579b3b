"""How fresh what each agency keeps is, against what partners promised each other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

import audit.actions
import audit.services
from accounts.models import User
from participants.models import (
    Contact,
    ListPlace,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
)
from participants.quiet import AGES, ENTERED_WITHIN, PROMISED, is_older, with_ages
from regions.clock import local_day
from regions.models import Continuum
from regions.words import percent_of

VIEWED = audit.actions.register("freshness.viewed", "Looked at how fresh agencies' data is")


@dataclass
class Line:
    """An agency's active households, those with something old, and what it entered late."""

    agency_id: UUID | None = None
    name: str = ""
    active: int = 0
    location: int = 0
    contact: int = 0
    assessment: int = 0
    entered: int = 0
    late: int = 0

    @property
    def rate(self) -> int | None:
        """Entered in time, in per cent; None: nothing was entered."""
        return percent_of(self.entered - self.late, self.entered)


def old_counts(
    people: ParticipantQuerySet, on: date
) -> list[dict[str, Any]]:  # Any: of each column its own
    """Rows with the agency's key and name and how many of its households have what old."""
    counts = {kind: Count("pk", filter=is_older(name, on)) for kind, (_words, name) in AGES.items()}
    active = with_ages(people.filter(place__status=ListPlace.Status.ACTIVE)).order_by()
    rows = active.values("agency", "agency__name").annotate(active=Count("pk"), **counts)
    return [dict(each) for each in rows.order_by("agency__name")]


def entered_counts(people: ParticipantQuerySet, now: datetime) -> dict[tuple[UUID, str], list[int]]:
    """`{agency's key: [entered, late]}` of stays and contacts entered in the last 30 days."""
    counted = defaultdict[tuple[UUID, str], list[int]](lambda: [0, 0])
    late = Q(recorded_at__date__gt=F("on") + ENTERED_WITHIN)
    for model in (LivingSituation, Contact):
        rows = (
            model.objects.filter(participant__in=people, recorded_at__gte=now - PROMISED)
            .order_by()
            .values("participant__agency", "participant__agency__name")
            .annotate(entered=Count("pk"), late=Count("pk", filter=late))
        )
        for row in rows:
            line = counted[row["participant__agency"], row["participant__agency__name"]]
            line[0] += row["entered"]
            line[1] += row["late"]
    return counted


def freshness_page(continuum: Continuum, viewer: User, *, now: datetime) -> dict[str, object]:
    """Return the lines per agency and their sum, in a constant number of queries."""
    on = local_day(now, continuum.zone)
    people = Participant.objects.visible_to(viewer, on)
    lines: dict[UUID, Line] = {}
    for row in old_counts(people, on):
        key = row.pop("agency")
        lines[key] = Line(key, row.pop("agency__name"), **row)
    for (key, name), (entered, late) in entered_counts(people, now).items():
        line = lines.setdefault(key, Line(key, name))
        line.entered, line.late = entered, late
    audit.services.record(VIEWED, actor=viewer, continuum_id=continuum.pk, detail={}, now=now)
    ordered = sorted(lines.values(), key=lambda each: each.name)
    return {"lines": ordered, "total": total_of(ordered)}


def total_of(lines: Iterable[Line]) -> Line:
    names = ("active", *AGES, "entered", "late")
    return Line(
        name="All agencies", **{name: sum(getattr(each, name) for each in lines) for name in names}
    )
