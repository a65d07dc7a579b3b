"""What a person has done today, ticked on their first page: counted, and no household named."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, Max, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from accounts.models import User
from agreements.models import AgencyAgreement, PersonalStatement
from conferencing.models import (
    Call,
    Meeting,
    MeetingAnswer,
    PreWork,
    ProgressUpdate,
    RoleSwap,
)
from participants.models import (
    DuplicatePair,
    LastAttempt,
    Merge,
    Release,
)
from regions.words import plural


@dataclass(frozen=True)
class Done:
    """One job done: in words, where to look at it, and when it was last worked on."""

    title: str
    url: str
    at: datetime | None


@dataclass(frozen=True)
class Kind:
    """Which rows show that a job was done: whose, when, of which continuum; `about`: which call.

    `words`: of the number of rows and the name of what they are about.
    """

    model: type[Model]
    whose: str
    at: str
    where: str
    words: Callable[[int, str], str]
    url_name: str
    about: str = ""
    name: str = ""
    only: Q = field(default_factory=Q)
    is_paper: bool = False


CALL = "meeting__region__name"
KINDS = (
    Kind(
        PersonalStatement,
        "user",
        "signed_at",
        "form__continuum",
        lambda number, name: "Signed your confidentiality statement",
        "agreements:my_place",
        is_paper=True,
    ),
    Kind(
        AgencyAgreement,
        "countersigned_by",
        "countersigned_at",
        "agency__continuum",
        lambda number, name: f"Countersigned the agreement of {name}",
        "agreements:standing_list",
        name="agency__name",
        is_paper=True,
    ),
    Kind(
        Meeting,
        "roster_settled_by",
        "roster_settled_at",
        "continuum",
        lambda number, name: f"Settled the roster of the {name} call",
        "conferencing:roster_detail",
        "pk",
        "region__name",
    ),
    Kind(
        Call,
        "closed_by",
        "closed_at",
        "meeting__continuum",
        lambda number, name: f"Closed the {name} call",
        "conferencing:meeting_detail",
        "meeting",
        CALL,
    ),
    Kind(
        MeetingAnswer,
        "user",
        "answered_at",
        "meeting__continuum",
        lambda number, name: f"Answered for the {name} call",
        "conferencing:meeting_detail",
        "meeting",
        CALL,
    ),
    Kind(
        RoleSwap,
        "to__user",
        "answered_at",
        "role__meeting__continuum",
        lambda number, name: f"Answered about a role at the {name} call",
        "conferencing:meeting_detail",
        "role__meeting",
        "role__meeting__region__name",
        only=Q(answer__in=[RoleSwap.Answer.ACCEPTED, RoleSwap.Answer.DECLINED]),
    ),
    Kind(
        PreWork,
        "by",
        "at",
        "meeting__continuum",
        lambda number, name: f"Prepared {plural(number, 'household')} for the {name} call",
        "conferencing:meeting_detail",
        "meeting",
        CALL,
    ),
    Kind(
        ProgressUpdate,
        "by",
        "at",
        "step__participant__continuum",
        lambda number, name: f"Recorded {plural(number, 'update')} on steps",
        "conferencing:step_list",
    ),
    Kind(
        DuplicatePair,
        "decided_by",
        "decided_at",
        "continuum",
        lambda number, name: f"Compared {plural(number, 'possible duplicate')}",
        "participants:duplicates",
    ),
    Kind(
        Merge,
        "by",
        "at",
        "continuum",
        lambda number, name: f"Merged {plural(number, 'duplicate')}",
        "participants:duplicates",
        only=Q(undone_at__isnull=True),
    ),
    Kind(
        Release,
        "recorded_by",
        "recorded_at",
        "participant__continuum",
        lambda number, name: f"Recorded {plural(number, 'release')}",
        "participants:participant_list",
    ),
    Kind(
        LastAttempt,
        "by",
        "recorded_at",
        "case__participant__continuum",
        lambda number, name: f"Recorded {plural(number, 'last attempt')}",
        "participants:round_detail",
        "case__round",
    ),
)


def done_today(user: User, on: date, *, is_in_standing: bool) -> list[Done]:
    """The jobs that the person did on the day that it is, in the zone now spoken; newest first.

    Told from what is in the database, so that what is undone is ticked no longer. Whoever is not
    in standing reads of papers alone. One query.
    """
    kinds = [kind for kind in KINDS if is_in_standing or kind.is_paper]
    rows = [_rows(number, kind, user, on) for number, kind in enumerate(kinds)]
    found = rows[0].union(*rows[1:], all=True).order_by("-done_at")
    return [
        Done(
            kinds[row["kind"]].words(row["count"], row["called"]),
            reverse(kinds[row["kind"]].url_name, args=[row["key"]] if row["key"] else []),
            row["done_at"],
        )
        for row in found
    ]


def _rows(
    number: int, kind: Kind, user: User, on: date
) -> QuerySet[Any, dict[str, Any]]:  # Any: rows of any model, of a text, a number and a moment
    """The rows of one kind as `{kind, key, called, count, done_at}`, one for each call or name."""
    here = {kind.whose: user, kind.where: user.membership.continuum_id, f"{kind.at}__date": on}
    key = Cast(kind.about, CharField()) if kind.about else Value("", CharField())
    called = Coalesce(kind.name, Value("CoC-wide")) if kind.name else Value("", CharField())
    rows: QuerySet[Any, dict[str, Any]] = (  # Any: as asked for below
        kind.model._default_manager.filter(kind.only, **here)
        .order_by()
        .annotate(kind=Value(number), key=key, called=called)
        .values("kind", "key", "called")
        .annotate(count=Count("pk"), done_at=Max(kind.at))
        .filter(count__gt=0)
    )
    return rows
