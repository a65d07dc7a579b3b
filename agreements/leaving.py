"""What somebody leaves open when their place in an agency ends, and who takes it over.

Upper rooms say with `add` what a place may hold that must not lie with nobody: steps, turns at
calls, households, barriers, nominations. `end_place` and `move_person` refuse while one has no
answer. So do the acts that end the access of a whole agency: what its people hold goes to other
agencies then.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.models import User
from regions.clock import local_day

from .models import Agency, StaffMember

UNANSWERED = (
    "Say what becomes of each thing that is open. Something may have been added since this page "
    "was shown."
)


HAS_LEFT = "They have left their agency. Choose somebody else."


def hold_places(keys: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Keep these places from ending while this transaction lasts; return who still has theirs.

    Asked before something is given to somebody, and before a call, a step or a household is
    locked, for `end_place` locks in this order.
    """
    rows = StaffMember.objects.current().select_for_update(of=("self",), no_key=True)
    return set(rows.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))


def hold_receivers(answers: "Answers") -> None:
    """Raise ValidationError if somebody who is to take something over has left themselves."""
    keys = {receiver.pk for receiver in answers.values() if receiver}
    if hold_places(keys) != keys:
        raise ValidationError(HAS_LEFT)


PlaceRow = tuple[str, str]
AgencyRow = tuple[str, str, bool]
Row = PlaceRow | AgencyRow
Receivers = dict[str, StaffMember | None]
Answers = dict[tuple[str, str], StaffMember | None]
Told = dict[StaffMember | None, list[str]]


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a place may hold open.

    `rows(place, viewer, now)`: `[(key, words)]` as this viewer may read them (None for a viewer:
    the keys alone count). `settle(place, receivers, actor, now)`: `receivers` is `{key: StaffMember
    or None}`; None leaves it with the agency. `one`, `many`: what the mail calls them.
    `agency_rows`, `settle_agency`, `left_by_agency`: the same of a whole agency whose access ends,
    `[(key, words, whether somebody of another agency may take it over)]`.
    """

    name: str
    title: str
    one: str
    many: str
    left: str
    rows: Callable[[StaffMember, User | None, datetime], list[PlaceRow]]
    settle: Callable[[StaffMember, Receivers, User, datetime], object]
    left_by_agency: str
    agency_rows: Callable[[Agency, User | None, datetime], list[AgencyRow]]
    settle_agency: Callable[[Agency, Receivers, User, datetime], object]


_kinds: list[Kind] = []


def register(kind: Kind) -> None:
    _kinds.append(kind)


def kinds() -> list[Kind]:
    return list(_kinds)


def open_of(
    place: StaffMember, viewer: User | None, now: datetime
) -> list[tuple[Kind, list[PlaceRow]]]:
    """`[(Kind, [(key, words)])]` of what is open, kinds without any left out."""
    found = [(kind, kind.rows(place, viewer, now)) for kind in _kinds]
    return [(kind, rows) for kind, rows in found if rows]


def settle(place: StaffMember, answers: Answers, *, actor: User, now: datetime) -> Told:
    """Hand everything on as `answers` says: `{(kind's name, key): StaffMember or None}`.

    Returns `{receiver or None: [words]}`, how many of what each gets. Raises ValidationError
    while something is open without an answer, or somebody of another agency would get it.
    """
    told: Told = {}
    hold_receivers(answers)
    for kind, rows in open_of(place, None, now):
        keys = [key for key, _words in rows]
        if any((kind.name, key) not in answers for key in keys):
            raise ValidationError(UNANSWERED, code="unanswered")
        receivers = {key: answers[kind.name, key] for key in keys}
        for receiver in receivers.values():
            if receiver and (receiver.agency_id != place.agency_id or receiver.pk == place.pk):
                raise ValidationError("Choose somebody else of the same agency.")
        kind.settle(place, receivers, actor, now)
        for receiver in dict.fromkeys(receivers.values()):
            number = sum(each == receiver for each in receivers.values())
            told.setdefault(receiver, []).append(
                f"{number} {kind.one if number == 1 else kind.many}"
            )
    return told


def open_of_agency(
    agency: Agency, viewer: User | None, now: datetime
) -> list[tuple[Kind, list[AgencyRow]]]:
    """`[(Kind, [(key, words, may_go)])]` of what the agency's people hold, empty kinds left out."""
    found = [(kind, kind.agency_rows(agency, viewer, now)) for kind in _kinds]
    return [(kind, rows) for kind, rows in found if rows]


def settle_agency(agency: Agency, answers: Answers, *, actor: User, now: datetime) -> Told:
    """Hand on what an agency holds whose access ends; `answers` and errors as in `settle`.

    Who takes something over is in standing, of another agency of the continuum.
    """
    told: Told = {}
    hold_receivers(answers)
    in_standing = StaffMember.objects.in_good_standing(
        local_day(now, agency.continuum.zone)
    ).filter(agency__continuum=agency.continuum_id)
    others = set(in_standing.exclude(agency=agency).values_list("pk", flat=True))
    for kind, rows in open_of_agency(agency, None, now):
        if any((kind.name, key) not in answers for key, _words, _may_go in rows):
            raise ValidationError(UNANSWERED, code="unanswered")
        receivers = {key: answers[kind.name, key] for key, _words, _may_go in rows}
        for key, _words, may_go in rows:
            receiver = receivers[key]
            if receiver and not (may_go and receiver.pk in others):
                raise ValidationError(
                    "Choose somebody of another agency whose paperwork is current."
                )
        kind.settle_agency(agency, receivers, actor, now)
        for receiver in dict.fromkeys(receivers.values()):
            number = sum(each == receiver for each in receivers.values())
            told.setdefault(receiver, []).append(
                f"{number} {kind.one if number == 1 else kind.many}"
            )
    return told
